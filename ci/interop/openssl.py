"""Tests TLS with OpenSSL as client and as server: versions, certificates, protocols, names, sessions and errors.

    openssl.py COMMAND

For a failed handshake, it compares our message and the number of the alert that OpenSSL received.
"""

import os
import re
import socket
import ssl
import subprocess

from authority import CLIENT, DAY, NOW, SERVER, Authority
from harness import Interop, PATIENCE, Process, bound_port

interop = Interop("openssl")
WHOAMI = os.path.join(os.path.dirname(interop.command), "examples", "whoami")
DIRECTORY = interop.directory.name

root, stranger = Authority(DIRECTORY, "root"), Authority(DIRECTORY, "stranger")
server = root.issue("server", "a.test", "127.0.0.1", "::1")
client = root.issue("client", "client")
FILES = f"privateKey={server.key}:certKey={server.cert}"

# The alerts of RFC 8446, section 6.
(UNEXPECTED_MESSAGE, BAD_CERTIFICATE, UNSUPPORTED_CERTIFICATE, CERTIFICATE_EXPIRED,
 UNKNOWN_CA, DECODE_ERROR, PROTOCOL_VERSION, NO_APPLICATION_PROTOCOL) = 10, 42, 43, 45, 48, 50, 70, 120
CERTIFICATE_REQUIRED, HANDSHAKE_FAILURE = 116, 40


def whoami(description):
    process = Process(WHOAMI, description)
    return process, bound_port(process.line("stderr"))


def port_of(line):
    return int(re.search(r"(\d+)\D*$", line)[1])


def s_client(port, *options, text="?\n"):
    """Runs OpenSSL's client; returns its messages and the answer to its request."""
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile", root.cert, "-ign_eof", *options]
    with Process(*command, stdin=subprocess.PIPE) as process:
        output, errors = process.popen.communicate(text, timeout=PATIENCE)
    return output + errors


def facts(output):
    """Returns the lines of whoami, which may be mixed with messages of OpenSSL about sessions."""
    return dict(re.findall(r"^(tls-[a-z-]+) (.*)$", output, re.MULTILINE))


def alerts(output):
    return [int(number) for number in re.findall(r"SSL alert number (\d+)", output)]


def openssl_asks():
    process, port = whoami(f"ssl:0:{FILES}:interface=127.0.0.1:alpn=h2,http/1.1")
    with process:
        for version, name in [("-tls1_2", "TLS 1.2"), ("-tls1_3", "TLS 1.3")]:
            session = interop.path(f"session{version}")
            options = [version, "-servername", "a.test", "-verify_hostname", "a.test", "-verify_return_error"]
            said = s_client(port, *options, "-alpn", "http/1.1,h2", "-sess_out", session)
            got = facts(said)
            interop.holds(f"{name} is verified", "Verification: OK" in said, said)
            interop.equal(f"{name} is spoken", got.get("tls-protocol"), name)
            interop.equal(f"{name}: the name is known", got["tls-server-name"], "a.test")
            interop.equal(f"{name}: a protocol is agreed on", got["tls-alpn"], "h2")
            interop.holds(f"{name}: on both sides", "ALPN protocol: h2" in said, said)
            interop.equal(f"{name}: the first handshake is full", got["tls-resumed"], "no")
            got = facts(s_client(port, *options, "-sess_in", session))
            interop.equal(f"{name}: the second is not", got.get("tls-resumed"), "yes")
            interop.equal(f"{name}: nothing is agreed on that is not offered", got.get("tls-alpn"), None)
        got = facts(s_client(port, "-noservername"))
        interop.equal("no name is needed", got.get("tls-server-name", ""), "")


def openssl_shows_a_certificate():
    process, port = whoami(f"ssl:0:{FILES}:interface=127.0.0.1:clientCAs={root.cert}")
    with process:
        for version in ["-tls1_2", "-tls1_3"]:
            session = interop.path(f"certified{version}")
            mine = [version, "-cert", client.cert, "-key", client.key]
            said = s_client(port, *mine, "-sess_out", session)
            # OpenSSL sends the root, too.
            interop.equal("a client's certificate is taken", facts(said).get("tls-certificates"), "2")
            interop.holds("its authority is named", "CN = root" in said.split("Acceptable client", 1)[-1], said)
            got = facts(s_client(port, *mine, "-sess_in", session))
            interop.equal("it is known in the next session", got.get("tls-certificates"), "2")
            interop.equal("which is resumed", got["tls-resumed"], "yes")


