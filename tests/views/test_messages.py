"""The conversation: sides, sizes on the wire, pings; and long exchanges taken in in portions."""

from typing import Any

import pytest
from rich.cells import cell_len

from asgitrace.store.model import State
from asgitrace.views import event_lines
from asgitrace.views.event_lines import GrowingLines
from asgitrace.views.frames import FrameLines
from asgitrace.views.ladder import LadderLines
from asgitrace.views.look import look
from asgitrace.views.messages import MessageLines
from asgitrace.wire import Wire
from tests.replacing import replace
from tests.tui.detail.samples import upload, websocket
from tests.tui.detail.wired import (
    CLOSE,
    IN,
    OUT,
    PING,
    PONG,
    TEXT,
    Wired,
    many,
    wired_chat,
    wired_upload,
)
from tests.views.drawn import LOOKS, check, drawn, widths


def head(lines: MessageLines, width: int) -> str:
    return check(lines.head(width, look()), width)


def test_the_client_is_at_the_left_and_the_app_at_the_right() -> None:
    lines = MessageLines(wired_chat())
    for width in (66, 80, 120, 200):
        titles, text = head(lines, width), drawn(lines, width)
        client, app = titles.index("→"), titles.index("←")
        assert client + 8 < app
        for index, line in enumerate(text):
            into, out = line.find("→"), line.find("←")
            event = lines.event(index)
            place = app if event is None or event.type in ("websocket.send", "websocket.accept") \
                else client  # fmt: skip
            assert cell_len(line[: out if place == app else into]) == place, line
    wide = drawn(lines, 120)
    assert '  +120ms  120ms text     45B   36B  → {"from": "mara"' in wide[1]
    assert "200B  200B  → 2 frames  00 01 02" in wide[8]
    assert "gone                → 1001  going away" in wide[10]


def test_pings_are_quiet_lines_with_their_round_trip() -> None:
    lines = MessageLines(wired_chat())
    assert "ping      2B" in drawn(lines)[3]
    assert "← ping 00 01 answered after 3.10ms" in drawn(lines)[3]
    assert lines.event(3) is None
    assert lines.text(3)
    assert not lines.live(3)


@pytest.mark.parametrize(
    ("state", "said"), [(State.OPEN, "not answered yet"), (State.RETURNED, "never answered")]
)
def test_pings_without_an_answer_and_answers_without_a_ping(state: State, said: str) -> None:
    script = websocket()
    w = Wired(script)
    script.receive("websocket.connect", 0.01).send("websocket.accept", 0.08, headers=[])
    w.control(OUT, PING, b"").control(IN, PONG, b"hi")
    lines = MessageLines(w.exchange(9, state=state))
    accept, *control = drawn(lines)
    assert "accept" in accept
    assert sum(said in line for line in control) == 1
    assert sum('pong "hi" unasked' in line for line in control) == 1
    assert sum(map(lines.live, range(len(lines)))) == (2 if state is State.OPEN else 0)


def test_a_call_that_waits_is_said_to() -> None:
    script = websocket()
    script.send("websocket.send", 5, text="slow").change(returned=None)
    (line,) = drawn(MessageLines(script.exchange(9)))
    assert "← waiting in send()  slow" in line


def test_pieces_of_bodies() -> None:
    text = drawn(MessageLines(upload()))
    assert ["last  " in line for line in text] == [False, False, False, True, True]
    assert "wire" not in head(MessageLines(upload()), 120)
    for exchange in (wired_chat(), wired_upload(), upload()):
        for width in widths():
            for style in LOOKS:
                lines = MessageLines(exchange)
                drawn(lines, width, style)
                check(lines.head(width, style), width)


def test_frames_show_what_the_server_could_not_take() -> None:
    script = websocket()
    w = Wired(script)
    script.receive("websocket.connect", 0.01).send("websocket.accept", 0.08, headers=[])
    w.frame(IN, TEXT, 3, 0.01).on(Wire.ERROR, 0, 1007, by="client", text="invalid UTF-8")
    w.control(OUT, CLOSE, b"\x03\xef")
    broken, error, close = drawn(FrameLines(w.exchange(9)), 140)
    assert "broke the protocol: invalid UTF-8" in broken
    assert "✗ error" in error
    assert "invalid UTF-8" in error
    assert "1007" in close


@pytest.mark.parametrize("kind", [LadderLines, MessageLines, FrameLines])
def test_a_long_exchange_is_taken_in_in_portions(
    kind: type[GrowingLines], monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = many(400)
    monkeypatch.setattr(event_lines, "PORTION", 10_000)
    expected = kind(exchange)
    assert expected.whole
    monkeypatch.setattr(event_lines, "PORTION", 64)
    lines = kind(exchange)
    counts: list[int] = []
    while not lines.whole:
        counts.append(len(lines))
        assert lines.work()
        assert lines.take_changed() <= counts[-1]
    assert not lines.work()
    assert counts == sorted(counts)
    assert len(counts) > 5
    assert drawn(lines) == drawn(expected)
    assert [lines.members(at) for at in range(len(lines))] == [
        expected.members(at) for at in range(len(expected))
    ]


@pytest.mark.parametrize("kind", [LadderLines, MessageLines, FrameLines])
def test_the_first_line_that_changed_is_told_once(kind: type[GrowingLines]) -> None:
    exchange = many(250)
    lines: Any = kind(replace(exchange, events=exchange.events[:301], wire=exchange.wire[:300]))
    assert lines.take_changed() == 0
    known = [lines.members(at) for at in range(len(lines))]
    assert lines.take_changed() == len(lines)
    assert lines.update(exchange)
    changed = lines.take_changed()
    assert 0 < changed <= len(known)
    assert [lines.members(at) for at in range(changed)] == known[:changed]
    assert lines.near(exchange.events[200].called) <= lines.near(exchange.events[300].called)


def test_lines_begin_anew_where_events_went() -> None:
    exchange = many(100)
    lines = MessageLines(exchange)
    lines.take_changed()
    gone = replace(
        exchange,
        events=tuple(replace(e, index=at) for at, e in enumerate(exchange.events[50:])),
        wire=tuple(replace(e, index=at) for at, e in enumerate(exchange.wire[50:])),
        missed=50,
    )
    assert lines.update(gone)
    assert lines.take_changed() == 0
    assert len(lines) == len(MessageLines(gone))
