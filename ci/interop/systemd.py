"""Tests socket activation by systemd-socket-activate: by index, by name, of every family, and per connection.

    systemd.py COMMAND
"""

import os
import socket
import stat
import subprocess
import threading

from harness import Interop, Process

interop = Interop("systemd")
LOOPBACK = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}


class Place:
    """The place of a socket: its address for systemd-socket-activate, and how to connect to it."""

    def __init__(self, family, name=None):
        self.family = family
        if family == socket.AF_UNIX:
            self.address = self.listen = interop.path(name)
            return
        # systemd-socket-activate refuses port 0, so choose a free port.
        with socket.socket(family) as found:
            found.bind((LOOPBACK[family], 0))
            self.address = found.getsockname()[:2]
        host = LOOPBACK[family]
        self.listen = (f"[{host}]" if ":" in host else host) + f":{self.address[1]}"

    def connect(self):
        client = socket.socket(self.family)
        client.settimeout(30)
        client.connect(self.address)
        return client

    def ask(self, question):
        """Sends a request, ends its direction, and returns the whole answer."""
        with self.connect() as client:

            def send():
                client.sendall(question.encode())
                client.shutdown(socket.SHUT_WR)

            sender = threading.Thread(target=send, daemon=True)
            sender.start()
            answer = b"".join(iter(lambda: client.recv(4096), b"")).decode()
            sender.join()
            return answer


def activate(places, *options, stdin=subprocess.DEVNULL):
    """Starts systemd-socket-activate, which runs our command on the first connection."""
    sockets = [word for place in places for word in ("-l", place.listen)]
    service = Process("systemd-socket-activate", *sockets, *options, stdin=stdin)
    for _ in places:
        said = service.line("stderr")
        if not said.startswith("Listening on"):
            raise SystemExit(f"systemd: systemd-socket-activate said: {said}")
    return service


def one_connection(what, places, names, description, place):
    command = [*names, interop.command, "listen", description]
    with activate(places, *command, stdin=subprocess.PIPE) as service:
        service.popen.stdin.write("answer")
        service.popen.stdin.close()
        service.popen.stdin = None
        interop.equal(f"{what}: the answer", place.ask("question"), "answer")
        status, output, errors = service.ends()
        interop.equal(f"{what}: the question ({errors})", (status, output), (0, "question"))


def by_index_and_name():
    inet, inet6 = Place(socket.AF_INET), Place(socket.AF_INET6)
    unix = Place(socket.AF_UNIX, "by-name")
    one_connection("an index", [inet, inet6], [], "systemd:INET:index=0", inet)
    one_connection("an index", [inet, inet6], [], "systemd:INET6:1", inet6)
    places, names = [inet, inet6, unix], ["--fdname=web:web:admin"]
    one_connection("a name", places, names, "systemd:INET:name=web", inet)
    one_connection("a name", places, names, "systemd:INET6:name=web", inet6)
    one_connection("a name", places, names, "systemd:UNIX:name=admin", unix)
    interop.holds("the socket of systemd stays", stat.S_ISSOCK(os.stat(unix.address).st_mode))
    interop.holds("no lock stands beside it", not os.path.lexists(unix.address + ".lock"))


def several_of_one_name():
    places = [Place(socket.AF_INET), Place(socket.AF_INET), Place(socket.AF_INET)]
    command = ["--fdname=web:admin:web", interop.command, "listen", "--keep", "systemd:INET:name=web"]
    with activate(places, *command) as service:
        for place, question in [(places[2], "one\n"), (places[0], "two\n"), (places[2], "three\n")]:
            interop.equal("several of one name", place.ask(question), "")
            interop.equal("several of one name", service.line(), question.rstrip())


def what_does_not_fit():
    for description, said in [
        ("systemd:UNIX:name=web", "descriptor 3 (`web`) is a listening INET socket (expected a listening UNIX socket)"),
        ("systemd:INET:name=we", "no socket is named `we` (LISTEN_FDNAMES is `web`)"),
        ("systemd:INET:index=1", "there is no socket at index 1: 1 socket was passed"),
    ]:
        place = Place(socket.AF_INET)
        with activate([place], "--fdname=web", interop.command, "listen", description) as service:
            with place.connect():
                status, _, errors = service.ends()
            interop.equal(description, status, 1)
            interop.holds(description, said in errors, errors)
    with interop.strports("listen", "systemd:INET:index=0") as alone:
        status, _, errors = alone.ends()
    interop.equal("without systemd", status, 1)
    interop.holds("without systemd", "run under systemd or systemd-socket-activate" in errors, errors)


def by_descriptor():
    place = Place(socket.AF_INET)
    one = [interop.command, "listen", "fd:3"]
    with activate([place], *one) as service:
        interop.equal("a listening descriptor", place.ask("question"), "")
        interop.equal("a listening descriptor", service.ends()[:2], (0, "question"))


def a_process_for_each_connection():
    """As with `Accept=yes`, the connection is descriptor 3, or 0 and 1 with the protocol of inetd."""
    for family in LOOPBACK:
        place = Place(family)
        with activate([place], "--accept", interop.command, "connect", "fd:3") as service:
            for question in ["one\n", "two\n"]:
                interop.equal("fd: for each", place.ask(question), "")
                interop.equal("fd: for each", service.line(), question.rstrip())
    echo = Place(socket.AF_INET)
    place = Place(socket.AF_INET)
    command = [interop.command, "relay", "stdio:", "tcp:" + echo.listen]
    with activate([echo], "--accept", "--inetd", "/bin/cat"):
        with activate([place], "--accept", "--inetd", *command):
            # More data than all buffers on the path can hold.
            for question in ["one", "two" * 1_000_000]:
                interop.holds("stdio: for each", place.ask(question) == question)


by_index_and_name()
several_of_one_name()
what_does_not_fit()
by_descriptor()
a_process_for_each_connection()
interop.done()
