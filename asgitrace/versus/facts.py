"""An exchange as facts that can be compared: by part and name, each with a short text.

What is another at every run (ports, dates, keys of handshakes) is replaced by
a word that says what it is. Times are no facts; see `timing`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, Final, NamedTuple

from asgitrace.events import Kind, Outcome
from asgitrace.export.forms.call import pairs
from asgitrace.export.forms.place import scope_of
from asgitrace.store import Event, Exchange
from asgitrace.versus.plays import TAG, Heard, HttpPlay, Play, WebSocketPlay
from asgitrace.versus.running import Played
from asgitrace.views.clean import clean

NOTHING: Final = "–"
"""Stands for what is not there."""
UNKNOWN: Final = "·"
"""Stands for what there was no occasion to see: the app was not called, or nothing was answered."""
NOT_CALLED: Final = "the app is not called"
_LONGEST: Final = 4000
_LARGE: Final = 65_536
"""Bytes of a body that no server reads at once."""
_DATED: Final = frozenset({b"date", b"expires", b"last-modified"})
_KEYS: Final = frozenset({b"sec-websocket-key", b"sec-websocket-accept"})
_PORT: Final = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:|', '?)\d{2,5}")
_DISCONNECTS: Final = frozenset({"http.disconnect", "websocket.disconnect"})
_FRAMING: Final = frozenset({b"connection", b"content-length", b"transfer-encoding"})


class Name(NamedTuple):
    """What a fact is of."""

    part: str
    """``scope``, ``events``, ``disconnect``, ``exceptions``, ``client`` …"""
    name: str


Facts = Mapping[Name, str]
"""What is not in it is not there."""

APP_PARTS: Final = frozenset(
    {"scope", "extensions", "request headers", "events", "messages", "disconnect", "exceptions"}
)
"""What is seen at the app only."""

PARTS: Final = (
    "scope", "extensions", "request headers", "events", "messages", "disconnect", "exceptions",
    "response", "close",
)  # fmt: skip
"""In the order in which they are told."""


def facts_of(one: Play, played: Played) -> Facts:
    """The facts of an exchange, on the app's side and on the client's."""
    found: dict[Name, str] = {}
    exchange = played.exchange
    if exchange is None:
        found[Name("events", "order")] = NOT_CALLED
    else:
        counted = not (isinstance(one, HttpPlay) and one.abandon is not None)
        found |= app_facts(exchange, counted=counted)
    sent = _sent_headers(exchange)
    found |= dict(_client(one, played.heard, sent))
    return {name: clean(_settled(text))[:_LONGEST] for name, text in found.items()}


def lifespan_facts(exchange: Exchange | None) -> Facts:
    """The facts of a lifespan; that there is none is one."""
    if exchange is None:
        return {Name("events", "order"): NOT_CALLED}
    return {name: clean(_settled(text)) for name, text in app_facts(exchange).items()}


def app_facts(exchange: Exchange, *, counted: bool = True) -> dict[Name, str]:
    """What the app sees of an exchange. ``counted``: how often it sends is its own doing, not that
    of chance."""
    scope = scope_of(exchange)
    return {
        **{Name("scope", key): value for key, value in _scope(scope)},
        **{Name("extensions", key): value for key, value in _extensions(scope)},
        **{Name("request headers", key): value for key, value in _headers(scope.get("headers"))},
        **dict(_events(exchange, counted=counted)),
        **dict(_messages(exchange)),
        **dict(_failures(exchange)),
    }


def _settled(text: str) -> str:
    """Without what is another at every run."""
    return _PORT.sub(r"\1\2PORT", text)


def _scope(scope: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in scope.items():
        if key in ("headers", "type"):
            continue
        if key == "extensions":
            yield key, f"a {type(value).__name__}"
        elif isinstance(value, dict) and value:
            yield from _scope(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", repr(value)


def _extensions(scope: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    """What the server offers besides; with what it says of it."""
    found = scope.get("extensions")
    for key, value in found.items() if isinstance(found, dict) else ():
        yield str(key), repr(value) if value else "yes"


def _headers(found: object) -> Iterator[tuple[str, str]]:
    """By name: the values in their order. The order of the names, where there is one."""
    there = [pair for pair in pairs(found) if pair[0] != TAG]
    names = [name for name, _ in there]
    yield "order", ", ".join(name.decode("latin-1") for name in names)
    for name in dict.fromkeys(names):
        values = [value for key, value in there if key == name]
        yield name.decode("latin-1"), " and ".join(_header(name, value) for value in values)


def _header(name: bytes, value: bytes) -> str:
    if name.lower() in _DATED:
        return "DATE"
    return "KEY" if name.lower() in _KEYS else repr(value)[1:]


def _events(exchange: Exchange, *, counted: bool) -> Iterator[tuple[Name, str]]:
    calls = [event for event in exchange.events if event.kind in (Kind.RECEIVE, Kind.SEND)]
    words = [f"{event.kind.name.lower()} {event.type or _without(event)}" for event in calls]
    runs = [(word, len([*group])) for word, group in groupby(words)]
    # Into how many pieces a body came is told below.
    counts = [
        f" ×{count}" if counted and count > 1 and word != "receive http.request" else ""
        for word, count in runs
    ]
    order = " · ".join(word + count for (word, _), count in zip(runs, counts, strict=True))
    yield Name("events", "order"), order or "none"
    yield Name("events", "the app"), _end(exchange)
    pieces = [event for event in exchange.events if event.type == "http.request" and event.returned]
    if pieces:
        yield Name("events", "request body"), _split(pieces)


def _without(event: Event) -> str:
    """Why a receive has no message."""
    if event.pending:
        return "(pending)"
    return "(cancelled)" if event.outcome is Outcome.CANCELLED else "(raises)"


def _end(exchange: Exchange) -> str:
    ends = [event for event in exchange.events if event.kind in (Kind.RETURN, Kind.RAISE)]
    if not ends:
        return "does not end"
    last = ends[-1]
    if last.kind is Kind.RETURN:
        return "returns"
    content = last.content()
    return _raised(content if isinstance(content, dict) else {}, last.outcome)


def _split(pieces: Iterable[Event]) -> str:
    runs = [(size, len([*group])) for size, group in groupby(event.size for event in pieces)]
    parts = " + ".join(f"{size}" if count == 1 else f"{size} ×{count}" for size, count in runs)
    if sum(size * many for size, many in runs) > _LARGE:
        # Where such a body is split is a matter of chance.
        largest, last = max(size for size, _ in runs), runs[-1][0]
        return f"at most {largest:,} bytes at once{'' if last else ', an empty piece at the end'}"
    total, count = sum(size * many for size, many in runs), sum(many for _, many in runs)
    return f"{total:,} bytes in {count}: {parts}"


def _messages(exchange: Exchange) -> Iterator[tuple[Name, str]]:
    """What the messages that the server gives are made of: the first of each type."""
    seen = set()
    for event in exchange.events:
        content = event.content() if event.kind is Kind.RECEIVE else None
        if not isinstance(content, dict) or event.type is None or event.type in seen:
            continue
        seen.add(event.type)
        if event.type in _DISCONNECTS:
            said = ", ".join(f"{key}={value!r}" for key, value in content.items() if key != "type")
            yield Name("disconnect", event.type), said or "without more"
        else:
            yield Name("messages", f"keys of {event.type}"), _keys(content)


def _keys(content: Mapping[str, Any]) -> str:
    """Which keys there are; for those that may be None, whether they are."""
    named = [key if content[key] is not None else f"{key}=None" for key in content if key != "type"]
    return ", ".join(sorted(named)) or "none but type"


def _failures(exchange: Exchange) -> Iterator[tuple[Name, str]]:
    """Whether calls raise: also those of an app that goes on when its client has gone."""
    told = False
    after: list[str] = []
    before: list[str] = []
    for event in exchange.events:
        if event.kind is Kind.SEND and event.returned is not None:
            (after if told else before).append(_outcome(event))
        elif event.kind is Kind.RECEIVE and event.outcome is Outcome.RAISED:
            # One that is cancelled is the app's own doing.
            before.append(f"receive {_outcome(event)}")
        told = told or event.type in _DISCONNECTS
    if after:
        yield Name("exceptions", "send after disconnect"), ", ".join(dict.fromkeys(after))
    failed = [each for each in dict.fromkeys(before) if each != "returns"]
    if failed:
        yield Name("exceptions", "send or receive"), ", ".join(failed)


def _outcome(event: Event) -> str:
    if event.outcome is Outcome.OK:
        return "returns"
    return _raised(event.failure() or {}, event.outcome)


def _raised(error: Mapping[str, Any], outcome: Outcome) -> str:
    """The kind of an exception, with the package it is of."""
    if outcome is Outcome.CANCELLED:
        return "is cancelled"
    package = str(error.get("module", "")).partition(".")[0]
    kind = error.get("type", "an exception")
    return f"raises {kind if package in ('', 'builtins') else f'{kind} ({package})'}"


def _sent_headers(exchange: Exchange | None) -> Mapping[bytes, bytes]:
    """Names of the headers that the app sent, as it sent them, by themselves in lower case."""
    if exchange is None:
        return {}
    contents = [event.content() for event in exchange.events if event.kind is Kind.SEND]
    found = (each.get("headers") for each in contents if isinstance(each, dict))
    return {name.lower(): name for headers in found for name, _ in pairs(headers)}


def _client(one: Play, heard: Heard, sent: Mapping[bytes, bytes]) -> Iterator[tuple[Name, str]]:
    if heard.status:
        yield Name("response", "status"), str(heard.status)
    if heard.version:
        yield Name("response", "HTTP version"), heard.version
    if heard.interim:
        yield Name("response", "before it"), ", ".join(map(str, heard.interim))
    if heard.headers:
        yield from _answer_headers(heard, sent)
    if isinstance(one, HttpPlay):
        if one.abandon is None:
            yield Name("response", "body"), f"{heard.size:,} bytes"
        yield Name("response", "connection after it"), heard.end
        return
    yield from _conversation(one, heard)


def _conversation(one: WebSocketPlay, heard: Heard) -> Iterator[tuple[Name, str]]:
    if heard.subprotocol or one.subprotocols:
        yield Name("response", "subprotocol"), heard.subprotocol or "none"
    if heard.size:
        yield Name("response", "messages"), str(heard.size)
    if heard.code:
        yield Name("close", "code and reason"), f"{heard.code} {heard.reason!r}"
    yield Name("close", "end"), heard.end


def _answer_headers(heard: Heard, sent: Mapping[bytes, bytes]) -> Iterator[tuple[Name, str]]:
    names = [name for name, _ in heard.headers if name.lower() not in _FRAMING - sent.keys()]
    shown = (
        "its own" if name.lower() in sent else name.lower().decode("latin-1") for name in names
    )
    yield (
        Name("response", "order of headers"),
        ", ".join(word for word, _ in groupby(shown)) or NOTHING,
    )
    own = [name for name in names if name.lower() in sent]
    added = [name for name, _ in heard.headers if name.lower() not in sent]
    if own:
        kept = all(name == sent[name.lower()] for name in own)
        yield Name("response", "case of its headers"), "as sent" if kept else _case(own)
    if added:
        yield Name("response", "case of added headers"), _case(added)
    for name, value in heard.headers:
        if name.lower() not in sent:
            lower = name.lower().decode("latin-1")
            yield Name("response", f"added {lower}"), _header(name, value)


def _case(names: Iterable[bytes]) -> str:
    cases = {"small" if name.islower() else "Capitals" for name in names}
    return " and ".join(sorted(cases))
