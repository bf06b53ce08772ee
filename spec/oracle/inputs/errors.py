"""Inputs of both roles: one for each class of exception that Twisted raises in parsing."""

from __future__ import annotations

from inputs import Group

SERVER = [
    Group("server-value-error", "unknown type, bad integer, index and name", [
        "", "http:80", "tcp:x", "tcp:", "unix:/a:mode=9", "systemd:INET", "systemd:INET:0:n", "TCP:80",
        "ssl:443:sslmethod=OP_ALL", "tls:443:certs",
    ]),
    Group("server-type-error", "the binding of Python: missing, surplus, unexpected, twice", [
        "tcp", "tcp6", "unix", "ssl", "tls", "systemd", "tcp:80:1:2:3", "tcp:80:x=1", "tcp:80:port=1",
        "stdio:reactor=1", "ssl:443:sslmethod=Error", "tcp:80:=1",
    ]),
    Group("server-index-error", "no positional segment at all", ["a=b", "=", "tcp=80:x=1", "haproxy:port=80"]),
    Group("server-attribute-error", "no such address family or TLS method", [
        "systemd:inet:0", "systemd::0", "ssl:443:sslmethod=SSLv3_METHOD", "ssl:443:sslmethod=",
    ]),
    Group("server-runtime-error", "a backslash at the very end", ["tcp:80\\", "\\", "a=b\\"]),
    Group("server-unicode-error", "a key that is not ASCII", ["tcp:80:é=1", "é=1", "x:日本=1"]),
    Group("server-first-of-several", "the first mistake wins: string layer, type, binding, values", [
        "nope:é=1\\", "nope:é=1", "nope:x=1", "tcp:x:y=1", "tcp:x:1:y", "systemd:inet:x", "systemd:inet:0:n",
        "haproxy:nope:x=1", "haproxy:tcp:x:y=1",
    ]),
]  # fmt: skip

CLIENT = [
    Group("client-value-error", "unknown type, bad integer", [
        "", "http:h:80", "tcp:h:x", "tcp:h:80:timeout=x", "unix:/x:lockfile=x", "tls:h:x", "tls:h:1:",
        "tls:h:1:endpoint=", "tcp6:h:1", "stdio:",
    ]),
    Group("client-type-error", "missing, unexpected, twice", [
        "tcp", "tcp:h", "tcp:a:b:c", "unix", "unix:/a:/b", "ssl:h", "tls", "tls:h", "tcp:h:1:x=1",
        "unix:/x:mode=1", "tls:h:1:x=1", "tls:host=h:1", "tcp:h:1:reactor=x",
    ]),
    Group("client-index-error", "no positional segment at all", [
        "a=b", "=", "tcp=h:x=1", "tls:h:1:endpoint=a=b",
    ]),
    Group("client-runtime-error", "a backslash at the very end", [
        "tcp:h:1\\", "\\", "tls:h:1:endpoint=\\\\",
    ]),
    Group("client-unicode-error", "a key that is not ASCII", ["tcp:h:1:é=1", "tls:h:1:é=1"]),
    Group("client-idna-error", "a name that is not fit for IDNA", [
        "tls::1", "tls:-h:1", "tls:a..b:1", "tls:h_x:1", "ssl:h:1:hostname=", "ssl:h:1:hostname=-h",
        "tls:" + "l" * 64 + ":1",
    ]),
    Group("client-first-of-several", "which mistake is told first", [
        "nope:é=1\\", "nope:é=1", "nope:x=1", "tls:-h:x", "tls:-h:1:x", "tls:-h:1:endpoint=nope",
        "tcp:x:y:z=1", "ssl:h:x:hostname=-h", "ssl:h:1:hostname=-h:x=1",
    ]),
]  # fmt: skip
