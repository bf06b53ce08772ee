#!/usr/bin/env python3
"""Words and sentences of the documentation: exits with 1 at words to avoid and long sentences.

The words are those that made earlier pages hard to read; each comes with what to write instead.
Code, quoted text in back-quotes, links' targets and generated pages are left out.
"""

import re
import subprocess
import sys

# Pattern: what to write instead. Patterns match whole words, in any case.
AVOID = {
    r"who(m|ever|mever)?": "the thing itself: the client, the peer, the caller, the operator",
    r"nobody|somebody|everybody|no one": "the user, program or task that is meant",
    r"those who|the ones who": "users, callers, programs",
    r"is told of|are told of|is told about": "is reported to, is logged",
    r"is there for|are there for": "is for, or say what it does",
    r"for it is|for they are": "because",
    r"of (its|their|one's) own accord": "by itself, automatically",
    r"wherefore|thereof|therein|hereby|heretofore": "a plain word",
    r"simply|obviously|of course|just (use|add|write|call)": "nothing: leave the word out",
    r"utili[sz]e[sd]?": "use",
    r"in order to": "to",
    r"mend(s|ed|ing)?": "fix",
    r"weighs? (less|more)": "has a lower or higher severity",
    r"leads? to the fact that": "so",
    r"aforementioned|respective(ly)?": "the name of the thing",
}

# Pages that programs write, and those that the specification's own checks compare with code.
GENERATED = {"spec/endpoints.md", "spec/rules.md", "spec/versions.md"}
# Folders whose pages keep the limit of words in a sentence, beside the pages at the root.
PROSE = ("docs/",)
LONGEST = 25


def main():
    pages = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        check=True, capture_output=True, text=True,
    ).stdout.split()
    failed = False
    for page in pages:
        if page in GENERATED or page.startswith(("tests/", "fuzz/corpus/")):
            continue
        with open(page, encoding="utf-8") as file:
            paragraphs = list(prose(file.read()))
        wants_short = page.startswith(PROSE) or "/" not in page
        for line, text in paragraphs:
            for place, problem in problems(text, wants_short):
                print(f"{page}:{line + text[:place].count(chr(10))}: {problem}")
                failed = True
    sys.exit(1 if failed else 0)


def prose(text):
    """The paragraphs, items and table cells of a page, each with the number of its first line."""
    paragraph, start, fence = [], 0, False
    for number, line in enumerate(text.splitlines() + [""], 1):
        starts_item = re.match(r"\s*([-*]|\d+\.)\s|\s*[|>#]", line)
        if line.lstrip().startswith("```"):
            fence = not fence
            line = ""
        if fence:
            line = ""
        if (not line.strip() or starts_item) and paragraph:
            yield start, plain("\n".join(paragraph))
            paragraph = []
        if line.lstrip().startswith("|"):
            for cell in re.split(r"(?<!\\)\|", line):
                yield number, plain(cell)
        elif line.strip() and not line.lstrip().startswith(("#", "<")):
            if not paragraph:
                start = number
            paragraph.append(re.sub(r"^\s*([-*]|\d+\.)\s", "", line))


def plain(text):
    """The text without code and links' targets; a piece of code counts as one word."""
    text = re.sub(r"``.*?``|`[^`]*`", lambda code: "X" + "\n" * code[0].count("\n"), text)
    text = re.sub(r"\]\([^)]*\)", lambda link: "]" + "\n" * link[0].count("\n"), text)
    return re.sub(r"[*_\[\]]", "", text)


def problems(text, wants_short):
    for pattern, instead in AVOID.items():
        for found in re.finditer(rf"\b(?:{pattern})\b", text, re.IGNORECASE):
            yield found.start(), f"`{found[0]}`: write {instead}"
    if not wants_short:
        return
    start = 0
    for sentence in re.split(r"(?<=[.!?:;])\s+", text):
        words = len(re.findall(r"[\w’'./-]*\w[\w’'./-]*", sentence))
        if words > LONGEST:
            begin = " ".join(sentence.split()[:6])
            yield text.find(sentence, start), f"{words} words, over {LONGEST}: {begin} …"
        start += len(sentence)


if __name__ == "__main__":
    main()
