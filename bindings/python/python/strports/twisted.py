"""Twisted's `serverFromString` and `clientFromString`, with errors that name the place.

They return Twisted's own endpoints. A description that is wrong raises `strports.ParseError`,
whose span and fix say what to change. Types of plugins are left to Twisted.
"""

from __future__ import annotations

from typing import Any, Callable

from twisted.internet import endpoints, interfaces
from twisted.plugin import getPlugins

from . import check, parse_client, parse_server
from ._model import ParseError, Report

__all__ = ["clientFromString", "serverFromString"]


def serverFromString(reactor: Any, description: str) -> Any:
    """Twisted's endpoint for a server; `strports.ParseError` if the description is wrong."""
    report = check(description, "server")
    plugins = interfaces.IStreamServerEndpointStringParser
    return _made(endpoints.serverFromString, reactor, report, plugins)


def clientFromString(reactor: Any, description: str) -> Any:
    """Twisted's endpoint for a client; `strports.ParseError` if the description is wrong."""
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
    """Whether the type is unknown here, and a plugin that is installed brings it."""
    if all(found.code != "unknown-type" for found in report.diagnostics):
        return False
    name = report.description.partition(":")[0].lower()
    return any(plugin.prefix.lower() == name for plugin in getPlugins(plugins))
