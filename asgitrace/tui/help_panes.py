"""What each pane shows, its signs and its keys: what the help begins with, wherever it is asked
for."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from asgitrace.tui.help_section import HelpLine
from asgitrace.tui.help_signs import (
    ladder_lines,
    status_lines,
    time_lines,
)
from asgitrace.views.look import Look

Signs = Callable[[Look], Iterable[HelpLine]]


@dataclass(frozen=True, slots=True)
class PaneHelp:
    """The help of one pane or screen."""

    title: str
    about: str
    """What it shows, in a few sentences."""
    commands: tuple[str, ...] = ()
    """Names of the commands that matter there; empty where its line of hints tells them."""
    signs: tuple[tuple[str, Signs], ...] = ()
    """Signs and columns, under headings."""
    alone: bool = False
    """There is no main screen, and so none of its keys."""


def _columns(words: Mapping[str, str]) -> Signs:
    """Columns, or other words that stand on the pane, and what they mean."""
    return lambda look: (HelpLine(name, look.text, why) for name, why in words.items())


def _message_signs(look: Look) -> Iterable[HelpLine]:
    glyphs = look.glyphs
    yield HelpLine(glyphs.into, look.accent, "the app received it: from the client")
    yield HelpLine(glyphs.out, look.good, "the app sent it")
    yield HelpLine(glyphs.pending, look.accent, "the call has not returned yet")
    yield HelpLine(glyphs.alert, look.warn, "look at it: cut, failed or not sent")


def _tree_signs(look: Look) -> Iterable[HelpLine]:
    glyphs = look.glyphs
    yield HelpLine(glyphs.opened, look.dim, "unfolded; enter or space folds it")
    yield HelpLine(glyphs.folded, look.dim, "folded; enter or space unfolds it")
    yield HelpLine(glyphs.cut, look.dim, "the line goes on")


def _log_signs(look: Look) -> Iterable[HelpLine]:
    yield HelpLine("error", look.bad, "a log record of level error or critical")
    yield HelpLine("warning", look.warn, "a log record of level warning")
    yield HelpLine("stderr", look.dim, "a line that the app, or a library, wrote there")
    yield HelpLine("#12", look.accent, "the exchange in which it was written")


_LIST_COLUMNS: Final = {
    "#": "the number; it never changes and is never given twice",
    "status": "HTTP status, or the close code of a WebSocket session",
    "size": "bytes of bodies and messages the app sent",
    "ev": "events: receive and send calls, scope, return or exception",
    "took": "from the call of the app to its return",
    "bar": "where the time went, see below; longer is slower",
}
_TIMELINE_COLUMNS: Final = {
    "called": "when the app called, since the exchange began",
    "since": "after the event before",
    "took": "until the call returned; a call that waits grows",
    "size": "bytes of the body or message",
}
_HEADER_ROWS: Final = {
    "request": "the scope as the app got it, and its headers, those that come twice included",
    "response": "what the app answered: status, headers, trailers",
    "target": "the request line as it was on the wire, beside path, raw_path and root_path",
}
_FRAME_COLUMNS: Final = {
    "opcode": "text, bytes, continuation, ping, pong, close (RFC 6455)",
    "wire": "bytes on the wire, and after inflating where it was compressed",
}

_RING_COLUMNS: Final = {
    "[x]": "marked: space marks one, on an app's line all of it; a all of the app anywhere",
    "age": "since the app was first called in this process",
    "rec/s": "records a second: events of the app, and of the wire",
    "ring": "how full its recorder is; at 100% the oldest is overwritten",
}

PANES: Final = {
    "list": PaneHelp(
        "The list",
        "One line for each call of the app: a request, a WebSocket session, the lifespan; and a "
        "note where its process started or ended. The newest is at the end, and the list follows "
        "it until the cursor is moved.",
        ("open", "filter", "search", "follow", "pause", "sort", "columns", "mark", "compare",
         "next-error", "take-out", "everywhere"),
        (("Status", status_lines), ("Columns", _columns(_LIST_COLUMNS)),
         ("Where the time went", time_lines)),
    ),
    "timeline": PaneHelp(
        "Timeline",
        "Every event of one exchange in the order of its calls: scope, each receive() and send() "
        "with both its times, the return or the exception. As a ladder it stands between the "
        "peer, the server and the app, with what was on the wire.",
        ("choose", "view", "sides", "follow-events", "pause-events", "filter", "search", "copy",
         "pager", "next-exception"),
        (("Columns", _columns(_TIMELINE_COLUMNS)), ("Ladder", ladder_lines)),
    ),
    "messages": PaneHelp(
        "Messages",
        "What was said, as a conversation: WebSocket messages, and the chunks of request and "
        "response bodies. The message under the cursor is shown beside the list.",
        ("choose", "filter", "search", "follow-events", "pause-events", "renderer", "copy",
         "pager", "editor", "save-body"),
        (("Direction", _message_signs),),
    ),
    "headers": PaneHelp(
        "Headers",
        "The scope and the request's headers, and beside them the response's. Cookies, query and "
        "target are taken apart, and well-known headers say what they do.",
        ("other-pane", "fold", "search", "copy", "pager"),
        (("Rows", _columns(_HEADER_ROWS)), ("Folding", _tree_signs)),
    ),
    "body": PaneHelp(
        "Body",
        "The request's or the response's body in the way that suits it, with its content encoding "
        "undone. What is missing stands where it would have been.",
        ("renderer", "side", "fold", "unfold-all", "fold-all", "path", "search", "copy", "pager",
         "editor", "save-body"),
        (("Trees", _tree_signs),),
    ),
    "log": PaneHelp(
        "Log",
        "What the app's process wrote: standard output and error, and log records with their "
        "level, each with the exchange that it belongs to where that is known.",
        ("choose", "log-level", "log-own", "log-jump", "follow-log", "search", "copy", "pager"),
        (("Signs", _log_signs),),
    ),
    "frames": PaneHelp(
        "Frames",
        "WebSocket frames as they were on the wire, control frames and fragments among them; only "
        "asgitrace's own server tells of them.",
        ("choose", "follow-events", "pause-events", "filter", "search", "copy"),
        (("Columns", _columns(_FRAME_COLUMNS)), ("Direction", _message_signs)),
    ),
    "PickerScreen": PaneHelp(
        "What runs",
        "Every process of yours whose app is traced, under the app it runs: app = "
        "asgitrace.trace(app), or asgitrace main:app. Open one, all of an app (new workers are "
        "followed as they come), or those that you marked. Looking at them does not disturb them. "
        "Below are those that run no longer: what a process recorded last can still be read.",
        signs=(("Columns", _columns(_RING_COLUMNS)),),
        alone=True,
    ),
    "ProcessesDialog": PaneHelp(
        "Processes",
        "The processes whose exchanges are in the list, those that ended too: what was read of "
        "each, what was overwritten before it could be read, and how full its ring is. Enter shows "
        "only its exchanges.",
    ),
    "GroupsScreen": PaneHelp(
        "Groups",
        "The exchanges that pass the filter, counted by route, path, client, connection, status or "
        "worker: how many, how many failed, how long they took.",
    ),
    "StatisticsScreen": PaneHelp(
        "Statistics",
        "Rate, durations, errors and more over time, of the exchanges that pass the filter; with "
        "tables of the slowest, the largest and those that failed most.",
    ),
    "ConnectionsScreen": PaneHelp(
        "Connections",
        "TCP and Unix connections as asgitrace's own server saw them: how long they lived, what "
        "they carried, how they ended; below, the exchanges and events of the chosen one.",
    ),
    "CompareScreen": PaneHelp(
        "Comparison",
        "Two exchanges side by side: scope, headers, bodies (JSON by its values, text by lines), "
        "and their events, aligned by type, with their times.",
    ),
    "EverywhereScreen": PaneHelp(
        "Search in all exchanges",
        "Where a text or a /regex/ occurs in all that is kept: paths, headers, bodies (decoded, "
        "across their chunks), messages, exceptions, log. Enter goes there; the search comes back.",
    ),
    "TakeOutMenu": PaneHelp(
        "Taking out",
        "An exchange as text, as a command of curl, as code for httpx or websockets, or as JSON "
        "lines that can be opened again. Below is what it will be; what could not be kept as it "
        "was is said in its comments.",
    ),
}  # fmt: skip
"""By the name of a tab of the detail, or the class of a screen."""

ELSEWHERE: Final = PaneHelp("Here", "")
"""For what has no help of its own: its keys are told."""
