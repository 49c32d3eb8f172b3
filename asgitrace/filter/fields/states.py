"""The field `is`: what can be said of an exchange in one word."""

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from asgitrace.filter.failures import failures, is_failed
from asgitrace.filter.fields.model import ExchangeField, Field, Words, exchanges
from asgitrace.filter.model import Mask
from asgitrace.filter.subject import Subject
from asgitrace.filter.values import Type
from asgitrace.filter.view import View
from asgitrace.store.entry import DEBUGGED
from asgitrace.store.model import RowKind, State

SLOW_NS: Final = 1_000_000_000
"""What takes as long as this is slow."""


class _Word(NamedTuple):
    """One word: what it means, for columns and for a single exchange."""

    help: str
    mask: Callable[[View], Mask]
    holds: Callable[[Subject], bool]


def _kind(kind: RowKind, text: str) -> _Word:
    return _Word(
        text,
        lambda view: view.column("kind") == kind,
        lambda subject: subject.row.kind is kind,
    )


def _state(state: State, text: str) -> _Word:
    return _Word(
        text,
        lambda view: exchanges(view) & (view.column("state") == state),
        lambda subject: subject.row.state is state and subject.row.kind is not RowKind.PROCESS,
    )


def _closed(view: View) -> Mask:
    over: Mask = view.column("state") != State.OPEN
    return exchanges(view) & over


def _slow(view: View) -> Mask:
    answered: Mask = view.column("kind") == RowKind.HTTP
    long: Mask = view.durations() >= SLOW_NS
    return answered & long


_WORDS: Final = {
    "open": _state(State.OPEN, "the app has not returned yet"),
    "closed": _Word(
        "it is over, in whatever way", _closed,
        lambda subject: subject.row.state is not State.OPEN
        and subject.row.kind is not RowKind.PROCESS,
    ),
    "error": _Word(
        "raised, lost, refused, a status of 5xx, or a close code that tells of trouble",
        lambda view: failures(view.column("kind"), view.column("state"), view.column("status")),
        lambda subject: is_failed(subject.row),
    ),
    "slow": _Word(
        "a request that took a second or more", _slow,
        lambda subject: subject.row.kind is RowKind.HTTP and subject.row.duration_ns >= SLOW_NS,
    ),
    "returned": _state(State.RETURNED, "the app returned in good order"),
    "raised": _state(State.RAISED, "the app raised"),
    "cancelled": _state(State.CANCELLED, "the app was cancelled"),
    "lost": _state(State.LOST, "its process ended before the app returned"),
    "refused": _state(State.REFUSED, "the server answered by itself, the app was not called"),
    "debugged": _Word(
        "a debugger stood in it, or held it up",
        lambda view: exchanges(view) & ((view.column("seen") & DEBUGGED) > 0),
        lambda subject: subject.row.debugged,
    ),
    "http": _kind(RowKind.HTTP, "an HTTP request and its response"),
    "ws": _kind(RowKind.WEBSOCKET, "a WebSocket session"),
    "lifespan": _kind(RowKind.LIFESPAN, "the app's start and end"),
    "process": _kind(RowKind.PROCESS, "a note on the app's process"),
    "marked": _Word(
        "it has a mark", lambda view: view.annotated(view.annotations.numbers(marked=True)),
        lambda subject: subject.note.marked,
    ),
    "noted": _Word(
        "it has a mark, a tag or a comment",
        lambda view: view.annotated(view.annotations.numbers()),
        lambda subject: bool(subject.note),
    ),
    "incomplete": _Word(
        "events of it are missing, or may be", lambda view: view.column("missed") > 0,
        lambda subject: subject.exchange is not None and subject.exchange.missed > 0,
    ),
}  # fmt: skip


def _is(subject: Subject) -> Iterable[str]:
    return (word for word, rule in _WORDS.items() if rule.holds(subject))


FIELDS: Final[tuple[Field, ...]] = (
    ExchangeField(
        name="is",
        type=Type.CHOICE,
        help="what can be said of it in a word",
        example="is:error",
        columns=Words({word: rule.mask for word, rule in _WORDS.items()}),
        read=_is,
        timed=True,
        noted=True,
        choices={word: rule.help for word, rule in _WORDS.items()},
    ),
)
