"""Routes told from paths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.store.routes import Derived, route, without_query


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", ""),
        ("/", "/"),
        ("*", "*"),
        ("/items", "/items"),
        ("/items?page=2", "/items"),
        ("/items/17", "/items/{n}"),
        ("/items/17/", "/items/{n}/"),
        ("/items/17.json?q=1", "/items/{n}.json"),
        ("/a/1/2/3", "/a/{n}/{n}/{n}"),
        ("/v1/x2", "/v1/x2"),
        ("/1.2.3", "/1.2.3"),
        ("/on/2024-05-06", "/on/{date}"),
        ("/u/3fa85f64-5717-4562-B3FC-2c963f66afa6/x", "/u/{uuid}/x"),
        ("/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/{ulid}"),
        ("/01arz3ndektsv4rrffq69g5fav", "/{ulid}"),
        ("/c/deadbeef01", "/c/{hex}"),
        ("/c/DEADBEEF01", "/c/{hex}"),
        ("/c/deadbeef", "/c/deadbeef"),
        ("/c/0ddba11", "/c/0ddba11"),
        ("/t/V1StGXR8_Z5jdHi6B-myT", "/t/{token}"),
        ("/build-2-houses-in-10-days-or-less", "/build-2-houses-in-10-days-or-less"),
        ("/static/app.3f2a9c81.js", "/static/app.3f2a9c81.js"),
    ],
)
def test_route(path: str, expected: str) -> None:
    assert route(path) == expected


@given(st.text(max_size=60))
def test_any_text_has_a_route_which_is_its_own(path: str) -> None:
    found = route(path)
    assert route(found) == found


@given(st.lists(st.integers(0, 10**9), max_size=50))
def test_items_share_a_route(items: list[int]) -> None:
    assert {route(f"/items/{item}/x") for item in items} <= {"/items/{n}/x"}


def test_without_query() -> None:
    assert without_query("/a?b?c") == "/a"
    assert without_query("/a") == "/a"


def test_table_grows_and_is_made_anew() -> None:
    routes = Derived(route)
    paths = [f"/a/{n}" for n in range(3000)] + ["/b"]
    steps = 1
    while not routes.advance(paths, 0):
        steps += 1
    assert steps > 1
    assert [routes.table[n] for n in routes.numbers[[0, 2999, 3000]]] == ["/a/{n}", "/a/{n}", "/b"]
    paths.append("/c/1")
    assert routes.advance(paths, 0)
    assert routes.advance(paths, 0)
    assert routes.table == ["/a/{n}", "/b", "/c/{n}"]
    assert len(routes.numbers) == 3002
    assert routes.advance(["/d"], 1)
    assert routes.table == ["/d"]
    assert routes.numbers.tolist() == [0]
    assert routes.epoch == 1
