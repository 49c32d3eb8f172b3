"""The screen of the connections."""

from typing import Any

import pytest

from asgitrace.store.model import Connection, State
from asgitrace.tui.connections import ConnectionsScreen
from tests.tui.conftest import Stage, stage
from tests.tui.detail.samples import MS
from tests.tui.detail.wired import connection
from tests.tui.fakes import PROCESS, make_row

pytestmark = pytest.mark.anyio

SIZES = [(80, 24), (120, 40), (200, 60)]
NOW = 10**15


def connections() -> list[Connection]:
    opened = NOW - 9_000 * MS
    made = []
    for number in range(1, 13):
        ended = number % 3 == 0
        made.append(
            connection(
                number,
                number,
                opened=opened + number * 300 * MS,
                closed=opened + number * 700 * MS if ended else None,
                end=("client: reset" if number == 6 else "client: eof") if ended else "",
                busy=number % 3 == 1,
                requests=number * number,
                exchanges=(number, number + 20),
                peer=f"127.0.0.1:{52_000 + number}",
                tls="TLSv1.3, TLS_AES_256_GCM_SHA384, http/1.1" if number > 9 else "",
            )
        )
    return made


def _carried(exchange: int) -> int:
    """On which of the connections an exchange was; 0 if on none of them."""
    number = exchange if exchange <= 20 else exchange - 20
    return number if number <= 12 else 0


def staged() -> Stage:
    made = stage([make_row(number, connection=_carried(number)) for number in range(1, 31)])
    made.store.connected = connections()
    made.now_ns = NOW
    return made


def text(s: Stage) -> str:
    return "\n".join(
        "".join(segment.text for segment in strip)
        for strip in s.app.screen._compositor.render_strips()
    )


def away(s: Stage) -> bool:
    """Whether the screen of the connections is above the main one."""
    return isinstance(s.app.screen, ConnectionsScreen)


async def test_opens_the_latest_exchange_of_a_connection() -> None:
    s = staged()
    async with s.run((120, 40)) as pilot:
        await pilot.press("C")
        await pilot.pause()
        assert isinstance(s.app.screen, ConnectionsScreen)
        assert "8 open, 4 busy, 4 closed" in text(s)
        await pilot.press("g", "j")
        await pilot.pause()
        assert "/items/22" in text(s)
        await pilot.press("enter")
        await pilot.pause()
        assert not away(s)
        assert s.app.main.table.cursor.current == 22
        assert s.app.main.detail_open


async def test_opens_another_exchange_of_it() -> None:
    s = staged()
    async with s.run((120, 40)) as pilot:
        await pilot.press("C", "g", "tab", "j", "enter")
        await pilot.pause()
        assert s.app.main.table.cursor.current == 1


async def test_shows_the_exchanges_of_a_connection() -> None:
    s = staged()
    async with s.run((120, 40)) as pilot:
        await pilot.press("C", "g", "j", "f")
        await pilot.pause()
        assert not away(s)
        assert s.app.main.feed.filter_typed == "conn=2"
        s.tick()
        assert s.app.main.table.cursor.numbers.tolist() == [2, 22]


async def test_of_several_processes_the_rows_tell_which_connection_is_meant() -> None:
    s = staged()
    s.store.processes = [PROCESS, PROCESS]
    async with s.run((120, 40)) as pilot:
        await pilot.press("C")
        await pilot.pause()
        await pilot.press("g", "j", "f")
        await pilot.pause()
        assert s.app.main.feed.filter_typed == "conn=2 id>=2 id<=22"
        s.app.main.apply_filter("")
        s.app.main.table.cursor.column = "connection"
        s.app.main.table.select(21)
        await pilot.press("equals_sign")
        assert s.app.main.feed.filter_typed == "conn=1 id>=1 id<=21"


async def test_what_is_hidden_is_shown_when_it_is_opened() -> None:
    s = staged()
    async with s.run((120, 40)) as pilot:
        s.app.main.apply_filter("path=/items/1")
        await pilot.press("C")
        await pilot.pause()
        await pilot.press("g", "j", "enter")
        await pilot.pause()
        main = s.app.main
        assert (main.table.cursor.current, main.detail.number) == (22, 22)
        assert not main.feed.filtered
        assert s.hint == "Filter off: path=/items/1"


