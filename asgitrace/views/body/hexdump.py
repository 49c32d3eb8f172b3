"""Bytes as hex with their offsets."""

from typing import Final

from rich.segment import Segment

from asgitrace.views.lines import Cells, Lines
from asgitrace.views.look import ASCII, Look

_SHOWN: Final = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in range(256))
_PLAIN: Final = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in range(256))


class HexLines(Lines):
    """A hex dump. ``data`` may grow while it is shown."""

    def __init__(self, data: bytes | bytearray, offset: int = 0) -> None:
        self._data = data
        self._offset = offset
        self._per_line = 16

    def __len__(self) -> int:
        return -(-len(self._data) // self._per_line)

    def reflow(self, width: int) -> None:
        self._per_line = next((count for count in (32, 16, 8) if _takes(count) <= width), 4)

    def cells(self, index: int, width: int, look: Look) -> Cells:
        start = index * self._per_line
        data = bytes(self._data[start : start + self._per_line])
        shown = _PLAIN if look.glyphs is ASCII else _SHOWN
        groups = [data[at : at + 8].hex(" ") for at in range(0, len(data), 8)]
        hexes = "  ".join(groups).ljust(self._per_line * 3 + (self._per_line - 1) // 8)
        return [
            Segment(f" {self._offset + start:08x}  ", look.faint),
            Segment(hexes + " ", look.text),
            Segment("".join(shown[byte] for byte in data), look.dim),
        ]

    def place(self, index: int) -> str:
        """The offset of a line."""
        offset = self._offset + index * self._per_line
        return f"{offset:,} of {self._offset + len(self._data):,}"

    def text(self, index: int) -> str:
        start = index * self._per_line
        data = bytes(self._data[start : start + self._per_line])
        shown = "".join(_PLAIN[byte] for byte in data)
        return f"{self._offset + start:08x}  {data.hex(' ')}  {shown}"


def _takes(count: int) -> int:
    """Cells of a line: offset, hex with a wider gap after every eight bytes, characters."""
    return 11 + count * 3 + (count - 1) // 8 + 1 + count
