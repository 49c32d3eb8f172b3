"""``python -m benchmarks [NAME…] [--json FILE] [--quick]``, and
``python -m benchmarks render FILE.json``."""

import argparse
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks import (
    idle,
    machine,
    modes,
    parts,
    profile,
    recorder,
    render,
    servers,
    startup,
    transfers,
    under_uvicorn,
)
from benchmarks.effort import FULL, QUICK, SMOKE, Effort
from benchmarks.report import Section, absent, write_json
from benchmarks.screen import print_machine, print_section, print_verdict
from benchmarks.ui import run as screens

_BENCHMARKS: Final[dict[str, Callable[[Effort], Section]]] = {
    "recorder": recorder.run,
    "recorder_parts": parts.run,
    "recorder_uvicorn": under_uvicorn.run,
    "modes": modes.run,
    "server": servers.run,
    "idle": idle.run,
    "transfer": transfers.run,
    "profile": profile.run,
    "startup": startup.run,
    "ui": screens.run,
}
_WIDTH: Final = 130


def main() -> int:
    """Run the named benchmarks, or all; the status is 1 if one of them could not be run."""
    if sys.argv[1:2] == ["render"]:
        return render.main(sys.argv[2:])
    options = _options()
    # As an exception, so that what was started is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    _raise_file_limit()
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    facts = machine.facts()
    print_machine(console, facts)
    sections: list[Section] = []
    failed = False
    for name in options.names or _BENCHMARKS:
        started = time.monotonic()
        try:
            section = _BENCHMARKS[name](options.effort)
        except Exception as error:  # One that cannot be run must not cost the others.
            failed = True
            section = Section(name, name, (absent(name, f"{type(error).__name__}: {error}"),))
        sections.append(section)
        print_section(console, section)
        console.print(f"{name}: {time.monotonic() - started:.0f} s\n", style="dim")
    print_verdict(console, sections)
    facts["load_after"] = machine.load()
    if options.json is not None:
        write_json(options.json, facts, sections)
    return 1 if failed else 0


def _raise_file_limit() -> None:
    """Ten thousand connections need as many files, here and in the servers that are started."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *_BENCHMARKS], metavar="NAME",
                        help=f"one of {', '.join(_BENCHMARKS)}; all if none is given")  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round there")
    effort = parser.add_mutually_exclusive_group()
    effort.add_argument("--quick", action="store_const", dest="effort", const=QUICK, default=FULL,
                        help="less than a minute, less exact")  # fmt: skip
    effort.add_argument("--smoke", action="store_const", dest="effort", const=SMOKE,
                        help="only shows that everything runs")  # fmt: skip
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
