"""Payloads without events are the payloads of the events."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asgitrace.events import MESSAGE_CODES, Kind, Outcome, Phase
from asgitrace.store import Store
from asgitrace.store.pieces import what
from tests.store.playbook import ANCHOR, REQUEST, START, Tape

BODIES = {what(Kind.SEND, MESSAGE_CODES["http.response.body"])}
ANYTHING = {what(kind, code) for kind in Kind for code in range(32)}


def store_of(tape: Tape, size: int) -> Store:
    store = Store(1 << 22)
    store.add_process(42, ANCHOR, "shop:app")
    while (batch := tape.batch(size)).count:
        store.take(0, batch)
    return store


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 40), st.sampled_from((1, 7, 1_000)), st.sampled_from((0, 2)))
def test_pieces_are_the_payloads_of_the_records(count: int, size: int, hot: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("asgitrace.store.segments._RECORDS", 16)
        patch.setattr("asgitrace.store.segments._LEAST", 100)
        patch.setattr("asgitrace.store.segments._HOT", hot)
        tape = Tape()
        for exchange in range(1, count + 1):
            tape.request(exchange, exchange * 1_000, body=bytes(exchange * 9))
        store = store_of(tape, size)
        for number, pieces in zip(
            store.numbers.tolist(), store.pieces(np.arange(count)), strict=True
        ):
            records = [record.payload for _, record in store.records(number)]
            assert [piece.payload for piece in pieces.of(ANYTHING)] == records
            assert [piece.payload for piece in pieces.of(BODIES)] == [records[-2]]


def test_what_a_failed_call_would_have_sent_is_not_there() -> None:
    tape = Tape().scope(1, 1_000).receive(1, 1, 1_010, 1_020, REQUEST)
    tape.send(1, 2, 1_030, 1_040, START)
    tape.add(
        Kind.SEND, 1, 1_050, 1_060, call=3, outcome=Outcome.RAISED, payload=b"the exception",
        message=MESSAGE_CODES["http.response.body"],
    )  # fmt: skip
    (pieces,) = store_of(tape, 100).pieces(np.arange(1))
    assert [piece.payload for piece in pieces.of(BODIES)] == [b""]


def test_the_other_record_of_a_call_is_told() -> None:
    tape = Tape().scope(1, 1_000)
    code = MESSAGE_CODES["http.response.body"]
    tape.add(Kind.SEND, 1, 1_050, call=1, phase=Phase.CALLED, message=code, payload=b"it")
    tape.add(Kind.SEND, 1, 1_050, 1_060, call=1, phase=Phase.RETURNED, message=code)
    (pieces,) = store_of(tape, 100).pieces(np.arange(1))
    assert [(piece.payload, piece.second) for piece in pieces.of(BODIES)] == [
        (b"it", False), (b"", True)
    ]  # fmt: skip


def test_a_note_has_none() -> None:
    store = Store()
    store.note(None, "restarted", 0, 1_000)
    (pieces,) = store.pieces(np.arange(1))
    assert list(pieces.of(ANYTHING)) == []
