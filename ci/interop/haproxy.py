"""Tests the PROXY protocol with HAProxy as sender and as receiver.

    haproxy.py COMMAND

As the sender, HAProxy connects to the example `whoami` beside the command, which answers with the facts of the header.
As the receiver, HAProxy reads the headers of `strports relay`, and answers with their addresses.
"""

import json
import os
import socket
import ssl
import subprocess

from harness import Interop, Process

interop = Interop("haproxy")
WHOAMI = os.path.join(os.path.dirname(interop.command), "examples", "whoami")
ANYWHERE = {socket.AF_INET: ("127.0.0.1", 0), socket.AF_INET6: ("::1", 0)}


def certificate(name):
    """Creates a self-signed certificate and its key."""
    cert, key = interop.path(name + ".pem"), interop.path(name + ".key")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
         "-addext", f"subjectAltName=DNS:{name}", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )
    return cert, key


class Balancer:
    """HAProxy on sockets that listen before it starts, so that clients need not wait for it."""

    def __init__(self, proxy, *, family=socket.AF_INET, bind="", mode="tcp"):
        self.socket = socket.socket(family)
        if family == socket.AF_UNIX:
            self.socket.bind(interop.path(f"front{interop.count}"))
        else:
            self.socket.bind(ANYWHERE[family])
        self.socket.listen()
        number = self.socket.fileno()
        path = interop.path(f"haproxy{interop.count}.cfg")
        with open(path, "w") as config:
            config.write(f"""
defaults
  mode {mode}
  timeout connect 30s
  timeout client 30s
  timeout server 30s
  unique-id-format %{{+X}}o\\ %ci:%cp
listen under_test
  bind fd@{number} {bind}
  {proxy}
""")
        self.process = Process("haproxy", "-q", "-db", "-f", path, pass_fds=[number])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.__exit__()
        self.socket.close()

    @property
    def address(self):
        return self.socket.getsockname()


