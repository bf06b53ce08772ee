"""Inputs for each release of Twisted, in addition to those of the other vectors.

Every type, parameter, default and case rule has its own text, so that a release that lacks one
has a different answer. Descriptions are passed as `str`, those of `BYTES` as `bytes`.
"""

from __future__ import annotations

from inputs import Group

SERVER = [
    Group("type", "which types there are, and how each prefix is read", [
        "tcp:80", "TCP:80", "Tcp:80", "tcp6:80", "TCP6:80", "Tcp6:80", "ssl:443", "SSL:443",
        "unix:/a", "UNIX:/a", "tls:/certs", "TLS:/certs", "systemd:INET:0", "SYSTEMD:INET:0",
        "Systemd:INET:index=0", "stdio:", "stdio", "STDIO:", "haproxy:tcp:80", "HAPROXY:tcp:80",
        "haproxy:TCP:80", "haproxy:TCP6:80", "HaProxy:haproxy:unix:/a", "fd:3", "fd:fileno=3",
        "process:/bin/cat", "hostname:h:80", "udp:53", "http:80",
    ]),
    Group("bare", "a description without a type, and types without an argument", [
        "80", "8080", "", ":", "=80", "port=80", "tcp", "tcp6", "unix", "ssl", "tls", "systemd",
        "haproxy", "80:interface=127.0.0.1", "/var/run/a",
    ]),
    Group("tcp", "each parameter, and its default", [
        "tcp:80:127.0.0.1", "tcp:80:127.0.0.1:5", "tcp:80:127.0.0.1:5:x", "tcp:port=80",
        "tcp:80:interface=127.0.0.1", "tcp:80:backlog=5", r"tcp:80:interface=\:\:1",
        "tcp:80:reusePort=1", "tcp:x", "tcp: 80", "tcp:8_0", "tcp:80:port=81",
    ]),
    Group("tcp6", "each parameter, and its default", [
        "tcp6:80:5", r"tcp6:80:5:\:\:1", r"tcp6:80:5:\:\:1:x", "tcp6:port=80",
        r"tcp6:80:interface=\:\:1", "tcp6:80:backlog=5", "tcp6:80:v6only=1", "tcp6:80:reusePort=1",
    ]),
    Group("ssl", "each parameter, and its default", [
        "ssl:443:k", "ssl:443:k:c", "ssl:443:k:c:TLSv1_2_METHOD",
        "ssl:443:k:c:TLSv1_2_METHOD:1.2.3.4", "ssl:443:k:c:TLSv1_2_METHOD:1.2.3.4:5",
        "ssl:443:k:c:TLSv1_2_METHOD:1.2.3.4:5:e", "ssl:443:k:c:TLSv1_2_METHOD:1.2.3.4:5:e:d",
        "ssl:443:k:c:TLSv1_2_METHOD:1.2.3.4:5:e:d:x", "ssl:port=443", "ssl:443:privateKey=k",
        "ssl:443:certKey=c", "ssl:443:sslmethod=SSLv23_METHOD", "ssl:443:sslmethod=TLS_METHOD",
        "ssl:443:sslmethod=TLSv1_METHOD", "ssl:443:sslmethod=SSLv3_METHOD",
        "ssl:443:interface=1.2.3.4", "ssl:443:backlog=5", "ssl:443:extraCertChain=e",
        "ssl:443:dhParameters=d", "ssl:443:clientCAs=d", "ssl:443:alpn=h2",
        r"ssl:endpoint=tcp\:443",
    ]),
    Group("unix", "each parameter, and its default", [
        "unix:/a:660", "unix:/a:660:5", "unix:/a:660:5:0", "unix:/a:660:5:0:x", "unix:address=/a",
        "unix:/a:mode=660", "unix:/a:mode=0o660", "unix:/a:mode=8", "unix:/a:backlog=5",
        "unix:/a:lockfile=0", "unix:/a:lockfile=1", "unix:/a:lockfile=2", "unix:/a:lockfile=no",
        "unix:/a:lockfile=", "unix:path=/a", "unix:/a:abstract=1",
    ]),
    Group("tls", "each parameter, and its default", [
        "tls:/certs:8443", "tls:/certs:8443:5", r"tls:/certs:8443:5:\:\:1",
        r"tls:/certs:8443:5:\:\:1:x", "tls:path=/certs", "tls:/certs:port=8443",
        "tls:/certs:backlog=5", r"tls:/certs:interface=\:\:1", "tls:/certs:alpn=h2",
        "tls:/certs:clientCAs=d", "tls:443:/certs",
    ]),
    Group("systemd", "index and name", [
        "systemd:INET:index=0", "systemd:domain=INET:index=0", "systemd:domain=UNIX:index=1",
        "systemd:INET6:1", "systemd:INET:name=web", "systemd:domain=INET:name=web", "systemd:INET",
        "systemd:INET:0:web", "systemd:INET:index=0:name=web", "systemd:INET::web",
        "systemd:INET:x", "systemd:INET:-1", "systemd:inet:0", "systemd:IPV4:0",
        "systemd:INET:index=",
    ]),
    Group("stdio", "takes anything", [
        "stdio:1:2:x=y", "stdio:reactor=x", "stdio:self=x", "stdio::",
    ]),
    Group("haproxy", "the description inside", [
        "haproxy:tcp6:80", "haproxy:ssl:443", "haproxy:unix:/a:mode=660", "haproxy:tls:/certs",
        "haproxy:systemd:INET:0", "haproxy:systemd:INET:name=web", "haproxy:stdio",
        "haproxy:stdio:1", "haproxy:haproxy:tcp:80", r"haproxy:unix:/a\:b", r"haproxy:unix:/a\=b",
        "haproxy:80", "haproxy:", "haproxy:tcp:x", "haproxy:tcp:80:proxyVersion=2",
        "haproxy:tcp:80:proxyTrusted=10.0.0.0/8",
    ]),
    Group("text", "the string layer", [
        r"unix:/a\:b", r"unix:/a\=b", r"unix:/a\\b", "unix:/a=b", "unix:/a\\", "tcp:80:é=1",
        "unix:/é", "tcp:80:port", "tcp:port=80:port=81", "port=80:tcp", "t\\cp:80",
    ]),
]  # fmt: skip

