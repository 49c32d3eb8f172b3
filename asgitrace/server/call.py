"""The call of an app for one exchange: begun, and seen to its end, whatever that is."""

import logging
from typing import Protocol

from asgitrace.asgi import App, Message, Scope
from asgitrace.server.errors import is_disconnect

logger = logging.getLogger("asgitrace.server")


class Callee(Protocol):
    """An exchange as its app's call sees it."""

    scope: Scope

    async def receive(self) -> Message:
        """ASGI `receive`."""

    async def send(self, message: Message) -> None:
        """ASGI `send`."""

    def raised(self, exc: Exception) -> None:
        """The app raised this."""

    def returned(self) -> None:
        """The app returned."""

    async def run(self, app: App) -> None:
        """Call the app."""


class CallLink(Protocol):
    """What a call needs of its connection."""

    def called(self) -> None:
        """The app is called by the caller, with nothing in between."""

    def cut(self) -> None:
        """Close with the response unfinished."""

    def finished(self, exchange: Callee) -> None:
        """The app's call is over."""


async def call(app: App, exchange: Callee, link: CallLink) -> None:
    """Call the app, and see to it that the exchange gets an end."""
    link.called()
    try:
        await app(exchange.scope, exchange.receive, exchange.send)
    except Exception as exc:
        exchange.raised(exc)
    except BaseException:
        link.cut()
        raise
    else:
        exchange.returned()
    finally:
        link.finished(exchange)


def report(exc: Exception, *, gone: bool) -> bool:
    """Log what an app raised; whether it was an error and not just its client's going."""
    if gone and is_disconnect(exc):
        logger.debug("The app ended with the client's disconnect", exc_info=exc)
        return False
    logger.error("Exception in the ASGI app", exc_info=exc)
    return True
