"""Writes `spec/vectors/plugins.json`: the plugin prefixes that a type matches, by case.

    venv/bin/python plugin_prefixes.py

Each vector has the prefix of the only installed plugin. The built-in types are not tested here:
`vectors/server.json` and `vectors/client.json` have them.
"""

from __future__ import annotations

from typing import Any, List
from unittest import mock

import twisted_oracle as oracle
import vectors
from twisted.internet import endpoints
from twisted.internet.interfaces import (
    IStreamClientEndpointStringParserWithReactor,
    IStreamServerEndpointStringParser,
)
from zope.interface import implementer

PATH = vectors.DIRECTORY / "plugins.json"
PREFIXES = ("corp", "Corp", "CORP", "x-y2")
TYPES = ("corp", "Corp", "CORP", r"c\orp", "corp ", "corpse", "cor", "X-Y2", "x-y2")
# Prefixes and types that are equal only by Unicode rules for case.
UNICODE = (("kit", "\u212ait"), ("sit", "\u017fit"), ("sit", "s\u0131t"))
ROLES = ("server", "client")


@implementer(IStreamServerEndpointStringParser, IStreamClientEndpointStringParserWithReactor)
class _Plugin:
    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def parseStreamServer(self, reactor: Any, *args: str) -> Any:
        return self.prefix, args

    def parseStreamClient(self, reactor: Any, *args: str) -> Any:
        return self.prefix, args


def _vector(role: str, prefix: str, name: str) -> vectors.Vector:
    text = name + ":1"
    vector: vectors.Vector = {"input": text, "role": role, "prefix": prefix}
    ask = getattr(endpoints, role + "FromString")
    with mock.patch.object(endpoints, "getPlugins", lambda interface: [_Plugin(prefix)]):
        try:
            vector["ok"] = {"type": ask(None, text)[0]}
        except ValueError as error:
            vector["err"] = "{}: {}".format(type(error).__name__, error)
    return vector


def answers() -> List[vectors.Vector]:
    """Returns every vector with Twisted's current answer."""
    found: List[vectors.Vector] = []
    for role in ROLES:
        asked = [(prefix, name) for prefix in PREFIXES for name in TYPES]
        for prefix, name in asked + list(UNICODE):
            vector = _vector(role, prefix, name)
            if (prefix, name) in UNICODE and "ok" in vector:
                vector["differs"] = {"rows": ["unicode-type-case"], "here": "refused"}
            number = "plugins/{}/{}".format(role, sum(it["role"] == role for it in found) + 1)
            source = "twisted {} _matchPluginToPrefix".format(oracle.VERSION)
            found.append({"id": number, **vector, "source": source})
    return found


def stale() -> List[str]:
    """Returns the ids of vectors whose recorded answer differs from Twisted's."""
    written = {it["id"]: it for it in vectors.read(PATH)}
    return [it["id"] for it in answers() if written.get(it["id"]) != it]


def main() -> None:
    found = answers()
    vectors.write(PATH, found)
    print("{:>6}  plugins.json".format(len(found)))


if __name__ == "__main__":
    main()