CLIENT = [
    Group("type", "which types there are, and how each prefix is read", [
        "tcp:h:80", "TCP:h:80", "Tcp:h:80", "ssl:h:443", "SSL:h:443", "unix:/a", "UNIX:/a",
        "tls:h:443", "TLS:h:443", "Tls:h:443", "tcp6:h:80", "hostname:h:80", "stdio:",
        "haproxy:tcp:h:80", "fd:3", "process:/bin/cat", "systemd:INET:0", "http:h:80", "80", "",
    ]),
    Group("tcp", "each parameter, and its default", [
        "tcp:h", "tcp:80:host=h", "tcp:h:port=80", "tcp:host=h:port=80", "tcp:h:80:5",
        "tcp:h:80:timeout=5", "tcp:h:80:bindAddress=1.2.3.4", "tcp:h:80:timeout=x", "tcp:h:x",
        "tcp:h:80:x=1", r"tcp:\:\:1:80", "tcp:h_x:80", "tcp:é:80", "tcp:h:80:attemptDelay=1",
    ]),
    Group("ssl", "each parameter, and its default", [
        "ssl:h:443:timeout=5", "ssl:h:443:bindAddress=1.2.3.4", "ssl:h:443:certKey=c",
        "ssl:h:443:privateKey=k", "ssl:h:443:certKey=c:privateKey=k", "ssl:h:443:caCertsDir=/d",
        "ssl:h:443:hostname=h", "ssl:h:443:hostname=é", "ssl:h:443:hostname=-h",
        "ssl:h:443:hostname=", "ssl:h:443:hostname=192.0.2.1", r"ssl:h:443:hostname=\:\:1",
        "ssl:h:443:hostname=h_x", "ssl:h:443:sslContextFactory=x", "ssl:h:443:trustRoots=/d",
        "ssl:h:443:alpn=h2", "ssl:h:443:x=1",
    ]),
    Group("unix", "each parameter, and its default", [
        "unix:path=/a", "unix:/a:/b", "unix:/a:lockfile=1", "unix:/a:lockfile=0",
        "unix:/a:lockfile=2", "unix:/a:lockfile=no", "unix:/a:checkPID=1", "unix:/a:checkPID=no",
        "unix:/a:checkPID=", "unix:/a:lockfile=1:checkPID=0", "unix:/a:timeout=5",
        "unix:/a:timeout=x", "unix:/a:mode=660", "unix:/a:abstract=1",
    ]),
    Group("tls", "each parameter, and its default", [
        "tls:h:443:5", "tls:h:443:5:1.2.3.4", "tls:h:443:5:1.2.3.4:c", "tls:h:443:5:1.2.3.4:c:k",
        "tls:h:443:5:1.2.3.4:c:k:/d", r"tls:h:443:5:1.2.3.4:c:k:/d:tcp\:i\:1",
        r"tls:h:443:5:1.2.3.4:c:k:/d:tcp\:i\:1:x", "tls:host=h:port=443", "tls:h:443:timeout=5",
        "tls:h:443:timeout=x", "tls:h:443:bindAddress=1.2.3.4", "tls:h:443:bindAddress=",
        "tls:h:443:certificate=c", "tls:h:443:privateKey=k",
        "tls:h:443:certificate=c:privateKey=k", "tls:h:443:trustRoots=/d",
        r"tls:h:443:endpoint=tcp\:i\:1", r"tls:h:443:endpoint=unix\:/a",
        r"tls:h:443:endpoint=tls\:i\:1", "tls:h:443:endpoint=", "tls:h:443:caCertsDir=/d",
        "tls:h:443:hostname=i", "tls:h:443:alpn=h2", "tls:h:443:x=1", "tls:h", "tls:h:x",
        "tls:h:443:attemptDelay=1",
    ]),
    Group("tls-host", "names by the rules of IDNA, and addresses", [
        "tls:192.0.2.1:443", r"tls:\:\:1:443", r"tls:2001\:db8\:\:1:443",
        r"tls:fe80\:\:1%eth0:443", r"tls:192.0.2.1:443:endpoint=tcp\:i\:1",
        r"tls:\:\:1:443:endpoint=tcp\:i\:1", r"tls:fe80\:\:1%eth0:443:endpoint=tcp\:i\:1",
        r"tls:[\:\:1]:443:endpoint=tcp\:i\:1", "tls:é.example:443", "tls:xn--9ca.example:443",
        "tls:h_x:443", "tls:-h:443", "tls::443", "tls:h.:443", "tls:a..b:443", "tls:*.example:443",
        "tls:" + "l" * 64 + ":443", "tls:ß.example:443", "tls:256.1.1.1:443", "tls:1.2.3:443",
        "tls:EXAMPLE.COM:443", "tls:h x:443",
    ]),
    Group("text", "the string layer", [
        r"unix:/a\:b", r"unix:/a\=b", "unix:/a=b", "unix:/a\\", "tcp:h:80:é=1", "port=80:tcp:h",
        "tcp:host=h:port=80:port=81", "TC\\P:h:80",
    ]),
]  # fmt: skip

# Passed as `bytes`. For Python 2, that is the same; on Python 3, most types are not found.
BYTES = {
    "server": [
        "tcp:80", "tcp:80:interface=127.0.0.1", "TCP:80", "tcp6:80", r"tcp6:80:interface=\:\:1",
        "ssl:443:privateKey=k", "unix:/a", "unix:/a:mode=660", "tls:/certs", "systemd:INET:0",
        "systemd:domain=INET:index=0", "systemd:INET:name=web", "stdio:", "stdio", "stdio:x=1",
        "haproxy:tcp:80", "haproxy:tcp:port=80", "haproxy:stdio:", "fd:3", "80", "",
    ],
    "client": [
        "tcp:h:80", "tcp:host=h:port=80", "ssl:h:443", "unix:/a", "unix:path=/a", "tls:h:443",
        "tls:h:port=443", "tls:h:443:timeout=5", "tls:h:443:bindAddress=1.2.3.4",
        "tls:h:443:trustRoots=/d", "tls:h:443:certificate=c", r"tls:h:443:endpoint=tcp\:i\:1",
        "TLS:h:443", "80", "",
    ],
}  # fmt: skip
