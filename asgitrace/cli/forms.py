"""The exchanges of a trace file as text or code, one after the other."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from asgitrace.cli.exporting import Progress, rereadable
from asgitrace.errors import TraceFileError
from asgitrace.export.files import display, write_new
from asgitrace.export.forms import BY_NAME
from asgitrace.library import LoadedTrace, load
from asgitrace.words import counted

if TYPE_CHECKING:
    from asgitrace.export.forms import Form
    from asgitrace.filter import Predicate


def write_forms(
    file: Path,
    form: str,
    output: str,
    predicate: "Predicate | None",
    memory: int,
    *,
    force: bool,
) -> int:
    """Write them, those that the form is for, to a file or to standard output (``-``); returns the
    exit status. Raises TraceFileError and FilterError."""
    progress = Progress()
    with rereadable(file) as path:
        trace = load(path, memory=memory)
    chosen = trace if predicate is None else trace.filter(predicate.text)
    taken = [*_taken(chosen, BY_NAME[form])]
    if output == "-":
        try:
            sys.stdout.write("\n".join(taken))
            sys.stdout.flush()
        except BrokenPipeError:
            # Whoever read our output has seen enough, as `| head` does.
            sys.stdout = None
            return 0
    else:
        _write(Path(output), "\n".join(taken), force=force)
    progress.say(_words(len(taken), len(chosen), form) + (f" in {output}" if output != "-" else ""))
    if trace.left_out:
        progress.say(f"{trace.left_out:,} were left out for want of room; see --memory.")
    return 0


def _taken(trace: LoadedTrace, form: "Form") -> Iterator[str]:
    """The texts; each begins with a line that says which exchange it is."""
    for exchange in trace:
        if exchange.kind not in form.kinds or not exchange.events:
            continue
        lead = f"{form.comment} {exchange.number}\n" if form.comment else ""
        yield lead + exchange.take_out(form.name)


def _write(path: Path, text: str, *, force: bool) -> None:
    if force and path.is_file():
        try:
            path.unlink()
        except OSError as error:
            why = error.strerror or str(error)
            raise TraceFileError(f"{display(path)} cannot be replaced: {why}.") from error
    write_new(path, [text.encode()])


def _words(taken: int, among: int, form: str) -> str:
    return f"{taken:,} of {counted(among, 'exchange')} as {form}"
