"""The colours that everything is drawn with, a set for each theme."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Colours:
    """Colours as Rich names them: hexadecimal ones, or those of the terminal's own palette."""

    name: str
    """As the theme is called in the configuration."""
    dark: bool
    ground: str
    """Behind everything."""
    raised: str
    """Bars and panels."""
    cursor: str
    """Behind the selected line."""
    text: str
    dim: str
    faint: str
    accent: str
    good: str
    notice: str
    warn: str
    bad: str
    app: str
    client: str
    backpressure: str
    after: str
    ansi: bool = False
    """Sixteen colours of which nobody knows how they look: what is selected is drawn in reverse,
    what is less important in the terminal's faint text."""


DARK: Final = Colours(
    name="dark",
    dark=True,
    ground="#15181d",
    raised="#1c2027",
    cursor="#2b3441",
    text="#c9d1d9",
    dim="#8690a0",
    faint="#626d7c",
    accent="#7fb0d8",
    good="#86b58a",
    notice="#6cb3b0",
    warn="#d8a657",
    bad="#e88886",
    app="#5f93c4",
    client="#626d7c",
    backpressure="#cf9a4a",
    after="#8f79b8",
)

LIGHT: Final = Colours(
    name="light",
    dark=False,
    ground="#fafaf8",
    raised="#efefec",
    cursor="#d7e2ee",
    text="#24292f",
    dim="#5c6570",
    faint="#838b95",
    accent="#1f629e",
    good="#27682f",
    notice="#13635f",
    warn="#7d5000",
    bad="#b3261e",
    app="#3f7db8",
    client="#808b98",
    backpressure="#b06c00",
    after="#8a6cc0",
)

CONTRAST: Final = Colours(
    name="contrast",
    dark=True,
    ground="#000000",
    raised="#12161b",
    cursor="#002a55",
    text="#ffffff",
    dim="#c8d0d8",
    faint="#99a3ad",
    accent="#7cc4ff",
    good="#6fe07a",
    notice="#5fe3da",
    warn="#ffc94d",
    bad="#ffb4ae",
    app="#4aa3ff",
    client="#7d8894",
    backpressure="#ffb020",
    after="#c79bff",
)

ANSI: Final = Colours(
    name="ansi",
    dark=True,
    ground="default",
    raised="default",
    cursor="default",
    text="default",
    dim="default",
    faint="default",
    accent="cyan",
    good="green",
    notice="cyan",
    warn="yellow",
    bad="red",
    app="blue",
    client="default",
    backpressure="yellow",
    after="magenta",
    ansi=True,
)

PALETTES: Final = {colours.name: colours for colours in (DARK, LIGHT, CONTRAST, ANSI)}
