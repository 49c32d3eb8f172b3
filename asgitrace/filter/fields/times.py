"""Fields of time: how long an exchange took and what it waited for."""

from collections.abc import Callable, Iterable
from typing import Final

from asgitrace.filter.fields.model import ExchangeField, Field, Numbers
from asgitrace.filter.subject import Subject
from asgitrace.filter.values import Type
from asgitrace.filter.view import View
from asgitrace.store.model import State


def _part(name: str) -> tuple[Numbers, Callable[[Subject], Iterable[int]]]:
    return (
        Numbers(lambda view: view.parts(name)),
        lambda subject: (int(getattr(subject.row.split, name)),),
    )


def _age(subject: Subject) -> Iterable[int]:
    return (max(subject.now - subject.began, 0),)


def _idle(subject: Subject) -> Iterable[int]:
    return (max(subject.now - _last(subject), 0),)


def _last(subject: Subject) -> int:
    """When the app's side had its last event."""
    if subject.row.state is not State.OPEN or subject.exchange is None:
        return subject.began + subject.row.duration_ns
    stamps = [max(event.called, event.returned or 0) for event in subject.exchange.events]
    return max([subject.began, *stamps])


_FIELDS: Final = (
    ("wait.client", "client", "time it waited in receive() for the client", "wait.client>10s"),
    (
        "wait.backpressure", "backpressure",
        "time it waited in send() for what it sent to be taken", "wait.backpressure>100ms",
    ),
    ("app.time", "app", "time in the app's own code, or awaiting something of its own",
     "app.time>1s"),
    ("after", "after", "time from the end of the response to the app's return", "after>500ms"),
)  # fmt: skip

FIELDS: Final[tuple[Field, ...]] = (
    ExchangeField(
        name="dur", type=Type.DURATION, help="how long it took, or has taken up to now",
        example="dur>500ms", columns=Numbers(View.durations), timed=True,
        read=lambda subject: (subject.row.duration_ns,),
    ),
    ExchangeField(
        name="ttfb", type=Type.DURATION,
        help="time until its response began, or its WebSocket was accepted",
        example="ttfb>200ms",
        columns=Numbers(lambda view: view.column("ttfb"), lambda ttfb: ttfb >= 0),
        read=lambda subject: (subject.row.ttfb_ns,) if subject.row.ttfb_ns >= 0 else (),
    ),
    *(
        ExchangeField(
            name=name, type=Type.DURATION, help=text, example=example, timed=True,
            columns=_part(part)[0], read=_part(part)[1],
        )
        for name, part, text, example in _FIELDS
    ),
    ExchangeField(
        name="age", type=Type.DURATION, help="how long ago it began", example="age<5m",
        columns=Numbers(View.ages), read=_age, timed=True, aging=True,
    ),
    ExchangeField(
        name="idle", type=Type.DURATION, help="how long ago its last event was",
        example="is:open idle>30s", columns=Numbers(View.idles), read=_idle, timed=True,
        aging=True,
    ),
)  # fmt: skip
