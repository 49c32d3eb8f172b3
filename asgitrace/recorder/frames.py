"""The frames of a traceback as data, with the lines of source around each place.

The same places raise again and again: what was told of one is kept for the next time, without the
frames themselves, which would keep the app's objects alive."""

import linecache
import sys
import traceback
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from types import CodeType, FrameType, TracebackType
from typing import Any, Final

from asgitrace.ring.codec import clean

FIRST_FRAMES: Final = 20
LAST_FRAMES: Final = 60
"""Of a deep stack: where it was called from, and where it broke."""

_LINE_LIMIT: Final = 240
_NAME_LIMIT: Final = 1_000
_AROUND: Final = 2
"""Lines of source before and behind the one that raised."""
_STATEMENT: Final = 8

_KEPT: Final = 64
"""Tracebacks that are kept."""
_KEPT_TEXT: Final = 32 * 1024
"""Characters that one of them may have."""

_INSTALLED: Final = ("site-packages", "dist-packages")
_STDLIB: Final = linecache.__file__.removesuffix("linecache.py")
_OURS: Final = __file__.removesuffix("recorder/frames.py")
_DEMO: Final = f"{_OURS}demo/"
"""The one app that is ours, wherever it is installed."""

_Place = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Stack:
    """The frames of one traceback."""

    frames: list[dict[str, Any]]
    """The outermost one first; not to be changed."""
    left_out: int
    """So many are missing in the middle."""
    text: str
    """As Python writes them, the same ones missing."""
    codes: tuple[CodeType, ...]
    """What ran, so that nothing else comes to have its place."""


class Stacks:
    """Tells tracebacks as stacks, and keeps the latest."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[_Place, ...], Stack] = OrderedDict()

    def of(self, trace: TracebackType | None) -> Stack:
        """The frames of a traceback."""
        entries = list(_walk(trace))
        left_out = max(0, len(entries) - FIRST_FRAMES - LAST_FRAMES)
        told = entries[:FIRST_FRAMES] + entries[FIRST_FRAMES + left_out :]
        key = (
            (left_out, 0, 0),
            *((id(one.tb_frame.f_code), one.tb_lineno or 0, one.tb_lasti) for one in told),
        )
        kept = self._kept.get(key)
        if kept is not None:
            return kept
        stack = _stack(told, left_out)
        if len(stack.text) <= _KEPT_TEXT:
            self._kept[key] = stack
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return stack


def _walk(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _stack(told: list[TracebackType], left_out: int) -> Stack:
    text = [_text(one) for one in told]
    if left_out:
        text.insert(FIRST_FRAMES, f"  … {left_out:,} frames are left out here …\n")
    codes = tuple(one.tb_frame.f_code for one in told)
    return Stack([_frame(one) for one in told], left_out, clean("".join(text)), codes)


def _text(entry: TracebackType) -> str:
    try:
        return "".join(traceback.format_tb(entry, limit=1))
    except Exception:
        # A module's own loader may refuse to give its source.
        code = entry.tb_frame.f_code
        return f'  File "{code.co_filename}", line {entry.tb_lineno}, in {code.co_name}\n'


def _frame(entry: TracebackType) -> dict[str, Any]:
    frame = entry.tb_frame
    code, line = frame.f_code, entry.tb_lineno or 0
    library = _is_library(code.co_filename)
    told: dict[str, Any] = {
        "file": clean(code.co_filename[:_NAME_LIMIT]),
        "path": clean(_import_path(code.co_filename)[:_NAME_LIMIT]),
        "name": clean(code.co_qualname[:_NAME_LIMIT]),
        "line": line,
        "library": library,
    }
    last = line
    first, stop, column, end = _position(code, entry.tb_lasti)
    if first == line and stop is not None and column is not None and end is not None:
        told |= _columns(_source(frame, line), column, end if stop == first else None)
        last = min(stop, line + _STATEMENT)
    if library:
        return told | {"first": line, "source": [_source(frame, line)]}
    start = max(1, line - _AROUND)
    source = [_source(frame, number) for number in range(start, last + _AROUND + 1)]
    while source and not source[-1]:
        source.pop()
    return told | {"first": start, "source": source}


def _position(code: CodeType, at: int) -> tuple[int | None, int | None, int | None, int | None]:
    """First and last line, first and last byte of what an instruction belongs to."""
    nowhere = (None,) * 4
    # Made by hand, a traceback may point before the first.
    return nowhere if at < 0 else next(islice(code.co_positions(), at // 2, None), nowhere)


def _columns(text: str, column: int, end: int | None) -> dict[str, int]:
    """Byte offsets in a line as characters; without an end up to that of the line."""
    raw = text.encode()
    return {
        "column": len(raw[:column].decode("utf-8", "replace")),
        "end": len(raw[:end].decode("utf-8", "replace")),
    }


def _source(frame: FrameType, number: int) -> str:
    try:
        line = linecache.getline(frame.f_code.co_filename, number, frame.f_globals)
        return clean(line.rstrip()[:_LINE_LIMIT])
    except Exception:
        # A module's own loader may refuse to give it.
        return ""


def _is_library(file: str) -> bool:
    if file.startswith("<"):
        return True
    if file.startswith(_OURS):
        return not file.startswith(_DEMO)
    return file.startswith(_STDLIB) or any(name in file for name in _INSTALLED)


def _import_path(file: str) -> str:
    """The file as it lies below the folder it is imported from."""
    longest = ""
    for folder in sys.path:
        # Anything may be in there; what is no text is passed over by Python, too.
        if not isinstance(folder, str) or not folder:
            continue
        folder = folder.rstrip("/") + "/"
        if len(folder) > len(longest) and file.startswith(folder):
            longest = folder
    return file[len(longest) :]
