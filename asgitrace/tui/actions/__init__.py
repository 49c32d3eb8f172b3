"""What the keys of the main screen do, one module a subject."""

from asgitrace.tui.actions.arranging import ArrangeActions
from asgitrace.tui.actions.detail import DetailActions
from asgitrace.tui.actions.exceptions import ExceptionActions
from asgitrace.tui.actions.filtering import FilterActions
from asgitrace.tui.actions.jumping import JumpActions
from asgitrace.tui.actions.keys import KeyActions
from asgitrace.tui.actions.layout import LayoutActions
from asgitrace.tui.actions.listing import ListActions
from asgitrace.tui.actions.marking import MarkActions
from asgitrace.tui.actions.overview import OverviewActions
from asgitrace.tui.actions.process import ProcessActions
from asgitrace.tui.actions.saving import SaveActions


class Actions(
    ArrangeActions,
    DetailActions,
    ExceptionActions,
    FilterActions,
    JumpActions,
    KeyActions,
    LayoutActions,
    ListActions,
    MarkActions,
    OverviewActions,
    SaveActions,
    ProcessActions,
):
    """All of them."""


__all__ = ["Actions"]
