"""Checks the output of `--metrics` with the parsers of Prometheus, and its values.

    metrics.py COMMAND
"""

import http.client
import json
import re
import signal
import socket
import ssl
import subprocess
import time

from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus

from harness import Echo, Interop

interop = Interop("metrics")
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
# The `Accept` header of Prometheus 3.
ACCEPT = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;q=0.4,*/*;q=0.2"
)
LOOPBACK = "interface=127.0.0.1"


def measured(server, *arguments):
    """Starts a relay; returns it with its port and the port of its metrics."""
    relay, _ = interop.listening("relay", "--metrics", server, *arguments)
    line = relay.line("stderr")
    found = re.match(r"metrics (?:at|on) (\S+)", line)
    interop.holds("the place of the metrics", found, line)
    return relay, relay.port, found[1]


class Unix(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.host)


def asked(client, method="GET", path="/metrics", accept=ACCEPT):
    client.request(method, path, headers={"Accept": accept} if accept else {})
    response = client.getresponse()
    text = response.read().decode()
    client.close()
    return response, text


def scraped(port):
    """Returns every sample by its name and labels, from the strict parser."""
    response, text = asked(http.client.HTTPConnection("127.0.0.1", port, timeout=30))
    interop.equal("the content type", response.headers["Content-Type"], OPENMETRICS)
    families = list(openmetrics(text))
    for family in families:
        interop.holds("a name", family.name.startswith("strports_"), family.name)
        interop.holds(f"what {family.name} is", family.documentation and family.type != "unknown", family.type)
    samples = [sample for family in families for sample in family.samples]
    values = {(sample.name, *sample.labels.values()): sample.value for sample in samples}
    interop.equal("the samples are all different", len(values), len({(s.name, *sorted(s.labels.items())) for s in samples}))
    return values


def until(port, condition):
    """Scrapes until a condition holds; a connection is counted only after its last byte."""
    deadline = time.monotonic() + 30
    while not condition(values := scraped(port)):
        interop.holds("it came to hold in time", time.monotonic() < deadline, values)
    return values


def connections_are_counted():
    echo = Echo()
    relay, port, place = measured(f"tcp:0:{LOOPBACK}", f"tcp:0:{LOOPBACK}", f"tcp:127.0.0.1:{echo.port}")
    with relay:
        scrapers = int(place.removesuffix("/metrics").rsplit(":", 1)[1])
        target = f"tcp:127.0.0.1:{echo.port}"
        values = scraped(scrapers)
        interop.equal("nobody yet", values["strports_connections_accepted_total",], 0)
        interop.equal("the target is taken to be up", values["strports_target_up", target], 1)

        with socket.create_connection(("127.0.0.1", port), timeout=30) as stream:
            stream.sendall(b"question")
            answer = b""
            while len(answer) < 8:
                answer += stream.recv(8)
            values = scraped(scrapers)
            interop.equal("one is open", values["strports_connections", "open"], 1)
            interop.equal("it was accepted", values["strports_connections_accepted_total",], 1)
            interop.equal("its bytes count while it is open", values["strports_relayed_bytes_total", "target"], 8)
            interop.equal("its bytes count while it is open", values["strports_relayed_bytes_total", "peer"], 8)
            interop.equal("connecting took its time", values["strports_connect_duration_seconds_count",], 1)
            interop.holds("connecting took its time", 0 < values["strports_connect_duration_seconds_sum",] < 30)

        ended = ("strports_connections_ended_total", "closed")
        values = until(scrapers, lambda values: values[ended] == 1)
        interop.equal("none is open", values["strports_connections", "open"], 0)
        interop.equal("the target had one", values["strports_target_connections_total", target], 1)


def is_reset(stream):
    try:
        stream.recv(1)
    except ConnectionResetError:
        return True
    return False


def failures_are_counted():
    with socket.create_server(("127.0.0.1", 0)) as free:
        closed = free.getsockname()[1]
    relay, port, place = measured(f"tcp:0:{LOOPBACK}", f"haproxy:tcp:0:{LOOPBACK}", f"tcp:127.0.0.1:{closed}")
    with relay:
        scrapers = int(place.removesuffix("/metrics").rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port), timeout=30) as stream:
            stream.sendall(b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n")
            interop.holds("who reaches nobody is reset", is_reset(stream))
        with socket.create_connection(("127.0.0.1", port), timeout=30) as stream:
            stream.sendall(b"GET / HTTP/1.0\r\n\r\n")
            # The connection ends, or is reset if data is left unread.
            is_reset(stream)
        ended = ("strports_connections_ended_total", "not-connected")
        lost = ("strports_handshake_failures_total", "proxy-header")
        values = until(scrapers, lambda values: values[ended] == 1 and values.get(lost) == 1)
        failure = ("strports_target_failures_total", f"tcp:127.0.0.1:{closed}", "refused")
        interop.equal("why the target failed", values[failure], 1)


def certificate():
    """Creates a self-signed certificate and its key."""
    cert, key = interop.path("cert.pem"), interop.path("key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )
    return cert, key


CERTIFICATE, KEY = certificate()
TLS = f"ssl:0:{LOOPBACK}:privateKey={KEY}:certKey={CERTIFICATE}"


def any_endpoint_serves():
    relay, _, place = measured(f"unix:{interop.path('metrics')}:mode=600", f"tcp:0:{LOOPBACK}", "tcp:127.0.0.1:1")
    with relay:
        response, text = asked(Unix(place.strip("`")))
        interop.equal("over a UNIX socket", response.status, 200)
        interop.holds("over a UNIX socket", list(openmetrics(text)))

    relay, _, place = measured(TLS, f"tcp:0:{LOOPBACK}", "tcp:127.0.0.1:1")
    with relay:
        context = ssl.create_default_context(cafile=CERTIFICATE)
        interop.holds("over TLS", place.startswith("https://127.0.0.1:"), place)
        port = int(place.removesuffix("/metrics").rsplit(":", 1)[1])
        response, text = asked(http.client.HTTPSConnection("localhost", port, context=context, timeout=30))
        interop.equal("over TLS", response.status, 200)
        interop.holds("over TLS", list(openmetrics(text)))


def certificates_are_told_of():
    relay, _, place = measured(TLS, TLS.replace("ssl:0", "ssl:port=0"), "tcp:127.0.0.1:1")
    with relay:
        context = ssl.create_default_context(cafile=CERTIFICATE)
        port = int(place.removesuffix("/metrics").rsplit(":", 1)[1])

        def told():
            client = http.client.HTTPSConnection("localhost", port, context=context, timeout=30)
            return {family.name: family for family in openmetrics(asked(client)[1])}

        families = told()
        expiry = families["strports_certificate_expiry_timestamp_seconds"]
        interop.equal("what an expiry is", (expiry.type, expiry.unit), ("gauge", "seconds"))
        servers = {TLS, TLS.replace("ssl:0", "ssl:port=0")}
        interop.equal("whose certificates", {sample.labels["server"] for sample in expiry.samples}, servers)
        ends = subprocess.run(
            ["openssl", "x509", "-in", CERTIFICATE, "-noout", "-enddate"], check=True, capture_output=True, text=True
        )
        end = ssl.cert_time_to_seconds(ends.stdout.strip().removeprefix("notAfter="))
        for sample in expiry.samples:
            interop.equal("the file", sample.labels["certificate"], CERTIFICATE)
            interop.equal("the subject", sample.labels["subject"], "CN=localhost")
            interop.equal("OpenSSL has the same end", sample.value, end)

        def reloads():
            samples = told()["strports_certificate_reloads"].samples
            return {(sample.labels["server"], sample.labels["result"]): sample.value for sample in samples}

        interop.equal("nothing was read again", set(reloads().values()), {0})
        relay.popen.send_signal(signal.SIGHUP)
        interop.holds("it was read again", "reloaded: 2, unchanged" in (line := relay.line("stderr")), line)
        counts = {(server, result): result == "success" for server in servers for result in ("success", "failure")}
        interop.equal("both were read again", reloads(), counts)


def lines_tell_of_tls():
    echo = Echo()
    relay = interop.strports(
        "relay", "--log-format=json", "--access-log=all", f"{TLS}:alpn=h2", f"tcp:127.0.0.1:{echo.port}"
    )
    with relay:
        listening = json.loads(relay.line("stderr"))
        port = int(listening["address"].rsplit(":", 1)[1])
        context = ssl.create_default_context(cafile=CERTIFICATE)
        context.set_alpn_protocols(["h2"])
        with context.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname="localhost") as stream:
            stream.sendall(b"question")
            interop.equal("the answer through TLS", stream.recv(8), b"question")
            peer, cipher = "%s:%d" % stream.getsockname(), stream.cipher()[0]
        line = json.loads(relay.line("stderr"))
        interop.equal("whose line it is", (line["event"], line["peer"]), ("connection", peer))
        facts = {"protocol": "TLS 1.3", "cipher": cipher, "server_name": "localhost", "alpn": "h2"}
        interop.equal("what it says of TLS", line["tls"], facts)

        with socket.create_connection(("127.0.0.1", port), timeout=30) as stream:
            stream.sendall(b"GET / HTTP/1.0\r\n\r\n")
            peer = "%s:%d" % stream.getsockname()
            line = json.loads(relay.line("stderr"))
        facts = ("handshake-failed", peer, "not-tls")
        interop.equal("one who speaks no TLS", (line["event"], line["peer"], line["reason"]), facts)


def requests_of_every_kind():
    relay, port, place = measured(f"tcp:0:{LOOPBACK}", f"tcp:0:{LOOPBACK}", "tcp:127.0.0.1:1")
    with relay:
        scrapers = int(place.removesuffix("/metrics").rsplit(":", 1)[1])

        def ask(*arguments, **options):
            return asked(http.client.HTTPConnection("127.0.0.1", scrapers, timeout=30), *arguments, **options)

        response, text = ask("HEAD")
        interop.equal("a HEAD", (response.status, text), (200, ""))
        interop.holds("a HEAD", int(response.headers["Content-Length"]) > 1000)
        response, text = ask(accept="text/plain;version=0.0.4")
        interop.equal("the kind before", response.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        interop.holds("the parser before", len(list(prometheus(text))) > 10)
        response, text = ask(accept=None)
        interop.equal("no kind at all", response.headers["Content-Type"], OPENMETRICS)
        interop.equal("another path", ask(path="/")[0].status, 404)
        interop.equal("another method", ask("POST")[0].status, 405)
        response, text = ask(path="/ready")
        interop.equal("it is ready", (response.status, text), (200, "ready\n"))

        # Silent connections are closed for others.
        silent = [socket.create_connection(("127.0.0.1", scrapers)) for _ in range(15)]
        interop.equal("beside those who are silent", ask()[0].status, 200)
        for stream in silent:
            stream.close()


connections_are_counted()
failures_are_counted()
any_endpoint_serves()
certificates_are_told_of()
lines_tell_of_tls()
requests_of_every_kind()
interop.done()
