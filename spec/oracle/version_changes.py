"""The changes between releases of Twisted: the summary, and reviews of their sources.

`REVIEWED` is for releases that are not installed. It has each deciding function that differs from
the next release, and the effect on the answers. `CHANGES` is the list of all changes.
"""

from __future__ import annotations

import ipaddress
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

Answer = Dict[str, Any]


class Review(NamedTuple):
    """The difference in behavior of the older form of a function."""

    rule: str
    why: str


_SAME = "same"
REVIEWED: Dict[Tuple[str, str], Review] = {
    ("HAProxyServerParser", "16.2.0"): Review("no-haproxy", "the older release lacks it"),
    ("unparseEndpoint", "16.2.0"): Review("no-haproxy", "the older release lacks it"),
    ("_parseServer", "17.1.0"): Review("no-bare", "asks for a qualified description first"),
    ("serverFromString", "17.1.0"): Review(_SAME, "hands on to a private function"),
    ("HostnameEndpoint.__init__", "17.1.0"): Review(_SAME, "keeps the host as it is"),
    ("HostnameEndpoint._hostAsBytesAndText", "17.1.0"): Review(_SAME, "raises nothing"),
    ("HostnameEndpoint.__init__", "17.5.0"): Review(_SAME, "the newer one only warns"),
    ("_parseSSL", "17.9.0"): Review(_SAME, "the newer one reads PEM without a final line feed"),
    ("ClientTLSOptions.__init__", "18.9.0"): Review("no-ipv6", "takes every host for a name"),
    ("ClientTLSOptions.__init__", "19.2.0"): Review(_SAME, "an attribute has another name"),
}


def apply(rules: List[str], question: Any, answer: Answer) -> Answer:
    """Derives the answer of the older release from that of the newer one."""
    for rule in rules:
        answer = _RULES[rule](question, answer)
    return answer


def _no_haproxy(question: Any, answer: Answer) -> Answer:
    """Refuses the type `haproxy`; errors before the lookup of the type stay the same."""
    positional = _positional(question)
    if question.role == "server" and positional and positional[0].lower() == "haproxy":
        return {"err": "ValueError"}
    return answer


def _no_bare(question: Any, answer: Answer) -> Answer:
    """Refuses a single positional argument without keywords, which has no type."""
    from twisted.internet.endpoints import _parse

    if question.role == "client" or _positional(question) is None:
        return answer
    positional, keywords = _parse(question.input)
    # `haproxy` passes the rest to the same function.
    while positional and positional[0].lower() == "haproxy" and (positional[1:] or keywords):
        positional = positional[1:]
    bare = not positional or (len(positional) == 1 and not keywords)
    return {"err": "ValueError"} if bare else answer


def _no_ipv6(question: Any, answer: Answer) -> Answer:
    """Refuses IPv6 addresses as hosts, because IDNA cannot encode them."""
    endpoint = answer.get("ok")
    while endpoint is not None:
        if endpoint["type"] == "tls" and question.role == "client" and _is_ipv6(endpoint["host"]):
            return {"err": "InvalidCodepoint"}
        endpoint = endpoint.get("endpoint")
    return answer


def _is_ipv6(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.split("%")[0]).version == 6
    except ValueError:
        return False


def _positional(question: Any) -> Optional[List[str]]:
    """Returns the positional arguments, or `None` if the text cannot be parsed."""
    from twisted.internet.endpoints import _parse

    try:
        return _parse(question.input)[0]
    except Exception:  # Twisted raises several classes, with no common base
        return None


_RULES: Dict[str, Callable[[Any, Answer], Answer]] = {
    _SAME: lambda _, answer: answer,
    "no-haproxy": _no_haproxy,
    "no-bare": _no_bare,
    "no-ipv6": _no_ipv6,
}

# --- the summary ---------------------------------------------------------------------


class Change(NamedTuple):
    """One change: its subject, its first release, and the behavior before and after."""

    release: str
    about: Dict[str, str]
    before: str
    after: str
    # The questions whose answers it changes.
    explains: Callable[[Any], bool] = lambda question: False
    # The evidence if no answer shows it: "read" from sources, or "run" by connecting.
    known_by: str = ""

    def row(self, last_before: str) -> Dict[str, Any]:
        """Returns the entry of `summary.json`: `since` has the change, `last_before` does not."""
        change = {"before": self.before, "after": self.after}
        return {**self.about, "since": self.release, "last_before": last_before, **change}


