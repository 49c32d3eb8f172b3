"""``asgitrace compare-servers``: the same exchanges against an app under each server."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from asgitrace.versus.plays import Play

_PROBE: Final = "asgitrace.versus.probe:app"
_BUFFER: Final = 16 * 1024 * 1024
"""Bytes of a ring: it is read all the time."""


@click.command("compare-servers")
@click.argument("target", metavar="[MODULE:APP]", default="")
@click.option("--requests", metavar="FILE", help="A trace: what its clients did is played.")
@click.option(
    "--server",
    "servers",
    multiple=True,
    metavar="NAME",
    help="Only under this one; several may be given. Default: all that are installed.",
)
@click.option("--all", "everything", is_flag=True, help="Also show what is the same.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--app-dir", default=".", metavar="DIR", help="Folder to import the app from.")
@click.option("--factory", is_flag=True, help="MODULE:APP is a function that returns the app.")
def command(
    target: str,
    requests: str | None,
    servers: tuple[str, ...],
    everything: bool,
    as_json: bool,
    app_dir: str,
    factory: bool,
) -> int:
    """Play the same exchanges against MODULE:APP under each server, and show where the ASGI events
    differ.

    Without an app it is one that does what servers are known to differ in.
    """
    from asgitrace.errors import TargetError
    from asgitrace.process import check_target
    from asgitrace.process.spec import AppSpec
    from asgitrace.server.config import ServerConfig
    from asgitrace.versus.choice import choose
    from asgitrace.versus.result import conclude
    from asgitrace.versus.running import run_under

    check_target(target or _PROBE, app_dir)
    plays = _plays(requests, probed=not target)
    chosen, missing = choose(servers)
    spec = AppSpec(
        target=target or _PROBE,
        server=ServerConfig(port=0, timeout_graceful_shutdown=3.0),
        app_dir=app_dir,
        factory=factory,
        buffer=_BUFFER,
        wire="off",
    )
    runs = [run_under(name, spec, plays, _Progress(name).update) for name in chosen]
    if all(run.failure for run in runs):
        raise TargetError(f"Nothing is compared: under {runs[0].server}: {runs[0].failure}")
    result = conclude(target or "The probe", plays, runs, missing)
    if as_json:
        import msgspec

        from asgitrace.versus.document import document

        data = msgspec.json.encode(document(result, everything=everything))
        print(msgspec.json.format(data, indent=2).decode())
        return 0
    from rich.console import Console

    from asgitrace.versus.report import report

    console = Console(highlight=False, markup=False, emoji=False)
    console.print(report(result, console.width, everything=everything))
    return 0


def _plays(requests: str | None, *, probed: bool) -> "list[Play]":
    """What is to be played."""
    if requests is None:
        from asgitrace.versus.builtin import COMMON, PROBED

        return [*COMMON, *(PROBED if probed else ())]
    from asgitrace.library import load
    from asgitrace.versus.recorded import plays_of
    from asgitrace.words import counted

    plays, left_out = plays_of(load(Path(requests)))
    if left_out:
        print(f"asgitrace: {counted(left_out, 'exchange')} of the trace left out", file=sys.stderr)
    return plays


class _Progress:
    """A line on a terminal that says how far it is."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._terminal = sys.stderr.isatty()

    def update(self, play: str) -> None:
        """This is played now; empty: nothing any more."""
        if self._terminal:
            from asgitrace.views.clean import clean

            line = clean(f"{self._server}: {play}")[:70] if play else ""
            sys.stderr.write(f"\r\x1b[K{line}")
            sys.stderr.flush()
