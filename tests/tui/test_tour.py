"""The tour, driven whole by doing what it says, and the ways past and out of it."""

from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from asgitrace.settings import Settings
from asgitrace.store.model import RowKind
from asgitrace.tui.commands import BY_NAME
from asgitrace.tui.tour import OFFER, STEPS, words_of
from asgitrace.tui.tour_panel import TourPanel
from tests.tui.conftest import Stage
from tests.tui.pictures import SIZES, begun
from tests.tui.walking import walking_stage

pytestmark = pytest.mark.anyio

TALL = (120, 40)

WAYS: dict[str, tuple[str, ...]] = {
    "The list": ("up",),
    "Opening": ("g", "enter"),
    "The timeline": ("j", "enter"),
    "WebSocket messages": ("q", "g", "j", "j", "enter", "2"),
    "Bodies": ("4",),
    "The filter": ("q", "f", *"status=200", "enter"),
    "Statistics": ("S",),
    "Comparing": ("escape", "g", "d", "j", "d"),
    "Searching everywhere": ("escape", "s"),
}
"""What a user presses at each step."""


def touring(wish: Any = "begin", settings: Settings | None = None) -> Stage:
    s = walking_stage(settings)
    s.app.tour = wish
    return s


def panel(s: Stage) -> str:
    found = s.app.screen.query_one(TourPanel)
    return "\n".join(found.render_line(y).text.rstrip() for y in range(5))


async def at(s: Stage, pilot: Pilot[None], title: str) -> None:
    """Wait until the panel of the screen that is seen shows a step."""
    for _ in range(300):
        if s.app.screen.query(TourPanel) and title in panel(s):
            return
        await pilot.pause(0.02)
    raise AssertionError(f"{title} never came; {s.app.screen} {s.app.main._telling()}")


def over(s: Stage) -> bool:
    return not s.app.screen.query(TourPanel)


async def test_all_of_it() -> None:
    s = touring()
    async with s.run(TALL) as pilot:
        for step in STEPS[:-1]:
            await at(s, pilot, step.title)
            await pilot.press(*WAYS[step.title])
            await pilot.pause()
            s.tick()
        await at(s, pilot, "That is it")
        assert "10 of 10" in panel(s)
        await pilot.press("f2")
        await pilot.pause()
        assert over(s)


async def test_every_step_can_be_skipped_and_nothing_else_is_taken() -> None:
    s = touring("offer")
    async with s.run(TALL) as pilot:
        await at(s, pilot, OFFER.title)
        await pilot.press("enter")
        assert s.app.main.detail_open
        await pilot.press("q")
        await pilot.press("S")
        await at(s, pilot, OFFER.title)
        await pilot.press("f2")
        await at(s, pilot, "Opening")
        await pilot.press("escape", *["f2"] * (len(STEPS) - 1))
        await pilot.pause()
        assert over(s)


@pytest.mark.parametrize("place", [(), ("g", "enter")])
async def test_escape_leaves_it_from_anywhere(place: tuple[str, ...]) -> None:
    s = touring()
    async with s.run(TALL) as pilot:
        await pilot.press(*place)
        opened = s.app.main.detail_open
        await pilot.press("escape")
        await pilot.pause()
        assert over(s)
        assert s.app.main.detail_open is opened
        await pilot.press("escape")
        assert not s.app.main.detail_open


async def test_escape_leaves_a_line_that_is_typed_first() -> None:
    s = touring()
    async with s.run(TALL) as pilot:
        await pilot.press("f", *"sta")
        while s.app.main.filter_bar.typing:
            await pilot.press("escape")
            await pilot.pause()
        assert not over(s)


async def test_the_mouse() -> None:
    s = touring("offer")
    async with s.run(TALL) as pilot:
        await at(s, pilot, OFFER.title)
        text = s.app.screen.query_one(TourPanel).render_line(1).text
        await pilot.click(TourPanel, offset=(text.index("begin"), 1))
        await at(s, pilot, "The list")
        await pilot.click(TourPanel, offset=(3, 3))
        text = s.app.screen.query_one(TourPanel).render_line(1).text
        await pilot.click(TourPanel, offset=(text.index("end"), 1))
        await pilot.pause()
        assert over(s)


async def test_it_is_not_offered_elsewhere_but_can_be_had() -> None:
    s = touring("")
    async with s.run(TALL) as pilot:
        assert over(s)
        s.app.main.action_tour_end()
        assert s.hint == "There is no tour at present"
        await pilot.press("f2")
        await at(s, pilot, "The list")


async def test_the_keys_are_those_in_force() -> None:
    s = touring(settings=Settings(keys={"up": "ctrl+up", "tour": ""}))
    async with s.run(TALL) as pilot:
        await at(s, pilot, "ctrl+↑")
        assert " next " not in panel(s)


def test_every_word_fits_and_every_key_is_known() -> None:
    keys = dict.fromkeys(BY_NAME, "shift+x")
    for step in (OFFER, *STEPS):
        assert len(words_of(step, keys)) <= 3 * 70


@SIZES
def test_picture(snap_compare: Any, size: tuple[int, int]) -> None:
    s = touring()

    async def step(pilot: Pilot[None]) -> None:
        await begun(s, pilot)
        await pilot.press("g", "enter")
        await at(s, pilot, "The timeline")
        await pilot.pause()

    assert snap_compare(s.app, terminal_size=size, run_before=step)


async def test_the_first_words_stand_below_the_start_of_the_app() -> None:
    s = walking_stage()
    lifespan = s.store.rows[8]
    s.store.evict(*[number for number in s.store.rows if number != 8])
    async with s.run(TALL) as pilot:
        text = "\n".join(s.lines())
        assert text.index("lifespan") < text.index("Waiting for the first request.")
        assert "curl http://127.0.0.1:8000/   c copies it" in text
        await pilot.press("G", "k", "c")
        s.store.add(replace(lifespan, number=9, kind=RowKind.HTTP, path="/first"))
        s.tick()
        assert "Waiting" not in "\n".join(s.lines())