def the_version_is_chosen():
    for method, version in [("TLSv1_2_METHOD", "-tls1_2"), ("TLSv1_3_METHOD", "-tls1_3"), ("TLS_METHOD", "-tls1_3"),
                            ("SSLv23_METHOD", "-tls1_2")]:
        process, port = whoami(f"ssl:0:{FILES}:interface=127.0.0.1:sslmethod={method}")
        with process:
            interop.holds(f"{method} {version}", "tls-protocol" in s_client(port, version), method)


class Refusing:
    """A relay whose messages about refused clients are read."""

    def __init__(self, arguments=""):
        description = f"ssl:0:{FILES}:interface=127.0.0.1{arguments}"
        self.process, _ = interop.listening("relay", description, "process:/bin/cat")
        self.port = self.process.port

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.__exit__()

    def said(self):
        line = self.process.line("stderr")
        found = re.search(r"no TLS with 127\.0\.0\.1:\d+: (.*)", line)
        return found[1] if found else line


def we_refuse_clients():
    shown = ["-servername", "a.test"]
    cases = [
        ("no certificate", [], "it presented no certificate", CERTIFICATE_REQUIRED),
        ("an unknown authority", stranger.issue("unknown", "client"),
         "its certificate `CN=client` was issued by `CN=stranger`, and no chain leads from there to a trusted authority",
         UNKNOWN_CA),
        ("a certificate of its own", root.issue("own", "client", self_signed=True),
         "its certificate `CN=client` is self-signed, and is not trusted here", UNKNOWN_CA),
        ("an expired certificate", expired := root.issue("late", "client", ends=NOW - DAY),
         f"its certificate `CN=client` expired on {expired.expired_on}", CERTIFICATE_EXPIRED),
        ("a server's certificate", root.issue("usage", "client", usages=[SERVER]),
         "its certificate `CN=client` is not meant for clients", UNSUPPORTED_CERTIFICATE),
    ]
    with Refusing(f":clientCAs={root.cert}") as ours:
        for version in ["-tls1_2", "-tls1_3"]:
            for what, files, sentence, alert in cases:
                mine = ["-cert", files.cert, "-key", files.key] if files else []
                got = alerts(s_client(ours.port, version, *shown, *mine))
                interop.equal(f"{what}, {version}: what we say", ours.said(), sentence)
                interop.equal(f"{what}, {version}: what OpenSSL is told", got, [alert])
    with Refusing(":sslmethod=TLSv1_3_METHOD") as ours:
        got = alerts(s_client(ours.port, "-tls1_2"))
        interop.equal("1.2 to 1.3", (ours.said(), got),
                      ("it offers no TLS version that this side supports", [PROTOCOL_VERSION]))
    with Refusing() as ours:
        got = alerts(s_client(ours.port, "-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0"))
        interop.equal("TLS 1.1", (ours.said(), got),
                      ("it names no signature algorithms (does it speak TLS 1.1 or older?)", [HANDSHAKE_FAILURE]))
        got = alerts(s_client(ours.port, "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"))
        interop.equal("an old cipher", (ours.said(), got),
                      ("it offers no cipher that this side supports", [HANDSHAKE_FAILURE]))
        got = alerts(s_client(ours.port, "-tls1_3", "-groups", "P-521:ffdhe2048"))
        interop.equal("a rare group", (ours.said(), got),
                      ("it offers no key exchange group that this side supports", [HANDSHAKE_FAILURE]))
    with Refusing(":alpn=h2") as ours:
        got = alerts(s_client(ours.port, "-alpn", "smtp"))
        interop.equal("another protocol", (ours.said(), got),
                      ("it offers none of the protocols of `alpn`", [NO_APPLICATION_PROTOCOL]))


