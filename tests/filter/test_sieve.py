"""No payload is passed over that holds what is looked for."""

from hypothesis import given
from hypothesis import strategies as st

from asgitrace.filter.sieve import containing, exactly, naming
from asgitrace.ring import encode

LETTERS = st.sampled_from("fFiIsSkKlLhx1 \xdf\u0130\u017f\u212a\ufb03\ufb05\u1e9e\xe9\ufffd")
TEXTS = st.text(LETTERS | st.characters(exclude_categories=["Cs"]), max_size=6)


@given(TEXTS, TEXTS)
def test_what_contains_a_text_passes(text: str, wanted: str) -> None:
    sieve = containing(wanted.casefold())
    if sieve is not None and wanted.casefold() in text.casefold():
        assert sieve(encode({"text": text}))
        assert sieve(encode({"body": text.encode()}))


@given(TEXTS, st.lists(TEXTS, max_size=3))
def test_what_is_one_of_the_texts_passes(text: str, others: list[str]) -> None:
    sieve = exactly([text, *others])
    if sieve is not None:
        assert sieve(encode({"body": text.encode()}))


def test_bytes_that_are_no_text_may_be_any() -> None:
    assert b"\xff".decode(errors="replace") == "\ufffd"
    assert exactly(["\ufffd"]) is None


@given(TEXTS)
def test_what_has_a_name_passes(name: str) -> None:
    assert naming(name.lower())(encode({"headers": [[name.encode(), b"1"]]}))


def test_what_cannot_hold_it_is_passed_over() -> None:
    payload = encode({"text": "hello", "headers": [[b"host", b"shop"]]})
    sieve = containing("bye")
    assert sieve is not None
    assert not sieve(payload)
    assert not naming("x-request-id")(payload)
