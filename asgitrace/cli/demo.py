"""``asgitrace demo``: the bundled app, and a client that keeps it busy."""

import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator

import click

from asgitrace.cli.options import memory_option
from asgitrace.cli.preferences import load_settings
from asgitrace.cli.splash import Splash, is_interactive
from asgitrace.errors import AddressError
from asgitrace.process import AppSpec, LiveSession
from asgitrace.process.listener import listening
from asgitrace.server.config import ServerConfig

_TARGET = "asgitrace.demo.app:app"
_PORT = 8000


@click.command("demo")
@click.option("--port", type=int, help="Port; by default 8000, or a free one if that is taken.")
@click.option("--rate", type=float, default=6.0, show_default=True, help="Requests a second.")
@click.option("--for", "seconds", type=float, help="Let the client rest after so many seconds.")
@click.option("--tour", is_flag=True, help="Begin the tour at once; F2 begins it at any time.")
@memory_option
@click.pass_obj
def command(
    splash: Splash,
    port: int | None,
    rate: float,
    seconds: float | None,
    tour: bool,
    memory: int,
) -> int:
    """Run the bundled demo app with a client that keeps it busy: a first look in one command."""
    settings = load_settings()
    with contextlib.ExitStack() as stack:
        spec, listener, address = _listen(stack, port)
        if not is_interactive():
            raise click.UsageError(
                "the demo needs a terminal; "
                "try: asgitrace record asgitrace.demo.app:app -o demo.jsonl"
            )
        session = LiveSession(spec, listener, address)
        session.start()
        stack.enter_context(traffic(address, rate, seconds))
        from asgitrace.cli.screen import show

        return show(session, splash, settings, memory=memory, tour="begin" if tour else "offer")


def _listen(stack: contextlib.ExitStack, port: int | None) -> tuple[AppSpec, socket.socket, str]:
    """Listen on the port asked for, or else on the usual one or any free one."""
    wishes = (_PORT, 0) if port is None else (port,)
    for wish in wishes:
        spec = AppSpec(target=_TARGET, server=ServerConfig(port=wish))
        try:
            return spec, *stack.enter_context(listening(spec.server))
        except AddressError:
            if wish == wishes[-1]:
                raise
    raise AssertionError("the last wish returns or raises")


@contextlib.contextmanager
def traffic(address: str, rate: float, seconds: float | None) -> Iterator[None]:
    """Run the client beside us; it ends with us, whatever happens, as its standard input does."""
    command_line = [
        sys.executable, "-m", "asgitrace.demo.traffic", address, "--exit-on-stdin-eof",
        "--rate", str(rate), *(["--for", str(seconds)] if seconds is not None else []),
    ]  # fmt: skip
    with subprocess.Popen(
        command_line, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as client:
        try:
            yield
        finally:
            client.terminate()
