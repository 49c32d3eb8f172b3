"""``python -m benchmarks [NAME…] [--json FILE] [--quick]``."""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks import machine, recorder, servers, startup, under_uvicorn
from benchmarks.effort import FULL, QUICK, SMOKE, Effort
from benchmarks.report import (
    Section,
    absent,
    print_machine,
    print_section,
    print_verdict,
    write_json,
)

_BENCHMARKS: Final[dict[str, Callable[[Effort], Section]]] = {
    "recorder": recorder.run,
    "recorder_uvicorn": under_uvicorn.run,
    "server": servers.run,
    "startup": startup.run,
}
_WIDTH: Final = 130


def main() -> int:
    """Run the named benchmarks, or all; the status is 1 if one of them could not be run."""
    options = _options()
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
