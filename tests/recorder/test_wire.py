"""Wire events as records: whose they are, both times of what is sent, limits and faults."""

from collections.abc import Callable
from typing import Any

import pytest

from asgitrace.events import Flag, Kind, Phase
from asgitrace.recorder import Recorder, Trace, WireRecorder
from asgitrace.wire import Frame, Wire
from tests.recorder.conftest import Recording


async def nothing(*_: Any) -> Any:
    """An app, a receive or a send that does nothing."""


def call_app(recorder: Recorder, run: Callable[..., Any]) -> None:
    run(Trace(nothing, recorder=recorder)({"type": "http"}, nothing, nothing))


class TestWhoseTheyAre:
    """Events belong to the connection and, between begin and end, to an exchange."""

    def test_connections_have_numbers_of_their_own(self, recording: Recording) -> None:
        wire = WireRecorder(recording.recorder)
        for _ in range(2):
            wire.connection().tell(Wire.OPENED, content={"peer": "127.0.0.1:1"})
        headers = [event.header for event in recording.events(Kind.WIRE)]
        assert [(header.call, header.exchange) for header in headers] == [(1, 0), (2, 0)]

    def test_an_exchange_has_the_number_its_request_was_given(
        self, recording: Recording, run: Callable[..., Any]
    ) -> None:
        log = WireRecorder(recording.recorder).connection()
        call_app(recording.recorder, run)
        number = log.begin()
        log.tell(Wire.REQUEST, 18, 1, {"head": b"GET / HTTP/1.1\r\n\r\n"})
        log.call(number)
        call_app(recording.recorder, run)
        log.end()
        log.tell(Wire.CLOSED)
        call_app(recording.recorder, run)
        kinds = [(e.kind.name, e.header.exchange) for e in recording.events() if e.kind != 4]
        assert kinds == [("SCOPE", 1), ("WIRE", 2), ("SCOPE", 2), ("WIRE", 0), ("SCOPE", 3)]

    def test_a_request_that_never_becomes_a_call_keeps_its_number(
        self, recording: Recording, run: Callable[..., Any]
    ) -> None:
        log = WireRecorder(recording.recorder).connection()
        log.begin()
        log.tell(Wire.REFUSED, number=400, content={"text": "no Host"})
        log.end()
        call_app(recording.recorder, run)
        kinds = [(event.kind.name, event.header.exchange) for event in recording.events()]
        assert kinds == [("WIRE", 1), ("SCOPE", 2), ("RETURN", 2)]


class TestFields:
    """Every field of the header says what `Wire` promises."""

    def test_what_is_told(self, recording: Recording) -> None:
        log = WireRecorder(recording.recorder).connection()
        log.tell(Wire.REQUEST, 99, 3, {"head": b"GET"}, more=True)
        (event,) = recording.events()
        header = event.header
        assert (header.message, header.size, header.number) == (Wire.REQUEST, 99, 3)
        assert header.flags == Flag.MORE
        assert header.phase == Phase.WHOLE
        assert 0 < header.called == header.returned
        assert event.content == {"head": b"GET"}

    def test_a_connection_with_very_many_requests(self, recording: Recording) -> None:
        log = WireRecorder(recording.recorder).connection()
        log.tell(Wire.REQUEST, number=65_536)
        log.sent(Wire.RESPONSE, 1, 1, 0, 65_537)
        headers = [event.header for event in recording.events()]
        assert [(header.number, header.flags) for header in headers] == [(65_535, 0)] * 2

    def test_what_the_socket_took_at_once_is_one_record(self, recording: Recording) -> None:
        log = WireRecorder(recording.recorder).connection()
        log.sent(Wire.RESPONSE, 1000, 1500, 80, 200, {"head": b"HTTP/1.1 200 OK"}, more=True)
        (event,) = recording.events()
        assert (event.header.called, event.header.returned) == (1000, 1500)
        assert event.header.phase == Phase.WHOLE

    def test_what_waited_is_two(self, recording: Recording) -> None:
        log = WireRecorder(recording.recorder).connection()
        log.sent(Wire.FRAME_OUT, 1000, 0, 5, Frame(1).pack())
        log.accepted(Wire.FRAME_OUT, 1000, 5, Frame(1).pack())
        first, second = (event.header for event in recording.events())
        assert (first.phase, first.called, first.returned) == (Phase.CALLED, 1000, 0)
        assert (second.phase, second.called, second.size) == (Phase.RETURNED, 1000, 5)
        assert second.returned > 0
        assert first.number == second.number

    def test_what_is_accepted_after_the_end_is_still_of_its_exchange(
        self, recording: Recording
    ) -> None:
        log = WireRecorder(recording.recorder).connection()
        number = log.begin()
        log.sent(Wire.RESPONSE_BODY, 1000, 0, 5)
        log.end()
        log.accepted(Wire.RESPONSE_BODY, 1000, 5)
        log.accepted(Wire.RESPONSE_BODY, 2000, 5)
        assert [e.header.exchange for e in recording.events()] == [number, number, 0]

    def test_raw_bytes_are_cut_to_the_limit(self, make_recording: Callable[..., Recording]) -> None:
        recording = make_recording(body_limit=4)
        log = WireRecorder(recording.recorder, raw=True).connection()
        assert log.raw
        content = {"data": b"123456"}
        log.tell(Wire.BYTES_IN, 6, content=content)
        (event,) = recording.events()
        assert event.content == {"data": b"1234"}
        assert (event.header.size, event.header.flags) == (6, Flag.TRUNCATED)
        assert content == {"data": b"123456"}


@pytest.mark.parametrize("frame", [Frame(1), Frame(2, False, True, True), Frame(10, masked=True)])
def test_a_frame_header_survives_being_a_number(frame: Frame) -> None:
    assert Frame.unpack(frame.pack()) == frame
    assert frame.is_control is (frame.opcode >= 8)


class TestFaults:
    """Nothing in here reaches the server."""

    def test_a_field_that_does_not_fit(self, recording: Recording) -> None:
        log = WireRecorder(recording.recorder).connection()
        log.tell(Wire.RESPONSE, number=-1)
        log.accepted(Wire.RESPONSE, 1, 1, 2**40)
        assert recording.faults > 0

    def test_after_too_many_it_rests(self, recording: Recording) -> None:
        log = WireRecorder(recording.recorder).connection()
        for _ in range(100):
            log.tell(Wire.ERROR, size=-1)
        log.tell(Wire.CLOSED)
        assert recording.recorder.resting
        assert recording.events(Kind.WIRE) == []
