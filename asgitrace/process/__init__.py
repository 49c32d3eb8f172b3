"""The app's own process: how it is started, what it reports, how it is watched, restarted and
ended."""

from asgitrace.process.live import LiveSession
from asgitrace.process.spec import AppSpec, Loop
from asgitrace.process.target import check_target

__all__ = ["AppSpec", "LiveSession", "Loop", "check_target"]
