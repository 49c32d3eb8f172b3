"""Bodies put together, judged and shown."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.events import Flag, Kind
from asgitrace.store.model import Exchange
from asgitrace.views.body.bodies import Body
from asgitrace.views.body.decoded import Decoded
from asgitrace.views.body.model import Renderer
from asgitrace.views.body.notes import body_note
from asgitrace.views.body.registry import HEX, RENDERERS, choose, doubt
from asgitrace.views.body.shown import BodyLines
from tests.replacing import replace
from tests.tui.detail.samples import Script, http, json_api, odd, stream, upload
from tests.views.drawn import HOSTILE, drawn

BY_NAME = {renderer.name: renderer for renderer in RENDERERS}
NAMES = ("JSON", "Text", "Hex")
"""Those that show anything a piece at a time."""


def body_of(exchange: Exchange, kind: Kind = Kind.SEND) -> Body:
    body = Body(kind)
    body.update(exchange)
    while body.behind:
        body.update(exchange)
    return body


def response(*chunks: bytes, content_type: bytes = b"", encoding: bytes = b"") -> Script:
    headers = [[b"Content-Type", content_type], [b"Content-Encoding", encoding]]
    script = http("GET", "/").send("http.response.start", status=200, headers=headers)
    for index, chunk in enumerate(chunks):
        script.send("http.response.body", body=chunk, more_body=index < len(chunks) - 1)
    return script


def lines_of(body: Body, renderer: Renderer | None = None) -> BodyLines:
    source = Decoded(body)
    return BodyLines(source, renderer or choose(source.sample()))


def chosen(body: Body) -> str:
    return choose(Decoded(body).sample()).name


def note(body: Body) -> tuple[str, str]:
    lines = lines_of(body)
    drawn(lines)
    return body_note(lines.source, lines.decoder)


def shown(body: Body, width: int = 100) -> list[str]:
    return [line.strip() for line in drawn(lines_of(body), width)]


def test_whole_body() -> None:
    body = body_of(json_api())
    assert body.whole
    assert Decoded(body).complete
    assert note(body) == ("application/json · utf-8 · 305 bytes, 1 chunk", "dim")
    assert chosen(body) == "JSON"
    assert '"page": 2' in shown(body)


def test_truncated_chunks_leave_gaps_where_they_were() -> None:
    body = body_of(upload(), Kind.RECEIVE)
    words, style = note(body)
    assert words.startswith("recorded 4,096 of 262,144 bytes, 4 chunks")
    assert style == "warn"
    assert not Decoded(body).complete
    assert chosen(body) == "Hex"
    lines = shown(body)
    assert lines[64] == "… 64,512 bytes not recorded …"
    assert lines[65].startswith("00010000  00 01 02")
    assert lines[-1] == "… 64,512 bytes not recorded …"
    assert len(drawn(lines_of(body, BY_NAME["Text"]))) > 8


def test_a_gap_at_the_start_is_marked() -> None:
    script = response(b"", b"rest", content_type=b"text/plain")
    script.events[-2] = replace(script.events[-2], size=9)
    assert shown(body_of(script.exchange(1))) == ["… 9 bytes not recorded …", "rest"]


def test_thousands_of_gaps_are_not_all_shown() -> None:
    script = response(*[b"x"] * 1_000, content_type=b"text/plain")
    script.events[2:] = [replace(event, size=2) for event in script.events[2:]]
    lines = lines_of(body_of(script.exchange(1)))
    assert "more pieces" in drawn(lines)[-1]
    assert len(lines) < 1_000


def test_stream_that_goes_on() -> None:
    body = body_of(stream())
    assert note(body)[0].endswith("30 chunks · more to come")
    ended = stream()
    body = body_of(replace(ended, row=replace(ended.row, state=json_api().row.state)))
    assert note(body)[0].endswith("ended without a last chunk")


def test_other_notes() -> None:
    assert "1 not sent" in note(body_of(odd()))[0]
    gone = body_of(replace(json_api(), missed=3))
    assert "3 events overwritten" in note(gone)[0]
    script = http("GET", "/").send("http.response.pathsend", path="/srv/x.bin")
    assert "sent a file" in note(body_of(script.exchange(1)))[0]
    assert "not utf-8 throughout" in note(Body.of(b"gr\xfc\xdfe gr", content_type="text/x"))[0]


def test_many_chunks_are_taken_in_by_portions() -> None:
    exchange = response(*[b"x"] * 5_000).exchange(1)
    body = Body(Kind.SEND)
    assert body.update(exchange)
    assert body.behind
    assert not body.ended
    assert body_of(exchange).chunks == 5_000


def test_a_message_by_itself() -> None:
    body = Body.of(b'{"a": 1}', kind=Kind.RECEIVE, size=20, text=True, target="/ws")
    sample = Decoded(body).sample()
    assert (sample.text, sample.request, sample.target) == (True, True, "/ws")
    assert not sample.whole
    assert choose(sample).name == "JSON"
    assert shown(body)[-1] == "… 12 bytes not recorded …"


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=6), st.sampled_from(NAMES))
def test_growing_gives_what_the_whole_gives(chunks: list[bytes], name: str) -> None:
    script = response(*chunks)
    whole = body_of(script.exchange(1))
    growing = Body(Kind.SEND)
    lines = None
    for count in range(3, len(script.events) + 1):
        growing.update(replace(script.exchange(1), events=tuple(script.events[:count])))
        if lines is None:
            lines = lines_of(growing, BY_NAME[name])
            drawn(lines, 33)
        lines.grow()
        drawn(lines, 33)
    assert growing.size == whole.size == len(b"".join(chunks))
    assert lines is not None
    expected = lines_of(whole, BY_NAME[name])
    assert drawn(lines, 33) == drawn(expected, 33)


@pytest.mark.parametrize(
    ("chunk", "content_type", "name", "reason"),
    [
        (b"hello", b"text/plain", "Text", ""),
        (b"hello", b"", "Text", ""),
        (b'{"a": 1}', b"", "JSON", ""),
        (b"3", b"application/problem+json", "JSON", ""),
        (b"\xef\xbb\xbf[1]", b"application/json", "JSON", ""),
        (b"oops", b"application/json", "Text", "not JSON from character 1 on"),
        (b"[1] oops", b"application/json", "Text", "not JSON from character 5 on"),
        (b"{oops", b"", "Text", ""),
        (b"\x00\x01", b"application/octet-stream", "Hex", ""),
        ("grüße".encode("latin-1"), b"text/plain; charset=latin-1", "Text", ""),
        ('{"a": 1}'.encode("utf-16"), b"application/json", "JSON", ""),
    ],
)
def test_choice(chunk: bytes, content_type: bytes, name: str, reason: str) -> None:
    body = body_of(response(chunk, content_type=content_type).exchange(1))
    assert (chosen(body), doubt(Decoded(body).sample())) == (name, reason)
    assert drawn(lines_of(body))


def test_json_that_was_cut_is_a_tree_up_to_there() -> None:
    text = json.dumps({"a": ["x" * 50]}).encode()[:30]
    script = response(text, content_type=b"application/json")
    script.change(flags=script.events[-1].flags | Flag.TRUNCATED, size=60)
    body = body_of(script.exchange(1))
    assert shown(body)[-2:] == ["✗ the recording ends here", "… 30 bytes not recorded …"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_bodies_are_inert(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    body = body_of(response(data, data * 99, content_type=data).exchange(1))
    for renderer in RENDERERS:
        for width in (1, 7, 79):
            drawn(lines_of(body, renderer), width)
    note(body)


def test_begins_again_when_chunks_went() -> None:
    exchange = stream()
    body = body_of(exchange)
    assert not body.broken(exchange)
    assert body.broken(replace(exchange, events=(exchange.events[0], *exchange.events[9:])))


@given(st.binary(max_size=300), st.sampled_from(RENDERERS), st.booleans())
def test_no_renderer_raises_out_of_the_view(data: bytes, renderer: Renderer, text: bool) -> None:
    drawn(lines_of(Body.of(data, text=text), renderer), 40)


def test_hex_shows_everything() -> None:
    assert HEX is RENDERERS[-1]


@pytest.mark.parametrize(
    "data", [b"x" * 3_000_000, b"[" * 30_000, b'{"a":' * 30_000, "日".encode() * 100_000,
             b"<a>" * 100_000, b'<!ENTITY a "&b;&b;&b;">' * 9_000],
    ids=["one line", "deep lists", "deep objects", "wide", "deep elements", "entities"],
)  # fmt: skip
@pytest.mark.parametrize("content_type", ["application/json", "text/html", "application/xml"])
def test_large_bodies(data: bytes, content_type: str) -> None:
    lines = lines_of(Body.of(data, content_type=content_type))
    assert drawn(lines, 79, most=30)
    assert len(lines) > 1
