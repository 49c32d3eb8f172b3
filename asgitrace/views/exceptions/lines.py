"""A failure as lines: what was raised on top, below it the frames, then what led to it."""

from typing import Any, Final

from asgitrace.views.exceptions.frames import FrameLines
from asgitrace.views.exceptions.model import Failure, name_of, read_failure
from asgitrace.views.fields import Field, FieldLines, heading
from asgitrace.views.lines import Lines, Stack
from asgitrace.views.wrap import TextLines

_SHORT: Final = 400
"""Characters of a message that stands behind the type."""


def failure_lines(content: dict[Any, Any]) -> Lines:
    """An exception as it was recorded; without frames its traceback as text."""
    failure = read_failure(content)
    if failure is not None:
        return Stack(_parts(failure))
    message = content.get("message")
    shown = Field(name_of(content), message if isinstance(message, str) else "", "bad")
    trace = content.get("traceback")
    if not isinstance(trace, str) or not trace:
        return FieldLines([heading(""), shown])
    return Stack(
        [FieldLines([heading(""), shown, heading(""), heading("traceback")]), TextLines(trace)]
    )


def _parts(failure: Failure) -> list[Lines]:
    parts: list[Lines] = [FieldLines(_head(failure))]
    if "\n" in failure.message or len(failure.message) > _SHORT:
        parts.append(TextLines(failure.message))
    parts.append(FrameLines(failure.frames, failure.left_out))
    for other in failure.others:
        parts += _parts(other)
    return parts


def _head(failure: Failure) -> list[Field]:
    fields = [heading("")]
    if failure.relation:
        fields.append(Field(failure.relation, heading=True, style="warn"))
    short = "\n" not in failure.message and len(failure.message) <= _SHORT
    fields.append(Field(failure.name, failure.message if short else "", "bad"))
    fields += [Field("note", note, "notice") for note in failure.notes]
    return fields
