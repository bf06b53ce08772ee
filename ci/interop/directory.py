"""Tests our `tls` server with a directory: OpenSSL, curl and Twisted request its names.

    directory.py COMMAND    run by the Python that has Twisted
"""

import os
import re
import shutil
import subprocess
import sys

from authority import DAY, NOW, Authority
from harness import Interop, PATIENCE, Process, bound_port

HERE = os.path.dirname(os.path.abspath(__file__))
interop = Interop("tls directory")
root = Authority(interop.directory.name, "root")
ROOTS, SERVED = interop.path("roots"), interop.path("served")


def put(name, files):
    """Copies a key and its certificate into the directory; the first file name is the default."""
    shutil.copy(files.both, os.path.join(SERVED, name + ".pem"))


def fill():
    os.mkdir(ROOTS)
    shutil.copy(root.cert, os.path.join(ROOTS, "root.pem"))
    os.makedirs(os.path.join(SERVED, "below"))
    put("a", root.issue("a", "a.test"))
    put("below/wild", root.issue("wild", "*.b.test"))
    put("below/idna", root.issue("idna", "xn--bcher-kva.test"))
    put("address", root.issue("address", "127.0.0.1"))
    put("short", root.issue("short", "twice.test"))
    put("long", root.issue("long", "twice.test", "long.test", ends=NOW + 9 * DAY))
    with open(os.path.join(SERVED, "broken.pem"), "w") as broken:
        broken.write("-----BEGIN CERTIFICATE-----\n")


def shown(port, *options):
    """Returns the subject and the end of the certificate that OpenSSL receives."""
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile", root.cert, *options]
    done = subprocess.run(command, input="", capture_output=True, text=True, timeout=PATIENCE)
    pem = re.search(r"-----BEGIN.*?END CERTIFICATE-----", done.stdout, re.DOTALL)
    if not pem:
        return done.stderr
    done = subprocess.run(
        ["openssl", "x509", "-noout", "-ext", "subjectAltName"], input=pem[0], capture_output=True, text=True,
    )
    return done.stdout.split("\n")[1].strip()


def twisted_asks(description):
    with Process(sys.executable, os.path.join(HERE, "twisted_peer.py"), "client", description) as process:
        return process.line()


fill()
answering = "process:/bin/sh:-c:read line; echo \"$line\" | tr a-z A-Z"
relay = interop.strports("relay", f"tls:{SERVED}:0:interface=127.0.0.1", answering)
while not (line := relay.line("stderr")).startswith("listening on"):
    interop.holds("the broken file is reported", "broken.pem` is damaged" in line, line)
port = bound_port(line)
with relay:
    for names, wanted in [
        (["a.test", "A.TEST"], "DNS:a.test"),
        (["x.b.test", "X.B.Test"], "DNS:*.b.test"),
        (["xn--bcher-kva.test", "XN--BCHER-KVA.test"], "DNS:xn--bcher-kva.test"),
        (["twice.test"], "DNS:twice.test, DNS:long.test"),
        (["b.test", "x.y.b.test", "unknown.test"], "DNS:a.test"),
    ]:
        for name in names:
            for version in ["-tls1_2", "-tls1_3"]:
                interop.equal(f"{name}, {version}", shown(port, "-servername", name, version), wanted)
    # A client that connects to an address sends no name.
    interop.equal("no name", shown(port, "-noservername"), "IP Address:127.0.0.1")
    for name in ["a.test", "x.b.test", "long.test"]:
        description = rf"tls:{name}:{port}:trustRoots={ROOTS}:endpoint=tcp\:127.0.0.1\:{port}"
        interop.equal(f"Twisted asks {name}", twisted_asks(description), "QUESTION")
        description = f"ssl:127.0.0.1:{port}:hostname={name}:caCertsDir={ROOTS}"
        interop.equal(f"Twisted asks {name}", twisted_asks(description), "QUESTION")
    description = rf"tls:x.y.b.test:{port}:trustRoots={ROOTS}:endpoint=tcp\:127.0.0.1\:{port}"
    said = twisted_asks(description)
    interop.holds("Twisted gets the default for others, and refuses it", "Mismatch" in said, said)
    for name in ["a.test", "x.b.test", "b\u00fccher.test"]:
        at = f"{name.encode('idna').decode()}:{port}:127.0.0.1"
        done = subprocess.run(
            ["curl", "--silent", "--noproxy", "*", "--http0.9", "--cacert", root.cert, "--resolve", at,
             f"https://{name}:{port}/"],
            capture_output=True, text=True, timeout=PATIENCE, env=dict(os.environ, LC_ALL="C.UTF-8"),
        )
        interop.equal(f"curl asks {name}", (done.returncode, done.stdout[:5]), (0, "GET /"))
interop.done()
