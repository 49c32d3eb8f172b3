"""What a renderer of bodies is told, and what it gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, Protocol

from asgitrace.views.lines import Lines

SAMPLE_SIZE: Final = 4_096
"""Bytes of the start of a body that renderers are chosen by."""


class Rating(IntEnum):
    """How well a renderer suits a body; the highest is chosen, of equals the first registered."""

    NO = 0
    """It cannot show this."""
    ABLE = 1
    """It could, if the user wants it."""
    LIKELY = 2
    """The content looks like it."""
    NAMED = 3
    """The content type names it, and the content does not contradict."""
    EXACT = 4
    """As NAMED or LIKELY, and more to the point than the general one: GraphQL in JSON."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What is known of a body, or of a message, before it is shown."""

    start: bytes
    """Its first bytes, at most SAMPLE_SIZE, with the content encoding undone."""
    media_type: str = ""
    """``application/json``: lower case, without parameters; empty where it is not known."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Of the media type, names in lower case: ``charset``, ``boundary``."""
    size: int = 0
    """Bytes there are so far, with the content encoding undone."""
    whole: bool = True
    """Nothing of it is missing so far: no gap, not cut."""
    ended: bool = True
    """No more can come."""
    text: bool = False
    """It is a WebSocket message of text."""
    request: bool = False
    """It came from the client."""
    target: str = ""
    """Path and query of the exchange; empty where they are not known."""
    offset: int = 0
    """Where in the body the run begins that a part is made for."""
    inner: bool = False
    """It is inside of another body: nothing in it unfolds by itself, so that no nesting of it
    costs anything before it is looked at."""


class CannotRender(Exception):
    """The content is not what the renderer shows; its message says why, in a few words."""


class Part(Protocol):
    """Shows one run of bytes without a gap, which may grow."""

    lines: Lines

    def feed(self, data: bytes, *, final: bool) -> None:
        """Take in what came; with ``final`` nothing comes any more. Raises CannotRender."""


def _none(sample: Sample) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Renderer:
    """One way to show a body."""

    name: str
    """One word, as the user chooses it."""
    rate: Callable[[Sample], Rating]
    """How well it suits; looks at the sample only, and takes microseconds."""
    part: Callable[[Sample], Part]
    """What shows one run."""
    doubt: Callable[[Sample], str] = _none
    """Why the content is not what its media type names, where that is this renderer's; empty
    otherwise."""
