#!/usr/bin/env python3
"""Checks that a static build of the command explains, checks and relays.

    ci/platforms/static.py COMMAND [RUNNER…]

RUNNER runs programs of another machine, such as `qemu-aarch64-static`.
"""

import os
import re
import socket
import subprocess
import sys
import tempfile
import threading

PATIENCE = 60


def run(command, *arguments, code, says):
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=PATIENCE)
    said = done.stdout + done.stderr
    if done.returncode != code or says not in said:
        sys.exit(f"static.py: `strports {' '.join(arguments)}`: {done.returncode}, {said!r}")


def serve(listener):
    """Echoes one connection."""
    peer, _ = listener.accept()
    with peer:
        while some := peer.recv(4096):
            peer.sendall(some)


def relay(command, client, port_of_peer):
    """Makes a round trip through `relay` on a port that the system chooses."""
    relay = subprocess.Popen(
        [*command, "relay", "tcp:0:interface=127.0.0.1", client], stderr=subprocess.PIPE, text=True
    )
    try:
        line = relay.stderr.readline()
        found = re.match(r"listening on 127\.0\.0\.1:(\d+)", line)
        if not found:
            sys.exit(f"static.py: `strports relay` says {line!r}")
        with socket.create_connection(("127.0.0.1", int(found[1])), timeout=PATIENCE) as peer:
            peer.sendall(b"there and back")
            peer.shutdown(socket.SHUT_WR)
            back = b"".join(iter(lambda: peer.recv(4096), b""))
        if back != b"there and back":
            sys.exit(f"static.py: {back!r} came back through {client} to {port_of_peer}")
    finally:
        relay.terminate()
        relay.wait(PATIENCE)


def main():
    program, *runner = sys.argv[1:]
    command = [*runner, os.path.abspath(program)]
    run(command, "explain", "tcp:8080", code=0, says="TCP port 8080")
    run(command, "check", "-e", "tcp:80:interface=::1", code=1, says="multiple-values")
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as tcp:
        with open(os.path.join(folder, "a.py"), "w", encoding="ascii") as file:
            file.write('serverFromString(reactor, "tcp:x")\n')
        run(command, "check", folder, code=1, says="not-an-integer")
        port = tcp.getsockname()[1]
        # The name needs the resolver of the C library.
        for client in (f"tcp:127.0.0.1:{port}", f"tcp:localhost:{port}"):
            threading.Thread(target=serve, args=(tcp,), daemon=True).start()
            relay(command, client, port)
        relay(command, "process:/bin/cat", "a program")
    print("the static command explains, checks, relays, resolves names and starts programs")


main()
