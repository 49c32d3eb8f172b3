"""RFC 7692: compression of messages."""

import zlib
from typing import Final

from tests.server.requirements.bench import Bench
from tests.server.requirements.model import Check, Level, Requirement, rows
from tests.server.requirements.ws_checks import (
    BINARY,
    DEFLATE,
    PING,
    PONG,
    TEXT,
    Socket,
    deflate,
    fails,
    frame,
    inflate,
    offered,
)
from tests.server.requirements.ws_handshake import unnamed

must = rows(7692, Level.MUST)
should = rows(7692, Level.SHOULD)
ours = rows(7692, Level.OURS)


def unlimited(bench: Bench) -> None:
    """An offer without client_max_window_bits."""
    with bench.connect() as peer:
        assert "client_max_window_bits" not in Socket(peer, extensions=DEFLATE).extensions


def compressed(*frames: bytes, parameters: bytes = b"", expect: bytes = b"hello" * 20) -> Check:
    """These frames are one message; so is the answer, whose fragments have RSV1 as they must."""

    def check(bench: Bench) -> None:
        with bench.connect() as peer:
            socket = Socket(peer, extensions=DEFLATE + parameters)
            socket.send(*frames)
            found = socket.message()
            content = inflate(found.payload) if found.rsv == 4 else found.payload
            assert (content, found.rsv & 3) == (expect, 0)

    return check


def takeover(bench: Bench) -> None:
    """The same message twice: the second may refer to the first, in both directions."""
    out, back = zlib.compressobj(wbits=-15), zlib.decompressobj(wbits=-15)
    with bench.connect() as peer:
        socket = Socket(peer, extensions=DEFLATE)
        for _ in range(3):
            text = bytes(range(32, 127)) * 3
            data = out.compress(text) + out.flush(zlib.Z_SYNC_FLUSH)
            socket.send(frame(TEXT, data[:-4], rsv=4))
            found = socket.message()
            assert found.rsv == 4
            assert back.decompress(found.payload + b"\x00\x00\xff\xff") == text


def no_takeover(bench: Bench) -> None:
    """Each answer can be inflated by itself."""
    with bench.connect() as peer:
        socket = Socket(peer, extensions=DEFLATE + b"; server_no_context_takeover")
        for _ in range(3):
            socket.send(frame(TEXT, deflate(b"hello" * 100), rsv=4))
            assert inflate(socket.message().payload) == b"hello" * 100


HELLO = deflate(b"hello" * 20)


DEFLATE_OFFERS: Final[tuple[Requirement, ...]] = (
    must(
        "5",
        "not-offered",
        "Nothing is compressed that was not offered.",
        unnamed,
    ),
    must("7.1", "offer", "The offer is accepted.", offered(DEFLATE)),
    must(
        "7.1.1.1",
        "server-no-takeover",
        "The client may ask the server not to keep its context.",
        offered(DEFLATE + b"; server_no_context_takeover", "server_no_context_takeover"),
    ),
    must(
        "7.1.2.1",
        "server-window",
        "And to use a smaller window.",
        offered(DEFLATE + b"; server_max_window_bits=10", "server_max_window_bits=10"),
    ),
    must(
        "7.1.2.2",
        "client-window-absent",
        "The client's window is not limited where it did not say it can be.",
        unlimited,
    ),
    *(
        must(
            "7.1",
            f"invalid-{name}",
            f"The offer {value.decode()!r} is declined.",
            offered(DEFLATE + b"; " + value, ""),
        )
        for name, value in {
            "window": b"server_max_window_bits=16",
            "window-7": b"server_max_window_bits=7",
            "window-zero": b"server_max_window_bits=010",
            "no-window": b"server_max_window_bits",
            "value": b"server_no_context_takeover=1",
            "unknown": b"x=1",
            "twice": b"server_no_context_takeover; server_no_context_takeover",
            "client-window": b"client_max_window_bits=99",
        }.items()
    ),
    must(
        "5.1",
        "fallback",
        "Of two offers the second is taken if the first is invalid.",
        offered(DEFLATE + b"; x=1, " + DEFLATE),
    ),
)


COMPRESSION: Final[tuple[Requirement, ...]] = (
    must(
        "7.2.2",
        "inflate",
        "A compressed message is inflated.",
        compressed(frame(TEXT, HELLO, rsv=4)),
    ),
    must(
        "6.1",
        "not-compressed",
        "A message need not be compressed.",
        compressed(frame(TEXT, b"hello" * 20)),
    ),
    must(
        "6.1",
        "fragments",
        "Only the first fragment has RSV1.",
        compressed(frame(TEXT, HELLO[:3], rsv=4, fin=False), frame(0, HELLO[3:])),
    ),
    must(
        "6.1",
        "control-between",
        "A control frame between them is not compressed.",
        compressed(
            frame(TEXT, HELLO[:3], rsv=4, fin=False), frame(PONG, b"x"), frame(0, HELLO[3:])
        ),
    ),
    must(
        "7.2.3.6",
        "empty",
        "An empty message may be compressed.",
        compressed(frame(TEXT, b"\x00", rsv=4), expect=b""),
    ),
    must(
        "7.2.3.3",
        "stored",
        "Blocks may be stored without compression.",
        compressed(frame(TEXT, b"\x00\x05\x00\xfa\xffhello\x00", rsv=4), expect=b"hello"),
    ),
    must(
        "7.2.3.4",
        "final-block",
        "A block may be marked as the last.",
        compressed(frame(TEXT, b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00", rsv=4), expect=b"Hello"),
    ),
    must("7.2.3.2", "takeover", "The context is taken over, in both directions.", takeover),
    must("7.1.1.1", "no-takeover", "Unless the client asked the server not to.", no_takeover),
    must(
        "6.1",
        "rsv1-continuation",
        "RSV1 on a continuation: 1002.",
        fails(
            frame(TEXT, HELLO[:3], rsv=4, fin=False),
            frame(0, HELLO[3:], rsv=4),
            code=1002,
            extensions=DEFLATE,
        ),
    ),
    must(
        "6.1",
        "rsv1-control",
        "RSV1 on a control frame: 1002.",
        fails(frame(PING, b"a", rsv=4), code=1002, extensions=DEFLATE),
    ),
    must(
        "6.1",
        "rsv2",
        "RSV2 stays reserved: 1002.",
        fails(frame(TEXT, b"a", rsv=2), code=1002, extensions=DEFLATE),
    ),
    must(
        "7.2.2",
        "not-deflate",
        "What cannot be inflated: 1007.",
        fails(frame(TEXT, b"\xff\xff\xff", rsv=4), code=1007, extensions=DEFLATE),
    ),
    must(
        "7.2.2",
        "not-utf8",
        "Text is UTF-8 after inflating: else 1007.",
        fails(frame(TEXT, deflate(b"\xff\xfe"), rsv=4), code=1007, extensions=DEFLATE),
    ),
    must(
        "8",
        "bomb",
        "What inflates to more than the limit: 1009.",
        fails(frame(BINARY, deflate(b"\x00" * 20_000_000), rsv=4), code=1009, extensions=DEFLATE),
    ),
)


REQUIREMENTS: Final = (*DEFLATE_OFFERS, *COMPRESSION)
