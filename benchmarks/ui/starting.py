"""The first paint, and how the terminal is left."""

import re
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Final

from benchmarks.effort import Effort
from benchmarks.report import Row, absent
from benchmarks.ui.figures import at_most, one, share
from benchmarks.ui.stage import stage
from benchmarks.ui.watch import Frame, Watch, watching

_TARGET: Final = "benchmarks.apps:hello"
_PATIENCE: Final = 15.0
_ADDRESS: Final = re.compile(rb"http://127\.0\.0\.1:[1-9]")
_AWAITED: Final = {
    b"\x1b[?1049l": "the alternate screen",
    b"\x1b[?25h": "the cursor",
    b"\x1b[?1000l": "the mouse's clicks",
    b"\x1b[?1003l": "the mouse's movements",
    b"\x1b[?2004l": "bracketed paste",
}
"""What gives the terminal back."""
_WAYS: Final[dict[str, bytes | int]] = {
    "quit": b"Q",
    "INT": signal.SIGINT,
    "TERM": signal.SIGTERM,
    "HUP": signal.SIGHUP,
}


def first_paints(effort: Effort) -> Iterator[Row]:
    """From exec to splash and to the whole first screen, as the 95th percentile."""
    splashes, screens = [], []
    for _ in range(effort.starts):
        with _app() as watch:
            first = watch.wait(_is_complete, _PATIENCE)
            if first is None or watch.splash is None:
                yield absent("first paint", f"did not come: {watch.last_words()}")
                return
            splashes.append((watch.splash - watch.started) * 1e3)
            screens.append((first.at - watch.started) * 1e3)
            watch.press(b"Q")
            watch.ended(_PATIENCE)
    yield one("splash, p95", "ms", share(splashes, 0.95), at_most(50))
    yield one("first paint, p95", "ms", share(screens, 0.95), at_most(400))


def leaving(effort: Effort) -> Iterator[Row]:
    """What is left undone in the terminal after each way to end."""
    for name, way in list(_WAYS.items())[: 1 if effort.few else None]:
        with _app(keep=True) as watch:
            if watch.wait(_is_complete, _PATIENCE) is None:
                yield absent(f"left by {name}", f"no screen: {watch.last_words()}")
                continue
            time.sleep(0.3)
            if isinstance(way, bytes):
                watch.press(way)
                watch.ended(_PATIENCE)
            else:
                watch.end(way, _PATIENCE)
            yield _restored(f"left by {name}: not restored in the terminal", watch)
    with stage(keep=True) as it:
        it.control.ask("fail")
        it.watch.ended(_PATIENCE)
        yield _restored("left by an exception: not restored in the terminal", it.watch)


def _restored(name: str, watch: Watch) -> Row:
    painted = bytes(watch.raw or b"")
    missing = [what for code, what in _AWAITED.items() if not _is_last(painted, code)]
    if not watch.cooked():
        missing.append("line editing and echo")
    if missing:
        name += f" ({', '.join(missing)})"
    return one(name, "", len(missing), at_most(0))


def _is_last(painted: bytes, code: bytes) -> bool:
    """Whether a mode was last set as it should be left."""
    other = code[:-1] + (b"h" if code.endswith(b"l") else b"l")
    return painted.rfind(code) > painted.rfind(other)


def _app(*, keep: bool = False) -> AbstractContextManager[Watch]:
    return watching([sys.executable, "-m", "asgitrace", _TARGET, "--port", "0"], keep=keep)


def _is_complete(frame: Frame) -> bool:
    return _ADDRESS.search(frame.text) is not None
