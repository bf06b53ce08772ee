"""Tests TLS with Twisted as client and as server: `ssl` and `tls`, with names, authorities and client certificates.

    twisted_tls.py COMMAND    run by the Python that has Twisted
"""

import os
import re
import shutil
import subprocess
import sys

from authority import CLIENT, DAY, NOW, Authority
from harness import Interop, Process

HERE = os.path.dirname(os.path.abspath(__file__))
interop = Interop("twisted tls")
root, stranger = Authority(interop.directory.name, "root"), Authority(interop.directory.name, "stranger")
server = root.issue("server", "a.test", "127.0.0.1")
client = root.issue("client", "client")
FILES = f"privateKey={server.key}:certKey={server.cert}"


def directory(name, files):
    """Creates a directory of PEM files, the form in which Twisted reads authorities and certificates."""
    path = interop.path(name)
    os.mkdir(path)
    for file in files:
        shutil.copy(file, os.path.join(path, os.path.basename(file) + ".pem"))
    return path


ROOTS, STRANGERS = directory("roots", [root.cert]), directory("strangers", [stranger.cert])


def twisted(role, description):
    return Process(sys.executable, os.path.join(HERE, "twisted_peer.py"), role, description)


def twisted_asks(description):
    """Returns the answer to a request of Twisted's client, or the reason why it lost the connection."""
    with twisted("client", description) as process:
        return process.line()


def we_ask(description):
    with interop.strports("connect", description, stdin=subprocess.PIPE) as process:
        process.popen.stdin.write("question\n")
        process.popen.stdin.flush()
        return process.line() or process.line("stderr")


def port_of(line):
    return int(re.search(r"(\d+)\D*$", line)[1])


def ours(port, host="a.test", roots=root.cert, more=""):
    """Returns our two equivalent client descriptions."""
    plain = rf"endpoint=tcp\:127.0.0.1\:{port}"
    return [f"ssl:127.0.0.1:{port}:hostname={host}:caCertsDir={roots}{more}",
            f"tls:{host}:1:trustRoots={roots}:{plain}{more.replace('certKey', 'certificate')}"]


def theirs(port, host="a.test", roots=ROOTS, certificate=None):
    """Returns Twisted's two equivalent client descriptions."""
    mine = f":certKey={certificate.cert}:privateKey={certificate.key}" if certificate else ""
    plain = rf"endpoint=tcp\:127.0.0.1\:{port}"
    return [f"ssl:127.0.0.1:{port}:hostname={host}:caCertsDir={roots}{mine}",
            f"tls:{host}:{port}:trustRoots={roots}:{plain}{mine.replace('certKey', 'certificate')}"]


def we_ask_an_ssl_server():
    with twisted("server", f"ssl:0:{FILES}:interface=127.0.0.1") as process:
        port = port_of(process.line())
        for description in [*ours(port), *ours(port, host="127.0.0.1"), *ours(port, roots=ROOTS)]:
            said = we_ask(description)
            interop.holds(description, said.startswith("QUESTION 127.0.0.1:"), said)
        for description in ours(port, host="b.test"):
            said = we_ask(description)
            sentence = "its certificate `CN=a.test` is not for `b.test` (it is for `a.test`, `127.0.0.1`)"
            interop.holds("a wrong name", said.endswith(sentence), said)
        for description in ours(port, roots=STRANGERS):
            said = we_ask(description)
            sentence = ("its certificate `CN=a.test` was issued by `CN=root`, "
                        "and no chain leads from there to a trusted authority")
            interop.holds("an unknown authority", said.endswith(sentence), said)
        # Since 26.10, a factory without protocols refuses clients that offer some.
        for description in ours(port, more=":alpn=h2"):
            said = we_ask(description)
            interop.holds("protocols are too much for Twisted", said.endswith("it says `internal error`"), said)


