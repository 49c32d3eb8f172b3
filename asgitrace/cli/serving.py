"""The session of an app, under asgitrace's own server or another one."""

import contextlib
from typing import TYPE_CHECKING

from asgitrace.cli.options import RunOptions
from asgitrace.process import LiveSession, check_target
from asgitrace.process.listener import listening
from asgitrace.process.reload import check_folders

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asgitrace.process.running import RunningSession


@contextlib.contextmanager
def session_of(options: RunOptions) -> "Iterator[RunningSession]":
    """The session that the options describe, still to be started. Raises AsgitraceError for a
    mistake of the user's."""
    spec = options.spec
    check_target(spec.target, spec.app_dir)
    reload_dirs = options.reload_dirs if options.reload else ()
    check_folders(reload_dirs)
    if options.server is not None:
        yield _served(options, reload_dirs)
        return
    with listening(spec.server) as (listener, address):
        yield LiveSession(spec, listener, address, reload_dirs)


def _served(options: RunOptions, reload_dirs: tuple[str, ...]) -> "RunningSession":
    # Late: who uses our own server need not wait for it.
    from asgitrace.process.served import ServedSession, settle_place
    from asgitrace.process.servers import Launch, find_server

    spec = options.spec
    kind = find_server(options.server or "")
    config, address = settle_place(spec.server)
    given = options.given - ({"wire"} if spec.wire == "off" else set())
    launch = Launch(config, options.workers or 1, given, spec.loop, options.extra)
    return ServedSession(spec, kind, launch, address, reload_dirs)
