from collections import UserDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asgitrace.recorder.scope import capture_scope
from asgitrace.ring import decode

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

SCOPE: dict[str, Any] = {
    "type": "http",
    "asgi": {"version": "3.0", "spec_version": "2.5"},
    "http_version": "1.1",
    "method": "GET",
    "scheme": "http",
    "path": "/ä",
    "raw_path": b"/%C3%A4",
    "query_string": b"a=b",
    "root_path": "",
    "headers": [[b"host", b"example.org"]],
    "client": ["127.0.0.1", 50_000],
    "server": ["127.0.0.1", None],
    "extensions": {"http.response.trailers": {}},
    "state": {},
}


class Text(str):
    pass


class Number(int):
    pass


class Lazy:
    """A field that is loaded from a database when it is looked at."""

    def __get__(self, instance: object, owner: type) -> int:
        raise AssertionError("it was looked at")


@dataclass
class Row:
    number: int


Row.number = Lazy()  # type: ignore[assignment]


class Broken:
    def __repr__(self) -> str:
        raise ZeroDivisionError


class LoadingDict(dict[str, Any]):
    def items(self) -> Any:
        raise AssertionError("it was loaded")


class BrokenMapping(Mapping[str, Any]):
    def __getitem__(self, key: str) -> Any:
        raise RuntimeError(key)

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError

    def __len__(self) -> int:
        raise RuntimeError

    def __repr__(self) -> str:
        return "broken"


def see(scope: Any) -> Any:
    return decode(capture_scope(scope))


def see_key(key: str, value: Any) -> Any:
    """What is kept of a value in an otherwise sound scope, of which the rest must be kept whole."""
    before = {**SCOPE, key: value}
    seen = see(before)
    assert before[key] is value
    assert {**seen, key: 0} == {**SCOPE, key: 0}
    return seen[key]


def test_a_scope_of_the_specification_is_kept_as_it_is() -> None:
    assert see(SCOPE) == SCOPE


@pytest.mark.parametrize("kind", [UserDict, lambda scope: type("D", (dict,), {})(scope)])
def test_mappings_that_are_not_dict(kind: Any) -> None:
    assert see(kind(SCOPE)) == SCOPE


def test_the_state_is_outlined() -> None:
    state = {"pool": object(), "count": 5, 7: None, "on": True, "rate": 1.5, "rows": [1, 2]}
    assert see_key("state", state) == {
        "pool": "<builtins.object>",
        "count": 5,
        "7": None,
        "on": True,
        "rate": 1.5,
        "rows": "<builtins.list of 2>",
    }


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (object(), "<builtins.object>"),
        (Broken(), "<{module}.Broken>"),
        (Row(5), "<{module}.Row>"),
        ({"user": Row(5), "id": 5}, {"user": "<{module}.Row>", "id": 5}),
        (LoadingDict(a=1), {"a": 1}),
        ({"\ud800": 1}, {"\\ud800": 1}),
        (dict.fromkeys(range(201)), "<builtins.dict of 201>"),
        (b"x" * 3_000, b"x" * 2_000),
        (Text("text"), "text"),
        (Number(5), 5),
        (2**70, str(2**70)),
        ("\ud800", "\\ud800"),
        ((1, 2), "<builtins.tuple of 2>"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_others_put_there_is_outlined_and_never_walked_through(value: Any, kept: Any) -> None:
    def here(text: Any) -> Any:
        return text.replace("{module}", __name__) if isinstance(text, str) else text

    expected = {key: here(held) for key, held in kept.items()} if type(kept) is dict else here(kept)
    assert see_key("user", value) == expected


@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("path", "/\udce4", "/\\udce4"),
        ("path", Text("/a"), "/a"),
        ("http_version", 2**70, str(2**70)),
        ("extensions", UserDict(a=1), "<collections.UserDict>"),
    ],
)
def test_a_key_of_the_specification_that_is_not_as_it_should_be(
    key: str, value: Any, kept: Any
) -> None:
    assert see_key(key, value) == kept


def test_headers_are_not_used_up() -> None:
    headers = iter([(b"a", b"b")])
    assert see_key("headers", headers) == "<builtins.list_iterator>"
    assert list(headers) == [(b"a", b"b")]


def test_cyclic_and_deep_extensions() -> None:
    cycle: dict[str, Any] = {}
    cycle["cycle"] = cycle
    assert see_key("extensions", cycle) == "{'cycle': {...}}"


def test_a_scope_that_is_too_large_keeps_what_is_not() -> None:
    headers = [[b"name", b"x" * 1_000]] * 1_000
    assert see_key("headers", headers) == "<builtins.list of 1000>"


def test_keys_that_are_not_text() -> None:
    assert see({"type": "http", 5: 6}) == {"type": "http", 5: 6}
    assert see({"type": "http", "path": "\ud800", 5: 6, "\ud800": 7}) == {
        "type": "http",
        "path": "\\ud800",
        "5": 6,
        "\\ud800": 7,
    }


@pytest.mark.parametrize(
    ("scope", "text"),
    [
        (None, "None"),
        ([("type", "http")], "[('type', 'http')]"),
        (BrokenMapping(), "broken"),
        (Broken(), "<Broken whose repr raised ZeroDivisionError>"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_scope(scope: Any, text: str) -> None:
    assert see(scope) == {"type": None, "repr": text}


@UNHURRIED
@given(
    st.dictionaries(
        st.sampled_from(sorted(SCOPE)) | st.text(st.characters(codec=None)) | st.integers(),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.binary()
            | st.text(st.characters(codec=None)) | st.builds(object),
            lambda inner: st.lists(inner) | st.dictionaries(st.integers() | st.text(), inner),
            max_leaves=10,
        ),
    )
)  # fmt: skip
def test_whatever_comes_is_captured_and_unchanged(scope: dict[Any, Any]) -> None:
    before = repr(scope)
    assert isinstance(see(scope), dict)
    assert repr(scope) == before
