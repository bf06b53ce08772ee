#!/usr/bin/env python3
"""Writes the version and the address of the repository into every file that shows them.

Their source is Cargo.toml: `version` and `repository` of `[workspace.package]`, and `maintainer` of
`[workspace.metadata]`. The last two are empty until they are known. Until then, the regions
describe them in words, and nothing can be published. A region begins with a comment
`distribution: NAME` and ends with `distribution: end`. JSON has no comments, so JSON files have
generated keys instead.

    ci/distribution.py                exits with 1 if a file is out of date or holds a placeholder
    ci/distribution.py --write        writes the regions and keys
    ci/distribution.py --release TAG  exits with 1 unless this commit can be published as TAG
    ci/distribution.py --formula SUMS prints the Homebrew formula for the checksums in SUMS
    ci/distribution.py --self-test    tries all of it in a copy with an address
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from types import SimpleNamespace

MAINTAINER = re.compile(r"[^<>]+ <[^<>@\s]+@[^<>@\s]+>")
ADDRESS = re.compile(r"https://(?P<host>[\w.-]+)/(?P<owner>[\w.-]+)/(?P<name>[\w.-]+)")
REGION = re.compile(
    r"(?P<begin>^[^\n]*\bdistribution: (?P<name>(?!end\b)[\w-]+)[^\n]*\n)"
    r"(?P<body>.*?)"
    r"(?P<end>^[^\n]*\bdistribution: end\b)",
    re.MULTILINE | re.DOTALL,
)
# Split, so that this file does not match its own pattern.
PLACEHOLDER = re.compile(r"\b(" + "OWN" + "ER|REPOS" + r"ITORY)\b")
FORMULA = "packaging/homebrew/strports.rb.in"
# The targets of the formula, by their placeholders in the template.
FORMULA_TARGETS = {
    "MACOS_ARM": "aarch64-apple-darwin",
    "MACOS_INTEL": "x86_64-apple-darwin",
    "LINUX_ARM": "aarch64-unknown-linux-musl",
    "LINUX_INTEL": "x86_64-unknown-linux-musl",
}


def main():
    match sys.argv[1:]:
        case []:
            problems = check(Path("."))
        case ["--write"]:
            problems = write(Path("."))
        case ["--release", tag]:
            problems = check(Path(".")) + obstacles(Path("."), tag)
        case ["--formula", sums]:
            print(formula(Path("."), Path(sums).read_text(encoding="utf-8")), end="")
            problems = []
        case ["--self-test"]:
            problems = self_test(Path("."))
        case _:
            sys.exit(__doc__)
    for problem in problems:
        print(f"ci/distribution.py: {problem}", file=sys.stderr)
    sys.exit(1 if problems else 0)


# --- the facts --------------------------------------------------------------------


def facts(root):
    """Returns the version and the parts of the address; `repository` is empty if it is unknown."""
    manifest = tomllib.loads((root / "Cargo.toml").read_text(encoding="utf-8"))
    package = manifest["workspace"]["package"]
    found = ADDRESS.fullmatch(package["repository"])
    if package["repository"] and not found:
        sys.exit("ci/distribution.py: `repository` is not of the form https://HOST/NAME/NAME")
    maintainer = manifest["workspace"]["metadata"]["maintainer"]
    if maintainer and not MAINTAINER.fullmatch(maintainer):
        sys.exit("ci/distribution.py: `maintainer` is not of the form NAME <ADDRESS>")
    parts = found.groupdict() if found else {"host": "", "owner": "", "name": ""}
    return SimpleNamespace(
        version=package["version"],
        repository=package["repository"],
        maintainer=maintainer,
        description=manifest["package"]["description"],
        license=package["license"],
        **parts,
    )


# --- the regions ------------------------------------------------------------------


def homepage(it):
    return [f'homepage = "{it.repository}"']


def maintainer(it):
    return [f'maintainer = "{it.maintainer or "the maintainers of strports"}"']


def internal_versions(it):
    return [
        f'{name} = {{ path = "{name}", version = "{it.version}", default-features = false }}'
        for name in ("strports-syntax", "endpoint-runtime")
    ]


def install(it):
    if not it.repository:
        rows = {
            "cargo": "`cargo install --locked --path .` in a checkout",
            "pip": "`pip install ./bindings/python` in a checkout, with Rust",
            "npm": "the parser for JavaScript, which reads no files: `ci/check npm` in a checkout",
            "brew": "from the first release on",
            "docker": "from the first release on; it is made from `packaging/Dockerfile`",
            "GitHub Actions": "from the first release on: `uses:` with the name of this "
            f"repository and `@v{it.version}`",
            "pre-commit": "from the first release on: `repo:` with the address of this "
            f"repository, `rev: v{it.version}`, hook `strports` or `strports-fix`",
        }
    else:
        rows = {
            "cargo": "`cargo install --locked strports`, or `cargo binstall strports`",
            "pip": "`pip install strports`, or `uvx strports`",
            "npm": "the parser for JavaScript, which reads no files: `npm install strports`",
            "brew": f"`brew tap {it.owner}/{it.name} {it.repository} && brew install strports`",
            "docker": f"`docker run --rm {image(it)}:{it.version} explain tcp:8080`",
            "GitHub Actions": f"`uses: {it.owner}/{it.name}@v{it.version}`",
            "pre-commit": f"`repo: {it.repository}`, `rev: v{it.version}`, hook `strports` or "
            "`strports-fix`",
        }
    return ["| with | how |", "| --- | --- |", *(f"| {key} | {how} |" for key, how in rows.items())]


def image(it):
    """The container image, which the release workflow pushes to the registry of the forge."""
    host = "ghcr.io" if it.host == "github.com" else it.host
    return f"{host}/{it.owner}/{it.name}".lower()


def action_example(it):
    comment = "" if it.repository else " # the name of this repository in place of `strports`"
    name = f"{it.owner}/{it.name}" if it.repository else "strports"
    return [
        "```yaml",
        "steps:",
        "  - uses: actions/checkout@v4",
        f"  - uses: {name}@v{it.version}{comment}",
        "    with:",
        "      arguments: --fail-on error",
        "```",
    ]


def hook_example(it):
    address = it.repository or "strports # the address of this repository"
    return [
        "```yaml",
        "repos:",
        f"  - repo: {address}",
        f"    rev: v{it.version}",
        "    hooks:",
        "      - id: strports",
        "```",
    ]


def gitlab_example(it):
    return [
        "```yaml",
        "strports:",
        "  image: python",
        "  script:",
        f"    - pip install strports=={it.version}",
        "    - strports check --format gitlab >gl-code-quality-report.json",
        "  artifacts:",
        "    when: always",
        "    reports:",
        "      codequality: gl-code-quality-report.json",
        "```",
    ]


def python_version(it):
    return [f'version = "{it.version}"']


def action_version(it):
    return [f"    default: {it.version}"]


def hook_package(it):
    return [f'version = "{it.version}"', f'dependencies = ["strports=={it.version}"]']


def labels(it):
    values = {
        "title": "strports",
        "description": it.description,
        "version": it.version,
        "licenses": it.license.replace("/", " OR "),
        "source": it.repository,
    }
    rows = [f'org.opencontainers.image.{key}="{value}"' for key, value in values.items() if value]
    return [("LABEL " if n == 0 else "      ") + row + (" \\" if n + 1 < len(rows) else "")
            for n, row in enumerate(rows)]


REGIONS = {
    "Cargo.toml": {
        "homepage": homepage, "versions": internal_versions, "maintainer": maintainer,
    },
    "README.md": {"install": install},
    "action.yml": {"version": action_version},
    "bindings/python/Cargo.toml": {"version": python_version},
    "docs/start/ci.md": {
        "action": action_example, "hook": hook_example, "gitlab": gitlab_example,
    },
    "docs/start/install.md": {"install": install},
    "packaging/Dockerfile": {"labels": labels},
    "pyproject.toml": {"package": hook_package},
}


def package_keys(it):
    """The keys of the npm package; `None` removes one."""
    source = {"type": "git", "url": f"git+{it.repository}.git", "directory": "bindings/wasm"}
    return {
        "version": it.version,
        "homepage": it.repository or None,
        "repository": source if it.repository else None,
    }


def lock_keys(it):
    return {"version": it.version, "packages": {"": {"version": it.version}}}


KEYS = {
    "bindings/wasm/package.json": package_keys,
    "bindings/wasm/package-lock.json": lock_keys,
}


def with_keys(values, keys):
    for key, value in keys.items():
        if value is None:
            values.pop(key, None)
        elif isinstance(value, dict):
            values[key] = with_keys(values.get(key, {}), value)
        else:
            values[key] = value
    return values


def written(root):
    """Yields each file with regions or keys, its text, and its up-to-date text."""
    it = facts(root)
    for name, keys in KEYS.items():
        text = (root / name).read_text(encoding="utf-8")
        values = with_keys(json.loads(text), keys(it))
        yield name, text, json.dumps(values, indent=2, ensure_ascii=False) + "\n"
    for name, regions in REGIONS.items():
        text = (root / name).read_text(encoding="utf-8")
        found = [region["name"] for region in REGION.finditer(text)]
        if found != list(regions):
            sys.exit(f"ci/distribution.py: {name} has the regions {found}, not {list(regions)}")
        yield name, text, REGION.sub(
            lambda region: region["begin"]
            + "".join(line + "\n" for line in regions[region["name"]](it))
            + region["end"],
            text,
        )


def check(root):
    stale = [
        f"{name} is out of date (ci/distribution.py --write)"
        for name, text, wanted in written(root) if text != wanted
    ]
    return stale + placeholders(root)


def write(root):
    for name, text, wanted in written(root):
        if text != wanted:
            (root / name).write_text(wanted, encoding="utf-8")
    return []


def placeholders(root):
    """Yields placeholders in capitals instead of an address, in any file of the repository."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=root, check=True, capture_output=True).stdout.split(b"\0")
    for name in map(bytes.decode, filter(None, names)):
        path = root / name
        if not path.is_file():
            continue
        text = path.read_bytes().decode("utf-8", "replace")
        for number, line in enumerate(text.splitlines(), 1):
            if PLACEHOLDER.search(line):
                return [f"{name}:{number}: a placeholder in place of an address: {line.strip()}"]
    return []


