import enum
from collections import OrderedDict, UserDict
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asgitrace.asgi import MESSAGE_TYPES
from asgitrace.events import MESSAGE_CODES, OTHER, Flag
from asgitrace.recorder.capture import CAPTURES, Captured, capture_other
from asgitrace.ring import decode

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

LIMIT = 10


class Seen:
    """What was captured, taken apart as a reader would."""

    def __init__(self, captured: Captured) -> None:
        what, marks, self.size, self.payload = captured
        assert what & 0xFFFFFF == 0
        self.message = what >> 24
        self.number, self.flags = marks & 0xFFFF, Flag(marks >> 16)
        self.content = decode(self.payload)


def see(message: Any, limit: int = LIMIT) -> Seen:
    """Capture as the recorder does."""
    try:
        return Seen(CAPTURES[message["type"]](message, limit))
    except Exception:
        return Seen(capture_other(message, limit))


class Text(str):
    pass


class Data(bytes):
    pass


class Code(enum.IntEnum):
    OK = 200
    GONE = 1001


class Type(str, enum.Enum):  # noqa: UP042 - StrEnum has its own str
    START = "http.response.start"


class Broken:
    def __repr__(self) -> str:
        raise ZeroDivisionError

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


class BrokenMapping(Mapping[str, Any]):
    def __getitem__(self, key: str) -> Any:
        raise RuntimeError(key)

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError

    def __len__(self) -> int:
        raise RuntimeError


class Pretender:
    """Has a type as a message does, and is none."""

    def __getitem__(self, key: str) -> str:
        return "lifespan.startup"

    def __repr__(self) -> str:
        return "pretender"


class HostileClass:
    @property  # type: ignore[misc]
    def __class__(self) -> type:
        raise RuntimeError

    def __repr__(self) -> str:
        return "hostile"


def cyclic() -> dict[str, Any]:
    message: dict[str, Any] = {"type": "http.response.start", "status": 200}
    message["headers"] = [message]
    return message


def deep() -> dict[str, Any]:
    inner: list[Any] = []
    for _ in range(5_000):
        inner = [inner]
    return {"type": "http.response.start", "status": 200, "headers": inner}


class TestSoundMessages:
    @pytest.mark.parametrize("name", MESSAGE_TYPES)
    def test_every_type_of_the_specification_is_kept_whole(self, name: str) -> None:
        seen = see({"type": name})
        assert seen.message == MESSAGE_CODES[name]
        assert seen.content == {"type": name}
        assert (seen.size, seen.number, seen.flags) == (0, 0, Flag(0))

    @pytest.mark.parametrize(
        "name", ["http.request", "http.response.body", "websocket.http.response.body"]
    )
    @UNHURRIED
    @given(body=st.binary(max_size=2 * LIMIT), more=st.booleans())
    def test_bodies(self, name: str, body: bytes, more: bool) -> None:
        message = {"type": name, "body": body, "more_body": more}
        before = dict(message)
        seen = see(message)
        assert message == before
        assert seen.content == {**message, "body": body[:LIMIT]}
        assert seen.size == len(body)
        assert (Flag.TRUNCATED in seen.flags) == (len(body) > LIMIT)
        assert (Flag.MORE in seen.flags) == more

    @pytest.mark.parametrize("name", ["websocket.receive", "websocket.send"])
    @UNHURRIED
    @given(text=st.text(max_size=2 * LIMIT))
    def test_text_counts_in_bytes_and_is_cut_between_characters(self, name: str, text: str) -> None:
        seen = see({"type": name, "text": text, "bytes": None})
        kept = seen.content["text"]
        size = len(text.encode())
        assert seen.size == size
        assert seen.flags == (Flag.TEXT | Flag.TRUNCATED if size > LIMIT else Flag.TEXT)
        assert text.startswith(kept)
        if size > LIMIT:
            following = text[len(kept)]
            assert len(kept.encode()) <= LIMIT < len((kept + following).encode())
        else:
            assert kept == text

    @UNHURRIED
    @given(data=st.binary(max_size=2 * LIMIT))
    def test_binary_frames(self, data: bytes) -> None:
        seen = see({"type": "websocket.send", "bytes": data})
        assert seen.content["bytes"] == data[:LIMIT]
        assert seen.size == len(data)
        assert seen.flags == (Flag.TRUNCATED if len(data) > LIMIT else Flag(0))

    def test_a_limit_of_nothing_keeps_nothing(self) -> None:
        assert see({"type": "http.request", "body": b"x"}, 0).content["body"] == b""
        assert see({"type": "websocket.send", "text": "x"}, 0).content["text"] == ""

    @pytest.mark.parametrize(
        ("name", "key"),
        [
            ("http.response.start", "status"),
            ("websocket.http.response.start", "status"),
            ("websocket.close", "code"),
            ("websocket.disconnect", "code"),
        ],
    )
    @pytest.mark.parametrize(
        ("value", "number"),
        [
            (404, 404),
            (Code.GONE, 1001),
            (65_535, 65_535),
            (65_536, 0),
            (-1, 0),
            ("200", 0),
            (None, 0),
            (2**70, 0),
            (1.5, 0),
        ],
    )
    def test_status_and_close_code(self, name: str, key: str, value: Any, number: int) -> None:
        seen = see({"type": name, key: value})
        assert seen.number == number
        assert seen.message == MESSAGE_CODES[name]

    @pytest.mark.parametrize("more", [True, False])
    def test_zerocopysend(self, more: bool) -> None:
        message = {"type": "http.response.zerocopysend", "file": object(), "more_body": more}
        seen = see(message)
        assert bool(seen.flags & Flag.MORE) is more
        assert (seen.size, seen.content["more_body"]) == (0, more)

    @pytest.mark.parametrize("more", [True, False])
    def test_trailers(self, more: bool) -> None:
        seen = see({"type": "http.response.trailers", "headers": [], "more_trailers": more})
        assert seen.flags == (Flag.MORE if more else Flag(0))


