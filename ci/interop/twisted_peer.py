"""The peer: one server or one client of Twisted's endpoints, in its own process.

    twisted_peer.py server DESCRIPTION    prints `ready` and a port or 0, or `refused` and a reason; then answers
    twisted_peer.py late DESCRIPTION      like server, but answers after a delay
    twisted_peer.py client DESCRIPTION    sends `question`, half-closes, and prints the answer, or `refused` or `lost`
                                          and a reason

An answer is the request in capitals, with the client's address at the server.
"""

import sys

from twisted.internet import endpoints, protocol, reactor


def say(*words):
    print(*words, flush=True)


def refused(failure):
    say("refused", failure.type.__name__, failure.getErrorMessage())
    if reactor.running:
        reactor.stop()


class Answering(protocol.Protocol):
    question = b""

    def dataReceived(self, data):
        self.question += data
        # Twisted's protocols take a half-close as the end, so a line ends the request.
        if self.question.endswith(b"\n"):
            peer = self.transport.getPeer()
            seen = f"{peer.host}:{peer.port}" if hasattr(peer, "host") else type(peer).__name__
            self.transport.write(self.question.strip().upper() + f" {seen}\n".encode())
            self.transport.loseConnection()


class AnsweringLate(Answering):
    def dataReceived(self, data):
        reactor.callLater(0.2, Answering.dataReceived, self, data)


class Asking(protocol.Protocol):
    answer = b""

    def connectionMade(self):
        self.transport.write(b"question\n")

    def dataReceived(self, data):
        self.answer += data

    def connectionLost(self, reason):
        say(self.answer.decode().strip() or f"lost {reason.type.__name__} {reason.getErrorMessage()}")
        reactor.stop()


SERVERS = {"server": Answering, "late": AnsweringLate}


def main(role, description):
    try:
        if role in SERVERS:
            server = endpoints.serverFromString(reactor, description)
            listening = server.listen(protocol.Factory.forProtocol(SERVERS[role]))
            listening.addCallback(lambda port: say("ready", getattr(port.getHost(), "port", 0)))
        else:
            client = endpoints.clientFromString(reactor, description)
            listening = client.connect(protocol.Factory.forProtocol(Asking))
        listening.addErrback(lambda failure: reactor.callLater(0, refused, failure))
        reactor.run()
    except Exception as error:
        say("refused", type(error).__name__, error)


main(*sys.argv[1:])
