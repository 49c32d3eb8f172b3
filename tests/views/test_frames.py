"""What a line of the frames says of its content."""

from typing import Any

import pytest

from asgitrace.store.model import Exchange
from asgitrace.views.frames import FrameLines
from asgitrace.wire import Wire
from tests.tui.detail.samples import websocket
from tests.tui.detail.wired import BINARY, CLOSE, IN, OUT, PING, TEXT, Wired
from tests.views.drawn import drawn


def shown(exchange: Exchange) -> list[str]:
    return drawn(FrameLines(exchange), 140)


@pytest.mark.parametrize(
    ("payload", "words"),
    [(b"1", '"1"'), (b"abcd", '"abcd"'), (b"a\tb", "61 09 62"), (b"\xc3\xa9", "c3 a9"), (b"", "")],
)
def test_payloads_of_control_frames(payload: bytes, words: str) -> None:
    w = Wired(websocket()).control(OUT, PING, payload)
    assert shown(w.exchange(1))[0].endswith(words)


def fragments(kind: int, sizes: list[int], **message: Any) -> list[str]:
    script = websocket()
    w = Wired(script)
    script.receive("websocket.receive", 1, **message)
    for number, size in enumerate(sizes):
        last = number == len(sizes) - 1
        w.frame(IN, 0 if number else kind, size, 0.5 - number / 100, fin=last)
    return shown(w.exchange(1))


def test_each_fragment_has_its_own_part() -> None:
    lines = fragments(TEXT, [5, 0, 6], text="hello world!"[:11], bytes=None)
    assert lines[0].endswith("part 1 of 3  hello")
    assert lines[1].endswith("part 2 of 3  empty")
    assert lines[2].endswith("part 3 of 3   world")
    binary = fragments(BINARY, [2, 2], text=None, bytes=b"\0\1\2\3")
    assert binary[1].endswith("part 2 of 2  02 03")


def test_fragments_whose_sizes_tell_nothing_are_counted() -> None:
    lines = fragments(TEXT, [3, 4], text="hello world", bytes=None)
    assert "hello" not in lines[0]
    assert lines[1].endswith(" part 2 of 2")


def test_an_empty_compressed_message_has_no_ratio() -> None:
    w = Wired(websocket()).frame(IN, TEXT, 1, rsv1=True, inflated=0)
    assert " x" not in shown(w.exchange(1))[0]


def test_a_frame_without_a_message_says_what_it_can() -> None:
    script = websocket()
    w = Wired(script).frame(IN, TEXT, 3, 3, data=b"abc").frame(IN, TEXT, 2, 2)
    w.on(Wire.ERROR, 0, 1007, 1, text="the text is not UTF-8")
    script.done()
    lines = shown(w.exchange(1))
    assert lines[0].endswith("abc  never became a message")
    assert lines[1].endswith("broke the protocol: the text is not UTF-8")


def test_a_reason_that_is_the_name_of_the_code_is_said_once() -> None:
    w = Wired(websocket()).control(OUT, CLOSE, b"\x03\xf4service restart")
    assert shown(w.exchange(1))[0].endswith("1012  service restart")
    assert shown(w.exchange(1))[0].count("service restart") == 1
