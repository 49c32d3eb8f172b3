"""A trace, event by event, against what the witness saw and against the sums of its own stamps."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

from asgitrace.events import Flag, Kind, Outcome
from asgitrace.library import LoadedExchange
from asgitrace.store import Event, RowKind, State
from tests.frameworks.hosts import Recorded

Facts = dict[str, Any]

_CALLS: Final = {Kind.RECEIVE: "receive", Kind.SEND: "send"}
_ENDS: Final = (Kind.RETURN, Kind.RAISE)


def check_all(recorded: Recorded) -> None:
    """Every exchange of a process that has ended; raises AssertionError with what differs."""
    exchanges = [one for one in recorded.trace if one.kind is not RowKind.PROCESS]
    assert recorded.trace.missed == 0
    assert len(exchanges) == len(recorded.witness), "not every call of the app is in the trace"
    for number, exchange in enumerate(exchanges, start=1):
        label = f"exchange {number} {exchange.method} {exchange.path}"
        assert exchange.missed == 0, label
        _check_scope(exchange, recorded.witness[number][0], label)
        _check_calls(exchange, recorded.witness[number], label)
        check_timing(exchange, label)


def _check_scope(exchange: LoadedExchange, seen: Facts, label: str) -> None:
    scope, first = exchange.scope, exchange.events[0]
    assert first.kind is Kind.SCOPE, label
    for name in ("type", "http_version", "method", "path", "root_path", "scheme", "subprotocols"):
        assert scope.get(name) == seen.get(name), f"{label}: {name} of its scope"
    assert scope.get("query_string", b"").decode("latin-1") == seen["query_string"], label
    headers = [[part.decode("latin-1") for part in pair] for pair in scope.get("headers", ())]
    assert headers == seen["headers"], f"{label}: headers of its scope"
    assert first.called <= seen["called"], f"{label}: the app was called before its scope was seen"


def _check_calls(exchange: LoadedExchange, seen: list[Facts], label: str) -> None:
    """Each call in the order in which the app made it; then the end."""
    *calls, end = exchange.events[1:]
    # The end is not always last: a call of another task may outlast the app's.
    late = [event for event in (*calls, end) if event.kind in _ENDS]
    assert len(late) == 1, f"{label}: one end"
    told = [event for event in exchange.events if event.kind in _CALLS]
    known = [one for one in seen if one["kind"] in _CALLS.values()]
    ending = next(one for one in seen if one["kind"] == "end")
    assert [event.call for event in told] == list(range(1, len(told) + 1)), label
    # Calls made after the app's end are not in the witness's line.
    assert len(told) >= len(known), f"{label}: {len(told)} calls of {len(known)}"
    for event, one in zip(told, known, strict=False):
        _check_call(event, one, f"{label}: call {event.call}, {one['kind']} {one.get('type', '')}")
    _check_end(late[0], ending, exchange, label)


def _check_call(event: Event, seen: Facts, label: str) -> None:
    assert _CALLS[event.kind] == seen["kind"], label
    assert seen["called"] <= event.called, f"{label}: stamped before it was made"
    if "returned" not in seen:
        # It outlasted the app's own call, with which the witness's line was written.
        return
    assert (event.outcome is not Outcome.OK) == ("error" in seen), f"{label}: {event.outcome}"
    failure = event.failure()
    assert (failure["type"] if failure else "") == seen.get("error", ""), label
    assert event.returned is not None, f"{label}: never over"
    assert event.called <= event.returned <= seen["returned"], f"{label}: stamped after it was over"
    if "type" not in seen:
        return
    assert event.type == seen["type"], label
    assert event.size == seen["size"], f"{label}: size"
    assert bool(event.flags & Flag.MORE) == seen["more"], f"{label}: more_body"
    assert bool(event.flags & Flag.TEXT) == (seen["text"] and event.size >= 0), f"{label}: text"
    assert event.number == seen["number"], f"{label}: status or close code"
    content = event.content()
    assert isinstance(content, dict), label
    assert (content.get("reason") or "") == seen["reason"], f"{label}: reason"


def _check_end(event: Event, seen: Facts, exchange: LoadedExchange, label: str) -> None:
    assert seen["called"] <= event.called, f"{label}: ended before the app did"
    if not seen["error"]:
        assert (event.kind, exchange.state) == (Kind.RETURN, State.RETURNED), label
        return
    assert event.kind is Kind.RAISE, label
    assert event.content()["type"] == seen["error"], f"{label}: what it raised"
    assert exchange.state in (State.RAISED, State.CANCELLED), label


def check_timing(exchange: LoadedExchange, label: str) -> None:
    """Stamps are in order, and the parts of its time are what a sweep over them says: every instant
    is in one part, and none is left."""
    first, end = exchange.events[0], next(one for one in exchange.events if one.kind in _ENDS)
    calls = [event for event in exchange.events if event.kind in _CALLS]
    assert all(first.called <= event.called for event in calls), f"{label}: before its scope"
    assert [event.called for event in calls] == sorted(event.called for event in calls), label
    split = exchange.split
    assert split.total == exchange.duration_ns == end.called - first.called, f"{label}: the sum"
    parts = {"app": 0, "client": 0, "backpressure": 0, "after": 0}
    for part, length in _swept(calls, first.called, end.called):
        parts[part] += length
    found = {name: getattr(split, name) for name in parts}
    assert found == parts, f"{label}: the parts of its time"


def _swept(calls: list[Event], start: int, end: int) -> Iterator[tuple[str, int]]:
    """The pieces between one stamp and the next, each with the part that it belongs to."""
    spans = [(one, one.called, end if one.returned is None else one.returned) for one in calls]
    stamps = {start, end, *(stamp for _, *both in spans for stamp in both if stamp < end)}
    whole = min((until for one, _, until in spans if _ends_input(one)), default=end)
    over = min((until for one, _, until in spans if _ends_response(one)), default=end)
    for since, until in pairwise(sorted(stamps)):
        pending = {one.kind for one, called, back in spans if called <= since < back}
        if since >= over:
            yield "after", until - since
        elif Kind.SEND in pending:
            yield "backpressure", until - since
        elif Kind.RECEIVE in pending and since < whole:
            yield "client", until - since
        else:
            yield "app", until - since


def _ends_input(event: Event) -> bool:
    return (
        event.type == "http.request"
        and event.outcome is Outcome.OK
        and event.returned is not None
        and not event.flags & Flag.MORE
    )


def _ends_response(event: Event) -> bool:
    ends = ("http.response.body", "websocket.close", "websocket.disconnect")
    return (
        event.type in ends
        and event.outcome is Outcome.OK
        and event.returned is not None
        and not event.flags & Flag.MORE
    )
