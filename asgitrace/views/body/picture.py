"""Pictures in the cells of a terminal: two pixels in each, one above the other."""

import io
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from asgitrace.views.lines import Cells, Lines
from asgitrace.views.look import Look

if TYPE_CHECKING:
    from PIL.Image import Image

MISSING: Final = 'the picture needs Pillow: pip install "asgitrace[bodies]"'
LARGEST: Final = 16_000_000
"""Pixels that are decoded; of JPEG four times as many, since it is read at a smaller scale."""

_FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "ICO", "AVIF")
_KINDS: Final = frozenset((*_FORMATS, "WebP"))
_MARGIN: Final = 3
_WIDEST: Final = 120
_TALLEST: Final = 112
"""Pixels of what is shown; even."""
_TINY: Final = 24
"""Up to here a pixel is shown as four."""
_STEP: Final = 8
"""Shades of a channel that are told apart, so that runs of cells are equal."""
_RAMP: Final = " .:-=+*#%@"
_Rgb = tuple[int, int, int]


class NoPicture(Exception):
    """It cannot be shown; the message tells why, in a few words."""


@dataclass(frozen=True, slots=True)
class Pixels:
    """A picture as it is drawn."""

    width: int
    height: int
    data: bytes
    """Four bytes a pixel: red, green, blue, alpha."""


def load(data: bytes, pixels: int, kind: str) -> "Image":
    """A picture small enough to be kept, of so many pixels. Raises NoPicture."""
    try:
        from PIL import Image
    except ImportError:
        raise NoPicture(MISSING) from None
    if kind not in _KINDS:
        raise NoPicture(f"no picture of {kind} files")
    if pixels > LARGEST * (4 if kind == "JPEG" else 1):
        raise NoPicture(f"too large for a picture: {pixels / 1e6:,.0f} million pixels")
    try:
        with warnings.catch_warnings():
            # Pillow warns of what it would refuse at twice the size.
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                image.draft("RGB", (2 * _WIDEST, 2 * _TALLEST))
                if image.mode in ("RGB", "RGBA", "L"):
                    image.thumbnail((2 * _WIDEST, 2 * _TALLEST))
                small = image.convert("RGBA")
        small.thumbnail((2 * _WIDEST, 2 * _TALLEST))
    except Exception as error:
        # Its decoders raise whatever they come across in a file that is damaged.
        raise NoPicture(f"the picture cannot be decoded: {type(error).__name__}") from None
    return small


class PictureLines(Lines):
    """A picture as large as there is room, with a line that says how it is shown."""

    def __init__(self, image: "Image", note: str = "") -> None:
        self._image = image
        self._note = note
        self._width = 0
        self._pixels = Pixels(0, 0, b"")
        self._drawn: dict[tuple[int, bool, bool], Cells] = {}

    def __len__(self) -> int:
        return 1 + (self._pixels.height + 1) // 2

    def reflow(self, width: int) -> None:
        if width != self._width:
            self._width = width
            self._pixels = _scaled(self._image, max(1, min(width - _MARGIN - 1, _WIDEST)))
            self._drawn.clear()

    def cells(self, index: int, width: int, look: Look) -> Cells:
        if not index:
            words = f"{self._note}shades stand for colours" if look.shades else self._note
            return [Segment(" " + words.rstrip(", ")[: max(0, width - 1)], look.faint)]
        key = (index, look.shades, look.colours.dark)
        if key not in self._drawn:
            self._drawn[key] = self._row(2 * (index - 1), look)
        return [Segment(" " * _MARGIN, look.text), *self._drawn[key]]

    def _row(self, y: int, look: Look) -> Cells:
        pairs = zip(
            _blended(self._pixels, y, look), _blended(self._pixels, y + 1, look), strict=True
        )
        if look.shades:
            dark = look.colours.dark
            return [
                Segment("".join(_shade(upper, lower, dark) for upper, lower in pairs), look.text)
            ]
        cells: list[tuple[_Rgb, _Rgb, int]] = []
        for upper, lower in pairs:
            if cells and cells[-1][:2] == (upper, lower):
                cells[-1] = (upper, lower, cells[-1][2] + 1)
            else:
                cells.append((upper, lower, 1))
        return [Segment("▀" * count, _style(upper, lower)) for upper, lower, count in cells]

    def text(self, index: int) -> str:
        return self._note.rstrip(", ") if not index else ""


def _scaled(image: "Image", widest: int) -> Pixels:
    from PIL.Image import Resampling

    scale = min(widest / image.width, _TALLEST / image.height, 1.0)
    if max(image.size) <= _TINY and 2 * image.width <= widest:
        scale = 2.0
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    scaled = image.resize(size, Resampling.NEAREST if scale > 1 else Resampling.LANCZOS)
    return Pixels(*size, scaled.tobytes())


def _blended(pixels: Pixels, y: int, look: Look) -> list[_Rgb]:
    """One row of pixels upon the ground; below the picture is ground."""
    ground = 0 if look.colours.dark else 255
    if y >= pixels.height:
        return [(ground, ground, ground)] * pixels.width
    row = pixels.data[4 * y * pixels.width : 4 * (y + 1) * pixels.width]
    found = []
    for at in range(0, len(row), 4):
        alpha = row[at + 3]
        red, green, blue = (
            (channel * alpha + ground * (255 - alpha)) // 255 // _STEP * _STEP
            for channel in row[at : at + 3]
        )
        found.append((red, green, blue))
    return found


def _shade(upper: _Rgb, lower: _Rgb, dark: bool) -> str:
    light = sum(
        weight * (above + below)
        for weight, above, below in zip((299, 587, 114), upper, lower, strict=True)
    )
    at = light * len(_RAMP) // (2 * 255 * 1000 + 1)
    return _RAMP[at if dark else len(_RAMP) - 1 - at]


@lru_cache(maxsize=8192)
def _style(upper: _Rgb, lower: _Rgb) -> Style:
    return Style(color=_colour(upper), bgcolor=_colour(lower))


@lru_cache(maxsize=4096)
def _colour(rgb: _Rgb) -> Color:
    return Color.from_rgb(*rgb)
