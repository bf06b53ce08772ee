"""Tests TLS contexts that programs construct: Twisted's on one side, ours on the other.

    twisted_tls_memory.py COMMAND    run by the Python that has Twisted

Twisted uses `SSL4ClientEndpoint`, `SSL4ServerEndpoint`, `wrapClientTLS` and `wrapServerTLS`. Our side is the example
`tls_from_memory`, with keys and roots in memory, and its own configurations of rustls.
"""

import os
import re

from authority import Authority
from harness import Interop, Process
from reactor import Answering, ask, later, run
from twisted.internet import endpoints, protocol, reactor, ssl

interop = Interop("twisted tls from memory")
EXAMPLE = os.path.join(os.path.dirname(interop.command), "examples", "tls_from_memory")
root, stranger = Authority(interop.directory.name, "root"), Authority(interop.directory.name, "stranger")
server = root.issue("server", "localhost", "127.0.0.1")
client = root.issue("client", "client")
unknown = stranger.issue("unknown", "client")


def read(path):
    with open(path, "rb") as file:
        return file.read()


def trusted(authority):
    return ssl.trustRootFromCertificates([ssl.Certificate.loadPEM(read(authority.cert))])


def private(files):
    return ssl.PrivateCertificate.loadPEM(read(files.both))


def ours(*arguments, own):
    environment = {**os.environ, "OWN_CONFIG": "1"} if own else os.environ
    return Process(EXAMPLE, *arguments, env=environment)


def client_endpoints(place, authority, certificate=None):
    """Returns Twisted's two clients of the same server."""
    options = ssl.optionsForClientTLS(
        "localhost", trustRoot=trusted(authority), clientCertificate=certificate and private(certificate)
    )
    if place.startswith("`"):
        return [endpoints.wrapClientTLS(options, endpoints.UNIXClientEndpoint(reactor, place.strip("`")))]
    port = int(re.search(r"\d+$", place)[0])
    plain = endpoints.TCP4ClientEndpoint(reactor, "127.0.0.1", port)
    return [endpoints.SSL4ClientEndpoint(reactor, "127.0.0.1", port, options), endpoints.wrapClientTLS(options, plain)]


async def our_servers():
    path = interop.path("socket")
    for own in [False, True]:
        for description in ["tcp:0:interface=127.0.0.1", f"unix:{path}"]:
            what = f"{description} with {'its own configuration' if own else 'an identity in memory'}"
            with ours("server", description, server.both, own=own) as listening:
                place = (await later(listening.line)).removeprefix("listening on ")
                for endpoint in client_endpoints(place, root):
                    interop.equal(f"Twisted asks {what}", await ask(endpoint), "QUESTION")
                for endpoint in client_endpoints(place, stranger):
                    said = await ask(endpoint)
                    interop.holds(f"Twisted refuses {what}", "certificate verify failed" in said, said)
            with ours("server", description, server.both, root.cert, own=own) as listening:
                place = (await later(listening.line)).removeprefix("listening on ")
                for endpoint in client_endpoints(place, root, client):
                    interop.equal(f"a certificate of Twisted's for {what}", await ask(endpoint), "QUESTION")
                for certificate in [None, unknown]:
                    for endpoint in client_endpoints(place, root, certificate):
                        said = await ask(endpoint)
                        interop.holds(f"{what} wants a certificate that it knows", said.startswith("lost "), said)


def server_endpoints(options):
    """Returns Twisted's two servers."""
    plain = endpoints.TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1")
    return [
        endpoints.SSL4ServerEndpoint(reactor, 0, options, interface="127.0.0.1"),
        endpoints.wrapServerTLS(options, plain),
    ]


async def we_ask(port, own, roots, *identity):
    """Returns the answer to a request of our client, or the reason for its failure."""
    arguments = ["client", f"tcp:127.0.0.1:{port}", "localhost", roots.cert, *identity]
    with ours(*arguments, own=own) as asking:
        _, answer, errors = await later(asking.ends)
        return answer.strip() or errors


async def our_clients():
    # A server that requests certificates sends the authorities that it trusts.
    asking = private(server).options(ssl.Certificate.loadPEM(read(root.cert)))
    for options, wants in [(private(server).options(), False), (asking, True)]:
        for endpoint in server_endpoints(options):
            port = await endpoint.listen(protocol.Factory.forProtocol(Answering))
            number = port.getHost().port
            for own in [False, True]:
                what = "its own configuration" if own else "roots in memory"
                answer = await we_ask(number, own, root, client.both)
                interop.equal(f"our client with {what}", answer, "QUESTION")
                said = await we_ask(number, own, stranger, client.both)
                interop.holds(f"refuses a strange server, with {what}", "issuer" in said, said)
                if wants:
                    said = await we_ask(number, own, root)
                    interop.holds(f"has to show a certificate, with {what}", "QUESTION" not in said, said)
                    said = await we_ask(number, own, root, unknown.both)
                    interop.holds(f"has to show a known one, with {what}", "QUESTION" not in said, said)
            await port.stopListening()


async def main():
    await our_servers()
    await our_clients()
    interop.done()


run(main())
