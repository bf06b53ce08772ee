"""The questions of the vectors, in groups: a name, a reason, the texts."""

from __future__ import annotations

from typing import List, NamedTuple


class Group(NamedTuple):
    name: str
    reason: str
    texts: List[str]
