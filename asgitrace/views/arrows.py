"""What the ladder is drawn with: arrows with words on them, and marks for the time between."""

from typing import Final

from rich.cells import cell_len
from rich.segment import Segment

from asgitrace.events import Flag, Kind, Outcome
from asgitrace.store.model import Event
from asgitrace.views.lines import Cells, style_of
from asgitrace.views.look import Look
from asgitrace.views.summary import Words, size_text, summarise
from asgitrace.views.timeline import type_text, word_cells

_QUIET: Final = (("text", "dim"), ("bytes", "dim"), ("empty", "faint"))
_MARKS: Final = (("more", "dim"), ("last", "dim"))
_BODIES: Final = (".body", ".request", "websocket.receive", "websocket.send")


def lifeline(look: Look) -> Segment:
    """A lifeline on which nothing happens."""
    return Segment(look.glyphs.lifeline, look.faint)


def arrow(words: Words, outbound: bool | None, lane: int, ink: str, look: Look) -> Cells:
    """Words on an arrow that fills a lane; without direction they only stand in it."""
    glyphs = look.glyphs
    tip = style_of(look, ink)
    if lane < 8:
        return [Segment(" " * lane, look.faint)]
    if outbound is None:
        cells = [Segment(f" {look.glyphs.edge} ", tip), *word_cells(words, lane - 4, look)]
        return Segment.adjust_line_length(cells, lane, look.faint)
    label = word_cells(words, lane - 6, look)
    used = sum(segment.cell_length for segment in label)
    shaft = glyphs.rule * max(0, lane - 4 - used - (not outbound))
    if outbound:
        return [
            Segment(glyphs.to_peer, tip),
            Segment(f"{glyphs.rule} ", look.faint),
            *label,
            Segment(f" {shaft}", look.faint),
        ]
    return [
        Segment(f"{glyphs.rule * 2} ", look.faint),
        *label,
        Segment(f" {shaft}", look.faint),
        Segment(glyphs.to_app, tip),
    ]


_INSIDE: Final = (Kind.RETURN, Kind.RAISE, Kind.DEBUGGER)
"""What happens in the app and does not cross the boundary."""


def app_lane(event: Event | None, lane: int, look: Look) -> Cells:
    """An ASGI event between the lifelines of server and app."""
    if event is None:
        return [Segment(" " * lane, look.faint)]
    words = app_words(event)
    if event.kind in _INSIDE:
        return _ending(words, lane, look)
    if event.kind is Kind.RECEIVE and event.pending:
        return _waiting(lane, look)
    wrong = event.outcome is not Outcome.OK
    ink = "bad" if wrong else "notice" if event.kind is Kind.SEND else "accent"
    return arrow(words, event.kind is Kind.SEND, lane, ink, look)


def _ending(words: Words, lane: int, look: Look) -> Cells:
    """At the app's lifeline, as nothing crosses the boundary."""
    label = word_cells(words, max(0, lane - 3), look)
    used = sum(segment.cell_length for segment in label)
    return [Segment(" " * max(0, lane - used - 1), look.faint), *label, Segment(" ", look.faint)]


def _waiting(lane: int, look: Look) -> Cells:
    label = "receive() waits "
    dots = look.glyphs.dotted * max(0, lane - cell_len(label) - 4)
    return Segment.adjust_line_length(
        [
            Segment(f" {look.glyphs.pending} ", look.warn),
            Segment(label, look.warn),
            Segment(dots, look.faint),
        ],
        lane,
        look.faint,
    )


def app_words(event: Event) -> Words:
    """An ASGI event on its arrow: its type without the protocol's name, its size, its content."""
    name = type_text(event)
    if event.kind is Kind.SCOPE:
        return [(name, "text"), *_version(event)]
    if event.kind in (Kind.RETURN, Kind.RAISE):
        return [(text, style) for text, style in summarise(event) if text.strip()]
    short = name.partition(".")[2] or name
    words: Words = [(short, "text")]
    if name.endswith(_BODIES):
        words.append((f" {size_text(event)}", "dim"))
        words += [(f" {text}", style) for text, style in _content_words(event)]
        return words
    pieces = ((text.strip(), style) for text, style in summarise(event))
    return [*words, *((f" {text}", style) for text, style in pieces if text)]


def _version(event: Event) -> Words:
    return [("  ASGI 2", "dim")] if event.flags & Flag.LEGACY else []


def _content_words(event: Event) -> Words:
    """What `summarise` says, with nothing said that an arrow need not say."""
    pieces = [(text.strip(), style) for text, style in summarise(event)]
    kept = [piece for piece in pieces if piece not in _QUIET and piece not in _MARKS]
    # whether more follows stands last, so that the content begins in one column
    return kept + [(f"({text})", style) for text, style in pieces if (text, style) in _MARKS]
