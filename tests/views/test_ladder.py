"""The ladder: its lines, its arrows, and what is hostile about them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asgitrace.events import Flag
from asgitrace.ring import encode
from asgitrace.store.model import Exchange, State, WireEvent
from asgitrace.views.frames import FrameLines
from asgitrace.views.frames import head_line as frames_head
from asgitrace.views.gaps import gap_mark, gap_style
from asgitrace.views.ladder import LadderLines, head_line
from asgitrace.views.lines import Lines
from asgitrace.views.look import Look, look
from asgitrace.views.steps import Sides, Steps
from asgitrace.views.timeline import TimelineLines
from asgitrace.views.units import format_offset
from asgitrace.views.wire_content import step_lines, wire_lines, wire_text
from asgitrace.wire import Wire
from tests.replacing import replace
from tests.tui.detail.samples import MS, START, all_exchanges, chat, http, websocket
from tests.tui.detail.wired import (
    IN,
    TEXT,
    Wired,
    all_wired,
    many,
    wire_event,
    wired_chat,
    wired_refusal,
    wired_stream,
    wired_upload,
)
from tests.views.drawn import HOSTILE, LOOKS, check, drawn, widths


def ladder(exchange: Exchange, width: int = 119, sides: Sides = Sides.BOTH) -> list[str]:
    return drawn(LadderLines(exchange, sides), width)


def inspected(lines: LadderLines, index: int) -> Lines:
    return step_lines(
        lines.event(index),
        lines.wire(index),
        lines.exchange,
        lines.steps.pairing,
        lines.steps.start,
        lines.discrepancies(index),
    )


def test_one_step_on_both_sides_is_one_line() -> None:
    lines = ladder(wired_chat())
    assert "── GET /chat?room=tea 73B" in lines[0]
    assert "▶●── websocket scope ─" in lines[0]
    assert "◀─ text 45B ─" in lines[4]
    assert "─●◀─ send 45B" in lines[4]
    assert "ping 2B 00 01" in lines[5]


def test_what_waits_makes_the_lifeline_thick() -> None:
    lines = ladder(wired_upload())
    assert "body 1.0k" in lines[1]
    assert lines[1].count("╽") == 1
    assert "●── request 2.1k" in lines[2]
    # the first of two frames; the close frame and its answer before the app is told
    chat_lines = "\n".join(ladder(wired_chat()))
    assert chat_lines.count("╽") == 2
    assert chat_lines.count("┃") == chat_lines.count("╿") == 1


def test_time_since_the_line_before() -> None:
    lines = ladder(wired_chat())
    assert lines[3].startswith("   +120ms  120ms ▌")
    assert lines[1].startswith("    +10µs          │")
    shown = look()
    assert [gap_mark(gap, shown) for gap in (0, MS - 1, MS, 10**9, 10**10, 10**12)] == [
        " ", " ", "▎", "▊", "█", "█",
    ]  # fmt: skip
    plain = look(plain=True)
    assert "".join(gap_mark(10**power, plain) for power in (5, 6, 8, 9, 10, 12)) == " .-=##"
    styles = [gap_style(gap * MS, shown) for gap in (1, 100, 1000, 10_000)]
    assert len(set(map(str, styles))) == 4


def test_time_begins_with_the_apps_call_as_in_the_list() -> None:
    exchange = wired_chat()
    lines = LadderLines(exchange, Sides.APP)
    for index, line in enumerate(drawn(TimelineLines(exchange))[:3]):
        event = lines.event(index)
        assert event is not None
        assert line.split()[0] == format_offset(event.called - lines.steps.start)
    assert ladder(exchange)[0].startswith("    -20µs")
    assert ladder(wired_refusal())[0].startswith("       +0")


def ended(at: int, how: str = "reset") -> Exchange:
    """A session whose connection ended, which only the connection tells."""
    script = websocket()
    w = Wired(script)
    w.on(Wire.REQUEST, 50, 1, 0.1)
    script.receive("websocket.disconnect", 5, code=1006).work(1).done()
    exchange = w.exchange(1)
    assert exchange.connection is not None
    end = wire_event(1, Wire.CLOSED, START + at, by="client", how=how)
    connection = replace(
        exchange.connection, closed=end.at, events=(*exchange.connection.events, end)
    )
    return replace(exchange, connection=connection)


def test_the_end_of_the_connection_is_part_of_what_it_hit() -> None:
    exchange = ended(4 * MS)
    assert "── reset by client ──" in ladder(exchange)[1]
    assert "●── disconnect 1006" in ladder(exchange)[1]
    lines = LadderLines(replace(exchange, connection=None))
    assert lines.update(exchange)
    assert not lines.update(exchange)
    assert drawn(lines, 119) == ladder(exchange)
    bad = look().bad
    assert bad in [cell.style for cell in lines.cells(1, 119, look())]
    assert bad not in [
        cell.style for cell in LadderLines(ended(4 * MS, "eof")).cells(1, 119, look())
    ]
    assert "reset" not in "".join(ladder(ended(40 * MS)))
    assert "reset" not in "".join(ladder(replace(exchange, wire=())))
    told = replace(exchange, wire=(*exchange.wire, wire_event(1, Wire.CLOSED, START + 4 * MS)))
    assert len(LadderLines(told)) == len(LadderLines(exchange))


def test_content_is_told_from_what_is_said_of_it() -> None:
    script = http("POST", "/")
    w = Wired(script)
    w.on(Wire.REQUEST, 50, 1, 0.1)
    script.receive("http.request", 1, body=b"half", more_body=True)
    script.receive("http.request", 1, body=b"more", more_body=False)
    shown = ladder(w.exchange(1))
    assert "request 4B half (more)" in shown[1]
    assert "request 4B more (last)" in shown[2]
    script = websocket()
    w = Wired(script)
    w.frame(IN, TEXT, 38, fin=False, rsv1=True, inflated=59).frame(IN, 0, 6, inflated=12)
    w.frame(IN, TEXT, 7, rsv1=True).frame(IN, TEXT, 5, of=9)
    shown = ladder(w.exchange(1), sides=Sides.WIRE)
    for line, words in zip(
        shown,
        [
            "text 59B, 38B deflated (more) ─",
            "continuation 12B, 6B deflated (last) ─",
            "text 7B deflated ─",
            "text 5B, cut: 9B announced ─",
        ],
        strict=True,
    ):
        assert words in line


def test_pending_calls_are_last() -> None:
    exchange = wired_stream()
    lines = LadderLines(exchange)
    shown = drawn(lines, 119)
    assert "◌ receive() waits ┄" in shown[-1]
    assert shown[-1].startswith("      now")
    assert "800ms" in shown[-1]
    assert lines.live(len(lines) - 1)
    assert not lines.live(0)
    assert "not taken by the" in shown[-2]


def test_end_of_the_content_is_part_of_its_last_piece() -> None:
    assert sum(" (last) " in line for line in ladder(wired_upload(), sides=Sides.WIRE)) == 1
    script = http("POST", "/")
    w = Wired(script)
    w.on(Wire.REQUEST, 50, 1, 0.1).on(Wire.REQUEST_BODY, 5)
    w.on(Wire.REQUEST_END, trailers=[[b"a", b"b"]])
    assert any("end  1 trailer" in line for line in ladder(w.exchange(1)))


def test_sides() -> None:
    exchange = wired_chat()
    both, wire, app = (ladder(exchange, sides=sides) for sides in Sides)
    assert len(wire) == len(exchange.wire)
    assert len(app) == len(exchange.events)
    assert len(both) < len(wire) + len(app)
    for sides, names in (
        (Sides.BOTH, ("peer", "server", "app")),
        (Sides.WIRE, ("peer", "server")),
        (Sides.APP, ("server", "app")),
    ):
        head = check(head_line(119, look(), sides), 119)
        assert [name for name in head.split() if name in ("peer", "server", "app")] == list(names)


def test_head_stands_above_the_lifelines() -> None:
    for width in (60, 79, 119, 199):
        lines = LadderLines(wired_chat())
        head = check(head_line(width, look(), lines.sides), width)
        line = check(lines.cells(5, width, look()), width)
        assert line[head.index("peer")] == "│"
        assert line[head.index("server") + len("server") // 2] == "│"
        assert line[head.index("app") + 1] == "│"


def test_without_wire_there_are_two_lifelines() -> None:
    lines = LadderLines(chat())
    assert lines.sides is Sides.APP
    assert all("│" in line for line in drawn(lines, 119)[1:-1])
    for exchange in all_exchanges():
        ladder(exchange)
        assert not FrameLines(exchange)


def test_refused_requests_have_no_app() -> None:
    lines = ladder(wired_refusal())
    assert "◆ error 400" in lines[0]
    assert "◆ refused 400" in lines[1]
    assert "┬" not in "".join(lines)


def test_what_was_overwritten_has_a_line() -> None:
    exchange = replace(wired_chat(), missed=3, wire_missed=4)
    lines = LadderLines(exchange)
    assert "7 events were overwritten" in drawn(lines, 119)[0]
    assert lines.text(0) == "7 events overwritten"
    assert [lines.step(0), lines.event(0), lines.wire(0)] == [None, None, None]
    assert not lines.discrepancies(0)


def test_copies_say_all() -> None:
    lines = LadderLines(wired_upload())
    text = lines.text(4)
    assert "peer <- server: 204 No Content" in text
    assert "server <- app: http.response.start" in text
    assert "The server removed content-length." in text
    assert all(lines.text(index) for index in range(len(lines)))


def test_an_open_exchange_grows() -> None:
    whole = wired_stream()
    grown = LadderLines(replace(whole, events=whole.events[:3], wire=whole.wire[:2]))
    assert not grown.update(replace(whole, events=grown.exchange.events, wire=grown.exchange.wire))
    assert grown.update(whole)
    assert drawn(grown, 119) == ladder(whole)


def test_begins_anew_when_events_went() -> None:
    whole = many(20)
    lines = LadderLines(whole)
    events = tuple(replace(event, index=n) for n, event in enumerate(whole.events[9:]))
    wire = tuple(replace(event, index=n) for n, event in enumerate(whole.wire[8:]))
    rest = replace(whole, events=events, wire=wire, missed=9, wire_missed=8)
    assert lines.update(rest)
    assert drawn(lines, 119) == ladder(rest)


@given(cuts=st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), max_size=5))
@pytest.mark.parametrize("whole", [*all_wired(), many(6)], ids=range(6))
def test_pieces_make_no_difference(whole: Exchange, cuts: list[tuple[int, int]]) -> None:
    wires, events = len(whole.wire), len(whole.events)
    steps = Steps(replace(whole, events=(), wire=()))
    for wire_cut, event_cut in sorted(cuts):
        wired = wires * wire_cut // 100
        now = whole.wire[wired - 1].at if wired else 0
        known = sum((event.returned or event.called) <= now for event in whole.events)
        seen = max(len(steps.exchange.events), min(known, events * event_cut // 100))
        steps.update(replace(whole, events=whole.events[:seen], wire=whole.wire[:wired]))
    steps.update(whole)
    expected = Steps(whole)
    assert [steps[n] for n in range(len(steps))] == [expected[n] for n in range(len(expected))]


def test_everything_fits() -> None:
    for exchange in (*all_wired(), many(3)):
        for style in LOOKS:
            for width in widths():
                for sides in Sides:
                    drawn(LadderLines(exchange, sides), width, style)
                    check(head_line(width, style, sides), width)
                drawn(FrameLines(exchange), width, style)
                check(frames_head(width, style), width)


def test_what_is_opened() -> None:
    lines = LadderLines(wired_chat())
    ping = drawn(inspected(lines, 5))
    assert any("answered after 3.10ms" in line for line in ping)
    received = drawn(inspected(lines, 7))
    assert "It waited 42.0ms" in received[0]
    assert received.index(" websocket.receive") > received.index(" frame from the peer")
    sent = drawn(inspected(lines, 4))
    assert sent.index(" websocket.send") < sent.index(" frame to the peer")
    assert any("accept" in line for line in drawn(inspected(lines, 2)))
    for exchange in all_wired():
        whole = LadderLines(exchange)
        for index in range(len(whole)):
            drawn(inspected(whole, index))


def test_raw_bytes_are_hex() -> None:
    script = http("GET", "/")
    w = Wired(script)
    w.on(Wire.BYTES_IN, 18, data=b"GET / HTTP/1.1\r\n\r\n").on(Wire.BYTES_OUT, 3, data=b"abc")
    w.wire[0] = replace(w.wire[0], flags=Flag.TRUNCATED)
    lines = LadderLines(w.exchange(1))
    shown = drawn(inspected(lines, 0))
    assert any("47 45 54 20" in line for line in shown)
    assert any("recorded in part" in line for line in shown)
    assert wire_text(w.wire[1]) == "abc"


# Frames


def test_frames() -> None:
    lines = FrameLines(wired_chat())
    shown = drawn(lines, 119)
    assert len(lines) == 13
    assert "→ text         FIN RSV1 MASK   36B   45B x1.2" in shown[0]
    assert "3.10ms" in shown[3]
    assert "part 1 of 2" in shown[8]
    assert "part 2 of 2" in shown[9]
    assert "1001  going away  bye" in shown[11]
    assert lines.text(0) == '{"from": "mara", "text": "Is the kettle on?"}'
    assert lines.text(11).endswith("bye")


def test_frames_that_never_became_a_message() -> None:
    script = websocket()
    w = Wired(script)
    w.frame(IN, TEXT, 5)
    assert "never" not in drawn(FrameLines(w.exchange(1)))[0]
    script.done()
    assert "never became a message" in drawn(FrameLines(w.exchange(1)))[0]


def test_a_ping_without_a_payload() -> None:
    w = Wired(websocket())
    w.frame(IN, 9, 0)
    assert "ping 0 ─" in "".join(ladder(w.exchange(1)))


def test_a_close_frame_without_a_code() -> None:
    script = websocket()
    w = Wired(script)
    w.frame(IN, 8, 0)
    exchange = w.exchange(1)
    assert "no code" in drawn(FrameLines(exchange))[0]
    lines = LadderLines(exchange)
    assert any("close no code" in line for line in drawn(lines, 119))
    assert any("none" in line for line in drawn(inspected(lines, 0)))


def test_frames_grow() -> None:
    whole = many(10)
    lines = FrameLines(replace(whole, wire=whole.wire[:4]))
    assert not lines.update(replace(whole, wire=whole.wire[:4]))
    assert lines.update(whole)
    assert len(lines) == 20
    rest = tuple(replace(event, index=n) for n, event in enumerate(whole.wire[10:]))
    assert lines.update(replace(whole, wire=rest, wire_missed=10))
    assert len(lines) == len(rest)


# What comes from the network

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats()
    | st.text(max_size=20) | st.binary(max_size=20) | st.sampled_from(HOSTILE[:8]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip
KEYS = st.sampled_from(
    ["head", "data", "text", "by", "how", "what", "seconds", "trailers", "inflated", "peer", "tls"]
)
PAYLOADS = st.binary(max_size=30) | st.dictionaries(KEYS | st.text(max_size=5), VALUES).map(encode)
HEADS = [
    hostile.encode("utf-8", "surrogatepass") * times for hostile in HOSTILE for times in (1, 2000)
]


@st.composite
def wires(draw: Any) -> WireEvent:
    at = START + draw(st.integers(-5, 50)) * MS // 10
    return WireEvent(
        index=0,
        wire=draw(st.sampled_from(Wire)),
        at=at,
        accepted=draw(st.none() | st.integers(0, 400).map(lambda wait: at + wait * MS)),
        number=draw(st.integers(0, 2**16 - 1)),
        flags=Flag(draw(st.sampled_from([0, 1, 2, 16]))),
        size=draw(st.integers(0, 2**63)),
        payload=draw(PAYLOADS),
    )


@settings(max_examples=40, deadline=None)
@given(st.lists(wires(), max_size=8), st.sampled_from(LOOKS), st.integers(0, 5))
def test_anything_on_the_wire_can_be_drawn(found: list[WireEvent], style: Any, which: int) -> None:
    base = [chat(), *all_wired()][which]
    ordered = tuple(
        replace(event, index=n) for n, event in enumerate(sorted(found, key=lambda each: each.at))
    )
    for exchange in (
        replace(base, wire=ordered),
        replace(base, wire=ordered, row=replace(base.row, state=State.RETURNED)),
    ):
        for sides in Sides:
            lines = LadderLines(exchange, sides)
            drawn(lines, 120, style)
            drawn(lines, 70, style)
            for index in range(len(lines)):
                lines.text(index).encode("utf-8", "surrogatepass")
                drawn(inspected(lines, index), 60, style)
        frames = FrameLines(exchange)
        drawn(frames, 120, style)
        for index in range(len(frames)):
            frames.text(index)


@pytest.mark.parametrize("head", HEADS, ids=range(len(HEADS)))
@pytest.mark.parametrize(
    ("what", "style"),
    zip((Wire.REQUEST, Wire.RESPONSE, Wire.CLOSED, Wire.ERROR), LOOKS, strict=True),
    ids=("request", "response", "closed", "error"),
)
def test_hostile_heads(head: bytes, what: Wire, style: Look) -> None:
    script = http("GET", "/")
    w = Wired(script)
    text = head.decode("utf-8", "replace")
    w.on(what, len(head), 200, head=b"GET " + head, data=head, text=text, how=text, by=text)
    w.on(what, len(head), 200, head=b"HTTP/1.1 200 OK\r\n" + head + b": x\r\n")
    script.send("http.response.start", 1, status=200, headers=[[head, head]])
    exchange = w.exchange(1)
    lines = LadderLines(exchange)
    drawn(lines, 119, style)
    for index in range(len(lines)):
        drawn(inspected(lines, index), 60, style)
    for wire in exchange.wire:
        for part in wire_lines(wire, exchange, None, 0):
            drawn(part, 60, style)
