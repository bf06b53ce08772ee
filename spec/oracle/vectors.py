"""The recorded answers in `spec/vectors`: their shape, reading, writing, asking again.

A vector is one question with Twisted's answer:

    {"id": "server/tcp-positional/3", "input": "tcp:80:127.0.0.1", "role": "server",
     "ok": {"type": "tcp", …}, "source": "twisted 26.10.0 serverFromString"}

`err` stands in the place of `ok` where Twisted raises, as "ExceptionClass: text".
`differs` is there only where the answer here is another one: the rows of
`spec/DIFFERENCES.md`, and under `here` either "refused", "either" (accepted or
refused, both are right) or the endpoint that is expected.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

import twisted_oracle as oracle
from differences import Case, expectation

Vector = Dict[str, Any]
DIRECTORY = Path(__file__).resolve().parent.parent / "vectors"
LARGEST = 2**63 - 1


def _integer(text: str) -> Any:
    return {"value": oracle.endpoints._parseTCP(None, text)[0][0]}


def _mode(text: str) -> Any:
    return {"value": format(oracle.endpoints._parseUNIX(None, "", mode=text)[1]["mode"], "o")}


def _flag(text: str) -> Any:
    return {"value": oracle.endpoints._parseUNIX(None, "", lockfile=text)[1]["wantPID"]}


# What can be asked: the name of the Twisted function, and how to ask it.
QUESTIONS: Dict[str, Tuple[str, Callable[[str], Vector]]] = {
    "tokenize": ("_tokenize", oracle.tokenize),
    "parse": ("_parse", oracle.parse),
    "quote": ("quoteStringArgument", oracle.quote),
    "server": ("serverFromString", oracle.server),
    "client": ("clientFromString", oracle.client),
    "integer": ("_parseTCP port", lambda text: oracle.answer(lambda: _integer(text))),
    "mode": ("_parseUNIX mode", lambda text: oracle.answer(lambda: _mode(text))),
    "flag": ("_parseUNIX lockfile", lambda text: oracle.answer(lambda: _flag(text))),
}


def ask(question: str, text: str) -> Vector:
    """One vector without its id."""
    function, answer = QUESTIONS[question]
    vector: Vector = {"input": text}
    if question in ("server", "client"):
        vector["role"] = question
    if question in ("integer", "mode", "flag"):
        vector["as"] = question
    vector.update(_portable_json(answer(text)))
    vector.update(_difference(question, text))
    vector["source"] = "twisted {} {}".format(oracle.VERSION, function)
    return vector


def question_of(vector: Vector) -> str:
    """The question that a vector answers."""
    asked = vector["source"].split(" ", 2)[2]
    return next(name for name, (function, _) in QUESTIONS.items() if function == asked)


def _difference(question: str, text: str) -> Vector:
    if question not in ("server", "client"):
        return {}
    expected = expectation(Case.ask(question, text))
    if not expected.rows:
        return {}
    here: Any = expected.effect
    if here == "changed":
        here = _portable_json(expected.answer).get("ok", "refused")
    return {"differs": {"rows": expected.rows, "here": here}}


def _portable_json(value: Any) -> Any:
    """Integers that do not fit 64 bits become their decimal digits, as a string."""
    if isinstance(value, dict):
        return {key: _portable_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_portable_json(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > LARGEST:
        return str(value)
    return value


def read(path: Path) -> List[Vector]:
    return json.loads(path.read_text(encoding="utf-8"))


def write(path: Path, vectors: List[Vector]) -> None:
    """One vector a line, so that a change shows as one line."""
    lines = ",\n".join(json.dumps(vector, ensure_ascii=True) for vector in vectors)
    path.write_text("[\n{}\n]\n".format(lines), encoding="utf-8")


def recorded() -> List[Vector]:
    """Every vector that records an answer of the pinned Twisted, in all files."""
    others = ("plugins", "third_party")
    paths = (path for path in sorted(DIRECTORY.glob("*.json")) if path.stem not in others)
    return [vector for path in paths for vector in read(path)]


def extensions() -> List[Vector]:
    """The vectors written by hand, with Twisted's answer beside ours."""
    folder = DIRECTORY / "extensions"
    return [vector for path in sorted(folder.glob("*.json")) for vector in read(path)]


def stale() -> List[str]:
    """The ids of those to which Twisted answers something else today."""
    ids = []
    for vector in recorded():
        today = {"id": vector["id"], **ask(question_of(vector), vector["input"])}
        if _without_message(today) != _without_message(vector):
            ids.append(vector["id"])
    for vector in extensions():
        if _without_message(vector["twisted"]) != _without_message(twisted_answer(vector)):
            ids.append(vector["id"])
    return ids


def _without_message(answer: Vector) -> Vector:
    """An error is its class: the wording of Python's own messages changes between versions."""
    return {key: value.split(":")[0] if key == "err" else value for key, value in answer.items()}


def twisted_answer(vector: Vector) -> Vector:
    """What Twisted says to a vector written by hand."""
    return _portable_json(oracle.endpoint(vector["role"], vector["input"]))
