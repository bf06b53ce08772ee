#!/usr/bin/env python3
"""Checks words and sentences; exits with 1 if a word to avoid or a long sentence is found.

The words made earlier pages and comments hard to read; each has a replacement. Pages, and the
comments of sources, are checked for words and for the length of sentences. Messages are checked
for words. Code, text in back-quotes, quotations, targets of links and generated pages are skipped.
"""

import ast
import re
import subprocess
import sys

# Pattern: what to write instead. Patterns match whole words, ignoring case.
AVOID = {
    r"who(m|ever|mever)?": "the thing itself: the client, the peer, the caller, the operator",
    r"nobody|somebody|everybody|anybody|no one": "the user, program or task that is meant",
    r"those who|the ones who": "users, callers, programs",
    r"is told of|are told of|is told about": "is reported to, is logged",
    r"is there for|are there for": "is for, or say what it does",
    r"for it is|for they are": "because",
    r"what is there": "the name of the thing: the file, the data, the value",
    r"comes? to (its|their|an) end": "ends",
    r"(has|have|had) (its|their) say": "decides, is applied",
    r"makes? of (it|them)": "the result, the meaning",
    r"of (its|their|one's) own accord": "by itself, automatically",
    r"wherefore|thereof|therein|hereby|heretofore": "a plain word",
    r"simply|obviously|of course|just (use|add|write|call)": "nothing: leave the word out",
    r"utili[sz]e[sd]?": "use",
    r"in order to": "to",
    r"mend(s|ed|ing)?": "fix",
    r"weighs? (less|more)": "has a lower or higher severity",
    r"leads? to the fact that": "so",
    r"hand-overs?": "handover",
    r"knows|(do(es)?|may|can) ?not know|cannot know": "has, supports, receives; say what is missing",
    r"hears?|forgets|thinks?|believes?|learns": "the event: receives, drops, gets, assumes",
    r"(?<!you )(?<!users )wants?": "requires, requests, selects",
    r"(is|are) (un)?happy|dislikes?": "accepts, succeeds, fails",
    r"(?<!user )(?<!users )(?<!you )(sees|saw|asks|asked|tells|told)":
        "reads, receives, requests, queries, reports",
    r"talks? (to|with)|talked": "connects to, exchanges data with",
    r"whatever|wherever|whoever": "any, every, at any place",
    r"for ever": "forever",
    r"aforementioned|respective(ly)?": "the name of the thing",
    r"behind (it|them|the (colon|comma|type|key|name|header|first|last|end))":
        "after: only proxies, locks and handles have something behind them",
    r"the (most|least) (bytes|rounds|files|lines|words|items|values|buffers|descriptors|threads)":
        "the maximum number of, the minimum number of",
    r"(greatest|least) (number|depth|width|time|interval|size)": "the maximum, the minimum",
    r"in (any|either) case": "regardless, in both cases, or ignoring case",
    r"(matched|compared) without case": "case-insensitively",
    r"for good|anew": "permanently, again",
    r"how often (files|a file|certificates)": "how many times",
}

# Generated pages.
GENERATED = {"spec/endpoints.md", "spec/rules.md", "spec/versions.md"}
LONGEST = 25
# Sources, by the pattern of a line with a comment: its mark and its text.
COMMENTS = {
    "*.rs": r"\s*(//[/!]?)(?: (.*))?$",
    "*.ts": r"\s*(//[/!]?)(?: (.*))?$",
    "*.py": r"\s*(#)(?: (.*))?$",
    "*.sh": r"\s*(#)(?: (.*))?$",
    "ci/check": r"\s*(#)(?: (.*))?$",
    "*.toml": r"\s*(#)(?: (.*))?$",
}
# Files that test the linter, and this one.
NOT_READ = ("tests/trees/", "fuzz/corpus/", "ci/words/")


def main():
    failed = in_comments()
    for page in listed("*.md"):
        if page in GENERATED or page.startswith(("tests/", "fuzz/corpus/")):
            continue
        with open(page, encoding="utf-8") as file:
            failed |= report(page, 1, file.read())
    sys.exit(1 if failed else 0)


