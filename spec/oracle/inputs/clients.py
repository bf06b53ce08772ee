"""Inputs of `clientFromString`: every type and parameter, valid and invalid."""

from __future__ import annotations

from inputs import Group

ASCII_HOSTS = [chr(code) for code in range(0x01, 0x80) if chr(code) not in ":=\\"]


def _nested(levels: int) -> str:
    """`tls` over `tls` over … over `tcp`, each level escaped once more."""
    text = "tcp:x:1"
    for _ in range(levels):
        text = "tls:h:1:endpoint=" + text.replace("\\", "\\\\").replace(":", "\\:")
    return text


GROUPS = [
    Group("type", "upper and lower case are the same, beyond ASCII too", [
        "", ":", "tcp", "tcp:", "tcp:h:1", "TCP:h:1", "tCp:h:1", "SSL:h:1", "Ssl:h:1", "UNIX:/x",
        "Unix:/x", "TLS:h:1", "Tls:h:1", "host=h:tcp:port=1", "host=h:port=1:tcp", "=x", "x=y", "tcp=h:1",
        r"t\cp:h:1", r"tcp\:h:1", " tcp:h:1", "tcp :h:1", "h:80", "80", "example.com", "http://h/",
        "tcp6:h:1", "stdio:", "process:/bin/cat", "fd:3", "systemd:INET:0", "haproxy:tcp:h:1", "udp:h:1",
        "ſsl:h:1", "ßl:h:1", "tlſ:h:1", "unıx:/x", "ｔｃｐ:h:1", "TLſ:h:1", r"tls:h:1:endpoint=ſsl\:h\:1",
    ]),
    Group("tcp-positional", "two fill host and port, one fills what is missing, more are dropped", [
        "tcp:h:80", "tcp:h", "tcp::80", "tcp:h:", "tcp::", "tcp:80", "tcp:h:80:30", "tcp:h:80:30:x",
        "tcp:a:b:c:host=h:port=1", "tcp:a:b:c:host=h", "tcp:5:host=h", "tcp:5:host=h:port=1",
        "tcp:x:host=h:port=1", "tcp:h:port=1", "tcp:5:port=1", "tcp:h:1:host=x", "tcp:a:1:port=zz",
        "tcp:a:1:host=b:port=zz", "tcp:a:zz:port=1", "tcp:a:b:host=h:port=1", "tcp:a:b:c:d:e:host=h:port=1",
        "tcp:[::1]:80", r"tcp:[\:\:1]:80", r"tcp:\:\:1:80", "tcp:::1:80", r"tcp:h\:80", r"tcp:h\:80:90",
        "tcp:h:80:", "tcp:h:80::", "tcp::80:host=h:port=1", "tcp:host:port",
    ]),
    Group("tcp-keyword", "by name", [
        "tcp:host=h:port=80", "tcp:port=80:host=h", "tcp:host=h", "tcp:port=80", "tcp:host=:port=80",
        "tcp:host=h:port=", "tcp:h:80:timeout=5", "tcp:h:80:timeout=", "tcp:h:80:timeout=0",
        "tcp:h:80:timeout=-1", "tcp:h:80:timeout=1.5", "tcp:h:80:timeout=x", "tcp:h:80:timeout= 5 ",
        "tcp:h:80:timeout=9223372036854775807", "tcp:h:80:timeout=9223372036854775808",
        "tcp:h:80:timeout=1" + "0" * 400, "tcp:h:80:bindAddress=127.0.0.1", "tcp:h:80:bindAddress=",
        r"tcp:h:80:bindAddress=10.0.0.1\:99", r"tcp:h:80:bindAddress=\:\:1", "tcp:h:80:bindAdress=x",
        "tcp:h:80:bindaddress=x", "tcp:h:80:interface=x", "tcp:h:80:Host=x", "tcp:h:80:=x",
        "tcp:h:80:reactor=x", "tcp:h:80:self=x", "tcp:h:80:factory=x", "tcp:h:80:certKey=x",
        "tcp:h:80:host=a:host=b", "tcp:host=a:host=b:port=1", "tcp:h:port=1:port=2", "tcp:h:port=x:port=2",
        "tcp:h:80:timeout=x:timeout=3", "tcp:h:80:endpoint=x", "tcp:h:80:attemptDelay=1",
    ]),
    Group("tcp-values", "ports are checked here, hosts are not", [
        "tcp:h:0", "tcp:h:65535", "tcp:h:65536", "tcp:h:99999", "tcp:h:-1", "tcp:h:-0", "tcp:h:+80",
        "tcp:h:8_0", "tcp:h: 80", "tcp:h:80\n", "tcp:h:http", "tcp:h:0x50", "tcp:h:٨٠", "tcp:h:８０",
        "tcp:h:80.0", "tcp:a b:80", "tcp:-h:80", "tcp:h_x:80", "tcp:é:80", "tcp:a..b:80", r"tcp:a\=b:80",
        "tcp:host=a=b:port=80", "tcp:*.x:80", "tcp:" + "l" * 64 + ":80",
    ]),
    Group("ssl", "as tcp, and certKey, privateKey, caCertsDir, hostname", [
        "ssl:h:443", "ssl:host=h:port=443", "ssl:h", "ssl", "ssl:5:host=h", "ssl:a:b:c:host=h:port=1",
        "ssl:a:b:c", "ssl:h:443:timeout=5:bindAddress=x", "ssl:h:443:timeout=0", "ssl:h:443:certKey=c",
        "ssl:h:443:privateKey=k", "ssl:h:443:certKey=c:privateKey=k", "ssl:h:443:certKey=",
        "ssl:h:443:privateKey=", "ssl:h:443:caCertsDir=d", "ssl:h:443:caCertsDir=",
        "ssl:h:443:caCertsDir=d:hostname=h", "ssl:h:443:hostname=h",
        "ssl:h:443:hostname=h:certKey=c:privateKey=k", "ssl:h:443:sslContextFactory=x",
        "ssl:h:443:sslContextFactory=", "ssl:h:443:sslcontextfactory=x", "ssl:h:443:certificate=c",
        "ssl:h:443:trustRoots=d", "ssl:h:443:sslmethod=TLS_METHOD", "ssl:h:443:extraCertChain=e",
        "ssl:h:443:reactor=x", "ssl:h:443:self=x", "ssl:h:443:alpn=h2", "ssl:h:443:endpoint=x",
        "ssl:h:99999", "ssl:h:x", "ssl:::1:443", r"ssl:\:\:1:443", "ssl:h:443:caCertsDir=a:caCertsDir=b",
        "ssl:h:443:verify=0",
    ]),
    Group("ssl-hostname", "decoded and encoded as an internationalised name", [
        "ssl:h:1:hostname=" + name for name in (
            "", "example.com", "EXAMPLE.com", "h.", ".", "..", ".h", "a..b", "-h", "h-", "ab--c", "a_b",
            "*.x", "a b", "1.2.3.4", "1.2.3", r"\:\:1", r"[\:\:1]", "l" * 63, "l" * 64, "é", "bücher.example",
            "xn--bcher-kva.example", "xn--", "xn--a", "XN--BCHER-KVA.example", "a。b", "h=1", "a/b",
        )
    ]),
    Group("unix", "exactly one positional is the path; several are ignored", [
        "unix:/x", "unix:path=/x", "unix:", "unix", "unix:path=", "unix:/a:/b", "unix:/a:/b:path=/c",
        "unix:/a:path=/b", "unix:/a:", "unix::", "unix:/x:lockfile=1", "unix:/x:lockfile=0",
        "unix:/x:lockfile=-3", "unix:/x:lockfile=", "unix:/x:lockfile=yes", "unix:/x:timeout=5",
        "unix:/x:timeout=0", "unix:/x:timeout=-1", "unix:/x:timeout=", "unix:/x:timeout=x",
        "unix:/x:timeout=1.5", "unix:address=/x", "unix:/x:mode=660", "unix:/x:backlog=5",
        "unix:/x:bindAddress=x", "unix:/x:reactor=x", "unix:/x:self=x", "unix:/x:wantPID=1",
        "unix:/x:abstract=1", "unix:@x", r"unix:/a\:b", r"unix:/a\=b", "unix:/a=b", "unix:path=/a=b",
        "unix:C:/x", "unix:///x", "unix:/日本", "unix:/x:lockfile=1:lockfile=0", "unix:/x:=",
        "unix:/x:lockfile=9223372036854775808", "unix:/x:timeout=9223372036854775808",
    ]),
    Group("unix-checkpid", "an alias of lockfile, taken as text there: any but the empty one is true", [
        "unix:/x:checkPID=1", "unix:/x:checkPID=0", "unix:/x:checkPID=", "unix:/x:checkPID=no",
        "unix:/x:checkPID=-1", "unix:/x:checkPID= 0 ", "unix:/x:checkPID=٣", "unix:/x:checkPID=٠",
        "unix:/x:checkPID=00", "unix:/x:checkPID=9223372036854775808", "unix:/x:checkPID=1:lockfile=0",
        "unix:/x:checkPID=0:lockfile=1", "unix:/x:checkPID=zz:lockfile=0", "unix:/x:checkPID=1:checkPID=0",
        "unix:/x:checkpid=1", "unix:checkPID=0", r"tls:h:1:endpoint=unix\:/x\:checkPID=0",
    ]),
    Group("tls", "binds like a call: host, port, timeout, bindAddress, certificate, privateKey, trustRoots, endpoint", [
        "tls:h:443", "tls:h:443:5", "tls:h:443:5:10.0.0.1", "tls:h:443:5:10.0.0.1:c",
        "tls:h:443:5:10.0.0.1:c:k", "tls:h:443:5:10.0.0.1:c:k:roots",
        r"tls:h:443:5:10.0.0.1:c:k:roots:tcp\:x\:1", r"tls:h:443:5:10.0.0.1:c:k:roots:tcp\:x\:1:y",
        "tls", "tls:", "tls:h", "tls:h:", "tls::443", "tls:host=h:port=443", "tls:host=h", "tls:port=443",
        "tls:host=h:443", "tls:h:443:host=x", "tls:h:443:port=444", "tls:443:host=h", "tls:h:443:",
        "tls:h:443:timeout=5", "tls:h:443:timeout=", "tls:h:443:timeout=0", "tls:h:443:timeout=x",
        "tls:h:443:timeout=9223372036854775808", "tls:h:443:5:timeout=6", "tls:h:443:bindAddress=",
        "tls:h:443:bindAddress=x", "tls:h:443:certificate=c", "tls:h:443:certificate=",
        "tls:h:443:privateKey=k", "tls:h:443:certificate=c:privateKey=k", "tls:h:443:trustRoots=d",
        "tls:h:443:trustRoots=", "tls:h:443:certKey=c", "tls:h:443:caCertsDir=d", "tls:h:443:hostname=h",
        "tls:h:443:sslContextFactory=x", "tls:h:443:reactor=x", "tls:h:443:self=x", "tls:h:443:kwargs=x",
        "tls:h:443:args=x", "tls:h:443:=x", "tls:h:443:alpn=h2", "tls:h:99999", "tls:h:-1", "tls:h:0",
        "tls:h:x", "tls:h:٨٠", "tls:h: 443 ", "tls:host=a:host=b:port=1", "tls:::1:443",
    ]),
    Group("tls-endpoint", "`endpoint` is itself an escaped client description", [
        r"tls:h:443:endpoint=tcp\:x\:1", r"tls:h:443:endpoint=TCP\:x\:1", r"tls:h:443:endpoint=unix\:/x",
        r"tls:h:443:endpoint=ssl\:x\:1", r"tls:h:443:endpoint=tls\:x\:1", "tls:h:443:endpoint=",
        "tls:h:443:endpoint=tcp", "tls:h:443:endpoint=tcp:x:1", r"tls:h:443:endpoint=tcp\:x",
        r"tls:h:443:endpoint=unix\:path=/x", r"tls:h:443:endpoint=unix\:/a\\\:b", "tls:h:443:endpoint=x",
        r"tls:h:443:endpoint=tcp\:host=x\:port=1", r"tls:h:99999:endpoint=tcp\:x\:1",
        r"tls:h:443:0:endpoint=tcp\:x\:1", r"tls:h:x:endpoint=tcp\:x\:1", r"tls:h:endpoint=tcp\:x\:1",
        r"tls:h:443:endpoint=tcp\:x\:99999", r"tls:h:443:endpoint=tcp\:x\:1\:timeout=0",
        r"tls:-h:443:endpoint=tcp\:x\:1", r"tls:\:\:1:443:endpoint=tcp\:x\:1",
        r"tls:1.2.3.4:443:endpoint=tcp\:x\:1", r"tls:fe80\:\:1%eth0:443:endpoint=tcp\:x\:1",
        r"tls:fe80\:\:1%é:443:endpoint=tcp\:x\:1", r"tls:[\:\:1]:443:endpoint=tcp\:x\:1",
        r"tls:h:443:endpoint=x=y", r"tls:h:443:endpoint=tcp\:x\:1\\", "tls:h:443:endpoint=\\\\",
        r"tls:h:443:endpoint=haproxy\:tcp\:x\:1", r"tls:h:443:endpoint=process\:/bin/cat",
        r"tls:h:443:endpoint=tcp\:x\:1\:é=1", r"tls:h:443:bindAddress=b:endpoint=tcp\:x\:1",
        r"tls:::443:endpoint=tcp\:x\:1", r"tls::443:endpoint=tcp\:x\:1",
    ]),
    Group("tls-nested", "backslashes double with each level", [_nested(levels) for levels in (2, 3, 4, 6)]),
    Group("tls-host", "a name that is fit for IDNA, ASCII part", [
        "tls:" + name + ":1" for name in (
            "h.", ".", "..", ".h", "h..", "a..b", "-h", "h-", "ab--c", "a--b", "abc--d", "a-b", "a_b", "_a",
            "*.x", "*", "1", "1.2.3.4", "1.2.3", "01.2.3.4", "300.1.2.3", "0x7f.1", "1.2.3.4.", "localhost",
            "EXAMPLE.com", "eXaMple", "l" * 63, "l" * 64, "l" * 63 + ".", ".".join(["l" * 63] * 3 + ["l" * 61]),
            ".".join(["l" * 63] * 3 + ["l" * 62]), ".".join(["l" * 63] * 3 + ["l" * 61]) + ".", "a b",
            "h\n", " h", "[1.2.3.4]", r"\:\:1", r"[\:\:1]", r"\:\:ffff\:1.2.3.4", "h%20", "a/b", "user@h",
            "l" * 1025, ".".join(["a"] * 127), ".".join(["a"] * 128),
        )
    ]),
    Group("tls-host-ascii", "each single ASCII character as a host", [
        "tls:" + character + ":1" for character in ASCII_HOSTS
    ]),
    Group("tls-host-idna", "names beyond ASCII, and labels that stand for them", [
        "tls:" + name + ":1" for name in (
            "é", "bücher.example", "ß", "例え.テスト", "a。b", "a．b", "É", "☃", "e\u0301", "\u200d", "١", "א1",
            "xn--", "xn--a", "xn--bcher-kva", "xn--bcher-kva.example", "XN--BCHER-KVA", "xn--abc-",
            "xn--nxasmq6b", "xn--zzzzzzzzzz", "a.xn--p1ai", "xn--é",
        )
    ]),
]  # fmt: skip
