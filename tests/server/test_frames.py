"""Frames by the text of RFC 6455 sections 5 to 8, and that it does not matter how they arrive."""

import itertools
import struct
import zlib
from typing import Any
from unittest.mock import Mock, call

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wsproto.frame_protocol import FrameProtocol, MessageDecoder, ParseFailed

from asgitrace.server.deflate import Agreement, Inflater
from asgitrace.server.frames import Breach, FrameEvent, FrameMachine
from asgitrace.server.inbound import Checks, FrameReader, PeerClosed, Ping, Pong
from asgitrace.server.outbound import frame as frame_out
from asgitrace.wire import ConnectionLog, Frame, Wire

MASK = b"\x37\xfa\x21\x3d"
LIMIT = 1 << 20


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0) -> bytes:
    size = len(payload)
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 0x10000:
        length = b"\xfe" + struct.pack("!H", size)
    else:
        length = b"\xff" + struct.pack("!Q", size)
    body = bytes(byte ^ MASK[at % 4] for at, byte in enumerate(payload))
    return bytes([fin << 7 | rsv << 4 | opcode]) + length + MASK + body


def deflated(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return (stream.compress(data) + stream.flush(zlib.Z_SYNC_FLUSH))[:-4]


def machine(*, deflate: bool = False, limit: int = LIMIT, log: Any = None) -> FrameMachine:
    return FrameMachine(Inflater(Agreement()) if deflate else None, limit, log)


def events(*chunks: bytes, deflate: bool = False, limit: int = LIMIT) -> list[FrameEvent]:
    frames = machine(deflate=deflate, limit=limit)
    found = []
    for chunk in chunks:
        frames.feed(chunk)
        while (event := frames.next_event()) is not None:
            found.append(event)
    return found


def code_of(*chunks: bytes, deflate: bool = False, limit: int = LIMIT) -> int:
    (breach,) = events(*chunks, deflate=deflate, limit=limit)
    assert isinstance(breach, Breach)
    return breach.code


# Section 5.1 to 5.5: framing.


def test_text_and_binary() -> None:
    assert events(frame(1, "hä".encode()), frame(2, b"\xff"), frame(1), frame(2)) == [
        "hä",
        b"\xff",
        "",
        b"",
    ]


@pytest.mark.parametrize("size", [125, 126, 127, 0xFFFF, 0x10000, 70_000])
def test_every_length(size: int) -> None:
    assert events(frame(2, bytes(size))) == [bytes(size)]


def test_unmasked_frame_is_1002() -> None:
    assert code_of(b"\x81\x01a") == 1002
    assert code_of(b"\x89\x00") == 1002


@pytest.mark.parametrize("rsv", [1, 2, 3, 4, 5, 6, 7])
@pytest.mark.parametrize("opcode", [1, 2, 8, 9, 10])
def test_reserved_bits_without_extension_are_1002(rsv: int, opcode: int) -> None:
    assert code_of(frame(opcode, b"", rsv=rsv)) == 1002


@pytest.mark.parametrize("opcode", [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
def test_reserved_opcodes_are_1002(opcode: int) -> None:
    assert code_of(frame(opcode)) == 1002


@pytest.mark.parametrize("opcode", [8, 9, 10])
def test_fragmented_control_frames_are_1002(opcode: int) -> None:
    assert code_of(frame(opcode, fin=False)) == 1002


@pytest.mark.parametrize("opcode", [8, 9, 10])
def test_control_frames_over_125_bytes_are_1002(opcode: int) -> None:
    assert code_of(bytes([0x80 | opcode, 0xFE])) == 1002


@pytest.mark.parametrize("length", [b"\xfe\x00\x7d", b"\xff" + struct.pack("!Q", 0xFFFF)])
def test_lengths_that_are_not_minimal_are_1002(length: bytes) -> None:
    assert code_of(b"\x82" + length + MASK) == 1002


def test_a_length_with_the_most_significant_bit_is_1002() -> None:
    assert code_of(b"\x82\xff\x80" + bytes(7) + MASK) == 1002


def test_ping_and_pong_have_their_payload() -> None:
    assert events(frame(9, b"?"), frame(10, b"!"), frame(9)) == [Ping(b"?"), Pong(b"!"), Ping(b"")]


# Section 5.4: fragmentation.


def test_fragments_are_one_message_with_control_frames_between() -> None:
    parts = frame(1, b"h\xc3", fin=False), frame(9, b"?"), frame(0, fin=False), frame(0, b"\xa4")
    assert events(b"".join(parts)) == [Ping(b"?"), "hä"]


def test_binary_fragments() -> None:
    assert events(frame(2, b"a", fin=False), frame(0, b"b", fin=False), frame(0, b"c")) == [b"abc"]
    assert events(frame(2, fin=False), frame(0), frame(2, b"x")) == [b"", b"x"]


def test_a_continuation_of_nothing_is_1002() -> None:
    assert code_of(frame(0, b"x")) == 1002
    assert events(frame(1, b"x"), frame(0))[1:] == [Breach(1002, "a continuation of nothing")]


@pytest.mark.parametrize("opcode", [1, 2])
def test_a_new_message_inside_a_fragmented_one_is_1002(opcode: int) -> None:
    assert code_of(frame(1, b"x", fin=False), frame(opcode, b"y")) == 1002


# Section 8.1: UTF-8, refused as soon as it cannot become valid any more.


@pytest.mark.parametrize(
    "bad", [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90", b"\xe0\x80", b"\x80", b"\xf5"]
)
def test_invalid_utf8_is_1007_in_an_unfinished_frame(bad: bytes) -> None:
    assert code_of(frame(1, b"good" + bad + b"rest")[: 6 + 4 + len(bad)]) == 1007


def test_invalid_utf8_is_1007_across_fragments() -> None:
    assert code_of(frame(1, b"\xf4", fin=False), frame(0, b"\x90", fin=False)) == 1007


@pytest.mark.parametrize("deflate", [False, True])
def test_the_peer_is_told_so_in_words_of_its_protocol(deflate: bool) -> None:
    (breach,) = events(frame(1, b"good\xff"), deflate=deflate)
    assert breach == Breach(1007, "the text is not UTF-8")


def test_text_that_ends_within_a_character_is_1007() -> None:
    assert code_of(frame(1, b"\xc3")) == 1007
    assert code_of(frame(1, b"\xc3", fin=False), frame(0)) == 1007


def test_characters_may_be_split_between_fragments() -> None:
    whole = "𝄞ä€".encode()
    parts = [frame(0, bytes([byte]), fin=False) for byte in whole]
    assert events(frame(1, fin=False), *parts, frame(0)) == ["𝄞ä€"]


def test_line_ends_are_left_alone() -> None:
    assert events(frame(1, b"a\r", fin=False), frame(0, b"\nb\r\n")) == ["a\r\nb\r\n"]


# Section 7: closing.


@pytest.mark.parametrize(
    "code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999]
)
def test_close_codes_that_may_be_sent(code: int) -> None:
    assert events(frame(8, struct.pack("!H", code) + "tschüß".encode())) == [
        PeerClosed(code, "tschüß")
    ]


@pytest.mark.parametrize(
    "code", [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535]
)
def test_close_codes_that_may_not_be_sent_are_1002(code: int) -> None:
    assert code_of(frame(8, struct.pack("!H", code))) == 1002


def test_close_without_a_code_is_1005() -> None:
    assert events(frame(8)) == [PeerClosed(1005, "")]


def test_close_with_one_byte_is_1002() -> None:
    assert code_of(frame(8, b"\x03")) == 1002


def test_close_with_a_reason_that_is_not_utf8_is_1007() -> None:
    assert code_of(frame(8, b"\x03\xe8\xff")) == 1007


def test_nothing_comes_after_a_close() -> None:
    assert events(frame(8) + frame(1, b"x"), frame(1, b"y")) == [PeerClosed(1005, "")]


def test_nothing_comes_after_a_breach() -> None:
    assert len(events(frame(3) + frame(1, b"x"), frame(1, b"y"))) == 1


# Section 10.4: limits.


def test_a_declared_length_over_the_limit_is_1009_before_its_payload() -> None:
    assert code_of(frame(2, bytes(101))[:6], limit=100) == 1009
    assert code_of(b"\x82\xff" + struct.pack("!Q", 1 << 40) + MASK, limit=100) == 1009


def test_fragments_over_the_limit_are_1009() -> None:
    assert code_of(frame(1, bytes(60), fin=False), frame(0, bytes(41))[:6], limit=100) == 1009
    assert events(frame(1, b"a" * 60, fin=False), frame(0, b"a" * 40), limit=100) == ["a" * 100]


def test_the_limit_is_for_each_message() -> None:
    assert events(*[frame(2, bytes(100))] * 3, limit=100) == [bytes(100)] * 3


# RFC 7692.


def test_compressed_messages() -> None:
    for data in (b"x" * 50, b"x" * 70_000):
        assert events(frame(2, deflated(data), rsv=4), deflate=True) == [data]
        assert events(frame(1, deflated(data), rsv=4), deflate=True) == [data.decode()]


def test_compressed_fragments_with_control_frames_between() -> None:
    packed = deflated(b"hello " * 50)
    parts = (
        frame(1, packed[:5], fin=False, rsv=4),
        frame(9, b"?"),
        frame(0, packed[5:7], fin=False),
        frame(10),
        frame(0, packed[7:]),
        frame(2, b"plain"),
        frame(2, deflated(b"again"), rsv=4),
    )
    assert events(b"".join(parts), deflate=True) == [
        Ping(b"?"),
        Pong(b""),
        "hello " * 50,
        b"plain",
        b"again",
    ]


@pytest.mark.parametrize("opcode", [8, 9, 10])
def test_rsv1_on_control_frames_is_1002(opcode: int) -> None:
    assert code_of(frame(opcode, rsv=4), deflate=True) == 1002


def test_rsv1_on_continuation_frames_is_1002() -> None:
    packed = deflated(b"hello")
    first = frame(1, packed[:2], fin=False, rsv=4)
    assert code_of(first, frame(0, packed[2:], rsv=4), deflate=True) == 1002


@pytest.mark.parametrize("rsv", [1, 2, 3, 5, 6, 7])
def test_other_reserved_bits_are_1002_with_compression_too(rsv: int) -> None:
    assert code_of(frame(1, rsv=rsv), deflate=True) == 1002


@pytest.mark.parametrize("chop", [1, 1000])
def test_what_is_not_deflated_data_is_1007(chop: int) -> None:
    sent = frame(2, b"\x06" + b"\xff" * 20, rsv=4)
    chunks = [sent[at : at + chop] for at in range(0, len(sent), chop)]
    assert code_of(*chunks, deflate=True) == 1007


@pytest.mark.parametrize("chop", [1, 10_000])
def test_a_bomb_is_1009(chop: int) -> None:
    sent = frame(2, deflated(bytes(2_000_000)), rsv=4)
    chunks = [sent[at : at + chop] for at in range(0, len(sent), chop)]
    assert code_of(*chunks, deflate=True, limit=100_000) == 1009
    assert events(frame(2, deflated(bytes(100)), rsv=4), deflate=True, limit=100) == [bytes(100)]
    assert code_of(frame(2, deflated(bytes(101)), rsv=4), deflate=True, limit=100) == 1009


@pytest.mark.parametrize("fin", [True, False])
def test_inflated_text_must_be_utf8(fin: bool) -> None:
    parts = [frame(1, deflated(b"\xff"), rsv=4, fin=fin)]
    if not fin:
        parts.append(frame(0))
    assert code_of(b"".join(parts), deflate=True) == 1007


# What is told to the log.


def test_frames_in_are_told_of() -> None:
    log = Mock(spec=ConnectionLog)
    frames = machine(deflate=True, log=log)
    packed = deflated(b"x" * 100)
    for chunk in (
        frame(1, b"abc"),
        frame(1, packed, rsv=4),
        frame(2, packed[:2], rsv=4, fin=False),
        frame(9, b"?"),
        frame(0, packed[2:])[:-1],
        frame(0, packed[2:])[-1:],
        frame(8, b"\x03\xe8"),
    ):
        frames.feed(chunk)
        while frames.next_event() is not None:
            pass

    told = [call.args for call in log.tell.call_args_list]
    first = told.pop(2)
    assert told == [
        (Wire.FRAME_IN, 3, Frame(1, masked=True).pack()),
        (Wire.FRAME_IN, len(packed), Frame(1, True, True, True).pack(), {"inflated": 100}),
        (Wire.FRAME_IN, 1, Frame(9, masked=True).pack(), {"data": b"?"}),
        (
            Wire.FRAME_IN,
            len(packed) - 2,
            Frame(0, masked=True).pack(),
            {"inflated": 100 - first[3]["inflated"]},
        ),
        (Wire.FRAME_IN, 2, Frame(8, masked=True).pack(), {"data": b"\x03\xe8"}),
    ]
    assert first[:3] == (Wire.FRAME_IN, 2, Frame(2, False, True, True).pack())


def test_an_unfinished_frame_is_told_of_at_the_end() -> None:
    log = Mock(spec=ConnectionLog)
    frames = machine(log=log)
    frames.feed(frame(2, bytes(100))[:46])
    assert frames.next_event() is None
    frames.stop()
    frames.stop()

    assert log.tell.call_args_list == [
        call(Wire.FRAME_IN, 40, Frame(2, masked=True).pack(), {"of": 100})
    ]


# In between.


def test_bytes_may_come_while_others_are_not_decoded() -> None:
    frames = machine()
    frames.feed(frame(1, b"a") + frame(1, b"b"))
    assert frames.next_event() == "a"
    frames.feed(frame(1, b"c"))
    assert [frames.next_event(), frames.next_event(), frames.next_event()] == ["b", "c", None]


def test_the_checks_are_nothing_to_be_negotiated() -> None:
    assert Checks(MessageDecoder(), None, LIMIT).offer() is False


# Properties.

FRAMES = st.builds(
    frame,
    st.sampled_from([0, 0, 1, 1, 2, 2, 8, 9, 10, 3]),
    st.one_of(
        st.binary(max_size=20),
        st.text(max_size=10).map(str.encode),
        st.text(max_size=10).map(str.encode).map(deflated),
        st.sampled_from([bytes(130), b"ab" * 400, b"\x03\xe8"]),
    ),
    fin=st.booleans(),
    rsv=st.sampled_from([0, 0, 0, 4, 4, 2]),
)
STREAMS = st.one_of(
    st.lists(FRAMES, max_size=8).map(b"".join),
    st.tuples(st.lists(FRAMES, max_size=3).map(b"".join), st.binary(max_size=30)).map(b"".join),
    st.binary(max_size=40),
)


def reference(stream: bytes, *, deflate: bool, limit: int) -> list[FrameEvent]:
    """What `FrameReader` alone gives, which is wsproto with our checks."""
    reader = FrameReader(Inflater(Agreement()) if deflate else None, limit, None)
    reader.feed(stream)
    found: list[FrameEvent] = []
    try:
        while (event := reader.next()) is not None:
            found.append(event)
            if isinstance(event, PeerClosed):
                break
    except ParseFailed as exc:
        found.append(Breach(int(exc.code), str(exc)))
    return found


def comparable(found: list[FrameEvent]) -> list[FrameEvent]:
    """Which of two faults of a message is found first depends on where it was cut: not UTF-8, or
    too much once inflated; and so do the words that say where a byte is wrong."""
    return [
        Breach(1007 if event.code == 1009 else event.code, "")
        if isinstance(event, Breach)
        else event
        for event in found
    ]


@given(STREAMS, st.booleans(), st.sampled_from([50, 300, LIMIT]), st.data())
def test_it_does_not_matter_how_a_stream_is_split(
    stream: bytes, deflate: bool, limit: int, data: st.DataObject
) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=6).map(sorted))
    ends = [0, *cuts, len(stream)]
    chunks = [stream[a:b] for a, b in itertools.pairwise(ends)]
    found = comparable(events(*chunks, deflate=deflate, limit=limit))
    expected = comparable(reference(stream, deflate=deflate, limit=limit))

    assert found == expected


@given(STREAMS)
def test_without_limits_and_compression_it_is_what_wsproto_says(stream: bytes) -> None:
    protocol = FrameProtocol(client=False, extensions=[])
    protocol.receive_bytes(stream)
    expected: list[Any] = []
    pieces: list[Any] = []
    try:
        for piece in protocol.received_frames():
            if piece.opcode.iscontrol():
                expected.append((int(piece.opcode), piece.payload))
                continue
            pieces.append(piece.payload)
            if piece.message_finished:
                expected.append(type(pieces[0])().join(pieces))
                pieces = []
    except ParseFailed as exc:
        expected.append(int(exc.code))

    found: list[Any] = []
    for event in events(stream):
        match event:
            case Ping(payload):
                found.append((9, payload))
            case Pong(payload):
                found.append((10, payload))
            case PeerClosed(code, reason):
                found.append((8, (code, reason)))
            case Breach(code, _):
                found.append(code)
            case _:
                found.append(event)
    # wsproto refuses a wrong continuation only once its payload is there.
    if len(found) == len(expected) + 1 and found[-1] == 1002:
        found.pop()
    assert found == expected


@given(st.sampled_from([1, 2, 9, 10]), st.sampled_from([0, 5, 125, 126, 0xFFFF, 0x10000]))
def test_frames_out_are_what_wsproto_makes(opcode: int, size: int) -> None:
    protocol = FrameProtocol(client=False, extensions=[])
    payload = b"x" * size
    if opcode in (9, 10):
        payload = payload[:125]
        made = protocol.ping(payload) if opcode == 9 else protocol.pong(payload)
    else:
        made = protocol.send_data(payload.decode() if opcode == 1 else payload)
    assert frame_out(opcode, payload) == bytes(made)