def shown(address):
    """Formats the address of a socket like our messages."""
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def dialed(address):
    stream = socket.socket(socket.AF_UNIX if isinstance(address, str)
                           else socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
    stream.settimeout(30)
    stream.connect(address)
    return stream


def asked(stream, text=b"?"):
    """Sends a text, and returns the answer up to its end."""
    stream.sendall(text)
    answer = b""
    while piece := stream.recv(4096):
        answer += piece
    return answer.decode()


def facts(stream):
    return dict(line.split(" ", 1) for line in asked(stream).splitlines())


def whoami(description):
    process = Process(WHOAMI, description)
    return process, process.line("stderr").split("; connect with ")[1]


def port_of(place):
    return place.split(":proxyVersion")[0].rsplit(":", 1)[1]


def haproxy_in_front():
    process, place = whoami("haproxy:tcp:0:interface=127.0.0.1")
    server = f"server s 127.0.0.1:{port_of(place)}"
    with process:
        for options, version, extra in [
            ("send-proxy", "1", set()),
            ("send-proxy-v2", "2", set()),
            ("send-proxy-v2 proxy-v2-options crc32c", "2", {"checksum"}),
            ("send-proxy-v2 proxy-v2-options crc32c,unique-id", "2", {"checksum", "unique-id"}),
        ]:
            for family in ANYWHERE:
                with Balancer(f"{server} {options}", family=family) as balancer:
                    with dialed(balancer.address) as stream:
                        source, destination = stream.getsockname(), stream.getpeername()
                        got = facts(stream)
                what = f"{options} from {shown(source)}"
                interop.equal(what, got.get("peer"), shown(source))
                interop.equal(what, got.get("local"), shown(destination))
                interop.equal(what, (got["version"], got["command"]), (version, "proxy"))
                interop.equal(what, extra - got.keys(), set())
                if "unique-id" in extra:
                    interop.holds(what, got["unique-id"].endswith(f":{source[1]:X}"), got)

        # HAProxy cannot describe a client on a UNIX socket in a header.
        for options, command in [("send-proxy", "proxy"), ("send-proxy-v2", "local")]:
            with Balancer(f"{server} {options}", family=socket.AF_UNIX) as balancer:
                with dialed(balancer.address) as stream:
                    got = facts(stream)
            interop.equal(f"{options} from a UNIX socket", got["command"], command)
            interop.equal(f"{options} from a UNIX socket", got["local"], f"127.0.0.1:{port_of(place)}")


def haproxy_in_front_with_tls():
    process, place = whoami("haproxy:tcp:0:interface=127.0.0.1")
    (front, front_key), (client, client_key) = certificate("front.example"), certificate("client.example")
    both = interop.path("both.pem")
    with open(both, "w") as bundle:
        bundle.writelines(open(part).read() for part in (front, front_key))
    options = "ssl,cert-cn,cert-key,cert-sig,ssl-cipher,crc32c,authority,unique-id"
    proxy = f"server s 127.0.0.1:{port_of(place)} send-proxy-v2 proxy-v2-options {options}"
    bind = f"ssl crt {both} ca-file {client} verify optional alpn h2"
    with process, Balancer(proxy, bind=bind) as balancer:
        for certified in [False, True]:
            context = ssl.create_default_context(cafile=front)
            context.set_alpn_protocols(["h2"])
            if certified:
                context.load_cert_chain(client, client_key)
            with context.wrap_socket(dialed(balancer.address), server_hostname="front.example") as stream:
                source, cipher = stream.getsockname(), stream.cipher()[0]
                got = facts(stream)
            expected = {
                "peer": shown(source), "local": shown(balancer.address), "version": "2", "command": "proxy",
                "checksum": "verified", "authority": "front.example", "alpn": "h2",
                "unique-id": got.get("unique-id"), "tls": "TLSv1.3", "cipher": cipher, "key": "RSA2048",
                "signature": "RSA-SHA256",
            }
            if certified:
                expected |= {"client": "client.example", "client-verified": "yes"}
            interop.equal(f"a client of TLS, certificate: {certified}", got, expected)


def haproxy_in_front_of_a_relay():
    process, place = whoami("haproxy:tcp:0:interface=127.0.0.1")
    with process:
        for keyword, version in [("", "2"), (":proxyVersion=1", "1")]:
            relay, middle = interop.listening(
                "relay", "haproxy:tcp:0:interface=127.0.0.1:proxyTrusted=127.0.0.0/8", place + keyword
            )
            proxy = f"server s 127.0.0.1:{port_of(middle)} send-proxy-v2"
            with relay, Balancer(proxy) as balancer, dialed(balancer.address) as stream:
                source = stream.getsockname()
                got = facts(stream)
            interop.equal("through HAProxy and a relay", got["peer"], shown(source))
            interop.equal("through HAProxy and a relay", got["version"], version)


def haproxy_that_is_not_trusted():
    process, place = whoami("haproxy:tcp:0:interface=127.0.0.1:proxyTrusted=192.0.2.0/24")
    proxy = f"server s 127.0.0.1:{port_of(place)} send-proxy-v2"
    with process, Balancer(proxy) as balancer, dialed(balancer.address) as stream:
        try:
            answer = asked(stream)
        except ConnectionResetError:
            answer = ""
        interop.equal("a sender that is not trusted", answer, "")


def haproxy_behind():
    says = "http-request return content-type text/plain lf-string %[src]_%[src_port]_%[dst]_%[dst_port]"
    request = b"GET / HTTP/1.0\r\n\r\n"
    with Balancer(says, bind="accept-proxy", mode="http") as balancer:
        behind = f"haproxy:tcp:127.0.0.1:{balancer.address[1]}"
        for version in [1, 2]:
            for description in ["tcp:0:interface=127.0.0.1", r"tcp6:0:interface=\:\:1"]:
                relay, place = interop.listening("relay", description, f"{behind}:proxyVersion={version}")
                host = "127.0.0.1" if "127" in description else "::1"
                with relay, dialed((host, int(port_of(place)))) as stream:
                    source, destination = stream.getsockname(), stream.getpeername()
                    got = asked(stream, request).rsplit("\r\n", 1)[1]
                wanted = f"{source[0]}_{source[1]}_{destination[0]}_{destination[1]}"
                interop.equal(f"version {version} of {description}", got, wanted)

            # For a client on a UNIX socket, HAProxy uses the addresses of the connection itself.
            name = interop.path(f"unix{version}")
            relay, place = interop.listening("relay", f"unix:{name}", f"{behind}:proxyVersion={version}")
            with relay, dialed(name) as stream:
                got = asked(stream, request).rsplit("\r\n", 1)[1]
            wanted = f"_127.0.0.1_{balancer.address[1]}"
            interop.holds(f"version {version} of a UNIX socket", got.endswith(wanted), got)

            # Without a relay, the header has our own addresses.
            with interop.strports("connect", f"{behind}:proxyVersion={version}", stdin=subprocess.PIPE) as client:
                answer = client.popen.communicate(request.decode(), timeout=30)[0]
            interop.holds(f"connect, version {version}", answer.endswith(wanted), answer)


def haproxy_reads_what_a_relay_knows():
    says = "http-request return content-type text/plain lf-string %[fc_pp_authority]_%[fc_pp_unique_id]"
    front, key = certificate("relay.example")
    with Balancer(says, bind="accept-proxy", mode="http") as balancer:
        behind = f"haproxy:tcp:127.0.0.1:{balancer.address[1]}:proxyTlvs=authority,alpn,ssl,unique-id,forward"
        server = f"ssl:0:{key}:{front}:interface=127.0.0.1"
        context = ssl.create_default_context(cafile=front)
        with interop.strports("relay", "--log-format=json", "--access-log=all", server, behind) as relay:
            port = int(json.loads(relay.line("stderr"))["address"].rsplit(":", 1)[1])
            with context.wrap_socket(dialed(("127.0.0.1", port)), server_hostname="relay.example") as stream:
                got = asked(stream, b"GET / HTTP/1.0\r\n\r\n").rsplit("\r\n", 1)[1]
            interop.holds("the authority and the id that HAProxy found", got.startswith("relay.example_"), got)
            line = json.loads(relay.line("stderr"))
            interop.equal("the access log", line["event"], "connection")
            interop.holds("the id of the access log", got.endswith(f"-{line['id']}"), (got, line))


def haproxy_in_front_of_a_relay_that_forwards():
    """The relay forwards HAProxy's header unchanged; the receiver verifies the checksum."""
    process, place = whoami("haproxy:tcp:0:interface=127.0.0.1")
    front, front_key = certificate("front.example")
    both = interop.path("both.pem")
    with open(both, "w") as bundle:
        bundle.writelines(open(part).read() for part in (front, front_key))
    relay, middle = interop.listening(
        "relay", "haproxy:tcp:0:interface=127.0.0.1:proxyTrusted=127.0.0.0/8", f"{place}:proxyTlvs=forward"
    )
    with process, relay:
        context = ssl.create_default_context(cafile=front)
        seen = []
        for target in (place, middle):
            options = "ssl,cert-key,cert-sig,ssl-cipher,crc32c,authority"
            proxy = f"server s 127.0.0.1:{port_of(target)} send-proxy-v2 proxy-v2-options {options}"
            with Balancer(proxy, bind=f"ssl crt {both}") as balancer:
                with context.wrap_socket(dialed(balancer.address), server_hostname="front.example") as stream:
                    addresses = shown(stream.getsockname()), shown(balancer.address)
                    got = facts(stream)
            interop.equal("the addresses", (got.pop("peer"), got.pop("local")), addresses)
            seen.append(got)
    interop.equal("what was forwarded", seen[1], seen[0])
    interop.equal("the checksum", seen[1]["checksum"], "verified")


haproxy_in_front()
haproxy_in_front_with_tls()
haproxy_in_front_of_a_relay()
haproxy_in_front_of_a_relay_that_forwards()
haproxy_that_is_not_trusted()
haproxy_reads_what_a_relay_knows()
haproxy_behind()
interop.done()
