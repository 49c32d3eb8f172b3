"""An exception as it was recorded, checked: a trace may come from anybody."""

from dataclasses import dataclass
from typing import Any, Final

_DEEPEST: Final = 12
_MOST: Final = 60
"""Exceptions of one failure."""
_FRAMES: Final = 200
_LINES: Final = 40
_NOTES: Final = 20
_TEXT: Final = 64 * 1024
_NAME: Final = 1_000


@dataclass(frozen=True, slots=True)
class Frame:
    """One place in the stack."""

    file: str
    path: str
    """The file as it is imported."""
    name: str
    """Of the function."""
    line: int
    library: bool
    """Part of Python or of an installed package."""
    first: int
    """Number of the first line of the source."""
    source: tuple[str, ...]
    span: tuple[int, int] | None
    """From which to which character of its line it raised."""

    @property
    def title(self) -> str:
        """As Python writes it."""
        return f'File "{self.file}", line {self.line}, in {self.name}'


@dataclass(frozen=True, slots=True)
class Failure:
    """One exception, and those that belong to it."""

    relation: str
    """What it is to the one before it; empty for the first."""
    name: str
    message: str
    notes: tuple[str, ...]
    frames: tuple[Frame, ...]
    """The outermost first."""
    left_out: int
    """Frames that are missing in the middle."""
    others: tuple["Failure", ...]
    """Its cause or context, then the exceptions of a group."""


def read_failure(content: dict[Any, Any]) -> Failure | None:
    """An exception with its frames; None where none were recorded."""
    if not isinstance(content.get("frames"), list):
        return None
    return _Reader().read(content, "", 0)


def name_of(content: dict[Any, Any]) -> str:
    """The type of an exception, with its module where that is not Python's own."""
    module, kind = _text(content.get("module"), _NAME), _text(content.get("type"), _NAME)
    return kind if module in ("", "builtins", "__main__") else f"{module}.{kind}"


class _Reader:
    """Reads a failure, up to so many exceptions."""

    def __init__(self) -> None:
        self._left = _MOST

    def read(self, content: dict[Any, Any], relation: str, deep: int) -> Failure:
        self._left -= 1
        frames = tuple(
            _frame(entry) for entry in _list(content, "frames")[:_FRAMES] if isinstance(entry, dict)
        )
        return Failure(
            relation=relation,
            name=name_of(content),
            message=_text(content.get("message"), _TEXT),
            notes=tuple(_text(note, _NAME) for note in _list(content, "notes")[:_NOTES]),
            frames=frames,
            left_out=_number(content.get("left_out")),
            others=self._others(content, deep + 1),
        )

    def _others(self, content: dict[Any, Any], deep: int) -> tuple[Failure, ...]:
        if deep > _DEEPEST:
            return ()
        errors = _list(content, "errors")
        count = max(_number(content.get("count")), len(errors))
        given = [
            ("caused by", content.get("cause")),
            ("while it handled", content.get("context")),
            *((f"{at} of {count} in the group", one) for at, one in enumerate(errors, start=1)),
        ]
        read = []
        for relation, other in given:
            if isinstance(other, dict) and self._left > 0:
                read.append(self.read(other, relation, deep))
        return tuple(read)


def _frame(entry: dict[Any, Any]) -> Frame:
    file = _text(entry.get("file"), _NAME)
    span = _number(entry.get("column")), _number(entry.get("end"))
    return Frame(
        file=file,
        path=_text(entry.get("path"), _NAME) or file,
        name=_text(entry.get("name"), _NAME),
        line=_number(entry.get("line")),
        library=entry.get("library") is True,
        first=_number(entry.get("first")),
        source=tuple(_text(line, _NAME) for line in _list(entry, "source")[:_LINES]),
        span=span if span[0] < span[1] else None,
    )


def _list(content: dict[Any, Any], key: str) -> list[Any]:
    found = content.get(key)
    return found if isinstance(found, list) else []


def _text(value: Any, limit: int) -> str:
    return value[:limit] if isinstance(value, str) else ""


def _number(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value < 2**31 else 0
