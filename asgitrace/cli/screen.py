"""Putting a session on the screen, and saying afterwards on stderr what is left to say."""

import sys

from asgitrace.cli.saving import save
from asgitrace.cli.splash import Splash
from asgitrace.process import LiveSession
from asgitrace.store import Session, Store
from asgitrace.tui.app import TraceApp


def show(session: Session, splash: Splash) -> int:
    """Run the user interface until the user quits; returns the exit status."""
    store = Store()
    app = TraceApp(session, store, save=save)
    splash.hand_over()
    try:
        app.run()
    finally:
        if isinstance(session, LiveSession):
            session.close()
            if session.kept is not None:
                _say(f"the app crashed; its last recording is kept: asgitrace open {session.kept}")
    if app.exit_message:
        _say(app.exit_message)
    return app.return_code or 0


def _say(text: str) -> None:
    print(f"asgitrace: {text}", file=sys.stderr)
