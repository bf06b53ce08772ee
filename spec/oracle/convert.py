"""Checks the tables of `strports convert` with socat, HAProxy, nginx and stunnel.

    python3 spec/oracle/convert.py target/debug/strports

The program must accept each example of a table, and the output of `convert --to` for its result.
It must also create a UNIX socket under each name of `NAMES` that `convert` writes for it. HAProxy,
dbus-daemon, nc and ncat must listen where `convert` reads that they do.
`ci/check convert` installs the programs and runs this script.
"""

import json
import os
import pathlib
import re
import shlex
import socket
import subprocess
import sys
import tempfile
import time

# Names that exist only in other releases of socat than Debian's.
OTHER_RELEASES = {
    "SHELL", "SOCKETPAIR", "ABSTRACT-L", "UNIX-L", "CD", "CN", "NOSNI", "HALF-CLOSE", "NO-SNI",
    "MIN-PROTO-VERSION", "MAX-PROTO-VERSION", "TCP4-L", "TIME", "MIN", "UDP4-L", "UDP-L", "UDP6-L",
    "SCTP4-L", "SCTP6-L", "SCTP-L", "TCP6-L", "TCP-L", "SSL-L", "PGID", "OPENSSL-METHOD", "METHOD",
    "SOCKS5-CONNECT", "SOCKS5", "PROXY-AUTHORIZATION-FILE", "PROXYAUTHFILE", "SOCKSPASS",
    "COMPRESS", "FIPS", "CHDIR", "PROTOCOL-FAMILY", "READLINE", "SO-BIND", "SIGINT", "CFMAKERAW",
}
# Directives of modules and releases that Debian's programs lack.
NOT_HERE = {
    "nginx": {
        "js_access", "ssl_alpn", "proxy_ssl_alpn", "status_zone", "service", "resolve", "slow_start",
        "proxy_session_drop", "least_time",
    },
    "haproxy": set(),
}

# Names of sockets with characters that some program reads as syntax.
NAMES = [
    "a b", "a\\b", "a\\nb", "a'b", 'a"b', "a#b", "a;b", "a$b", "a${b}c", "a%tb", "a%%b", "a{b}", "a[b",
    "a(b", "a,b", "a:b", "a!!b", "@a", "-a", "a=b", "a*b", "a&b|c>d", "a\\", "a'", "é", " a", "a\tb", "a\nb",
]


def main(strports):
    rows = run([strports, "convert", "--rules", "--format", "json"]).stdout
    rows = [json.loads(line) for line in rows.splitlines()]
    wrong = []
    with tempfile.TemporaryDirectory() as name:
        place = pathlib.Path(name)
        files(place)
        asked = 0
        for row in rows:
            ask = ASK.get(row["form"])
            if ask is None or not row["gives"]:
                continue
            texts = [row["example"]]
            for result in row["gives"].splitlines():
                role = "client" if re.match(r"server |proxy_", row["example"]) else "server"
                written = run([strports, "convert", "--to", row["form"], "--role", role, result])
                texts += [written.stdout.strip()] if written.stdout.strip() else []
            for text in texts:
                asked += 1
                problem = ask(text, place)
                if problem:
                    wrong.append(f"{row['form']}: {text!r}\n  {problem}")
        wrong += names_of_sockets(strports, place)
        wrong += words_of_haproxy(strports, place)
        wrong += addresses_of_dbus(strports, place)
        wrong += abstract_names(strports, place)
        wrong += names_of_socat([row for row in rows if row["form"] == "socat"])
    print(f"{asked} texts were asked about, {len(wrong)} are refused")
    for one in wrong:
        print(one)
    return 1 if wrong else 0


def run(command, **more):
    return subprocess.run(command, capture_output=True, text=True, timeout=30, **more)


