"""Records the answers of each release of Twisted: `spec/vectors/versions/*.json`.

    venv/bin/python versions.py ask FOLDER > answers/RELEASE.json      # an installed release
    venv/bin/python versions.py read FOLDER > answers/RELEASE.json     # sources, nothing is run
    venv/bin/python versions.py merge answers/                         # writes the vectors

FOLDER holds the package `twisted`: `venv/lib/python3.11/site-packages` of a release that was
installed (`pip install 'twisted[tls]==22.4.0'`), or an unpacked sdist. `ask` runs in that release's
own environment, `merge` in the one of `requirements.txt`.

`ask` records the answers to every input of `inputs/`. `read` records signatures and fingerprints
(see `version_sources`). For such a release, `merge` uses the answers of the first installed
release, changed by `version_changes.REVIEWED` for each deciding function that differs. `merge`
fails if a difference is neither in that table nor explained by a row of `CHANGES` there.

The releases from 19.7 to 20.3 only have wheels for Python 3.7 and older. Their Python code also
runs on 3.11, unpacked by `pip install --target FOLDER --no-deps --only-binary :all:
--platform manylinux1_x86_64 --python-version 37 --implementation cp --abi cp37m twisted==20.3.0`.
"""

from __future__ import annotations

import json
import platform
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Tuple

import version_changes as changes
from inputs import clients, errors, in_the_wild, servers
from inputs import versions as probes
from version_sources import DECIDING, Sources

Answer = Dict[str, Any]
Document = Dict[str, Any]
TARGET = Path(__file__).resolve().parent.parent / "vectors" / "versions"


class Question(NamedTuple):
    """One description, as `str` or as `bytes`, for one role."""

    role: str
    input: str
    bytes: bool = False


def _texts(groups: List[Any]) -> List[str]:
    return list(dict.fromkeys(text for group in groups for text in group.texts))


PROBES = [
    *(Question("server", text) for text in _texts(probes.SERVER)),
    *(Question("client", text) for text in _texts(probes.CLIENT)),
    *(Question(role, text, True) for role, texts in probes.BYTES.items() for text in texts),
]
OTHERS = [
    *(Question("server", it) for it in _texts(servers.GROUPS + in_the_wild.SERVER + errors.SERVER)),
    *(Question("client", it) for it in _texts(clients.GROUPS + in_the_wild.CLIENT + errors.CLIENT)),
]
QUESTIONS = list(dict.fromkeys(PROBES + OTHERS))

# --- one release --------------------------------------------------------------------


def read(folder: Path) -> Document:
    """The signatures and fingerprints of one release, from its sources."""
    sources = Sources(folder)
    return {
        "release": sources.release,
        "evidence": "read",
        "signatures": sources.signatures(),
        "fingerprints": sources.fingerprints(),
    }


def ask(folder: Path) -> Document:
    """The same, with the answers of the release to every question."""
    import twisted_oracle as oracle

    document = read(folder)
    assert document["release"] == oracle.VERSION, "{} is installed".format(oracle.VERSION)
    answers = []
    for question in QUESTIONS:
        text = question.input.encode("utf-8") if question.bytes else question.input
        answers.append(_short(oracle.endpoint(question.role, text)))
    return {
        **document,
        "evidence": "asked",
        "python": platform.python_version(),
        "answers": answers,
    }


def _short(answer: Answer) -> Answer:
    """An error is its class; bytes are shown as text."""
    if "err" in answer:
        return {"err": answer["err"].split(":")[0]}
    return json.loads(json.dumps(answer, default=lambda it: it.decode("utf-8")))


# --- all of them --------------------------------------------------------------------


class Release:
    """One release with its answers, recorded or derived."""

    def __init__(self, document: Document) -> None:
        self.name = document["release"]
        self.asked = document["evidence"] == "asked"
        self.document = document
        answers = document.get("answers", [])
        self.answers: Dict[Question, Answer] = dict(zip(QUESTIONS, answers, strict=bool(answers)))

    def key(self) -> Tuple[int, ...]:
        return tuple(int(part) for part in self.name.split("."))


