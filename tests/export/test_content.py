import math
import struct
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.export.content import BYTE_KEYS, NESTING, WRAPPERS, ContentError, unwrap, wrap
from asgitrace.ring import decode, encode

NAN = struct.unpack(">d", bytes.fromhex("fff8000000000000"))[0]

texts = st.text(st.characters(exclude_categories=["Cs"]))
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.just(math.nan)
    | texts
    | st.binary()
)
keys = texts | st.sampled_from(sorted(BYTE_KEYS | WRAPPERS.keys())) | st.integers(0, 9)
weird_keys = st.recursive(
    keys | scalars, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=4
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(keys, inner, max_size=4)
        | st.dictionaries(weird_keys, inner, max_size=2)
        | st.lists(st.tuples(st.binary(), st.binary()).map(list), max_size=3)
    ),
    max_leaves=12,
)


@given(values | st.dictionaries(st.sampled_from(sorted(BYTE_KEYS)), values))
def test_content_survives_json(value: Any) -> None:
    payload = encode(value)
    content = decode(payload)
    wrapped = wrap(content)
    assert encode(unwrap(msgspec.json.decode(msgspec.json.encode(wrapped)))) == payload


@pytest.mark.parametrize(
    ("content", "wrapped"),
    [
        ({"type": "t", "body": b"caf\xc3\xa9"}, {"type": "t", "body": "café"}),
        ({"body": b"\xff"}, {"body": {"base64": "/w=="}}),
        ({"body": "text"}, {"body": {"str": "text"}}),
        ({"body": None, "x": b"a"}, {"body": None, "x": {"bytes": "a"}}),
        ({"bytes": b"a", "text": None}, {"bytes": "a", "text": None}),
        ({"bytes": b"a"}, {"dict": [["bytes", {"bytes": "a"}]]}),
        ({"headers": [[b"a", b"b"]]}, {"headers": [["a", "b"]]}),
        ({"headers": [[b"a", b"\xff"]]}, {"headers": [["a", {"base64": "/w=="}]]}),
        ({"headers": [["a", b"b"]]}, {"headers": [[{"str": "a"}, "b"]]}),
        ({"headers": [[b"a"], []]}, {"headers": [["a"], []]}),
        (
            {"headers": [{b"a": 1, b"b": 2}]},
            {"headers": [{"dict": [[{"bytes": "a"}, 1], [{"bytes": "b"}, 2]]}]},
        ),
        ({"links": [b"</a>"]}, {"links": ["</a>"]}),
        ({"deep": {"body": b"a"}}, {"deep": {"body": {"bytes": "a"}}}),
        ({"headers": {"body": b"a"}}, {"headers": {"body": {"bytes": "a"}}}),
        ({1: "a"}, {"dict": [[1, "a"]]}),
        ({(1, (2,)): b""}, {"dict": [[[1, [2]], {"bytes": ""}]]}),
        ({"str": 1, "b": 2}, {"str": 1, "b": 2}),
        (math.inf, {"float": "inf"}),
        (-math.inf, {"float": "-inf"}),
        (b"\xff", {"base64": "/w=="}),
        ([], []),
        ({}, {}),
    ],
)
def test_forms(content: Any, wrapped: Any) -> None:
    assert wrap(content) == wrapped
    assert unwrap(wrapped) == content


def test_nan_is_kept_unless_it_carries_bits_of_its_own() -> None:
    assert wrap(math.nan) == {"float": "nan"}
    assert math.isnan(unwrap({"float": "nan"}))
    with pytest.raises(ContentError, match="NaN"):
        wrap(NAN)


def _nested(depth: int, kind: str, innermost: Any = b"") -> Any:
    value = innermost
    for _ in range(depth):
        value = {"list": [value], "dict": {"k": value}, "odd": {1: value}}[kind]
    return value


@pytest.mark.parametrize("kind", ["list", "dict", "odd"])
@pytest.mark.parametrize("key", [None, "x", "body"])
def test_nesting_is_bounded_alike_both_ways(kind: str, key: str | None) -> None:
    def place(value: Any) -> Any:
        return value if key is None else {key: value, "type": "t"}

    room = NESTING - (key is not None)
    deepest = place(_nested(room, kind))
    wrapped = wrap(deepest)
    assert unwrap(wrapped) == deepest
    with pytest.raises(ContentError, match="nested"):
        wrap(place(_nested(room + 1, kind)))
    deeper = wrap({"type": "t", "x": _nested(NESTING - 1, kind)})
    with pytest.raises(ContentError, match="nested"):
        unwrap([deeper] if key is None else {key: [deeper["x"]], "type": "t"})


def test_what_msgpack_has_and_json_has_not_is_refused() -> None:
    with pytest.raises(ContentError, match="Ext has no form"):
        wrap([msgspec.msgpack.Ext(5, b"a")])


@pytest.mark.parametrize(
    "wrapped",
    [
        {"bytes": 1},
        {"str": None},
        {"base64": ["a"]},
        {"base64": "a"},
        {"base64": "é"},
        {"base64": "!!!!"},
        {"float": "1.5"},
        {"float": 1.5},
        {"dict": {}},
        {"dict": [1]},
        {"dict": [[1]]},
        {"dict": [["a", 1, 2]]},
        {"body": {"base64": 5}, "b": 1},
    ],
)
def test_false_wrappers(wrapped: Any) -> None:
    with pytest.raises(ContentError):
        unwrap(wrapped)


def test_a_dict_as_a_key() -> None:
    with pytest.raises(TypeError):
        unwrap({"dict": [[{"a": 1}, 2]]})
