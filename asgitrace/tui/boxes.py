"""Boxes above a screen, as they are left with the mouse."""

from typing import Any

from textual import events
from textual.screen import Screen
from textual.widget import Widget


def is_beside(event: events.Click, screen: Screen[Any], box: Widget) -> bool:
    """Whether a click was outside of a box, or on its frame: that closes it."""
    if event.widget is screen:
        return True
    frame = (box.region.y, box.region.bottom - 1)
    return event.widget is box and event.screen_y in frame
