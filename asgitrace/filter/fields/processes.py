"""Fields of the process that recorded an exchange: which of several it is, and what it runs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Final

import numpy as np

from asgitrace.filter.fields.model import ExchangeField, Field
from asgitrace.filter.subject import Subject
from asgitrace.filter.values import Condition, Scalar, Type
from asgitrace.filter.view import Masks, View
from asgitrace.store.model import Process

if TYPE_CHECKING:
    from asgitrace.store.store import Store

ProcessValue = Callable[[Process], Scalar]
"""What is asked of a process; 0 or empty where it is not there."""


@dataclass(frozen=True, slots=True)
class OfProcess:
    """Something that all rows of a process have in common: each process is asked once."""

    value: ProcessValue
    decides: bool = True

    def masks(self, view: View, condition: Condition) -> Masks:
        passed = [self._passes(process, condition) for process in view.listing.processes]
        # A note on no process has the number -1, which is the last place.
        passed.append(False)
        found = np.array(passed, np.bool_)[view.column("source")]
        return Masks.exact(found)

    def _passes(self, process: Process, condition: Condition) -> bool:
        return condition.holds(_there(self.value(process)))


def _there(value: Scalar) -> Iterable[Scalar]:
    return (value,) if value else ()


def _read(value: ProcessValue) -> Callable[[Subject], Iterable[Scalar]]:
    def read(subject: Subject) -> Iterable[Scalar]:
        process = subject.row.process
        return () if process is None else _there(value(process))

    return read


def _seen(value: ProcessValue) -> "Callable[[Store], Iterable[str]]":
    return lambda store: (str(found) for found in map(value, store.processes) if found)


def _field(
    name: str, kind: Type, words: str, example: str, attribute: str, usual: tuple[str, ...] = ()
) -> ExchangeField:
    value: ProcessValue = attrgetter(attribute)
    return ExchangeField(
        name=name, type=kind, help=words, example=example, columns=OfProcess(value),
        read=_read(value), seen=_seen(value), usual=usual,
    )  # fmt: skip


FIELDS: Final[tuple[Field, ...]] = (
    _field(
        "worker", Type.NUMBER, "which of several processes recorded it, from 1", "worker=2",
        "worker",
    ),
    _field("pid", Type.NUMBER, "id of the process that recorded it", "pid in {4711,4712}", "pid"),
    _field(
        "process", Type.TEXT, "what the process that recorded it runs, as module:app",
        "process:shop", "target",
    ),
    _field(
        "via", Type.TEXT, "server that the process runs in, with its version", "via:hypercorn",
        "server", ("asgitrace", "uvicorn", "hypercorn", "granian", "daphne", "gunicorn"),
    ),
)  # fmt: skip
