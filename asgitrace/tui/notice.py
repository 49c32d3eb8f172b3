"""What is said where there is nothing to show, and when the app is not there."""

import re
from collections.abc import Callable, Iterable, Sequence
from shlex import quote
from typing import Final

from rich.cells import cell_len

from asgitrace.store.model import LogLine
from asgitrace.store.session import SessionStatus
from asgitrace.tui.filter.target import Told
from asgitrace.views.clean import clean

NoticeLine = tuple[tuple[str, str], ...]
"""Pieces of text, each with the name of its style."""
Notice = tuple[NoticeLine, ...]
Keys = Callable[[str], str]
"""The key of a command, by its name; empty where it has none."""

_UNIX: Final = "unix:"
_ANYWHERE: Final = (("//0.0.0.0:", "//127.0.0.1:"), ("//[::]:", "//[::1]:"))
_BLANK: Final[NoticeLine] = ()
_LONGEST: Final = 300
_EXCEPTION: Final = re.compile(r"[A-Za-z_][\w.]*(?:Error|Exception|Exit|Failed|Warning)\b")


def empty_notice(
    status: SessionStatus,
    *,
    live: bool,
    told: Told | None,
    key: Keys,
    trouble: str = "",
    tour: bool = False,
) -> Notice:
    """Lines for an empty list; the first one is the heading.

    Args:
        told: of the filter in force.
        key: names the keys.
        trouble: what the app wrote last where it failed.
        tour: whether there is a tour to be offered.
    """
    if told is not None and told.total:
        return _nothing_passes(told, key)
    if not live:
        if status.phase == "loading":
            return (_heading("Loading\u2026"),)
        return (_heading("There is nothing in this trace."),)
    log = ("", "the app's output", key("log"), "shows it")
    if status.attached:
        return _attached(status, key)
    match status.phase:
        case "starting" | "restarting":
            return _with_table("Starting the app\u2026", [log])
        case "failed":
            again = ("", "another try", key("restart"), "starts it")
            why = [("", clean(trouble[:_LONGEST]), "", "")] if trouble else []
            return _with_table("The app did not start.", [log, again], before=why)
        case "stopped":
            again = ("", "another run", key("restart"), "starts it")
            return _with_table("The app has ended.", [log, again])
    rows = [*_ways_to_call(status.address, key)]
    rows += [("new here?", "a tour of two minutes", key("tour"), "begins it")] if tour else []
    rows += [("help", "keys, columns and glyphs", key("help"), "explains the pane you are in")]
    return _with_table("Waiting for the first request.", rows)


def _attached(status: SessionStatus, key: Keys) -> Notice:
    """What is said while those that are looked at recorded nothing."""
    heading = {
        "starting": "Looking for processes that record\u2026",
        "stopped": "The processes have ended, and recorded nothing.",
    }.get(status.phase, "Waiting for the next request.")
    processes = ("", "the processes", key("processes"), "shows them")
    return _with_table(heading, [processes, ("", "keys and columns", key("help"), "explains them")])


Row = tuple[str, str, str, str]
"""What a line is about, what it says, a key, and what that does."""


def _with_table(heading: str, rows: Sequence[Row], *, before: Sequence[Row] = ()) -> Notice:
    """A heading over rows that stand below one another; the words of ``before`` stand above them by
    themselves."""
    return (
        _heading(heading),
        *((_BLANK,) if before else ()),
        *(((words, "warn"),) for _, words, _, _ in before),
        *((_BLANK,) if rows else ()),
        *_table(rows),
    )


def _table(rows: Sequence[Row]) -> Iterable[NoticeLine]:
    """Rows with their columns aligned, all of one width, so that they share a left edge."""
    widths = [max((cell_len(row[at]) for row in rows), default=0) for at in range(4)]
    for row in rows:
        pairs = zip(row, widths, strict=True)
        cells = [text + " " * (width - cell_len(text)) for text, width in pairs]
        first = ((f"{cells[0]}  ", "dim"),) if widths[0] else ()
        yield (*first, (f"{cells[1]}   ", "text"), (f"{cells[2]} ", "accent"), (cells[3], "dim"))


def _heading(text: str) -> NoticeLine:
    return ((text, "strong"),)


def _nothing_passes(told: Told, key: Keys) -> Notice:
    if told.failure:
        return _with_table(
            "The filter was stopped.", _ways_on(key), before=[("", told.failure, "", "")]
        )
    if told.progress is not None:
        return (_heading("Nothing yet passes the filter."), _BLANK,
                ((f"{told.progress:.0%} judged", "dim"),))  # fmt: skip
    hidden = "1 exchange is" if told.total == 1 else f"{told.total:,} exchanges are"
    return (
        _heading("Nothing passes the filter."),
        _BLANK,
        ((f"{hidden} hidden", "dim"),),
        _BLANK,
        *_table(_ways_on(key)),
    )


def _ways_on(key: Keys) -> list[Row]:
    return [
        ("", "another filter", key("filter"), "changes it"),
        ("", "everything", key("back"), "clears it"),
        ("", "with and without", key("filter-off"), "puts it off and on"),
    ]


def _ways_to_call(address: str, key: Keys) -> Iterable[Row]:
    command = curl_line(address)
    if not command:
        return
    open_ = _reachable(address)
    if not address.startswith(_UNIX):
        yield ("open", open_, "", "")
    yield ("or run", command, key("copy"), "copies it")
    if not address.startswith(_UNIX):
        yield ("WebSocket", f"{open_.replace('http', 'ws', 1)}/\u2026", "", "")


def curl_line(address: str) -> str:
    """The command that calls the app; empty where its address is not known."""
    if address.startswith(_UNIX):
        return f"curl --unix-socket {quote(address.removeprefix(_UNIX))} http://localhost/"
    if not address.startswith(("http://", "https://")):
        return ""
    insecure = "--insecure " if address.startswith("https://") else ""
    return f"curl {insecure}{quote(f'{_reachable(address)}/')}"


def _reachable(address: str) -> str:
    """An address to connect to, of one to listen on."""
    for anywhere, here in _ANYWHERE:
        address = address.replace(anywhere, here, 1)
    return address


def last_words(lines: Sequence[LogLine]) -> str:
    """The last line of the last traceback among what an app wrote; empty where there is none."""
    found = (line.text for line in reversed(lines) if _EXCEPTION.match(line.text))
    return next(found, "")


def banner_text(status: SessionStatus) -> str:
    """The line above the list; empty while all is well."""
    if status.phase in ("loading", "loaded"):
        return status.detail
    if status.phase not in ("failed", "stopped"):
        return ""
    if status.attached:
        detail = status.detail or "The processes have ended; what they recorded stays."
        return f"{detail}  w: save it   p: processes   Q: quit"
    detail = status.detail or (
        "The app failed to start." if status.phase == "failed" else "The app has ended."
    )
    return f"{detail}  l: its output   ctrl+r: restart"