# --- the release ------------------------------------------------------------------


def obstacles(root, tag):
    """Returns the reasons why this commit cannot be published."""
    it, found = facts(root), []
    if not it.repository:
        found.append("`repository` in [workspace.package] of Cargo.toml is empty; set it, then run "
                     "ci/distribution.py --write")
    if not it.maintainer:
        found.append("`maintainer` in [workspace.metadata] of Cargo.toml is empty; set it, then run "
                     "ci/distribution.py --write")
    if tag != f"v{it.version}":
        found.append(f"the tag is {tag}, but the version is {it.version}")
    changes = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    dated = rf"^## {re.escape(it.version)} \(\d{{4}}-\d\d-\d\d\)$"
    if not re.search(dated, changes, re.MULTILINE):
        found.append(f"CHANGELOG.md has no section `## {it.version} (YEAR-MONTH-DAY)`")
    return found


def archive(it, target):
    """Returns the name of the archive for a target."""
    return f"strports-{it.version}-{target}.tar.gz"


def formula(root, sums):
    """Returns the Homebrew formula; `sums` is the output of sha256sum for the archives."""
    it = facts(root)
    if not it.repository:
        sys.exit("ci/distribution.py: a formula needs the address of the repository")
    checksums = dict(line.split()[::-1] for line in sums.splitlines())
    text = (root / FORMULA).read_text(encoding="utf-8")
    values = {"VERSION": it.version, "ADDRESS": it.repository, "DESCRIPTION": it.description}
    for word, target in FORMULA_TARGETS.items():
        name = archive(it, target)
        if name not in checksums:
            sys.exit(f"ci/distribution.py: there is no checksum of {name}")
        values[f"URL_{word}"] = f"{it.repository}/releases/download/v{it.version}/{name}"
        values[f"SHA256_{word}"] = checksums[name]
    return re.sub(r"@(\w+)@", lambda word: values[word[1]], text)


