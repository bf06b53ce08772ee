#!/usr/bin/env python3
"""Plants each mistake of fuzz/planted.toml alone, and expects the replay to fail.

Works in a copy of the tree below the target directory. Prints a row for each mistake and the tests
that caught it, and exits with 1 if any test run passed. Arguments select mistakes by a part of
their name.
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
# All laws, with those of the feature `command`, which `ci/check all` leaves out.
REPLAY = "cargo test --manifest-path fuzz/Cargo.toml --no-default-features --features command".split()
# A mistake may make a law run forever.
LIMIT = 900


def copy_tree(tree: Path) -> None:
    """Copies the committed files, and keeps times so that builds stay valid."""
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True)
    for name in files.stdout.decode().split("\0")[:-1]:
        source, copy = ROOT / name, tree / name
        if source.is_file() and not (copy.exists() and same(source, copy)):
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy)


def same(one: Path, other: Path) -> bool:
    return one.read_bytes() == other.read_bytes()


def replay(tree: Path, *more: str) -> tuple[int | None, str]:
    """The exit code, or None after the time limit, and the output."""
    environment = {
        **os.environ,
        "CARGO_TARGET_DIR": str(TARGET / "target"),
        "CARGO_INCREMENTAL": "1",
        "CARGO_PROFILE_DEV_DEBUG": "none",
    }
    command = [*REPLAY, *more]
    try:
        done = subprocess.run(
            command, cwd=tree, env=environment, timeout=LIMIT, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
    except subprocess.TimeoutExpired:
        return None, ""
    return done.returncode, done.stdout


def caught_by(tree: Path, mistake: dict[str, str]) -> str | None:
    """The tests that fail with the mistake; None if all pass."""
    path = tree / mistake["file"]
    text = path.read_text()
    if text.count(mistake["old"]) != 1:
        sys.exit(f"{mistake['file']}: expected once, found {text.count(mistake['old'])} times: "
                 f"{mistake['old']!r}")
    path.write_text(text.replace(mistake["old"], mistake["new"]))
    try:
        code, output = replay(tree, "--test", "replay", "--no-run")
        if code != 0 and "error[E0080]" in output:
            return "an assertion at compile time"
        if code != 0:
            sys.exit(f"{mistake['name']}: does not compile\n{output[-3000:]}")
        # The law that catches most of them runs first, because all laws take minutes.
        for tests in (["twisted"], []):
            code, output = replay(tree, "--test", "replay", "--", *tests)
            failed = sorted(set(re.findall(r"^test (\S+) \.\.\. FAILED", output, re.MULTILINE)))
            if failed:
                return ", ".join(f"`{name}`" for name in failed)
            if code != 0:
                return "the time limit" if code is None else f"exit code {code}"
        return None
    finally:
        path.write_text(text)


def main(wanted: list[str]) -> int:
    tree = TARGET / "tree"
    copy_tree(tree)
    with open(ROOT / "fuzz/planted.toml", "rb") as file:
        mistakes = tomllib.load(file)["mistake"]
    code, output = replay(tree, "--test", "replay", "--", "twisted")
    if code != 0:
        sys.exit(f"the replay fails without a mistake\n{output[-3000:]}")
    mistakes = [it for it in mistakes if not wanted or any(word in it["name"] for word in wanted)]
    missed = 0
    print("| mistake | caught by |\n| --- | --- |")
    for mistake in mistakes:
        found = caught_by(tree, mistake)
        missed += found is None and "missed" not in mistake
        known = f"nothing: {mistake['missed']}" if "missed" in mistake else "**nothing**"
        print(f"| {mistake['name']} | {found or known} |", flush=True)
    print(f"\n{missed} of {len(mistakes)} went unnoticed and are not explained")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
