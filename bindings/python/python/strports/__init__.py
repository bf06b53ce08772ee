"""Parses, checks, explains and prints endpoint descriptions such as ``tcp:8080``.

>>> import strports
>>> strports.parse_server(r"tcp:8080:interface=\\:\\:1")["interface"]
'::1'
>>> strports.check("tcp:8080:interface=::1", "server").corrected
'tcp:8080:interface=\\\\:\\\\:1'

Texts are strings. Bytes that are not UTF-8 are surrogate escapes in them, as in file names. Spans
and positions count characters.
"""

from __future__ import annotations

import json as _json
from os import PathLike as _PathLike
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Optional, Union

from . import _native
from ._model import (
    Checked,
    Diagnostic,
    Endpoint,
    FileFix,
    Finding,
    Fix,
    Parameter,
    ParseError,
    Problem,
    Report,
    Type,
)

if TYPE_CHECKING:
    from typing import Literal

    from ._model import Role

__all__ = [
    "Checked",
    "Diagnostic",
    "Endpoint",
    "FileFix",
    "Finding",
    "Fix",
    "Parameter",
    "ParseError",
    "Problem",
    "Report",
    "Type",
    "check",
    "check_files",
    "check_text",
    "explain",
    "fmt",
    "parse_client",
    "parse_server",
    "quote",
    "report_json",
    "types",
]


def parse_server(description: str) -> Endpoint:
    """Parses the description of a server. Raises `ParseError` if it is invalid.

    >>> parse_server("unix:/run/app.sock:mode=660")["mode"] == 0o660
    True
    """
    return Endpoint._from(_native.parse(description, True))


def parse_client(description: str) -> Endpoint:
    """Parses the description of a client. Raises `ParseError` if it is invalid.

    >>> parse_client("TCP:example.com:080").canonical
    'tcp:example.com:80'
    """
    return Endpoint._from(_native.parse(description, False))


def check(
    description: str, role: Optional[Role] = None, *, twisted: Optional[str] = None
) -> Report:
    """Returns every error and lint of a description.

    Without a role, both are tried, and the report is of the one that fits. ``twisted`` selects the releases of Twisted that must
    accept it, such as ``22.10`` or ``>=22.4``; the default is the newest one.

    >>> [it.code for it in check("tcp:http:backlog=x", "server").diagnostics]
    ['not-an-integer', 'not-an-integer']
    """
    read_as, portable, canonical, corrected, endpoint, diagnostics, more = _native.check(
        description, role, twisted
    )
    return Report(
        description,
        read_as,  # type: ignore[arg-type]
        portable,
        canonical,
        corrected,
        None if endpoint is None else Endpoint._from(endpoint),
        tuple(Diagnostic._from(it) for it in diagnostics),
        more,
    )


def report_json(
    description: str, role: Optional[Role] = None, *, twisted: Optional[str] = None
) -> Dict[str, Any]:
    """Returns the JSON object of ``strports explain --format json``; its spans count bytes.

    >>> report_json("tcp:80", "server")["endpoint"]["port"]
    80
    """
    found: Dict[str, Any] = _json.loads(_native.check_json(description, role, twisted))
    return found


def explain(description: str, role: Optional[Role] = None) -> str:
    """Returns what an endpoint does, in one sentence. Raises `ParseError` if there are errors.

    >>> explain("tcp:8080", "server")
    'listen on every IPv4 address, TCP port 8080, with a backlog of 50'
    """
    return _native.explain(description, role)


def fmt(description: str, role: Optional[Role] = None) -> str:
    """Returns the canonical form of a description. Raises `ParseError` if there are errors.

    >>> fmt("tcp:port=080")
    'tcp:80'
    """
    return _native.fmt(description, role)


def quote(text: str, place: Literal["value", "positional", "key"] = "value") -> str:
    """Escapes a text for a place in a description, which then parses it unchanged.

    >>> "unix:" + quote("/run/a:b", "positional")
    'unix:/run/a\\\\:b'
    """
    return _native.quote(text, place)


def check_files(
    paths: Iterable[Union[str, _PathLike[str]]] = (".",),
    *,
    role: Optional[Role] = None,
    twisted: Optional[str] = None,
    select: Optional[Iterable[str]] = None,
    ignore: Optional[Iterable[str]] = None,
) -> Checked:
    """Checks files, and all files below folders, like ``strports check``.

    The nearest ``strports.toml`` above each file applies. ``select`` and ``ignore`` are lists of
    rules, severities or ``all``. ``role`` applies to descriptions whose role the file leaves open.
    """
    return Checked._from(
        _native.check_files(list(paths), _options(role, twisted, select, ignore))
    )


def check_text(
    path: Union[str, _PathLike[str]],
    text: Union[str, bytes],
    *,
    role: Optional[Role] = None,
    twisted: Optional[str] = None,
    select: Optional[Iterable[str]] = None,
    ignore: Optional[Iterable[str]] = None,
) -> Checked:
    """Checks a text as if it were the file at ``path``, which need not exist.

    Raises `OSError` if the format of the file is unknown.

    >>> found = check_text("Procfile", "web: daphne -e tcp:8000:interface=::1 site:app").findings
    >>> found[0].start, found[0].rule
    ((1, 35), 'multiple-values')
    """
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    return Checked._from(_native.check_text(path, data, _options(role, twisted, select, ignore)))


def _options(
    role: Optional[Role],
    twisted: Optional[str],
    select: Optional[Iterable[str]],
    ignore: Optional[Iterable[str]],
) -> Dict[str, Any]:
    """Returns the options that are not `None`, as the compiled module takes them."""
    given: Dict[str, Any] = {"role": role, "twisted": twisted}
    given["select"] = None if select is None else list(select)
    given["ignore"] = None if ignore is None else list(ignore)
    return {name: value for name, value in given.items() if value is not None}


def types(role: Optional[Role] = None) -> List[Type]:
    """Returns the built-in types of descriptions with their parameters; `None` is both roles.

    >>> [it.name for it in types("server")][:3]
    ['tcp', 'tcp6', 'ssl']
    """
    return [
        Type(name, its_role, summary, extension, tuple(Parameter(*it) for it in parameters))  # type: ignore[arg-type]
        for name, its_role, summary, extension, parameters in _native.types(role)
    ]
