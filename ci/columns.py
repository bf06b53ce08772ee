#!/usr/bin/env python3
"""Every line of Rust, Markdown, Python and shell ends at column 100.

What cannot be wrapped may be longer: a URL, a row of a Markdown table, a code block of a Markdown
page, and a line of test data in a Rust string that begins its line.
"""

import subprocess
import sys
from pathlib import Path

LIMIT = 100
KINDS = ("*.rs", "*.md", "*.py", "ci/check", ".ci/run")


def too_long(path):
    in_code = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        start = line.lstrip()
        if path.suffix == ".md":
            if start.startswith("```"):
                in_code = not in_code
            if in_code or start.startswith("|"):
                continue
        if len(line) > LIMIT and "://" not in line and not start.startswith(('"', 'r"', "r#\"", 'b"', "br")):
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
