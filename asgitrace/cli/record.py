"""``asgitrace record``: run an app without a screen, and write its trace."""

import asyncio
import io
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from asgitrace.cli.options import RunOptions, Seconds, app_options, served_options
from asgitrace.cli.serving import session_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Buffer

    from asgitrace.cli.headless import ExportSink
    from asgitrace.cli.recordable import Recordable
    from asgitrace.export import Exporter
    from asgitrace.filter import Predicate
    from asgitrace.store import LogLine


@click.command("record")
@click.argument("target", metavar="MODULE:APP")
@click.option("-o", "--output", default="-", metavar="FILE", help="Where to; - is standard output.")
@click.option("--force", is_flag=True, help="Overwrite the file if there is one.")
@click.option("--count", type=click.IntRange(min=1), help="End after so many exchanges.")
@click.option("--for", "seconds", type=Seconds(), help="End after so long, e.g. 30s.")
@app_options
@served_options
def command(
    target: str,
    options: RunOptions,
    output: str,
    force: bool,
    count: int | None,
    seconds: float | None,
) -> int:
    """Run MODULE:APP and write what crosses its boundary as JSON lines."""
    from asgitrace.cli.headless import Limits

    return record_to(options, output, Limits(count, seconds), force=force)


class Held(io.BytesIO):
    """Standard output, to which nothing is written before it is certain that something is to be."""

    def __init__(self, out: BinaryIO) -> None:
        super().__init__()
        self._out = out
        self._released = False

    def release(self) -> None:
        """Write what there is, and from now on everything as it comes."""
        if not self._released:
            self._released = True
            self._out.write(self.getvalue())
            self._out.flush()

    def write(self, data: "Buffer") -> int:
        return self._out.write(data) if self._released else super().write(data)

    def flush(self) -> None:
        if self._released:
            self._out.flush()


def _sink(
    exporter: "Exporter",
    show_line: "Callable[[LogLine], None]",
    predicate: "Predicate | None",
    memory: int,
) -> "ExportSink":
    if predicate is None:
        from asgitrace.cli.headless import ExportSink

        return ExportSink(exporter, show_line)
    # Late: with it comes the store, and numpy.
    from asgitrace.cli.filtered import FilteredSink

    return FilteredSink(exporter, show_line, predicate, memory)


def record_to(options: RunOptions, output: str, limits: Any, *, force: bool) -> int:
    """Run an app and record to a file, or as a stream to standard output; returns the exit
    status."""
    with session_of(options) as session:
        return record_session(
            session, output, limits, options.filter, memory=options.memory, force=force
        )


def record_session(
    session: "Recordable",
    output: str,
    limits: Any,
    predicate: "Predicate | None",
    *,
    memory: int,
    force: bool,
) -> int:
    """Record what a session brings to a file, or as a stream to standard output; returns the exit
    status."""
    from asgitrace.cli.headless import Progress, record, why_ended
    from asgitrace.export import JsonLinesWriter, create_trace

    progress = Progress()
    created = datetime.now(UTC)
    held = Held(sys.stdout.buffer)
    exporter = (
        JsonLinesWriter(held, created=created, name="standard output", flush_each=True)
        if output == "-"
        else create_trace(Path(output), created=created, overwrite=force)
    )
    sink = _sink(exporter, progress.show_line, predicate, memory)
    try:
        asyncio.run(record(session, sink, limits, progress, held.release))
        sink.finish()
    except BrokenPipeError:
        # Whoever read our output has seen enough, as `| head` does.
        sys.stdout = None
        return 0
    except BaseException:
        discard = getattr(exporter, "discard", None)
        if discard is not None and not (sink.tally.events or sink.tally.wire):
            discard()
        raise
    exporter.close()
    progress.say(sink.tally.words(", ") + (f" in {output}" if output != "-" else ""))
    if session.kept is not None:
        progress.say(f"the app crashed; its ring is kept: asgitrace open {session.kept}")
    failure = why_ended(session)
    if failure is not None:
        progress.say(str(failure))
        return 1
    return 0
