"""Server-sent events."""

import pytest

from asgitrace.views.body.model import Rating
from asgitrace.views.body.sse import RENDERER, parse_event
from tests.views.body.rendered import lines_of, rate, rendered, sample_of
from tests.views.drawn import LOOKS, drawn


def test_shows_each_event_on_a_line() -> None:
    data = (
        b"\xef\xbb\xbf: welcome\n\n"
        b'event: delta\nid: 4\ndata: {"a": [1]}\n\n'
        b"retry: 3000\r\n\r\n"
        b"data: one\rdata:two\rretry: 5\r\r\n"
        b"id\n\n"
        b"event: nothing\nodd line\n\n"
        b"data\n\n"
    )
    assert rendered(RENDERER, data) == [
        "      1  : welcome",
        ' ▸    2  delta           id 4     {"a": [1]}',
        "      3  retry 3000 ms",
        " ▸    4  message         retry 5  one·two",
        "      5  id",
        " ▸    6  event nothing  odd line",
        " ▸    7  message",
    ]


def test_an_event_opens_to_its_fields_and_data() -> None:
    data = b': c\nevent: delta\nid: 4\nretry: 9\nwhat: x\ndata: {"a":\ndata: 1}\n\n'
    lines = lines_of(RENDERER, data, sample_of(data))
    assert lines.toggle(0)
    assert [line.strip() for line in drawn(lines)[1:]] == [
        "event     delta", "id        4", "retry     9 ms", "comment   c", "no field  what: x",
        "data  8 bytes", "▾ {", '"a": 1', "}",
    ]  # fmt: skip
    assert lines.text(0) == data.decode().removesuffix("\n\n")


def test_says_when_the_last_event_is_lost() -> None:
    shown = rendered(RENDERER, b"data: a\n\ndata: b")
    assert shown[1:] == [
        " ▸    2  message         b",
        " ✗ the stream ends in the middle of an event, which browsers drop, at byte 16, "
        "after 2 records",
    ]


def test_grows_by_whole_events() -> None:
    part = RENDERER.part(sample_of(b"", ended=False))
    part.feed(b"data: a\r\n\r", final=False)
    part.feed(b"\ndata: b", final=False)
    assert len(part.lines) == 1
    part.feed(b"b\n\n", final=False)
    assert drawn(part.lines)[1].endswith("bb")


def test_hostile_text_stays_inert() -> None:
    data = b"event: \x1b[31m\xe2\x80\xae\ndata: \xff\x9b[/]\nid: \x00\n\n"
    for look in LOOKS:
        drawn(lines_of(RENDERER, data, sample_of(data)), 60, look)


def test_reads_fields_as_the_standard_says() -> None:
    event = parse_event(b"data:  two spaces\ndata\nid:\nevent: a: b")
    assert event.data == [" two spaces", ""]
    assert event.id == ""
    assert event.name == "a: b"


@pytest.mark.parametrize(
    ("data", "kind", "rating"),
    [
        (b"", "text/event-stream", Rating.EXACT),
        (b"data: x\n\n", "text/plain", Rating.ABLE),
        (b": x\n", "", Rating.ABLE),
        (b"hello", "text/plain", Rating.NO),
    ],
)
def test_is_chosen_by_type(data: bytes, kind: str, rating: Rating) -> None:
    assert rate(RENDERER, data, kind) is rating
