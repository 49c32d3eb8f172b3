"""Forms as pairs."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.views.body.form import RENDERER
from asgitrace.views.body.model import Rating
from tests.views.body.rendered import lines_of, rate, rendered, sample_of
from tests.views.drawn import drawn

PAIRS = st.lists(st.tuples(st.text(), st.text()), max_size=8)


@given(PAIRS)
def test_what_urlencode_writes_is_read(pairs: list[tuple[str, str]]) -> None:
    data = urlencode(pairs).encode()
    lines = lines_of(RENDERER, data, sample_of(data))
    assert [lines.text(index) for index in range(len(lines))] == [
        f"{name}={value}" for name, value in pairs
    ]


def test_shows_names_and_values() -> None:
    data = b"a=1&&b=x+y%20z&a=2&empty=&novalue&%FF=%1b%5B31m%zz"
    assert rendered(RENDERER, data) == [
        " ▸ a                       1",
        " ▸ b                       x y z",
        " ▸ a                       2",
        " ▸ empty                   empty",
        " ▸ novalue                 no value",
        " ▸ \\xff                    ␛[31m%zz",
    ]


def test_a_pair_opens_to_what_was_sent_and_what_is_in_it() -> None:
    data = urlencode({"payload": '{"a": 1}', "empty": ""}).encode()
    lines = lines_of(RENDERER, data, sample_of(data))
    assert lines.toggle(1)
    assert lines.toggle(0)
    assert [line.strip() for line in drawn(lines)[1:6]] == [
        "name  payload", "raw   payload=%7B%22a%22%3A+1%7D", "▾ {", '"a": 1', "}",
    ]  # fmt: skip
    assert drawn(lines)[-1].strip() == "empty"


def test_a_large_record_opens_beside_the_screen() -> None:
    data = b"a=" + b"[1," * 30_000 + b"1"
    lines = lines_of(RENDERER, data, sample_of(data))
    assert lines.toggle(0)
    while lines.work():
        pass
    assert drawn(lines, most=3)[1].strip() == "name  a"


@pytest.mark.parametrize(
    ("data", "kind", "rating"),
    [
        (b"", "application/x-www-form-urlencoded", Rating.NAMED),
        (b"a=1&b=2", "", Rating.ABLE),
        (b"hello = x", "", Rating.NO),
    ],
)
def test_is_chosen_by_type(data: bytes, kind: str, rating: Rating) -> None:
    assert rate(RENDERER, data, kind) is rating
