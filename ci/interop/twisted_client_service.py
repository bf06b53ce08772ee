"""Runs Twisted's `ClientService` on our vectors, and compares the results with the recorded ones.

    twisted_client_service.py COMMAND            compares; run by the Python that has Twisted
    twisted_client_service.py COMMAND --record   records the results again

The vectors are `endpoint-runtime/tests/vectors/client_service.json`; a test of `endpoint-runtime`
runs ours on them. A vector has

    pauses   the results of the policy, call by call: a number of seconds, or null for an hour
    steps    the actions, in order:
             `start`, `stop`
             `wait NAME FAILURES`   a caller waits for the connection; null waits without a limit
             `fail`                 the attempt under way fails
             `connect`              it succeeds, and the connection is prepared
             `unprepared`           it succeeds, and preparing the connection fails
             `lose`                 the peer ends the connection

and the answer: the events caused by each step, sorted: `attempt`, `cancelled`, `policy FAILURES`,
`closed CONNECTION`, `stopped`, and of each wait `NAME CONNECTION`, `NAME failed` or `NAME stopped`.
"""

import json
import os
import sys

from harness import Interop
from twisted.application.internet import ClientService
from twisted.internet import defer, error, protocol, task
from twisted.python.failure import Failure

VECTORS = os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "../../endpoint-runtime/tests/vectors/client_service.json"
)
HOUR = 3600


class Connection(protocol.Protocol):
    """A connection, which is also its transport."""

    def __init__(self, run):
        run.connections += 1
        self.run, self.number = run, run.connections

    def loseConnection(self):
        self.run.caused(f"closed {self.number}")
        self.lost()

    def lost(self):
        self.run.proxy.connectionLost(Failure(error.ConnectionDone()))


class Run:
    """One vector, and the endpoint that the service connects to."""

    def __init__(self, vector):
        self.vector, self.pauses = vector, iter(vector.get("pauses", []))
        self.connections, self.events = 0, []
        self.clock = task.Clock()
        factory = protocol.Factory.forProtocol(lambda: Connection(self))
        self.service = ClientService(
            self, factory, retryPolicy=self.policy, clock=self.clock, prepareConnection=self.prepare
        )

    def caused(self, event):
        self.events.append(event)

    def policy(self, failures):
        self.caused(f"policy {failures}")
        pause = next(self.pauses)
        return HOUR if pause is None else pause

    def prepare(self, _):
        if not self.prepared:
            raise error.ConnectionLost()

    def connect(self, factory):
        self.caused("attempt")
        self.factory = factory
        self.attempt = defer.Deferred(lambda _: self.caused("cancelled"))
        return self.attempt

    def answer(self):
        answers = []
        for step in self.vector["steps"]:
            self.take(*step)
            self.clock.advance(0)
            answers.append(sorted(self.events))
            self.events = []
        return answers

    def take(self, what, name=None, failures=None):
        if what == "start":
            self.service.startService()
        elif what == "stop":
            self.service.stopService().addCallback(lambda _: self.caused("stopped"))
        elif what == "fail":
            self.attempt.errback(error.ConnectionRefusedError())
        elif what == "lose":
            self.current.lost()
        elif what == "wait":
            waiting = self.service.whenConnected(failAfterFailures=failures)
            waiting.addCallbacks(
                lambda connection: self.caused(f"{name} {connection.number}"),
                lambda why: self.caused(f"{name} {'stopped' if why.check(defer.CancelledError) else 'failed'}"),
            )
        else:
            self.prepared = what == "connect"
            self.proxy = self.factory.buildProtocol(None)
            self.current = self.proxy._protocol
            self.proxy.makeConnection(self.current)
            self.attempt.callback(self.proxy)


def main(record):
    with open(VECTORS, encoding="utf-8") as file:
        vectors = json.load(file)
    if record:
        lines = ",\n".join(json.dumps({**vector, "caused": Run(vector).answer()}) for vector in vectors)
        with open(VECTORS, "w", encoding="utf-8") as file:
            file.write(f"[\n{lines}\n]\n")
        return
    interop = Interop("twisted client service")
    for vector in vectors:
        interop.equal(f"Twisted in {vector['id']}", Run(vector).answer(), vector["caused"])
    interop.done()


main("--record" in sys.argv)
