#!/usr/bin/env python3
"""Checks the import graph of the crates: no cycles, and no import from a higher level.

An import is a path (`crate::a::B`, `super::b`, `a::B`) in a `use` item or in code. Re-exports are
followed to the file that defines the name. Tests are skipped, as they may import anything.
`ci/levels.toml` is the table of levels: a file may import from its own level and from lower ones.

    ci/imports.py            checks, and exits with 1 if there is a circle or an import upwards
    ci/imports.py --edges    prints each import as `FILE -> FILE: NAMES`
    ci/imports.py --self-test
"""

import re
import sys
import tempfile
import tomllib
from collections import defaultdict
from pathlib import Path

NOT_CODE = re.compile(
    r"""
      //[^\n]*                                   # line comment
    | /\*(?:[^*]|\*(?!/))*\*/                    # block comment
    | b?r(?P<hash>\#*)"(?:(?!"(?P=hash)).|\n)*"(?P=hash)   # raw string
    | b?"(?:\\(?:.|\n)|[^"\\])*"                 # string
    | b?'(?:\\(?:u\{[0-9a-fA-F]*\}|x..|.)|[^'\\\n])'       # character, not a lifetime
    """,
    re.VERBOSE,
)
TEST_ITEM = re.compile(r"#\[cfg\((?:test|all\(test\b[^\]]*|doctest[^\]]*)\)\]")
VISIBILITY = re.compile(r"\bpub\(in\s[^)]*\)")
USE = re.compile(r"(?P<public>pub(?:\([^)]*\))?\s+)?\buse\s+(?P<tree>[^;]+);")
MOD = re.compile(r"(?:#\[path\s*=[^\]]*\]\s*)?\bmod\s+(\w+)\s*[;{]")
PATH = re.compile(r"(?<![\w:])(?:r#)?[a-z_]\w*(?:\s*::\s*(?:r#)?\w+)+")


def without_tests(code):
    """Returns the code without items that are compiled only for tests."""
    while found := TEST_ITEM.search(code):
        end = found.end()
        depth = 0
        while end < len(code):
            char = code[end]
            end += 1
            if char == "{":
                depth += 1
            elif char == "}":
                depth -= 1
                if depth == 0:
                    break
            elif char == ";" and depth == 0:
                break
        code = code[: found.start()] + code[end:]
    return code


def leaves(tree, prefix=()):
    """Yields `(path, name)` for each name that a `use` tree imports."""
    tree = tree.strip()
    if tree.startswith("::"):
        tree = tree[2:]
    brace = tree.find("{")
    if brace >= 0:
        head = tuple(part.strip() for part in tree[:brace].split("::") if part.strip())
        depth, start = 0, brace + 1
        inner = tree[brace + 1 : tree.rfind("}")]
        start = 0
        for at, char in enumerate(inner + ","):
            depth += (char == "{") - (char == "}")
            if char == "," and depth == 0:
                if inner[start:at].strip():
                    yield from leaves(inner[start:at], prefix + head)
                start = at + 1
        return
    path, _, alias = tree.partition(" as ")
    parts = prefix + tuple(part.strip() for part in path.split("::"))
    if parts[-1] == "self":
        parts = parts[:-1]
    yield parts, (alias.strip() or parts[-1])


class File:
    def __init__(self, path, module):
        self.path = path
        self.module = module
        code = without_tests(NOT_CODE.sub('""', path.read_text(encoding="utf-8")))
        code = VISIBILITY.sub("pub", code)
        self.children = set(MOD.findall(code))
        self.reexports = {}
        self.globs = []
        self.imports = []
        body = USE.sub("", code)
        for use in USE.finditer(code):
            for parts, name in leaves(use["tree"]):
                if name == "*":
                    self.globs.append((parts[:-1], bool(use["public"])))
                    continue
                if use["public"]:
                    self.reexports[name] = parts
                    # A name that is only re-exported is not an import of this file.
                    if not re.search(rf"\b{re.escape(name)}\b", body):
                        continue
                self.imports.append(parts)
        for path_in_code in PATH.findall(body):
            self.imports.append(tuple(part.strip() for part in path_in_code.split("::")))


