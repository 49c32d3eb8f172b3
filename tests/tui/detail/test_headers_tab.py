"""The tab of headers and scope."""

from typing import Any

import pytest
from textual.pilot import Pilot

from asgitrace.store.model import Exchange
from asgitrace.tui.detail.headers_tab import About, HeadersTab
from asgitrace.views.fields import FieldLines
from asgitrace.wire import Wire
from tests.tui.detail.conftest import Host
from tests.tui.detail.samples import FakeStore, http
from tests.tui.detail.wired import Wired

pytestmark = pytest.mark.anyio

SIZES = pytest.mark.parametrize(
    "size", [(80, 24), (120, 40), (200, 60)], ids=["80x24", "120x40", "200x60"]
)
TOKEN = b"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtYXJhIiwiZXhwIjoxNzAwMDAwMDAwfQ.c2ln"


def rich(*, answered: bool = True) -> Exchange:
    """A request and a response with something of everything."""
    script = http(
        "GET",
        "/mnt/a/b",
        (b"cookie", b"theme=dark; sid=8f14e45f"),
        (b"authorization", b"Bearer " + TOKEN),
        (b"accept-encoding", b"gzip, br;q=0.9"),
        raw_path=b"/mnt/a%2Fb",
        root_path="/mnt",
        query_string=b"q=tea+pot&q=&sort",
    )
    w = Wired(script)
    lines = b"Host: 127.0.0.1:8000\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n"
    lines += b"Cookie: theme=dark; sid=8f14e45f\r\nAuthorization: Bearer " + TOKEN + b"\r\n"
    lines += b"Accept-Encoding: gzip, br;q=0.9\r\n\r\n"
    w.on(Wire.REQUEST, 50, 1, head=b"GET /a%2Fb?q=tea+pot&q=&sort HTTP/1.1\r\n" + lines)
    if answered:
        headers = [
            [b"content-type", b"text/html; charset=utf-8"],
            [b"cache-control", b"max-age=60, private"],
            [b"etag", b'W/"1"'],
            [b"set-cookie", b"sid=9; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax"],
        ]
        script.send("http.response.start", status=200, headers=headers)
    return w.exchange(1)


def host(exchange: Exchange) -> Host:
    return Host(FakeStore([exchange]), 1)


def tab(app: Host) -> HeadersTab:
    return app.query_one(HeadersTab)


async def under(app: Host, pilot: Pilot[None], label: str) -> None:
    """Put the cursor on a field of the list that has the keys."""
    shown = tab(app).focused_list
    lines = shown.lines
    assert isinstance(lines, FieldLines)
    shown.select(next(n for n in range(len(lines)) if lines.field(n).label == label))
    await pilot.pause()


@SIZES
def test_looks(snap_compare: Any, size: tuple[int, int]) -> None:
    app = host(rich())

    async def show(pilot: Pilot[None]) -> None:
        await pilot.press("3")
        await under(app, pilot, "Authorization")
        await pilot.press("space")

    assert snap_compare(app, terminal_size=size, run_before=show)


async def test_a_header_is_taken_apart_and_told() -> None:
    app = host(rich())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("3")
        await under(app, pilot, "Accept-Encoding")
        assert app.query_one(About).text.startswith("codings the response may be")
        before = len(tab(app).focused_list.lines)
        await pilot.press("space")
        assert len(tab(app).focused_list.lines) == before + 2
        assert "br: weight 0.9" in (tab(app).copy_text() or "")
        await pilot.press("tab")
        await under(app, pilot, "etag")
        assert app.query_one(About).text.startswith("a name for exactly this version")


async def test_what_is_unfolded_stays_so_when_the_answer_comes() -> None:
    app = host(rich(answered=False))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await under(app, pilot, "Accept-Encoding")
        await pilot.press("space")
        assert "not acceptable" not in app.text
        app.store.put(rich())
        app.tick()
        await pilot.pause()
        lines = tab(app).focused_list.lines
        assert isinstance(lines, FieldLines)
        labels = [lines.field(index).label for index in range(len(lines))]
        assert "br" in labels
        assert "cache-control" in labels
