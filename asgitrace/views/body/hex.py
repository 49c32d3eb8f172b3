"""A body as hex."""

from typing import TYPE_CHECKING, Final

from asgitrace.views.body.hexdump import HexLines
from asgitrace.views.body.model import Part, Rating, Renderer, Sample
from asgitrace.views.body.text import looks_binary

if TYPE_CHECKING:
    from asgitrace.views.lines import Lines


class HexPart:
    """A run as it is."""

    def __init__(self, sample: Sample) -> None:
        self._data = bytearray()
        self.lines: Lines = HexLines(self._data, sample.offset)

    def feed(self, data: bytes, *, final: bool) -> None:
        """Take in what came."""
        self._data += data


def _rate(sample: Sample) -> Rating:
    return Rating.LIKELY if looks_binary(sample) else Rating.ABLE


def _part(sample: Sample) -> Part:
    return HexPart(sample)


RENDERER: Final = Renderer("Hex", _rate, _part)
