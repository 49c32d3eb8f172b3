"""Lines that say what went wrong, in place of what could not be shown."""

from rich.segment import Segment

from asgitrace.views.body.hexdump import HexLines
from asgitrace.views.body.model import CannotRender
from asgitrace.views.lines import Cells, Lines, Stack
from asgitrace.views.look import Look
from asgitrace.views.rows import fit


class Fault(Lines):
    """One line, with the glyph of what failed."""

    def __init__(self, words: str) -> None:
        self._words = words

    def __len__(self) -> int:
        return 1

    def cells(self, index: int, width: int, look: Look) -> Cells:
        return [Segment(fit(f" {look.glyphs.raised} {self._words}", width, look), look.warn)]

    def text(self, index: int) -> str:
        return self._words


def fault_and_hex(words: str, data: bytes | bytearray, offset: int = 0) -> Lines:
    """What went wrong, and the bytes."""
    return Stack([Fault(words), HexLines(data, offset)])


def words_of(error: BaseException, name: str = "it") -> str:
    """An error of the renderer with that name, in a few words."""
    if isinstance(error, CannotRender):
        return str(error) or f"{name} cannot show this"
    return f"{name} failed: {type(error).__name__}"
