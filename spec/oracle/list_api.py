"""Lists every class, function, method and constant of `twisted.internet.endpoints`.

It prints one name per line. `spec/twisted.md` has a row for each of them;
`check.py` compares the two. Imported names are omitted, except those that the
endpoints return or inherit from.
"""

from __future__ import annotations

import inspect
from typing import Iterator, List

from twisted.internet import endpoints
from zope.interface.interface import InterfaceClass

# Imported names that the endpoints return.
PASSED_ON = ("PipeAddress", "StandardIO", "TLSMemoryBIOFactory")


def _own(value: object) -> bool:
    return getattr(value, "__module__", None) == endpoints.__name__


def _methods(name: str, kind: type) -> Iterator[str]:
    """Returns the methods that the class defines, without dunder methods except `__init__`."""
    for method, value in sorted(vars(kind).items()):
        function = value.__func__ if isinstance(value, (staticmethod, classmethod)) else value
        special = method.startswith("__") and method != "__init__"
        if inspect.isfunction(function) and _own(function) and not special:
            yield "{}.{}".format(name, method)


def names() -> List[str]:
    """Returns all names, sorted; methods follow their class."""
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
