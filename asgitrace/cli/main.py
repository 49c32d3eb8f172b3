"""The commands by name, each imported when it is used."""

import importlib
import sys
from collections.abc import Sequence
from typing import Final

import click

from asgitrace import __version__
from asgitrace.cli.filters import FilterMistake
from asgitrace.cli.splash import Splash
from asgitrace.errors import AsgitraceError

_COMMANDS: Final = {
    "run": "Run an app and show what crosses its boundary (the default command).",
    "record": "Run an app and write what crosses its boundary to a file.",
    "attach": "Show apps that run already, in any server: chosen from a list, or named.",
    "open": "Show a trace file, or the ring of a process that crashed.",
    "export": "Write a trace file anew: filtered, or in the present format.",
    "compare-servers": "Play the same exchanges under each server, and show where they differ.",
    "demo": "Run the bundled demo app with a client that keeps it busy.",
    "config": "Print the configuration, with every option and key.",
}
_DEFAULT: Final = "run"
_USER_MISTAKE: Final = 2


class Commands(click.Group):
    """``asgitrace module:app`` is short for ``asgitrace run module:app``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {*_COMMANDS, "--version", "--help", "-h"}
        if args and args[0] not in own:
            args = [_DEFAULT, *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(
            f"asgitrace.cli.{name.replace('-', '_')}"
        ).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(
    cls=Commands,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    subcommand_metavar="MODULE:APP | COMMAND [OPTIONS]",
    epilog="Try: asgitrace demo · asgitrace main:app --reload · asgitrace run --help",
)
@click.version_option(__version__, prog_name="asgitrace", message="%(prog)s %(version)s")
def commands() -> None:
    """See what crosses the ASGI boundary: every scope, receive() and send(), live."""


def run(arguments: Sequence[str], splash: Splash) -> int:
    """Run the command line; returns the exit status.

    A mistake of the user's is one sentence on stderr and status 2.
    """
    try:
        status = commands.main(
            list(arguments), prog_name="asgitrace", standalone_mode=False, obj=splash
        )
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message())
        return 0
    except click.ClickException as error:
        splash.hide()
        print(f"asgitrace: {_sentence(error.format_message())}", file=sys.stderr)
        return _USER_MISTAKE
    except AsgitraceError as error:
        splash.hide()
        print(f"asgitrace: {_sentence(str(error))}", file=sys.stderr)
        if isinstance(error, FilterMistake):
            print(error.picture, file=sys.stderr)
        return _USER_MISTAKE
    except (click.Abort, KeyboardInterrupt):
        return 130
    finally:
        splash.hide()
    return status if isinstance(status, int) else 0


def _sentence(text: str) -> str:
    """One line fit for a terminal, whatever was typed."""
    line = " ".join(text.split())
    return line if line.isprintable() else line.encode("unicode_escape").decode()
