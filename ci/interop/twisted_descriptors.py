"""Tests passing sockets between Twisted and us in both directions, and adopting them.

    twisted_descriptors.py COMMAND    run by the Python that has Twisted

Twisted uses `sendFileDescriptor` and `AdoptedStreamServerEndpoint`; our side is the example `pass_socket`, with
`send_descriptor` and `Server::from_listener`.
"""

import os
import re
import socket

from harness import Interop, PATIENCE, Process
from reactor import Answering, ask, later, run
from twisted.internet import defer, endpoints, error, interfaces, protocol, reactor
from zope.interface import implementer

interop = Interop("twisted descriptors")
PASS_SOCKET = os.path.join(os.path.dirname(interop.command), "examples", "pass_socket")
HAVING_V6 = os.path.exists("/proc/net/if_inet6")


class Giving(protocol.Protocol):
    """A protocol that sends descriptors, each with a byte, and closes."""

    def __init__(self, descriptors):
        self.descriptors = descriptors

    def connectionMade(self):
        for descriptor in self.descriptors:
            self.transport.sendFileDescriptor(descriptor)
            self.transport.write(b"x")
        self.transport.loseConnection()


@implementer(interfaces.IFileDescriptorReceiver)
class Taking(protocol.Protocol):
    """A protocol that collects descriptors until the other side closes."""

    def __init__(self):
        self.taken, self.descriptors = defer.Deferred(), []

    def fileDescriptorReceived(self, descriptor):
        self.descriptors.append(descriptor)

    def connectionLost(self, reason):
        self.taken.callback(self.descriptors)


def client(address):
    """Creates Twisted's client endpoint for the address in a listener's line."""
    found = re.fullmatch(r"(\S+):(\d+)", address)
    if not found:
        return endpoints.UNIXClientEndpoint(reactor, address.strip("`"))
    host = found[1].strip("[]")
    kind = endpoints.TCP6ClientEndpoint if ":" in host else endpoints.TCP4ClientEndpoint
    return kind(reactor, host, int(found[2]))


def listening(family, address):
    bound = socket.socket(family)
    bound.bind(address)
    bound.listen()
    return bound


def sockets(name):
    """Opens a listening socket of each family; INET6 only if this machine has IPv6."""
    opened = [listening(socket.AF_INET, ("127.0.0.1", 0)), listening(socket.AF_UNIX, interop.path(name))]
    return opened + ([listening(socket.AF_INET6, ("::1", 0))] if HAVING_V6 else [])


async def twisted_gives():
    path, opened = interop.path("given"), sockets("web")
    numbers = [one.fileno() for one in opened]
    factory = protocol.Factory.forProtocol(lambda: Giving(numbers))
    port = await endpoints.UNIXServerEndpoint(reactor, path).listen(factory)
    with Process(PASS_SOCKET, "take", f"unix:{path}") as ours:
        said = await lines(ours, len(opened))
        for one in opened:
            one.close()
        places = [line.removeprefix("listening on ") for line in said]
        interop.equal("we adopt the UNIX socket second, as it was sent", places[1], f"`{interop.path('web')}`")
        for place in places:
            interop.equal(f"Twisted asks {place}, which it opened", await ask(client(place)), "QUESTION")
    await port.stopListening()


async def we_give():
    path = interop.path("ours")
    hosts = ["127.0.0.1:0", interop.path("inner")] + (["[::1]:0"] if HAVING_V6 else [])
    with Process(PASS_SOCKET, "give", f"unix:{path}", *hosts) as ours:
        interop.equal("we wait", ours.line("stderr"), f"waiting on `{path}`")
        connected = endpoints.UNIXClientEndpoint(reactor, path).connect(protocol.Factory.forProtocol(Taking))
        descriptors = await (await connected).taken.addTimeout(PATIENCE, reactor)
        interop.equal("all of ours came", len(descriptors), len(hosts))
        interop.equal("and no more", ours.popen.wait(PATIENCE), 0)
    for descriptor in descriptors:
        with socket.socket(fileno=os.dup(descriptor)) as copy:
            family, name = copy.family, copy.getsockname()
        adopted = endpoints.AdoptedStreamServerEndpoint(reactor, descriptor, family)
        port = await adopted.listen(protocol.Factory.forProtocol(Answering))
        place = name if isinstance(name, str) else f"{name[0]}:{name[1]}"
        interop.equal(f"Twisted adopts {place}", await ask(client(place)), "QUESTION")
        await port.stopListening()


async def both_adopt_one_socket():
    """A socket that two processes share works until the second one closes it."""
    path, shared = interop.path("shared"), listening(socket.AF_INET, ("127.0.0.1", 0))
    place = "{}:{}".format(*shared.getsockname())
    factory = protocol.Factory.forProtocol(lambda: Giving([shared.fileno()]))
    waiting = await endpoints.UNIXServerEndpoint(reactor, path).listen(factory)
    with Process(PASS_SOCKET, "take", f"unix:{path}") as ours:
        await lines(ours, 1)
        adopted = endpoints.AdoptedStreamServerEndpoint(reactor, os.dup(shared.fileno()), socket.AF_INET)
        port = await adopted.listen(protocol.Factory.forProtocol(Answering))
        shared.close()
        for _ in range(10):
            interop.equal("one of the two answers", await ask(client(place)), "QUESTION")
        await port.stopListening()
        interop.equal("and we alone, when Twisted has closed it", await ask(client(place)), "QUESTION")
        try:
            await adopted.listen(protocol.Factory.forProtocol(Answering))
            interop.holds("Twisted adopts a socket once", False)
        except error.AlreadyListened:
            interop.count += 1
    await waiting.stopListening()


async def no_listening_socket_is_refused():
    """Twisted waits forever on a connected socket, and does not adopt a file."""
    path, pair = interop.path("wrong"), socket.socketpair()
    with open(os.devnull, "rb") as file:
        numbers = [file.fileno(), pair[0].fileno()]
        factory = protocol.Factory.forProtocol(lambda: Giving(numbers))
        waiting = await endpoints.UNIXServerEndpoint(reactor, path).listen(factory)
        with Process(PASS_SOCKET, "take", f"unix:{path}") as ours:
            said = await lines(ours, 2)
            interop.holds("we refuse a file", "expected a listening socket" in said[0], said[0])
            interop.holds("and a connected socket", "a connected UNIX socket" in said[1], said[1])
        adopted = endpoints.AdoptedStreamServerEndpoint(reactor, os.dup(file.fileno()), socket.AF_UNIX)
        try:
            await adopted.listen(protocol.Factory.forProtocol(Answering))
            interop.holds("Twisted refuses a file", False)
        except OSError:
            interop.count += 1
    await waiting.stopListening()


def lines(process, count):
    """Returns the next lines of a process, while the reactor runs."""
    return later(lambda: [process.line() for _ in range(count)])


async def main():
    await twisted_gives()
    await we_give()
    await both_adopt_one_socket()
    await no_listening_socket_is_refused()
    interop.done()


run(main())
