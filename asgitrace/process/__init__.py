"""The app's own process: how it is started, what it reports, how it is watched, restarted and
ended. And what reads files that were saved."""

from typing import TYPE_CHECKING

from asgitrace.lazy import lazy

if TYPE_CHECKING:
    from asgitrace.process.live import LiveSession
    from asgitrace.process.spec import AppSpec, Loop
    from asgitrace.process.target import check_target

__all__ = ["AppSpec", "LiveSession", "Loop", "check_target"]

# Late: the processes that are started from here need little of it.
__getattr__ = lazy(
    __name__,
    {"AppSpec": "spec", "LiveSession": "live", "Loop": "spec", "check_target": "target"},
)