def files(place):
    """Creates keys, certificates and folders with the names of the examples."""
    (place / "etc/certs").mkdir(parents=True)
    for name in ["a", "b"]:
        run([
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", place / f"{name}.key",
            "-out", place / f"{name}.crt", "-days", "2", "-subj", "/CN=h",
        ])
    # `a.pem` and `b.pem` contain the same certificate and key, in either order.
    both = (place / "a.crt").read_text() + (place / "a.key").read_text()
    for name in ["a.pem", "b.pem", "ca.pem", "etc/a.pem", "etc/certs/a.pem"]:
        (place / name).write_text(both)
    run(["openssl", "dhparam", "-dsaparam", "-out", place / "dh.pem", "2048"])


def is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def in_place(text, place):
    """Replaces absolute paths of the examples, and names that must not be resolved."""
    text = re.sub(r"/(run|etc)/(?!ssl)", rf"{place}/\1/", text)
    text = re.sub(r"(?<![\w.])(?:example\.com|[hi])(?=:\d|;|$)", "127.0.0.1", text, flags=re.M)
    (place / "run").mkdir(exist_ok=True)
    return text


def haproxy(text, place):
    text = in_place(text, place)
    first = text.split()[0]
    if first == "bind":
        lines = ["frontend a", "  mode tcp", "  default_backend b", f"  {text}", "backend b", "  mode tcp"]
    elif first == "server":
        lines = ["listen a", "  mode tcp", "  bind :1", f"  {text}"]
    else:
        lines = text.splitlines()
    config = place / "haproxy.cfg"
    defaults = ["defaults", "  mode tcp", "  timeout client 1m", "  timeout server 1m", "  timeout connect 5s"]
    config.write_text("\n".join(["global", "  tune.ssl.default-dh-param 2048"] + defaults + lines) + "\n")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # The examples refer to descriptor 3.
        saved = os.dup(3) if is_open(3) else None
        os.dup2(listener.fileno(), 3)
        done = run(["haproxy", "-c", "-f", config], cwd=place, pass_fds=[3])
        os.close(3) if saved is None else os.dup2(saved, 3)
    alerts = [line for line in done.stderr.splitlines() if "ALERT" in line]
    return None if done.returncode == 0 else " / ".join(alerts[:2]) or done.stderr


def nginx(text, place):
    text = in_place(text, place)
    if any(re.search(rf"\b{word}\b", text) for word in NOT_HERE["nginx"]):
        return None
    blocks = re.search(r"^\s*(stream|upstream|server)\b[^;]*\{", text, flags=re.M)
    if re.match(r"\s*stream\b", text):
        whole = text
    elif blocks:
        target = re.match(r"\s*upstream (\w+)", text)
        more = "" if "proxy_pass" in text else f"server {{ listen 1; proxy_pass {target[1]}; }}"
        whole = f"stream {{ {text}\n{more} }}"
    else:
        more = "" if "listen" in text else "listen 1;"
        more += "" if "proxy_pass" in text else "proxy_pass 127.0.0.1:1;"
        whole = f"stream {{ server {{ {text}\n{more} }} }}"
    config = place / "nginx.conf"
    module = "load_module /usr/lib/nginx/modules/ngx_stream_module.so;"
    config.write_text(f"{module}\npid {place}/pid;\nerror_log stderr;\nevents {{}}\n{whole}\n")
    done = run(["nginx", "-t", "-q", "-p", place, "-c", config], cwd=place)
    return None if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


