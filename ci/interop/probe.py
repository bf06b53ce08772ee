"""Compares `strports test` with OpenSSL's client and curl, against OpenSSL's server in many states.

    probe.py COMMAND

A server that answers a request must pass with all three, and one that does not must fail. If they differ, the row has
the reason. The parameters of a successful handshake must be those that OpenSSL's client reports.
"""

import json
import os
import re
import socket
import subprocess
import threading
import time

from authority import CLIENT, DAY, NOW, Authority
from harness import Interop, PATIENCE, Process, free_port

interop = Interop("probe")
DIRECTORY = interop.directory.name
REQUEST = "GET / HTTP/1.0\r\n\r\n"

root, stranger = Authority(DIRECTORY, "root"), Authority(DIRECTORY, "stranger")
middle = Authority(DIRECTORY, "middle", above=root)
# OpenSSL also searches the directory of the trust roots for intermediates, so these are separate.
alone = os.path.join(DIRECTORY, "alone")
os.mkdir(alone)
TRUSTED = os.path.join(alone, "root.pem")
with open(root.cert) as certificate, open(TRUSTED, "w") as trusted:
    trusted.write(certificate.read())


def chained(leaf):
    """Writes a file with a certificate and its issuer."""
    path = leaf.cert + ".chain"
    with open(path, "w") as file:
        for part in (leaf.cert, middle.cert):
            with open(part) as certificate:
                file.write(certificate.read())
    return path


def s_server(files, *options):
    """Starts OpenSSL's server, which answers requests; returns it and its port."""
    port = free_port()
    command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", files.cert, "-key", files.key, "-www"]
    process = Process(*command, *options)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process, port
        time.sleep(0.02)
    raise SystemExit(f"openssl s_server does not listen: {process.ends()}")


def plain_server(answer):
    """Starts a server without TLS that answers the first data; returns it and its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            stream, _ = listener.accept()
            with stream:
                stream.recv(1024)
                stream.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    return listener.getsockname()[1]


def ours(port, *options, trust=TRUSTED, name="a.test", more=""):
    description = f"tls:{name}:443:timeout=5:trustRoots={trust}{more}:endpoint=tcp\\:127.0.0.1\\:{port}"
    _, output, errors = interop.strports("test", "--format", "json", *options, description).ends()
    interop.equal("nothing is said on standard error", errors, "")
    return json.loads(output)


def openssl(port):
    """Returns whether OpenSSL's client gets an answer, and its messages."""
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "a.test", "-verify_hostname",
               "a.test", "-verify_return_error", "-CAfile", root.cert, "-no-CApath", "-ign_eof"]
    with Process(*command, stdin=subprocess.PIPE) as process:
        try:
            said = "".join(process.popen.communicate(REQUEST, timeout=PATIENCE))
        except BrokenPipeError:
            said = ""
    return "HTTP/1.0 200" in said, said


def curl(port):
    """Returns whether curl gets an answer."""
    command = ["curl", "-sS", "-o", "/dev/null", "--max-time", "10", "--cacert", root.cert, "--http1.0",
               "--resolve", f"a.test:{port}:127.0.0.1", f"https://a.test:{port}/"]
    return subprocess.run(command, capture_output=True).returncode == 0


def failed_step(answer):
    return next((step for step in answer["steps"] if not step["ok"]), None)


good = root.issue("good", "a.test", ends=NOW + 90 * DAY)
below = middle.issue("below", "a.test", ends=NOW + 90 * DAY)

