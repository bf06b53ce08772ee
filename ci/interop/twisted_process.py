"""Runs Twisted's `ProcessEndpoint` on our vectors, and compares the results with the recorded ones.

    twisted_process.py COMMAND            compares; run by the Python that has Twisted
    twisted_process.py COMMAND --record   records the results again

The vectors are `endpoint-runtime/tests/vectors/process.json`; a test of `endpoint-runtime` runs
ours on them. A vector has

    args       all arguments, the first one included; the program is /bin/sh
    childFDs   a number to `r`, `w`, `inherit` (a pipe of the caller) or `null`
    steps      the actions, in order: `write NUMBER TEXT`, `close NUMBER`, `expect NUMBER TEXT`, `signal NUMBER`, `end`

and the answer: the data `received` by number, the text `logged`, exit `code` and `signal`, and
`refused` if it was not started, `late` if a signal was refused.
"""

import json
import os
import sys

from harness import Interop
from reactor import run
from twisted.internet import defer, endpoints, error, protocol, reactor
from twisted.python import log

VECTORS = os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "../../endpoint-runtime/tests/vectors/process.json"
)
ANSWERS = ["received", "logged", "code", "signal", "refused", "late"]
PATIENCE = 30


class Ended(protocol.Protocol):
    def __init__(self):
        self.ended = defer.Deferred()

    def connectionLost(self, reason):
        self.ended.callback(reason.value)


class Run:
    """One vector, run by Twisted."""

    def __init__(self, vector):
        self.vector = vector
        self.received = {}
        self.logged = ""
        self.awaited = None
        self.given, self.kept = [], {}

    async def answer(self):
        log.addObserver(self.log)
        try:
            return await self.run()
        except ValueError:
            return {"refused": True}
        finally:
            log.removeObserver(self.log)
            for descriptor in self.given:
                os.close(descriptor)

    async def run(self):
        flag = getattr(endpoints.StandardErrorBehavior, self.vector.get("errFlag", "LOG"))
        endpoint = endpoints.ProcessEndpoint(
            reactor,
            "/bin/sh",
            self.vector["args"],
            env=None,
            usePTY=self.vector.get("usePTY", False),
            childFDs=self.child_fds(),
            errFlag=flag,
        )
        # The endpoint passes on data from descriptor 1, and drops data from other pipes.
        spawn = endpoint._spawnProcess
        endpoint._spawnProcess = lambda wrapped, *rest: spawn(self.heard(wrapped), *rest)
        ended = Ended()
        # The failure of `connect` has no reason; the exception being handled has it.
        await endpoint.connect(protocol.Factory.forProtocol(lambda: ended))
        answer = {}
        for step in self.vector.get("steps", []):
            await self.take(ended, answer, *step)
        reason = await ended.ended.addTimeout(PATIENCE, reactor)
        for number, descriptor in self.kept.items():
            os.close(self.given.pop(0))
            with open(descriptor, "rb") as pipe:
                self.received[number] = pipe.read()
        answer["received"] = {key: data.decode() for key, data in sorted(self.received.items())}
        answer["logged"] = self.logged
        if isinstance(reason, error.ProcessTerminated):
            answer.update(code=reason.exitCode, signal=reason.signal)
        else:
            answer.update(code=0, signal=None)
        return answer

    def child_fds(self):
        wanted = self.vector.get("childFDs")
        return wanted and {int(number): self.target(number, kind) for number, kind in wanted.items()}

    def target(self, number, kind):
        if kind == "null":
            self.given.append(os.open(os.devnull, os.O_RDWR))
            return self.given[-1]
        if kind == "inherit":
            self.kept[number], theirs = os.pipe()
            self.given.insert(len(self.kept) - 1, theirs)
            return theirs
        return kind

    def heard(self, wrapped):
        handed_on = wrapped.childDataReceived

        def child_data_received(number, data):
            if number != 2 or "2" in (self.vector.get("childFDs") or {}):
                self.received[str(number)] = self.received.get(str(number), b"") + data
            handed_on(number, data)
            self.look()

        wrapped.childDataReceived = child_data_received
        return wrapped

    def log(self, event):
        if "wrote stderr" in event.get("format", ""):
            self.logged += event["data"].decode()

    def look(self):
        if self.awaited:
            number, text, found = self.awaited
            if text.encode() in self.received.get(str(number), b""):
                self.awaited = None
                found.callback(None)

    async def take(self, ended, answer, what, number=None, text=None):
        if what == "write":
            ended.transport.writeToChild(number, text.encode())
        elif what == "close":
            ended.transport.closeChildFD(number)
        elif what == "expect":
            self.awaited = number, text, defer.Deferred()
            found = self.awaited[2]
            self.look()
            await found.addTimeout(PATIENCE, reactor)
        elif what == "signal":
            try:
                ended.transport.signalProcess(number)
            except error.ProcessExitedAlready:
                answer["late"] = True
        else:
            over = defer.Deferred()
            ended.ended.addBoth(lambda reason: (over.callback(None), reason)[1])
            await over


def key(vector):
    return {name: value for name, value in vector.items() if name not in ANSWERS}


async def main(record):
    with open(VECTORS, encoding="utf-8") as file:
        vectors = json.load(file)
    answered = [{**key(vector), **await Run(vector).answer()} for vector in vectors]
    if record:
        lines = ",\n".join(json.dumps(vector) for vector in answered)
        with open(VECTORS, "w", encoding="utf-8") as file:
            file.write(f"[\n{lines}\n]\n")
        return
    interop = Interop("twisted process")
    for vector, again in zip(vectors, answered):
        interop.equal(f"Twisted runs {vector['id']}", again, vector)
    interop.done()


if __name__ == "__main__":
    run(main("--record" in sys.argv))
