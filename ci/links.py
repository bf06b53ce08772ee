#!/usr/bin/env python3
"""Checks links in a built book and in Markdown; exits with 1 if one is broken.

    ci/links.py FOLDER FILE…

FOLDER is the book. Each FILE of it is built by another step, and may be missing. Links to other
sites are not checked.
"""

import html.parser
import os
import re
import subprocess
import sys
import urllib.parse


class Page(html.parser.HTMLParser):
    """The links of a page, and its anchors."""

    def __init__(self, path):
        super().__init__()
        self.links, self.ids = [], set()
        with open(path, encoding="utf-8") as file:
            self.feed(file.read())

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("href", "src", "srcset") and value:
                self.links.append(value)
            elif name == "id":
                self.ids.add(value)


def main():
    broken = [*in_book(sys.argv[1], sys.argv[2:]), *in_markdown()]
    for page, link in broken:
        print(f"{page}: {link} leads nowhere")
    sys.exit(1 if broken else 0)


def in_book(folder, built_elsewhere):
    pages = {}
    for directory, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".html") and name not in ("404.html", "toc.html"):
                path = os.path.join(directory, name)
                pages[path] = Page(path)
    for path, page in pages.items():
        for link in page.links:
            target, fragment = resolve(path, link)
            if target is None or os.path.relpath(target, folder) in built_elsewhere:
                continue
            known = pages.get(target)
            if not os.path.exists(target) or (fragment and known and fragment not in known.ids):
                yield os.path.relpath(path, folder), link


def in_markdown():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        check=True, capture_output=True, text=True,
    ).stdout.split()
    for path in listed:
        with open(path, encoding="utf-8") as file:
            text = re.sub(r"```.*?```|`[^`]*`", "", file.read(), flags=re.DOTALL)
        for link in re.findall(r'(?:\]\(|src="|srcset=")([^)"\s]+)', text):
            target, _ = resolve(path, link)
            # Markdown in doc comments also links to Rust items.
            if target is not None and "::" not in link and not os.path.exists(target):
                yield path, link


def resolve(path, link):
    """Returns the file and the anchor of a link; no file if it leads to another site."""
    parts = urllib.parse.urlsplit(link)
    if parts.scheme or parts.netloc or link.startswith("/"):
        return None, None
    if not parts.path:
        return path, parts.fragment
    target = os.path.join(os.path.dirname(path), urllib.parse.unquote(parts.path))
    return os.path.normpath(target), parts.fragment


if __name__ == "__main__":
    main()
