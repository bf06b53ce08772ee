#!/usr/bin/env python3
"""Checks the metadata of crates, and the files in their archives.

    ci/packaged.py metadata CRATE…              exits with 1 if a crate lacks metadata
    ci/packaged.py files FOLDER VERSION CRATE…  exits with 1 if an archive in FOLDER lacks files
"""

import json
import subprocess
import sys
from pathlib import Path

LICENSES = ("LICENSE-MIT", "LICENSE-APACHE")
# The registry's limit for an archive, in bytes.
LARGEST = 10 * 1024 * 1024


def main():
    match sys.argv[1:]:
        case ["metadata", *crates]:
            problems = [it for crate in crates for it in metadata(crate)]
        case ["files", folder, version, *crates]:
            problems = [it for crate in crates for it in files(Path(folder), crate, version)]
        case _:
            sys.exit(__doc__)
    for problem in problems:
        print(f"ci/packaged.py: {problem}", file=sys.stderr)
    sys.exit(1 if problems else 0)


def metadata(crate):
    command = ["cargo", "metadata", "--no-deps", "--format-version", "1"]
    packages = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    package = next(it for it in packages["packages"] if it["name"] == crate)
    for key in ("description", "documentation", "license", "readme", "rust_version"):
        if not package[key]:
            yield f"{crate} has no `{key}`"
    for key in ("repository", "homepage"):
        if package[key] is None:
            yield f"{crate} does not take `{key}` from the workspace"
    if not 1 <= len(package["keywords"]) <= 5 or not package["categories"]:
        yield f"{crate} has no keywords, too many, or no category"
    if not ((package["metadata"] or {}).get("docs", {}).get("rs", {}).get("all-features")):
        yield f"{crate} is not documented with all features"


def files(folder, crate, version):
    root = folder / f"{crate}-{version}"
    for name in LICENSES:
        path = root / name
        if not path.is_file() or path.read_bytes() != Path(name).read_bytes():
            yield f"{crate} has not the license {name}"
    read_me = root / "README.md"
    if not read_me.is_file() or not read_me.read_text(encoding="utf-8").startswith(f"# {crate}\n"):
        yield f"{crate} has no README of its own"
    archive = folder / "made" / "package" / f"{crate}-{version}.crate"
    if archive.stat().st_size > LARGEST:
        yield f"{archive.name} has {archive.stat().st_size} bytes, over {LARGEST}"
    # The archive must contain all tests.
    source = Path(".") if crate == "strports" else Path(crate)
    for test in sorted(source.glob("tests/*.rs")):
        if not (root / "tests" / test.name).is_file():
            yield f"{crate} is packaged without {test}"


if __name__ == "__main__":
    main()
