"""Tests two relays behind a HAProxy with health checks: one is killed, restarted, and drained.

    balanced.py COMMAND

Clients connect in a tight loop. Only connections of the killed relay break, no later connection fails, and the
restarted relay gets its share again. The configuration of HAProxy is that of spec/deploy.md.
"""

import os
import re
import signal
import socket
import threading
import time

from harness import LOOPBACK, Echo, Interop, Process, free_port

interop = Interop("balanced")
PAGE = os.path.join(os.path.dirname(__file__), "..", "..", "spec", "deploy.md")
CROWD = 4
HELD = 10


class Target(Echo):
    """A server that sends its name, and then echoes."""

    def __init__(self, name):
        self.name = name.encode() + b"\n"
        super().__init__()

    def serve(self, stream):
        stream.sendall(self.name)
        super().serve(stream)


class Relay:
    """A relay on fixed ports, which it uses again after a restart."""

    def __init__(self, name):
        self.name, self.target = name, Target(name)
        self.port, self.health = free_port(), free_port()
        self.start()

    def start(self):
        self.process, _ = interop.listening(
            "relay", "--drain-timeout", "60s", "--metrics", f"tcp:{self.health}:interface={LOOPBACK}",
            f"haproxy:tcp:{self.port}:interface={LOOPBACK}:proxyTrusted={LOOPBACK}/32",
            f"tcp:{LOOPBACK}:{self.target.port}",
        )
        # Its further output is not read, and must not block it.
        interop.holds("where its metrics are", self.process.line("stderr").startswith("metrics at"))

    def place(self):
        """Returns the address and options of its `server` line for HAProxy."""
        return f"{LOOPBACK}:{self.port} send-proxy-v2 check port {self.health}"

    def send(self, number):
        self.process.popen.send_signal(number)

    def ends(self):
        self.process.popen.wait(30)
        return self.process.popen.returncode


class Balancer:
    """HAProxy on a socket that listens before it starts, with its messages about servers."""

    def __init__(self, relays):
        self.socket = socket.create_server((LOOPBACK, 0), backlog=1024)
        number = self.socket.fileno()
        text = re.search(r"^```\n(defaults\n.*?)^```$", open(PAGE).read(), re.M | re.S)[1]
        for written, meant in [
            ("bind :8080", f"bind fd@{number}"),
            ("inter 1s", "inter 100ms"),
            ("10.0.0.11:8080 send-proxy-v2 check addr 10.1.0.11 port 9100", relays[0].place()),
            ("10.0.0.12:8080 send-proxy-v2 check addr 10.1.0.12 port 9100", relays[1].place()),
        ]:
            interop.equal(f"{written} on the page", text.count(written), 1)
            text = text.replace(written, meant)
        path, self.admin = interop.path("haproxy.cfg"), interop.path("admin")
        with open(path, "w") as config:
            config.write(f"global\n  stats socket {self.admin} mode 600 level admin\n\n{text}")
        self.process = Process("haproxy", "-db", "-f", path, pass_fds=[number])

    def connect(self):
        stream = socket.create_connection(self.socket.getsockname(), timeout=30)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return stream

    def told(self, command):
        """Sends a command to HAProxy, whose answer must be empty."""
        with socket.socket(socket.AF_UNIX) as admin:
            admin.connect(self.admin)
            admin.sendall(command.encode() + b"\n")
            interop.equal(command, admin.makefile().read().strip(), "")

    def says(self, name, state):
        """Waits for the message that a server is UP or DOWN."""
        while line := self.process.line("stderr"):
            if re.search(rf"Server relays/{name} is {state}\b", line):
                return
        raise SystemExit(f"balanced: HAProxy ended before it said that {name} is {state}")


def begun(balancer):
    """Connects to a relay; returns the connection and the name of the relay."""
    stream = balancer.connect()
    name = b""
    while not name.endswith(b"\n"):
        piece = stream.recv(16)
        if not piece:
            stream.close()
            raise ConnectionError("it ended before it began")
        name += piece
    return stream, name.decode().strip()


