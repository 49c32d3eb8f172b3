"""One event in full: what is known of the call, its message, its body, its exception."""

from typing import Any, Final

from asgitrace.events import Flag, Kind, Outcome
from asgitrace.store.model import Event
from asgitrace.views.body.hexdump import HexLines
from asgitrace.views.body.json_tree import LIMIT, JsonLines
from asgitrace.views.exceptions import failure_lines
from asgitrace.views.fields import Field, FieldLines, header_fields, heading, value_text
from asgitrace.views.headers import scope_fields
from asgitrace.views.lines import Lines, Stack
from asgitrace.views.summary import flag_words, is_binary, message_body
from asgitrace.views.timeline import type_text
from asgitrace.views.units import format_duration, format_offset
from asgitrace.views.wrap import TextLines

_CONTENT_KEYS: Final = ("body", "text", "bytes")
_VERBS: Final = {
    Kind.SCOPE: "the app was called",
    Kind.RECEIVE: "the app received",
    Kind.SEND: "the app sent",
    Kind.RETURN: "the app returned",
    Kind.RAISE: "the app raised",
    Kind.DEBUGGER: "the app stood in a debugger",
    Kind.WIRE: "it happened on the wire",
}


def event_lines(event: Event, started: int) -> Lines:
    """An event with everything that was recorded of it."""
    parts: list[Lines] = [FieldLines(_call_fields(event, started))]
    content = event.content()
    match event.kind:
        case Kind.SCOPE if isinstance(content, dict):
            parts.append(FieldLines(_scope_fields(content)))
        case Kind.RAISE if isinstance(content, dict):
            parts.append(failure_lines(content))
        case _ if isinstance(content, dict):
            parts += _message_lines(event, content)
        case _ if content is not None:
            parts.append(FieldLines([heading(""), Field("value", value_text(content))]))
    return Stack(parts)


def call_lines(event: Event, started: int) -> Lines:
    """An event with what was recorded of it but its body."""
    content = event.content()
    fields = _message_fields(content) if isinstance(content, dict) else []
    return FieldLines([*_call_fields(event, started), *fields])


def message_lines(event: Event) -> Lines:
    """What a message carries: its body, text or bytes; the message itself if it carries none."""
    content = event.content()
    body, text = message_body(content)
    if not body and isinstance(content, dict):
        return FieldLines(_message_fields(content))
    parts: list[Lines] = []
    if words := flag_words(event):
        parts.append(
            FieldLines([Field(shown, style=style, heading=True) for shown, style in words])
        )
    return Stack([*parts, data_lines(body, text=text, cut=bool(event.flags & Flag.TRUNCATED))])


def event_text(event: Event) -> str:
    """What a copy of an event gives: its body or message, its traceback, or its fields."""
    content = event.content()
    body, _ = message_body(content)
    if body:
        return body.decode("utf-8", "replace")
    if event.kind is Kind.RAISE and isinstance(content, dict):
        return str(content.get("traceback") or content.get("message") or content.get("type"))
    if event.kind is Kind.SCOPE and isinstance(content, dict):
        fields = _scope_fields(content)
    elif isinstance(content, dict):
        fields = _message_fields(content)
    else:
        return type_text(event) if content is None else value_text(content)
    return "\n".join(
        field.label if field.heading else f"{field.label}: {field.value}"
        for field in fields
        if field.label or field.value
    )


def data_lines(data: bytes, *, text: bool = False, cut: bool = False) -> Lines:
    """A piece of content: as a tree if it is JSON, as text if it is text, otherwise as hex."""
    if not text and is_binary(data):
        return HexLines(data)
    decoded = data.decode("utf-8", "replace")
    if decoded.lstrip()[:1] in ("{", "[") and len(decoded) <= LIMIT:
        tree = JsonLines(decoded, cut="the recording ends here" if cut else "")
        if tree.scan.fault is None or (cut and tree.scan.cut):
            return tree
    return TextLines(decoded)


def _call_fields(event: Event, started: int) -> list[Field]:
    fields = [heading(type_text(event))]
    when = f"{_VERBS[event.kind]} at {format_offset(event.called - started)}"
    if event.kind in (Kind.RECEIVE, Kind.SEND):
        wait = event.wait_ns
        when += f", call {event.call}" + (
            ", not returned" if wait is None else f", took {format_duration(wait)}"
        )
    fields.append(Field("when", when, "dim"))
    if event.size:
        fields.append(Field("size", f"{event.size:,} bytes", "dim"))
    fields += [Field("note", words.strip("[]"), style) for words, style in flag_words(event)]
    if event.outcome is not Outcome.OK and event.kind is not Kind.RAISE:
        failure = event.failure() or {}
        names = (failure.get("module"), failure.get("type"))
        name = ".".join(value_text(part) for part in names if part)
        verb = "cancelled" if event.outcome is Outcome.CANCELLED else "raised"
        fields.append(Field(verb, f"{name}: {value_text(failure.get('message', ''))}", "bad"))
    return fields


def _scope_fields(scope: dict[Any, Any]) -> list[Field]:
    fields = [heading(""), *scope_fields(scope)]
    if "headers" in scope:
        fields += [heading(""), heading("Request headers"), *header_fields(scope["headers"])]
    return fields


def _message_fields(content: dict[Any, Any]) -> list[Field]:
    fields = [
        Field(value_text(key), value_text(held))
        for key, held in content.items()
        if key not in ("headers", *_CONTENT_KEYS) or (key != "headers" and held is None)
    ]
    if "headers" in content:
        fields += [heading("headers"), *header_fields(content["headers"], indent=2)]
    return fields


def _message_lines(event: Event, content: dict[Any, Any]) -> list[Lines]:
    parts: list[Lines] = [FieldLines([heading(""), *_message_fields(content)])]
    body, text = message_body(content)
    if body:
        name = next(key for key in ("text", "body", "bytes") if content.get(key) is not None)
        parts.append(FieldLines([heading(""), heading(name)]))
        parts.append(data_lines(body, text=text, cut=bool(event.flags & Flag.TRUNCATED)))
    return parts
