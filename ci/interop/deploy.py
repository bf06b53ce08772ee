"""Checks the examples in spec/deploy.md: systemd accepts the units, and we accept the command lines.

    deploy.py COMMAND
"""

import os
import re
import shlex
import subprocess

import yaml

from harness import Interop

interop = Interop("deploy")
PAGE = os.path.join(os.path.dirname(__file__), "..", "..", "spec", "deploy.md")
TEXT = open(PAGE).read()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.M | re.S)


def said(*arguments):
    with interop.strports(*arguments) as process:
        return process.ends()


HELP = said("relay", "--help")[1]


def command_line(words):
    """Checks a command line: `relay`, options, a server, and clients."""
    interop.equal("what is run", words[0], "relay")
    options, ends = [], []
    words = iter(words[1:])
    for word in words:
        if not word.startswith("--"):
            ends.append(word)
            continue
        name, _, value = word.partition("=")
        interop.holds(f"{name} is an option", f"{name} " in HELP, HELP)
        options.append((name, value or next(words)))
    interop.holds("it has two ends", len(ends) >= 2, ends)
    servers = [ends[0]] + [value for name, value in options if name == "--metrics"]
    for role, descriptions in [("server", servers), ("client", ends[1:])]:
        for description in descriptions:
            status, _, errors = said("explain", "--role", role, description)
            interop.equal(f"{description} is a {role}", (status, errors), (0, ""))


def shell():
    for block in blocks("sh"):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] == ["strports"]:
                command_line(words[1:])


def kubernetes():
    for block in blocks("yaml"):
        spec = yaml.safe_load(block)["spec"]
        sidecar = spec["initContainers"][0]
        command_line(sidecar["args"])
        volumes = {volume["name"] for volume in spec["volumes"]}
        mounted = {mount["name"] for it in spec["containers"] + spec["initContainers"] for mount in it["volumeMounts"]}
        interop.equal("its volumes are there", mounted, volumes)
        ports = {port["name"] for port in sidecar["ports"]}
        probed = {sidecar[probe]["httpGet"]["port"] for probe in ("startupProbe", "readinessProbe")}
        interop.holds("its probes have ports", probed <= ports, probed)


def systemd():
    units = []
    for block in blocks("ini"):
        name = re.match(r"# /etc/systemd/system/(\S+)\n", block)[1]
        for line in re.findall(r"^ExecStart=/usr/bin/strports (.*)", block.replace("\\\n", " "), re.M):
            command_line(shlex.split(line))
        units.append(interop.path(name))
        with open(units[-1], "w") as unit:
            unit.write(block.replace("/usr/bin/strports", interop.command))
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *units], capture_output=True, text=True
    )
    interop.equal("systemd takes the units", (verified.returncode, verified.stderr), (0, ""))
    interop.equal("the units", len(units), 3)


shell()
kubernetes()
systemd()
interop.done()
