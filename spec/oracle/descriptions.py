"""Random endpoint descriptions: valid ones, near misses and noise.

The series is deterministic for a seed. A description never contains NUL, which
separates the records of `strports explain --null`, or a lone surrogate, which
UTF-8 cannot encode. Any other character may occur.

To print some: `python3 descriptions.py [COUNT [SEED]]`.
"""

from __future__ import annotations

import random
import sys
from typing import Callable, Dict, Iterator, List, Sequence

# The characters that `int()` strips around a number, determined by calling it.
def _strips(character: str) -> bool:
    try:
        return int(character + "1") == 1 and not (character.isdecimal() or character in "+-")
    except ValueError:
        return False


WHITE_SPACE = [chr(c) for c in range(1, 0x110000) if not 0xD800 <= c < 0xE000 and _strips(chr(c))]

# Parameters in positional order, each with the kind of its values.
SERVERS: Dict[str, List[str]] = {
    "tcp": ["port:integer", "interface:address", "backlog:integer"],
    "tcp6": ["port:integer", "backlog:integer", "interface:address"],
    "unix": ["address:path", "mode:mode", "backlog:integer", "lockfile:flag"],
    "ssl": [
        "port:integer",
        "privateKey:path",
        "certKey:path",
        "sslmethod:method",
        "interface:address",
        "backlog:integer",
        "extraCertChain:path",
        "dhParameters:path",
    ],
    "tls": ["path:path", "port:integer", "backlog:integer", "interface:address"],
    "systemd": ["domain:domain", "index:integer", "name:word"],
    "stdio": ["x:word", "y:integer"],
}
_TCP_CLIENT = ["host:host", "port:integer", "timeout:integer", "bindAddress:address"]
CLIENTS: Dict[str, List[str]] = {
    "tcp": _TCP_CLIENT,
    "ssl": [
        *_TCP_CLIENT,
        "certKey:path",
        "privateKey:path",
        "caCertsDir:path",
        "hostname:host",
        "sslContextFactory:word",
    ],
    "unix": ["path:path", "lockfile:flag", "checkPID:flag", "timeout:integer"],
    "tls": [*_TCP_CLIENT, "certificate:path", "privateKey:path", "trustRoots:path"],
}
# The number of parameters that are useful as positional arguments.
CLIENT_POSITIONALS = {"tcp": 2, "ssl": 2, "unix": 1, "tls": 7}

# Types and keywords that Twisted lacks: it must refuse them, and `portable` must be false.
EXTENSION_TEXTS = (
    "fd:3", "process:/bin/cat", r"process:/bin/echo:a\=b:env=A=1:env=B=2", "tcp6:h:80", "stdio:",
    "haproxy:tcp:h:80", "haproxy:tls:h:443:proxyVersion=1", "unix:/x:abstract=1", "tls:h_x:443",
    "haproxy:tcp:h:80:proxyTlvs=ssl,forward",
    r"tls:\:\:1:443", "tls:h:443:alpn=h2", "ssl:h:443:alpn=h2", r"tls:h:443:endpoint=tcp6\:h\:1",
    "tcp:80:reusePort=1", "tcp6:80:v6only=1", r"tls:/certs:endpoint=haproxy\:tcp\:443",
    "ssl:443:clientCAs=/cas:alpn=h2,http/1.1", "haproxy:tcp:80:proxyTrusted=10.0.0.0/8",
    "ssl:443:sslmethod=TLSv1_3_METHOD", r"ssl:endpoint=unix\:/x", "haproxy:fd:3",
    r"socks5:h:80:endpoint=tcp\:p\:1080", r"http-connect:h:80:endpoint=unix\:/p:credentials=/c",
    "tcp:h:80:attemptDelay=0.5", "tls:h:443:attemptDelay=2",
)  # fmt: skip
EXTENSION_KEYWORDS = (
    "reusePort=1", "v6only=0", "abstract=1", "user=root", "group=0", "alpn=h2", "clientCAs=/c",
    r"endpoint=tcp\:80",
    "proxyVersion=2", "proxyTrusted=10.0.0.0/8", "env=A=1", "clearEnv=0", "cwd=/", "stderr=log",
    "attemptDelay=0.5", "keepAlive=60,10,5", "userTimeout=5", "device=lo",
)  # fmt: skip

