#!/usr/bin/env python3
"""Twisted as an implementation for `run.py`: an example of the protocol.

    python3 spec/suite/run.py -- venv/bin/python spec/suite/twisted_runner.py
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "oracle"))

import vectors  # noqa: E402


def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        answer = vectors.ask(asked["question"], asked["input"])
        result = {key: answer[key] for key in ("ok", "err") if key in answer}
        print(json.dumps({"id": asked["id"], **result}))


if __name__ == "__main__":
    main()
