#!/usr/bin/env python3
"""Runs a container image without a container engine: ci/run_image.py OCI-LAYOUT FOLDER

Unpacks its layers into FOLDER, and starts its entry point there as process 1 of a namespace, with
the user of the image. The relay must listen, relay bytes, and exit with 0 on SIGTERM.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
from pathlib import Path


def main():
    layout, root = Path(sys.argv[1]), Path(sys.argv[2])
    index = json.loads((layout / "index.json").read_text("utf-8"))
    manifest = blob(layout, index["manifests"][0])
    image = blob(layout, manifest["config"])
    config = image["config"]
    expect(config["Labels"]["org.opencontainers.image.title"] == "strports", "the label of the title")
    expect(config["User"] == "65532:65532", "a user without rights")
    expect(config["Entrypoint"] == ["/usr/bin/strports"], "the entry point")

    shutil.rmtree(root, ignore_errors=True)
    for layer in manifest["layers"]:
        with tarfile.open(path(layout, layer)) as archive:
            archive.extractall(root, filter="tar")
    names = sorted(str(it.relative_to(root)) for it in root.rglob("*") if it.is_file())
    expect(names == ["etc/ssl/certs/ca-certificates.crt", "usr/bin/strports"], f"two files: {names}")
    relays(root, config["Entrypoint"])


def blob(layout, descriptor):
    return json.loads(path(layout, descriptor).read_text("utf-8"))


def path(layout, descriptor):
    return layout / "blobs" / descriptor["digest"].replace(":", "/")


def relays(root, entry):
    """Runs the relay as process 1, from its start to its exit."""
    with socket.create_server(("127.0.0.1", 0)) as target:
        port = target.getsockname()[1]
        inside = ["chroot", "--userspec=65532:65532", str(root), *entry]
        asked = ["relay", "tcp:0:interface=127.0.0.1", f"tcp:127.0.0.1:{port}"]
        # `unshare` does not forward signals, so send it to the relay itself.
        command = ["unshare", "--pid", "--fork", "--kill-child", *inside, *asked]
        relay = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            said = relay.stderr.readline()
            address = re.search(r"listening on 127\.0\.0\.1:(\d+)", said)
            expect(address is not None, f"the relay listens: {said}")
            with socket.create_connection(("127.0.0.1", int(address[1]))) as client:
                accepted, _ = target.accept()
                with accepted:
                    client.sendall(b"ping")
                    expect(accepted.recv(4) == b"ping", "bytes arrive")
            child = children(relay.pid)[0]
            status = Path(f"/proc/{child}/status").read_text("utf-8")
            expect(re.search(r"^NSpid:\s+\d+\s+1$", status, re.MULTILINE), "it is process 1")
            expect(re.search(r"^Uid:\s+65532\s", status, re.MULTILINE), "it has the user's rights")
            os.kill(child, signal.SIGTERM)
            expect(relay.wait(60) == 0, f"it ends well: {relay.returncode}")
        finally:
            relay.kill()
            relay.wait()


def children(process):
    tasks = Path(f"/proc/{process}/task/{process}/children")
    return [int(it) for it in tasks.read_text("utf-8").split()]


def expect(truth, what):
    if not truth:
        sys.exit(f"ci/run_image.py: not as expected: {what}")


if __name__ == "__main__":
    main()
