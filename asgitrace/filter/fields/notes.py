"""Fields of what the user noted on an exchange."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from asgitrace.filter.fields.model import ExchangeField, Fact, Field
from asgitrace.filter.subject import Subject
from asgitrace.filter.values import Condition, Type
from asgitrace.filter.view import Masks, View
from asgitrace.store.annotations import Annotation

if TYPE_CHECKING:
    from asgitrace.store.store import Store


@dataclass(frozen=True, slots=True)
class Noted:
    """Texts of annotations."""

    read: Callable[[Annotation], Iterable[str]]
    decides: bool = True

    def masks(self, view: View, condition: Condition) -> Masks:
        found = [number for number, note in view.annotations if condition.holds(self.read(note))]
        return Masks.exact(view.annotated(np.array(found, np.int64)))


def _tags(note: Annotation) -> Iterable[str]:
    return note.tags


def _comment(note: Annotation) -> Iterable[str]:
    return (note.comment,) if note.comment else ()


def _seen_tags(store: "Store") -> Iterable[str]:
    return store.annotations.tags()


def _mark(subject: Subject) -> Iterable[str]:
    return ("mark",) if subject.note.marked else ()


FIELDS: Final[tuple[Field, ...]] = (
    ExchangeField(
        name="mark", noted=True, type=Type.FLAG, help="you marked it", example="mark or tag=later",
        columns=Fact(lambda view: view.annotated(view.annotations.numbers(marked=True))),
        read=_mark,
    ),
    ExchangeField(
        name="tag", noted=True, type=Type.TEXT, help="a tag you gave it", example="tag=later",
        columns=Noted(_tags), read=lambda subject: subject.note.tags, seen=_seen_tags,
    ),
    ExchangeField(
        name="comment", noted=True, type=Type.TEXT, help="your comment on it",
        example="comment:customer",
        columns=Noted(_comment), read=lambda subject: _comment(subject.note),
    ),
)  # fmt: skip
