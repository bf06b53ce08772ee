"""Tests Twisted as client and as server: TCP, UNIX sockets with lock files, PROXY headers.

    twisted_interop.py COMMAND    run by the Python that has Twisted
"""

import os
import signal
import subprocess
import sys

from harness import PATIENCE, Interop, Process

HERE = os.path.dirname(os.path.abspath(__file__))
interop = Interop("twisted")


def twisted(role, description):
    return Process(sys.executable, os.path.join(HERE, "twisted_peer.py"), role, description)


def ask(description):
    """Returns the answer to a request of Twisted's client."""
    with twisted("client", description) as client:
        return client.line()


def serve(description):
    """Starts `strports relay` to a server that answers in capitals; returns it and its client."""
    answering = "process:/bin/sh:-c:read line; echo \"$line\" | tr a-z A-Z"
    return interop.listening("relay", description, answering)


def connect(description):
    """Returns the answer to a request of `strports connect`."""
    with interop.strports("connect", description, stdin=subprocess.PIPE) as client:
        client.popen.stdin.write("question\n")
        client.popen.stdin.flush()
        answer = client.line()
        return answer or client.line("stderr")


def tcp():
    for description in ["tcp:0:interface=127.0.0.1", r"tcp6:0:interface=\:\:1", "tcp6:0"]:
        relay, place = serve(description)
        with relay:
            interop.equal(f"Twisted asks {description}", ask(place), "QUESTION")
        with twisted("server", description) as server:
            _, port = server.line().split()
            host = r"\:\:1" if description.startswith("tcp6") else "127.0.0.1"
            answer = connect(f"tcp:{host}:{port}")
            interop.holds(f"we ask {description}", answer.startswith("QUESTION "), answer)


def unix():
    path = interop.path("socket")
    lock = path + ".lock"
    description = f"unix:{path}:mode=600"

    relay, place = serve(description)
    with relay:
        interop.equal("Twisted asks unix:", ask(place), "QUESTION")
        interop.equal("Twisted finds our lock", ask(f"{place}:lockfile=1"), "QUESTION")
        with twisted("server", description) as server:
            interop.holds("our lock keeps Twisted out", "CannotListenError" in (said := server.line()), said)
        relay.popen.kill()
        relay.popen.wait()
    interop.holds("a killed server leaves its lock", os.path.islink(lock))
    with twisted("server", description) as server:
        interop.equal("Twisted takes over our stale lock", server.line(), "ready 0")
        interop.equal("the lock is Twisted's", os.readlink(lock), str(server.popen.pid))
        interop.equal("the mode is as asked for", os.stat(path).st_mode & 0o777, 0o600)
        interop.holds("we ask unix:", (said := connect(f"unix:{path}")).startswith("QUESTION "), said)
        said = connect(f"unix:{path}:lockfile=1")
        interop.holds("we find Twisted's lock", said.startswith("QUESTION "), said)
        with interop.strports("listen", description) as refused:
            status, _, errors = refused.ends()
        interop.equal("Twisted's lock keeps us out", status, 1)
        interop.holds("and we name its holder", f"held by process {server.popen.pid}" in errors, errors)
        server.popen.kill()
        server.popen.wait()
    relay, place = serve(description)
    with relay:
        interop.equal("we take over Twisted's stale lock", os.readlink(lock), str(relay.popen.pid))
        interop.equal("and serve", ask(place), "QUESTION")
        relay.popen.send_signal(signal.SIGTERM)
        interop.equal("we end on SIGTERM", relay.ends()[0], 0)
    interop.equal("and leave nothing", sorted(os.listdir(interop.directory.name)), [])


def haproxy():
    for version in ["1", "2"]:
        with twisted("server", "haproxy:tcp:0:interface=127.0.0.1") as server:
            _, port = server.line().split()
            answer = connect(f"haproxy:tcp:127.0.0.1:{port}:proxyVersion={version}")
            interop.holds("Twisted reads our header", answer.startswith("QUESTION 127.0.0.1:"), answer)


def piped(*options):
    """Returns the output of `strports connect` if standard input ends after the request."""
    with interop.strports("connect", *options, stdin=subprocess.PIPE) as client:
        return client.popen.communicate("question\n", timeout=PATIENCE)[0]


def ends():
    with twisted("late", "tcp:0:interface=127.0.0.1") as server:
        place = "tcp:127.0.0.1:" + server.line().split()[1]
        interop.equal("Twisted drops its answer at a half-close", piped(place), "")
        answer = piped("--no-shutdown", place)
        interop.holds("--no-shutdown gets the answer", answer.startswith("QUESTION 127"), answer)
        # Standard input stays open.
        with interop.strports("connect", "--end-on-close", place, stdin=subprocess.PIPE) as client:
            client.popen.stdin.write("question\n")
            client.popen.stdin.flush()
            interop.holds("the answer comes", (said := client.line()).startswith("QUESTION "), said)
            interop.equal("--end-on-close ends with Twisted", client.popen.wait(PATIENCE), 0)


tcp()
unix()
haproxy()
ends()
interop.done()
