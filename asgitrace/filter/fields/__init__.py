"""The fields of the filter language: one table, from which everything else about them comes."""

from difflib import get_close_matches
from typing import Final

from asgitrace.filter.fields import (
    differs,
    events,
    headers,
    logs,
    notes,
    processes,
    request,
    states,
    times,
    websocket,
    wire,
)
from asgitrace.filter.fields.model import EventField, ExchangeField, Field

__all__ = ["FIELDS", "EventField", "ExchangeField", "Field", "find", "nearest"]

_PARTS: Final = (
    request, processes, times, states, notes, headers, events, websocket, logs, wire, differs
)  # fmt: skip

FIELDS: Final[dict[str, Field]] = {field.name: field for part in _PARTS for field in part.FIELDS}
"""All fields by their names, in the order in which they are explained."""

_BY_NAME: Final = {field.prefix: field for field in FIELDS.values() if field.by_name}


def find(name: str) -> ExchangeField | EventField | None:
    """The field of a name, in capitals or not; None where there is none."""
    lower = name.lower()
    field = FIELDS.get(lower)
    if field is None:
        for prefix, family in _BY_NAME.items():
            if lower.startswith(prefix) and len(lower) > len(prefix):
                assert isinstance(family, ExchangeField)
                return family.named(name[len(prefix) :])
    assert field is None or isinstance(field, ExchangeField | EventField)
    return field


_ELSEWHERE: Final = {
    "code": "status", "duration": "dur", "elapsed": "dur", "error": "is:error", "exception": "exc",
    "app": "process", "host": "header.host", "ip": "client", "latency": "dur", "message": "ws.text",
    "response": "resp.body", "request": "req.body", "text": "body", "time": "dur", "uri": "path",
    "url": "path", "verb": "method", "header": "header.NAME", "headers": "header.NAME",
}  # fmt: skip
"""What fields are called in other tools, and here."""


def nearest(name: str) -> str:
    """The field that somebody may have meant; empty where none is near."""
    lower = name.lower()
    if lower in _ELSEWHERE:
        return _ELSEWHERE[lower]
    if any(lower in family.names for family in _BY_NAME.values()):
        return f"header.{lower}"
    return next(iter(get_close_matches(lower, FIELDS, n=1, cutoff=0.6)), "")