class Crate:
    def __init__(self, root):
        self.root = root
        self.files = {}
        for path in sorted(root.rglob("*.rs")):
            parts = path.relative_to(root).with_suffix("").parts
            if "tests" in parts:
                continue
            module = () if parts in {("lib",), ("main",)} else parts
            if module and module[-1] == "mod":
                module = module[:-1]
            if module not in self.files or path.name == "lib.rs":
                self.files[module] = File(path, module)

    def absolute(self, file, parts):
        """Returns the path from the root of the crate; `None` for paths outside the crate."""
        first, rest = parts[0], parts[1:]
        base = file.module
        if first == "crate":
            return rest
        if first in {"self", "super"}:
            while first == "super":
                base = base[:-1]
                first, rest = (rest[0], rest[1:]) if rest else ("self", ())
            return base + (rest if first == "self" else (first, *rest))
        if first in file.children or base + (first,) in self.files:
            return base + parts
        return None

    def definition(self, absolute, seen=()):
        """Returns the file that defines the item at an absolute path, and the rest of the path."""
        if absolute in seen:
            return None
        module = absolute
        while module not in self.files:
            module = module[:-1]
        file, rest = self.files[module], absolute[len(module) :]
        if rest and rest[0] in file.reexports:
            onward = self.absolute(file, file.reexports[rest[0]])
            if onward is None:
                return None
            return self.definition(onward + rest[1:], (*seen, absolute))
        if rest and not self.defines(file, rest[0]):
            for glob, _ in file.globs:
                onward = self.absolute(file, glob)
                if onward is not None and onward in self.files:
                    if self.defines(self.files[onward], rest[0]):
                        return self.files[onward], rest
        return file, rest

    @staticmethod
    def defines(file, name):
        return re.search(
            rf"\b(?:struct|enum|trait|fn|type|const|static|union|macro_rules!)\s+{re.escape(name)}\b",
            file.path.read_text(encoding="utf-8"),
        )

    def edges(self):
        """Returns all imports as `{(file, file): names}`."""
        found = defaultdict(set)
        for file in self.files.values():
            paths = list(file.imports)
            for glob, is_public in file.globs:
                absolute = self.absolute(file, glob)
                if absolute is not None and absolute in self.files and not is_public:
                    found[file, self.files[absolute]].add("*")
            for parts in paths:
                absolute = self.absolute(file, parts)
                if absolute is None or not absolute:
                    continue
                target = self.definition(absolute)
                if target and target[0] is not file:
                    found[file, target[0]].add((target[1] or absolute[-1:])[0])
        return {pair: names for pair, names in found.items() if pair[0] is not pair[1]}


