"""What the formats that nest in one another's way have in common."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import cbor2
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asgitrace.views.body import cbor, msgpack
from tests.views.body.packable import VALUES
from tests.views.body.rendered import sample_of, shown_or_refused

of_each = pytest.mark.parametrize(
    ("format_", "encode"),
    [(cbor, cbor2.dumps), (msgpack, msgspec.msgpack.encode)],
    ids=["cbor", "msgpack"],
)


@of_each
@settings(max_examples=50)
@given(
    data=st.binary()
    | st.tuples(st.integers(0x80, 0xDF), st.binary()).map(lambda of: bytes([of[0]]) + of[1])
)
def test_any_bytes_are_shown_or_refused(
    format_: ModuleType, encode: Callable[[Any], bytes], data: bytes
) -> None:
    format_.RENDERER.rate(sample_of(data))
    shown_or_refused(format_.render, data)


@of_each
@given(value=VALUES, cut=st.integers(0, 2000))
def test_what_was_cut_is_shown_up_to_the_cut(
    format_: ModuleType, encode: Callable[[Any], bytes], value: Any, cut: int
) -> None:
    data = encode([value, value])
    _, fault = format_.decode(data[:cut])
    assert (fault == "") == (cut >= len(data) or not cut)