def stunnel(text, place):
    text = in_place(text, place)
    config = place / "stunnel.conf"
    # Let the system choose the port, because the program listens, and the port may be in use.
    text = re.sub(r"^accept = (\d+)$", "accept = 127.0.0.1:0", text, flags=re.M)
    config.write_text(f"foreground = yes\npid =\nsyslog = no\n{text}\n")
    process = subprocess.Popen(
        ["stunnel", config], cwd=place, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    said = []
    try:
        for line in process.stderr:
            said.append(line.strip())
            if "Configuration successful" in line:
                return None
            if "Configuration failed" in line:
                break
    finally:
        process.kill()
        process.wait()
    return " / ".join(line for line in said if "LOG3" in line or "error" in line.lower()) or said[-1:]


def names_of_sockets(strports, place):
    """Returns the names of sockets that a program creates under another name, or not at all."""
    wrong, created = [], 0
    for form, (head, tail, command) in STARTS.items():
        for name in NAMES:
            # Each socket has a folder of its own, with a short path.
            with tempfile.TemporaryDirectory() as folder:
                folder = pathlib.Path(folder)
                path = re.sub(r"([\\:=])", r"\\\1", f"{folder}/{name}")
                text = f"unix:{path}"
                if form == "stunnel":
                    text = shlex.join(["strports", "relay", text, "tls:127.0.0.1:443"])
                done = run([strports, "convert", "--to", form, "--role", "server", "--", text])
                if not done.stdout:
                    continue
                written = done.stdout.removesuffix("\n")
                config = place / "sockets.conf"
                config.write_text(head.format(place=place) + written + tail)
                words = [word.format(config=config, written=written) for word in command]
                created += 1
                if not creates(words, place, folder / name):
                    found = [other.name for other in folder.iterdir()]
                    wrong.append(f"{form}: {written!r} creates {found}, not {name!r}")
    print(f"{created} sockets were created")
    return wrong


# Spellings of names in a configuration of HAProxy.
WORDS = [
    r"a\ b", '"a b"', "'a b'", 'a"b c"d', r"a\#b", "a#b", '"a#b"', "'a#b'", r"a\\b", r'"a\\b"', r"'a\\b'",
    r"a\qb", r'"a\qb"', r"'a\qb'", r'"a\"b"', r"a\'b", r"a\x41b", r"'a\x41b'", "a\\", "a''b", "a;b", "'a'b # c",
]

# Addresses of D-Bus to listen on.
ADDRESSES = [
    "tcp:host=localhost,port=0", "tcp:host=127.0.0.1,port=0", "tcp:port=0", "tcp:", "tcp:host=localhost",
    "tcp:host=*,port=0", "tcp:bind=*,port=0", "tcp:host=localhost,bind=*,port=0,family=ipv4",
    "tcp:host=*,port=0,family=ipv4", "tcp:host=127.0.0.1,bind=0.0.0.0,port=0", "tcp:host=::1,port=0",
    "tcp:host=,port=0", "unix:path={}/a", "unix:path={}/a%20b", "unix:path={}/a b", "unix:path={}/a%zz",
    "unix:path={}/a,abstract=b", "unix:path={}/a*", "unix:path={}/a,path={}/b", "unix:path=", "unix:Path={}/a",
]


def converted(strports, form, text, *more):
    """The description of an address to listen on, or nothing."""
    done = run([strports, "convert", "--from", form, "--role", "server", *more, "--", text])
    return done.stdout.removesuffix("\n")


def words_of_haproxy(strports, place):
    """Returns the spellings of a name that HAProxy reads as another name."""
    wrong = []
    head, tail, command = STARTS["haproxy"]
    for word in WORDS:
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            line = f"bind unix@{folder}/{word}"
            read = re.sub(r"\\(.)", r"\1", converted(strports, "haproxy", line).removeprefix("unix:"))
            config = place / "words.conf"
            config.write_text(head.format(place=place) + line + tail)
            if not creates([it.format(config=config) for it in command], place, pathlib.Path(read)):
                found = [other.name for other in folder.iterdir()]
                wrong.append(f"haproxy: {line!r} creates {found}, not {read!r}")
    return wrong


BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>{}</listen><auth>EXTERNAL</auth></busconfig>
"""


def addresses_of_dbus(strports, place):
    """Returns the addresses that dbus-daemon refuses, or listens on elsewhere."""
    wrong = []
    for address in ADDRESSES:
        with tempfile.TemporaryDirectory() as folder:
            address = address.replace("{}", folder)
            config = place / "bus.conf"
            config.write_text(BUS.format(address))
            bus = subprocess.Popen(
                ["dbus-daemon", "--nofork", "--nopidfile", "--nosyslog", "--print-address", f"--config-file={config}"],
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            )
            try:
                # A daemon that refuses the address ends without a line.
                printed = bus.stdout.readline()
                port = re.search(r"port=(\d+)", printed)
                listens = listening(int(port[1])) if port else {it.name for it in pathlib.Path(folder).iterdir()}
            finally:
                bus.kill()
                bus.wait()
            read = converted(strports, "dbus", address)
            expected = {
                "": set(), "tcp:0": {"0.0.0.0"}, "tcp:0:interface=127.0.0.1": {"127.0.0.1"},
                # On a machine without IPv6, only the address of IPv4 is one of both.
                "tcp6:0": listens & {"0.0.0.0", "::"},
            }.get(read, {pathlib.Path(read).name})
            if listens != expected or bool(read) != bool(printed):
                wrong.append(f"dbus: {address!r} is {read!r}, and dbus-daemon listens on {listens}")
    return wrong


def listening(port):
    """The addresses on which sockets listen on a port."""
    found = set()
    for name, family in [("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)]:
        for line in pathlib.Path("/proc/net", name).read_text().splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            address, number = local.split(":")
            if state == "0A" and int(number, 16) == port:
                words = [bytes.fromhex(address[at:at + 8])[::-1] for at in range(0, len(address), 8)]
                found.add(socket.inet_ntop(family, b"".join(words)))
    return found


def abstract_names(strports, place):
    """Returns the programs of whose `-U @NAME` another kind of socket becomes than is converted."""
    wrong = []
    for program in ["nc.openbsd", "ncat"]:
        command = f"{program} -lU @strports-abstract"
        is_abstract = converted(strports, "ncat", command) == "unix:strports-abstract:abstract=1"
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "@strports-abstract")
            in_kernel = lambda: "@strports-abstract" in pathlib.Path("/proc/net/unix").read_text()
            process = subprocess.Popen(["sh", "-c", f"exec {command}"], cwd=folder, stdin=subprocess.DEVNULL)
            limit = time.monotonic() + 10
            while not in_kernel() and time.monotonic() < limit:
                time.sleep(0.01)
            found = in_kernel() and not file.exists()
            process.kill()
            process.wait()
        if found != is_abstract:
            wrong.append(f"{program}: a file is {not found}, and `convert` says {is_abstract}")
    return wrong


def creates(command, place, path):
    """Runs a program until a socket has this path, the program ends or a limit of time is over."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
    process = subprocess.Popen(command, cwd=place, **quiet)
    limit = time.monotonic() + 10
    try:
        while process.poll() is None and time.monotonic() < limit:
            if path.exists():
                return True
            time.sleep(0.01)
        return path.exists()
    finally:
        process.kill()
        process.wait()


# The text before and after what is written, and the command that reads the file or the text.
STARTS = {
    "nginx": (
        "load_module /usr/lib/nginx/modules/ngx_stream_module.so;\ndaemon off;\nmaster_process off;\n"
        "pid {place}/pid;\nerror_log stderr;\nevents {{}}\nstream {{ server {{\n",
        "\nproxy_pass 127.0.0.1:1; } }\n",
        ["nginx", "-c", "{config}"],
    ),
    "haproxy": (
        "defaults\n  mode tcp\n  timeout client 1m\n  timeout server 1m\n  timeout connect 5s\n"
        "listen a\n  server b 127.0.0.1:1\n  ",
        "\n",
        ["haproxy", "-db", "-f", "{config}"],
    ),
    "stunnel": ("foreground = yes\npid =\nsyslog = no\n", "\n", ["stunnel", "{config}"]),
    "socat": ("", "", ["socat", "{written}", "STDIO"]),
    "ncat": ("", "", ["sh", "-c", "exec {written}"]),
}


def names_of_socat(rows):
    """Returns the names of the tables that the program does not list."""
    listed = run(["socat", "-hhh"]).stdout.lower()
    words = set(re.findall(r"^\s+([a-z0-9-]+)", listed, flags=re.M))
    words |= set(re.findall(r"alias (?:name )?for ([a-z0-9-]+)", listed))
    wrong = []
    for row in rows:
        for name in row["names"]:
            if name == "-" or name.upper() in OTHER_RELEASES:
                continue
            if name.lower() not in words:
                wrong.append(f"socat: `{name}` is no name that it lists")
    return wrong


ASK = {"haproxy": haproxy, "nginx": nginx, "stunnel": stunnel}

if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).absolute()))
