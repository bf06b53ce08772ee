"""Helpers of the interop checks: processes that end with the check, and comparisons."""

import os
import re
import socket
import subprocess
import sys
import tempfile
import threading

PATIENCE = 30
LOOPBACK = "127.0.0.1"


class Process:
    """A process whose output is read by line; it is killed at the end of the check."""

    def __init__(self, *command, stdin=subprocess.DEVNULL, **options):
        self.popen = subprocess.Popen(
            [str(word) for word in command],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.popen.kill()
        self.popen.wait()
        for stream in (self.popen.stdin, self.popen.stdout, self.popen.stderr):
            if stream:
                stream.close()

    def line(self, stream="stdout"):
        """Returns the next line; empty at the end."""
        return getattr(self.popen, stream).readline().rstrip("\n")

    def ends(self):
        """Waits for the end; returns the exit status and all output."""
        output, errors = self.popen.communicate(timeout=PATIENCE)
        return self.popen.returncode, output, errors


class Echo:
    """An echo server on a free port; subclasses override `serve`."""

    def __init__(self):
        self.socket = socket.create_server((LOOPBACK, 0), backlog=1024)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            stream, _ = self.socket.accept()
            threading.Thread(target=self.answer, args=[stream], daemon=True).start()

    def answer(self, stream):
        with stream:
            try:
                self.serve(stream)
            # An error of the other side ends only this connection.
            except OSError:
                pass

    def serve(self, stream):
        while piece := stream.recv(65536):
            stream.sendall(piece)


def free_port():
    """Returns a port that was free a moment ago."""
    with socket.create_server((LOOPBACK, 0)) as found:
        return found.getsockname()[1]


def bound_port(line):
    """Returns the port in the first line of a listener, if it has one."""
    found = re.match(r"listening on \S+:(\d+)(?=$|[ ;])", line)
    return found and int(found[1])


class Interop:
    """One check: the command under test, a directory, and the number of comparisons."""

    def __init__(self, peer):
        self.peer = peer
        self.command = os.path.abspath(sys.argv[1])
        self.directory = tempfile.TemporaryDirectory(prefix="interop-")
        self.count = 0

    def path(self, name):
        return os.path.join(self.directory.name, name)

    def strports(self, *arguments, **options):
        return Process(self.command, *arguments, **options)

    def listening(self, *arguments, **options):
        """Starts `strports listen` or `relay`; returns it with its `.port`, and the client for it."""
        process = self.strports(*arguments, **options)
        line = process.line("stderr")
        found = re.match(r"listening on .*; connect with ([^\s;]+)", line)
        if not found:
            raise SystemExit(f"{self.peer}: strports {' '.join(arguments)} said: {line}")
        process.port = bound_port(line)
        return process, found[1]

    def equal(self, what, got, wanted):
        self.count += 1
        if got != wanted:
            raise SystemExit(f"{self.peer}: {what}: expected {wanted!r}, but got {got!r}")

    def holds(self, what, condition, seen=""):
        self.count += 1
        if not condition:
            raise SystemExit(f"{self.peer}: {what}: {seen!r}")

    def done(self):
        self.directory.cleanup()
        print(f"{self.peer}: {self.count} answers are as they should be")
