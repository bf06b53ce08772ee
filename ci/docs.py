#!/usr/bin/env python3
"""Checks the doc comments of public items.

1. A public type, trait, constant or function outside an `impl` has an example, or links to an item
   with one: "See [`Listener`] for an example", "Part of [`Plan`]", "Returned by [`find`]".
2. A public function that returns a `Result` has a section `# Errors`.
3. A public function that returns a future has a section `# Cancellation`.
4. A public function that may panic has a section `# Panics`.

    ci/docs.py              prints the items that break a rule, and exits with 1 if there are any
    ci/docs.py --self-test

The script reads the sources by line, so it needs no compiler. Items of features that begin with
`__` are for tests, and a trait `Sealed` cannot be used. `rustdoc` checks the links.
"""

import re
import subprocess
import sys
from pathlib import Path

SOURCES = ("strports-syntax/src", "endpoint-runtime/src", "src")
# The command is public only as `cli::Cli`, and its arguments are documented by `--help`.
NOT_PUBLIC = re.compile(r"src/cli/(?!mod\.rs)|/tests?(/|\.rs)|third_party\.rs|src/main\.rs")
ITEM = re.compile(
    r"(?P<indent> *)pub (?:const )?(?:unsafe )?(?P<is_async>async )?"
    r"(?P<kind>struct|enum|trait|type|static|const|fn) (?P<name>\w+)"
)
EXAMPLE = re.compile(
    r"```|example|(?:part of|used by|returned by|a layer of) \[", re.IGNORECASE
)
FUTURE = re.compile(r"->\s*(?:impl\s+Future|Boxed<)")
PANIC = re.compile(
    r"\.unwrap\(\)|\.expect\(|\b(?:panic|assert|assert_eq|assert_ne|unreachable|unimplemented)!"
)


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    names = subprocess.run(
        ["git", "ls-files", "--", *SOURCES], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    failed = False
    for name in names:
        if name.endswith(".rs") and not NOT_PUBLIC.search(name):
            for line, problem in problems(Path(name).read_text(encoding="utf-8")):
                print(f"{name}:{line}: {problem}")
                failed = True
    sys.exit(failed)


def problems(source):
    """Yields the line and the broken rule of each item."""
    lines = source.split("\n")
    doc = []
    for index, line in enumerate(lines):
        text = line.strip()
        if text.startswith(("#[cfg(test)]", "mod tests")):
            return
        if text.startswith("///"):
            doc.append(text[3:])
        elif item := ITEM.match(line):
            yield from broken(item, "\n".join(doc), *function(lines, index), index + 1)
            doc = []
        elif is_attribute(text):
            doc.append(text)
        else:
            doc = []


def is_attribute(text):
    """Whether a line between a doc comment and its item is a comment or a part of an attribute."""
    return re.match(r'//(?!!)|#\[|"|\)\]|feature|reason|clippy::', text)


def broken(item, doc, head, body, line):
    name = f"`{item['name']}`"
    if "#[cfg(feature = \"__" in doc or item["name"] == "Sealed":
        return
    if not item["indent"] and not EXAMPLE.search(doc):
        yield line, f"{name} has neither an example nor a link to one"
    if item["kind"] != "fn":
        return
    result = head.rpartition("->")[2]
    if "Result<" in result and "# Errors" not in doc:
        yield line, f"{name} returns a `Result` and has no section `# Errors`"
    if (item["is_async"] or FUTURE.search(head)) and "# Cancellation" not in doc:
        yield line, f"{name} returns a future and has no section `# Cancellation`"
    if (found := PANIC.search(body)) and "# Panics" not in doc:
        yield line, f"{name} has `{found[0]}` and no section `# Panics`"


def function(lines, index):
    """Returns the signature that starts on a line, and the body of the function."""
    head = []
    for at in range(index, len(lines)):
        head.append(lines[at])
        if lines[at].rstrip().endswith(("{", ";", "}")):
            break
    indent = re.match(" *", lines[index])[0]
    body = []
    if lines[at].rstrip().endswith("{"):
        for line in lines[at + 1 :]:
            if line == indent + "}":
                break
            body.append(line.split("//")[0])
    return " ".join(head), "\n".join(body)


def self_test():
    cases = {
        "/// A type.\npub struct A;": ["`A` has neither"],
        "/// Part of [`B`].\npub struct A;": [],
        "/// See [`B`] for an example.\n#[derive(Clone)]\npub struct A;": [],
        "/// ```\n/// ```\npub fn a() -> Result<(), E> {\n    b()\n}": ["`# Errors`"],
        "/// Example.\n/// # Errors\npub async fn a() -> io::Result<()> {\n}": ["`# Cancellation`"],
        "    /// Reads.\n    pub fn a(&self) -> u8 {\n        self.0.unwrap()\n    }": ["`# Panics`"],
        "    /// Reads.\n    pub fn a(&self) -> u8 {\n        b() // .unwrap()\n    }": [],
        "    /// Reads.\n    pub(crate) fn a(&self) -> Result<u8, E> {\n        b()\n    }": [],
        "//! An example.\n\n/// A type.\npub struct A;": ["`A` has neither"],
        "#[cfg(test)]\nmod tests {\n    pub struct A;\n}": [],
    }
    for source, expected in cases.items():
        found = [problem for _, problem in problems(source)]
        fits = len(found) == len(expected) and all(a in b for a, b in zip(expected, found))
        assert fits, (source, found)


if __name__ == "__main__":
    main()
