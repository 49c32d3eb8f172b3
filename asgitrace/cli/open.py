"""``asgitrace open``: look at a trace that was saved, or at the ring of a process that crashed."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from asgitrace.cli.options import filter_option, memory_option
from asgitrace.cli.preferences import load_settings
from asgitrace.cli.splash import Splash, is_interactive
from asgitrace.errors import OptionError
from asgitrace.process.files import open_session

if TYPE_CHECKING:
    from asgitrace.filter import Predicate


@click.command("open")
@click.argument("file", type=click.Path(path_type=Path))
@memory_option
@filter_option
@click.pass_obj
def command(splash: Splash, file: Path, memory: int, filter_: "Predicate | None") -> int:
    """Show a trace FILE (JSON lines, or a .ring a crash has left) in the user interface."""
    settings = load_settings()
    session = open_session(file)
    if not is_interactive():
        asyncio.run(session.stop())
        raise OptionError(
            f"There is no terminal to show {file} on; read it with jq, or with a pager."
        )
    from asgitrace.cli.screen import show

    return show(session, splash, settings, memory=memory, predicate=filter_)
