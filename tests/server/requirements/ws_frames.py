"""RFC 6455 sections 5, 8 and 10: frames, fragments, UTF-8, limits."""

import struct
from typing import Final

from tests.server.requirements.bench import Bench
from tests.server.requirements.model import Level, Requirement, rows
from tests.server.requirements.ws_checks import (
    BINARY,
    CLOSE,
    PING,
    PONG,
    TEXT,
    Frame,
    Socket,
    echoes,
    fails,
    frame,
)

must = rows(6455, Level.MUST)
should = rows(6455, Level.SHOULD)
ours = rows(6455, Level.OURS)

KAPPA = "\u03ba\u1f79\u03c3\u03bc\u03b5".encode()
"""Letters of two and three bytes."""


def pieces(text: bytes, size: int = 1) -> list[bytes]:
    """A text message in fragments of so many bytes."""
    parts = [text[at : at + size] for at in range(0, len(text), size)]
    last = len(parts) - 1
    return [frame(0 if at else TEXT, part, fin=at == last) for at, part in enumerate(parts)]


def byte_by_byte(bench: Bench) -> None:
    """A frame in pieces of one byte."""
    with bench.connect() as peer:
        socket = Socket(peer)
        for byte in frame(TEXT, b"a" * 200):
            socket.send(bytes([byte]))
        assert socket.message() == Frame(TEXT, b"a" * 200)


def sizes(bench: Bench) -> None:
    """All three forms of a length, in both directions; `Socket` asserts that they are minimal."""
    with bench.connect() as peer:
        socket = Socket(peer)
        for size in (0, 1, 125, 126, 127, 65535, 65536, 200_000):
            socket.send(frame(BINARY, b"x" * size))
            assert socket.message() == Frame(BINARY, b"x" * size)


def frames_in_order(bench: Bench) -> None:
    """Pings and messages mixed."""
    with bench.connect() as peer:
        socket = Socket(peer)
        socket.send(*(frame(TEXT, b"%d" % number) for number in range(100)))
        assert [socket.message().payload for _ in range(100)] == [b"%d" % n for n in range(100)]


def oversized(bench: Bench) -> None:
    """A message over the limit, which its length tells at once."""
    with bench.connect() as peer:
        socket = Socket(peer, b"/big")
        socket.send(b"\x82\xff" + struct.pack("!Q", 2**40) + b"abcd")
        assert socket.message().code == 1009


def oversized_in_fragments(bench: Bench) -> None:
    """A message over the limit, in fragments under it."""
    with bench.connect() as peer:
        socket = Socket(peer, b"/big")
        half = b"a" * (9 * 1024 * 1024)
        socket.send(frame(BINARY, half, fin=False))
        socket.send(frame(0, half))
        assert socket.message().code == 1009


def between(bench: Bench) -> None:
    """A ping between two fragments."""
    with bench.connect() as peer:
        socket = Socket(peer)
        socket.send(frame(TEXT, b"a", fin=False), frame(PING, b"p"), frame(0, b"b"))
        assert [socket.message(), socket.message()] == [Frame(PONG, b"p"), Frame(TEXT, b"ab")]


