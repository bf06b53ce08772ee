"""The permitted differences, one row each, as code.

A row has a condition on the description and on Twisted's answer, and the result
that is permitted here. `spec/DIFFERENCES.md` describes it under the same slug.
A row permits only its own case: everything else must agree with Twisted.

Effects:
    refused   Twisted accepts; here it must be refused
    either    accepted or refused, both are correct; if both accept, the values agree
    changed   the expected answer differs, and is computed by `mend`
"""

from __future__ import annotations

import ipaddress
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional

import twisted_oracle as oracle

Answer = Dict[str, Any]

MAX_NESTING = 16
LARGEST = 2**63 - 1
TLS_METHODS = {"SSLv23_METHOD", "TLS_METHOD", "TLS_SERVER_METHOD", "TLSv1_2_METHOD"}
OBSOLETE_METHODS = {"TLSv1_METHOD", "TLSv1_1_METHOD"}
UNUSABLE_METHODS = {"TLS_CLIENT_METHOD", "DTLS_METHOD", "DTLS_SERVER_METHOD", "DTLS_CLIENT_METHOD"}
NAME_ERRORS = {
    "IDNAError",
    "IDNABidiError",
    "InvalidCodepoint",
    "InvalidCodepointContext",
    "UnicodeError",
    "UnicodeEncodeError",
}


class Case(NamedTuple):
    """One description in one role, with the answer of the reference implementation."""

    text: str
    role: str
    answer: Answer
    integers: List[str]

    @classmethod
    def ask(cls, role: str, text: str) -> "Case":
        return cls(text, role, oracle.endpoint(role, text), oracle.converted_integers())

    def parts(self) -> Iterator[Answer]:
        """Yields the accepted endpoint and those that it wraps, from the outside in."""
        part = self.answer.get("ok")
        while part is not None:
            yield part
            part = part.get("endpoint")

    def any_part(self, key: str, test: Callable[[Any], bool]) -> bool:
        return any(part.get(key) is not None and test(part[key]) for part in self.parts())


class Description(NamedTuple):
    """One description, split into arguments but not bound."""

    type: str
    positional: List[str]
    keywords: Dict[str, str]

    def argument(self, name: str, position: int) -> Optional[str]:
        if name in self.keywords:
            return self.keywords[name]
        return self.positional[position] if position < len(self.positional) else None


def descriptions(case: Case) -> Iterator[Description]:
    """Yields a client description and those in its `endpoint=`, from the outside in."""
    text: Optional[str] = case.text
    while text is not None:
        parsed = oracle.parse(text).get("ok")
        if not parsed or not parsed["positional"]:
            return
        kind, *positional = parsed["positional"]
        found = Description(kind, positional, parsed["keywords"])
        yield found
        wraps = case.role == "client" and kind.upper() == "TLS"
        text = found.argument("endpoint", 7) if wraps else None


# --- numbers that Twisted accepts and that can never work -----------------------


def port_range(case: Case) -> bool:
    return case.any_part("port", lambda port: not 0 <= port <= 65535)


def backlog_range(case: Case) -> bool:
    return case.any_part("backlog", lambda backlog: not -(2**31) <= backlog < 2**31)


def timeout_not_positive(case: Case) -> bool:
    return case.any_part("timeout", lambda timeout: timeout <= 0)


def integer_beyond_64_bits(case: Case) -> bool:
    return "ok" in case.answer and any(_magnitude(text) > LARGEST for text in case.integers)


def _magnitude(text: str) -> int:
    try:
        return abs(int(text))
    except ValueError:  # a mode such as `0o660`
        return 0


def negative_mode(case: Case) -> bool:
    return case.any_part("mode", lambda mode: int(mode, 8) < 0)


def mode_range(case: Case) -> bool:
    return case.any_part("mode", lambda mode: int(mode, 8) > 0o7777)


def negative_index(case: Case) -> bool:
    return case.any_part("index", lambda index: index < 0)


def index_range(case: Case) -> bool:
    return case.any_part("index", lambda index: index > 2**31 - 1 - 3)


def non_ascii_digit(case: Case) -> bool:
    return "ok" in case.answer and any(
        character.isdecimal() and not character.isascii()
        for text in case.integers
        for character in text
    )


# --- words -------------------------------------------------------------------------


def sslmethod_obsolete(case: Case) -> bool:
    return case.any_part("sslmethod", lambda name: name in OBSOLETE_METHODS)


def sslmethod_dtls_or_client(case: Case) -> bool:
    return case.any_part("sslmethod", lambda name: name in UNUSABLE_METHODS)


def sslmethod_not_a_method(case: Case) -> bool:
    known = TLS_METHODS | OBSOLETE_METHODS | UNUSABLE_METHODS
    return case.any_part("sslmethod", lambda name: name not in known)


def systemd_domain(case: Case) -> bool:
    return case.any_part("domain", lambda name: name not in ("INET", "INET6", "UNIX"))


def unicode_type_case(case: Case) -> bool:
    return "ok" in case.answer and any(not d.type.isascii() for d in descriptions(case))


def nested_too_deep(case: Case) -> bool:
    return sum(1 for _ in case.parts()) - 1 > MAX_NESTING


# --- host names --------------------------------------------------------------------


def _checked_names(case: Case) -> Iterator[str]:
    """Yields the names that Twisted encodes by IDNA, whether it accepts them or not."""
    if case.role != "client":
        return
    for found in descriptions(case):
        kind = found.type.upper()
        name = found.argument("host", 0) if kind == "TLS" else None
        name = found.keywords.get("hostname") if kind == "SSL" else name
        if name is not None:
            yield name


