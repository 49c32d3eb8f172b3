"""The process that reads parts of a large trace file for another. Run as ``python -m``, never
imported; its only argument is its orders."""

import contextlib
import os
import sys
from typing import BinaryIO, Final

import msgspec

from asgitrace.export.blocks import Blocks, LineError
from asgitrace.export.lines import encode_line
from asgitrace.export.slices import Slicer, SourceBatch
from asgitrace.process.parts import HEAD, Frame, Orders, Records

_NICENESS: Final = 5
"""The screen comes first."""

_encode: Final = msgspec.msgpack.Encoder().encode


def read(orders: Orders, out: BinaryIO) -> None:
    """Read all parts that are ours, in their order, up to the first line in error."""
    for part in range(orders.first, orders.count, orders.step):
        if not _Part(orders, part, out).read():
            return


class _Part:
    """One part of the file."""

    def __init__(self, orders: Orders, number: int, out: BinaryIO) -> None:
        self._orders = orders
        # From the byte before, which tells whether a line begins with the first.
        self._begin = number * orders.size - 1
        self._last = number == orders.count - 1
        self._out = out

    def read(self) -> bool:
        """Read it; whether it is sound."""
        orders = self._orders
        try:
            with open(orders.path, "rb") as file:
                file.seek(self._begin)
                blocks = Blocks(file, orders.line_limit, None if self._last else orders.size + 1)
                blocks.skip_line()
                self._give(blocks)
        except LineError as error:
            self._put(Frame.FAILED, error.line, 0, error.reason.encode())
            return False
        except OSError as error:
            self._put(Frame.FAILED, 0, 0, (error.strerror or str(error)).encode())
            return False
        return True

    def _give(self, blocks: Blocks) -> None:
        for line, slice_ in Slicer(blocks, encode_line).slices(self._orders.batch):
            if isinstance(slice_, SourceBatch):
                batch = slice_.batch
                records = Records(
                    slice_.source, batch.headers, batch.payload, batch.origin, batch.missed
                )
                self._put(Frame.RECORDS, line, blocks.consumed, _encode(records))
            else:
                self._put(Frame.LINE, line, blocks.consumed, slice_)
        if blocks.cut is not None:
            self._put(Frame.CUT, blocks.cut, blocks.consumed)
        self._put(Frame.DONE, blocks.line, blocks.consumed)

    def _put(self, frame: Frame, line: int, consumed: int, body: bytes = b"") -> None:
        self._out.write(HEAD.pack(frame, len(body), line, self._begin + consumed))
        self._out.write(body)
        self._out.flush()


def main() -> None:
    """Read what the argument says, to standard output."""
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    orders = msgspec.json.decode(sys.argv[1], type=Orders)
    # Nobody to tell when who reads us has gone.
    with contextlib.suppress(BrokenPipeError), open(1, "wb", buffering=0, closefd=False) as out:
        read(orders, out)


if __name__ == "__main__":
    main()
