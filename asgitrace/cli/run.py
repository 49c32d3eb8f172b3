"""``asgitrace module:app``: run an app and show what crosses its boundary."""

import sys

import click

from asgitrace.cli.options import RunOptions, app_options, served_options
from asgitrace.cli.preferences import load_settings
from asgitrace.cli.serving import session_of
from asgitrace.cli.splash import Splash, is_interactive


@click.command("run")
@click.argument("target", metavar="MODULE:APP")
@app_options
@served_options
@click.pass_obj
def command(splash: Splash, target: str, options: RunOptions) -> int:
    """Run MODULE:APP and show every scope, receive() and send() as it happens."""
    if not is_interactive():
        return _stream(options)
    settings = load_settings()
    with session_of(options) as session:
        # Before the screen is there: the app's imports and ours run side by side.
        session.start()
        try:
            from asgitrace.cli.screen import show

            return show(session, splash, settings, memory=options.memory, predicate=options.filter)
        finally:
            # Where it did not come to that: nothing is left behind.
            session.close()


def _stream(options: RunOptions) -> int:
    from asgitrace.cli.headless import Limits
    from asgitrace.cli.record import record_to

    print(
        "asgitrace: no terminal to draw on; writing the trace to standard output as JSON lines.",
        file=sys.stderr,
    )
    return record_to(options, "-", Limits(), force=False)