def _about_names(case: Case) -> bool:
    return "ok" in case.answer or case.answer["err"].split(":")[0] in NAME_ERRORS


def idna_non_ascii(case: Case) -> bool:
    return _about_names(case) and any(not name.isascii() for name in _checked_names(case))


def idna_xn_label(case: Case) -> bool:
    labels = [label for name in _checked_names(case) for label in name.lower().split(".")]
    return _about_names(case) and any(label.startswith("xn--") for label in labels)


# --- answers that differ here ---------------------------------------------------------


def haproxy_equals(case: Case) -> bool:
    found = next(descriptions(case), None)
    if case.role != "server" or found is None or found.type.lower() != "haproxy":
        return False
    return any("=" in text for text in [*found.positional, *found.keywords])


def mend_haproxy_equals(case: Case) -> Answer:
    answer = oracle.server_without_the_equals_bug(case.text)
    case.integers[:] = oracle.converted_integers()
    return answer


def stdio_swallows_proxy(case: Case) -> bool:
    found = next(descriptions(case), None)
    if case.role != "server" or found is None or found.type.lower() != "haproxy":
        return False
    innermost = next((name for name in found.positional if name.lower() != "haproxy"), "")
    keywords = ("proxyTrusted", "proxyVersion")
    return innermost.lower() == "stdio" and any(key in found.keywords for key in keywords)


def mend_stdio_swallows_proxy(case: Case) -> Answer:
    """The keywords of the outermost `haproxy` are parsed, not passed to `stdio`."""
    if "err" in case.answer:
        return case.answer
    keywords = next(descriptions(case)).keywords
    mended = dict(case.answer["ok"])
    try:
        if "proxyVersion" in keywords:
            mended["proxyVersion"] = int(keywords["proxyVersion"])
            if mended["proxyVersion"] not in (1, 2):
                raise ValueError("no version of the protocol")
        if "proxyTrusted" in keywords:
            mended["proxyTrusted"] = keywords["proxyTrusted"]
            for network in mended["proxyTrusted"].split(","):
                ipaddress.ip_network(network, strict=False)
    except ValueError as error:
        return {"err": "ValueError: {}".format(error)}
    return {"ok": mended}


def checkpid_text(case: Case) -> bool:
    return case.role == "client" and any(
        "checkPID" in d.keywords and "lockfile" not in d.keywords and d.type.upper() == "UNIX"
        for d in descriptions(case)
    )


def mend_checkpid_text(case: Case) -> Answer:
    """`checkPID` is parsed as an integer, like `lockfile`."""
    if "err" in case.answer:
        return case.answer
    *_, innermost = descriptions(case)
    text = innermost.keywords["checkPID"]
    try:
        flag = bool(int(text))
    except ValueError as error:
        return {"err": "ValueError: {}".format(error)}
    case.integers.append(text)
    return {"ok": _with_innermost(case.answer["ok"], lockfile=flag)}


def _with_innermost(endpoint: Answer, **values: Any) -> Answer:
    if endpoint.get("endpoint") is None:
        return {**endpoint, **values}
    return {**endpoint, "endpoint": _with_innermost(endpoint["endpoint"], **values)}


# --- the table -----------------------------------------------------------------------


class Row(NamedTuple):
    slug: str
    effect: str
    applies: Callable[[Case], bool]
    mend: Optional[Callable[[Case], Answer]] = None


ROWS = (
    Row("haproxy-equals", "changed", haproxy_equals, mend_haproxy_equals),
    Row("stdio-swallows-proxy", "changed", stdio_swallows_proxy, mend_stdio_swallows_proxy),
    Row("checkpid-text", "changed", checkpid_text, mend_checkpid_text),
    Row("port-range", "refused", port_range),
    Row("backlog-range", "refused", backlog_range),
    Row("timeout-not-positive", "refused", timeout_not_positive),
    Row("negative-mode", "refused", negative_mode),
    Row("mode-range", "refused", mode_range),
    Row("negative-index", "refused", negative_index),
    Row("non-ascii-digit", "refused", non_ascii_digit),
    Row("sslmethod-obsolete", "refused", sslmethod_obsolete),
    Row("sslmethod-dtls-or-client", "refused", sslmethod_dtls_or_client),
    Row("sslmethod-not-a-method", "refused", sslmethod_not_a_method),
    Row("systemd-domain", "refused", systemd_domain),
    Row("unicode-type-case", "refused", unicode_type_case),
    Row("nested-too-deep", "refused", nested_too_deep),
    Row("index-range", "either", index_range),
    Row("integer-beyond-64-bits", "either", integer_beyond_64_bits),
    Row("idna-non-ascii", "either", idna_non_ascii),
    Row("idna-xn-label", "either", idna_xn_label),
)


class Expectation(NamedTuple):
    """The expected result here, and the rows that make it differ from Twisted's."""

    answer: Answer
    rows: List[str]
    effect: str  # "same", "changed", "refused" or "either"


def expectation(case: Case) -> Expectation:
    rows: List[str] = []
    effect = "same"
    for row in ROWS:
        if not row.applies(case):
            continue
        if row.mend is not None:
            mended = row.mend(case)
            if mended == case.answer or ("err" in mended and "err" in case.answer):
                continue
            case = case._replace(answer=mended)
        rows.append(row.slug)
        if effect != "refused":
            effect = row.effect
    return Expectation(case.answer, rows, effect)
