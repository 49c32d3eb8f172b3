"""The lifespan of the app (ASGI lifespan 2.0).

phase      on startup() / shutdown()    the app answers                then
STARTING   sends lifespan.startup       startup.complete               RUNNING
                                        startup.failed                 FAILED
                                        raises or returns              UNSUPPORTED
RUNNING                                 raises or returns              OVER
STOPPING   sends lifespan.shutdown      shutdown.complete or .failed   OVER
"""

import asyncio
import logging
from collections.abc import Callable
from enum import Enum, auto
from typing import Any, Final

from asgitrace.asgi import LIFESPAN_SPEC_VERSION, App, Message
from asgitrace.errors import StartupFailed
from asgitrace.server.config import LifespanMode
from asgitrace.server.errors import AsgiProtocolError
from asgitrace.server.flow import Waiters
from asgitrace.server.messages import message_type
from asgitrace.server.scope import ASGI_VERSION
from asgitrace.words import gist

logger = logging.getLogger("asgitrace.server")


class Phase(Enum):
    """How far the lifespan is."""

    STARTING = auto()
    RUNNING = auto()
    STOPPING = auto()
    FAILED = auto()
    UNSUPPORTED = auto()
    OVER = auto()


class Lifespan:
    """The one lifespan call of an app."""

    def __init__(self, app: App, mode: LifespanMode) -> None:
        self._app = app
        self._mode = mode
        self._phase = Phase.STARTING if mode != "off" else Phase.UNSUPPORTED
        self._state: dict[str, Any] = {}
        self._pending: list[Message] = []
        self._reason = ""
        self._changed = Waiters()
        self._task: asyncio.Task[None] | None = None

    @property
    def state(self) -> dict[str, Any] | None:
        """What the app put into ``scope["state"]``; None if it does not support lifespan."""
        return None if self._phase is Phase.UNSUPPORTED else self._state

    async def startup(self) -> None:
        """Start the app; raises `StartupFailed` if it says it cannot."""
        if self._phase is Phase.UNSUPPORTED:
            return
        self._pending.append({"type": "lifespan.startup"})
        self._task = asyncio.create_task(self._run())
        await self._left(Phase.STARTING)
        if self._phase is Phase.FAILED:
            raise StartupFailed(self._reason)

    async def shutdown(self) -> None:
        """Let the app clean up, if it started."""
        if self._phase is Phase.RUNNING:
            self._move(Phase.STOPPING)
            self._pending.append({"type": "lifespan.shutdown"})
            self._changed.wake()
            await self._left(Phase.STOPPING)

    async def stop(self) -> None:
        """End the call, whatever it is at."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task], timeout=1.0)

    async def _run(self) -> None:
        scope = {
            "type": "lifespan",
            "asgi": {"version": ASGI_VERSION, "spec_version": LIFESPAN_SPEC_VERSION},
            "state": self._state,
        }
        try:
            await self._app(scope, self._receive, self._send)
        except Exception as exc:
            self._raised(exc)
        else:
            self._returned()

    async def _receive(self) -> Message:
        while not self._pending:
            await self._changed.wait()
        return self._pending.pop(0)

    async def _send(self, message: Message) -> None:
        steps = _STEPS[self._phase]
        kind = message_type(message)
        step = steps.get(kind)
        if step is None:
            raise AsgiProtocolError.unexpected(kind, steps)
        step(self, message)

    async def _left(self, phase: Phase) -> None:
        while self._phase is phase:
            await self._changed.wait()

    def _move(self, phase: Phase) -> None:
        self._phase = phase
        self._changed.wake()

    def _on_started(self, message: Message) -> None:
        self._move(Phase.RUNNING)

    def _on_start_failed(self, message: Message) -> None:
        self._fail(str(message.get("message", "")) or "the app gave no reason")

    def _on_stopped(self, message: Message) -> None:
        self._move(Phase.OVER)

    def _on_stop_failed(self, message: Message) -> None:
        logger.error("The app's shutdown failed: %s", message.get("message", ""))
        self._move(Phase.OVER)

    def _fail(self, reason: str) -> None:
        short = gist(reason)
        if short != reason:
            logger.error("The app's startup failed: %s", reason)
        self._reason = f"the app's startup failed: {short}"
        self._move(Phase.FAILED)

    def _raised(self, exc: Exception) -> None:
        if self._phase is Phase.STARTING:
            self._unsupported(exc)
        elif self._phase is not Phase.FAILED:
            logger.error("Exception in the app's lifespan", exc_info=exc)
            self._move(Phase.OVER)

    def _returned(self) -> None:
        if self._phase is Phase.STARTING:
            self._unsupported(None)
        elif self._phase in (Phase.RUNNING, Phase.STOPPING):
            logger.error("The app's lifespan returned before 'lifespan.shutdown.complete'")
            self._move(Phase.OVER)

    def _unsupported(self, exc: Exception | None) -> None:
        """The specification: "the server must continue but not send any lifespan events"."""
        what = "returned without an answer" if exc is None else f"raised {exc!r}"
        if self._mode == "on":
            if exc is not None:
                logger.error("Exception in the app's lifespan", exc_info=exc)
            self._fail(f"it {what} on the lifespan scope; pass --lifespan off if it has none")
            return
        logger.info("The app does not support lifespan: it %s", what)
        if exc is not None:
            logger.debug("The app's exception on the lifespan scope", exc_info=exc)
        self._move(Phase.UNSUPPORTED)


_STEPS: Final[dict[Phase, dict[str, Callable[[Lifespan, Message], None]]]] = {
    Phase.STARTING: {
        "lifespan.startup.complete": Lifespan._on_started,
        "lifespan.startup.failed": Lifespan._on_start_failed,
    },
    Phase.RUNNING: {},
    Phase.STOPPING: {
        "lifespan.shutdown.complete": Lifespan._on_stopped,
        "lifespan.shutdown.failed": Lifespan._on_stop_failed,
    },
    Phase.FAILED: {},
    Phase.UNSUPPORTED: {},
    Phase.OVER: {},
}