def report(path, first, text):
    """Prints the problems of a text that begins at line `first`; returns whether there are any."""
    failed = False
    for line, paragraph in prose(text):
        for place, problem in problems(paragraph):
            print(f"{path}:{first - 1 + line + paragraph[:place].count(chr(10))}: {problem}")
            failed = True
    return failed


def listed(pattern):
    """Returns the files of the repository that match a pattern."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", pattern]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return found.split("\0")[:-1]


def in_comments():
    """Prints the problems of comments; returns whether there are any."""
    failed = False
    for pattern, comment in COMMENTS.items():
        for path in listed(pattern):
            if path.startswith(NOT_READ):
                continue
            with open(path, encoding="utf-8", errors="replace") as file:
                text = file.read()
            for line, problem in in_messages(path, text):
                print(f"{path}:{line}: {problem}")
                failed = True
            found = list(blocks(text.splitlines(), comment))
            if path.endswith(".py"):
                found += docstrings(text)
            for first, block in found:
                failed |= report(path, first, block)
    return failed


def in_messages(path, text):
    """Yields the words to avoid in the string literals of a library or of the command."""
    if not re.match(r"(src|endpoint-runtime/src|strports-syntax/src)/(?!.*tests?).*\.rs$", path):
        return
    code = text.partition("#[cfg(test)]\nmod ")[0]
    for number, line in enumerate(code.splitlines(), 1):
        if line.lstrip().startswith("//"):
            continue
        for literal in re.findall(r'"((?:\\.|[^"\\])*)"?', line):
            if len(literal.split()) > 3:
                for _, problem in avoided(plain(literal)):
                    yield number, problem


def blocks(lines, comment):
    """Yields comments on consecutive lines with the same mark, each with its first line."""
    block, mark = [], None
    for number, line in enumerate([*lines, ""], 1):
        found = re.match(comment, line)
        if block and (not found or found[1] != mark):
            yield number - len(block), "\n".join(block)
            block = []
        if found:
            mark = found[1]
            block.append(found[2] or "")


def docstrings(source):
    """Yields the docstrings of a Python program, each with its first line."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(source)):
        # A module needs no dedent, which would take indented blocks for prose.
        is_clean = not isinstance(node, ast.Module)
        if isinstance(node, documented) and (text := ast.get_docstring(node, is_clean)):
            yield node.body[0].lineno, text


def prose(text):
    """Yields paragraphs, items and table cells of a page, each with the number of its first line."""
    paragraph, start, fence = [], 0, False
    for number, line in enumerate(text.splitlines() + [""], 1):
        starts_item = re.match(r"\s*([-*]|\d+\.)\s|\s*[|>#]", line)
        if line.lstrip().startswith("```"):
            fence = not fence
            line = ""
        # An indented block is code, and a word with blanks around it is the head of a row.
        if fence or (not paragraph and not starts_item and re.match(r" {4}|  \S+ {2}", line)):
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
    """Returns the text without code, quotations and targets of links.

    A quotation, a piece of code, and a list of such pieces count as one word.
    """
    text = re.sub(r"``.*?``|`[^`]*`", one_word, text)
    text = re.sub(r'"[^"]*"', one_word, text)
    text = re.sub(r"\bX(?:,\s+X)+\b", one_word, text)
    text = re.sub(r"\]\([^)]*\)", lambda link: "]" + "\n" * link[0].count("\n"), text)
    return re.sub(r"[*_\[\]]", "", text)


def one_word(found):
    return "X" + "\n" * found[0].count("\n")


def avoided(text):
    for pattern, instead in AVOID.items():
        for found in re.finditer(rf"\b(?:{pattern})\b", text, re.IGNORECASE):
            yield found.start(), f"`{found[0]}`: write {instead}"


def problems(text):
    yield from avoided(text)
    if found := re.match(r"(Whether|How|Why|When|Which) (it|its|they|their)\b", text):
        yield 0, f"`{found[0]}`: name the thing: the first sentence has to be true by itself"
    start = 0
    for sentence in re.split(r"(?<=[.!?:;])\s+", text):
        words = len(re.findall(r"[\w’'./-]*\w[\w’'./-]*", sentence))
        if words > LONGEST:
            begin = " ".join(sentence.split()[:6])
            yield text.find(sentence, start), f"{words} words, over {LONGEST}: {begin} …"
        start += len(sentence)


if __name__ == "__main__":
    main()