class TestOddMessages:
    """They are captured as they are, as far as msgpack has words for it."""

    @pytest.mark.parametrize(
        ("body", "size", "kept"),
        [
            (bytearray(b"x" * 12), 12, b"x" * 10),
            (bytearray(b"abc"), 3, b"abc"),
            (memoryview(b"x" * 12), 12, b"x" * 10),
            (memoryview(bytes(12)).cast("H"), 12, bytes(10)),
            (memoryview(b"abcdef")[::2], 3, b"ace"),
            (Data(b"x" * 12), 12, b"x" * 10),
            (None, 0, None),
            ("ä" * 4, 8, "ä" * 4),
            ("ä" * 6, 12, "ä" * 5),
            (Text("text"), 4, "text"),
        ],
        ids=lambda value: type(value).__name__,
    )
    @pytest.mark.parametrize(
        ("name", "key"), [("http.response.body", "body"), ("websocket.send", "bytes")]
    )
    def test_bodies_that_are_not_bytes(
        self, name: str, key: str, body: Any, size: int, kept: Any
    ) -> None:
        seen = see({"type": name, key: body})
        assert (seen.size, seen.content) == (size, {"type": name, key: kept})
        assert seen.flags == (Flag.TRUNCATED if size > LIMIT else Flag(0))

    def test_text_that_is_bytes(self) -> None:
        seen = see({"type": "websocket.send", "text": b"\xff" * 12})
        assert (seen.size, seen.content["text"]) == (12, b"\xff" * 10)

    def test_objects_are_described_where_they_are(self) -> None:
        headers = ((b"a", b"%d" % number) for number in range(2))
        seen = see({"type": "http.response.start", "status": 204, "headers": headers})
        assert seen.content == {
            "type": "http.response.start", "status": 204, "headers": repr(headers)
        }  # fmt: skip
        assert (seen.number, seen.flags) == (204, Flag(0))
        assert list(headers) == [(b"a", b"0"), (b"a", b"1")]

    def test_sets_and_tuples_are_lists(self) -> None:
        seen = see({"type": "http.response.start", "headers": {(b"a", b"b")}})
        assert seen.content["headers"] == [[b"a", b"b"]]

    @pytest.mark.parametrize("kind", [UserDict, OrderedDict, MappingProxyType])
    def test_mappings_that_are_not_dict(self, kind: Any) -> None:
        message = {"type": "http.response.body", "body": b"x" * 12, "more_body": True}
        seen = see(kind(message))
        assert seen.content == {**message, "body": b"x" * 10}
        assert (seen.message, seen.size) == (MESSAGE_CODES["http.response.body"], 12)
        assert seen.flags == Flag.MORE | Flag.TRUNCATED

    @pytest.mark.parametrize("name", [Text("http.response.start"), Type.START])
    def test_types_of_subclasses_of_str(self, name: str) -> None:
        seen = see({Text("type"): name, "status": Code.OK})
        assert seen.content == {"type": "http.response.start", "status": 200}
        assert (seen.message, seen.number) == (MESSAGE_CODES["http.response.start"], 200)

    @pytest.mark.parametrize(
        "message",
        [
            {"type": "my.extension", "value": [1, b"2"]},
            {"type": "", "value": None},
            {"type": 5},
            {"type": None},
            {"type": ["http.request"]},
            {"body": b"no type"},
            {1: 2},
            {},
        ],
        ids=repr,
    )
    def test_unknown_types_are_kept_as_they_are(self, message: dict[Any, Any]) -> None:
        seen = see(message)
        assert seen.content == message
        assert (seen.message, seen.flags) == (OTHER, Flag(0))

    def test_a_large_value_of_an_unknown_type_is_cut(self) -> None:
        seen = see({"type": "my.data", "body": b"x" * 11, "text": "ä" * 6})
        assert seen.content == {"type": "my.data", "body": b"x" * 10, "text": "ä" * 5}
        assert seen.flags == Flag.TRUNCATED


