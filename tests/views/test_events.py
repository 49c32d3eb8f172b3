"""Events as lines: the timeline, the conversation, one event in full."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.asgi import MESSAGE_TYPES
from asgitrace.events import Flag, Kind, Outcome
from asgitrace.ring import encode
from asgitrace.store.model import Event, Exchange
from asgitrace.views.content import event_lines, event_text, message_lines
from asgitrace.views.details import split_line, title_line
from asgitrace.views.headers import Answers, request_fields
from asgitrace.views.lines import Lines
from asgitrace.views.look import look
from asgitrace.views.messages import MessageLines
from asgitrace.views.summary import is_binary, preview, summarise
from asgitrace.views.timeline import TimelineLines, started
from tests.replacing import replace
from tests.tui.detail.samples import (
    MS,
    START,
    all_exchanges,
    cancelled,
    chat,
    failure,
    http,
    json_api,
    lifespan,
    odd,
    stream,
    upload,
)
from tests.views.drawn import HOSTILE, LOOKS, check, drawn, widths

ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats()
    | st.text(max_size=20) | st.binary(max_size=20) | st.sampled_from(HOSTILE[:8]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=10,
)  # fmt: skip
KEYS = st.sampled_from(
    [
        "type",
        "status",
        "headers",
        "body",
        "text",
        "bytes",
        "code",
        "reason",
        "subprotocol",
        "trailers",
        "message",
        "path",
        "state",
        "client",
        "server",
        "extensions",
        "method",
        "http_version",
        "traceback",
        "module",
        "repr",
    ]
)
CONTENT = ANY | st.dictionaries(KEYS, ANY, max_size=8)


def shown(lines: Lines, width: int = 100) -> str:
    return "\n".join(drawn(lines, width))


def head(lines: TimelineLines, width: int) -> str:
    return check(lines.head(width, look()), width)


@st.composite
def events(draw: st.DrawFn, index: int = 1) -> Event:
    called = draw(st.integers(START - 5, START + 10**9))
    return Event(
        index=index,
        kind=draw(st.sampled_from([kind for kind in Kind if kind is not Kind.LOOP])),
        type=draw(st.none() | st.sampled_from(MESSAGE_TYPES)),
        call=draw(st.integers(0, 2**32 - 1)),
        called=called,
        returned=draw(st.none() | st.integers(called, called + 10**12)),
        outcome=draw(st.sampled_from(list(Outcome))),
        number=draw(st.integers(0, 65_535)),
        flags=Flag(draw(st.integers(0, 63))),
        size=draw(st.integers(0, 2**40)),
        payload=encode(draw(CONTENT)) if draw(st.booleans()) else draw(st.binary(max_size=9)),
        error=encode(draw(CONTENT)) if draw(st.booleans()) else b"",
    )


@given(st.lists(events(), max_size=4), st.sampled_from(LOOKS), st.integers(0, 200))
def test_any_events_can_be_drawn(found: list[Event], style: Any, width: int) -> None:
    base = json_api()
    made = tuple(replace(event, index=index) for index, event in enumerate(found))
    exchange = Exchange(base.row, base.process, made, len(made) % 2)
    for lines in (TimelineLines(exchange), MessageLines(exchange)):
        drawn(lines, width, style)
        for index in range(len(lines)):
            lines.text(index)
            lines.live(index)
    for event in made:
        drawn(event_lines(event, START), max(width, 20), style)
        drawn(message_lines(event), max(width, 20), style)
        event_text(event)
    answers = Answers()
    answers.update(exchange)
    assert request_fields(exchange)
    assert answers.fields()


@pytest.mark.parametrize("exchange", all_exchanges(), ids=lambda found: found.row.path)
def test_samples_fit_every_width(exchange: Exchange) -> None:
    for width in widths():
        for style in LOOKS:
            drawn(TimelineLines(exchange), width, style)
            drawn(MessageLines(exchange), width, style)
            check(title_line(exchange.row, width, style), width)
            check(split_line(exchange.row, width, style), width)


def test_timeline_of_a_request() -> None:
    lines = TimelineLines(json_api())
    assert [line.rstrip() for line in (head(lines, 110), *drawn(lines, 110))] == [
        "  #   called  since   event                 took 0         17.1ms size  content",
        "  1       +0        ◆ http scope                 ╸                      GET /api/items  "
        "HTTP/1.1 from 127.0.0…",
        "  2   +300µs  300µs → http.request          20µs ╸                   0  last  empty",
        "  3  +11.5ms 11.2ms ← http.response.start   20µs           ╺            200  "
        "application/json  305 bytes anno…",
        "  4  +11.6ms  120µs ← http.response.body  2.40ms           ╺━━╸   305B  last  "
        '{"page": 2, "items": [{"id": 41…',
        "  5  +17.1ms 5.50ms ◆ return                                    ╺       returned",
    ]


def test_timeline_keeps_to_the_scale_at_every_width() -> None:
    narrow = drawn(TimelineLines(json_api()), 80)
    assert "← response.body  2.40ms       ╺━╸  305B" in narrow[3]
    assert "  +11.6ms  +14.0ms  120µs ← " in drawn(TimelineLines(json_api()), 160)[3]
    plain = drawn(TimelineLines(json_api()), 80, look(plain=True))
    assert "< response.body  2.40ms       !!!  305B" in plain[3]
    assert all(head(TimelineLines(json_api()), width) for width in (0, 10, 40, 60, 200))


def test_timeline_marks_what_is_not_whole() -> None:
    text = shown(TimelineLines(odd()), 200)
    assert "[not a plain message: its repr]" in text
    assert "[content larger than the buffer: not recorded]" in text
    assert "raised: RuntimeError: closed" in text
    assert "acme.custom" in text
    assert "returned 'done'" in text
    assert "[recorded 1,024 of 65,536 bytes]" in shown(TimelineLines(upload()))


def test_timeline_says_where_events_were_overwritten() -> None:
    lines = TimelineLines(cancelled())
    assert "1,234 events were overwritten" in drawn(lines)[1]
    assert lines.event(1) is None
    assert lines.text(1) == "1,234 events overwritten"
    event = lines.event(2)
    assert event is not None
    assert event.index == 1
    assert "cancelled: CancelledError" in shown(lines)


def test_pending_calls_grow_with_the_exchange() -> None:
    first = stream()
    lines = TimelineLines(first)
    pending = len(lines) - 1
    assert lines.live(pending)
    assert not lines.live(0)
    assert "800ms" in drawn(lines)[pending]
    assert "waiting in receive()" in drawn(lines)[pending]
    split = replace(first.row.split, client=first.row.split.client + 5_000 * MS)
    lines.update(replace(first, row=replace(first.row, split=split)))
    assert "5.80s" in drawn(lines)[pending]


def test_start_is_known_without_the_scope() -> None:
    exchange = json_api()
    assert started(exchange) == START
    assert started(replace(exchange, events=exchange.events[1:])) == START


def test_conversation_is_in_the_order_of_the_messages() -> None:
    script = http("GET", "/")
    script.pending()
    script.work(5).send("http.response.body", body=b"one", more_body=True)
    script.work(5).send("http.response.body", body=b"", more_body=False)
    lines = MessageLines(script.exchange(9))
    assert [line[10:].split() for line in drawn(lines)] == [
        ["body", "3B", "←", "one"],
        ["5.02ms", "body", "0", "←", "last", "empty"],
    ]
    done = replace(
        script.events[1], type="http.request", returned=START + 6 * MS, size=2,
        payload=encode({"type": "http.request", "body": b"hi"}),
    )  # fmt: skip
    script.events[1] = done
    assert lines.update(script.exchange(9))
    assert [event.index for event in map(lines.event, range(3)) if event] == [2, 1, 3]
    assert not lines.update(script.exchange(9))


def test_conversation_begins_again_when_its_first_events_went() -> None:
    exchange = chat()
    lines = MessageLines(exchange)
    fewer = (exchange.events[0], *exchange.events[5:])
    assert lines.update(replace(exchange, events=fewer, missed=4))
    assert len(lines) == 6
    assert lines.event(0) is exchange.events[5]


def test_messages_of_a_chat() -> None:
    text = shown(MessageLines(chat()))
    for part in (
        "accept",
        "text",
        "もちろん",
        "binary",
        "00 01 02",
        "gone",
        "1006",
        "connection lost",
    ):
        assert part in text


def test_event_in_full() -> None:
    exchange = json_api()
    start = shown(event_lines(exchange.events[2], START))
    assert "the app sent at +11.5ms, call 2, took 20µs" in start
    assert start.count("set-cookie") == 2
    body = shown(event_lines(exchange.events[3], START))
    assert '"name": "Towel"' in body
    scope = shown(event_lines(exchange.events[0], START))
    assert "state.db" in scope
    assert "user-agent" in scope
    pending = shown(event_lines(stream().events[-1], START))
    assert "not returned" in pending
    assert "raised" in shown(event_lines(odd().events[5], START))
    assert "'done'" in shown(event_lines(odd().events[6], START))


def test_exception_in_full() -> None:
    event = failure().events[-1]
    text = shown(event_lines(event, START))
    assert "shop.prices.PriceMissing  no price for 'A-113'" in text
    assert "raise PriceMissing(sku) from error" in text
    assert "caused by\n KeyError  'A-113'" in text
    assert event_text(event).startswith("Traceback")


def test_message_in_full() -> None:
    exchange = chat()
    assert '"from": "mara"' in shown(message_lines(exchange.events[3]))
    assert "00000000  00 01 02" in shown(message_lines(exchange.events[9]))
    assert "1006" in shown(message_lines(exchange.events[10]))
    assert "[recorded 1,024 of 65,536 bytes]" in shown(message_lines(upload().events[1]))


def test_copies() -> None:
    exchange = chat()
    assert event_text(exchange.events[3]).startswith('{"from"')
    assert "path: /chat" in event_text(exchange.events[0])
    assert event_text(exchange.events[10]) == "type: websocket.disconnect\ncode: 1006\nreason: "
    assert event_text(exchange.events[-1]) == "return"


def test_lifespan() -> None:
    text = shown(TimelineLines(lifespan()))
    assert "lifespan scope" in text
    assert "startup.complete" in text
    assert "lifespan.startup.complete" in shown(TimelineLines(lifespan()), 120)


def test_headers_keep_their_order_and_duplicates() -> None:
    fields = request_fields(json_api())
    cookies = [field.value for field in fields if field.label == "cookie"]
    assert cookies == ["a=1; b=2", "session=8f14e45f"]
    labels = [field.label for field in request_fields(odd())]
    assert "app" in labels
    assert "extensions" in labels
    assert request_fields(replace(json_api(), events=()))[1].value.startswith("overwritten")


def test_answers_come_as_they_are_sent() -> None:
    exchange = json_api()
    answers = Answers()
    assert not answers.update(replace(exchange, events=exchange.events[:2]))
    assert answers.fields()[1].value == "nothing sent yet"
    assert answers.update(exchange)
    assert not answers.update(exchange)
    assert [field.label for field in answers.fields()][:3] == [
        "Response headers  200",
        "content-type",
        "content-length",
    ]
    assert answers.broken(replace(exchange, events=exchange.events[1:]))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_content_is_shown_and_not_obeyed(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    text = data.decode("utf-8", "replace")
    script = http("GET", f"/{text}", (data, data), scheme=text, state={text: text})
    script.send("http.response.start", status=200, headers=[[b"content-type", data], [data, data]])
    script.send("http.response.body", body=data * 50, more_body=False)
    script.send("websocket.close", code=1000, reason=text)
    script.send("http.response.debug", info={text: [data]})
    script.raised(type=text, module=text, message=text, traceback=text * 9)
    exchange = script.exchange(9, method=text)
    drawn(TimelineLines(exchange))
    drawn(MessageLines(exchange))
    check(title_line(exchange.row, 80, LOOKS[0]), 80)
    for event in exchange.events:
        drawn(event_lines(event, START))
        for words, _ in summarise(event):
            assert words.isprintable()


@given(st.binary(max_size=3_000))
def test_any_bytes_have_a_preview(data: bytes) -> None:
    assert preview(data).isprintable()
    assert preview(data, text=True).isprintable()


@pytest.mark.parametrize(
    ("data", "binary"),
    [(b"", False), ("日本".encode(), False), ("日".encode()[:2], False), (b"\x00", True),
     (b"\xff\xfe\xfd\xfc\xfb", True), (b"\x1b[31mred", False)],
)  # fmt: skip
def test_binary_or_text(data: bytes, binary: bool) -> None:
    assert is_binary(data) is binary
