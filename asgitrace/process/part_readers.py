"""Processes that read a large trace file ahead of the one that shows it."""

import contextlib
import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from asgitrace.errors import TraceFileError
from asgitrace.export.blocks import LineError
from asgitrace.export.lines import LINE_LIMIT, Line, decode_line
from asgitrace.export.load import TraceReader
from asgitrace.export.slices import Placed, Slice, SourceBatch, other_of
from asgitrace.process.parts import HEAD, Frame, Orders, Records
from asgitrace.ring import Batch

PART: Final = 1024 * 1024
"""Bytes of a part: about what a pipe holds of its records."""

OWN: Final = 4
"""Parts that are read here, while the others are being started."""

WORTHWHILE: Final = 16 * PART
"""Bytes of a file from which on others help."""

_BATCH: Final = 1024
_PIPE: Final = 1024 * 1024
_CHUNK: Final = 256 * 1024
_READERS: Final = 3
_F_SETPIPE_SZ: Final = 1031
"""Linux; elsewhere a pipe is as large as it is."""

_decode_records: Final = msgspec.msgpack.Decoder(Records).decode


class PartReaders:
    """Reads the parts of a file from the fourth on; ``slices`` gives what is ready.

    Args:
        path: the file.
        reader: has read the parts before when ``slices`` is asked; gives name and line numbers.
        total: length of the file in bytes.
    """

    def __init__(self, path: Path, reader: TraceReader, total: int) -> None:
        self._trace = reader
        self._count = -(-total // PART)
        self.consumed = 0
        """How far into the file they are, in bytes, as far as it was given."""
        self.cut: int | None = None
        """See TraceReader."""
        number = min(_READERS, max((os.cpu_count() or 1) - 1, 1), self._count - OWN)
        self._readers = [
            _Reader(Orders(str(path), PART, self._count, OWN + place, number, LINE_LIMIT, _BATCH))
            for place in range(number)
        ]

    def close(self) -> None:
        """End the processes."""
        for reader in self._readers:
            reader.close()

    def slices(self) -> Iterator[Slice | None]:
        """What they have read, in the order of the file; None where nothing is ready yet.

        Raises TraceFileError.
        """
        line = self._trace.line
        for part in range(OWN, self._count):
            reader = self._readers[(part - OWN) % len(self._readers)]
            while True:
                frame = reader.next()
                if frame is None:
                    if reader.gone:
                        raise self._unreadable("the process that reads it has ended")
                    yield None
                    continue
                kind, first, consumed, body = frame
                self.consumed = max(self.consumed, consumed)
                if kind is Frame.DONE:
                    line += first
                    break
                if kind is Frame.CUT:
                    self.cut = line + first
                elif kind is Frame.FAILED:
                    raise self._failed(line + first, body.decode(), told=first > 0)
                else:
                    yield self._checked(Placed(line + first, _slice(kind, body)))

    def _checked(self, placed: Placed[Slice]) -> Slice:
        try:
            self._trace.introductions.check(placed)
        except LineError as error:
            raise self._trace.error(error.line, error.reason) from error
        return placed.slice

    def _failed(self, line: int, why: str, *, told: bool) -> TraceFileError:
        return self._trace.error(line, why) if told else self._unreadable(why)

    def _unreadable(self, why: str) -> TraceFileError:
        return TraceFileError(f"{self._trace.name} cannot be read: {why}.")


def _slice(kind: Frame, body: bytes) -> Slice:
    if kind is Frame.RECORDS:
        found = _decode_records(body)
        batch = Batch(found.headers, found.payload, found.origin, found.missed)
        return SourceBatch(found.source, batch)
    line: Line = decode_line(body)
    # It was one of these when it was read.
    return other_of(line)  # type: ignore[arg-type]


class _Reader:
    """One of the processes."""

    def __init__(self, orders: Orders) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "asgitrace.process.part_reader", msgspec.json.encode(orders)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # An interrupt typed at the terminal is not for it.
            start_new_session=True,
        )
        assert self._process.stdout is not None
        self._pipe = self._process.stdout.fileno()
        os.set_blocking(self._pipe, False)
        with contextlib.suppress(OSError):
            fcntl.fcntl(self._pipe, _F_SETPIPE_SZ, _PIPE)
        self._data = bytearray()
        self._at = 0
        self.gone = False
        """Nothing more will come."""

    def next(self) -> tuple[Frame, int, int, bytes] | None:
        """The next frame with its line, position and body; None where it is not there yet."""
        data = self._data
        while True:
            start = self._at + HEAD.size
            if len(data) >= start:
                kind, length, line, consumed = HEAD.unpack_from(data, self._at)
                if len(data) >= start + length:
                    self._at = start + length
                    return Frame(kind), line, consumed, bytes(data[start : self._at])
            if self._at:
                del data[: self._at]
                self._at = 0
            try:
                more = os.read(self._pipe, _CHUNK)
            except BlockingIOError:
                return None
            if not more:
                self.gone = True
                return None
            data += more

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
