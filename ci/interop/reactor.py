"""What the checks beside Twisted share that run its reactor: two protocols, and the reactor itself."""

from harness import PATIENCE
from twisted.internet import defer, protocol, reactor, threads


class Asking(protocol.Protocol):
    """Sends a line, and has the answer."""

    def __init__(self):
        self.answer, self.received = defer.Deferred(), b""

    def connectionMade(self):
        self.transport.write(b"question\n")

    def dataReceived(self, data):
        self.received += data

    def connectionLost(self, reason):
        self.answer.callback(self.received.decode().strip() or f"lost {reason.getErrorMessage()}")


class Answering(protocol.Protocol):
    """Answers a line in capitals."""

    def dataReceived(self, data):
        self.transport.write(data.upper())
        self.transport.loseConnection()


async def ask(endpoint):
    """What the client of an endpoint gets for its question, or why it lost the connection."""
    asking = await endpoint.connect(protocol.Factory.forProtocol(Asking))
    return await asking.answer.addTimeout(PATIENCE, reactor)


def later(function):
    """What a function returns that blocks, while the reactor runs."""
    return threads.deferToThread(function).addTimeout(PATIENCE, reactor)


def run(main):
    """Runs a coroutine and the reactor to the end."""
    failed = []
    running = defer.ensureDeferred(main)
    running.addErrback(failed.append).addBoth(lambda _: reactor.callLater(0, reactor.stop))
    reactor.run()
    if failed:
        failed[0].raiseException()
