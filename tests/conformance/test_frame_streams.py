"""Whatever frames come in whatever pieces: sessions end well, apps see messages only."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asgitrace.asgi import Receive, Scope, Send
from tests.conformance.inside import Inside
from tests.server.requirements.ws_checks import (
    BINARY,
    CLOSE,
    DEFLATE,
    PING,
    PONG,
    TEXT,
    deflate,
    frame,
    opening,
)

CODES = {1000, 1002, 1005, 1006, 1007, 1009}
LIMIT = 4096
"""Bytes of a message."""


@dataclass
class Session:
    """What the app went through."""

    heard: list[str | bytes] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)


class Echo:
    """Sends back what it hears."""

    def __init__(self) -> None:
        self.session = Session()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "websocket"
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.accept"})
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                self.session.codes.append(message["code"])
                return
            assert message["type"] == "websocket.receive"
            key = "text" if message.get("text") is not None else "bytes"
            self.session.heard.append(message[key])
            try:
                await send({"type": "websocket.send", key: message[key]})
            except OSError:
                continue


@st.composite
def messages(draw: st.DrawFn) -> tuple[list[bytes], str | bytes]:
    """The frames of one message, with control frames between them, and its content."""
    content: str | bytes = draw(st.one_of(st.text(max_size=50), st.binary(max_size=200)))
    data = content.encode() if isinstance(content, str) else content
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=3)))
    parts = [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    first = TEXT if isinstance(content, str) else BINARY
    frames = []
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        frames.append(frame(0 if number else first, part, fin=last))
        if not last and draw(st.booleans()):
            control = draw(st.sampled_from([PING, PONG]))
            frames.append(frame(control, draw(st.binary(max_size=10))))
    return frames, content


FAULTS = st.sampled_from(
    [
        frame(3, b"a"),
        frame(11),
        frame(TEXT, b"a", rsv=1),
        frame(TEXT, b"a", masked=False),
        frame(0, b"a"),
        frame(PING, b"a", fin=False),
        frame(PING, b"a" * 126),
        frame(CLOSE, b"a"),
        frame(CLOSE, b"\x03\xed"),
        frame(CLOSE, b"\x03\xe8\xff"),
        frame(TEXT, b"\xff\xfe"),
        frame(BINARY, b"a" * (LIMIT + 1)),
        b"\x81\xff" + b"\xff" * 8,
        b"",
    ]
)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """A stream in pieces."""
    cuts = sorted(place % (len(data) + 1) for place in places)
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]


PLACES = st.lists(st.integers(0, 10_000), max_size=6)


def parse(data: bytes) -> list[tuple[int, bytes]]:
    """The server's frames: whole, unmasked, unfragmented, nothing after a Close."""
    found: list[tuple[int, bytes]] = []
    at = 0
    while at < len(data):
        assert not found or found[-1][0] != CLOSE
        assert data[at] & 0x80, "a fragment"
        size, start = data[at + 1], at + 2
        assert size < 128, "masked"
        if size == 126:
            size, start = int.from_bytes(data[at + 2 : at + 4]), at + 4
        assert start + size <= len(data)
        found.append((data[at] & 15, data[start : start + size]))
        at = start + size
    return found


@pytest.fixture(scope="module")
def inside() -> Iterator[Inside]:
    made = Inside(Echo(), ws_max_size=LIMIT, ws_ping_interval=None)
    yield made
    made.close()


def talk(
    inside: Inside, sent: list[bytes], extensions: bytes = b"", *, eof: bool = True
) -> tuple[Session, list[tuple[int, bytes]]]:
    """What the app heard, and the frames that came back."""
    echo: Any = inside.service.app
    echo.session = Session()
    start = opening(sec_websocket_extensions=extensions) if extensions else opening()
    data = inside.run(inside.talk([start, *sent], eof=eof))
    head, end, frames = data.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101 ")
    assert end
    session: Session = echo.session
    assert len(session.codes) == 1, "told of the end once"
    assert session.codes[0] in CODES
    return session, parse(frames)


def said(frames: list[tuple[int, bytes]]) -> list[str | bytes]:
    """The messages among the frames."""
    return [
        payload.decode() if opcode == TEXT else payload
        for opcode, payload in frames
        if opcode in (TEXT, BINARY)
    ]


@settings(max_examples=150, deadline=None)
@given(wanted=st.lists(messages(), max_size=6), places=PLACES)
def test_valid_messages(
    inside: Inside, wanted: list[tuple[list[bytes], str | bytes]], places: list[int]
) -> None:
    stream = b"".join(part for frames, _ in wanted for part in frames)

    session, frames = talk(inside, cut(stream + frame(CLOSE, b"\x03\xe8"), places), eof=False)

    assert session.heard == [content for _, content in wanted]
    assert said(frames) == session.heard[: len(said(frames))]
    assert frames[-1] == (CLOSE, b"\x03\xe8")
    assert session.codes == [1000]


@settings(max_examples=200, deadline=None)
@given(
    before=st.lists(messages(), max_size=3),
    fault=FAULTS,
    after=st.lists(messages(), max_size=2),
    places=PLACES,
)
def test_a_fault(
    inside: Inside,
    before: list[tuple[list[bytes], str | bytes]],
    fault: bytes,
    after: list[tuple[list[bytes], str | bytes]],
    places: list[int],
) -> None:
    stream = b"".join(part for frames, _ in before for part in frames)
    late = b"".join(part for frames, _ in after for part in frames)

    session, frames = talk(inside, cut(stream + fault + late, places))

    wanted = [content for _, content in (before if fault else before + after)]
    assert session.heard == wanted
    assert said(frames) == wanted[: len(said(frames))]


@settings(max_examples=150, deadline=None)
@given(stream=st.binary(max_size=200), places=PLACES, compressed=st.booleans())
def test_any_bytes(inside: Inside, stream: bytes, places: list[int], compressed: bool) -> None:
    talk(inside, cut(stream, places), DEFLATE if compressed else b"")


@settings(max_examples=100, deadline=None)
@given(
    content=st.binary(max_size=300),
    noise=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 255)), max_size=2),
    places=PLACES,
)
def test_compressed_with_faults(
    inside: Inside, content: bytes, noise: list[tuple[int, int]], places: list[int]
) -> None:
    payload = bytearray(deflate(content))
    for place, byte in noise:
        payload[place % len(payload)] = byte
    stream = frame(BINARY, bytes(payload), rsv=4) + frame(CLOSE, b"\x03\xe8")

    session, frames = talk(inside, cut(stream, places), DEFLATE, eof=False)

    assert len(session.heard) <= 1
    assert noise or session.heard == [content]
    assert frames[-1][0] == CLOSE
