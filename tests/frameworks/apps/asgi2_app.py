"""ASGI 2: a "double callable", a class that is made with the scope and then called."""

from asgitrace.asgi import Receive, Scope, Send
from tests.frameworks.apps import plain_app


class Application:
    """One exchange."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def __call__(self, receive: Receive, send: Send) -> None:
        """Handle it as the ASGI 3 app does."""
        await plain_app.app(self.scope, receive, send)


app = Application