# --- the test ---------------------------------------------------------------------


def self_test(root):
    """Checks that an address reaches every region, and that each obstacle prevents a release."""
    address, person, problems = "https://github.com/Some/thing", "A B <a@b.example>", []

    def expect(truth, what):
        if not truth:
            problems.append(f"self-test: {what}")

    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch)
        for name in [*REGIONS, *KEYS, "CHANGELOG.md", FORMULA]:
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, copy / name)
        subprocess.run(["git", "init", "-q", copy], check=True)
        it = facts(copy)
        manifest = copy / "Cargo.toml"
        text = manifest.read_text(encoding="utf-8")
        unset = re.sub(r'(?m)^(repository|maintainer) = "[^"\n]*"$', r'\1 = ""', text)
        manifest.write_text(unset, encoding="utf-8")
        write(copy)
        expect(not check(copy), "regions without an address are right once written")
        tag = f"v{it.version}"
        refused = obstacles(copy, tag)
        expect(any("`repository`" in why for why in refused), "no release without an address")
        expect(any("`maintainer`" in why for why in refused), "no release without a maintainer")

        known = unset.replace('repository = ""', f'repository = "{address}"', 1)
        manifest.write_text(known.replace('maintainer = ""', f'maintainer = "{person}"', 1))
        expect(check(copy), "regions are out of date when the address is set")
        write(copy)
        expect(not check(copy), "regions with an address are right once written")
        addressed = ("Cargo.toml", "README.md", "docs/start/ci.md", "packaging/Dockerfile")
        text = manifest.read_text(encoding="utf-8")
        expect(text.count(f'maintainer = "{person}"') == 2, "the Debian package has the maintainer")
        for name in (*addressed, "bindings/wasm/package.json"):
            expect(address in (copy / name).read_text(encoding="utf-8"), f"{name} has the address")
        read_me = (copy / "README.md").read_text(encoding="utf-8")
        expect(f"`uses: Some/thing@{tag}`" in read_me, "README.md names the action")
        expect("ghcr.io/some/thing" in read_me, "README.md names the image")
        expect("first release" not in read_me, "README.md speaks of no first release any more")

        changes = copy / "CHANGELOG.md"
        changes.write_text(f"## {it.version} (2030-01-02)\n", encoding="utf-8")
        expect(not obstacles(copy, tag), "a release with address, tag and changes is not refused")
        expect(obstacles(copy, "v9.9.9"), "another tag is refused")
        changes.write_text("## Unreleased\n", encoding="utf-8")
        expect(obstacles(copy, tag), "a release without a section of changes is refused")

        archives = [archive(it, target) for target in FORMULA_TARGETS.values()]
        sums = "".join(f"{n:064x}  {name}\n" for n, name in enumerate(archives))
        text = formula(copy, sums)
        expect("@" not in text.replace("@v", ""), "the formula has a value for each word")
        expect(f"{address}/releases/download/{tag}/{archives[0]}" in text, "it names the archives")

        (copy / "README.md").write_text(read_me + "uses: " + "OWN" + "ER/x\n", encoding="utf-8")
        expect(any("README.md" in it for it in placeholders(copy)), "a placeholder is found")
    return problems


if __name__ == "__main__":
    main()
