"""Fill in what Twisted says to the vectors of `spec/vectors/extensions`, written by hand.

    python3 record_extensions.py

Such a vector says what happens here: `ok` holds the endpoint, or as much of it
as the vector is about, and `portable` beside it; `err` the slug of the error
that must be among the diagnostics (`portable` is then null). This script adds
`id` and `twisted` and leaves the rest alone.
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
