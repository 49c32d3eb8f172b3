"""Events of two exchanges laid beside one another, with their times."""

from collections.abc import Generator, Hashable
from typing import Any, Final

from asgitrace.events import Kind
from asgitrace.store.model import Event, Exchange
from asgitrace.views.compare.alignment import Pair, align, gaps
from asgitrace.views.compare.model import EventRow, Mark, Section, Work
from asgitrace.views.summary import message_body
from asgitrace.views.timeline import started

_PORTION: Final = 1_000
_MOST: Final = 100_000
"""Events of each that are compared."""
_CONVERSATION: Final = frozenset({"websocket.receive", "websocket.send"})
_STARTS: Final = frozenset({"http.response.start", "websocket.http.response.start"})
_BODIES: Final = frozenset({"http.request", "http.response.body", "websocket.http.response.body"})


def events(section: Section, left: Exchange, right: Exchange) -> Work:
    """Align them by direction and type; messages of a WebSocket session by what they say first,
    and those left over by their type."""
    for side, exchange in (("left", left), ("right", right)):
        if exchange.missed:
            section.notes.append(f"{exchange.missed:,} events of the {side} one were overwritten.")
        if len(exchange.events) > _MOST:
            section.notes.append(f"Only the first {_MOST:,} events of the {side} one are compared.")
    here, there = left.events[:_MOST], right.events[:_MOST]
    said_here, said_there = (yield from _all_said(here)), (yield from _all_said(there))
    talk = any(event.type in _CONVERSATION for event in (*here[:64], *there[:64]))
    if talk:
        pairs, rough = yield from _by_content(said_here, said_there)
    else:
        found = yield from align([key for key, _ in said_here], [key for key, _ in said_there])
        pairs, rough = found.pairs, found.rough
    if rough:
        section.notes.append("They differ so much that they are aligned roughly.")
    yield from _rows(section, left, right, pairs, (said_here, said_there))


Said = tuple[Hashable, Hashable]
"""The type and direction of an event, and what it says."""


def _all_said(events: tuple[Event, ...]) -> Generator[None, None, list[Said]]:
    found: list[Said] = []
    for count, event in enumerate(events, start=1):
        found.append(((event.kind, event.type), says(event)))
        if count % _PORTION == 0:
            yield
    return found


def says(event: Event) -> Hashable:
    """All that makes an event another one, but for its times; headers and scope are compared
    apart, where they are shown."""
    marks = (event.number, event.size, int(event.flags), event.outcome, event.pending)
    if event.kind is Kind.SCOPE:
        return event.kind
    if event.type in _CONVERSATION or event.type in _BODIES:
        body, text = message_body(event.content())
        return (*marks, body, text) if body else (*marks, event.payload)
    if event.type in _STARTS:
        content = event.content()
        status = content.get("status") if isinstance(content, dict) else content
        return (*marks, repr(status))
    if event.kind is Kind.RAISE:
        return (*marks, _raised(event.content()))
    return (*marks, event.payload, event.error)


def _raised(content: Any) -> Hashable:
    """The exception without the places it went through."""
    if not isinstance(content, dict):
        return repr(content)
    return tuple(str(content.get(key)) for key in ("module", "type", "message"))


def _by_content(
    left: list[Said], right: list[Said]
) -> Generator[None, None, tuple[list[Pair], bool]]:
    """First what says the same, then between those what is of the same type."""
    found = yield from align(left, right)
    pairs: list[Pair] = []
    rough = found.rough
    for count, (here, there, equal) in enumerate(gaps(found.pairs), start=1):
        if here and there:
            between = yield from align([left[at][0] for at in here], [right[at][0] for at in there])
            rough = rough or between.rough
            pairs += [
                (None if x is None else here[x], None if y is None else there[y])
                for x, y in between.pairs
            ]
        else:
            pairs += [(at, None) for at in here]
            pairs += [(None, at) for at in there]
        if equal is not None:
            pairs.append(equal)
        if count % _PORTION == 0:
            yield
    return pairs, rough


def _rows(
    section: Section,
    left: Exchange,
    right: Exchange,
    pairs: list[Pair],
    said: tuple[list[Said], list[Said]],
) -> Work:
    start, other = started(left), started(right)
    before: int | None = None
    """How much later than on the left the last event that both have was on the right."""
    for count, (a, b) in enumerate(pairs, start=1):
        here = None if a is None else left.events[a]
        there = None if b is None else right.events[b]
        at = _moment(here) - start if here is not None else 0
        at_other = _moment(there) - other if there is not None else 0
        if a is None or b is None:
            section.add(
                EventRow(here, there, Mark.ADDED if a is None else Mark.REMOVED, at, at_other)
            )
        else:
            late = at_other - at
            mark = Mark.SAME if said[0][a] == said[1][b] else Mark.CHANGED
            shift = 0 if before is None else late - before
            section.add(EventRow(here, there, mark, at, at_other, shift))
            before = late
        if count % _PORTION == 0:
            yield


def _moment(event: Event) -> int:
    """When it crossed: what is received at the return of the call, what is sent at the call."""
    if event.kind is Kind.RECEIVE and event.returned is not None:
        return event.returned
    return event.called