async def test_a_connection_without_exchanges_is_not_shown() -> None:
    s = staged()
    s.store.connected = [connection(1, 1, exchanges=())]
    async with s.run((120, 40)) as pilot:
        await pilot.press("C", "f")
        await pilot.pause()
        assert "There is no exchange to show" in text(s)


async def test_begins_at_the_connection_of_the_selected_exchange() -> None:
    s = staged()
    async with s.run((120, 40)) as pilot:
        await pilot.press("g", "j", "j", "C")
        await pilot.pause()
        screen = s.app.screen
        assert isinstance(screen, ConnectionsScreen)
        assert screen._list.current == 2


@pytest.mark.parametrize("key", ["escape", "q", "C"])
async def test_leaves_all_as_it_was(key: str) -> None:
    s = staged()
    async with s.run((80, 24)) as pilot:
        await pilot.press("C")
        await pilot.press(key)
        await pilot.pause()
        assert not away(s)
        assert not s.app.main.detail_open


async def test_follows_live_and_stays_where_one_is() -> None:
    s = staged()
    async with s.run((120, 40)) as pilot:
        await pilot.press("C")
        await pilot.pause()
        screen = s.app.screen
        assert isinstance(screen, ConnectionsScreen)
        s.store.connected.append(connection(3, 13, busy=False, exchanges=()))
        s.store.version += 1
        screen.tick()
        await pilot.pause()
        assert screen._list.current == 12
        assert "none yet" in text(s)
        await pilot.press("enter")
        await pilot.pause()
        assert "There is no exchange to open" in text(s)
        await pilot.press("k", "k")
        await pilot.pause()
        assert screen._shown is not None
        assert screen._shown.number == 11
        s.store.connected = s.store.connected[4:]
        s.store.version += 1
        screen.tick()
        await pilot.pause()
        assert screen._shown.number == 11
        assert screen._list.current == 6
        screen.tick()
        s.store.connected = []
        s.store.version += 1
        screen.tick()
        await pilot.pause()
        assert "No connections" in text(s)
        await pilot.press("c")
        await pilot.pause()
        assert "Nothing is selected" in text(s)


async def test_many_are_asked_for_less_often() -> None:
    s = staged()
    s.store.connected = [connection(1, number) for number in range(1, 3_000)]
    async with s.run((120, 40)) as pilot:
        await pilot.press("C")
        await pilot.pause()
        screen = s.app.screen
        assert isinstance(screen, ConnectionsScreen)
        s.store.connected = s.store.connected[:2500]
        s.store.version += 1
        before = screen._ticks
        while screen._ticks // 4 == before // 4:
            assert len(screen._lines) == 2_999
            screen.tick()
        assert len(screen._lines) == 2_500


async def test_copies() -> None:
    s = staged()
    async with s.run((120, 40)) as pilot:
        await pilot.press("C", "g", "c")
        await pilot.pause()
        assert s.app.clipboard.startswith("connection  number 1, 1 request")
        await pilot.press("tab", "j", "y")
        await pilot.pause()
        assert s.app.clipboard == "#1 GET /items/1"
        await pilot.press("g", "enter")
        await pilot.pause()
        assert "There is no exchange to open" in text(s)
        await pilot.click("HintBar", offset=(2, 0))
        await pilot.click("HintBar", offset=(2, 0))
        await pilot.pause()
        assert not away(s)


async def test_an_exchange_that_is_gone() -> None:
    s = staged()
    async with s.run((120, 40)) as pilot:
        await pilot.press("C")
        s.store.evict(*range(1, 31))
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(s.app.screen, ConnectionsScreen)
        await pilot.press("escape", "C")
        await pilot.pause()
        assert isinstance(s.app.screen, ConnectionsScreen)
        assert "no longer kept" in text(s)


async def test_refused_exchanges_are_failed_ones() -> None:
    s = staged()
    s.store.add(make_row(31, state=State.REFUSED, status=400, method="?", path=""))
    s.store.add(make_row(32))
    async with s.run((120, 40)) as pilot:
        s.tick()
        await pilot.press("N")
        await pilot.pause()
        assert s.app.main.table.cursor.current == 31
        assert any("⊗  400" in line for line in s.lines())


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x40", "200x60"])
def test_looks(snap_compare: Any, size: tuple[int, int]) -> None:
    assert snap_compare(staged().app, terminal_size=size, press=["C", "k", "k"])