def we_ask_a_tls_server():
    certificates = [
        server, root.issue("wild", "*.b.test"), root.issue("expired", "late.test", ends=NOW - DAY),
        root.issue("purpose", "client.test", usages=[CLIENT]),
        root.issue("own", "own.test", self_signed=True),
    ]
    path = directory("served", [files.both for files in certificates])
    with twisted("server", f"tls:{path}:0:interface=127.0.0.1") as process:
        port = port_of(process.line())
        for host in ["a.test", "x.b.test"]:
            for description in ours(port, host=host):
                said = we_ask(description)
                interop.holds(f"{host} gets its certificate", said.startswith("QUESTION "), said)
        late = certificates[2].expired_on
        for host, sentence in [
            ("late.test", f"its certificate `CN=late.test` expired on {late}"),
            ("client.test", "its certificate `CN=client.test` is not meant for servers"),
            ("own.test", "its certificate `CN=own.test` is self-signed, and is not trusted here"),
        ]:
            for description in ours(port, host=host):
                said = we_ask(description)
                interop.holds(host, said.endswith(sentence), said)
        for description in ours(port, host="x.y.b.test"):
            said = we_ask(description)
            # Then Twisted presents the certificate that it read first.
            interop.holds("a wildcard is one label", ": no TLS with 127.0.0.1:" in said, said)


def twisted_asks_our_ssl_server():
    answering = "process:/bin/sh:-c:read line; echo \"$line\" | tr a-z A-Z"
    relay, _ = interop.listening("relay", f"ssl:0:{FILES}:interface=127.0.0.1", answering)
    with relay:
        port = relay.port
        for description in [*theirs(port), *theirs(port, host="127.0.0.1")]:
            interop.equal(description, twisted_asks(description), "QUESTION")
        for description in theirs(port, host="b.test"):
            said = twisted_asks(description)
            interop.holds("Twisted refuses a wrong name", said.startswith("lost ") and "Mismatch" in said, said)
            # Twisted verifies the name after the handshake, and then resets the connection without an alert.
            line = relay.line("stderr")
            interop.holds("which ends the connection", "reset by peer" in line or "cut off" in line, line)
        for description in theirs(port, roots=STRANGERS):
            said = twisted_asks(description)
            interop.holds("Twisted refuses an unknown authority", "certificate verify failed" in said, said)
            line = relay.line("stderr")
            told = "it says `unknown ca` (it does not trust the issuer of the certificate of this side)"
            interop.holds("which we are told", line.endswith(told), line)
    description = f"ssl:0:{FILES}:interface=127.0.0.1:clientCAs={root.cert}"
    relay, _ = interop.listening("relay", description, answering)
    with relay:
        port = relay.port
        for description in theirs(port, certificate=client):
            interop.equal("a certificate of Twisted's", twisted_asks(description), "QUESTION")
        for description in theirs(port):
            said = twisted_asks(description)
            interop.holds("a missing certificate is told", "certificate required" in said, said)
            line = relay.line("stderr")
            interop.holds("and we say so", line.endswith("it presented no certificate"), line)
        for description in theirs(port, certificate=stranger.issue("strange", "client")):
            said = twisted_asks(description)
            interop.holds("a strange certificate is told", "unknown ca" in said, said)
            line = relay.line("stderr")
            interop.holds("and we say so", "was issued by `CN=stranger`" in line, line)


def a_client_shows_its_certificate_to_twisted():
    """No description of Twisted requests a client certificate, so ours is not sent."""
    with twisted("server", f"ssl:0:{FILES}:interface=127.0.0.1") as process:
        port = port_of(process.line())
        for description in ours(port, more=f":certKey={client.cert}:privateKey={client.key}"):
            said = we_ask(description)
            interop.holds("nobody asks for it", said.startswith("QUESTION "), said)


we_ask_an_ssl_server()
we_ask_a_tls_server()
twisted_asks_our_ssl_server()
a_client_shows_its_certificate_to_twisted()
interop.done()
