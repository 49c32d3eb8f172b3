"""Two exchanges compared: sections, rows, lines."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asgitrace.ring import encode
from asgitrace.store.model import Exchange
from asgitrace.views.compare import CompareLines, Comparison
from asgitrace.views.compare.model import EventRow, Mark, Row, Section
from tests.replacing import replace
from tests.tui.detail.samples import all_exchanges, http, websocket
from tests.views.drawn import HOSTILE, LOOKS, drawn, widths

Headers = list[list[bytes]]


def compared(left: Exchange, right: Exchange) -> Comparison:
    comparison = Comparison(left, right)
    for _ in range(100_000):
        if not comparison.work():
            return comparison
    raise AssertionError("it has no end")


def section(comparison: Comparison, title: str) -> Section:
    return next(found for found in comparison.sections if found.title == title)


def told(found: Section) -> list[tuple[str, str | None, str | None]]:
    """The differences of a section with values."""
    return [
        (row.label, row.left, row.right)
        for row in found.rows
        if isinstance(row, Row) and row.mark.differs
    ]


def answered(
    body: bytes,
    kind: bytes = b"application/json",
    *,
    status: int = 200,
    more: Headers | None = None,
    chunks: int = 1,
) -> Exchange:
    script = http("GET", "/x").receive("http.request", body=b"", more_body=False)
    headers = [[b"content-type", kind], *(more or [])]
    script.send("http.response.start", status=status, headers=headers)
    size = -(-len(body) // chunks) or 1
    pieces = [body[at : at + size] for at in range(0, len(body), size)] or [b""]
    for piece in pieces:
        script.work(1).send("http.response.body", body=piece, more_body=piece is not pieces[-1])
    return script.done().exchange(1)


def bodies(left: bytes, right: bytes, kind: bytes = b"application/json") -> Section:
    return section(compared(answered(left, kind), answered(right, kind)), "Response body")


@pytest.mark.parametrize("exchange", all_exchanges(), ids=lambda found: found.row.path)
def test_an_exchange_does_not_differ_from_itself(exchange: Exchange) -> None:
    other = replace(exchange, row=replace(exchange.row, number=99))
    assert compared(exchange, other).differences == 0


def test_any_two_can_be_compared_and_drawn() -> None:
    samples = all_exchanges()
    for left, right in zip(samples, [*samples[1:], samples[0]], strict=True):
        comparison = compared(left, right)
        assert comparison.differences
        for width in widths():
            for only in (False, True):
                lines = CompareLines(comparison)
                lines.show_only(only)
                drawn(lines, width, LOOKS[width % len(LOOKS)])
                for index in range(len(lines)):
                    lines.text(index)


def test_headers_by_name_and_order() -> None:
    left: Headers = [[b"Vary", b"a"], [b"set-cookie", b"a=1"], [b"set-cookie", b"b=2"]]
    right: Headers = [[b"set-cookie", b"b=2"], [b"vary", b"a"], [b"x-new", b"\xff"]]
    found = section(
        compared(answered(b"", more=left), answered(b"", more=right)), "Response headers"
    )
    assert told(found) == [
        ("Vary / vary", "a", "a"),
        ("set-cookie", "a=1", None),
        ("x-new", None, "\\xff"),
    ]


def test_the_order_of_headers() -> None:
    left: Headers = [[b"a", b"1"], [b"b", b"2"]]
    found = section(
        compared(answered(b"", more=left), answered(b"", more=left[::-1])), "Response headers"
    )
    assert told(found) == [("order", "content-type, a, b", "content-type, b, a")]


def test_bytes_that_look_like_the_text_of_others() -> None:
    left, right = answered(b"", more=[[b"a", b"\\xff"]]), answered(b"", more=[[b"a", b"\xff"]])
    assert told(section(compared(left, right), "Response headers")) == [("a", "\\xff", "\\xff")]


def test_json_by_structure() -> None:
    found = bodies(b'{"a": 1, "b": [1, 2]}', b'{"b": [1, 2, 3], "a": 1}')
    assert found.how == "by structure"
    assert told(found)[1:] == [("b[2]", None, "3")]


def test_json_whose_bytes_alone_differ() -> None:
    found = bodies(b'{"a": 1, "b": 2}', b'{"b": 2, "a": 1}')
    assert not found.differences
    assert "What they say is the same" in found.notes[0]


def test_text_by_lines() -> None:
    found = bodies(b"one\ntwo\nthree\n", b"one\n2\nthree\nfour\n", b"text/plain")
    assert found.how == "by lines"
    assert told(found)[1:] == [("2 2", "two", "2"), ("  4", None, "four")]


TEXTS = st.lists(st.text("ab\r", max_size=3), max_size=8).map("\n".join)


@given(TEXTS, TEXTS)
@settings(max_examples=50, deadline=None)
def test_the_lines_of_both_texts_can_be_had_of_the_rows(left: str, right: str) -> None:
    found = bodies(f"{left}!".encode(), f"{right}!".encode(), b"text/plain")
    left, right = f"{left}!", f"{right}!"
    rows = [row for row in found.rows if isinstance(row, Row)][1:]
    if left != right and found.how == "by lines":
        assert "\n".join(row.left for row in rows if row.left is not None) == left
        assert "\n".join(row.right for row in rows if row.right is not None) == right
        assert all((row.left != row.right) is row.mark.differs for row in rows)
    assert bool(found.differences) is (left != right)


@given(st.binary(max_size=80), st.integers(0, 79), st.integers(1, 255))
def test_the_first_byte_that_differs(data: bytes, place: int, change: int) -> None:
    data = b"\0" + data
    place %= len(data)
    other = data[:place] + bytes([data[place] ^ change]) + data[place + 1 :]
    found = bodies(data, other, b"application/octet-stream")
    if not found.differences:
        return
    if found.how == "by bytes":
        assert f"byte {place:,} " in str(next(row for row in found.rows[1:]))


def test_ten_megabytes() -> None:
    line = b"x" * 99 + b"\n"
    left = line * 105_000
    right = left[: 50_000 * 100] + b"y" + left[50_000 * 100 + 1 :]
    found = bodies(left, right, b"text/plain")
    assert found.differences == 1
    one = bodies(left.replace(b"\n", b" "), right.replace(b"\n", b" "), b"text/plain")
    assert one.differences == 1
    assert any("compared up to" in note for note in one.notes)


def test_what_was_not_recorded_is_said() -> None:
    cut = all_exchanges()[3]
    notes = section(compared(cut, answered(b"x")), "Request body").notes
    assert notes[0].startswith("On the left: recorded 4,096 of 262,144 bytes")


def events(left: Exchange, right: Exchange) -> list[tuple[str | None, Mark]]:
    found = section(compared(left, right), "Events")
    rows = [row for row in found.rows if isinstance(row, EventRow)]
    return [((row.left or row.right).type, row.mark) for row in rows]  # type: ignore[union-attr]


def test_events_by_type() -> None:
    left, right = answered(b"abc"), answered(b"abcd", status=404, chunks=2)
    assert events(left, right) == [
        (None, Mark.SAME),
        ("http.request", Mark.SAME),
        ("http.response.start", Mark.CHANGED),
        ("http.response.body", Mark.CHANGED),
        ("http.response.body", Mark.ADDED),
        (None, Mark.SAME),
    ]


def talk(*said: str) -> Exchange:
    script = websocket().receive("websocket.connect").send("websocket.accept", headers=[])
    for text in said:
        script.work(10).receive("websocket.receive", text=text).send("websocket.send", text=text)
    return script.done().exchange(1)


def test_messages_by_direction_and_content() -> None:
    assert events(talk("a", "b", "c"), talk("a", "x", "b", "c"))[3:] == [
        ("websocket.receive", Mark.SAME),
        ("websocket.send", Mark.SAME),
        ("websocket.receive", Mark.ADDED),
        ("websocket.send", Mark.ADDED),
        ("websocket.receive", Mark.SAME),
        ("websocket.send", Mark.SAME),
        ("websocket.receive", Mark.SAME),
        ("websocket.send", Mark.SAME),
        (None, Mark.SAME),
    ]


def test_where_the_time_went() -> None:
    left = http("GET", "/").receive("http.request", body=b"").work(5)
    right = http("GET", "/").receive("http.request", body=b"").work(45)
    pair = [
        script.send("http.response.start", status=200, headers=[]).done().exchange(1)
        for script in (left, right)
    ]
    rows = section(compared(*pair), "Events").rows
    shifts = [row.shift for row in rows if isinstance(row, EventRow)]
    assert shifts == [0, 0, 40_000_000, 0]


def test_many_events() -> None:
    script = http("GET", "/").send("http.response.start", status=200, headers=[])
    script.send("http.response.body", body=b"x", more_body=True)
    first = script.events[-1]
    head = script.events[:-1]
    many = tuple(replace(first, index=n, call=n) for n in range(2, 30_000))
    whole = script.exchange(1)
    left = replace(whole, events=(*head, *many))
    right = replace(whole, events=(*head, *many[:-10_000]))
    comparison = compared(left, right)
    assert section(comparison, "Events").differences == 10_000
    lines = CompareLines(comparison)
    lines.reflow(100)
    steps = 0
    while lines.work():
        steps += 1
    assert steps > 10
    assert lines.difference(0, 1) is not None


# The lines


def lines_of(left: Exchange, right: Exchange, width: int = 100) -> CompareLines:
    lines = CompareLines(compared(left, right))
    drawn(lines, width)
    return lines


def test_from_difference_to_difference() -> None:
    lines = lines_of(answered(b"abc"), answered(b"abcd", status=404))
    found = []
    index: int | None = 0
    while index is not None and (index := lines.difference(index, 1)) is not None:
        found.append(index)
    assert len(found) == lines.comparison.differences
    assert lines.difference(found[1], -1) == found[0]
    assert lines.difference(found[0], -1) is None
    assert all(lines.row(index).mark.differs for index in found)  # type: ignore[union-attr]


def test_folding() -> None:
    lines = lines_of(answered(b"abc"), answered(b"abcd", status=404))
    before = len(lines)
    assert lines.parent(3) == 0
    assert lines.toggle(0)
    assert len(lines) < before
    assert not lines.toggle(0, False)
    assert lines.toggle(0, True)
    assert len(lines) == before
    assert not lines.toggle(1)


def test_differences_only() -> None:
    lines = lines_of(answered(b"abc"), answered(b"abcd", status=404))
    everything = [lines.searched(index) for index in range(len(lines))]
    place = lines.place(lines.difference(0, 1) or 0)
    lines.show_only(True)
    some = [lines.searched(index) for index in range(len(lines))]
    assert set(some) < set(everything)
    assert lines.reaches(place)
    assert lines.place(lines.nearest(place)) == place


def test_a_long_value_is_cut_around_what_differs() -> None:
    left = json.dumps({"a": "x" * 5_000 + "1" + "x" * 5_000}).encode()
    right = json.dumps({"a": "x" * 5_000 + "2" + "x" * 5_000}).encode()
    assert bodies(left, right).differences == 1
    text = bodies(left + b"\n,", right + b"\n,", b"text/plain")
    lines = CompareLines(compared(answered(left + b",", b"text/plain"),
                                  answered(right + b",", b"text/plain")))  # fmt: skip
    shown = "\n".join(drawn(lines, 120))
    assert text.differences == 1
    assert "x1x" in shown
    assert "x2x" in shown


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_content(text: str) -> None:
    evil = text.encode("utf-8", "replace")
    text = evil.decode()
    left = answered(evil + b"\n1", b"text/plain", more=[[evil, evil]])
    right = answered(evil + b"\n2" + evil, b"text/plain", more=[[evil, evil + b"x"]])
    for one, other in ((left, right), (talk(text), talk(text + "!"))):
        lines = CompareLines(compared(one, other))
        for width in (40, 120):
            drawn(lines, width)


@given(st.binary(max_size=30), st.binary(max_size=30))
@settings(max_examples=40, deadline=None)
def test_any_content(left: bytes, right: bytes) -> None:
    pair = (answered(each, b"application/json", more=[[each, each]]) for each in (left, right))
    comparison = compared(*pair)
    assert bool(comparison.differences) is (left != right)
    drawn(CompareLines(comparison), 90)


def test_scopes() -> None:
    left, right = http("GET", "/a", root_path="/v1"), http("GET", "/a", extra={"x": 1})
    found = section(compared(left.exchange(1), right.exchange(2)), "Scope")
    assert told(found) == [("root_path", "/v1", "(empty)"), ("extra.x", None, "1")]
    odd = left.exchange(1)
    event = replace(odd.events[0], payload=encode("no scope"))
    found = section(compared(odd, replace(odd, events=(event,))), "Scope")
    assert ("scope", None, "no scope") in told(found)
    gone = replace(odd, events=odd.events[1:], missed=1)
    assert "overwritten" in section(compared(odd, gone), "Scope").notes[0]