def _server(question: Any) -> bool:
    return question.role == "server"


def _of(role: str, word: str) -> Callable[[Any], bool]:
    """Returns a filter for questions of this role with this word, ignoring escapes."""
    return lambda it: it.role == role and word in it.input.replace("\\", "").lower()


def _about(what: str, role: str, type_: str, parameter: Optional[str] = None) -> Dict[str, str]:
    about = {"what": what, "role": role, "type": type_}
    return {**about, "parameter": parameter} if parameter else about


CHANGES: List[Change] = [
    Change(
        "16.2.0",
        _about("type", "server", "haproxy"),
        "unknown type",
        "wraps a server description",
        _of("server", "haproxy"),
    ),
    Change(
        "17.1.0",
        _about("type alone", "server", "stdio"),
        "`stdio` is refused, as every description of one positional argument and no keyword is",
        "`stdio` is accepted; of the others each lacks something still",
        _server,
    ),
    Change(
        "17.1.0",
        _about("bare port", "server", "tcp"),
        "`80` is `tcp:80` for `strports.service` and `strports.listen`, with a DeprecationWarning; "
        "`serverFromString` refuses it",
        "refused everywhere",
        known_by="read",
    ),
    Change(
        "17.9.0",
        _about("files", "server", "ssl", "certKey"),
        "a PEM file of a certificate has to end with a line feed",
        "it need not",
        known_by="read",
    ),
    Change(
        "18.9.0",
        _about("values", "client", "tls", "host"),
        "an IPv6 address is refused, beside `endpoint=` too",
        "accepted beside `endpoint=`; without it refused still",
        _of("client", "tls"),
    ),
    Change(
        "19.2.0",
        _about("verification", "client", "tls", "host"),
        "an address is compared with the host names of the certificate",
        "it is compared with the addresses of the certificate",
        known_by="read",
    ),
    Change(
        "22.8.0",
        _about("TLS versions", "server", "ssl", "sslmethod"),
        "TLS 1.0 and later where it is absent",
        "TLS 1.2 and later where it is absent",
        known_by="read",
    ),
    Change(
        "22.8.0",
        _about("TLS versions", "client", "ssl"),
        "TLS 1.0 and later",
        "TLS 1.2 and later",
        known_by="read",
    ),
    Change(
        "22.8.0",
        _about("TLS versions", "client", "tls"),
        "TLS 1.0 and later",
        "TLS 1.2 and later",
        known_by="read",
    ),
    Change(
        "22.10.0",
        _about("parameter", "server", "systemd", "name"),
        "an unexpected keyword; no third positional argument",
        "the socket with this name; exactly one of `index` and `name`",
        _of("server", "systemd"),
    ),
    Change(
        "22.10.0",
        _about("default", "server", "systemd", "index"),
        "required",
        "optional beside `name`",
        known_by="read",
    ),
    Change(
        "22.10.0",
        _about("environment", "server", "systemd", "index"),
        "LISTEN_FDNAMES is not looked at",
        "no socket is found unless LISTEN_FDNAMES has as many names as there are sockets",
        known_by="read",
    ),
    Change(
        "24.10.0",
        _about("connecting", "client", "tls", "bindAddress"),
        "accepted, and connecting raises TypeError",
        "connects from this address",
        known_by="run",
    ),
    Change(
        "24.10.0",
        _about("connecting", "client", "tls"),
        "connects",
        "without `bindAddress=` and `endpoint=` accepted, and connecting raises AttributeError",
        known_by="run",
    ),
    Change(
        "24.11.0",
        _about("connecting", "client", "tls"),
        "without `bindAddress=` and `endpoint=` accepted, and connecting raises AttributeError",
        "connects",
        known_by="run",
    ),
    Change(
        "26.4.0",
        _about("type", "server", "tls"),
        "unknown type",
        "path, port=443, backlog=50, interface=`::`",
        _of("server", "tls"),
    ),
]