class TestRepr:
    """What cannot be encoded is kept as its repr, with the header's fields as far as they are
    known."""

    @pytest.mark.parametrize(
        ("message", "start"),
        [
            ({"type": "http.response.start", "status": 200, "x": 2**70}, "{'type': 'http"),
            ({"type": "http.response.start", "status": 200, "x": "\ud800"}, "{'type': 'http"),
            ({"type": "http.response.start", "status": 200, "x": 10**5_000}, "<dict whose repr"),
            (cyclic(), "{'type': 'http.response.start'"),
            (deep(), "<dict whose repr raised RecursionError>"),
        ],
        ids=["huge int", "lone surrogate", "unprintable int", "cyclic", "deep"],
    )
    def test_known_types(self, message: dict[str, Any], start: str) -> None:
        seen = see(message)
        assert seen.content["type"] == "http.response.start"
        assert seen.content["repr"].startswith(start)
        assert seen.message == MESSAGE_CODES["http.response.start"]
        assert (seen.number, seen.flags) == (200, Flag.REPR)

    def test_the_true_length_is_known_all_the_same(self) -> None:
        text = see({"type": "websocket.send", "text": "\ud800" + "x" * 3})
        assert (text.size, text.flags) == (6, Flag.REPR | Flag.TEXT)
        body = see({"type": "http.request", "body": b"x" * 99, "more_body": True, "x": 2**70})
        assert (body.size, body.flags) == (99, Flag.REPR | Flag.MORE)

    def test_a_body_of_no_known_kind(self) -> None:
        seen = see({"type": "http.response.body", "body": 5, "more_body": True})
        assert (
            seen.content["repr"] == "{'type': 'http.response.body', 'body': 5, 'more_body': True}"
        )
        assert (seen.size, seen.flags) == (0, Flag.REPR)

    def test_a_large_body_does_not_make_a_large_repr(self) -> None:
        seen = see({"type": "http.request", "x": 2**70, "body": bytes(10**7)})
        assert len(seen.payload) < 5_000
        assert seen.size == 10**7

    def test_large_surrogates_are_cut_and_escaped(self) -> None:
        seen = see({"type": "websocket.send", "text": "\ud800" * 20})
        assert seen.content["text"] == "\\ud800\\ud8"
        assert (seen.size, seen.flags) == (60, Flag.TEXT | Flag.TRUNCATED)

    @pytest.mark.parametrize(
        ("message", "text"),
        [
            (None, "None"),
            (5, "5"),
            ([("type", "http.request")], "[('type', 'http.request')]"),
            ("http.request", "'http.request'"),
            (Broken(), "<Broken whose repr raised ZeroDivisionError>"),
            (Pretender(), "pretender"),
            (HostileClass(), "hostile"),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_what_is_no_message_at_all(self, message: Any, text: str) -> None:
        seen = see(message)
        assert seen.content == {"type": None, "repr": text}
        assert (seen.message, seen.flags) == (OTHER, Flag.REPR)

    def test_a_mapping_that_breaks(self) -> None:
        seen = see(BrokenMapping())
        assert seen.content["type"] is None
        assert seen.flags == Flag.REPR

    def test_an_iterator_is_not_used_up(self) -> None:
        message = iter([("type", "http.request")])
        assert see(message).flags == Flag.REPR
        assert list(message) == [("type", "http.request")]

    def test_a_value_whose_repr_raises(self) -> None:
        seen = see({"type": "http.response.start", "headers": Broken(), "status": 1})
        assert seen.content["headers"] == "<Broken whose repr raised ZeroDivisionError>"
        assert seen.number == 1

    def test_an_unknown_type_that_cannot_be_encoded(self) -> None:
        seen = see({"type": "my.\ud800type", "x": 2**70})
        assert seen.content["type"] == "my.\\ud800type"
        assert (seen.message, seen.flags) == (OTHER, Flag.REPR)

    def test_a_number_as_type_that_cannot_be_encoded(self) -> None:
        assert see({"type": 2**70}).content == {"type": None, "repr": repr({"type": 2**70})}

    @UNHURRIED
    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.binary()
            | st.text(st.characters(codec=None)) | st.builds(object),
            lambda inner: st.lists(inner) | st.sets(st.integers()) | st.tuples(inner)
            | st.dictionaries(
                st.sampled_from(["type", "body", "text", "bytes", "status", "more_body"])
                | st.integers(),
                inner | st.sampled_from(MESSAGE_TYPES),
            ),
            max_leaves=20,
        )
    )  # fmt: skip
    def test_whatever_comes_is_captured_within_bounds(self, message: Any) -> None:
        seen = see(message)
        assert seen.content is not None
        assert 0 <= seen.message < 256
        assert seen.size >= 0
