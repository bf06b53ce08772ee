"""Every class, function and method of `twisted.internet.endpoints`, one name a line.

`spec/twisted.md` has a row for each of them; `check.py` compares the two.
So have its tables and constants. Names that the module only imports are left
out, but for those that its endpoints hand out or are made of.
"""

from __future__ import annotations

import inspect
from typing import Iterator, List

from twisted.internet import endpoints
from zope.interface.interface import InterfaceClass

# Imported, and part of what the endpoints give.
PASSED_ON = ("PipeAddress", "StandardIO", "TLSMemoryBIOFactory")


def _own(value: object) -> bool:
    return getattr(value, "__module__", None) == endpoints.__name__


def _methods(name: str, kind: type) -> Iterator[str]:
    """The methods that the class itself defines, dunder methods but `__init__` aside."""
    for method, value in sorted(vars(kind).items()):
        function = value.__func__ if isinstance(value, (staticmethod, classmethod)) else value
        special = method.startswith("__") and method != "__init__"
        if inspect.isfunction(function) and _own(function) and not special:
            yield "{}.{}".format(name, method)


def names() -> List[str]:
    """All of them, sorted; the methods follow their class."""
    found: List[str] = list(PASSED_ON)
    for name, value in sorted(vars(endpoints).items()):
        if inspect.isclass(value) and _own(value):
            found.append(name)
            found.extend(_methods(name, value))
        elif inspect.isfunction(value) and _own(value):
            found.append(name)
        elif isinstance(value, InterfaceClass) and _own(value):
            found.append(name)
        elif isinstance(value, (int, dict)) and name.startswith("_") and not name.endswith("__"):
            found.append(name)
    return found


if __name__ == "__main__":
    print("\n".join(names()))