def load(folder: Path) -> List[Release]:
    """Every release, oldest first; those that were only read get derived answers."""
    documents = (json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json"))
    releases = sorted(map(Release, documents), key=Release.key)
    first = next(it for it in releases if it.asked)
    for older in reversed(releases[: releases.index(first)]):
        newer = releases[releases.index(older) + 1]
        rules = _rules(older, newer)
        older.answers = {
            question: changes.apply(rules, question, answer)
            for question, answer in newer.answers.items()
        }
    return releases


def _rules(older: Release, newer: Release) -> List[str]:
    """Returns the rules that derive the answers of `older` from those of `newer`, by function."""
    before, after = (it.document["fingerprints"] for it in (older, newer))
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    unknown = [name for name in names if (name, newer.name) not in changes.REVIEWED]
    assert not unknown, "{} differ in {}: review them".format(unknown, newer.name)
    return [changes.REVIEWED[name, newer.name].rule for name in names]


def _runs(values: List[Tuple[str, Any]]) -> List[Dict[str, Any]]:
    """Equal neighbors become one entry with `since` and `until`, both inclusive."""
    runs: List[Dict[str, Any]] = []
    for release, value in values:
        if runs and runs[-1]["value"] == value:
            runs[-1]["until"] = release
        else:
            runs.append({"since": release, "until": release, "value": value})
    first, last = values[0][0], values[-1][0]
    for run in runs:
        if run["since"] == first:
            del run["since"]
        if run["until"] == last:
            del run["until"]
    return runs


def answers(releases: List[Release]) -> Iterator[Dict[str, Any]]:
    """Every probe, and every other question whose answer depends on the release."""
    for question in QUESTIONS:
        runs = _runs([(it.name, it.answers[question]) for it in releases])
        if question in PROBES or len(runs) > 1:
            asked = {"role": question.role, "input": question.input}
            if question.bytes:
                asked["bytes"] = True
            for run in runs:
                run.update(run.pop("value"))
            yield {**asked, "answers": runs}


def signatures(releases: List[Release]) -> Iterator[Dict[str, Any]]:
    """Every type of every role, with what it took since when."""
    found: Dict[Tuple[str, str], List[Tuple[str, Any]]] = {}
    for release in releases:
        has = {(it["role"], it["type"]): it for it in release.document["signatures"]}
        for key in DECIDING:
            found.setdefault(key, []).append((release.name, has.get(key)))
    for (role, name), values in found.items():
        for run in _runs(values):
            signature = run.pop("value")
            if signature is not None:
                rest = {k: v for k, v in signature.items() if k not in ("role", "type")}
                yield {"role": role, "type": name, **run, **rest}


def summary(releases: List[Release]) -> List[Dict[str, Any]]:
    """The rows of `version_changes.CHANGES`, each with how it is known; all is explained."""
    rows = []
    unexplained = {
        (question, newer.name): (older.answers[question], newer.answers[question])
        for older, newer in zip(releases, releases[1:])
        for question in QUESTIONS
        if older.answers[question] != newer.answers[question]
    }
    for change in changes.CHANGES:
        shown = [key for key in unexplained if change.release == key[1] and change.explains(key[0])]
        index = [it.name for it in releases].index(change.release)
        both = releases[index].asked and releases[index - 1].asked
        assert bool(shown) != bool(change.known_by), "how is this known? {}".format(change)
        for key in shown:
            del unexplained[key]
        evidence = change.known_by or ("asked" if both else "read")
        row = {**change.row(releases[index - 1].name), "evidence": evidence}
        if shown:
            row["questions"] = len(shown)
            row["for example"] = min((it.input for it, _ in shown), key=len)
        rows.append(row)
    assert not unexplained, "no row of CHANGES explains {}".format(unexplained)
    return rows


def stale() -> List[str]:
    """Returns the answers of the pinned release that differ from the recorded ones."""
    import twisted
    import twisted_oracle as oracle

    changed = []
    for row in json.loads((TARGET / "answers.json").read_text(encoding="utf-8")):
        text = row["input"].encode("utf-8") if row.get("bytes") else row["input"]
        last = row["answers"][-1]
        if _short(oracle.endpoint(row["role"], text)) != {k: last[k] for k in last if k != "since"}:
            changed.append("{} {!r}".format(row["role"], text))
    today = Sources(Path(twisted.__file__).parent.parent).signatures()
    rows = json.loads((TARGET / "signatures.json").read_text(encoding="utf-8"))
    newest = [{k: v for k, v in row.items() if k != "since"} for row in rows if "until" not in row]
    changed += ["signature {role} {type}".format(**it) for it in today if it not in newest]
    changed += ["signature {role} {type}".format(**it) for it in newest if it not in today]
    return changed


def _lines(rows: Any) -> str:
    """One row a line, so that a change shows as one line."""
    return "[\n{}\n]".format(",\n".join(json.dumps(row, ensure_ascii=True) for row in rows))


def merge(folder: Path) -> None:
    releases = load(folder)
    names = [
        {"release": it.name, "evidence": it.document["evidence"]}
        | ({"python": it.document["python"]} if it.asked else {})
        for it in releases
    ]
    for stem, rows in (
        ("releases", names),
        ("answers", answers(releases)),
        ("signatures", signatures(releases)),
        ("summary", summary(releases)),
    ):
        (TARGET / (stem + ".json")).write_text(_lines(rows) + "\n", encoding="utf-8")


def main() -> None:
    commands = {"ask": ask, "read": read, "merge": merge}
    if len(sys.argv) != 3 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    document = commands[sys.argv[1]](Path(sys.argv[2]))
    if document is not None:
        json.dump(document, sys.stdout)


if __name__ == "__main__":
    main()
