"""Adds Twisted's answers to the handwritten vectors in `spec/vectors/extensions`.

    python3 record_extensions.py

Such a vector has the result here: `ok` is the endpoint, or the part of it that
the vector tests, with `portable`. Or `err` is the slug of the expected error,
and `portable` is null. This script adds `id` and `twisted`, and keeps the rest.
"""

from __future__ import annotations

import vectors

ORDER = ("id", "input", "role", "ok", "err", "portable", "twisted", "source")


def main() -> None:
    total = 0
    for path in sorted((vectors.DIRECTORY / "extensions").glob("*.json")):
        found = vectors.read(path)
        for number, vector in enumerate(found, 1):
            vector["id"] = "extensions/{}/{}".format(path.stem, number)
            vector["twisted"] = vectors.twisted_answer(vector)
        found = [{key: vector[key] for key in ORDER if key in vector} for vector in found]
        vectors.write(path, found)
        print("{:>6}  extensions/{}".format(len(found), path.name))
        total += len(found)
    print("{:>6}  in all".format(total))


if __name__ == "__main__":
    main()
