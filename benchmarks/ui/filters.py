"""Filtering the whole list: as somebody who types sees it, and the matching alone."""

import re
import time
from collections.abc import Iterator
from typing import Final

from benchmarks.report import Row, absent
from benchmarks.ui.figures import at_most, one
from benchmarks.ui.stage import Stage
from benchmarks.ui.watch import Frame

FILTERS: Final = {
    "column": "status>=500",
    "regex of a path": r"path~/items\/[0-9]*7\?/",
    "event": "ws.text:say",
}
_COUNT: Final = re.compile(rb"([\d,. ]+) of [\d,. ]+")
_PATIENCE: Final = 8.0
_QUIET: Final = 1.0


def filter_rows(it: Stage, rows: int) -> Iterator[Row]:
    """Each filter typed at once, as it comes from the clipboard, on a list that stands still."""
    for kind, text in FILTERS.items():
        name = f"filter by {kind} ({text})"
        try:
            alone = it.control.ask(f"match {text}")
        except (OSError, ValueError) as error:
            yield absent(name, str(error))
            return
        if alone.get("failure"):
            yield absent(name, alone["failure"])
            continue
        yield one(f"{name}: matching alone, first", "ms", alone["first_ms"], at_most(20))
        yield one(f"{name}: matching alone, all", "ms", alone["all_ms"], at_most(150))
        yield from _typed(it, name, text)


def _typed(it: Stage, name: str, text: str) -> Iterator[Row]:
    it.watch.press(b"f")
    time.sleep(0.3)
    it.watch.forget()
    pressed = it.watch.press(text.encode())
    frame = it.watch.wait(_counts, _PATIENCE, since=pressed)
    if frame is None:
        yield absent(f"{name}: on the screen", "no count of hits was painted")
    else:
        yield one(f"{name}: key to first hits painted", "ms", (frame.at - pressed) * 1e3)
        all_hits = f"{name}: key to all hits painted"
        last = _settled(it, frame)
        if last is None:
            yield absent(all_hits, f"there were more and more for {_PATIENCE:.0f} s")
        else:
            yield one(all_hits, "ms", (last.at - pressed) * 1e3)
    it.watch.press(b"\x1b")
    time.sleep(0.3)


def _counts(frame: Frame) -> bool:
    found = _COUNT.search(frame.text)
    return found is not None and found[1].strip() not in (b"", b"0")


def _settled(it: Stage, first: Frame) -> Frame | None:
    """The last frame that showed another count than the ones before it; None where there seems to
    be no end."""
    last, latest = first, time.perf_counter()
    until = latest + _PATIENCE
    while time.perf_counter() - latest < _QUIET:
        time.sleep(0.05)
        if time.perf_counter() > until:
            return None
        for frame in it.watch.between(last.at, time.perf_counter()):
            found, known = _COUNT.search(frame.text), _COUNT.search(last.text)
            if found and known and found[1] != known[1]:
                last, latest = frame, time.perf_counter()
    return last
