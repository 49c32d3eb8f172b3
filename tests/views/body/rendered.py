"""Renderers tried as the body viewer uses them."""

from collections.abc import Callable, Mapping
from typing import Any

from asgitrace.views.body.model import SAMPLE_SIZE, CannotRender, Rating, Renderer, Sample
from asgitrace.views.body.values import Pairs, Tagged
from asgitrace.views.lines import Lines
from asgitrace.views.needle import Needle
from tests.views.drawn import LOOKS, drawn


def sample_of(
    data: bytes,
    media_type: str = "",
    parameters: Mapping[str, str] | None = None,
    *,
    whole: bool = True,
    ended: bool = True,
    text: bool = False,
) -> Sample:
    """What the viewer would know of these bytes."""
    return Sample(
        data[:SAMPLE_SIZE],
        media_type,
        parameters or {},
        len(data),
        whole=whole,
        ended=ended,
        text=text,
    )


def lines_of(renderer: Renderer, data: bytes, sample: Sample, pieces: int = 1) -> Lines:
    """The lines of a body that came in some pieces."""
    part = renderer.part(sample)
    size = -(-len(data) // pieces) or 1
    for start in range(0, max(len(data), 1), size):
        part.feed(data[start : start + size], final=start + size >= len(data))
    while part.lines.work():
        pass
    return part.lines


def rendered(renderer: Renderer, data: bytes, sample: Sample | None = None) -> list[str]:
    """A body as it is drawn."""
    return drawn(lines_of(renderer, data, sample or sample_of(data)))


def rate(renderer: Renderer, data: bytes, media_type: str = "", *, text: bool = False) -> Rating:
    """How well a renderer suits."""
    return renderer.rate(sample_of(data, media_type, text=text))


def everywhere(lines: Lines) -> None:
    """Draw, copy, fold and search, in every look: nothing of it may raise."""
    for look in LOOKS:
        drawn(lines, 80, look, most=12)
    for index in range(min(len(lines), 20)):
        lines.text(index)
        lines.searched(index)
        assert 0 <= lines.parent(index) <= index
    for index in reversed(range(min(len(lines), 10))):
        lines.toggle(index)
    if len(lines):
        found = [index for index in lines.search(Needle("e"), 0, 1) if index is not None]
        assert all(0 <= index < len(lines) for index in found)
    drawn(lines, 40, most=12)


def found(lines: Lines, text: str, start: int = 0, step: int = 1) -> list[str]:
    """The lines in which something is found, as they are drawn when it is."""
    hits = lines.search(Needle(text), start, step)
    return [drawn(lines)[index].strip() for index in hits if index is not None]


def plain(value: Any) -> Any:
    """A decoded value as Python would have it."""
    match value:
        case Pairs(items):
            return {plain(name): plain(held) for name, held in items}
        case list():
            return [plain(item) for item in value]
        case Tagged():
            return plain(value.value)
    return value


def shown_or_refused(render: Callable[[bytes, Sample], Lines], data: bytes) -> None:
    """Render what may be anything: nothing but CannotRender may come of it."""
    try:
        lines = render(data, sample_of(data))
    except CannotRender:
        return
    everywhere(lines)
