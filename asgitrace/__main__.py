"""The entry point of the command line; paints before it imports."""

import os
import sys

from asgitrace.cli.splash import Splash


def main() -> None:
    """Run the command line and exit with its status."""
    _open_what_is_closed()
    splash = Splash()
    splash.show_for(sys.argv[1:])
    from asgitrace.cli.main import run

    sys.exit(run(sys.argv[1:], splash))


def _open_what_is_closed() -> None:
    """Standard streams that we were started without lead nowhere: their file descriptors are not to
    become those of something else, nor is anybody to ask whether they are there."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            fd = os.open(os.devnull, os.O_RDWR)
            if fd != number:
                os.dup2(fd, number)
                os.close(fd)
            stream = open(number, "w" if number else "r", closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)


if __name__ == "__main__":
    main()
