"""Putting a session on the screen, and saying afterwards on stderr what is left to say."""

import contextlib
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from asgitrace.cli.splash import Splash
from asgitrace.process.running import RunningSession
from asgitrace.settings import Settings, State, load_state, save_state
from asgitrace.store import Session
from asgitrace.tui.app import TraceApp

if TYPE_CHECKING:
    from asgitrace.filter import Predicate
    from asgitrace.store import Store

PICK_AGAIN: Final = -1
"""In place of an exit status: the user wants to choose anew of what runs."""


def show(
    session: Session,
    splash: Splash,
    settings: Settings,
    *,
    memory: int,
    predicate: "Predicate | None" = None,
    tour: Literal["", "offer", "begin"] = "",
    picker: bool = False,
) -> int:
    """Run the user interface until the user quits; returns the exit status, or PICK_AGAIN.

    Args:
        memory: bytes that the store may take.
        predicate: the filter that is in force at first.
        tour: whether the tour is to be offered, or begun at once.
        picker: whether there is a list of what runs that the user can go back to.
    """
    state = load_state() if settings.remember else State()
    app = TraceApp(
        session,
        partial(_open_store, memory),
        save=_save,
        settings=settings,
        state=state,
        filter_text=predicate.text if predicate is not None else "",
        tour=tour,
        picker=picker,
    )
    if isinstance(session, RunningSession):
        session.lender = app.stepped_aside
    splash.hand_over()
    try:
        app.run()
    finally:
        if settings.remember:
            save_state(app.state)
        if isinstance(session, RunningSession):
            session.close(keep=app.failed)
            if session.kept is not None:
                what = "the screen failed" if app.failed else "the app crashed"
                _say(f"{what}; the last recording is kept: asgitrace open {session.kept}")
    if app.exit_message:
        _say(app.exit_message)
    return PICK_AGAIN if app.wants_picker else app.return_code or 0


def _open_store(memory: int) -> "Store":
    # Late, as with the next one: after the first paint.
    from asgitrace.store import Store

    return Store(memory)


def _save(store: "Store", numbers: Sequence[int] | None, path: Path) -> None:
    from asgitrace.export.saving import save

    save(store, numbers, path)


def _say(text: str) -> None:
    # The terminal may be gone.
    with contextlib.suppress(OSError):
        print(f"asgitrace: {text}", file=sys.stderr, flush=True)
