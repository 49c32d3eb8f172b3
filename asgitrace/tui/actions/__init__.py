"""What the keys of the main screen do, one module a subject."""

from asgitrace.tui.actions.arranging import ArrangeActions
from asgitrace.tui.actions.detail import DetailActions
from asgitrace.tui.actions.layout import LayoutActions
from asgitrace.tui.actions.listing import ListActions
from asgitrace.tui.actions.process import ProcessActions
from asgitrace.tui.actions.saving import SaveActions


class Actions(
    ArrangeActions, DetailActions, LayoutActions, ListActions, SaveActions, ProcessActions
):
    """All of them."""


__all__ = ["Actions"]
