"""Tests curl as a client of our TLS server, and through a relay that adds TLS to its requests.

    curl.py COMMAND
"""

import subprocess

from authority import Authority
from harness import PATIENCE, Interop, Process

interop = Interop("curl")
root, stranger = Authority(interop.directory.name, "root"), Authority(interop.directory.name, "stranger")
server = root.issue("server", "a.test", "*.b.test", "127.0.0.1", "::1")
client = root.issue("client", "client")
FILES = f"privateKey={server.key}:certKey={server.cert}"

# The exit status of curl for a refused certificate, and for a failed handshake.
REFUSED, NO_TLS = 60, 35


def page():
    """A program that answers one request."""
    path = interop.path("page.sh")
    with open(path, "w") as script:
        script.write("""while read -r line && [ "$line" != "$(printf '\\r')" ]; do :; done
printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\nConnection: close\\r\\n\\r\\npage\\n'
""")
    return f"process:/bin/sh:{path}"


PAGE = page()


def serve(description):
    relay, _ = interop.listening("relay", description, PAGE)
    return relay, str(relay.port)


def curl(*arguments):
    done = subprocess.run(
        ["curl", "--silent", "--show-error", "--noproxy", "*", *arguments],
        capture_output=True, text=True, timeout=PATIENCE,
    )
    return done.returncode, done.stdout or done.stderr


def fetch(host, port, *arguments, cacert=root.cert, scheme="https"):
    at = ["--resolve", f"{host}:{port}:127.0.0.1"]
    return curl("--cacert", cacert, *at, *arguments, f"{scheme}://{host}:{port}/")


def curl_asks():
    facts = ["--write-out", "%{http_version} %{ssl_verify_result}"]
    relay, port = serve(f"ssl:0:{FILES}:interface=127.0.0.1:alpn=http/1.1")
    with relay:
        for versions in [["--tls-max", "1.2"], ["--tlsv1.3"]]:
            for host in ["a.test", "x.b.test", "127.0.0.1"]:
                interop.equal(f"{host}, {versions}", fetch(host, port, *versions, *facts), (0, "page\n1.1 0"))
        interop.equal("an unknown authority", fetch("a.test", port, cacert=stranger.cert)[0], REFUSED)
        line = relay.line("stderr")
        told = "it says `unknown ca` (it does not trust the issuer of the certificate of this side)"
        interop.holds("which we are told", line.endswith(told), line)
        interop.equal("a wrong name", fetch("c.test", port)[0], REFUSED)
    relay, port = serve(rf"ssl:0:{FILES}:interface=\:\:1")
    with relay:
        got = curl("--cacert", root.cert, f"https://[::1]:{port}/")
        interop.equal("an address of IPv6", got, (0, "page\n"))


def curl_shows_a_certificate():
    relay, port = serve(f"ssl:0:{FILES}:interface=127.0.0.1:clientCAs={root.cert}")
    mine = ["--cert", client.cert, "--key", client.key]
    with relay:
        for versions in [["--tls-max", "1.2"], ["--tlsv1.3"]]:
            interop.equal("a client with a certificate", fetch("a.test", port, *mine, *versions), (0, "page\n"))
            status, said = fetch("a.test", port, *versions)
            interop.holds("a client without", status != 0, status)
            interop.holds("which it is told", "alert" in said, said)
            line = relay.line("stderr")
            interop.holds("and we say", line.endswith("it presented no certificate"), line)


def what_is_no_tls():
    relay, port = serve(f"ssl:0:{FILES}:interface=127.0.0.1")
    with relay:
        interop.holds("without TLS to a port with TLS", fetch("a.test", port, scheme="http")[0] != 0)
        line = relay.line("stderr")
        interop.holds("which we recognize", "it does not speak TLS, but sent `GET / HTTP/1.1" in line, line)
    relay, port = serve("haproxy:tcp:0:interface=127.0.0.1")
    with relay:
        interop.equal("with TLS to a port without", fetch("a.test", port)[0], NO_TLS)
        line = relay.line("stderr")
        interop.holds("which we recognize", "does the sender speak TLS" in line, line)


def curl_asks_through_us():
    command = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", server.cert, "-key", server.key, "-www"]
    with Process(*command, stdin=subprocess.PIPE) as theirs:
        while not (line := theirs.line()).startswith("ACCEPT"):
            pass
        onward = rf"tls:x.b.test:1:trustRoots={root.cert}:endpoint=tcp\:{line.split()[1].replace(':', chr(92) + ':')}"
        relay, _ = interop.listening("relay", f"unix:{interop.path('socket')}", onward)
        with relay:
            for _ in range(2):
                status, said = curl("--http1.0", "--unix-socket", interop.path("socket"), "http://x.b.test/")
                interop.equal("a relay puts TLS on", status, 0)
                interop.holds("a relay puts TLS on", "TLSv1.3" in said, said)


curl_asks()
curl_shows_a_certificate()
what_is_no_tls()
curl_asks_through_us()
interop.done()
