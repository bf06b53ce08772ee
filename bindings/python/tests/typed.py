"""A typed program that uses the module; `ci/check python` checks it with mypy."""

from typing import Optional

import strports
from strports import Endpoint, ParseError, Report


def port(description: str) -> Optional[int]:
    try:
        endpoint: Endpoint = strports.parse_server(description)
    except ParseError as error:
        start, end = error.span
        print(description[start:end], error.code, error.fix and error.fix.replacement)
        return None
    value = endpoint["port"]
    return value if isinstance(value, int) else None


def messages(description: str) -> "list[str]":
    report: Report = strports.check(description, "client", twisted="22.10")
    return [found.message for found in report.diagnostics if found.severity == "error"]


def lines(path: str) -> "list[int]":
    return [found.start[0] for found in strports.check_files([path], select=["error"]).findings]


def names() -> "list[str]":
    return [it.name for kind in strports.types("server") for it in kind.parameters]


strports.quote("a:b", "positional")
strports.fmt("tcp:80", "peer")  # type: ignore[arg-type]
