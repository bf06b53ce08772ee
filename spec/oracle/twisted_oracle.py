"""Twisted's answers: one function per kind of question, plain data as the answer.

Twisted's own code does all the work: tokenizing, Python's call binding, `int()`,
the IDNA checks, the lookup of `sslmethod` and of address families. Only its
access to files and descriptors is replaced (`assumed_files`). A few functions
are wrapped, so that their arguments can be read back from the endpoint. A
wrapper takes `*args, **kwargs` and passes them on, so binding and messages stay
Twisted's.

Answers: `{"ok": {...}}` or `{"err": "ExceptionClass: text"}`.
"""

from __future__ import annotations

import functools
import inspect
import warnings
from typing import Any, Callable, Dict, List

import twisted
from twisted.internet import endpoints
from twisted.protocols.haproxy import _parser as haproxy_parser
from twisted.test.proto_helpers import MemoryReactorClock

from assumed_files import AssumedDescriptors, AssumedFile

try:
    from twisted.protocols._sni import TLSServerEndpoint
except ImportError:  # before 26.4

    class TLSServerEndpoint:  # type: ignore[no-redef]
        """Replaces a class that this release lacks."""


VERSION = twisted.__version__
Answer = Dict[str, Any]

# --- reading the arguments back -----------------------------------------------


