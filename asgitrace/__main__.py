"""The entry point of the command line; paints before it imports."""

import sys

from asgitrace.cli.splash import Splash


def main() -> None:
    """Run the command line and exit with its status."""
    splash = Splash()
    splash.show_for(sys.argv[1:])
    from asgitrace.cli.main import run

    sys.exit(run(sys.argv[1:], splash))


if __name__ == "__main__":
    main()
