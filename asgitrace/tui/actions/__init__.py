"""What the keys of the main screen do, one module a subject."""

from asgitrace.tui.actions.arranging import ArrangeActions
from asgitrace.tui.actions.comparing import CompareActions
from asgitrace.tui.actions.detail import DetailActions
from asgitrace.tui.actions.exceptions import ExceptionActions
from asgitrace.tui.actions.filtering import FilterActions
from asgitrace.tui.actions.jumping import JumpActions
from asgitrace.tui.actions.layout import LayoutActions
from asgitrace.tui.actions.listing import ListActions
from asgitrace.tui.actions.marking import MarkActions
from asgitrace.tui.actions.opening import OpenActions
from asgitrace.tui.actions.overview import OverviewActions
from asgitrace.tui.actions.process import ProcessActions
from asgitrace.tui.actions.searching import SearchActions
from asgitrace.tui.actions.touring import TourActions


class Actions(
    TourActions,
    ArrangeActions,
    CompareActions,
    DetailActions,
    ExceptionActions,
    FilterActions,
    JumpActions,
    LayoutActions,
    ListActions,
    MarkActions,
    OpenActions,
    OverviewActions,
    SearchActions,
    ProcessActions,
):
    """All of them."""


__all__ = ["Actions"]
