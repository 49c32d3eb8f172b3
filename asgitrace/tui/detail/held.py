"""What is under the cursor of the detail, to be opened elsewhere or written to a file."""

from dataclasses import dataclass
from itertools import islice
from typing import Final

from asgitrace.events import Kind
from asgitrace.tui.detail.body_view import BodyView
from asgitrace.tui.detail.tabs import Tab
from asgitrace.views.lines import clean_text
from asgitrace.views.summary import is_binary

_MOST_LINES: Final = 100_000
_WHOLE: Final = frozenset({"headers", "log"})
"""Tabs of which not one line is meant, but all of them."""
_NAMES: Final = {"timeline": "event", "messages": "message", "frames": "frame"}
_SIDES: Final = {Kind.RECEIVE: "request", Kind.SEND: "response"}
_SUFFIXES: Final = {
    "application/json": ".json",
    "application/xml": ".xml",
    "application/javascript": ".js",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/gzip": ".gz",
    "application/x-ndjson": ".jsonl",
    "application/msgpack": ".msgpack",
    "application/cbor": ".cbor",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/svg+xml": ".svg",
    "text/css": ".css",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/javascript": ".js",
    "text/xml": ".xml",
}
"""Of files with such content. Nothing of what came from the network becomes part of a name."""


@dataclass(frozen=True, slots=True)
class Held:
    """Content, and what it is."""

    name: str
    """One word of ours: ``response``, ``message``, ``event``."""
    data: bytes
    """With its content encoding undone."""
    media_type: str = ""
    complete: bool = True
    """Nothing of it is missing."""
    sent: bytes | None = None
    """As it was sent, where that is something else."""
    encoding: str = ""
    """How it was sent then; of the network."""

    @property
    def suffix(self) -> str:
        """Of a file of it, with the dot; from a fixed table."""
        found = _SUFFIXES.get(self.media_type)
        if found is None and self.media_type.endswith(("+json", "+xml")):
            found = f".{self.media_type.rpartition('+')[2]}"
        return found or (".bin" if is_binary(self.data) else ".txt")

    @property
    def readable(self) -> str | None:
        """Its text, made inert; None where it is none."""
        if is_binary(self.data):
            return None
        return clean_text(self.data.decode("utf-8", "surrogateescape"))


def held_in(name: str, tab: Tab) -> Held | None:
    """What is under the cursor in a tab, by the tab's name; None where there is nothing."""
    if name in _WHOLE:
        lines = tab.focused_list.lines
        text = "\n".join(islice(map(lines.text, range(len(lines))), _MOST_LINES))
        return Held(name, _bytes(text)) if text else None
    view = next((found for found in tab.query(BodyView) if found.region), None)
    if view is not None and (data := view.data):
        body = view.body
        side = "" if body is None or name != "body" else _SIDES.get(body.kind, "")
        sent = view.sent
        return Held(
            side or _NAMES.get(name, "body"),
            data,
            view.media_type,
            view.complete,
            None if sent == data else sent,
            "" if body is None else body.encoding,
        )
    text = tab.copy_text() or ""
    return Held(_NAMES.get(name, name), _bytes(text)) if text else None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
