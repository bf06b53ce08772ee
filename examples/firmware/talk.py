#!/usr/bin/env python3
"""Sends descriptions to the firmware in QEMU over its serial port, and compares the answers.

    examples/firmware/talk.py FIRMWARE
"""

import subprocess
import sys
import threading

TALK = [
    ("listen tcp:80", "ok: listen on port 80 of 0.0.0.0, with a backlog of 4"),
    ("listen tcp:80:interface=10.0.0.1", "ok: listen on port 80 of 10.0.0.1, with a backlog of 4"),
    ("listen unix:/run/app.sock", "error: `unix` is not served here"),
    ("listen haproxy:tcp:80", "error: expected at most 0 nested descriptions (this build has no allocator) (bytes 7..14)"),
    ("connect tcp:192.0.2.1:http",
     "error: expected an integer for `port`, but found `http` (bytes 22..26)"),
    ("connect tcp:example.com:80", "error: expected an IPv4 address (there are no names here)"),
    ("x" * 200, "error: the line is longer than 128 bytes"),
    ("connect tcp:192.0.2.1:8080", "ok: connect to 192.0.2.1:8080"),
]
# The time limit for an answer, in seconds.
SECONDS = 60


def main():
    machine = subprocess.Popen(
        ["qemu-system-arm", "-machine", "mps2-an386", "-display", "none", "-monitor", "none",
         "-serial", "stdio", "-kernel", sys.argv[1]],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", bufsize=1,
    )
    limit = threading.Timer(SECONDS, machine.kill)
    limit.start()
    try:
        for line, expected in TALK:
            machine.stdin.write(line + "\r\n")
            machine.stdin.flush()
            answer = machine.stdout.readline().rstrip("\n")
            if answer != expected:
                sys.exit(f"to `{line}` the firmware answers `{answer}`, not `{expected}`")
    finally:
        limit.cancel()
        machine.kill()
        machine.wait()
    print(f"the firmware has answered {len(TALK)} lines")


if __name__ == "__main__":
    main()
