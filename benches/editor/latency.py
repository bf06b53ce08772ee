"""Measures how soon `strports lsp` answers for files of 5,000 lines.

    python3 latency.py STRPORTS [--rounds N] [--limit MILLISECONDS]

An edit is a change of one line in the middle of the file, until its diagnostics have arrived. The
requests are those of an editor after it. `all actions` are the quick fixes of the whole file for a
client that cannot resolve them. Times are those of the client, the fastest of the rounds and the
median; `--limit` is one for the fastest edit.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

IMPORT = "from twisted.internet.endpoints import serverFromString\n"
FILLER = "def f(x): return {'a': [x, \"b\"]}\n"


def call(description):
    return f'server = serverFromString(reactor, "{description}")\n'


def numbered(line, count=4999):
    return "".join(line.replace("PORT", str(1024 + index)) for index in range(count))


FILES = [
    ("one finding", "a.py", IMPORT + call("tcp:80:interface=::1") + FILLER * 4998),
    ("500 descriptions", "a.py", IMPORT + numbered(call("tcp:PORT") + FILLER * 9, 500)),
    ("500 findings", "a.py", IMPORT + numbered(call("tcp:PORT:interface=::1") + FILLER * 9, 500)),
    ("5,000 descriptions", "a.py", IMPORT + numbered(call("tcp:PORT"))),
    ("5,000 commands", "a.sh", numbered("twistd web --listen tcp:PORT\n", 5000)),
    ("5,000 keys", "tahoe.cfg", "[node]\n" + numbered("tub.port = tcp:PORT\n")),
]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("strports")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--limit", type=float)
    options = parser.parse_args()
    columns = ["opening", "edit", "hover", "tokens", "all actions"]
    print(f"{'fastest / median, ms':20}" + "".join(f"{name:>16}" for name in columns))
    missed = False
    for name, file, text in FILES:
        times = measure(options.strports, file, text, options.rounds)
        shown = "".join(f"{min(it):9.1f} /{statistics.median(it):5.1f}" for it in times.values())
        is_over = options.limit is not None and min(times["edit"]) > options.limit
        missed |= is_over
        print(f"{name:20}{shown}{'  MISSED' if is_over else ''}", flush=True)
    sys.exit(missed)


def measure(program, file, text, rounds):
    client = Client(program)
    document = {"uri": f"file:///nowhere/{file}", "languageId": "x", "version": 1, "text": text}
    times = {"opening": [], "edit": [], "hover": [], "tokens": [], "all actions": []}
    times["opening"].append(client.tell("didOpen", {"textDocument": document}, 1))
    line = text.count("\n") // 2
    for version in range(2, 2 + rounds):
        about = {"uri": document["uri"]}
        start = {"line": line, "character": 0}
        # Edits alternate: one begins a comment, and the next one ends its line.
        change = {"range": {"start": start, "end": start}, "text": "\n" if version % 2 else "#"}
        changed = {"textDocument": {**about, "version": version}, "contentChanges": [change]}
        times["edit"].append(client.tell("didChange", changed, version))
        position = {"line": line + 1, "character": 40}
        times["hover"].append(client.ask("hover", {"textDocument": about, "position": position}))
        times["tokens"].append(client.ask("semanticTokens/full", {"textDocument": about}))
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 99999, "character": 0}}
    actions = {"textDocument": about, "range": whole, "context": {"diagnostics": []}}
    times["all actions"].append(client.ask("codeAction", actions))
    client.end()
    return times


class Client:
    def __init__(self, program):
        pipe = subprocess.PIPE
        self.server = subprocess.Popen([program, "lsp"], stdin=pipe, stdout=pipe)
        self.number = 0
        self.request("initialize", {"processId": None, "capabilities": {}})
        self.send({"method": "initialized", "params": {}})

    def send(self, message):
        text = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(text), text))
        self.server.stdin.flush()

    def receive(self):
        """Returns when the next message had arrived, in seconds, and the message."""
        length = 0
        while (line := self.server.stdout.readline()) != b"\r\n":
            if not line:
                sys.exit("the server has ended")
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        text = self.server.stdout.read(length)
        return time.perf_counter(), json.loads(text)

    def request(self, method, params):
        self.number += 1
        self.send({"id": self.number, "method": method, "params": params})
        while True:
            arrived, message = self.receive()
            if message.get("id") == self.number and "method" not in message:
                if "error" in message:
                    sys.exit(f"{method}: {message['error']['message']}")
                return arrived

    def ask(self, method, params):
        """Sends a request, and returns the milliseconds until its response."""
        start = time.perf_counter()
        return 1000 * (self.request(f"textDocument/{method}", params) - start)

    def tell(self, method, params, version):
        """Sends a notification, and returns the milliseconds until its version has diagnostics."""
        start = time.perf_counter()
        self.send({"method": f"textDocument/{method}", "params": params})
        while True:
            arrived, message = self.receive()
            if message.get("params", {}).get("version") == version:
                return 1000 * (arrived - start)

    def end(self):
        self.request("shutdown", None)
        self.send({"method": "exit", "params": None})
        self.server.wait()


if __name__ == "__main__":
    main()
