"""Filters that are asked when the app is called: they know the scope and nothing else yet."""

from collections.abc import Callable
from operator import itemgetter
from typing import Any, Final

from asgitrace.clock import ClockAnchor
from asgitrace.errors import FilterError
from asgitrace.events import Flag, Kind, Outcome
from asgitrace.filter.compile import compile_filter
from asgitrace.store.model import Event, Exchange, Process, Row, Split, State
from asgitrace.store.scope import title_of

_KEYS: Final = {
    "method": "method", "path": "path", "query": "query_string", "route": "path", "type": "type",
    "http.version": "http_version", "scheme": "scheme", "server": "server", "client": "client",
}  # fmt: skip
"""Fields that a scope decides, and its keys that decide them."""
_BY_NAME: Final = "req.header."

_KEPT: Final = 4_096
"""Answers that are kept."""
_LONGEST: Final = 1_000
"""Characters of what an answer is kept for."""

_PROCESS: Final = Process(0, 0, ClockAnchor(0, 0), "")


def scope_filter(text: str, capture: Callable[[Any], bytes]) -> Callable[[Any], bool]:
    """A filter to be asked with a scope; FilterError where it cannot be read, or asks for what is
    known only later.

    Args:
        text: the filter.
        capture: what is kept of a scope, as msgpack.
    """
    accepts = compile_filter(text)
    names = [field.name for field in accepts.fields]
    for name in names:
        if name not in _KEYS and not name.startswith(_BY_NAME):
            raise FilterError(
                f"“{name}” is not known when the app is called; sampling can ask for "
                f"{', '.join(_KEYS)} and {_BY_NAME}NAME.",
                position=0,
                length=len(text),
                expected="a field of the scope",
            )

    def accepted(scope: Any) -> bool:
        return accepts.accepts(_exchange_of(capture(scope)), 0)

    if not all(name in _KEYS for name in names):
        return accepted
    return _remembered(accepted, itemgetter("type", *{_KEYS[name] for name in names}, "type"))


def _remembered(
    accepted: Callable[[Any], bool], key_of: Callable[[Any], Any]
) -> Callable[[Any], bool]:
    """The same scopes come again and again: their answers are kept, as many as fit."""
    known: dict[Any, bool] = {}

    def looked_up(scope: Any) -> bool:
        try:
            key = key_of(scope)
            answer = known.get(key)
        except (KeyError, TypeError):
            # It lacks one, as that of a WebSocket lacks the method, or has none that can be a key.
            return accepted(scope)
        if answer is None:
            answer = accepted(scope)
            if len(known) >= _KEPT:
                known.clear()
            if len(repr(key)) <= _LONGEST:
                known[key] = answer
        return answer

    return looked_up


def _exchange_of(payload: bytes) -> Exchange:
    title = title_of(payload)
    row = Row(
        1, title.kind, State.OPEN, 0, title.method, title.path, 0, 0, 0, 1, Split(), "",
        client=title.client, process=_PROCESS,
    )  # fmt: skip
    scope = Event(0, Kind.SCOPE, None, 0, 0, 0, Outcome.OK, 0, Flag(0), 0, payload, b"")
    return Exchange(row, _PROCESS, (scope,), 0)
