"""``asgitrace attach``: look at apps that run already, in whatever server."""

import json
import sys
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import msgspec

from asgitrace.cli.options import Seconds, filter_option, memory_option
from asgitrace.cli.preferences import load_settings
from asgitrace.cli.splash import Splash, is_interactive
from asgitrace.errors import OptionError
from asgitrace.process.attached import AttachedSession
from asgitrace.process.found import FoundRing, Survey, find_rings, survey
from asgitrace.process.selection import Selection, select_crashed, select_named, select_running
from asgitrace.ring.directory import left_over, remove, ring_directories
from asgitrace.views.clean import clean as inert
from asgitrace.words import counted

if TYPE_CHECKING:
    from asgitrace.filter import Predicate
    from asgitrace.settings import Settings

NOTHING_RUNS: Final = (
    "No app that is recorded runs: put app = asgitrace.trace(app) where yours is made and start it "
    "in any server, or run asgitrace module:app."
)
_BETWEEN: Final = 0.5
"""Seconds between two looks, for the rates."""


@click.command("attach")
@click.argument("which", nargs=-1, metavar="[PID|NAME|RING]...")
@click.option("--all", "all_", is_flag=True, help="All that run, and what is started later.")
@click.option("--crashed", is_flag=True, help="What processes have left that crashed or are gone.")
@click.option("--list", "list_", is_flag=True, help="Only print what runs, or what is named.")
@click.option("--json", "json_", is_flag=True, help="With --list: as JSON.")
@click.option("--clean", is_flag=True, help="Remove what processes that have ended left behind.")
@click.option(
    "--record",
    "output",
    metavar="FILE",
    help="Write to a file, without a screen; - is standard output.",
)
@click.option("--force", is_flag=True, help="Overwrite the file if there is one.")
@click.option("--count", type=click.IntRange(min=1), help="With --record: so many exchanges.")
@click.option("--for", "seconds", type=Seconds(), help="With --record: so long, e.g. 30s.")
@memory_option
@filter_option
@click.pass_obj
def command(
    splash: Splash,
    which: tuple[str, ...],
    all_: bool,
    crashed: bool,
    list_: bool,
    json_: bool,
    clean: bool,
    output: str | None,
    force: bool,
    count: int | None,
    seconds: float | None,
    memory: int,
    filter_: "Predicate | None",
) -> int:
    """Show what crosses the boundary of apps that run already: those of a process (or all that it
    has started), of an app or a server by NAME, or in a RING file; chosen from a list where nothing
    is named. The apps are not disturbed, and run on afterwards."""
    if [bool(which), all_, crashed].count(True) > 1:
        raise OptionError("Name processes, or pass --all, or --crashed: one of them.")
    chosen = which or all_ or crashed
    if clean:
        if chosen:
            raise OptionError("--clean removes all that ended processes have left; name nothing.")
        return _clean()
    found = survey()
    terminal = is_interactive()
    if list_ or json_ or not (chosen or terminal or output):
        only = _select(found, which, all_=all_, crashed=crashed).paths if chosen else None
        return _print(found, only, as_json=json_)
    selection = _select(found, which, all_=all_ or bool(output and not chosen), crashed=crashed)
    if output is not None or not terminal:
        from asgitrace.cli.headless import Limits
        from asgitrace.cli.record import record_session

        if output is None:
            _say("no terminal to draw on; writing the trace to standard output as JSON lines")
        return record_session(
            AttachedSession(selection),
            output or "-",
            Limits(count, seconds),
            filter_,
            memory=memory,
            force=force,
        )
    if count is not None or seconds is not None:
        raise OptionError("--count and --for are for a recording; pass --record FILE.")
    settings = load_settings()
    if chosen:
        return _show(selection, splash, settings, memory, filter_)
    return _pick_and_show(splash, settings, memory, filter_)


def _select(found: Survey, which: Sequence[str], *, all_: bool, crashed: bool) -> Selection:
    """What is asked for. Raises OptionError where there is no such thing."""
    there = found.rings
    for complaint in found.unreadable.values():
        _say(complaint)
    if which:
        if not there and not any(Path(word).is_file() for word in which):
            raise OptionError(NOTHING_RUNS)
        return select_named(which, there)
    selection = select_crashed(there) if crashed else select_running(there)
    if crashed and not selection.paths:
        raise OptionError("No process that was recorded has crashed.")
    if not there or (all_ and not selection.paths):
        raise OptionError(_nothing_runs(there))
    return selection


def _nothing_runs(there: Sequence[FoundRing]) -> str:
    left = sum(each.state in ("crashed", "gone") for each in there)
    if not left:
        return NOTHING_RUNS
    whose = counted(left, "process")
    return f"{NOTHING_RUNS[:-1]}; for what {whose} left: asgitrace attach --crashed."


def _print(found: Survey, only: Collection[Path] | None, *, as_json: bool) -> int:
    """The table, or the same for programs, of these rings or of all; 2 where there is nothing."""
    from asgitrace.cli.attachable import listed, look_twice, table

    time.sleep(_BETWEEN if found.rings else 0)
    overview = look_twice(found.rings, find_rings() if found.rings else [], _BETWEEN)
    if as_json:
        # In ASCII: no text of a ring is to reach a terminal as it is.
        print(json.dumps(msgspec.to_builtins(listed(overview, only))))
        return 0
    for complaint in found.unreadable.values():
        _say(complaint)
    if not overview.rings:
        raise OptionError(NOTHING_RUNS)
    print("\n".join(table(overview, only)))
    return 0


def _clean() -> int:
    gone = remove(left_over(ring_directories()))
    for path in gone:
        print(inert(f"removed {path}"))
    _say(
        f"removed {counted(len(gone), 'file')} of processes that have ended"
        if gone
        else "nothing to remove: no process that has ended left a ring"
    )
    return 0


def _pick_and_show(
    splash: Splash, settings: "Settings", memory: int, predicate: "Predicate | None"
) -> int:
    """Let the user choose from a list and look at that, as often as they come back to the list."""
    from asgitrace.cli.screen import PICK_AGAIN
    from asgitrace.settings import State, load_state, save_state
    from asgitrace.tui.attach.picker import PickerApp

    marked: Collection[Path] = ()
    while True:
        state = load_state() if settings.remember else State()
        app = PickerApp(find_rings, settings=settings, state=state, marked=marked)
        splash.hand_over()
        choice = app.run()
        if settings.remember:
            save_state(app.state)
        if choice is None:
            return app.return_code or 0
        status = _show(Selection(choice), splash, settings, memory, predicate, picker=True)
        if status != PICK_AGAIN:
            return status
        marked = app.picker.marked


def _show(
    selection: Selection,
    splash: Splash,
    settings: "Settings",
    memory: int,
    predicate: "Predicate | None",
    *,
    picker: bool = False,
) -> int:
    from asgitrace.cli.screen import show

    session = AttachedSession(selection)
    try:
        return show(session, splash, settings, memory=memory, predicate=predicate, picker=picker)
    finally:
        session.close()


def _say(text: str) -> None:
    print(f"asgitrace: {inert(text)}", file=sys.stderr)
