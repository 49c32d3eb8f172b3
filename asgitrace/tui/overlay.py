"""Screens that lie over the main one until they are left."""

from textual.await_complete import AwaitComplete
from textual.screen import Screen, ScreenResultType


class Overlay(Screen[ScreenResultType]):
    """Is left once, however often that is asked for."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Leave, with a result.

        A key or click may still be on its way when another one has left the screen already; what is
        taken away is always the topmost screen, which then is the main one.
        """
        return super().dismiss(result) if self.is_active else AwaitComplete()
