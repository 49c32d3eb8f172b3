"""The content encoding of a body undone, in slices, with bounds against bombs."""

from typing import Final

from asgitrace.views.body.inflate import CODINGS, Coding, Damaged
from asgitrace.views.units import format_size

MOST: Final = 32 * 1024 * 1024
"""Bytes that are decoded of a body."""
RATIO: Final = 200
"""Decoded bytes for each byte on the wire from which on it is a bomb,"""
FREE: Final = 4 * 1024 * 1024
"""but not before there are so many."""

_DEEPEST: Final = 4
"""Codings on top of one another; senders use one."""
_SLICE: Final = 256 * 1024
"""Bytes that are given at a time."""
_PIECE: Final = 32 * 1024
"""Bytes that are taken in at a time."""
_TURNS: Final = 24
"""Calls of a decoder in a slice: input without output ends it as well."""


def codings_of(encoding: str) -> tuple[str, ...]:
    """The codings of a ``content-encoding``, in the order in which they were applied."""
    names = (name.strip().lower() for name in encoding.split(","))
    return tuple(name for name in names if name and name != "identity")


class Decoding:
    """A run of encoded bytes being decoded.

    Args:
        encoding: value of the header.
        most: bytes of output at which it stops.

    Raises:
        Damaged: a coding is not known.
        Missing: it needs a package.
    """

    def __init__(self, encoding: str, most: int = MOST) -> None:
        names = codings_of(encoding)
        if len(names) > _DEEPEST:
            raise Damaged(f"{len(names)} codings on top of one another")
        for name in names:
            if name not in CODINGS:
                raise Damaged(f"{name[:20]} is not known")
        self._names = names[::-1]
        """What was applied last is undone first."""
        self._steps: list[Coding] = [CODINGS[name]() for name in self._names]
        self._input = bytearray()
        self._most = most
        self._between = 0
        """Bytes that one step gave to another."""
        self.taken = 0
        """Bytes taken in."""
        self.given = 0
        """Bytes given."""
        self.fault = ""
        """Why it ended before its end."""
        self.stopped = False
        """It would go on, but a bound was reached."""
        self._final = False
        self._ended = False

    @property
    def done(self) -> bool:
        """Nothing more comes."""
        return self._ended

    def feed(self, data: bytes, *, final: bool) -> None:
        """Take in what came; with ``final`` nothing comes any more."""
        self._input += data
        self._final = final

    def work(self) -> bytes:
        """The next bytes; none if there are none (yet)."""
        found = bytearray()
        turns = _TURNS
        while not self._ended and len(found) < _SLICE and turns:
            turns -= 1
            last = len(self._steps) - 1
            before = (len(self._input), self._between)
            piece = self._pull(last, _SLICE - len(found))
            found += piece
            if not piece and before == (len(self._input), self._between):
                self._finish()
                break
        return self._bounded(bytes(found))

    @property
    def idle(self) -> bool:
        """More can only be had when more comes."""
        return self._ended or (not self._input and all(step.hungry for step in self._steps))

    def _finish(self) -> None:
        """There is no more input; if none can come, that was the end."""
        if self._ended or not self._final or not self.idle:
            return
        self._ended = True
        for name, step in zip(self._names, self._steps, strict=True):
            if not step.ended and self.taken:
                self.fault = f"the {name} data end too early"

    def _pull(self, number: int, most: int) -> bytes:
        """Bytes of one step, from those before it where it needs some."""
        if number < 0:
            data = bytes(self._input[:_PIECE])
            del self._input[:_PIECE]
            self.taken += len(data)
            return data
        step = self._steps[number]
        data = b""
        if step.hungry:
            data = self._pull(number - 1, _PIECE)
            if not data:
                return b""
        try:
            found = step.decode(data, most)
        except Damaged as error:
            self._ended = True
            self.fault = f"{self._names[number]}: {error}"
            return b""
        if number < len(self._steps) - 1:
            self._between += len(found)
        return found

    def _bounded(self, found: bytes) -> bytes:
        bound = min(self._most, max(FREE, self.taken * RATIO))
        room = bound - self.given
        if len(found) > room or self._between > 2 * self._most:
            found = found[:room]
            self._ended = self.stopped = True
            over = f"{RATIO} times its encoded size" if bound < self._most else "more is not shown"
            self.fault = f"decoding stopped at {format_size(bound)}: {over}"
        self.given += len(found)
        return found
