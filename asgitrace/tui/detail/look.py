"""Which look the widgets draw with: the app's, or the standard one in an app that has none."""

from typing import Protocol, runtime_checkable

from textual.widget import Widget

from asgitrace.views.look import Look, look


@runtime_checkable
class HasLook(Protocol):
    """An app that says how things are drawn."""

    def current_look(self) -> Look: ...


def look_of(widget: Widget) -> Look:
    """The look of the app a widget is in."""
    app = widget.app
    if isinstance(app, HasLook):
        return app.current_look()
    return look(dark=app.current_theme.dark, colour=not app.no_color)
