"""Scopes, statuses and headers of two exchanges."""

from collections.abc import Generator, Iterable
from typing import Any, Final

from asgitrace.events import Kind
from asgitrace.ring import encode
from asgitrace.store.model import Exchange
from asgitrace.views.compare.alignment import align, beside
from asgitrace.views.compare.model import Mark, Row, Section, Work, valued
from asgitrace.views.fields import value_text
from asgitrace.views.headers.scope import fact
from asgitrace.views.units import format_duration, format_offset

_MOST: Final = 2_000
"""Headers of one message that are compared."""
_PORTION: Final = 2_000
_STARTS: Final = frozenset(
    {"http.response.start", "websocket.accept", "websocket.http.response.start"}
)
_TRAILERS: Final = "http.response.trailers"


def overview(section: Section, left: Exchange, right: Exchange) -> Work:
    """What the list tells of them."""
    a, b = left.row, right.row
    section.add(
        valued("method", value_text(a.method), value_text(b.method)),
        valued("target", value_text(a.path), value_text(b.path)),
        valued("status", str(a.status or "none"), str(b.status or "none")),
        valued("state", a.state.name.lower(), b.state.name.lower()),
        _bytes("received", a.received, b.received),
        _bytes("sent", a.sent, b.sent),
        _count("events", a.events, b.events),
        _time("duration", a.duration_ns, b.duration_ns),
    )
    if a.ttfb_ns >= 0 and b.ttfb_ns >= 0:
        section.add(_time("first byte", a.ttfb_ns, b.ttfb_ns))
    for name in ("app", "client", "backpressure", "after"):
        section.add(_time(name, getattr(a.split, name), getattr(b.split, name)))
    yield


def _bytes(label: str, left: int, right: int) -> Row:
    return valued(label, f"{left:,} B", f"{right:,} B", _more(left, right))


def _count(label: str, left: int, right: int) -> Row:
    return valued(label, f"{left:,}", f"{right:,}", _more(left, right))


def _more(left: int, right: int) -> str:
    return "" if left == right else f"{right - left:+,}"


def _time(label: str, left: int, right: int) -> Row:
    delta = format_offset(right - left)
    return Row(label, format_duration(left), format_duration(right), Mark.NOTE, delta)


def scope(section: Section, left: Exchange, right: Exchange) -> Work:
    """The keys of both scopes, those of mappings in it one by one; no headers."""
    yield
    a, b = _scope(left), _scope(right)
    if a is None or b is None:
        section.notes.append(f"The scope of {_which(a is None, b is None)} was overwritten.")
    here, there = _flat(a), _flat(b)
    for key in [*here, *(key for key in there if key not in here)]:
        section.add(_row(key, here.get(key, _NOTHING), there.get(key, _NOTHING)))


_NOTHING: Final = object()


def _row(label: str, left: Any, right: Any) -> Row:
    shown = [None if each is _NOTHING else fact(label, each).value for each in (left, right)]
    row = valued(label, shown[0], shown[1])
    if row.mark is Mark.SAME and encode(left) != encode(right):
        # Bytes and text that look alike, say.
        return Row(
            label, f"{shown[0]}  ({_kind(left)})", f"{shown[1]}  ({_kind(right)})", Mark.CHANGED
        )
    return row


def _kind(value: Any) -> str:
    return type(value).__name__


def _which(left: bool, right: bool) -> str:
    return "both" if left and right else "the left one" if left else "the right one"


def _scope(exchange: Exchange) -> dict[Any, Any] | None:
    first = exchange.events[0] if exchange.events else None
    if first is None or first.kind is not Kind.SCOPE:
        return None
    content = first.content()
    return content if isinstance(content, dict) else {"scope": content}


def _flat(scope: dict[Any, Any] | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in (scope or {}).items():
        name = value_text(key)
        if key == "headers":
            continue
        if isinstance(value, dict) and value:
            found |= {f"{name}.{value_text(inner)}": held for inner, held in value.items()}
        else:
            found[name] = value
    return found


def request_headers(section: Section, left: Exchange, right: Exchange) -> Work:
    """Headers that the apps were called with."""
    a, b = _scope(left), _scope(right)
    yield from _headers(section, (a or {}).get("headers"), (b or {}).get("headers"))


def response_headers(section: Section, left: Exchange, right: Exchange) -> Work:
    """Headers that the apps began their responses with, or accepted the session."""
    a = yield from _answer(left, _STARTS)
    b = yield from _answer(right, _STARTS)
    yield from _headers(section, a, b)


def trailers(section: Section, left: Exchange, right: Exchange) -> Work:
    """Headers behind the content."""
    a = yield from _answer(left, frozenset({_TRAILERS}))
    b = yield from _answer(right, frozenset({_TRAILERS}))
    if a is not None or b is not None:
        yield from _headers(section, a, b)


def _answer(exchange: Exchange, types: frozenset[str]) -> Generator[None, None, Any]:
    """The headers of the first such message; None where there is none."""
    for count, event in enumerate(exchange.events, start=1):
        if event.type in types:
            content = event.content()
            return content.get("headers", []) if isinstance(content, dict) else None
        if count % _PORTION == 0:
            yield
    return None


def _headers(section: Section, left: Any, right: Any) -> Work:
    """Headers by their names, those of the same name in their order."""
    here, there = _named(section, left), _named(section, right)
    for key in [*here, *(key for key in there if key not in here)]:
        yield from _values(section, here.get(key, []), there.get(key, []))
    if not section.differences and [*here] != [*there]:
        section.add(Row("order", _order(here), _order(there), Mark.CHANGED))


def _order(named: Iterable[str]) -> str:
    return ", ".join(named)


_Header = tuple[Any, Any]
"""Name and value, as they came."""


def _named(section: Section, headers: Any) -> dict[str, list[_Header]]:
    """Name and value of each header, by the name in lower case."""
    found: dict[str, list[_Header]] = {}
    if not isinstance(headers, list | tuple):
        if headers is not None:
            found["headers"] = [("headers", value_text(headers))]
        return found
    if len(headers) > _MOST:
        note = f"Only the first {_MOST:,} headers of each are compared."
        if note not in section.notes:
            section.notes.append(note)
    for entry in headers[:_MOST]:
        if isinstance(entry, list | tuple) and len(entry) == 2:
            name, value = (each if isinstance(each, bytes) else value_text(each) for each in entry)
        else:
            name, value = "?", value_text(entry)
        found.setdefault(value_text(name).lower(), []).append((name, value))
    return found


def _values(section: Section, left: list[_Header], right: list[_Header]) -> Work:
    found = yield from align(left, right)
    for here, there in beside(found.pairs):
        section.add(
            _header(None if here is None else left[here], None if there is None else right[there])
        )


def _header(left: _Header | None, right: _Header | None) -> Row:
    if left is None or right is None:
        name, value = left or right or ("", "")
        only = value_text(value) or "(empty)"
        return valued(value_text(name), only if left else None, only if right else None)
    names = dict.fromkeys((value_text(left[0]), value_text(right[0])))
    mark = Mark.SAME if left == right else Mark.CHANGED
    shown = [value_text(each[1]) or "(empty)" for each in (left, right)]
    return Row(" / ".join(names), shown[0], shown[1], mark)
