"""Writes `spec/vectors/*.json` with Twisted's answers to all inputs in `inputs/`.

    python3 make_vectors.py

Run it after a change to the inputs, the table of differences or the pinned
version, and review the differences before the commit.
"""

from __future__ import annotations

from typing import List

import vectors
from inputs import Group, clients, errors, in_the_wild, numbers, servers, strings


def answers(stem: str, question: str, groups: List[Group]) -> List[vectors.Vector]:
    """Returns one vector for each text, numbered within its group."""
    found = []
    for group in groups:
        for number, text in enumerate(dict.fromkeys(group.texts), 1):
            identifier = "{}/{}/{}".format(stem, group.name, number)
            found.append({"id": identifier, **vectors.ask(question, text)})
    return found


def renamed(prefix: str, groups: List[Group]) -> List[Group]:
    return [group._replace(name="{}-{}".format(prefix, group.name)) for group in groups]


FILES = {
    "tokenize": [("tokenize", strings.TOKENIZE)],
    "parse": [("parse", strings.PARSE)],
    "quote": [("quote", strings.QUOTE)],
    "server": [("server", servers.GROUPS + in_the_wild.SERVER)],
    "client": [("client", clients.GROUPS + in_the_wild.CLIENT)],
    "coercion": [
        ("integer", renamed("integer", numbers.INTEGER)),
        ("mode", renamed("mode", numbers.MODE)),
        ("flag", numbers.FLAG),
    ],
    "errors": [("server", errors.SERVER), ("client", errors.CLIENT)],
}


def main() -> None:
    total = 0
    for stem, parts in FILES.items():
        found = [vector for question, groups in parts for vector in answers(stem, question, groups)]
        vectors.write(vectors.DIRECTORY / (stem + ".json"), found)
        print("{:>6}  {}.json".format(len(found), stem))
        total += len(found)
    print("{:>6}  in all".format(total))


if __name__ == "__main__":
    main()
