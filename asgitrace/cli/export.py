"""``asgitrace export``: a trace file written anew, all of it or what passes a filter."""

import contextlib
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from asgitrace.cli.options import filter_option, memory_option

if TYPE_CHECKING:
    from asgitrace.filter import Predicate

FORMS: Final = ("text", "curl", "httpx", "websockets")
"""Those of ``asgitrace.export.forms``, which is imported only where one is asked for."""


@click.command("export")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("-o", "--output", default="-", metavar="FILE", help="Where to; - is standard output.")
@click.option("--force", is_flag=True, help="Overwrite the file if there is one.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["jsonl", *FORMS]),
    default="jsonl",
    show_default=True,
    help="What to write: a trace, or its exchanges as text or as code that repeats them.",
)
@filter_option
@memory_option
def command(
    file: Path, output: str, force: bool, format_: str, filter_: "Predicate | None", memory: int
) -> int:
    """Read a trace FILE (- is standard input), also of an older format, and write it anew.

    With --filter only the exchanges that pass are written, with the numbers that they have in the
    whole of it. With --format they become text, commands of curl, or code for httpx or, of
    WebSocket sessions, websockets."""
    from asgitrace.cli.exporting import Progress, copy, rereadable, select
    from asgitrace.export import JsonLinesWriter, create_trace

    if format_ != "jsonl":
        from asgitrace.cli.forms import write_forms

        return write_forms(file, format_, output, filter_, memory, force=force)
    created = datetime.now(UTC)
    progress = Progress()
    with contextlib.ExitStack() as stack:
        path = stack.enter_context(rereadable(file)) if filter_ is not None else file
        exporter = (
            JsonLinesWriter(sys.stdout.buffer, created=created, name="standard output")
            if output == "-"
            else stack.enter_context(create_trace(Path(output), created=created, overwrite=force))
        )
        try:
            if filter_ is None:
                outcome = copy(path, exporter, progress)
            else:
                outcome = select(path, exporter, filter_, memory, progress)
            exporter.flush()
        except BrokenPipeError:
            # Whoever read our output has seen enough, as `| head` does.
            sys.stdout = None
            return 0
        finally:
            progress.close()
    progress.say(outcome.words + (f" in {output}" if output != "-" else ""))
    if outcome.damage:
        progress.say(f"{outcome.damage} What came before it was written.")
        return 1
    return 0
