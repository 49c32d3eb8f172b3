"""Terms that the screens write."""

import pytest

from asgitrace.filter import compile_filter
from asgitrace.store.model import Exchange
from asgitrace.store.routes import route, without_query
from asgitrace.tui.terms import field_term
from tests.tui.fakes import PROCESS, make_row


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("route", "/a/{n}", 'route="/a/{n}"'),
        ("route", "/a", "route=/a"),
        ("conn", "7", "conn=7"),
        ("status", "404", "status=404"),
        ("client", "", "-client"),
    ],
)
def test_term(field: str, value: str, expected: str) -> None:
    assert field_term(field, value) == expected


@pytest.mark.parametrize(
    "path",
    ["/", "/a/", "/a/1/", "/a b", '/"q"', "/{n}", "*", "/x?y=1", "/[1,2]", "/a)b", "/\\d", "/\x1b"],
)
def test_terms_find_the_exchanges_of_their_group(path: str) -> None:
    ours, other = (
        Exchange(make_row(1, path=text), PROCESS, (), 0) for text in (path, "/somewhere/else")
    )
    for field, value in (("route", route(path)), ("path", without_query(path))):
        predicate = compile_filter(field_term(field, value))
        assert predicate.accepts(ours, 0)
        assert not predicate.accepts(other, 0)
