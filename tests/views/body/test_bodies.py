"""Bodies put together and shown."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.events import Flag, Kind
from asgitrace.store.model import Exchange
from asgitrace.views.body.bodies import Body, body_note, charset
from asgitrace.views.body.renderers import HEX, JSON, RENDERERS, TEXT, choose
from tests.tui.detail.samples import Script, http, json_api, odd, stream, upload
from tests.views.drawn import HOSTILE, drawn


def body_of(exchange: Exchange, kind: Kind = Kind.SEND) -> Body:
    body = Body(kind)
    body.update(exchange)
    return body


def response(*chunks: bytes, content_type: bytes = b"", encoding: bytes = b"") -> Script:
    headers = [[b"Content-Type", content_type], [b"Content-Encoding", encoding]]
    script = http("GET", "/").send("http.response.start", status=200, headers=headers)
    for index, chunk in enumerate(chunks):
        script.send("http.response.body", body=chunk, more_body=index < len(chunks) - 1)
    return script


def shown(body: Body, width: int = 100) -> list[str]:
    return [line.strip() for line in drawn(choose(body)[0].lines(body), width)]


def test_whole_body() -> None:
    body = body_of(json_api())
    assert body.whole
    assert body_note(body) == ("application/json · 305 bytes, 1 chunk", "dim")
    assert choose(body) == (JSON, "")
    assert '"page": 2' in shown(body)


def test_truncated_chunks_leave_gaps_where_they_were() -> None:
    body = body_of(upload(), Kind.RECEIVE)
    note, style = body_note(body)
    assert "recorded 4,096 of 262,144 bytes, 4 chunks" in note
    assert style == "warn"
    assert choose(body)[0] is HEX
    lines = shown(body)
    assert lines[64] == "… 64,512 bytes not recorded …"
    assert lines[65].startswith("00010000  00 01 02")
    assert lines[-1] == "… 64,512 bytes not recorded …"
    assert len(drawn(TEXT.lines(body))) > 8


def test_stream_that_goes_on() -> None:
    body = body_of(stream())
    assert body_note(body)[0].endswith("30 chunks · more to come")
    ended = stream()
    body = body_of(replace(ended, row=replace(ended.row, state=json_api().row.state)))
    assert body_note(body)[0].endswith("ended without a last chunk")


def test_other_notes() -> None:
    assert "1 not sent" in body_note(body_of(odd()))[0]
    gone = body_of(replace(json_api(), missed=3))
    assert "3 events overwritten" in body_note(gone)[0]
    packed = body_of(response(b"\x1f\x8b\x08", encoding=b"gzip").exchange(1))
    assert "content-encoding: gzip, shown as sent" in body_note(packed)[0]
    assert choose(packed)[0] is HEX
    script = http("GET", "/").send("http.response.pathsend", path="/srv/x.bin")
    assert "sent a file" in body_note(body_of(script.exchange(1)))[0]


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=6), st.sampled_from(RENDERERS))
def test_growing_gives_what_the_whole_gives(chunks: list[bytes], renderer: object) -> None:
    script = response(*chunks)
    whole = body_of(script.exchange(1))
    growing = Body(Kind.SEND)
    lines = None
    for count in range(3, len(script.events) + 1):
        growing.update(replace(script.exchange(1), events=tuple(script.events[:count])))
        if lines is None:
            lines = renderer.lines(growing)  # type: ignore[attr-defined]
            drawn(lines, 33)
        lines.grow()
        drawn(lines, 33)
    assert growing.size == whole.size == len(b"".join(chunks))
    assert lines is not None
    expected = renderer.lines(whole)  # type: ignore[attr-defined]
    assert drawn(lines, 33) == drawn(expected, 33)


@pytest.mark.parametrize(
    ("chunk", "content_type", "renderer", "reason"),
    [
        (b"hello", b"text/plain", TEXT, ""),
        (b"hello", b"", TEXT, ""),
        (b'{"a": 1}', b"", JSON, ""),
        (b"3", b"application/problem+json", JSON, ""),
        (b"\xef\xbb\xbf[1]", b"application/json", JSON, ""),
        (b"oops", b"application/json", TEXT, "not JSON from character 1 on"),
        (b"{oops", b"", TEXT, ""),
        (b"\x00\x01", b"application/octet-stream", HEX, ""),
        (b"{\x00\x01", b"image/png", HEX, ""),
        ("grüße".encode("latin-1"), b"text/plain; charset=latin-1", TEXT, ""),
    ],
)
def test_choice(chunk: bytes, content_type: bytes, renderer: object, reason: str) -> None:
    body = body_of(response(chunk, content_type=content_type).exchange(1))
    assert choose(body) == (renderer, reason)
    assert drawn(choose(body)[0].lines(body))


def test_json_that_is_too_large_is_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asgitrace.views.body.renderers.LIMIT", 1_000)
    text = b"[" + b"1," * 1_000 + b"1]"
    body = body_of(response(text, content_type=b"application/json").exchange(1))
    assert choose(body) == (TEXT, "larger than 4 MiB")
    assert drawn(JSON.lines(body))[-1].endswith("the tree ends here: larger than 4 MiB")


def test_json_that_was_cut_is_a_tree_up_to_there() -> None:
    text = json.dumps({"a": ["x" * 50]}).encode()[:30]
    script = response(text, content_type=b"application/json")
    script.change(flags=script.events[-1].flags | Flag.TRUNCATED, size=60)
    body = body_of(script.exchange(1))
    assert shown(body)[-2:] == ["✗ the recording ends here", "… 30 bytes not recorded …"]


@pytest.mark.parametrize(
    ("content_type", "name"),
    [
        ("text/html", "utf-8"),
        ('text/html; Charset="UTF-16"', "UTF-16"),
        ("text/html; a=b; charset='x'", "x"),
        ("; charset=", "utf-8"),
    ],
)
def test_charset(content_type: str, name: str) -> None:
    assert charset(content_type) == name


@pytest.mark.parametrize(
    "name", ["utf-16", "utf-32", "no-such", "hex", "rot13", "idna", "punycode", "undefined", "zlib",
             "\\", "a.b", "unicode_escape", "utf-7", "utf-8-sig", "x" * 300],
)  # fmt: skip
def test_no_charset_harms(name: str) -> None:
    content_type = f"text/plain; charset={name}".encode()
    for data in (bytes(range(256)), b"+\\u \\x41 \\", b"\xff" * 9):
        body = body_of(response(data, data, content_type=content_type).exchange(1))
        assert drawn(TEXT.lines(body))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_bodies_are_inert(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    body = body_of(response(data, data * 99, content_type=data).exchange(1))
    for renderer in RENDERERS:
        for width in (1, 7, 79):
            drawn(renderer.lines(body), width)
    body_note(body)


def test_begins_again_when_chunks_went() -> None:
    exchange = stream()
    body = body_of(exchange)
    assert not body.broken(exchange)
    assert body.broken(replace(exchange, events=(exchange.events[0], *exchange.events[9:])))
