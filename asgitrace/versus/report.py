"""A comparison as tables for a terminal: a row for a difference, a column for a server."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from asgitrace.versus.differences import Row, merge
from asgitrace.versus.facts import NOTHING, UNKNOWN
from asgitrace.versus.result import LIFESPAN, Result
from asgitrace.views.clean import clean
from asgitrace.views.units import format_duration
from asgitrace.words import counted

_TITLES: Final = {
    "scope": "scope: what the app is told of the request",
    "extensions": "extensions that the server offers",
    "request headers": "request headers, as the app gets them",
    "events": "events: what is received and sent, in which order",
    "messages": "what is in the messages received",
    "disconnect": "the message by which the app learns that the client has gone",
    "exceptions": "what send and receive raise",
    "response": "the response, as the client gets it",
    "close": "how the WebSocket ends for the client",
}
_LABELS: Final = 48
"""Cells for what a row is of, and for its exchanges."""
_NARROWEST: Final = 18
"""Cells of a server's column; with less the values stand below one another."""
_LONGEST: Final = 240
_NAMED: Final = 3
"""Exchanges that are named in a row."""


def report(result: Result, width: int, *, everything: bool) -> RenderableType:
    """The comparison on so many cells: what differs, or everything."""
    rows = [row for row in result.rows if everything or row.differs]
    columns = (width - _LABELS) // max(len(result.servers), 1) >= _NARROWEST
    draw = _columns if columns else _stacked
    parts: list[RenderableType] = [Text(_head(result)), ""]
    for part, group in groupby(rows, key=lambda row: row.name.part):
        parts.append(Text(_TITLES.get(part, part), style="bold"))
        parts += [Padding(draw(result, [*group]), (0, 0, 0, 2)), ""]
    parts += [Text(line) for line in _tail(result, len(rows), everything=everything)]
    return Group(*parts)


def _head(result: Result) -> str:
    named = [" ".join(pair).strip() for pair in zip(result.servers, result.versions, strict=True)]
    return clean(
        f"{result.target} under {', '.join(named) or 'no server'}: "
        f"{counted(len(result.exchanges), 'exchange')} compared"
    )


def _columns(result: Result, rows: Sequence[Row]) -> Table:
    table = _plain()
    table.show_header = True
    table.add_column("", max_width=26, overflow="fold")
    table.add_column("exchanges", max_width=20, overflow="fold", style="dim")
    for server in result.servers:
        table.add_column(server, overflow="fold", ratio=1)
    for row in rows:
        cells = [_cell(row, place, first, result) for place, first in enumerate(merge(row.values))]
        table.add_row(Text(clean(row.name.name)), Text(_where(row, result)), *cells)
    return table


def _cell(row: Row, place: int, first: int, result: Result) -> Text:
    """A value where it is met first; then only whose it is."""
    if row.values[place] in (NOTHING, UNKNOWN):
        return Text(row.values[place], style="dim")
    if first != place:
        return Text(f"= {result.servers[first]}", style="dim")
    return Text(_short(row.values[place]))


def _stacked(result: Result, rows: Sequence[Row]) -> Table:
    """Each value in a line, with the servers that have it."""
    table = _plain()
    table.add_column(width=28, overflow="fold")
    table.add_column(ratio=1)
    for row in rows:
        label = Text.assemble(clean(row.name.name), "\n", (_where(row, result), "dim"))
        inner = _plain()
        inner.add_column(width=18, style="dim")
        inner.add_column(ratio=1, overflow="fold")
        for names, value in _shares(row, result.servers):
            inner.add_row(names, Text(_short(value)))
        table.add_row(label, inner)
    return table


def _plain() -> Table:
    return Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_header=False, expand=True)


def _shares(row: Row, servers: Sequence[str]) -> list[tuple[str, str]]:
    """Servers with their values; that which most have at the end."""
    most = max(row.values, key=row.values.count)
    shares = [
        (
            ", ".join(name for name, own in zip(servers, row.values, strict=True) if own == value),
            value,
        )
        for value in dict.fromkeys(row.values)
        if value != most
    ]
    if not shares:
        return [("all", most)]
    rest = [name for name, own in zip(servers, row.values, strict=True) if own == most]
    return [*shares, ("the others" if len(rest) > 2 else ", ".join(rest), most)]


def _short(value: str) -> str:
    return value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"


def _where(row: Row, result: Result) -> str:
    """The exchanges of a row in a few words."""
    names = set(row.plays)
    websockets = result.websockets
    requests = {*result.exchanges} - websockets - {LIFESPAN}
    for whole, words in (
        ({*result.exchanges}, "all"),
        (requests | websockets, "HTTP and WebSocket"),
        (requests, "HTTP"),
        (websockets, "WebSocket"),
    ):
        if names == whole and len(whole) > 1:
            return words
    both = requests | websockets
    for whole, words in ((requests, "HTTP"), (websockets, "WebSocket"), (both, "all")):
        rest = whole - names
        if names < whole and len(rest) <= 2 < len(names):
            return clean(
                f"{words} but {', '.join(each for each in result.exchanges if each in rest)}"
            )
    shown = ", ".join(row.plays[:_NAMED])
    more = len(row.plays) - _NAMED
    return clean(f"{shown} and {more} more" if more > 0 else shown)


def _tail(result: Result, shown: int, *, everything: bool) -> Iterator[str]:
    equal = sum(not row.differs for row in result.rows)
    if not shown:
        yield "No difference."
    if equal and not everything:
        yield f"{equal:,} more facts are the same under all of them: --all shows them."
    if result.timing:
        yield "Time of an exchange in the middle, in the app and for the client:"
        width = max(map(len, result.servers))
        for server, timing in zip(result.servers, result.timing, strict=True):
            app, client = format_duration(timing.app), format_duration(timing.client)
            yield f"  {server:<{width}}  {app:>6}  {client:>6}"
    yield from _absent(result.failures, "did not run")
    yield from _absent(result.missing, "is not installed; install it with")


def _absent(servers: Iterable[tuple[str, str]], why: str) -> Iterator[str]:
    for name, how in servers:
        yield clean(f"{name} {why}: {how}")
