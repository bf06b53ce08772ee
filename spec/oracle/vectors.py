"""Reads, writes and compares the recorded answers in `spec/vectors`.

A vector is one question with Twisted's answer:

    {"id": "server/tcp-positional/3", "input": "tcp:80:127.0.0.1", "role": "server",
     "ok": {"type": "tcp", …}, "source": "twisted 26.10.0 serverFromString"}

If Twisted raises an exception, `err` replaces `ok`, as "ExceptionClass: text".
`differs` is present only if the answer here differs. It has the rows of
`spec/DIFFERENCES.md`, and `here`: "refused", "either" (accepted or refused, both
are correct) or the expected endpoint.
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


# The kinds of questions: the name of the Twisted function, and how to call it.
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
    """Returns one vector without its id."""
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
    """Returns the kind of question of a vector."""
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
    """Writes one vector per line, so that a change affects one line."""
    lines = ",\n".join(json.dumps(vector, ensure_ascii=True) for vector in vectors)
    path.write_text("[\n{}\n]\n".format(lines), encoding="utf-8")


def recorded() -> List[Vector]:
    """Returns all vectors with an answer of the pinned Twisted."""
    others = ("plugins", "third_party")
    paths = (path for path in sorted(DIRECTORY.glob("*.json")) if path.stem not in others)
    return [vector for path in paths for vector in read(path)]


def extensions() -> List[Vector]:
    """Returns the handwritten vectors, which have both answers."""
    folder = DIRECTORY / "extensions"
    return [vector for path in sorted(folder.glob("*.json")) for vector in read(path)]


def stale() -> List[str]:
    """Returns the ids of vectors whose recorded answer differs from Twisted's."""
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
    """Reduces an error to its class: the wording of Python's messages varies by version."""
    return {key: value.split(":")[0] if key == "err" else value for key, value in answer.items()}


def twisted_answer(vector: Vector) -> Vector:
    """Returns Twisted's answer to a handwritten vector."""
    return _portable_json(oracle.endpoint(vector["role"], vector["input"]))