def told(stream):
    """Reads to the end; returns the unencrypted alerts."""
    got = b""
    while piece := stream.recv(4096):
        got += piece
    return [got[at + 6] for at in range(0, len(got), 7) if got[at] == 21]


def raw(port):
    stream = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return stream


def we_refuse_what_is_no_tls():
    with Refusing() as ours:
        for sent, sentence, alert in [
            (b"GET /index.html HTTP/1.1\r\nHost: a\r\n\r\n",
             r"it does not speak TLS, but sent `GET /index.html HTTP/1.1\r\nHost: `", [DECODE_ERROR]),
            # rustls has this error for unencrypted records.
            (b"\x16\x03\x01\xff\xff\x01", "it sent a record above the maximum length of TLS", [DECODE_ERROR]),
            (b"\x16\x03\x01\x00\x04\x01\x00\x00\x00", "it sent a broken message (missing data)", [DECODE_ERROR]),
            (b"\x17\x03\x03\x00\x01\x00", "it sent a message out of order", [UNEXPECTED_MESSAGE]),
        ]:
            # Unread data must not prevent the client from receiving the alert.
            with raw(ours.port) as stream:
                stream.sendall(sent + bytes(100_000))
                got = told(stream)
            interop.equal(f"{sent[:8]}", (ours.said(), got), (sentence, alert))
        with raw(ours.port) as stream:
            stream.sendall(b"\x16\x03")
            stream.shutdown(socket.SHUT_WR)
            told(stream)
        interop.equal("who breaks off", ours.said(), "it ended the connection in the middle of the handshake")


def a_hello_in_single_bytes():
    with Refusing() as ours, raw(ours.port) as stream:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = ssl.create_default_context(cafile=root.cert)
        tls = context.wrap_bio(incoming, outgoing, server_hostname="a.test")

        def exchange(action):
            while True:
                try:
                    return action()
                except ssl.SSLWantReadError:
                    for byte in outgoing.read():
                        stream.sendall(bytes([byte]))
                    incoming.write(stream.recv(65536))
                finally:
                    stream.sendall(outgoing.read())

        exchange(tls.do_handshake)
        exchange(lambda: tls.write(b"question"))
        interop.equal("bytes one by one", exchange(lambda: tls.read(8)), b"question")


def nobody_renegotiates():
    with Refusing() as ours:
        # A line `R` requests a renegotiation; with `-ign_eof`, it would be data.
        with Process("openssl", "s_client", "-connect", f"127.0.0.1:{ours.port}", "-tls1_2", "-CAfile", root.cert,
                     stdin=subprocess.PIPE) as process:
            while not process.line().startswith("    Extended master secret"):
                pass
            process.popen.stdin.write("R\n")
            process.popen.stdin.flush()
            said = "".join(process.popen.communicate(timeout=PATIENCE))
        interop.holds("OpenSSL is told that nobody renegotiates", "no renegotiation" in said, said)
        line = ours.process.line("stderr")
        interop.holds("and breaks off", ": it says `handshake failure` (after" in line, line)
    with s_server("-tls1_2", "-cert", server.cert, "-key", server.key, quiet=False) as theirs:
        with interop.strports("connect", ours_to(theirs), stdin=subprocess.PIPE) as process:
            process.popen.stdin.write("before\n")
            process.popen.stdin.flush()
            while theirs.line() != "before":
                pass
            # OpenSSL's server requests it after a line `r`, and disconnects if it is refused.
            theirs.popen.stdin.write("r\n")
            theirs.popen.stdin.flush()
            line = process.line("stderr")
            interop.equal("our client does not renegotiate", process.popen.wait(timeout=PATIENCE), 1)
        interop.holds("and says what comes of it", line.endswith(": it says `handshake failure`"), line)
        theirs.popen.terminate()
        _, output, errors = theirs.ends()
        interop.holds("OpenSSL's server is told, too", "no renegotiation" in output + errors, output + errors)


