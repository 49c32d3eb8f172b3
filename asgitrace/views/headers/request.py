"""What the app was called with: headers, target and scope."""

from typing import Any, Final

from asgitrace.events import Kind
from asgitrace.store.model import Exchange, WireEvent
from asgitrace.views.discrepancies import head_headers
from asgitrace.views.fields import Field, heading
from asgitrace.views.headers.cookies import sent_cookies
from asgitrace.views.headers.differing import differing
from asgitrace.views.headers.listed import in_their_case, listed, pairs_of
from asgitrace.views.headers.query import query_fields
from asgitrace.views.headers.scope import TARGET, connection_fields, process_fields, scope_fields
from asgitrace.views.headers.target import target_fields
from asgitrace.wire import Wire

_GAP: Final = heading("")


def request_fields(exchange: Exchange) -> list[Field]:
    """Request headers, query, cookies, target and scope."""
    first = exchange.events[0] if exchange.events else None
    if first is None or first.kind is not Kind.SCOPE:
        return [heading("Scope"), Field("", "overwritten before it was read", "warn")]
    scope = first.content()
    fields: list[Field] = []
    if isinstance(scope, dict):
        fields = _parts(scope, exchange)
    fields += scope_fields(scope, without=TARGET)
    if exchange.connection is not None:
        fields += [_GAP, heading("Connection"), *connection_fields(exchange.connection)]
    if exchange.process.worker:
        fields += [_GAP, heading("Process"), *process_fields(exchange.process)]
    return fields


def _parts(scope: dict[str, Any], exchange: Exchange) -> list[Field]:
    head = request_head(exchange)
    line = head_line(head)
    sections = [target_fields(scope, line)]
    query = scope.get("query_string")
    if isinstance(query, bytes):
        sections.insert(0, query_fields(query))
    if "headers" in scope:
        headers = scope["headers"]
        wire = None if head is None else head_headers(head.content())
        shown = in_their_case(headers, wire)
        fields = listed(shown, exchange.row.started_ns, request=True)
        sections.insert(0, sent_cookies(pairs_of(headers)))
        if wire is not None and shown is headers:
            sections.insert(
                0, differing("Headers that are not as they came", wire, pairs_of(headers))
            )
        sections.insert(0, [heading("Request headers"), *fields])
    found: list[Field] = []
    for section in sections:
        found += [*section, _GAP] if section else []
    return found


def request_head(exchange: Exchange) -> WireEvent | None:
    """The head of the request as it came over the wire; None where it was not recorded."""
    return next((event for event in exchange.wire if event.wire is Wire.REQUEST), None)


def head_line(head: WireEvent | None) -> bytes | None:
    """The first line of a head."""
    content = None if head is None else head.content().get("head")
    return content.partition(b"\r\n")[0] if isinstance(content, bytes) else None
