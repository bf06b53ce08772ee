"""Tests socat as client and as server: TCP, UNIX sockets, abstract names, half-close.

    socat.py COMMAND
"""

import subprocess

from harness import Interop, Process

interop = Interop("socat")
TEXT = "first line\nsecond line\n"


def ask_with_socat(address):
    with Process("socat", "-t", "30", "-", address, stdin=subprocess.PIPE) as socat:
        return socat.popen.communicate(TEXT, timeout=30)[0]


def to_socat(place):
    """Converts a client description to an address of socat."""
    kind, rest = place.split(":", 1)
    if kind == "tcp":
        return f"TCP:{rest}".replace(r"\:\:1", "[::1]")
    if rest.endswith(":abstract=1"):
        return "ABSTRACT-CONNECT:" + rest.removesuffix(":abstract=1")
    return f"UNIX-CONNECT:{rest}"


def we_serve():
    name = interop.path("socket")
    for description in [
        "tcp:0:interface=127.0.0.1",
        r"tcp6:0:interface=\:\:1",
        f"unix:{name}",
        f"unix:{name}.abstract:abstract=1",
    ]:
        # `sort` prints nothing before the end of its input, so the relay must pass the end on.
        relay, place = interop.listening("relay", description, "process:/usr/bin/sort:-r")
        with relay:
            answer = ask_with_socat(to_socat(place))
            interop.equal(f"socat asks {description}", answer, "second line\nfirst line\n")


def socat_serves():
    name = interop.path("served")
    for listening, description in [
        ("TCP-LISTEN:0,bind=127.0.0.1", "tcp:127.0.0.1:{port}"),
        ("UNIX-LISTEN:" + name, "unix:" + name),
        ("ABSTRACT-LISTEN:" + name, f"unix:{name}:abstract=1"),
    ]:
        with Process("socat", "-d", "-d", "-t", "30", listening, "EXEC:sort -r") as socat:
            # socat prints `listening on AF=2 127.0.0.1:43211` when it listens.
            line = socat.line("stderr")
            while "listening on" not in line:
                line = socat.line("stderr")
            place = description.format(port=line.rsplit(":", 1)[1])
            with interop.strports("connect", place, stdin=subprocess.PIPE) as client:
                answer = client.popen.communicate(TEXT, timeout=30)[0]
            interop.equal(f"we ask {listening}", answer, "second line\nfirst line\n")


we_serve()
socat_serves()
interop.done()
