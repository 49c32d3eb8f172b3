"""RFC 6455 sections 4 and 9: the opening handshake."""

from typing import Final

from tests.server.requirements.bench import Bench
from tests.server.requirements.http_checks import request
from tests.server.requirements.model import Level, Requirement, rows
from tests.server.requirements.ws_checks import (
    ACCEPT,
    KEY,
    TEXT,
    Frame,
    Socket,
    declined,
    frame,
    offered,
    opening,
    upgraded,
)

must = rows(6455, Level.MUST)
should = rows(6455, Level.SHOULD)
ours = rows(6455, Level.OURS)


def subprotocol(bench: Bench) -> None:
    """The client offers two."""
    with bench.connect() as peer:
        peer.send(opening(b"GET /subprotocol HTTP/1.1", sec_websocket_protocol=b"chat, Super.1"))
        assert b"\r\nsec-websocket-protocol: chat\r\n" in peer.until(b"\r\n\r\n").lower()


def rejected(bench: Bench) -> None:
    """The app closes before it accepts."""
    with bench.connect() as peer:
        peer.send(opening(b"GET /reject HTTP/1.1"))
        assert peer.reply().status == 403


def early_frames(bench: Bench) -> None:
    """Frames come together with the handshake."""
    with bench.connect() as peer:
        peer.send(opening() + frame(TEXT, b"early"))
        assert peer.until(b"\r\n\r\n").startswith(b"HTTP/1.1 101 ")
        assert peer.read(7) == b"\x81\x05early"


def no_framing(bench: Bench) -> None:
    """The response has no content and says nothing of any."""
    with bench.connect() as peer:
        socket = Socket(peer)
        assert not {"content-length", "transfer-encoding"} & socket.headers.keys()
        socket.send(frame(TEXT, b"a"))
        assert socket.message() == Frame(TEXT, b"a")


def http10(bench: Bench) -> None:
    """The same request in HTTP/1.0."""
    with bench.connect() as peer:
        peer.send(opening(b"GET / HTTP/1.0"))
        assert peer.reply().status != 101


def unnamed(bench: Bench) -> None:
    """A plain handshake."""
    with bench.connect() as peer:
        headers = Socket(peer).headers
    assert not {"sec-websocket-protocol", "sec-websocket-extensions"} & headers.keys()


HANDSHAKE: Final[tuple[Requirement, ...]] = (
    must(
        "4.2.2",
        "accept",
        "The answer to the key is the one of the RFC's example.",
        upgraded(opening(), sec_websocket_accept=ACCEPT, upgrade="websocket", connection="Upgrade"),
    ),
    must("4.2.2", "no-framing", "After the 101 come frames, not content.", no_framing),
    must(
        "4.2.2", "early-frames", "Frames that come with the handshake are not lost.", early_frames
    ),
    must(
        "4.2.1",
        "case",
        "The words websocket and upgrade have no case.",
        upgraded(opening(upgrade=b"WebSocket", connection=b"UPGRADE")),
    ),
    must(
        "4.2.1",
        "connection-list",
        "Upgrade may stand among other options.",
        upgraded(opening(connection=b"keep-alive, Upgrade")),
    ),
    must("4.2.1", "get", "The method is GET.", declined(opening(b"POST / HTTP/1.1"), 400)),
    must(
        "4.2.1",
        "http10",
        "The version is 1.1 at least: over HTTP/1.0 there is no upgrade.",
        http10,
    ),
    must(
        "4.2.1",
        "host",
        "There is a Host.",
        declined(b"GET / HTTP/1.1\r\n" + opening().split(b"\r\n", 2)[2], 400),
    ),
    must("4.2.1", "no-key", "There is a key.", declined(opening(sec_websocket_key=None), 400)),
    *(
        must(
            "4.2.1",
            f"key-{name}",
            "It is 16 bytes in base64, in one line.",
            declined(opening(sec_websocket_key=value), 400),
        )
        for name, value in {
            "short": b"dGhl",
            "long": KEY[:-2] + KEY,
            "alphabet": b"?" * 22 + b"==",
            "empty": b"",
            "unpadded": KEY[:-2],
        }.items()
    ),
    must(
        "4.2.1",
        "two-keys",
        "There is one only.",
        declined(
            request(
                b"GET / HTTP/1.1",
                b"Upgrade: websocket",
                b"Connection: Upgrade",
                b"Sec-WebSocket-Version: 13",
                b"Sec-WebSocket-Key: " + KEY,
                b"Sec-WebSocket-Key: " + KEY,
            ),
            400,
        ),
    ),
    must(
        "4.4",
        "version",
        "Another version is answered with 426 and the version that is spoken.",
        declined(opening(sec_websocket_version=b"8"), 426, sec_websocket_version="13"),
    ),
    must(
        "4.4",
        "no-version",
        "So is none.",
        declined(opening(sec_websocket_version=None), 426, sec_websocket_version="13"),
    ),
    must(
        "4.4",
        "version-zeros",
        "A version has no leading zero.",
        declined(opening(sec_websocket_version=b"013"), 426),
    ),
    must("4.2.2", "subprotocol", "The subprotocol agreed on is one of the client's.", subprotocol),
    must(
        "4.2.2",
        "no-subprotocol",
        "None is named that the app did not choose.",
        unnamed,
    ),
    must("4.2.2", "reject", "A handshake that the app declines is answered with 403.", rejected),
    must(
        "9.1",
        "unknown-extension",
        "An extension that is not known is declined.",
        offered(b"x-unknown; a=b", ""),
    ),
    must(
        "9.1",
        "among-unknown",
        "Others are agreed on nevertheless.",
        offered(b"x-unknown, permessage-deflate"),
    ),
)


REQUIREMENTS: Final = HANDSHAKE
