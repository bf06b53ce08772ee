"""Twisted's `serverFromString` and `clientFromString`, with precise errors.

They return Twisted's own endpoints. An invalid description raises `strports.ParseError`, with a
span and often a fix. Descriptions with the type of an installed plugin are left to Twisted.
"""

from __future__ import annotations

from typing import Any, Callable

from twisted.internet import endpoints, interfaces
from twisted.plugin import getPlugins

from . import check, parse_client, parse_server
from ._model import ParseError, Report

__all__ = ["clientFromString", "serverFromString"]


def serverFromString(reactor: Any, description: str) -> Any:
    """Returns Twisted's endpoint for a server. Raises `strports.ParseError` if it is invalid."""
    report = check(description, "server")
    plugins = interfaces.IStreamServerEndpointStringParser
    return _made(endpoints.serverFromString, reactor, report, plugins)


def clientFromString(reactor: Any, description: str) -> Any:
    """Returns Twisted's endpoint for a client. Raises `strports.ParseError` if it is invalid."""
    report = check(description, "client")
    plugins = interfaces.IStreamClientEndpointStringParserWithReactor
    return _made(endpoints.clientFromString, reactor, report, plugins)


def _made(make: Callable[[Any, str], Any], reactor: Any, report: Report, plugins: Any) -> Any:
    if not report.ok and not _is_plugin(report, plugins):
        parse = parse_server if report.role == "server" else parse_client
        parse(report.description)
    for found in report.diagnostics:
        if report.ok and found.code == "not-in-twisted":
            raise ParseError(found.message, report.description, found)
    return make(reactor, report.description)


def _is_plugin(report: Report, plugins: Any) -> bool:
    """Whether strports lacks the type, and an installed Twisted plugin defines it."""
    if all(found.code != "unknown-type" for found in report.diagnostics):
        return False
    name = report.description.partition(":")[0].lower()
    return any(plugin.prefix.lower() == name for plugin in getPlugins(plugins))
