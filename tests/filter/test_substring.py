"""Which rows the first filter shows."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from asgitrace.filter import Filter, Word, matching, parse


@dataclass
class Table:
    """Rows of method, path and status as columns."""

    rows: list[tuple[str, str, int]]
    methods: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    string_epoch: int = 0

    def _column(self, index: int, strings: list[str]) -> NDArray[np.int32]:
        for row in self.rows:
            if str(row[index]) not in strings:
                strings.append(str(row[index]))
        return np.array([strings.index(str(row[index])) for row in self.rows], np.int32)

    def __post_init__(self) -> None:
        self.method = self._column(0, self.methods)
        self.path = self._column(1, self.paths)
        self.status = np.array([row[2] for row in self.rows], np.int32)


ROWS = [
    ("GET", "/shop/items", 200),
    ("POST", "/shop/cart", 404),
    ("WS", "/chat", 1006),
    ("GET", "/health", 200),
    ("GET", "/news/404.html", 301),
    ("LIFESPAN", "", 0),
]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", [0, 1, 2, 3, 4, 5]),
        ("   ", [0, 1, 2, 3, 4, 5]),
        ("SHOP", [0, 1]),
        ("shop post", [1]),
        ("ws", [2, 4]),
        ("lifespan", [5]),
        ("-health", [0, 1, 2, 4, 5]),
        ("get -health -shop", [4]),
        ("404", [1, 4]),
        ("4xx", [1]),
        ("2XX", [0, 3]),
        ("1xxx", [2]),
        ("-2xx get", [4]),
        ("-", [0, 1, 2, 3, 4, 5]),
        ("nothing", []),
    ],
)
def test_words(text: str, shown: list[int]) -> None:
    assert np.flatnonzero(matching(parse(text), Table(ROWS))).tolist() == shown


def test_parse() -> None:
    assert parse(" Shop -HEALTH - ") == (Word("shop"), Word("health", excluded=True))


def test_strings_that_come_later_are_searched_too() -> None:
    table = Table(ROWS[:2])
    words = Filter(parse("chat"))
    assert not words.mask(table).any()
    table.rows += ROWS[2:]
    table.__post_init__()
    assert np.flatnonzero(words.mask(table)).tolist() == [2]


def test_strings_that_were_renumbered_are_searched_anew() -> None:
    words = Filter(parse("shop"))
    words.mask(Table(ROWS))
    turned = Table(ROWS[::-1], string_epoch=1)
    assert np.flatnonzero(words.mask(turned)).tolist() == [4, 5]


def test_no_rows() -> None:
    assert len(matching(parse("a -b 404"), Table([]))) == 0


words = st.lists(st.text("abws4x-0", min_size=1, max_size=4), max_size=3).map(" ".join)
tables = st.lists(
    st.tuples(
        st.sampled_from(["GET", "WS"]), st.text("ab4/", max_size=4), st.sampled_from([0, 200, 404])
    )
)


@given(words, tables)
def test_as_row_by_row(text: str, rows: list[tuple[str, str, int]]) -> None:
    def has(word: Word, row: tuple[str, str, int]) -> bool:
        method, path, status = row
        number = word.text.isdigit() and len(word.text) in (3, 4) and int(word.text) == status
        group = word.text in ("4xx", "0xx") and status // 100 == int(word.text[0]) > 0
        return word.text in method.lower() or word.text in path or number or group

    expected = [all(has(w, row) != w.excluded for w in parse(text)) for row in rows]
    assert matching(parse(text), Table(rows)).tolist() == expected
