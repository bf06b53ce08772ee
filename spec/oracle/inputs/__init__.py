"""The inputs of the vectors in groups, each with a name, a reason and texts."""

from __future__ import annotations

from typing import List, NamedTuple


class Group(NamedTuple):
    name: str
    reason: str
    texts: List[str]