def echoes(stream, text=b"echo"):
    try:
        stream.sendall(text)
        answer = b""
        while len(answer) < len(text):
            piece = stream.recv(len(text))
            if not piece:
                return False
            answer += piece
        return answer == text
    except OSError:
        return False


def held(balancer):
    """Opens connections to both relays; returns them by relay."""
    by_relay = {}
    for _ in range(HELD):
        stream, name = begun(balancer)
        by_relay.setdefault(name, []).append(stream)
    return by_relay


class Crowd:
    """Threads that connect, make a request, and close, in a loop."""

    def __init__(self, balancer):
        self.balancer, self.stopped = balancer, False
        self.served = {}
        self.failed = []
        self.lock = threading.Condition()
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(CROWD)]
        for thread in self.threads:
            thread.start()

    def run(self):
        while not self.stopped:
            start, name = time.monotonic(), None
            try:
                stream, name = begun(self.balancer)
                with stream:
                    good = echoes(stream)
            except OSError:
                good = False
            with self.lock:
                if good:
                    self.served[name] = self.served.get(name, 0) + 1
                else:
                    self.failed.append((start, name))
                self.lock.notify_all()

    def waits_for(self, name, count):
        """Waits until a relay has served this number of further connections."""
        with self.lock:
            wanted = self.served.get(name, 0) + count
            done = self.lock.wait_for(lambda: self.served.get(name, 0) >= wanted, timeout=30)
        interop.holds(f"{name} serves", done, self.served)

    def stop(self):
        self.stopped = True
        for thread in self.threads:
            thread.join(30)
        return sum(self.served.values())


def kill_and_return(balancer, one, two):
    crowd = Crowd(balancer)
    for relay in (one, two):
        crowd.waits_for(relay.name, 50)
    streams = held(balancer)
    interop.equal("each has its share", set(streams), {one.name, two.name})

    one.send(signal.SIGKILL)
    one.ends()
    killed = time.monotonic()
    interop.equal("its connections break", {echoes(it) for it in streams[one.name]}, {False})
    interop.equal("others do not", {echoes(it) for it in streams[two.name]}, {True})
    balancer.says(one.name, "DOWN")
    crowd.waits_for(two.name, 200)
    interop.equal("the other one has all new ones", set(held(balancer)), {two.name})

    one.process.__exit__()
    one.start()
    balancer.says(one.name, "UP")
    crowd.waits_for(one.name, 50)
    interop.equal("others did not notice", {echoes(it) for it in streams[two.name]}, {True})

    served = crowd.stop()
    late = [start - killed for start, _ in crowd.failed if start > killed]
    interop.equal("none that began after the kill fails", late, [])
    strangers = [name for _, name in crowd.failed if name == two.name]
    interop.equal("none of the other one fails", strangers, [])
    # A client that fails may connect again while the backlog of the killed relay still accepts.
    interop.holds("at most two of each of the crowd break", len(crowd.failed) <= 2 * CROWD, crowd.failed)
    print(f"balanced: killed one of two: {served} connections served, {len(crowd.failed)} of its own broken")
    return [stream for its in streams.values() for stream in its]


def drain(balancer, one, two):
    crowd = Crowd(balancer)
    streams = held(balancer)
    balancer.told(f"set server relays/{two.name} state drain")
    # By then, every open connection started after the command.
    crowd.waits_for(one.name, 200)
    two.send(signal.SIGTERM)
    balancer.says(two.name, "DOWN")
    crowd.waits_for(one.name, 200)
    interop.equal("its connections go on", {echoes(it) for it in streams[two.name]}, {True})
    served = crowd.stop()
    for stream in [stream for its in streams.values() for stream in its]:
        stream.close()
    interop.equal("it ends with its last connection", two.ends(), 0)
    interop.equal("no connection fails where one is drained", crowd.failed, [])
    print(f"balanced: drained one of two: {served} connections served, none broken")


one, two = Relay("one"), Relay("two")
balancer = Balancer([one, two])
try:
    for stream in kill_and_return(balancer, one, two):
        stream.close()
    drain(balancer, one, two)
finally:
    for process in (balancer.process, one.process, two.process):
        process.__exit__()
interop.done()
