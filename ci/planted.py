#!/usr/bin/env python3
"""Plants each mistake of fuzz/planted.toml alone, and expects the replay to fail.

Works in a copy of the tree below the target directory. Prints a row for each mistake and the tests
that caught it, and exits with 1 if all tests passed for any. Arguments select mistakes by a part of
their name or of their file. `--write` also writes the rows to fuzz/planted.md, and `--places` only
checks that each mistake has its place.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "planted"
TABLE = ROOT / "fuzz/planted.md"
# All laws, with those of the feature `command`, which `ci/check all` leaves out.
BUILD = (
    "cargo test --manifest-path fuzz/Cargo.toml --no-default-features --features command "
    "--test answers --test replay --no-run"
).split()
# Seconds for a test program, because a mistake may make a law run forever.
LIMIT = 900

# The laws that are likely to notice a mistake in a folder. They run first, because all take minutes.
LIKELY = {
    "strports-syntax/src/": "lex twisted description bind values endpoints",
    "endpoint-runtime/src/address/": "addresses",
    "endpoint-runtime/src/plan/": "plans every_parameter_takes_every_value addresses",
    "endpoint-runtime/src/proto/backoff": "pauses relay",
    "endpoint-runtime/src/proto/eyeballs": "racing",
    "endpoint-runtime/src/proto/proxy/": "proxy",
    "endpoint-runtime/src/proto/retry": "pauses",
    "endpoint-runtime/src/proto/tunnel/": "tunnels",
    "endpoint-runtime/src/proto/": "inherited",
    "src/check/": "files_are_read embedded",
    "src/convert/": "conversions",
    "src/relay/": "relay",
    "src/types/": "schemas",
}

HEAD = """# What catches what

Each mistake of `planted.toml`, and the first tests of the replay that failed with it alone. The
tests that are likely for its folder ran first, and the others only if those passed.
`ci/planted.py --write` writes this file.

"""


def copy_tree(tree: Path) -> None:
    """Copies the committed files and links, and keeps times so that builds stay valid."""
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True)
    for name in files.stdout.decode().split("\0")[:-1]:
        source, copy = ROOT / name, tree / name
        if source.is_symlink():
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.unlink(missing_ok=True)
            copy.symlink_to(source.readlink())
        elif source.is_file() and not (copy.exists() and same(source, copy)):
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy)


def same(one: Path, other: Path) -> bool:
    return one.read_bytes() == other.read_bytes()


def run(tree: Path, command: list[str], limit: int | None) -> tuple[int | None, str]:
    """The exit code, or None after that many seconds, and the output."""
    environment = {
        **os.environ,
        "CARGO_TARGET_DIR": str(TARGET / "target"),
        "CARGO_INCREMENTAL": "1",
        "CARGO_PROFILE_DEV_DEBUG": "none",
    }
    try:
        done = subprocess.run(
            command, cwd=tree, env=environment, timeout=limit,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
    except subprocess.TimeoutExpired:
        return None, ""
    return done.returncode, done.stdout.decode(errors="replace")


def build(tree: Path) -> tuple[dict[str, str], str]:
    """The test programs by their names, and the output; no programs if the build failed."""
    code, output = run(tree, BUILD, None)
    programs = re.findall(r"Executable tests/(\w+)\.rs \((.+)\)", output)
    return dict(programs if code == 0 else []), output


def likely(file: str) -> list[str]:
    """The laws for a file: those of the first folder in the table that it is in."""
    return next((laws.split() for start, laws in LIKELY.items() if file.startswith(start)), [])


def failed_tests(tree: Path, programs: dict[str, str], file: str) -> str | None:
    """What failed first; None if all tests passed."""
    first = likely(file)
    others = ["--exact", *(word for law in first for word in ("--skip", law))]
    # `--exact` without a test runs all tests.
    stages = [("answers", []), ("replay", ["--exact", *first]), ("replay", others)]
    for name, options in stages if first else stages[:2]:
        code, output = run(tree / "fuzz", [programs[name], *options], LIMIT)
        failed = sorted(set(re.findall(r"^test (\S+) \.\.\. FAILED", output, re.MULTILINE)))
        if failed:
            return ", ".join(f"`{name}`" for name in failed)
        if code != 0:
            return "the time limit" if code is None else f"exit code {code}"
    return None


def caught_by(tree: Path, mistake: dict[str, str]) -> str | None:
    """The tests that fail with the mistake; None if all pass."""
    path = tree / mistake["file"]
    text = path.read_text()
    path.write_text(text.replace(mistake["old"], mistake["new"]))
    try:
        programs, output = build(tree)
        if not programs and "error[E0080]" in output:
            return "an assertion at compile time"
        if not programs:
            sys.exit(f"{mistake['name']}: does not compile\n{output[-3000:]}")
        return failed_tests(tree, programs, mistake["file"])
    finally:
        path.write_text(text)


def without_place(mistakes: list[dict[str, str]]) -> list[str]:
    """A line for each mistake whose `old` does not stand exactly once in its file."""
    counts = [(it, (ROOT / it["file"]).read_text().count(it["old"])) for it in mistakes]
    return [
        f"{it['name']}: expected once in {it['file']}, found {count} times: {it['old']!r}"
        for it, count in counts if count != 1
    ]


def main(wanted: list[str]) -> int:
    options = {it for it in wanted if it.startswith("--")}
    if unknown := options - {"--write", "--places"}:
        sys.exit(f"unknown options: {unknown}")
    words = [it for it in wanted if it not in options]
    with open(ROOT / "fuzz/planted.toml", "rb") as file:
        mistakes = tomllib.load(file)["mistake"]
    if lost := without_place(mistakes):
        sys.exit("\n".join(lost))
    if "--places" in options:
        return 0
    tree = TARGET / "tree"
    copy_tree(tree)
    programs, output = build(tree)
    if not programs:
        sys.exit(f"the replay does not build\n{output[-3000:]}")
    if failed := failed_tests(tree, programs, ""):
        sys.exit(f"without a mistake, this fails: {failed}")
    is_wanted = lambda it: any(word in it["name"] or word in it["file"] for word in words)
    mistakes = [it for it in mistakes if not words or is_wanted(it)]
    missed, rows = 0, ["| mistake | file | caught by |", "| --- | --- | --- |"]
    print("\n".join(rows))
    for mistake in mistakes:
        found = caught_by(tree, mistake)
        missed += found is None and "missed" not in mistake
        known = f"nothing: {mistake['missed']}" if "missed" in mistake else "**nothing**"
        rows.append(f"| {mistake['name']} | `{mistake['file']}` | {found or known} |")
        print(rows[-1], flush=True)
    print(f"\n{missed} of {len(mistakes)} went unnoticed and are not explained")
    if "--write" in options and not words:
        TABLE.write_text(HEAD + "\n".join(rows) + "\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
