"""Helpers of the checks that run Twisted's reactor: two protocols, and the reactor itself."""

from harness import PATIENCE
from twisted.internet import defer, protocol, reactor, threads


class Asking(protocol.Protocol):
    """A client protocol that sends a line and receives the answer."""

    def __init__(self):
        self.answer, self.received = defer.Deferred(), b""

    def connectionMade(self):
        self.transport.write(b"question\n")

    def dataReceived(self, data):
        self.received += data

    def connectionLost(self, reason):
        self.answer.callback(self.received.decode().strip() or f"lost {reason.getErrorMessage()}")


class Answering(protocol.Protocol):
    """Answers a line in capitals, and closes."""

    def dataReceived(self, data):
        self.transport.write(data.upper())
        self.transport.loseConnection()


async def ask(endpoint):
    """Returns the answer to a client's request, or the reason why it lost the connection."""
    asking = await endpoint.connect(protocol.Factory.forProtocol(Asking))
    return await asking.answer.addTimeout(PATIENCE, reactor)


def later(function):
    """Runs a blocking function in a thread, while the reactor runs; returns its result."""
    return threads.deferToThread(function).addTimeout(PATIENCE, reactor)


def run(main):
    """Runs the reactor until a coroutine ends."""
    failed = []
    running = defer.ensureDeferred(main)
    running.addErrback(failed.append).addBoth(lambda _: reactor.callLater(0, reactor.stop))
    reactor.run()
    if failed:
        failed[0].raiseException()
