"""The wrapper ASGI app and what it keeps of scopes and messages."""

from asgitrace.recorder.process import RING_SIZE
from asgitrace.recorder.recorder import BODY_LIMIT, Recorder
from asgitrace.recorder.trace import Sampler, Trace
from asgitrace.recorder.wire import WireRecorder

__all__ = ["BODY_LIMIT", "RING_SIZE", "Recorder", "Sampler", "Trace", "WireRecorder"]