FRAMES: Final[tuple[Requirement, ...]] = (
    must(
        "5.1",
        "unmasked",
        "A client's frame that is not masked: 1002.",
        fails(frame(TEXT, b"a", masked=False), code=1002),
    ),
    must(
        "5.1",
        "server-unmasked",
        "The server's frames are not masked.",
        echoes(frame(TEXT, b"a"), expect=Frame(TEXT, b"a")),
    ),
    *(
        must(
            "5.2",
            f"rsv-{bits}",
            f"A reserved bit ({bits:03b}) without an extension: 1002.",
            fails(frame(TEXT, b"a", rsv=bits), code=1002),
        )
        for bits in range(1, 8)
    ),
    *(
        must(
            "5.2",
            f"opcode-{opcode:x}",
            f"The opcode {opcode:#x} is reserved: 1002.",
            fails(frame(opcode, b"a"), code=1002),
        )
        for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)
    ),
    must("5.2", "sizes", "Lengths have 7, 16 and 64 bits, as few as needed.", sizes),
    must(
        "5.2",
        "length-msb",
        "The top bit of a 64-bit length is 0: 1002.",
        fails(b"\x81\xff" + b"\xff" * 8 + b"abcd", code=1002),
    ),
    must(
        "5.2",
        "not-minimal-16",
        "A length in more bits than needed: 1002.",
        fails(frame(TEXT, b"a", width=16), code=1002),
    ),
    must("5.2", "not-minimal-64", "However many.", fails(frame(TEXT, b"a", width=64), code=1002)),
    must("5.2", "stream", "A frame may come byte by byte.", byte_by_byte),
    must(
        "5.4",
        "fragments",
        "A message in fragments is one message.",
        echoes(*pieces(b"fragments"), expect=Frame(TEXT, b"fragments")),
    ),
    must(
        "5.4",
        "empty-fragments",
        "Fragments may be empty.",
        echoes(
            frame(TEXT, fin=False), frame(0, b"a", fin=False), frame(0), expect=Frame(TEXT, b"a")
        ),
    ),
    must("5.4", "empty", "And so may messages.", echoes(frame(BINARY), expect=Frame(BINARY, b""))),
    must(
        "5.4",
        "control-between",
        "A control frame may come between fragments.",
        between,
    ),
    must(
        "5.4", "no-beginning", "A continuation of nothing: 1002.", fails(frame(0, b"a"), code=1002)
    ),
    must(
        "5.4",
        "no-end",
        "A new message within another: 1002.",
        fails(frame(TEXT, b"a", fin=False), frame(TEXT, b"b"), code=1002),
    ),
    must("5.4", "order", "Messages keep their order.", frames_in_order),
    *(
        must(
            "5.5",
            f"fragmented-{name}",
            f"A {name} frame in fragments: 1002.",
            fails(frame(opcode, b"", fin=False), code=1002),
        )
        for name, opcode in {"close": CLOSE, "ping": PING, "pong": PONG}.items()
    ),
    *(
        must(
            "5.5",
            f"long-{name}",
            f"A {name} frame of more than 125 bytes: 1002.",
            fails(frame(opcode, b"\x03\xe8" + b"a" * 124), code=1002),
        )
        for name, opcode in {"close": CLOSE, "ping": PING, "pong": PONG}.items()
    ),
    must(
        "5.5.2",
        "ping",
        "A ping is answered with its payload.",
        echoes(frame(PING, b"\x00\xff" * 62), expect=Frame(PONG, b"\x00\xff" * 62)),
    ),
    must("5.5.2", "empty-ping", "It may be empty.", echoes(frame(PING), expect=Frame(PONG, b""))),
    must(
        "5.5.3",
        "pong",
        "A pong that nobody asked for is ignored.",
        echoes(frame(PONG, b"a"), frame(TEXT, b"b"), expect=Frame(TEXT, b"b")),
    ),
    must("5.6", "utf8", "Text is UTF-8.", echoes(frame(TEXT, KAPPA), expect=Frame(TEXT, KAPPA))),
    must(
        "5.6",
        "binary",
        "Binary messages are any bytes.",
        echoes(frame(BINARY, b"\xff\x00"), expect=Frame(BINARY, b"\xff\x00")),
    ),
    must(
        "8.1",
        "utf8-fragments",
        "A letter may be split between fragments.",
        echoes(*pieces(KAPPA), expect=Frame(TEXT, KAPPA)),
    ),
    *(
        must(
            "8.1",
            f"not-utf8-{name}",
            f"Text that is not UTF-8 ({text.hex()}): 1007.",
            fails(frame(TEXT, text), code=1007),
        )
        for name, text in {
            "byte": b"\xff",
            "surrogate": b"\xed\xa0\x80",
            "overlong": b"\xc0\xaf",
            "beyond": b"\xf4\x90\x80\x80",
            "cut": KAPPA[:-1],
            "continuation": b"\x80",
        }.items()
    ),
    must(
        "8.1",
        "not-utf8-fragments",
        "Also in fragments.",
        fails(frame(TEXT, b"a\xc3", fin=False), frame(0, b"\x28"), code=1007),
    ),
    must("10.4", "too-big", "A message over the limit: 1009, before it has come.", oversized),
    must("10.4", "too-big-fragments", "Fragments count together.", oversized_in_fragments),
)


REQUIREMENTS: Final = FRAMES