ODD_INTEGERS = (
    "", "-1", "+80", "-0", "080", "8_0", "1__0", "_1", "1_", "+ 5", "--1", "0x50", "0o660", "1e3",
    "80.0", "٨٠", "１２", "8٠", "²", "½", "65535", "65536", "99999", "2147483647", "2147483648",
    "-2147483648", "-2147483649", "9223372036854775807", "9223372036854775808", "1" + "0" * 30,
    "True", "None", "a", "\u200b80",
)  # fmt: skip
ODD_MODES = (
    "666", "0660", "0o660", "0O660", "0o_660", "6_60", "+660", "-660", "888", "o660", "_660",
    "0x1", "0b11", "7777", "10000", "777777", "", "６６０", "0", "1_0o7",
)  # fmt: skip
HOSTS = (
    "localhost", "example.com", "EXAMPLE.com", "127.0.0.1", "h.", "h", "a-b", "1.2.3", "", "-h",
    "h-", "ab--c", "a..b", ".", ".h", "*.x", "h_x", "a b", "::1", "[::1]", "fe80::1%eth0", "xn--a",
    "xn--bcher-kva.example", "XN--BCHER-KVA", "xn--", "bücher.example", "ß", "例え.テスト", "a。b",
    "l" * 63, "l" * 64, ".".join(["l" * 60] * 5), "300.1.2.3", "h\n", "a/b",
)  # fmt: skip
ADDRESSES = ("", "127.0.0.1", "0.0.0.0", "::", "::1", "10.0.0.1:99", "eth0", "localhost", "*")
PATHS = ("/x", "/run/app.sock", "a b", "C:\\x", "C:/x", "~/s", "@x", "", "/a=b", "/é", ".", "-", "x")
METHODS = (
    "TLS_METHOD", "SSLv23_METHOD", "TLSv1_2_METHOD", "TLS_SERVER_METHOD", "TLSv1_METHOD",
    "TLSv1_1_METHOD", "TLS_CLIENT_METHOD", "DTLS_METHOD", "SSLv3_METHOD", "Error", "OP_ALL",
    "VERIFY_PEER", "OPENSSL_DIR", "__name__", "", "tls_method", "Context",
)  # fmt: skip
DOMAINS = ("INET", "INET", "INET6", "UNIX", "inet", "", "CAN", "PACKET", "X", "INET ", "UNSPEC")
FLAGS = ("0", "1", "2", "-3", " 1 ", "", "yes", "true", "0_1", "٣")
WORDS = ("", "a", "web", "x y", "é", "reactor", "self", "factory", "a=b", "=", "日本", "\U0001f600")
KEYS = (
    "reactor", "self", "factory", "", "path", "address", "Port", "interfaces", "a", "é", "wantPID",
    "timeout", "certKey", "endpoint", "hostname", "bindAdress", "checkPID", " port", "port ",
)  # fmt: skip
NOISE = "ab:=\\0 "


