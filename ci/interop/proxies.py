"""Tests our clients with real proxies: microsocks and dante for SOCKS5, tinyproxy for CONNECT.

    proxies.py COMMAND

The host behind the proxies echoes. It checks bytes in both directions, TLS inside a tunnel, nested tunnels, correct,
wrong and missing credentials, and our message for each refusal. microsocks closes both directions at the first end of
file, so only dante is tested with half-closes.
"""

import hashlib
import os
import socket
import ssl
import subprocess
import threading
import time

from authority import Authority
from harness import LOOPBACK, PATIENCE, Echo, Interop, Process, free_port

interop = Interop("proxies")
USER, PASSWORD = "fred", "pa:ss"
BULK = os.urandom(4 << 20)


class Host(Echo):
    """A host that echoes up to the client's end of file; with TLS, it echoes one piece and closes."""

    def __init__(self, context=None):
        self.context = context
        super().__init__()

    def serve(self, stream):
        if not self.context:
            return super().serve(stream)
        with self.context.wrap_socket(stream, server_side=True) as secured:
            if piece := secured.recv(65536):
                secured.sendall(piece)
                secured.unwrap()


def started(port, *command):
    """Starts a proxy, and waits until it accepts; none of them supports inherited sockets."""
    process = Process(*command)
    end = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection((LOOPBACK, port)).close()
            return process
        except ConnectionRefusedError:
            if process.popen.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"proxies: {command} does not accept connections: {process.ends()}") from None
            time.sleep(0.01)


def microsocks(port, *options):
    return started(port, "microsocks", "-i", LOOPBACK, "-p", port, *options)


def dante(port):
    """Starts dante, which only allows connections to the host."""
    path = interop.path("danted.conf")
    with open(path, "w") as config:
        config.write(f"""
logoutput: {interop.path("danted.log")}
internal: {LOOPBACK} port = {port}
external: lo
clientmethod: none
socksmethod: none
user.privileged: root
user.unprivileged: nobody
client pass {{ from: {LOOPBACK}/8 to: 0.0.0.0/0 }}
socks pass {{ from: {LOOPBACK}/8 to: 0.0.0.0/0 port = {host.port} }}
socks pass {{ from: {LOOPBACK}/8 to: 0.0.0.0/0 port = {secure_host.port} }}
socks block {{ from: 0.0.0.0/0 to: 0.0.0.0/0 }}
""")
    return started(port, "danted", "-f", path, "-p", interop.path("danted.pid"))


def tinyproxy(port, *lines):
    """Starts tinyproxy, which only allows connections to the host and another proxy."""
    path = interop.path(f"tinyproxy{port}.conf")
    with open(path, "w") as config:
        allowed = [f"ConnectPort {allowed}" for allowed in (host.port, secure_host.port, SOCKS, nobody)]
        config.write("\n".join([f"Port {port}", f"Listen {LOOPBACK}", "MaxClients 100", *allowed, *lines, ""]))
    return started(port, "tinyproxy", "-d", "-c", path)


def escaped(text):
    return text.replace("\\", r"\\").replace(":", r"\:")


def through(kind, port, target, credentials=""):
    endpoint = escaped(f"tcp:{LOOPBACK}:{port}")
    return f"{kind}:{target}:endpoint={endpoint}" + (f":credentials={credentials}" if credentials else "")


def credentials(name, text):
    path = interop.path(name)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        file.write(text)
    return path


def asked(description, text="question\n"):
    """Sends a line through `strports connect`; returns the answer, and its exit status."""
    with interop.strports("connect", description, stdin=subprocess.PIPE) as client:
        client.popen.stdin.write(text)
        client.popen.stdin.flush()
        line = client.popen.stdout.readline()
        output, errors = client.popen.communicate(timeout=PATIENCE)
        return client.popen.returncode, line + output, errors


def opens(what, description):
    interop.equal(what, asked(description), (0, "question\n", ""))


def refuses(what, description, reason):
    status, output, errors = asked(description)
    interop.equal(what, (status, output), (1, ""))
    interop.holds(what, errors.rstrip("\n").endswith(reason), errors)
    interop.holds(f"{what}: no credentials in messages", PASSWORD not in errors and USER not in errors, errors)


def half_closes(what, description):
    """Checks that the answer arrives after the end of the request."""
    with interop.strports("connect", description, stdin=subprocess.PIPE) as client:
        output, errors = client.popen.communicate("question\n", timeout=PATIENCE)
        interop.equal(what, (client.popen.returncode, output, errors), (0, "question\n", ""))


