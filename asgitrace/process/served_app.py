"""The app that another server imports, ``asgitrace.process.served_app:app``: the user's, recorded.

What to load is told by the environment; see `served_worker`."""

from typing import TYPE_CHECKING

from asgitrace.process.served_worker import load_served

if TYPE_CHECKING:
    from asgitrace.asgi import App

app: "App" = load_served()
