"""Checks the documents of `spec/` against each other and against the vectors."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Iterator, List, Set, Tuple

import list_api
import plugin_prefixes
import third_party
import vectors
import versions
from differences import ROWS

SPEC = Path(__file__).resolve().parent.parent


def checks() -> Iterator[Tuple[str, List[str]]]:
    """Yields the name of each check, and its problems."""
    yield "DIFFERENCES.md against the table of rows", _differences()
    yield "each row of DIFFERENCES.md has a vector", _vectors_of_rows()
    yield "DIFFERENCES.md names vectors that exist", _named_vectors()
    yield "twisted.md against the module", _api()
    yield "twisted.md names tests, vectors and modules", _named_in_api()
    yield "expected_failures.txt names vectors", _expected_failures()
    yield "versions/ against the pinned release", versions.stale()
    yield "plugins.json against the pinned release", plugin_prefixes.stale()
    yield "third_party.toml against its samples", third_party.without_sample()


def _first_column(path: Path, heading: str) -> Set[str]:
    """Returns the names in back-quotes at the start of the table rows under a heading."""
    section = path.read_text(encoding="utf-8").split("\n## " + heading)[1].split("\n## ")[0]
    return set(re.findall(r"^\| `([^`]+)` \|", section, flags=re.MULTILINE))


def _unequal(left: Set[str], right: Set[str], left_name: str, right_name: str) -> List[str]:
    return [
        *("only in {}: {}".format(left_name, name) for name in sorted(left - right)),
        *("only in {}: {}".format(right_name, name) for name in sorted(right - left)),
    ]


def _differences() -> List[str]:
    written = _first_column(SPEC / "DIFFERENCES.md", "In the language")
    return _unequal(written, {row.slug for row in ROWS}, "DIFFERENCES.md", "differences.py")


def _vectors_of_rows() -> List[str]:
    sources = [v["source"].split(": ") for v in vectors.extensions()]
    shown = {slug for kind, slug in sources if kind == "difference"}
    return ["no vector: {}".format(row.slug) for row in ROWS if row.slug not in shown]


def _named_vectors() -> List[str]:
    text = (SPEC / "DIFFERENCES.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:extensions|plugins|server|client|errors)/[a-z0-9-]+/\d+)`", text))
    return ["no such vector: {}".format(name) for name in sorted(named - _ids())]


def _api() -> List[str]:
    text = (SPEC / "twisted.md").read_text(encoding="utf-8")
    written = set(re.findall(r"^\| `([A-Za-z0-9_.]+)` \|", text, flags=re.MULTILINE))
    return _unequal(written, set(list_api.names()), "twisted.md", "the module")


def _named_in_api() -> List[str]:
    """Returns missing items that rows of twisted.md name, and rows that name no item."""
    found = []
    text = (SPEC / "twisted.md").read_text(encoding="utf-8")
    for name, here, shown in re.findall(r"^\| `([\w.]+)` \| (.*) \|(.*)\|$", text, re.MULTILINE):
        problems = _unknown_modules(here)
        if not here.startswith("nothing: "):
            problems += _unknown_evidence(shown)
        found.extend("{}: {}".format(name, problem) for problem in problems)
    return found


def _unknown_modules(here: str) -> List[str]:
    """Returns modules such as `net::transport::tcp`, and single words after a crate."""
    named = re.findall(r"`([a-z_]+(?:::[a-z_]+)+)`", here)
    named += re.findall(r"`(?:strports-syntax|endpoint-runtime)` `([a-z]+)`", here)
    crates = [SPEC.parent / crate / "src" for crate in ("strports-syntax", "endpoint-runtime")]
    source = "".join((crate / "lib.rs").read_text(encoding="utf-8") for crate in crates)
    return ["no such module: {}".format(it) for it in named if not _is_module(it, crates, source)]


def _is_module(name: str, crates: List[Path], source: str) -> bool:
    path = name.replace("::", "/")
    files = [crate / (path + end) for crate in crates for end in (".rs", "/mod.rs")]
    return any(file.is_file() for file in files) or re.search(r"\b{}\b".format(name), source)


def _unknown_evidence(shown: str) -> List[str]:
    files = re.findall(r"[a-z_/]+\.(?:rs|json)", shown)
    tests = SPEC.parent / "endpoint-runtime"
    homes = [(tests if it.startswith("tests/") else SPEC / "vectors") / it for it in files]
    missing = [it for it, home in zip(files, homes) if not home.is_file()]
    found = ["no such test or vectors: {}".format(it) for it in missing]
    groups = {it.rsplit("/", 1)[0] for it in _ids()}
    for listed, names in re.findall(r"([a-z.,/ and]+), groups? ((?:`[^`]+`(?:, )?)+)", shown):
        for file in re.findall(r"([a-z]+)\.json", listed):
            for group in re.findall(r"`([^`]+)`", names):
                wanted = "{}/{}".format(file, group.rstrip("…"))
                if not any(it.startswith(wanted) for it in groups):
                    found.append("no such group: {}".format(wanted))
    return found if files else ["it names no test and no vectors"]


def _ids() -> Set[str]:
    return {vector["id"] for vector in vectors.recorded() + vectors.extensions()}


def _expected_failures() -> List[str]:
    lines = (SPEC / "expected_failures.txt").read_text(encoding="utf-8").splitlines()
    named = [line for line in lines if line and not line.startswith("#")]
    twice = ["named twice: {}".format(name) for name in sorted(set(named)) if named.count(name) > 1]
    return twice + ["no such vector: {}".format(name) for name in named if name not in _ids()]
