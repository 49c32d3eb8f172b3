"""The status bar: where the trace comes from, how much of it there is, what was lost."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from asgitrace.store.session import SessionStatus
from asgitrace.views.attach.followed import summary
from asgitrace.views.clean import clean
from asgitrace.views.look import Look
from asgitrace.views.units import format_count, format_size

RATE_WINDOW_NS: Final = 3_000_000_000
"""Over which arrivals are counted."""
_BAR: Final = 10
_WIDE_BAR: Final = 24
"""Cells of the bar that shows how much of a file is loaded."""


class Rate:
    """Arrivals a second over the last few seconds, from a running total."""

    def __init__(self) -> None:
        self._samples: deque[tuple[int, int]] = deque()

    def sample(self, now_ns: int, total: int) -> float:
        samples = self._samples
        samples.append((now_ns, total))
        while len(samples) > 2 and now_ns - samples[1][0] >= RATE_WINDOW_NS:
            samples.popleft()
        then_ns, before = samples[0]
        elapsed = now_ns - then_ns
        return max(0, total - before) * 1e9 / elapsed if elapsed > 0 else 0.0


_STARTING: Final = SessionStatus(phase="starting")


@dataclass(frozen=True, slots=True)
class StatusLine:
    """All that the bar shows."""

    session: SessionStatus = _STARTING
    title: str = ""
    live: bool = True
    rate: float = 0.0
    events: int = 0
    open: int = 0
    dropped: int = 0
    """Records overwritten unread, too large to be recorded, or given up for want of room."""
    evicted: int = 0
    """Finished exchanges that made room for newer ones."""
    follow: bool = True
    order: str = ""
    """What the list is sorted by; empty in the order of arrival."""
    descending: bool = False
    paused: bool = False
    arrived: int = 0
    """New exchanges since the pause."""
    total: int = 0
    """Exchanges in the store, shown or not."""
    forgotten: int = 0
    """Connections that made room for newer ones."""


_Piece = tuple[str, Style]
_ATTACHED: Final = 60


def status_segments(line: StatusLine, width: int, look: Look) -> list[Segment]:
    """The bar in ``width`` cells: the place at the left, figures at the right, the less
    important of them left out where there is no room."""
    wide = width >= 110
    place = _place(line, look, wide=wide)
    if line.session.phase == "loading" and line.session.total:
        place += _loading(line.session, look, wide=wide)
    figures = _figures(line, look, wide=wide)
    gap = 2
    room = width - sum(cell_len(text) for text, _ in place) - 3
    while figures and sum(cell_len(text) + gap for _, (text, _) in figures) > room:
        figures.remove(min(figures, key=lambda figure: figure[0]))
    right = [piece for _, (text, style) in figures for piece in (("  ", look.dim), (text, style))]
    right.append((" ", look.dim))
    right_width = sum(cell_len(text) for text, _ in right)
    left = [Segment(" ", look.dim), *(Segment(text, style) for text, style in place)]
    left = Segment.adjust_line_length(left, max(0, width - right_width), look.dim)
    return Segment.adjust_line_length(
        left + [Segment(text, style) for text, style in right], width, look.dim
    )


_WORDLESS: Final = ("serving", "loaded", "loading")
"""Phases that show by themselves."""


def _place(line: StatusLine, look: Look, *, wide: bool) -> list[_Piece]:
    phase = line.session.phase
    glyph, style = {
        "serving": (look.glyphs.process, look.good),
        "loaded": (look.glyphs.none, look.dim),
        "failed": (look.glyphs.raised, look.bad),
        "stopped": (look.glyphs.raised, look.dim),
    }.get(phase, (look.glyphs.pending, look.accent))
    if line.session.attached:
        # What runs says more than where: others know that better.
        return [(f"{glyph} ", style), (summary(line.session.processes)[:_ATTACHED], look.text)]
    address = clean(line.session.address)
    words = address if address and phase in _WORDLESS else f"{phase} {address}".strip()
    if cell_len(words) > 48:
        words = set_cell_size(words, 47) + look.glyphs.cut
    title = clean(line.title[:40])
    named = [(f"{title}  ", look.strong)] if wide and title and title != words else []
    return [(f"{glyph} ", style), *named, (words, look.text)]


def _loading(session: SessionStatus, look: Look, *, wide: bool) -> list[_Piece]:
    """How much of a file is loaded: drawn, in percent and bytes, and how long it will take."""
    share = min(session.consumed / session.total, 1.0)
    cells = _WIDE_BAR if wide else _BAR
    full, half = divmod(int(share * cells * 2), 2)
    pieces = [
        ("  ", look.dim),
        (look.glyphs.bar * full + look.glyphs.half_bar * half, look.accent),
        (look.glyphs.dot * (cells - full - half), look.faint),
        (f" {share:4.0%}", look.text),
    ]
    if wide:
        size = f"{format_size(session.consumed):>4} of {format_size(session.total)}"
        pieces.append((f"  {size}", look.dim))
    if session.left is not None:
        pieces.append((f"  {_format_left(session.left):>5} left", look.dim))
    return pieces


def _format_left(seconds: float) -> str:
    """Seconds that are left, no finer than they can be known: ``8s``, ``2m10s``."""
    whole = max(round(seconds), 1)
    if whole < 60:
        return f"{whole}s"
    minutes, rest = divmod(round(whole, -1), 60)
    return f"{minutes}m{rest:02}s" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02}m"


def _figures(line: StatusLine, look: Look, *, wide: bool) -> list[tuple[int, _Piece]]:
    """What is shown at the right with its importance, in the order in which it is shown."""
    figures: list[tuple[int, _Piece]] = []
    if line.live:
        rate = f"{line.rate:.1f}" if line.rate < 99.95 else format_count(round(line.rate))
        figures.append((5, (f"{rate:>4}/s", look.text if line.rate else look.dim)))
    figures.append((4, (f"{format_count(line.events):>4} {'events' if wide else 'ev'}", look.dim)))
    figures.append((3, (f"{format_count(line.open):>3} open", look.dim)))
    dropped = line.dropped
    figures.append(
        (
            9 if dropped else 2,
            (f"{format_count(dropped)} dropped", look.bad if dropped else look.dim),
        )
    )
    if line.evicted:
        figures.append((7, (f"{format_count(line.evicted)} evicted", look.warn)))
    if line.forgotten:
        figures.append((1, (f"{format_count(line.forgotten)} conn forgotten", look.dim)))
    if line.session.unsampled:
        figures.append((6, (_sampled(line.session), look.notice)))
    if line.session.faults:
        figures.append((8, (f"{format_count(line.session.faults)} faults", look.bad)))
    if line.live:
        figures.append((1, (f"ring {line.session.fill:>4.0%}", look.dim)))
        if line.session.loop:
            figures.append((0, (clean(line.session.loop)[:12], look.dim)))
    if line.live or line.paused or line.order:
        figures.append((10, _mode(line, look)))
    return figures


def _sampled(session: SessionStatus) -> str:
    every = session.sampled + session.unsampled
    return f"{format_count(session.sampled)} of {format_count(every)} recorded"


def _mode(line: StatusLine, look: Look) -> _Piece:
    if line.paused:
        return f"{look.glyphs.paused} paused, {format_count(line.arrived)} new", look.warn
    if line.order:
        glyph = look.glyphs.down if line.descending else look.glyphs.up
        return f"{glyph} {line.order}", look.notice
    if line.follow:
        return f"{look.glyphs.down} follow", look.good
    return f"{look.glyphs.none} follow", look.faint


class StatusBar(Widget):
    """One line; painted only when something in it changed."""

    class FollowClicked(Message):
        """The word at the right end was clicked."""

    def __init__(self, look: Callable[[], Look]) -> None:
        super().__init__()
        self._look = look
        self.line = StatusLine()

    def show(self, line: StatusLine) -> None:
        if line != self.line:
            self.line = line
            self.refresh(self.size.region)

    def render_line(self, y: int) -> Strip:
        look = self._look()
        width = self.size.width
        segments = status_segments(self.line, width, look)
        return Strip(Segment.apply_style(segments, look.raised), width)

    def on_click(self, event: events.Click) -> None:
        if event.x >= self.size.width - 9:
            self.post_message(self.FollowClicked())
