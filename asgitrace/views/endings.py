"""How the connection of an exchange ended, as part of what happened in it."""

from dataclasses import replace

from asgitrace.store.model import Exchange, WireEvent
from asgitrace.views.timeline import started
from asgitrace.wire import Wire


def with_end(exchange: Exchange) -> Exchange:
    """The exchange with the end of its connection, if that came while it lasted; as it is if it
    has one already."""
    if not exchange.wire or any(event.wire is Wire.CLOSED for event in exchange.wire[-4:]):
        return exchange
    end = connection_end(exchange)
    begun = started(exchange)
    if end is None or not begun <= end.at <= begun + exchange.row.duration_ns:
        return exchange
    return replace(exchange, wire=(*exchange.wire, end.numbered(len(exchange.wire))))


def connection_end(exchange: Exchange) -> WireEvent | None:
    """The end of its connection, whenever that was; None while it is open."""
    connection = exchange.connection
    told = (*exchange.wire[-4:], *(() if connection is None else connection.events[-4:]))
    return next((event for event in told if event.wire is Wire.CLOSED), None)
