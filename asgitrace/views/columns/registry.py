"""The columns that the list of exchanges can have, in one table.

What the list, its header, the dialog and the settings know of a column comes from here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from asgitrace.views.columns import cells, keys
from asgitrace.views.columns.cells import Cell, Line
from asgitrace.views.columns.keys import KeyOf, by_column, by_part, by_text
from asgitrace.views.look import Look


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the list."""

    name: str
    """As the settings name it."""
    title: str
    width: int
    """Usual width in cells; that of ``path`` is the least, as it takes what the others leave."""
    weight: int
    """Where there is no room, the column of the least weight goes first."""
    help: str
    """One line: what it shows."""
    key: KeyOf | None
    """None: the order of arrival."""
    cell: Callable[[Line, Look], Cell] | None
    """None: it is drawn in another way."""
    short: str = ""
    """The title where there is no room for the usual one."""
    right: bool = False
    """Its texts stand at the right."""
    words: bool = False
    """Its texts are somebody else's: to be cleaned, and cut at the end."""
    field: str = ""
    """The field of the filter language it stands for; empty where there is none."""
    grows: bool = False
    """Its key changes while an exchange is open."""


PATH: Final = "path"
NUMBER: Final = "number"
WORKER: Final = "worker"
WATERFALL: Final = "waterfall"

_EVERY: Final = (
    Column(NUMBER, "#", 7, 96, "Number in the order of arrival", None, cells.number, right=True),
    Column("time", "time", 12, 50, "When its scope came, to the millisecond",
           by_column("started"), cells.time),
    Column("seconds", "time", 8, 50, "When its scope came, to the second",
           by_column("started"), cells.seconds),
    Column("since", "since", 7, 40, "Time since the exchange before it came",
           keys.by_since, cells.since, right=True),
    Column(WORKER, "worker", 3, 88, "Which of several processes recorded it",
           keys.by_worker, cells.worker, short="wk", right=True, field="worker"),
    Column("method", "method", 7, 85, "Method of the request, or WS",
           by_text("method", "methods"), cells.method, words=True, field="method"),
    Column(PATH, "path", 12, 99, "Path and query string; takes the width the others leave",
           by_text("path", "paths"), cells.path, words=True, field="path"),
    Column("status", "status", 6, 90, "Status of the response, or code of the close",
           by_column("status"), cells.status, right=True, field="status"),
    Column("mime", "type", 16, 35, "Content type of the response",
           by_text("mime", "mimes"), cells.mime, words=True, field="mime"),
    Column("client", "client", 15, 45, "Host that the client called from",
           by_text("client", "clients"), cells.client, words=True, field="client"),
    Column("http", "http", 4, 20, "Version of HTTP",
           keys.by_http_version, cells.http_version, words=True, field="http.version"),
    Column("connection", "conn", 5, 42, "Number of its connection",
           by_column("connection"), cells.connection, right=True, field="conn"),
    Column("received", "in", 4, 55, "Bytes of bodies and messages the app received",
           by_column("received"), cells.received, right=True, field="req.size"),
    Column("sent", "out", 4, 56, "Bytes of bodies and messages the app sent",
           by_column("sent"), cells.sent, right=True, field="resp.size"),
    Column("size", "size", 4, 57, "Bytes received and sent",
           keys.by_size, cells.size, right=True, field="size"),
    Column("events", "events", 6, 30, "Events of the app's side",
           by_column("events"), cells.events, short="ev", right=True,
           field="events"),
    Column("duration", "took", 7, 80, "From the scope to the app's return",
           keys.by_duration, cells.duration, right=True, field="dur", grows=True),
    Column("ttfb", "ttfb", 6, 60, "From the scope to the start of the response",
           by_column("ttfb"), cells.ttfb, right=True, field="ttfb"),
    Column("app", "app", 6, 48, "Time in the app's own code",
           by_part("app"), cells.app, right=True, field="app.time", grows=True),
    Column("wait", "client", 6, 47, "Time the app waited in receive()",
           by_part("client"), cells.wait, right=True, field="wait.client", grows=True),
    Column("backpressure", "backpr", 6, 49, "Time the app waited in send()",
           by_part("backpressure"), cells.backpressure, right=True,
           field="wait.backpressure", grows=True),
    Column("after", "after", 6, 46, "Time from the response's end to the app's return",
           by_part("after"), cells.after, right=True, field="after", grows=True),
    Column("pending", "pending", 7, 44, "The call that has not returned: receive or send",
           by_column("pending"), cells.pending, field="pending"),
    Column("mark", "*", 1, 43, "Whether it is marked, or has tags or a comment",
           keys.by_mark, cells.mark, field="mark"),
    Column("tags", "tags", 12, 58, "Tags that were given to it",
           keys.by_tags, cells.tags, words=True, field="tag"),
    Column("comment", "comment", 20, 54, "Comment that was written on it",
           keys.by_comment, cells.comment, words=True),
    Column(WATERFALL, "where the time went", 20, 70,
           "Its time, as long as it took or on an axis common to all (key a)",
           keys.by_duration, None, short="waterfall", field="dur", grows=True),
)  # fmt: skip

COLUMNS: Final = {column.name: column for column in _EVERY}
"""All of them by name, in the order in which they are offered."""