def bulk(what, description):
    """Sends 4 MB in both directions at once through a relay."""
    relay, place = interop.listening("relay", f"tcp:0:interface={LOOPBACK}", description)
    with relay, socket.create_connection((LOOPBACK, int(place.rsplit(":", 1)[1])), timeout=PATIENCE) as stream:

        sender = threading.Thread(target=stream.sendall, args=[BULK])
        sender.start()
        digest, left = hashlib.sha256(), len(BULK)
        while left and (piece := stream.recv(65536)):
            digest.update(piece)
            left -= len(piece)
        sender.join()
    interop.equal(what, digest.hexdigest(), hashlib.sha256(BULK).hexdigest())


def common(kind, name, port, login=""):
    """The checks for every proxy."""
    for place in (LOOPBACK, "localhost"):
        opens(f"{name} to {place}", through(kind, port, f"{place}:{host.port}", login))
    inside = escaped(through(kind, port, f"localhost:{secure_host.port}", login))
    secure = f"tls:localhost:{secure_host.port}:trustRoots={authority.cert}:endpoint={inside}"
    opens(f"TLS through {name}", secure)
    bulk(f"bulk through {name}", through(kind, port, f"{LOOPBACK}:{host.port}", login))


authority = Authority(interop.directory.name, "root")
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(authority.issue("host", "localhost").both)
host, secure_host = Host(), Host(context)
right, wrong = credentials("right", f"{USER}:{PASSWORD}\n"), credentials("wrong", f"{USER}:other\n")
SOCKS, nobody = free_port(), free_port()
UNKNOWN = "nowhere.invalid"


def socks_proxies():
    with microsocks(SOCKS):
        common("socks5", "microsocks", SOCKS)
        refuses("microsocks to a closed port", through("socks5", SOCKS, f"{LOOPBACK}:{nobody}"), "connection refused")
        refuses("microsocks to an unknown name", through("socks5", SOCKS, f"{UNKNOWN}:80"), "general failure")
        refuses(
            "a SOCKS5 proxy in place of HTTP",
            through("http-connect", SOCKS, f"{LOOPBACK}:{host.port}"),
            "(is it a SOCKS5 proxy? then the type is `socks5`)",
        )
    port = free_port()
    with microsocks(port, "-u", USER, "-P", PASSWORD):
        common("socks5", "microsocks with credentials", port, right)
        target = f"{LOOPBACK}:{host.port}"
        refuses("wrong credentials", through("socks5", port, target, wrong), "of `credentials=`")
        refuses("no credentials", through("socks5", port, target), "(name their file by `credentials=`)")
    port = free_port()
    with dante(port):
        common("socks5", "dante", port)
        half_closes("half-close through dante", through("socks5", port, f"{LOOPBACK}:{host.port}"))
        # Credentials are not sent unless the proxy requests them.
        opens("dante with credentials", through("socks5", port, f"{LOOPBACK}:{host.port}", right))
        refuses(
            "a rule of dante", through("socks5", port, f"{LOOPBACK}:{nobody}"), "its rules do not allow the connection"
        )
        refuses("dante to an unknown name", through("socks5", port, f"{UNKNOWN}:{host.port}"), "host unreachable")


def http_proxies():
    port = free_port()
    with tinyproxy(port), microsocks(SOCKS):
        common("http-connect", "tinyproxy", port)
        refuses(
            "a port that tinyproxy does not allow",
            through("http-connect", port, f"{LOOPBACK}:{free_port()}"),
            "the proxy answered 403 `Access violation`",
        )
        refuses(
            "tinyproxy to a closed port",
            through("http-connect", port, f"{LOOPBACK}:{nobody}"),
            "the proxy answered 500 `Unable to connect`",
        )
        inner = escaped(through("http-connect", port, f"localhost:{SOCKS}"))
        opens("microsocks behind tinyproxy", f"socks5:{LOOPBACK}:{host.port}:endpoint={inner}")
    port = free_port()
    # Its configuration does not support passwords with a colon.
    with tinyproxy(port, f"BasicAuth {USER} word"):
        login = credentials("login", f"{USER}:word\n")
        common("http-connect", "tinyproxy with credentials", port, login)
        target = f"{LOOPBACK}:{host.port}"
        refuses("wrong credentials", through("http-connect", port, target, wrong), "of `credentials=`")
        refuses("no credentials", through("http-connect", port, target), "(name their file by `credentials=`)")


socks_proxies()
http_proxies()
interop.done()
