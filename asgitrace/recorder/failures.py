"""An exception as a payload: its type and message, its traceback as text, and the same as data,
with the lines of source around each place."""

import linecache
import sys
import traceback
from collections.abc import Iterator
from itertools import islice
from types import FrameType, TracebackType
from typing import Any, Final

from asgitrace.ring import encode
from asgitrace.ring.codec import clean, describe, name_of

_TEXT_LIMIT: Final = 64 * 1024
_LINE_LIMIT: Final = 240
_NOTES: Final = 20
_DEEPEST: Final = 12
"""Causes of causes, and groups in groups."""
_EXCEPTIONS: Final = 60
"""All that are told of one failure."""
_GROUP: Final = 20
_FIRST_FRAMES, _LAST_FRAMES = 20, 60
"""Of a deep stack: where it was called from, and where it broke."""
_AROUND: Final = 2
"""Lines of source before and behind the one that raised."""
_STATEMENT: Final = 8

_INSTALLED: Final = ("site-packages", "dist-packages")
_STDLIB: Final = linecache.__file__.removesuffix("linecache.py")
_OURS: Final = __file__.removesuffix("recorder/failures.py")
_DEMO: Final = f"{_OURS}demo/"
"""The one app that is ours, wherever it is installed."""


def explain(error: BaseException, *, full: bool) -> bytes:
    """An exception as a payload; ``full`` with its traceback.

    What is in it: ``type``, ``module``, ``message``, and where full ``traceback``, ``notes``,
    ``frames``, ``left_out``, and of the same shape ``cause`` or ``context`` and ``errors``, the
    exceptions of a group. ``frames`` begins with the outermost one; ``left_out`` frames are missing
    in the middle. A frame has ``file``, ``path`` (as it is imported), ``name``, ``line``,
    ``library`` (it belongs to Python or to an installed package), ``first`` and ``source`` (lines
    around it, and the number of the first), ``column`` and ``end`` (of what raised in its line, in
    characters).
    """
    explained = _head(error)
    if full:
        explained["traceback"] = _text_of(error)
        try:
            explained |= _Told().body(error)
        except Exception as failure:
            explained["unexplained"] = describe(failure)
    return encode(explained)


def _head(error: BaseException) -> dict[str, Any]:
    try:
        message = clean(str(error)[:_TEXT_LIMIT])
    except Exception:
        message = describe(error)
    return {"type": name_of(type(error)), "module": str(type(error).__module__), "message": message}


def _text_of(error: BaseException) -> str:
    try:
        text = clean("".join(traceback.format_exception(error)))
    except Exception as failure:
        return f"The traceback cannot be shown: {describe(failure)}"
    # The end names the error; of a very long one the middle is what can be spared.
    half = _TEXT_LIMIT // 2
    return text if len(text) <= 2 * half else text[:half] + "\n…\n" + text[-half:]


class _Told:
    """The exceptions that belong to one failure, each of them told once."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def body(self, error: BaseException, deep: int = 0) -> dict[str, Any]:
        """What there is to be said besides type and message."""
        self._seen.add(id(error))
        frames, left_out = _frames(error.__traceback__)
        body: dict[str, Any] = {"frames": frames}
        if left_out:
            body["left_out"] = left_out
        notes = getattr(error, "__notes__", None)
        if isinstance(notes, list | tuple) and notes:
            body["notes"] = [_note(note) for note in notes[:_NOTES]]
        if error.__cause__ is not None:
            self._add(body, "cause", error.__cause__, deep)
        elif error.__context__ is not None and not error.__suppress_context__:
            self._add(body, "context", error.__context__, deep)
        if isinstance(error, BaseExceptionGroup):
            errors = (self._whole(one, deep + 1) for one in error.exceptions[:_GROUP])
            body["errors"] = [told for told in errors if told is not None]
            body["count"] = len(error.exceptions)
        return body

    def _add(self, body: dict[str, Any], name: str, other: BaseException, deep: int) -> None:
        told = self._whole(other, deep + 1)
        if told is not None:
            body[name] = told

    def _whole(self, error: BaseException, deep: int) -> dict[str, Any] | None:
        if deep > _DEEPEST or id(error) in self._seen or len(self._seen) >= _EXCEPTIONS:
            return None
        return _head(error) | self.body(error, deep)


def _note(note: object) -> str:
    return clean(note[: _LINE_LIMIT * 8]) if isinstance(note, str) else describe(note)


def _frames(trace: TracebackType | None) -> tuple[list[dict[str, Any]], int]:
    """The frames as data, and how many of them were left out."""
    count = sum(1 for _ in _walk(trace))
    left_out = max(0, count - _FIRST_FRAMES - _LAST_FRAMES)
    kept = range(_FIRST_FRAMES, _FIRST_FRAMES + left_out)
    return [_frame(entry) for at, entry in enumerate(_walk(trace)) if at not in kept], left_out


def _walk(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _frame(entry: TracebackType) -> dict[str, Any]:
    frame = entry.tb_frame
    code, line = frame.f_code, entry.tb_lineno or 0
    library = _is_library(code.co_filename)
    told: dict[str, Any] = {
        "file": clean(code.co_filename),
        "path": clean(_import_path(code.co_filename)),
        "name": clean(code.co_qualname),
        "line": line,
        "library": library,
    }
    last = line
    place = next(islice(code.co_positions(), entry.tb_lasti // 2, None), (None,) * 4)
    first, stop, column, end = place
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


def _columns(text: str, column: int, end: int | None) -> dict[str, int]:
    """Byte offsets in a line as characters; without an end up to that of the line."""
    raw = text.encode()
    return {
        "column": len(raw[:column].decode("utf-8", "replace")),
        "end": len(raw[:end].decode("utf-8", "replace")),
    }


def _source(frame: FrameType, number: int) -> str:
    line = linecache.getline(frame.f_code.co_filename, number, frame.f_globals)
    return clean(line.rstrip()[:_LINE_LIMIT])


def _is_library(file: str) -> bool:
    if file.startswith("<"):
        return True
    if file.startswith(_OURS):
        return not file.startswith(_DEMO)
    return file.startswith(_STDLIB) or any(name in file for name in _INSTALLED)


def _import_path(file: str) -> str:
    """The file as it lies below the folder it is imported from."""
    holding = (
        folder for folder in sys.path if folder and file.startswith(folder.rstrip("/") + "/")
    )
    longest = max(holding, key=len, default="")
    return file[len(longest.rstrip("/")) + 1 :] if longest else file
