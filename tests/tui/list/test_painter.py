"""How the lines of the list are put together."""

from rich.segment import Segment
from rich.style import Style

from asgitrace.tui.list.painter import joined
from asgitrace.views.look import look

_RED, _BLUE = Style(color="red"), Style(color="blue")


def test_neighbours_of_one_style_are_one() -> None:
    drawn = [Segment("a", _RED), Segment("b", _RED), Segment("c", _BLUE), Segment("d", _RED)]
    assert joined(drawn) == [Segment("ab", _RED), Segment("c", _BLUE), Segment("d", _RED)]


def test_a_look_is_laid_on_what_is_under_a_line() -> None:
    usual = look()
    laid = usual.on(usual.ground)
    assert laid.accent == usual.ground + usual.accent
    assert (laid.ground, laid.cursor, laid.glyphs) == (usual.ground, usual.cursor, usual.glyphs)
