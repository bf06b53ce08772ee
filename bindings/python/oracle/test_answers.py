"""Compares the module with Twisted in one process, on random descriptions.

`spec/oracle` generates the descriptions and defines the contract. It patches Twisted's access to
files, so these tests run in a separate process. The variable `COUNT` is the number of descriptions, and
`SEED` the seed of the generator.
"""

import os
import sys
from pathlib import Path

import pytest
import strports

sys.path.insert(0, str(Path(__file__).parents[3] / "spec" / "oracle"))

from contract import compare  # noqa: E402
from descriptions import Generator  # noqa: E402
from differences import Case, expectation  # noqa: E402

COUNT = int(os.environ.get("COUNT", "4000"))
SEED = int(os.environ.get("SEED", "18"))
PARSE = {"server": strports.parse_server, "client": strports.parse_client}


def descriptions():
    texts = dict.fromkeys(Generator(SEED).series(COUNT))
    return [text for text in texts if "\0" not in text]


def plain(value):
    """Converts an endpoint to the form of recorded Twisted endpoints, with modes as octal text."""
    if not isinstance(value, strports.Endpoint):
        return value
    values = {name: plain(inner) for name, inner in value.values.items()}
    if isinstance(values.get("mode"), int):
        values["mode"] = "{:o}".format(values["mode"])
    return {"type": value.type, **values}


@pytest.mark.parametrize("role", ["server", "client"])
def test_the_answers_are_those_of_the_contract(role):
    texts = descriptions()
    accepted = 0
    problems = []
    for text in texts:
        record = strports.report_json(text, role)
        problems += [(text, problem) for problem in compare(role, text, record).problems]
        accepted += record["ok"]
    assert problems == []
    assert len(texts) > COUNT * 0.8
    # If nearly all were accepted, or refused, the test would compare too little.
    assert len(texts) * 0.1 < accepted < len(texts) * 0.9


@pytest.mark.parametrize("role", ["server", "client"])
def test_parsing_gives_the_values_of_twisted(role):
    same = refused = 0
    for text in descriptions():
        expected = expectation(Case.ask(role, text))
        try:
            endpoint = PARSE[role](text)
        except strports.ParseError as error:
            assert not strports.check(text, role).ok
            start, end = error.span
            assert 0 <= start <= end <= len(text)
            refused += 1
            continue
        assert strports.check(text, role).endpoint == endpoint
        found = plain(endpoint)
        if expected.effect == "same" and "ok" in expected.answer:
            for name, value in expected.answer["ok"].items():
                if not isinstance(value, dict):
                    assert found[name] == value, (text, name)
            same += 1
    assert same > COUNT * 0.1
    assert refused > COUNT * 0.1
