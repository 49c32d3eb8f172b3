"""Where the thumb of the scrollbar is, by which it is decided whether to draw it anew."""

import pytest
from textual.scrollbar import ScrollBarRender

from asgitrace.tui.list.steady import thumb_at


def test_no_thumb_where_everything_is_in_view() -> None:
    assert thumb_at(30, 30, 0) is None
    assert thumb_at(30, 0, 0) is None
    assert thumb_at(0, 10, 0) is None


@pytest.mark.parametrize("count", [31, 100, 1_000_000])
def test_what_is_drawn_is_another_only_where_the_thumb_is(count: int) -> None:
    height = 30
    drawn: dict[tuple[int, int] | None, set[tuple[object, ...]]] = {}
    for top in {*range(0, count - height, max(1, count // 500)), count - height}:
        bar = ScrollBarRender.render_bar(height, count, height, top)
        drawn.setdefault(thumb_at(height, count, top), set()).add(tuple(bar.segments))
    assert all(len(bars) == 1 for bars in drawn.values())
