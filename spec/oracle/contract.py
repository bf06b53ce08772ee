"""The compatibility contract: one answer of the command against Twisted's.

1. A description that Twisted accepts and that can work has the same meaning here.
2. One that Twisted accepts and that can never work, or works by accident, is refused here.
3. One that Twisted refuses is refused here, or is an extension, which is not portable.
4. Every other difference is a row of `differences.ROWS`.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, NamedTuple

import twisted_oracle as oracle
from differences import Case, Expectation, expectation

Record = Dict[str, Any]

# The extensions of every TCP type.
SOCKET: Dict[str, Any] = {"keepAlive": None, "userTimeout": None, "device": None}
# Parameters that only this project has, with their defaults.
EXTENSIONS: Dict[str, Dict[str, Dict[str, Any]]] = {
    "server": {
        "tcp": {"reusePort": False, **SOCKET},
        "tcp6": {"reusePort": False, "v6only": False, **SOCKET},
        "unix": {"abstract": False, "user": None, "group": None},
        "ssl": {"clientCAs": None, "alpn": None, "reusePort": False, "endpoint": None, **SOCKET},
        "tls": {
            "clientCAs": None,
            "alpn": None,
            "reusePort": False,
            "v6only": False,
            "endpoint": None,
            **SOCKET,
        },
        "haproxy": {"proxyTrusted": None, "proxyVersion": None},
        "systemd": {},
        "stdio": {},
    },
    "client": {
        "tcp": {"attemptDelay": 0.25, **SOCKET},
        "unix": {"abstract": False},
        "ssl": {"alpn": None, "attemptDelay": 0.25, **SOCKET},
        "tls": {"alpn": None, "attemptDelay": 0.25, **SOCKET},
    },
}
EXTENSION_TYPES = {
    "server": {"fd"},
    "client": {"process", "fd", "stdio", "tcp6", "haproxy", "socks5", "http-connect"},
}


class Verdict(NamedTuple):
    rows: List[str]
    problems: List[str]


def compare(role: str, text: str, record: Record) -> Verdict:
    """Yields everything that is wrong with `record` as the answer to `text`."""
    expected = expectation(Case.ask(role, text))
    problems = [*_shape(text, record), *_meaning(role, text, expected, record)]
    return Verdict(expected.rows, problems)


# --- one record by itself ----------------------------------------------------------


def _shape(text: str, record: Record) -> Iterator[str]:
    """Checks that the keys of a record agree with each other."""
    errors = [d for d in record["diagnostics"] if d["severity"] == "error"]
    if record["ok"] == bool(errors):
        yield "`ok` is {} beside {} errors".format(record["ok"], len(errors))
    if record["ok"] != (record["endpoint"] is not None):
        yield "`ok` is {}, `endpoint` says otherwise".format(record["ok"])
    if record["ok"] != isinstance(record["portable"], bool):
        yield "`portable` is {} where `ok` is {}".format(record["portable"], record["ok"])
    if record["ok"] and record["canonical"] is None:
        yield "`canonical` is missing"
    if record["description"] != text:
        yield "`description` is not the input"
    end = len(text.encode("utf-8"))
    for item in [*record["arguments"], *record["diagnostics"]]:
        start, stop = item["span"]
        if not 0 <= start <= stop <= end:
            yield "span {} leaves the text of {} bytes".format(item["span"], end)


# --- one record against Twisted ------------------------------------------------------


def _meaning(role: str, text: str, expected: Expectation, record: Record) -> Iterator[str]:
    if not record["ok"]:
        if "ok" in expected.answer and expected.effect in ("same", "changed"):
            yield "refused, expected {}".format(expected.answer["ok"])
        return
    yield from _arguments(text, record)
    if expected.effect == "refused":
        yield "accepted, expected to be refused ({})".format(", ".join(expected.rows))
    elif "ok" in expected.answer:
        if not record["portable"] and expected.effect == "same":
            yield "Twisted accepts it, `portable` says no"
        wanted = with_extension_defaults(role, expected.answer["ok"])
        yield from _values("endpoint", wanted, record["endpoint"])
    elif expected.effect == "either":
        return
    elif record["portable"]:
        yield "Twisted refuses it ({}), `portable` says yes".format(expected.answer["err"])
    elif not (needs_package(record) or uses_extension(role, text, record["endpoint"])):
        yield "accepted without any extension; Twisted: {}".format(expected.answer["err"])


def _arguments(text: str, record: Record) -> Iterator[str]:
    """Checks the string layer: the arguments equal Twisted's, except for the order of keywords."""
    parsed = oracle.parse(text)
    if "err" in parsed:
        yield "accepted, but Twisted cannot even parse it: {}".format(parsed["err"])
        return
    positional = [a["value"] for a in record["arguments"] if a["key"] is None]
    keywords = {a["key"]: a["value"] for a in record["arguments"] if a["key"] is not None}
    if positional != parsed["ok"]["positional"][1:]:
        yield "positional arguments {}".format(positional)
    if keywords != parsed["ok"]["keywords"]:
        yield "keyword arguments {}".format(keywords)


def with_extension_defaults(role: str, endpoint: Record) -> Record:
    """Adds our own parameters, with their defaults, to Twisted's record."""
    full = {**EXTENSIONS[role][endpoint["type"]], **endpoint}
    if endpoint.get("endpoint") is not None:
        full["endpoint"] = with_extension_defaults(role, endpoint["endpoint"])
    return full


def _values(path: str, wanted: Any, found: Any) -> Iterator[str]:
    """Yields every difference of two values; `1` and `true` differ."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        for key in [*wanted, *(key for key in found if key not in wanted)]:
            where = "{}.{}".format(path, key)
            if key not in found:
                yield "{} is missing, expected {!r}".format(where, wanted[key])
            elif key not in wanted:
                yield "{} is {!r}, expected no such key".format(where, found[key])
            else:
                yield from _values(where, wanted[key], found[key])
    elif type(wanted) is not type(found) or wanted != found:
        yield "{} is {!r}, expected {!r}".format(path, found, wanted)


def needs_package(record: Record) -> bool:
    """Whether the type is from a package, which is not installed here."""
    return any(diagnostic["code"] == "needs-plugin" for diagnostic in record["diagnostics"])


def uses_extension(role: str, text: str, endpoint: Record) -> bool:
    """Whether an accepted endpoint or its text uses a feature that Twisted lacks."""
    plain = text.replace("\\", "")
    part = endpoint
    while part is not None:
        if part["type"] in EXTENSION_TYPES[role]:
            return True
        if any(name + "=" in plain for name in EXTENSIONS[role].get(part["type"], ())):
            return True
        if part.get("sslmethod") == "TLSv1_3_METHOD":
            return True
        if any(_only_here(part.get(key) or "") for key in ("host", "hostname")):
            return True
        part = part.get("endpoint")
    return False


def _only_here(name: str) -> bool:
    """Whether only we accept a host: with an underscore, or an IPv6 literal."""
    return "_" in name or ":" in name
