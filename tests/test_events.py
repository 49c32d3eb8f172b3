from dataclasses import FrozenInstanceError

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asgitrace.asgi import MESSAGE_TYPES
from asgitrace.events import (
    HEADER,
    HEADER_PACKED,
    MESSAGE_CODES,
    OTHER,
    Flag,
    Header,
    Kind,
    Outcome,
    Phase,
    Record,
    message_name,
    pack_identity,
    pack_marks,
    pack_what,
)

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

WORD = st.integers(0, 2**32 - 1)
LONG = st.integers(0, 2**64 - 1)
TIME = st.integers(-(2**63), 2**63 - 1)
SHORT = st.integers(0, 2**16 - 1)
BYTE = st.integers(0, 255)


def test_a_header_has_64_bytes_of_which_the_last_four_are_the_checksum() -> None:
    assert HEADER.size == 64
    assert HEADER_PACKED.size == 60
    assert Header._fields[-1] == "checksum"


@UNHURRIED
@given(
    header=st.builds(
        Header,
        LONG, TIME, TIME, LONG, LONG, WORD, WORD, WORD, SHORT, SHORT, BYTE, BYTE, BYTE, BYTE, WORD,
    )
)  # fmt: skip
def test_the_packed_form_lies_as_the_header_does(header: Header) -> None:
    packed = HEADER_PACKED.pack(
        header.sequence,
        header.called,
        header.returned,
        header.size,
        header.position,
        pack_identity(header.exchange, header.call),
        header.length,
        pack_marks(header.number, header.flags),
        pack_what(header.kind, header.phase, header.outcome, header.message),
    )
    assert packed + header.checksum.to_bytes(4, "little") == HEADER.pack(*header)
    assert Header._make(HEADER.unpack(HEADER.pack(*header))) == header


def test_every_message_type_has_a_code_and_its_name_back() -> None:
    assert OTHER not in MESSAGE_CODES.values()
    assert [message_name(code) for code in MESSAGE_CODES.values()] == list(MESSAGE_TYPES)


@pytest.mark.parametrize("code", [OTHER, len(MESSAGE_TYPES) + 1, 255])
def test_other_and_later_codes_have_no_name(code: int) -> None:
    assert message_name(code) is None


def test_words_fit_their_places() -> None:
    assert max(MESSAGE_CODES.values()) < 256
    assert max(Kind) < 256
    assert max(Phase) < 256
    assert max(Outcome) < 256
    assert sum(Flag) < 2**16


def test_a_record_cannot_be_changed() -> None:
    record = Record(Header(*range(15)), b"payload")
    with pytest.raises(FrozenInstanceError):
        record.payload = b""  # type: ignore[misc]
