"""Packages whose names are imported when they are first used.

What a command does not need it does not wait for: the screen is painted before numpy is there, and
the viewer never loads the server.
"""

import importlib

TYPE_CHECKING = False  # as in the package itself
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def lazy(package: str, homes: "Mapping[str, str]") -> "Callable[[str], object]":
    """A module's ``__getattr__`` (PEP 562) that finds names in the modules that are their homes."""

    def find(name: str) -> object:
        try:
            home = homes[name]
        except KeyError:
            raise AttributeError(f"module {package!r} has no attribute {name!r}") from None
        return getattr(importlib.import_module(f"{package}.{home}"), name)

    return find
