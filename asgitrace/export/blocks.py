"""A trace file as lines: read in blocks, decoded many at once, bounded, and trusting nothing."""

import io
import struct
from collections.abc import Iterator
from typing import Final

from msgspec import ValidationError

from asgitrace.export.lines import VALUES_LIMIT, Line, decode_line, decode_lines, is_crowded

_BLOCK: Final = 128 * 1024
"""Bytes read at once: no more than can hold VALUES_LIMIT values."""

_REASON_LIMIT: Final = 200


class LineError(Exception):
    """What is wrong with a line: the reason, fit for a screen, without a full stop."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


class Blocks:
    """Reads lines from a binary file; raises LineError and OSError.

    Args:
        file: where from.
        limit: bytes that a line may have.
        end: how far into what is read a line may begin; None: all of it.
    """

    def __init__(self, file: io.BufferedIOBase, limit: int, end: int | None = None) -> None:
        self._file = file
        self._limit = limit
        self._end = end
        self._lines = self._decoded()
        self.consumed = 0
        """Bytes read so far."""
        self.line = 0
        """Number of the line that was given last, from 1."""
        self.cut: int | None = None
        """Number of the last line if it was cut off, and so was not given; known when all is
        read."""

    def __iter__(self) -> Iterator[Line]:
        """The lines from where the last one left off."""
        return self._lines

    def first(self, limit: int) -> bytes | None:
        """The first line as it stands, empty at the end of the file; None for one that is longer
        than ``limit``."""
        data = self._file.readline(limit + 1)
        self.consumed += len(data)
        self.line += bool(data)
        return data if len(data) <= limit else None

    def skip_line(self) -> None:
        """Go on behind the end of the line that is there."""
        while data := self._file.readline(_BLOCK):
            self.consumed += len(data)
            if data.endswith(b"\n"):
                return

    def _decoded(self) -> Iterator[Line]:
        data = bytearray()
        while piece := self._file.read1(min(_BLOCK, self._limit)):
            self.consumed += len(piece)
            data += piece
            cut = data.rfind(b"\n", len(data) - len(piece)) + 1
            if not cut:
                if len(data) > self._limit:
                    raise self._too_long(self.line + 1)
                continue
            # How far into this a line may begin.
            room = cut + 1 if self._end is None else self._end - (self.consumed - len(data))
            if cut >= room:
                cut = data.find(b"\n", max(room - 1, 0)) + 1 if room > 0 else 0
                self.consumed -= len(data) - cut
                yield from self._block(bytes(data[:cut]))
                return
            yield from self._block(bytes(data[:cut]))
            del data[:cut]
        yield from self._last(bytes(data))

    def _too_long(self, line: int) -> LineError:
        return LineError(line, f"it is longer than {self._limit} bytes")

    def _last(self, data: bytes) -> Iterator[Line]:
        """The end of the file: a line that may lack its end."""
        if not data:
            return
        if data.isspace() or not _is_cut(data):
            yield from self._block(data)
        else:
            self.line += 1
            self.cut = self.line

    def _block(self, data: bytes) -> Iterator[Line]:
        """Whole lines. All at once where nothing is wrong with them; else one by one, so that what
        stands before one in error is given, and its number is right."""
        if len(data) <= self._limit and len(data) <= VALUES_LIMIT:
            try:
                lines = decode_lines(data)
            except (ValueError, RecursionError):
                lines = []
            if lines and len(lines) == data.count(b"\n"):
                for line in lines:
                    self.line += 1
                    yield line
                return
        for text in io.BytesIO(data):
            self.line += 1
            if len(text) > self._limit:
                raise self._too_long(self.line)
            if is_crowded(text):
                raise LineError(self.line, f"it has more than {VALUES_LIMIT} values")
            if text.isspace():
                continue
            try:
                line = decode_line(text)
            except (ValueError, RecursionError) as error:
                raise LineError(self.line, reason(error)) from error
            yield line


def _is_cut(data: bytes) -> bool:
    """Whether a line without an end is not even JSON. One that is whole lacks nothing but its
    end."""
    try:
        decode_line(data)
    except (ValidationError, RecursionError):
        return False
    except ValueError:
        return True
    return False


def reason(error: Exception) -> str:
    """What is wrong with a line, fit for a screen, without a full stop."""
    if isinstance(error, UnicodeError):
        return "it is not UTF-8"
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    if isinstance(error, OverflowError | struct.error):
        return "a number is out of range"
    if isinstance(error, TypeError):
        return "a dict has a key that cannot be one"
    return printable(str(error))


def printable(text: str) -> str:
    """Some of a text from a file, fit for a screen."""
    text = text[:_REASON_LIMIT]
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