def truncation():
    with Refusing() as ours:
        context = ssl.create_default_context(cafile=root.cert)
        with context.wrap_socket(raw(ours.port), server_hostname="a.test") as stream:
            stream.sendall(b"half of it")
            interop.equal("what came before a cut", stream.recv(100), b"half of it")
            # Ends TCP without close_notify.
            socket.socket.shutdown(stream, socket.SHUT_WR)
            line = ours.process.line("stderr")
        cut = "the connection was cut off (it ended without `close_notify` of TLS)"
        interop.holds("a cut is told from an end", f"{cut} (after" in line, line)
    with s_server("-cert", server.cert, "-key", server.key, quiet=False) as theirs:
        with interop.strports("connect", ours_to(theirs), stdin=subprocess.PIPE) as process:
            theirs.popen.stdin.write("half of it\n")
            theirs.popen.stdin.flush()
            interop.equal("what came before a cut", process.line(), "half of it")
            theirs.popen.kill()
            line = process.line("stderr")
            interop.equal("a cut is a failure", process.popen.wait(timeout=PATIENCE), 1)
        interop.holds("and is told from an end", line.endswith(cut), line)


def s_server(*options, quiet=True):
    """Starts OpenSSL's server, with a known `.port`; if it is quiet, it reverses lines."""
    process = Process("openssl", "s_server", "-accept", "127.0.0.1:0", *(["-rev"] if quiet else []), *options,
                      stdin=subprocess.PIPE)
    while not (line := process.line()).startswith("ACCEPT"):
        if not line and process.popen.poll() is not None:
            raise SystemExit(f"openssl s_server {options}: {process.popen.stderr.read()}")
    process.port = port_of(line)
    return process


def ours_to(theirs, arguments="", host="a.test"):
    """Returns the description of our client, of the type that has these parameters."""
    if "certKey" in arguments or "caCertsDir" in arguments:
        return f"ssl:127.0.0.1:{theirs.port}:hostname={host}{arguments}"
    return rf"tls:{host}:1:trustRoots={root.cert}{arguments}:endpoint=tcp\:127.0.0.1\:{theirs.port}"


def connect(description, text="question\n"):
    with interop.strports("connect", description, stdin=subprocess.PIPE) as process:
        output, errors = process.popen.communicate(text, timeout=PATIENCE)
    return output or errors


def ask(description, text="question\n"):
    """Returns the first line from a server that never ends the connection."""
    with interop.strports("connect", description, stdin=subprocess.PIPE) as process:
        process.popen.stdin.write(text)
        process.popen.stdin.flush()
        return process.line() or process.line("stderr")


def we_ask():
    files = ["-cert", server.cert, "-key", server.key]
    for version, name in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")]:
        with s_server(version, *files, "-alpn", "h2,http/1.1") as theirs:
            interop.equal(f"we ask by {name}", ask(ours_to(theirs, ":alpn=http/1.1")), "noitseuq")
            theirs.popen.terminate()
            _, output, errors = theirs.ends()
            interop.holds("the version", f"Protocol version: {name}" in output + errors, output + errors)
        for host in ["127.0.0.1", r"\:\:1", "A.Test."]:
            with s_server(version, *files) as theirs:
                interop.equal(f"{host} is verified", ask(ours_to(theirs, host=host)), "noitseuq")
        with s_server(version, *files, "-Verify", "1", "-CAfile", root.cert, "-verify_return_error") as theirs:
            arguments = f":caCertsDir={root.cert}:certKey={client.cert}:privateKey={client.key}"
            interop.equal("we show our certificate", ask(ours_to(theirs, arguments)), "noitseuq")
        # A relay caches its sessions; OpenSSL's status page shows whether they are resumed.
        with s_server(version, *files, "-www", quiet=False) as theirs:
            place = f"unix:{interop.path('relay' + version)}"
            relay, _ = interop.listening("relay", place, ours_to(theirs))
            with relay:
                for kind in ["New", "Reused"]:
                    with socket.socket(socket.AF_UNIX) as stream:
                        stream.settimeout(PATIENCE)
                        stream.connect(place.removeprefix("unix:"))
                        stream.sendall(b"GET / HTTP/1.0\r\n\r\n")
                        page = b""
                        while piece := stream.recv(65536):
                            page += piece
                    interop.holds(f"{name}: the second session is resumed", f"\n{kind}, {name}".encode() in page, page)