# The name, the server's certificate, its options, our message if it fails, and why OpenSSL differs.
CASES = [
    ("a good certificate", good, [], None, None),
    ("TLS 1.2", good, ["-tls1_2"], None, None),
    ("TLS 1.3", good, ["-tls1_3"], None, None),
    ("a chain", below, ["-cert_chain", chained(below)], None, None),
    ("a client certificate that may lack", good, ["-verify", "1"], None, None),
    ("no intermediate", below, [], "was issued by `CN=middle`", None),
    ("another name", root.issue("other", "b.test"), [], "is not for `a.test`", None),
    ("an expired one", root.issue("late", "a.test", ends=NOW - DAY), [], "expired on", None),
    ("an early one", root.issue("early", "a.test", begins=NOW + DAY, ends=NOW + 2 * DAY), [], "not valid before", None),
    ("a stranger's", stranger.issue("foreign", "a.test"), [], "was issued by `CN=stranger`", None),
    ("a self-signed one", root.issue("own", "a.test", self_signed=True), [], "self-signed", None),
    ("one for clients", root.issue("purpose", "a.test", usages=[CLIENT]), [], "not meant for servers", None),
    ("a client certificate wanted, 1.3", good, ["-Verify", "1", "-tls1_3"], "certificate required", None),
    ("a client certificate wanted, 1.2", good, ["-Verify", "1", "-tls1_2"], "handshake failure", None),
    ("TLS 1.1 alone", good, ["-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0"], "", None),
    ("CBC alone", good, ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"], "handshake failure",
     "rustls has no cipher of that kind"),
]

for what, files, options, says, why in CASES:
    process, port = s_server(files, *options)
    with process:
        answer = ours(port)
        failed = failed_step(answer)
        interop.equal(f"{what}: the verdict", answer["ok"], says is None)
        if says is not None:
            interop.holds(f"{what}: the words", failed["step"] == "tls" and says in failed["message"], failed)
        theirs, said = openssl(port)
        interop.equal(f"{what}: OpenSSL's client agrees", theirs, answer["ok"] or why is not None)
        interop.equal(f"{what}: curl agrees", curl(port), answer["ok"] or why is not None)
        tls = next(step for step in answer["steps"] if step["step"] == "tls")
        if answer["ok"]:
            protocol, cipher = re.search(r"New, (\S+), Cipher is (\S+)", said).groups()
            interop.equal(f"{what}: the protocol", tls["protocol"].replace(" ", "v"), protocol)
            if protocol == "TLSv1.3":
                interop.equal(f"{what}: the cipher", tls["cipher"], cipher)
            interop.equal(f"{what}: the root", tls["root"], "CN=root")
        shown = subprocess.run(["openssl", "x509", "-in", files.cert, "-noout", "-enddate", "-serial", "-dateopt",
                                "iso_8601"], capture_output=True, text=True)
        if tls["certificates"] and shown.returncode == 0:
            end, serial = re.search(r"notAfter=(.*)\nserial=(.*)", shown.stdout).groups()
            ours_shown = tls["certificates"][0]
            interop.equal(f"{what}: the end", ours_shown["not_after"], end.replace(" ", "T"))
            interop.equal(f"{what}: the serial number", ours_shown["serial"].lstrip("0"), serial.lower().lstrip("0"))

process, port = s_server(below)
with process:
    advice = failed_step(ours(port, trust=root.cert))["advice"]
    interop.holds("an intermediate beside the roots is found", "middle.crt" in " ".join(advice), advice)

process, port = s_server(good)
with process:
    answer = ours(port, "--min-days", "100")
    interop.holds("too few days fail", "expected 100 days" in failed_step(answer)["message"], answer)

for protocol, text in [("HTTP", b"HTTP/1.1 400 Bad Request\r\n\r\n"), ("SSH", b"SSH-2.0-OpenSSH_9.2\r\n"),
                       ("SMTP", b"220 mx.test ESMTP\r\n")]:
    port = plain_server(text)
    failed = failed_step(ours(port))
    interop.holds(f"{protocol} is recognized", any(f"that is {protocol}" in it for it in failed["advice"]), failed)
    interop.equal(f"{protocol}: the others fail, too", (openssl(port)[0], curl(port)), (False, False))

port = free_port()
interop.equal("a closed port", failed_step(ours(port))["step"], "connect")
interop.equal("a closed port is one for curl", curl(port), False)

interop.done()