def circles(edges):
    """Returns the groups of files that import each other in a cycle (Tarjan's algorithm)."""
    graph = defaultdict(set)
    for source, target in edges:
        graph[source].add(target)
    index, low, on_stack, stack, groups = {}, {}, set(), [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        on_stack.add(node)
        for onward in sorted(graph[node], key=lambda file: file.path):
            if onward not in index:
                visit(onward)
                low[node] = min(low[node], low[onward])
            elif onward in on_stack:
                low[node] = min(low[node], index[onward])
        if low[node] == index[node]:
            group = []
            while True:
                last = stack.pop()
                on_stack.discard(last)
                group.append(last)
                if last is node:
                    break
            if len(group) > 1:
                groups.append(sorted(group, key=lambda file: file.path))

    sys.setrecursionlimit(10_000)
    for node in sorted({file for pair in edges for file in pair}, key=lambda file: file.path):
        if node not in index:
            visit(node)
    return groups


def level_of(levels, module):
    """Returns the index of the row with the longest prefix of the module."""
    name = "/".join(module)
    best = None
    for number, row in enumerate(levels):
        for entry in row:
            if entry == name or name.startswith(entry + "/"):
                if best is None or len(entry) > len(best[1]):
                    best = (number, entry)
    return best[0] if best else None


def problems(root, crates):
    for folder, table in crates.items():
        crate = Crate(root / folder)
        if not crate.files:
            yield f"{folder}: no source files"
        edges = crate.edges()
        recursive = {frozenset(group) for group in table.get("recursive", [])}
        for group in circles(edges):
            names = frozenset("/".join(file.module) for file in group)
            if names in recursive:
                recursive.remove(names)
                continue
            yield f"circle of {len(group)} files:"
            for (source, target), names in edges.items():
                if source in group and target in group:
                    yield f"    {shown(root, source, target, names)}"
        for names in recursive:
            yield f"{folder}: no circle of just {', '.join(sorted(names))}: take it out of the table"
        levels = table["levels"]
        for row in levels:
            for entry in row:
                path = tuple(entry.split("/"))
                if not any(module[: len(path)] == path for module in crate.files):
                    yield f"{folder}: ci/levels.toml names `{entry}`, which does not exist"
        for module, file in crate.files.items():
            # The root of the crate imports from all levels.
            if module and level_of(levels, module) is None:
                yield f"{file.path.relative_to(root)}: no level in ci/levels.toml"
        for (source, target), names in edges.items():
            if not source.module:
                continue
            above, below = level_of(levels, target.module), level_of(levels, source.module)
            if not target.module:
                yield f"imports from the root of the crate: {shown(root, source, target, names)}"
            elif above is not None and below is not None and above > below:
                yield f"imports upwards ({below} from {above}): {shown(root, source, target, names)}"


def shown(root, source, target, names):
    return (
        f"{source.path.relative_to(root)} -> {target.path.relative_to(root)}: "
        f"{', '.join(sorted(names))}"
    )


def self_test():
    """Checks that a cycle, an import upwards and a file without a level are found."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "src/b").mkdir(parents=True)
        (root / "src/lib.rs").write_text("mod a;\nmod b;\nmod c;\nmod d;\n")
        (root / "src/a.rs").write_text("use crate::b::Inner; // use crate::d;\npub struct A;\n")
        (root / "src/b/mod.rs").write_text("mod inner;\npub use inner::Inner;\n")
        (root / "src/b/inner.rs").write_text("pub struct Inner;\nfn f() -> crate::c::C { todo!() }\n")
        (root / "src/c.rs").write_text("pub struct C(super::b::Inner);\n")
        (root / "src/d.rs").write_text("#[cfg(test)]\nmod tests { use crate::a::A; }\n")
        found = list(problems(root, {"src": {"levels": [["a"], ["b"], ["c"]]}}))
        expected = [
            "circle of 2 files:",
            "    src/b/inner.rs -> src/c.rs: C",
            "    src/c.rs -> src/b/inner.rs: Inner",
            "src/d.rs: no level in ci/levels.toml",
            "imports upwards (0 from 1): src/a.rs -> src/b/inner.rs: Inner",
            "imports upwards (1 from 2): src/b/inner.rs -> src/c.rs: C",
        ]
        if sorted(found) != sorted(expected):
            sys.exit("ci/imports.py does not find what it must:\n" + "\n".join(found))


def main():
    root = Path(__file__).resolve().parent.parent
    crates = tomllib.loads((root / "ci/levels.toml").read_text(encoding="utf-8"))
    match sys.argv[1:]:
        case []:
            self_test()
            found = list(problems(root, crates))
            print("\n".join(found) or "no import goes in a circle or upwards")
            sys.exit(bool(found))
        case ["--edges"]:
            for folder in crates:
                for (source, target), names in Crate(root / folder).edges().items():
                    print(shown(root, source, target, names))
        case ["--self-test"]:
            self_test()
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
