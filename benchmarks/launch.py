"""Serves the app of `site_app` on a free port of the loopback interface, as a process of its own.

``python -m benchmarks.launch SERVER [--trace MODE] [--lap] [--profile FILE]`` prints its port as
the first line; a profile begins with a signal. It ends on SIGTERM, and when its standard input is
at its end: so it does not outlive whoever started it, however that one ended."""

import argparse
import cProfile
import os
import signal
import sys
import threading
from typing import Final

from asgitrace.server.sockets import bind
from benchmarks.hosts import CONFIG, HOSTS, TRACINGS, Site
from benchmarks.site_app import site

PROFILE_SIGNAL: Final = signal.SIGUSR1
"""Begins the profile, where one was asked for."""
_APP: Final = "benchmarks.site_app:site"


def main() -> None:
    """Serve until a signal ends it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.launch")
    parser.add_argument("server", choices=list(HOSTS))
    parser.add_argument("--trace", choices=TRACINGS, default="no", help="what of the wire")
    parser.add_argument("--lap", action="store_true", help="write the ring once before")
    parser.add_argument("--profile", metavar="FILE", help="write cProfile's statistics there")
    options = parser.parse_args()
    listener = bind(CONFIG)
    print(listener.getsockname()[1], flush=True)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    served = Site(_APP, site, listener, options.trace, options.lap)
    host = HOSTS[options.server].host
    if options.profile is None:
        host(served)
        return
    profile = cProfile.Profile()
    signal.signal(PROFILE_SIGNAL, lambda *_: profile.enable())
    try:
        host(served)
    finally:
        profile.disable()
        profile.dump_stats(options.profile)


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
