"""The time between two lines."""

from math import log10
from typing import Final

from rich.style import Style

from asgitrace.views.look import Look

_SCALE: Final = (1_000_000, 4)
"""The shortest gap that is drawn, and how many tenfolds of it fill the mark."""


def gap_mark(gap: int, look: Look) -> str:
    """The time between two lines as the part of a cell that is filled, on a logarithmic scale."""
    shortest, tenfolds = _SCALE
    if gap < shortest:
        return " "
    eighths = look.glyphs.eighths
    most = len(eighths) - 1
    share = log10(gap / shortest) / tenfolds
    return eighths[max(2, min(most, round(share * most)))]


def gap_style(gap: int, look: Look) -> Style:
    """Quiet for a short time, strong for a long one."""
    if gap < 100_000_000:
        return look.faint
    if gap < 1_000_000_000:
        return look.dim
    return look.text if gap < 10_000_000_000 else look.strong
