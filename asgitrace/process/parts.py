"""A large trace file in parts: what the processes that read it are told, and what they give back.

Part ``n`` is the lines that begin in the ``n``-th stretch of so many bytes. Each reader takes every
so many-th part and writes what it makes of the lines to its standard output, in frames: a head,
and a body in msgpack or, for what is no batch of records, the line as JSON. A pipe holds little, so
a reader is never far ahead of who takes its frames.
"""

from enum import IntEnum
from struct import Struct
from typing import Final

import msgspec

HEAD: Final = Struct("<BIQQ")
"""A frame's kind, the length of its body, the number of its first line in its part from 1, and how
far into the file the reader is, in bytes."""


class Frame(IntEnum):
    """What a frame holds."""

    RECORDS = 1
    """A batch, see Records."""
    LINE = 2
    """One line that is no record."""
    FAILED = 3
    """What is wrong with the line: text. Nothing follows."""
    CUT = 4
    """The line is the file's last and is cut off."""
    DONE = 5
    """The part has so many lines, and all were given."""


class Orders(msgspec.Struct, frozen=True):
    """Which parts of which file to read."""

    path: str
    size: int
    """Bytes of a part."""
    count: int
    """Parts that the file has; the last one goes on to its end, wherever that is by then."""
    first: int
    step: int
    line_limit: int
    batch: int
    """Records of a batch, at most."""


class Records(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A batch of one process, see `asgitrace.ring.Batch`."""

    source: int
    headers: bytes
    payload: bytes
    origin: int
    missed: int
