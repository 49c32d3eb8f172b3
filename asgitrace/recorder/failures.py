"""An exception as a payload: its type and message, its traceback as text, and the same as data,
with the lines of source around each place.

An exception is the app's: its attributes are read past whatever its class has in their places, and
however many belong together, telling them takes milliseconds."""

import traceback
from typing import Any, Final

from asgitrace.recorder.frames import Stacks
from asgitrace.ring import encode
from asgitrace.ring.codec import clean, describe, name_of

_TEXT_LIMIT: Final = 64 * 1024
_NOTE_LIMIT: Final = 2_000
_NOTES: Final = 20
_DEEPEST: Final = 12
"""Causes of causes, and groups in groups."""
_EXCEPTIONS: Final = 60
"""All that are told of one failure."""
_GROUP: Final = 20
_FRAMES: Final = 400
"""All frames that are told of one failure."""

_WRITTEN: Final = 100
"""Exceptions of one failure, and frames of one of them, that Python is asked to write."""
_SUGGESTED: Final = (SyntaxError, ImportError, NameError, AttributeError)
"""Of which Python has more to say than their message."""

_attributes: Final = BaseException.__dict__
_trace_of: Final = _attributes["__traceback__"].__get__
_cause_of: Final = _attributes["__cause__"].__get__
_context_of: Final = _attributes["__context__"].__get__
_is_alone: Final = _attributes["__suppress_context__"].__get__
_members_of: Final = BaseExceptionGroup.__dict__["exceptions"].__get__

_stacks: Final = Stacks()


def members(error: BaseException) -> tuple[BaseException, ...]:
    """The exceptions of a group; none of what is no group, whatever it says it is."""
    found: tuple[BaseException, ...] = ()
    if issubclass(type(error), BaseExceptionGroup):
        found = _members_of(error)
    return found


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
    return {"type": name_of(type(error)), "module": _module_of(error), "message": message}


def _module_of(error: BaseException) -> str:
    try:
        return clean(str(type(error).__module__))
    except Exception:
        return ""


def _before(error: BaseException) -> tuple[str, BaseException | None]:
    """What led to an exception: its cause or its context."""
    cause: BaseException | None = _cause_of(error)
    if cause is not None:
        return "cause", cause
    return "context", None if _is_alone(error) else _context_of(error)


def _text_of(error: BaseException) -> str:
    try:
        text = clean(_written(error))
    except Exception as failure:
        return f"The traceback cannot be shown: {describe(failure)}"
    # The end names the error; of a very long one the middle is what can be spared.
    half = _TEXT_LIMIT // 2
    return text if len(text) <= 2 * half else text[:half] + "\n…\n" + text[-half:]


def _written(error: BaseException) -> str:
    """As Python writes it; where that would take long, without what led to it or belongs to it."""
    if not _is_plain(error) and _is_small(error):
        return "".join(traceback.format_exception(error))
    head = _head(error)
    name, message = head["type"], head["message"]
    if head["module"] not in ("builtins", "__main__"):
        name = f"{head['module']}.{name}"
    frames = _stacks.of(_trace_of(error)).text
    if frames:
        frames = f"Traceback (most recent call last):\n{frames}"
    return f"{frames}{name}: {message}\n" if message else f"{frames}{name}\n"


def _is_plain(error: BaseException) -> bool:
    """Whether it is all in its frames and its message."""
    return (
        _before(error)[1] is None
        and not issubclass(type(error), (*_SUGGESTED, BaseExceptionGroup))
        and not hasattr(error, "__notes__")
    )


def _is_small(error: BaseException) -> bool:
    """Whether Python writes all that belongs to it in no time."""
    found, seen = [error], {id(error)}
    while found:
        one = found.pop()
        trace, depth = _trace_of(one), 0
        while trace is not None:
            trace, depth = trace.tb_next, depth + 1
        # Both, as it asks for the context even where it does not write it.
        others = [_cause_of(one), _context_of(one), *members(one)[: _WRITTEN + 1]]
        new = [other for other in others if other is not None and id(other) not in seen]
        seen.update(map(id, new))
        if depth > _WRITTEN or len(seen) > _WRITTEN:
            return False
        found += new
    return True


class _Told:
    """The exceptions that belong to one failure, each of them told once."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._frames = 0

    def body(self, error: BaseException, deep: int = 0) -> dict[str, Any]:
        """What there is to be said besides type and message."""
        self._seen.add(id(error))
        body = self._told_frames(error) | _noted(error)
        name, before = _before(error)
        if before is not None:
            told = self._whole(before, deep + 1)
            if told is not None:
                body[name] = told
        if issubclass(type(error), BaseExceptionGroup):
            every = members(error)
            errors = (self._whole(one, deep + 1) for one in every[:_GROUP])
            body["errors"] = [told for told in errors if told is not None]
            body["count"] = len(every)
        return body

    def _told_frames(self, error: BaseException) -> dict[str, Any]:
        stack = _stacks.of(_trace_of(error))
        frames, left_out = stack.frames, stack.left_out
        if self._frames + len(frames) > _FRAMES:
            frames, left_out = [], left_out + len(frames)
        self._frames += len(frames)
        return {"frames": frames} | ({"left_out": left_out} if left_out else {})

    def _whole(self, error: BaseException, deep: int) -> dict[str, Any] | None:
        if deep > _DEEPEST or id(error) in self._seen or len(self._seen) >= _EXCEPTIONS:
            return None
        return _head(error) | self.body(error, deep)


def _noted(error: BaseException) -> dict[str, list[str]]:
    try:
        notes = getattr(error, "__notes__", None)
        if isinstance(notes, list | tuple) and notes:
            return {"notes": [_note(note) for note in notes[:_NOTES]]}
    except Exception as failure:
        return {"notes": [describe(failure)]}
    return {}


def _note(note: object) -> str:
    return clean(note[:_NOTE_LIMIT]) if isinstance(note, str) else describe(note)
