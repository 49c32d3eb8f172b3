"""Headers in their order, each with what it is for and what its value says."""

from dataclasses import replace
from typing import Any, Final

from asgitrace.views.fields import Field, header_fields
from asgitrace.views.headers.notes import note
from asgitrace.views.headers.values import parts_of

_MOST: Final = 2_000
"""Headers that are shown; nobody reads more."""

Pairs = list[tuple[bytes, bytes]]


def pairs_of(headers: Any) -> Pairs:
    """Those headers that are pairs of bytes."""
    if not isinstance(headers, list | tuple):
        return []
    found = (tuple(entry) for entry in headers if isinstance(entry, list | tuple))
    return [
        (pair[0], pair[1])
        for pair in found
        if len(pair) == 2 and isinstance(pair[0], bytes) and isinstance(pair[1], bytes)
    ]


def listed(headers: Any, now_ns: int, *, request: bool) -> list[Field]:
    """Headers as they are, duplicates and all. ``now_ns``: wall time of the exchange, from which
    dates count."""
    many = headers[:_MOST] if isinstance(headers, list | tuple) else headers
    fields = header_fields(many)
    if isinstance(headers, list | tuple):
        fields = [
            _told(field, entry, now_ns, request) for field, entry in zip(fields, many, strict=True)
        ]
        if len(headers) > _MOST:
            fields.append(Field("", f"{len(headers) - _MOST:,} more are not shown", "faint"))
    return fields or [Field("", "none", "faint")]


def _told(field: Field, entry: Any, now_ns: int, request: bool) -> Field:
    found = pairs_of([entry])
    if not found:
        return field
    name, value = found[0]
    style, shown = ("faint", "(empty)") if not value else (field.style, field.value)
    return replace(
        field,
        value=shown,
        style=style,
        about=note(field.label),
        parts=parts_of(name, value, now_ns, request=request),
    )


def in_their_case(headers: Any, wire: Pairs | None) -> Any:
    """Headers of a scope with their names as they came over the wire, where nothing else differs
    from these; otherwise as they are. The specification has names in lower case."""
    pairs = pairs_of(headers)
    if wire is None or len(pairs) != len(wire) or len(pairs) != len(headers):
        return headers
    same = all(
        name.lower() == came.lower() and value.strip(b" \t") == given.strip(b" \t")
        for (name, value), (came, given) in zip(pairs, wire, strict=True)
    )
    return (
        [(came, value) for (_, value), (came, _) in zip(pairs, wire, strict=True)]
        if same
        else headers
    )
