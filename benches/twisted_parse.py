"""Measures how long Twisted's `_parse` takes.

    python3 twisted_parse.py <descriptions, one on a line

Prints the nanoseconds per byte of the fastest of many rounds over all of them.
"""

import sys
import time

from twisted.internet.endpoints import _parse

ROUNDS = 300


def main() -> None:
    texts = [line.rstrip("\n") for line in sys.stdin]
    size = sum(len(text.encode()) for text in texts)
    fastest = None
    for _ in range(ROUNDS):
        start = time.perf_counter_ns()
        for text in texts:
            _parse(text)
        took = time.perf_counter_ns() - start
        if fastest is None or took < fastest:
            fastest = took
    print(fastest / size)


if __name__ == "__main__":
    main()
