#!/usr/bin/env python3
"""Every line of Rust and of Markdown prose ends at column 100.

Lines that cannot be wrapped may be longer: URLs, single words, rows of Markdown tables, code blocks
of Markdown pages, and lines of Rust with a string literal. Generated pages are skipped.
"""

import re
import subprocess
import sys
from pathlib import Path

LIMIT = 100
KINDS = ("*.rs", "*.md", ":!spec/endpoints.md", ":!spec/rules.md", ":!spec/versions.md")
COMMENT = re.compile(r"\s*//")


def too_long(path):
    in_code = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if path.suffix == ".md":
            in_code ^= line.lstrip().startswith("```")
            if in_code or line.lstrip().startswith("|"):
                continue
        elif '"' in line and not COMMENT.match(line):
            continue
        if len(line) > LIMIT and "://" not in line and " " in line.strip():
            yield number, len(line)


def main():
    root = Path(__file__).resolve().parent.parent
    names = subprocess.run(
        ["git", "ls-files", "--", *KINDS], cwd=root, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    found = [(name, *row) for name in names for row in too_long(root / name)]
    for name, number, length in found:
        print(f"{name}:{number}: {length} columns, over {LIMIT}")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
