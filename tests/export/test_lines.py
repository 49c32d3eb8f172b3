import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.export.lines import (
    LogEntry,
    Surrogates,
    TraceLine,
    decode_line,
    encode_line,
    is_crowded,
    pack_text,
    unpack_text,
)


@given(st.text(st.characters()))
def test_any_text_comes_back(text: str) -> None:
    line = LogEntry(process=1, time_ns=2, stream="stdout", text=pack_text(text))
    data = encode_line(line)
    assert decode_line(data) == line
    assert unpack_text(line.text) == text


def test_lone_surrogates_are_kept_as_base64() -> None:
    assert pack_text("a\udcff") == Surrogates(b"a\xed\xb3\xbf")


@pytest.mark.parametrize(
    "text", ["\x1b[2J", "\r\n", "\x7f", "\x9b2J", "\x85", "\u2028", "\u202e", "\u2066", "\u200f"]
)
def test_nothing_a_terminal_obeys_or_that_looks_like_a_line_end(text: str) -> None:
    data = encode_line(LogEntry(process=0, time_ns=0, stream="stdout", text=f"é{text}"))
    shown = data.decode()
    assert shown.endswith("\n")
    assert len(shown.splitlines()) == 1
    assert text not in shown
    assert shown.strip("\n").replace("é", "").isascii()
    assert json.loads(data)["text"] == f"é{text}"


def test_the_first_line_reads_well() -> None:
    line = TraceLine(format=1, asgitrace="0.1.0", created=datetime(2026, 3, 1, 12, 30, tzinfo=UTC))
    assert encode_line(line) == (
        b'{"line":"trace","format":1,"asgitrace":"0.1.0","created":"2026-03-01T12:30:00Z"}\n'
    )


@pytest.mark.parametrize(
    ("data", "crowded"),
    [
        (b"[" + b"[]," * 300_000 + b"[]]", False),
        (b"[" + b"[]," * 600_000 + b"[]]", True),
        (b"[" + b"1," * 1_100_000 + b"1]", True),
        (b"{" + b'"a":{},' * 600_000, True),
        (b'["' + b"[,{" * 600_000 + b'"]', False),
        (rb'["' + rb"\"[," * 600_000 + b'"]', False),
        (rb'["' + rb"\"[," * 600_000, False),
        (rb'["' + rb"\\\"[," * 600_000 + b"\\", False),
        (b" " * 2_000_000, False),
    ],
)
def test_too_many_values_are_seen_without_making_them(data: bytes, crowded: bool) -> None:
    assert is_crowded(data) == crowded
