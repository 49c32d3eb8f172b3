"""Ends a server whose asgitrace was killed. Run as ``python -m``, never imported.

Its standard input is a pipe that asgitrace holds open, and so ends when that does."""

import shutil
import signal
import sys
import time
from typing import Final

from asgitrace.process.groups import is_group_alive, signal_group

_TICK: Final = 0.05


def main(group: int, folder: str, patience: float) -> None:
    """Wait for the end of asgitrace; then end a process group in good order if it can be had within
    ``patience`` seconds, and remove the folder of the run."""
    sys.stdin.buffer.read()
    signal_group(group, signal.SIGTERM)
    until = time.monotonic() + patience
    while is_group_alive(group) and time.monotonic() < until:
        time.sleep(_TICK)
    signal_group(group, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
