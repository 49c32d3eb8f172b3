"""Ends a server whose asgitrace was killed. Run as ``python -m``, never imported.

Its standard input is a pipe that asgitrace holds open, and so ends when that does."""

import contextlib
import os
import shutil
import signal
import sys
import time
from typing import Final

_TICK: Final = 0.05


def main(group: int, folder: str, patience: float) -> None:
    """Wait for the end of asgitrace; then end a process group in good order if it can be had within
    ``patience`` seconds, and remove the folder of the run."""
    sys.stdin.buffer.read()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGTERM)
        until = time.monotonic() + patience
        while time.monotonic() < until:
            os.killpg(group, 0)
            time.sleep(_TICK)
        os.killpg(group, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