class Generator:
    """An infinite series of descriptions for each seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._kinds: Dict[str, Callable[[], str]] = {
            "integer": self._integer,
            "mode": lambda: self._mostly("660", ODD_MODES),
            "flag": lambda: self._mostly("1", FLAGS),
            "method": lambda: self._mostly("TLS_METHOD", METHODS),
            "domain": lambda: self._mostly("INET", DOMAINS),
            "host": lambda: self._mostly("example.com", HOSTS),
            "address": lambda: self._mostly("127.0.0.1", ADDRESSES),
            "path": lambda: self._mostly("/tmp/x", PATHS),
            "word": lambda: self._mostly("w", WORDS),
        }

    def description(self) -> str:
        """Returns the next description."""
        pick = self._random.random()
        if pick < 0.08:
            return self._noise()
        if pick > 0.95:
            text = self._random.choice(EXTENSION_TEXTS)
            return self._damaged(text) if self._chance(0.3) else text
        text = self._server() if self._random.random() < 0.5 else self._client()
        return self._damaged(text) if pick < 0.25 else text

    def series(self, count: int) -> Iterator[str]:
        for _ in range(count):
            yield self.description()

    # --- whole descriptions

    def _server(self, depth: int = 0) -> str:
        if self._chance(0.15) and depth < 20:
            before = [self._keyword("interface", "1.2.3.4")] if self._chance(0.1) else []
            deeper = 19 if self._chance(0.02) else depth + 1
            wrappers = [self._type("haproxy")] * self._random.randint(1, 18 if deeper == 19 else 2)
            return ":".join([*before, *wrappers, self._server(deeper)])
        kind = self._random.choice(list(SERVERS))
        return self._call(kind, SERVERS[kind], len(SERVERS[kind]), required=1)

    def _client(self, depth: int = 0) -> str:
        kind = self._random.choice(list(CLIENTS))
        required = 1 if kind == "unix" else 2
        text = self._call(kind, CLIENTS[kind], CLIENT_POSITIONALS[kind], required)
        if kind == "tls" and depth < 4 and self._chance(0.5):
            inner = self._client(depth + 1)
            text += ":endpoint=" + (quote(inner) if self._chance(0.85) else inner)
        return text

    def _call(self, kind: str, parameters: List[str], positionals: int, required: int) -> str:
        """Returns a type with arguments, some positional and some by keyword, sometimes invalid."""
        count = self._random.randint(0, min(positionals, required + 1))
        if self._chance(0.1):
            count = self._random.randint(0, positionals + 1)
        segments = [self._type(kind)]
        for index, parameter in enumerate(parameters):
            name, value_kind = parameter.split(":")
            if index < count:
                segments.append(self._positional(self._value(value_kind)))
            elif index < required or self._chance(0.25):
                if not self._chance(0.04):
                    segments.append(self._keyword(name, self._value(value_kind)))
        if self._chance(0.12):
            segments.append(self._surplus(parameters))
        if self._chance(0.15):
            head, tail = segments[:1], segments[1:]
            self._random.shuffle(tail)
            segments = [*head, *tail] if self._chance(0.7) else [*tail, *head]
        return ":".join(segments)

    def _surplus(self, parameters: List[str]) -> str:
        if self._chance(0.2):
            return self._random.choice(EXTENSION_KEYWORDS)
        if self._chance(0.5):
            name, kind = self._random.choice(parameters).split(":")
            return self._keyword(name, self._value(kind))
        if self._chance(0.5):
            return self._keyword(self._random.choice(KEYS), self._value("word"))
        return self._positional(self._value(self._random.choice(list(self._kinds))))

    def _noise(self) -> str:
        return "".join(self._random.choice(NOISE) for _ in range(self._random.randint(0, 12)))

    def _damaged(self, text: str) -> str:
        """Deletes, inserts or replaces one character."""
        at = self._random.randint(0, len(text))
        new = self._random.choice([*NOISE, "\n", "é", *WHITE_SPACE])
        before, after = text[:at], text[at + 1 :]
        return self._random.choice([before + after, before + new + text[at:], before + new + after])

    # --- segments

    def _type(self, kind: str) -> str:
        if self._chance(0.85):
            return kind
        odd = [kind.upper(), kind.title(), " " + kind, kind[:-1], kind + "=", ""]
        odd += [self._escaped(kind), kind + "\\"]
        odd += [kind.replace("s", "ſ"), kind.replace("i", "ı"), kind.replace("ss", "ß")]
        return self._random.choice(odd)

    def _positional(self, value: str) -> str:
        if self._chance(0.15):
            return value
        quoted = quote(value)
        if self._chance(0.9):
            quoted = quoted.replace("=", "\\=")
        return self._escaped(quoted) if self._chance(0.05) else quoted

    def _keyword(self, name: str, value: str) -> str:
        if self._chance(0.05):
            name = self._random.choice([name.lower(), name.upper(), name[:-1], name + "s", ""])
        if self._chance(0.05):
            name = self._escaped(name)
        value = value if self._chance(0.1) else quote(value)
        return "{}={}".format(name, value)

    # --- values

    def _value(self, kind: str) -> str:
        return self._kinds[kind]()

    def _integer(self) -> str:
        text = self._mostly(str(self._random.choice([0, 1, 80, 8080, 50, 443])), ODD_INTEGERS)
        if self._chance(0.08):
            around = self._random.choice(WHITE_SPACE)
            text = self._random.choice([around + text, text + around, around * 2 + text + around])
        return text

    def _mostly(self, usual: str, odd: Sequence[str]) -> str:
        return usual if self._chance(0.6) else self._random.choice(odd)

    def _escaped(self, text: str) -> str:
        """Adds a needless backslash to a text."""
        if not text or "\\" in text:
            return text
        at = self._random.randrange(len(text))
        return text[:at] + "\\" + text[at:]

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability


def quote(text: str) -> str:
    """Quotes a keyword's value, like Twisted's `quoteStringArgument`."""
    return text.replace("\\", "\\\\").replace(":", "\\:")


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:]]
    count, seed = (numbers + [20, 0][len(numbers) :])[:2]
    for description in Generator(seed).series(count):
        print(ascii(description)[1:-1])
