"""List and detail on the screen together, and the themes."""

import pytest
from textual.geometry import Size
from textual.pilot import Pilot

from asgitrace.settings import Settings, State
from asgitrace.tui.panes import next_mode, shape_of, within
from tests.tui.conftest import Stage, stage

pytestmark = pytest.mark.anyio

SHORT, TALL, WIDE = (80, 24), (120, 40), (200, 60)


@pytest.mark.parametrize(
    ("mode", "size", "shape"),
    [
        ("auto", SHORT, "alone"),
        ("auto", TALL, "below"),
        ("auto", WIDE, "beside"),
        ("auto", (160, 20), "beside"),
        ("below", SHORT, "below"),
        ("beside", TALL, "beside"),
        ("alone", WIDE, "alone"),
    ],
)
def test_shapes(mode: str, size: tuple[int, int], shape: str) -> None:
    assert shape_of(mode, Size(*size)) == shape


@pytest.mark.parametrize("size", [SHORT, TALL, WIDE])
def test_going_round_shows_every_shape(size: tuple[int, int]) -> None:
    mode, opened, seen = "auto", True, set()
    for _ in range(8):
        before = (shape_of(mode, Size(*size)), opened)
        step = next_mode(mode, opened=opened, size=Size(*size))
        opened = step != "list"
        mode = step if opened else mode
        shown = (shape_of(mode, Size(*size)), opened)
        assert shown != before
        seen.add(shown[0] if opened else "list")
    assert seen == {"below", "beside", "alone", "list"}


def test_a_border_leaves_room_for_both() -> None:
    assert [within(share) for share in (-5, 15, 33.4, 99)] == [15, 15, 33, 85]


def shapes(s: Stage) -> tuple[bool, bool, bool]:
    """Whether list, divider and detail are seen."""
    main = s.app.main
    pane, divider = main.query_one("#list-pane"), main.query_one("Divider")
    return pane.display, divider.display, main.detail.display


async def test_layouts_keep_place_and_focus() -> None:
    s = stage(200)
    async with s.run(TALL) as pilot:
        main = s.app.main
        await pilot.press("g", *"jjjjj", "enter", "tab")
        await settle(pilot)
        main.table.focus()
        main.table.select(100)
        top = main.table.cursor.index
        seen = []
        for _ in range(4):
            await pilot.press("L")
            await settle(pilot)
            seen.append(shapes(s))
            assert main.table.cursor.selected == 100
            assert main.table.cursor.index == top
            assert main.focused is not None
            assert main.focused.region.area
        assert seen == [
            (True, True, True),
            (False, False, True),
            (True, False, False),
            (True, False, True),
        ]
        assert s.app.state.layout == "auto"
        assert main.table.has_focus
        assert main.table.cursor.index is not None
        assert 0 <= main.table.cursor.index - main.table.top < main.table.page_height


async def test_keys_do_not_go_to_a_list_that_is_not_seen() -> None:
    s = stage(20)
    async with s.run(SHORT) as pilot:
        main = s.app.main
        await pilot.press("g", "enter")
        await settle(pilot)
        for key in ("tab", "enter", "tab", "tab", "shift+tab"):
            await pilot.press(key)
            assert main.detail.has_focus_within


async def settle(pilot: Pilot[None]) -> None:
    await pilot.pause()
    await pilot.pause()


async def test_focus_in_the_detail_stays_there() -> None:
    s = stage(20)
    async with s.run(WIDE) as pilot:
        main = s.app.main
        await pilot.press("k", "enter")
        await settle(pilot)
        assert shapes(s) == (True, True, True)
        await pilot.press("L")
        await settle(pilot)
        assert shapes(s) == (True, False, True)
        assert main.detail.has_focus_within
        await pilot.press("L", "L")
        await settle(pilot)
        assert shapes(s) == (True, False, False)
        assert main.table.has_focus


async def test_the_border_is_moved_by_keys_and_by_the_mouse() -> None:
    s = stage(20)
    async with s.run(TALL) as pilot:
        main = s.app.main
        await pilot.press("ctrl+down")
        assert s.app.state.share_below == 40
        await pilot.press("k", "enter", "ctrl+down", "ctrl+down", "ctrl+up")
        await settle(pilot)
        assert s.app.state.share_below == 45
        panes, title = main.query_one("#panes").region, main.query_one("DetailTitle")
        assert title.region.y == pytest.approx(panes.y + 0.45 * panes.height, abs=1)
        await pilot.mouse_down(title, offset=(5, 0))
        await pilot.hover(offset=(5, panes.y + panes.height // 4))
        await pilot.mouse_up(offset=(5, panes.y + panes.height // 4))
        await settle(pilot)
        assert s.app.state.share_below == pytest.approx(25, abs=3)
        assert title.region.y == pytest.approx(panes.y + panes.height // 4, abs=1)
        await pilot.hover(offset=(5, 2))
        assert s.app.state.share_below == pytest.approx(25, abs=3)


async def test_the_line_between_is_dragged() -> None:
    s = stage(20)
    async with s.run(WIDE) as pilot:
        main = s.app.main
        await pilot.press("k", "enter")
        await settle(pilot)
        await pilot.mouse_down("Divider", offset=(0, 5))
        await pilot.hover(offset=(60, 5))
        await pilot.mouse_up(offset=(60, 5))
        await settle(pilot)
        assert s.app.state.share_beside == 30
        assert main.query_one("Divider").region.x == pytest.approx(60, abs=1)


async def test_following_can_be_off_at_first() -> None:
    s = stage(50, settings=Settings(follow=False))
    async with s.run(SHORT):
        s.tick()
        assert (s.app.main.table.cursor.follow, s.app.main.table.cursor.index) == (False, 0)


async def test_settings_and_state_say_how_it_begins() -> None:
    s = stage(5, settings=Settings(theme="contrast"), state=State(theme="ansi", layout="below"))
    async with s.run(WIDE) as pilot:
        await pilot.press("k", "enter")
        await settle(pilot)
        assert shapes(s) == (True, False, True)
        assert s.app.current_look().colours.name == "contrast"
        await pilot.press("ctrl+t")
        assert s.app.state.theme == "ansi"
        await pilot.press("ctrl+t")
        assert (s.app.state.theme, s.hint) == ("dark", "Theme: dark")
