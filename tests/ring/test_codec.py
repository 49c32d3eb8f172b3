import enum
from collections import deque
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asgitrace.ring.codec import clean, decode, describe, encode, name_of, plain

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Broken:
    def __repr__(self) -> str:
        raise ZeroDivisionError


class Metaclass(type):
    def __getattribute__(cls, name: str) -> Any:
        raise RuntimeError(name)


class Nameless(metaclass=Metaclass):
    def __repr__(self) -> str:
        raise ZeroDivisionError


class Text(str):
    def __str__(self) -> str:
        return "not the text"

    def __len__(self) -> int:
        raise ZeroDivisionError


class Number(int):
    def __repr__(self) -> str:
        return "not the number"


class Fraction(float):
    pass


class Data(bytes):
    pass


class TextRepr:
    def __repr__(self) -> str:
        return Text("a repr of a subclass")


class Liar:
    """Says that it is text."""

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return str

    def __repr__(self) -> str:
        return "liar"


class Status(enum.IntEnum):
    OK = 200


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False)
    | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)  # fmt: skip


@UNHURRIED
@given(JSON)
def test_plain_data_comes_back_as_it_was(value: Any) -> None:
    assert decode(encode(value)) == value or value == b""


def test_an_empty_payload_is_nothing() -> None:
    assert decode(b"") is None


@UNHURRIED
@given(st.binary(min_size=1))
def test_any_bytes_decode_to_something(payload: bytes) -> None:
    decode(payload)


@pytest.mark.parametrize(
    "payload", [b"\xc1", b"\x91" * 5_000, b"\x81\x81\x01\x02\x03", b"\xa1\xff"]
)
def test_what_cannot_be_decoded_is_given_back(payload: bytes) -> None:
    assert decode(payload) == payload


def test_an_object_becomes_its_repr() -> None:
    generator = (number for number in range(3))
    assert decode(encode([generator, 1])) == [repr(generator), 1]
    assert list(generator) == [0, 1, 2]
    assert decode(encode({"a": deque([1])})) == {"a": "deque([1])"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Text("text"), "text"),
        (Data(b"data"), b"data"),
        (Number(7), 7),
        (Fraction(1.5), 1.5),
        (Status.OK, 200),
        ({Text("key"): Number(1)}, {"key": 1}),
        (Liar(), "liar"),
    ],
    ids=lambda value: type(value).__qualname__,
)
def test_subclasses_of_scalars_become_the_scalar(value: object, expected: object) -> None:
    result = decode(encode(value))
    assert result == expected
    assert type(result) is type(expected)


def test_plain_leaves_other_types_alone() -> None:
    assert plain(object()) is NotImplemented


@pytest.mark.parametrize("value", [2**64, -(2**63) - 1, "\ud800", memoryview(b"abcd")[::2]])
def test_what_msgpack_has_no_word_for_raises(value: object) -> None:
    with pytest.raises((OverflowError, UnicodeEncodeError, BufferError)):
        encode(value)


def test_cyclic_data_raises() -> None:
    cycle: list[object] = []
    cycle.append(cycle)
    with pytest.raises(RecursionError):
        encode(cycle)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([1, "a"], "[1, 'a']"),
        (Broken(), "<Broken whose repr raised ZeroDivisionError>"),
        (Nameless(), "<Nameless whose repr raised ZeroDivisionError>"),
        (10**5_000, "<int whose repr raised ValueError>"),
        (TextRepr(), "a repr of a subclass"),
    ],
    ids=lambda value: type(value).__qualname__ if type(type(value)) is type else "Nameless",
)
def test_describe_is_a_repr_or_says_why_not(value: object, text: str) -> None:
    assert describe(value) == text


def test_describe_is_bounded() -> None:
    assert describe("x" * 10_000) == "'" + "x" * 1_999 + "…"


@UNHURRIED
@given(st.text(st.characters(codec=None)))
def test_clean_text_can_be_encoded_and_sound_text_is_unchanged(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    if not any("\ud800" <= character <= "\udfff" for character in text):
        assert cleaned == text


def test_name_of_a_nested_class() -> None:
    assert name_of(Broken) == "Broken"
    assert name_of(Nameless) == "Nameless"
