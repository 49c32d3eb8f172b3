"""gRPC frames."""

import base64
import gzip

import pytest

from asgitrace.views.body.grpc import RENDERER
from asgitrace.views.body.model import CannotRender, Rating
from tests.views.body.rendered import lines_of, rate, rendered, sample_of
from tests.views.body.wire import field, frame
from tests.views.drawn import drawn

MESSAGE = field(1, "alice") + field(2, 8)
TRAILERS = frame(b"grpc-status: 0\r\ngrpc-message: ok\r\n", 0x80)


def test_shows_messages_and_trailers() -> None:
    data = frame(MESSAGE) + frame(gzip.compress(MESSAGE, mtime=0), 1) + frame(b"") + TRAILERS
    message = ["     ▾ {", '         1: "alice"  string', "         2: 8  varint", "       }"]
    packed = len(gzip.compress(MESSAGE, mtime=0))
    assert rendered(RENDERER, data) == [
        " ▾    1  message         9B  alice",
        *message,
        f" ▾    2  message        {packed}B  compressed",
        *message,
        " ▾    3  message          0",
        "       {}",
        " ▾    4  trailers       34B  grpc-status: 0  grpc-message: ok",
        "     grpc-status: 0",
        "     grpc-message: ok",
    ]


def test_web_text_is_base64_with_padding_in_the_middle() -> None:
    data = base64.b64encode(frame(MESSAGE)) + b"\r\n" + base64.b64encode(TRAILERS)
    sample = sample_of(data, "application/grpc-web-text+proto")
    shown = drawn(lines_of(RENDERER, data, sample, pieces=7))
    assert shown == rendered(RENDERER, frame(MESSAGE) + TRAILERS)


def test_web_text_that_is_none() -> None:
    sample = sample_of(b"A===", "application/grpc-web-text")
    with pytest.raises(CannotRender, match="not base64"):
        lines_of(RENDERER, b"A===", sample)


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (frame(b"\x01\x02\x03", 1), "compressed, and not with gzip: shown as sent"),
        (frame(gzip.compress(MESSAGE, mtime=0)[:-9], 1), "gzip"),
        (frame(MESSAGE)[:-4], "4 bytes are missing"),
        (frame(MESSAGE) + b"\0\0", "the data ends in the head of a frame, at byte 14"),
        (frame(b"\xff" * 5), "ff ff"),
        (frame(b'{"error": {"code": "x"}}', 2), '"code": "x"'),
        (frame(b'{"name": 1}'), '"name": 1'),
    ],
)
def test_shows_what_is_odd(data: bytes, shown: str) -> None:
    assert any(shown in line for line in rendered(RENDERER, data))


def test_a_bomb_is_bounded() -> None:
    data = frame(gzip.compress(bytes(50_000_000)), 1)
    shown = rendered(RENDERER, data)
    assert any("decoding stopped at" in line for line in shown)


@pytest.mark.parametrize(
    ("data", "kind", "rating"),
    [
        (b"", "application/grpc", Rating.NAMED),
        (b"", "application/grpc-web+proto", Rating.NAMED),
        (b"", "application/connect+json", Rating.NAMED),
        (frame(MESSAGE), "", Rating.LIKELY),
        (frame(b"\xff\xff"), "", Rating.ABLE),
        (frame(b"x" * 5_000), "", Rating.ABLE),
        (frame(MESSAGE)[:-1], "", Rating.NO),
        (b"\0\0\0\0\0", "", Rating.NO),
        (b"\x04" + frame(MESSAGE)[1:], "", Rating.NO),
    ],
)
def test_is_chosen_by_type_and_content(data: bytes, kind: str, rating: Rating) -> None:
    assert rate(RENDERER, data, kind) is rating