def _remember(function: Callable, keep: Callable[[Any, Dict[str, Any]], None]) -> Callable:
    """Calls `function` unchanged, then `keep` with its result and its bound arguments."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        keep(result, dict(bound.arguments))
        return result

    return call


def _on_result(result: Any, arguments: Dict[str, Any]) -> None:
    result.arguments = arguments


def _on_server_context(result: Any, arguments: Dict[str, Any]) -> None:
    result[0][2].arguments = arguments


def _on_client_context(result: Any, arguments: Dict[str, Any]) -> None:
    result["sslContextFactory"].arguments = arguments["kwargs"]


class _CheckedInteger(int):
    """`int` that records every text that it converts."""

    asked: List[Any] = []

    def __new__(cls, *args: Any) -> int:  # type: ignore[misc]
        cls.asked.append(args)
        return int(*args)


def _install() -> None:
    endpoints.int = _CheckedInteger
    endpoints.FilePath = AssumedFile
    endpoints._SystemdParser._sddaemon = AssumedDescriptors()
    endpoints._serverParsers["ssl"] = _remember(endpoints._parseSSL, _on_server_context)
    endpoints._clientParsers["SSL"] = _remember(endpoints._parseClientSSL, _on_client_context)
    endpoints._parseClientTLS = _remember(endpoints._parseClientTLS, _on_result)
    for name, method in (
        ("_TLSServerEndpointParser", "_actualParseStreamServer"),
        ("_SystemdParser", "_parseServer"),
    ):
        parser = getattr(endpoints, name, None)
        if parser is not None:
            setattr(parser, method, _remember(getattr(parser, method), _on_result))
    # The plugins of Twisted, without those of other packages; cached.
    find = endpoints.getPlugins
    shipped = functools.lru_cache(None)(
        lambda interface: [p for p in find(interface) if type(p).__module__.startswith("twisted.")]
    )
    endpoints.getPlugins = shipped
    warnings.simplefilter("ignore")


_install()
_REACTOR = MemoryReactorClock()

# --- endpoints as plain data ----------------------------------------------------


def _tcp_server(e: Any) -> Answer:
    return {"type": "tcp", "port": e._port, "interface": e._interface, "backlog": e._backlog}


def _tcp6_server(e: Any) -> Answer:
    return dict(_tcp_server(e), type="tcp6")


def _unix_server(e: Any) -> Answer:
    return {
        "type": "unix",
        "address": e._address,
        "mode": format(e._mode, "o"),
        "backlog": e._backlog,
        "lockfile": e._wantPID,
    }


def _ssl_server(e: Any) -> Answer:
    given = e._sslContextFactory.arguments
    return {
        "type": "ssl",
        "port": e._port,
        "privateKey": given["privateKey"],
        "certKey": given["privateKey"] if given["certKey"] is None else given["certKey"],
        "sslmethod": given["sslmethod"],
        "interface": e._interface,
        "backlog": e._backlog,
        "extraCertChain": given["extraCertChain"],
        "dhParameters": given["dhParameters"],
    }


def _tls_server(e: Any) -> Answer:
    inner = e.endpoint
    return {
        "type": "tls",
        "path": e.arguments["path"],
        "port": inner._port,
        "backlog": inner._backlog,
        "interface": inner._interface,
    }


def _systemd_server(e: Any) -> Answer:
    given = e.arguments
    index = None if given["index"] is None else int(given["index"])
    return {
        "type": "systemd",
        "domain": given["domain"],
        "index": index,
        "name": given.get("name"),
    }


def _stdio_server(e: Any) -> Answer:
    return {"type": "stdio"}


def _haproxy_server(e: Any) -> Answer:
    return {"type": "haproxy", "endpoint": _plain(SERVERS, e._wrappedEndpoint)}


def _tcp_client(e: Any) -> Answer:
    bind = None if e._bindAddress is None else e._bindAddress[0]
    return {
        "type": "tcp",
        "host": e._host,
        "port": e._port,
        "timeout": e._timeout,
        "bindAddress": bind,
    }


def _ssl_client(e: Any) -> Answer:
    given = e._sslContextFactory.arguments
    files = ("certKey", "privateKey", "caCertsDir", "hostname")
    return dict(_tcp_client(e), type="ssl", **{key: given.get(key) for key in files})


def _unix_client(e: Any) -> Answer:
    return {
        "type": "unix",
        "path": e._path,
        "lockfile": bool(e._checkPID),
        "timeout": e._timeout,
    }


def _tls_client(e: Any) -> Answer:
    given = e.arguments
    inner = None if given["endpoint"] is None else _plain(CLIENTS, e._wrappedEndpoint)
    return {
        "type": "tls",
        "host": given["host"],
        "port": int(given["port"]),
        "timeout": int(given["timeout"]),
        "bindAddress": given["bindAddress"],
        "certificate": given["certificate"],
        "privateKey": given["privateKey"],
        "trustRoots": given["trustRoots"],
        "endpoint": inner,
    }


SERVERS = {
    endpoints.TCP4ServerEndpoint: _tcp_server,
    endpoints.TCP6ServerEndpoint: _tcp6_server,
    endpoints.UNIXServerEndpoint: _unix_server,
    endpoints.SSL4ServerEndpoint: _ssl_server,
    TLSServerEndpoint: _tls_server,
    endpoints.AdoptedStreamServerEndpoint: _systemd_server,
    endpoints.StandardIOEndpoint: _stdio_server,
    endpoints._WrapperServerEndpoint: _haproxy_server,
}
CLIENTS = {
    endpoints.TCP4ClientEndpoint: _tcp_client,
    endpoints.SSL4ClientEndpoint: _ssl_client,
    endpoints.UNIXClientEndpoint: _unix_client,
    endpoints._WrapperEndpoint: _tls_client,
}


def _plain(table: Dict[type, Callable[[Any], Answer]], endpoint: Any) -> Answer:
    return table[type(endpoint)](endpoint)


# --- the questions ----------------------------------------------------------------


def answer(question: Callable[[], Answer]) -> Answer:
    _CheckedInteger.asked.clear()
    try:
        return {"ok": question()}
    except Exception as error:  # Twisted raises sixteen classes, with no common base
        return {"err": "{}: {}".format(type(error).__name__, error)}


def tokenize(text: str) -> Answer:
    """`{"tokens": [["string", "tcp"], ["op", ":"], …]}`; an error loses the tokens before it."""
    names = {endpoints._STRING: "string", endpoints._OP: "op"}
    return answer(
        lambda: {"tokens": [[names[kind], value] for kind, value in endpoints._tokenize(text)]}
    )


def parse(text: str) -> Answer:
    """`{"positional": […], "keywords": {…}}`."""
    return answer(lambda: dict(zip(("positional", "keywords"), endpoints._parse(text))))


def quote(text: str) -> Answer:
    """`{"quoted": …}`."""
    return answer(lambda: {"quoted": endpoints.quoteStringArgument(text)})


def server(text: str) -> Answer:
    """Returns the endpoint of `serverFromString` as plain data."""
    return answer(lambda: _plain(SERVERS, endpoints.serverFromString(_REACTOR, text)))


def client(text: str) -> Answer:
    """Returns the endpoint of `clientFromString` as plain data."""
    return answer(lambda: _plain(CLIENTS, endpoints.clientFromString(_REACTOR, text)))


def endpoint(role: str, text: str) -> Answer:
    """`server` or `client`, by name."""
    return {"server": server, "client": client}[role](text)


def converted_integers() -> List[str]:
    """Returns the texts that Twisted passed to `int()` for the last question."""
    return [args[0] for args in _CheckedInteger.asked if isinstance(args[0], str)]


def server_without_the_equals_bug(text: str) -> Answer:
    """Like `server`, but `haproxy:` also quotes the `=` of positional arguments and keys."""
    quote_two = haproxy_parser.quoteStringArgument
    unparse = haproxy_parser.unparseEndpoint

    def quote_three(argument: str) -> str:
        return quote_two(argument).replace("=", "\\=")

    def mended(args: Any, kwargs: Any) -> str:
        keywords = ("{}={}".format(quote_three(key), quote_two(kwargs[key])) for key in kwargs)
        return ":".join([*map(quote_three, args), *sorted(keywords)])

    haproxy_parser.unparseEndpoint = mended
    try:
        return server(text)
    finally:
        haproxy_parser.unparseEndpoint = unparse
