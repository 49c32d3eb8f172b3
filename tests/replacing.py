"""Frozen things with some of their fields changed, whichever kind they are."""

import dataclasses
from typing import Any, TypeVar

from msgspec import Struct, structs

Thing = TypeVar("Thing")


def replace(thing: Thing, **changes: Any) -> Thing:
    """Another one of the same kind."""
    if isinstance(thing, Struct):
        return structs.replace(thing, **changes)
    changed: Thing = dataclasses.replace(thing, **changes)  # type: ignore[type-var]
    return changed
