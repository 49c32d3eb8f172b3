"""Jumps: to a time, and along a connection."""

from typing import TYPE_CHECKING, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.widgets import Input

from asgitrace.tui.actions.jumping import nearest, on_connection
from asgitrace.tui.time_prompt import TimePrompt
from tests.tui.conftest import Stage, stage
from tests.tui.counted import SECOND, busy_stage
from tests.tui.fakes import NOW_NS, make_row
from tests.views.listed import listing, row

if TYPE_CHECKING:
    from textual.pilot import Pilot

pytestmark = pytest.mark.anyio

SHORT = (80, 24)


def current(s: Stage) -> int | None:
    return s.app.main.table.cursor.current


async def go(pilot: "Pilot[None]", text: str) -> None:
    await pilot.press("T")
    await pilot.pause()
    pilot.app.screen.query_one(Input).value = text
    await pilot.press("enter")
    await pilot.pause()


def timed(connections: tuple[int, ...] = (0,) * 9) -> Stage:
    return busy_stage(
        [
            make_row(n, started_ns=NOW_NS + n * 10 * SECOND, connection=connection)
            for n, connection in enumerate(connections, 1)
        ]
    )


async def test_to_a_time() -> None:
    s = timed()
    async with s.run(SHORT) as pilot:
        await go(pilot, "22:13:52")
        assert current(s) == 3
        assert s.hint == "#3 began at 22:13:50.000"
        await go(pilot, "+24s")
        assert current(s) == 5
        await go(pilot, "-1h")
        assert current(s) == 1
        await go(pilot, f"@{NOW_NS // SECOND + 1000}")
        assert current(s) == 9


async def test_what_is_no_time() -> None:
    s = timed()
    async with s.run(SHORT) as pilot:
        await go(pilot, "soon")
        assert isinstance(s.app.screen, TimePrompt)
        assert "Expected a time" in str(s.app.screen.query_one("#prompt-wrong").render())
        await pilot.press("escape")
        await pilot.pause()
        assert current(s) == 9


async def test_without_a_row() -> None:
    s = stage()
    async with s.run(SHORT) as pilot:
        await pilot.press("T")
        await pilot.pause()
        assert s.hint == "There is no row to go to"
        await pilot.press("right_square_bracket")
        assert s.hint == "Nothing is selected"


async def test_along_a_connection() -> None:
    s = timed((1, 2, 1, 2, 2, 1))
    async with s.run(SHORT) as pilot:
        await pilot.press("g", "]")
        assert current(s) == 3
        await pilot.press("]")
        assert current(s) == 6
        await pilot.press("]")
        assert current(s) == 6
        assert s.hint == "No exchange in view after this one on connection 1"
        await pilot.press("[", "[")
        assert current(s) == 1
        await pilot.press("[")
        assert s.hint == "No exchange in view before this one on connection 1"


async def test_a_connection_that_is_not_known() -> None:
    s = timed()
    async with s.run(SHORT) as pilot:
        await pilot.press("]")
        assert s.hint.startswith("Its connection is not known")


ROWS = st.lists(st.tuples(st.integers(1, 3), st.integers(-50, 50)), min_size=1, max_size=20)


@given(ROWS, st.sets(st.integers(1, 20)), st.integers(-60, 60))
def test_nearest_in_view(given_rows: list[tuple[int, int]], shown: set[int], at: int) -> None:
    made = listing([row(n, started_ns=began) for n, (_, began) in enumerate(given_rows, 1)])
    numbers = np.array(sorted(shown), np.int64)
    found = nearest(made, numbers, at)
    seen = [n for n in sorted(shown) if n <= len(given_rows)]
    if not seen:
        assert found is None
        return
    assert found == min(seen, key=lambda n: abs(given_rows[n - 1][1] - at))


@given(ROWS, st.sets(st.integers(1, 20)), st.integers(0, 19), st.sampled_from([1, -1]))
def test_next_on_the_connection(
    given_rows: list[tuple[int, int]], shown: set[int], place: int, direction: int
) -> None:
    number = place % len(given_rows) + 1
    rows = [row(n, connection=connection) for n, (connection, _) in enumerate(given_rows, 1)]
    found = on_connection(listing(rows), np.array(sorted(shown), np.int64), number, direction)
    same = [
        r.number for r in rows if r.connection == rows[number - 1].connection and r.number in shown
    ]
    after = [n for n in same if (n > number if direction > 0 else n < number)]
    assert found == (min(after, key=lambda n: abs(n - number)) if after else None)


def test_all_rows_are_in_view() -> None:
    made = listing([row(n) for n in range(1, 4)])
    assert nearest(made, cast("np.ndarray", made.numbers), row(2).started_ns) == 2