def we_refuse_servers():
    cases = [
        ("a wrong name", root.issue("other", "b.test"),
         "its certificate `CN=b.test` is not for `a.test` (it is for `b.test`)", BAD_CERTIFICATE),
        ("an expired certificate", expired := root.issue("expired", "a.test", ends=NOW - DAY),
         f"its certificate `CN=a.test` expired on {expired.expired_on}", CERTIFICATE_EXPIRED),
        ("an unknown authority", stranger.issue("strange", "a.test"),
         "its certificate `CN=a.test` was issued by `CN=stranger`, and no chain leads from there to a trusted authority",
         UNKNOWN_CA),
        ("a certificate of its own", root.issue("alone", "a.test", self_signed=True),
         "its certificate `CN=a.test` is self-signed, and is not trusted here", UNKNOWN_CA),
        ("a client's certificate", root.issue("purpose", "a.test", usages=[CLIENT]),
         "its certificate `CN=a.test` is not meant for servers", UNSUPPORTED_CERTIFICATE),
    ]
    for version in ["-tls1_2", "-tls1_3"]:
        for what, files, sentence, alert in cases:
            with s_server(version, "-cert", files.cert, "-key", files.key, "-naccept", "1") as theirs:
                said = connect(ours_to(theirs))
                _, output, errors = theirs.ends()
            wanted = f"no TLS with 127.0.0.1:{theirs.port}: {sentence}\n"
            interop.holds(f"{what}, {version}: what we say", said.endswith(wanted), said)
            interop.equal(f"{what}, {version}: what OpenSSL is told", alerts(output + errors), [alert])


def we_are_refused():
    files = ["-cert", server.cert, "-key", server.key, "-naccept", "1"]
    required = "it says `certificate required` (it requires a certificate from this side)"
    wants = ["-Verify", "1", "-CAfile", root.cert, "-verify_return_error"]
    with s_server("-tls1_3", *files, *wants) as theirs:
        said = connect(ours_to(theirs))
        interop.holds("we have no certificate, 1.3", said.rstrip().endswith(required), said)
    with s_server("-tls1_2", *files, *wants) as theirs:
        said = connect(ours_to(theirs))
        interop.holds("we have no certificate, 1.2", said.rstrip().endswith("it says `handshake failure`"), said)
    with s_server(*files, "-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0") as theirs:
        said = connect(ours_to(theirs))
        interop.holds("TLS 1.1", "it says `protocol version`" in said, said)
    with s_server(*files, "-alpn", "h2") as theirs:
        said = connect(ours_to(theirs, ":alpn=smtp"))
        interop.holds("another protocol", "it says `no application protocol`" in said, said)
    # Answers of a server without TLS.
    with socket.create_server(("127.0.0.1", 0)) as plain:
        for answer, sentence in [
            (b"HTTP/1.1 400 Bad Request\r\n\r\n", r"it does not speak TLS, but sent `HTTP/1.1 400 Bad Request\r\n\r\n`"),
            (b"220 mail.test ESMTP\r\n", r"it does not speak TLS, but sent `220 mail.test ESMTP\r\n`"),
            (b"", "it ended the connection without an answer (does it speak TLS there?)"),
        ]:
            port = plain.getsockname()[1]
            with interop.strports("connect", f"ssl:127.0.0.1:{port}:caCertsDir={root.cert}") as process:
                stream, _ = plain.accept()
                with stream:
                    stream.recv(65536)
                    stream.sendall(answer)
                    stream.shutdown(socket.SHUT_WR)
                    status, _, errors = process.ends()
            interop.equal("a server without TLS", status, 1)
            interop.holds("a server without TLS", errors.endswith(f"no TLS with 127.0.0.1:{port}: {sentence}\n"), errors)


openssl_asks()
openssl_shows_a_certificate()
the_version_is_chosen()

we_refuse_clients()
we_refuse_what_is_no_tls()
a_hello_in_single_bytes()
nobody_renegotiates()
truncation()
we_ask()
we_refuse_servers()
we_are_refused()
interop.done()
