"""What one can do: the table of which keys, help, palette, hints and configuration are made."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from textual.binding import Binding


class Subject(StrEnum):
    """What a command is about; the sections of the help, in their order."""

    MOVING = "Moving"
    FILTER = "Filter"
    SEARCH = "Search"
    LIST = "List"
    MARKS = "Marks and jumps"
    OVERVIEW = "Overview"
    DETAIL = "Detail"
    SCREEN = "Screen"
    APP = "The app"


class Place(StrEnum):
    """Where the keys of a command work. Inner places come first: a key that a list has for itself
    does not reach the screen."""

    MAIN = "the main screen"
    LISTS = "every list"
    TABLE = "the list of exchanges"
    LINES = "the lists of the detail"
    DETAIL = "the detail"
    EVENTS = "timeline, messages and frames"
    TIMELINE = "the timeline"
    BODY = "the body"
    LOG = "the log"
    COMPARE = "the comparison"


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to do."""

    name: str
    """In the configuration file; never changes."""
    keys: str
    """The usual ones, as Textual names them, separated by commas; empty where there is none."""
    label: str
    """A word or two."""
    help: str
    """A sentence."""
    action: str
    """The action of the widget or screen that is the place."""
    subject: Subject
    place: Place = Place.MAIN
    hint: int = 0
    """Place in the line of hints, from 1; 0 where it has none."""

    def binding(self, action: str = "") -> Binding:
        """Its keys for its action, or for what another screen does instead."""
        keys = self.keys or NO_KEY
        return Binding(keys, action or self.action, self.label, show=False, id=self.name)


NO_KEY: Final = "unbound"
"""Stands for the key of a command that has none; no terminal sends it."""

_S = Subject

COMMANDS: Final = (
    Command("back", "escape", "back", "Back; on the list: clear the filter", "back", _S.SCREEN),
    Command("filter", "f", "filter", "Show only what passes a filter", "filter", _S.FILTER,
            hint=2),
    Command("filter-off", "backslash", "filter off, on", "Put the filter off, and on again",
            "toggle_filter", _S.FILTER),
    Command("filter-cell", "equals_sign", "filter by cell", "Only what is like the chosen cell",
            "filter_cell", _S.FILTER),
    Command("exclude-cell", "exclamation_mark", "exclude cell", "Leave out what is like the cell",
            "exclude_cell", _S.FILTER),
    Command("fields", "", "filter fields", "Fields and operators of the filter language",
            "reference", _S.FILTER),
    Command("search", "slash", "search", "Search in the pane that has the keys: text, or /regex/",
            "search", _S.SEARCH),
    Command("everywhere", "s", "search all", "Where does it occur: search in all exchanges",
            "everywhere", _S.SEARCH),
    Command("follow", "F", "follow", "Follow the newest, or stop to", "follow", _S.LIST),
    Command("pause", "space", "pause", "Freeze the list; recording goes on", "pause", _S.LIST,
            hint=3),
    Command("next-error", "n", "next match, error",
            "Next match of the search; without one the next that failed", "error(1)", _S.SEARCH),
    Command("previous-error", "N", "previous match, error",
            "Previous match of the search; without one the previous that failed", "error(-1)",
            _S.SEARCH),
    Command("next-exception", "right_curly_bracket", "next exception",
            "Next exchange in which the app raised, at the exception", "exception(1)", _S.MARKS),
    Command("previous-exception", "left_curly_bracket", "previous exception",
            "Previous exchange in which the app raised", "exception(-1)", _S.MARKS),
    Command("mark", "m", "mark", "Mark the selected exchange, or take its mark away", "mark",
            _S.MARKS),
    Command("marked-only", "M", "marked only", "Show the marked ones only, or all again",
            "marked_only", _S.MARKS),
    Command("compare", "d", "compare",
            "Compare two: those that are marked, or one that is chosen first",
            "compare", _S.MARKS),
    Command("compare-previous", "", "compare with previous",
            "Compare with the one before of the same method and route", "compare_previous",
            _S.MARKS),
    Command("note", "t", "tags, comment", "Give the selected exchange tags and a comment", "note",
            _S.MARKS),
    Command("time", "T", "go to time", "Go to a time: 14:03, +30s, -2m, @1699999999", "time",
            _S.MARKS),
    Command("next-same-connection", "right_square_bracket", "next on connection",
            "Next exchange on the same connection", "same_connection(1)", _S.MARKS),
    Command("previous-same-connection", "left_square_bracket", "previous on connection",
            "Previous exchange on the same connection", "same_connection(-1)", _S.MARKS),
    Command("groups", "B", "groups", "Exchanges by route, path, client, connection or status",
            "groups", _S.OVERVIEW, hint=4),
    Command("statistics", "S", "statistics", "Rate, durations, errors and more over time",
            "statistics", _S.OVERVIEW, hint=5),
    Command("log", "l", "log", "Output of the app's process", "log", _S.APP, hint=7),
    Command("connections", "C", "connections", "Connections and their exchanges", "connections",
            _S.OVERVIEW, hint=6),
    Command("processes", "p", "processes",
            "The processes that record: how each does, and only its exchanges", "processes",
            _S.APP),
    Command("copy", "c,y", "copy", "Copy the line, or what is selected", "copy", _S.SCREEN),
    Command("take-out", "x", "take out",
            "Take the exchange out as text, curl, httpx or websockets code, JSON", "take_out",
            _S.SCREEN),
    Command("pager", "f3", "pager", "Read what is under the cursor in $PAGER", "pager", _S.DETAIL),
    Command("editor", "f4", "editor", "Open a copy of it in $VISUAL or $EDITOR", "editor",
            _S.DETAIL),
    Command("save-body", "W", "save body", "Save the body to a file; in Messages, all of them",
            "save_body", _S.DETAIL),
    Command("save", "w", "save", "Save what is shown to a file", "save", _S.SCREEN, hint=8),
    Command("sort", "o", "sort", "Sort by the chosen column: ascending, descending, by arrival",
            "sort", _S.LIST),
    Command("reverse", "v", "reverse", "Turn the order round; by arrival: the newest first",
            "reverse", _S.LIST),
    Command("columns", "O", "columns", "Choose, order, widen and sort the columns", "columns",
            _S.LIST),
    Command("axis", "a", "time axis", "Bars on one axis of time, or as long as the exchange",
            "axis", _S.LIST),
    Command("zoom-in", "plus", "zoom in", "Time axis: closer", "zoom(1)", _S.LIST),
    Command("zoom-out", "minus", "zoom out", "Time axis: farther", "zoom(-1)", _S.LIST),
    Command("pan-left", "less_than_sign", "earlier", "Time axis: earlier", "pan(-1)", _S.LIST),
    Command("pan-right", "greater_than_sign", "later", "Time axis: later, up to the newest",
            "pan(1)", _S.LIST),
    Command("whole", "0", "whole axis", "Time axis: everything", "whole", _S.LIST),
    Command("clear", "z", "clear", "Forget all exchanges so far", "clear", _S.LIST),
    Command("restart", "ctrl+r", "restart", "Restart the app's process", "restart", _S.APP),
    Command("other-pane", "tab,shift+tab", "other pane", "Between list, events and open event",
            "other_pane", _S.MOVING),
    Command("close", "q", "close", "Close the detail", "quit_hint", _S.DETAIL),
    Command("layout", "L", "layout", "The next layout: list over detail, beside it, either alone",
            "layout", _S.SCREEN),
    Command("list-larger", "ctrl+down,ctrl+right", "list larger",
            "Move the border of list and detail down or right", "split(1)", _S.SCREEN),
    Command("list-smaller", "ctrl+up,ctrl+left", "list smaller",
            "Move the border of list and detail up or left", "split(-1)", _S.SCREEN),
    *(
        Command(f"layout-{mode}", "", f"layout: {words}", f"Layout: {words}",
                f"set_layout('{mode}')", _S.SCREEN)
        for mode, words in (("auto", "by the shape of the screen"), ("below", "list over detail"),
                            ("beside", "list beside detail"), ("alone", "detail alone"),
                            ("list", "list alone"))
    ),
    Command("theme", "ctrl+t", "theme", "The next theme: dark, light, contrast, ansi", "theme",
            _S.SCREEN),
    *(
        Command(f"theme-{name}", "", f"theme: {name}", f"Colours: {words}",
                f"set_theme('{name}')", _S.SCREEN)
        for name, words in (("dark", "dark"), ("light", "light"), ("contrast", "high contrast"),
                            ("ansi", "the terminal's own sixteen"))
    ),
    Command("help", "question_mark,f1", "help", "Keys, glyphs and colours", "help", _S.SCREEN,
            hint=9),
    Command("tour", "f2", "tour", "A tour of two minutes: begin it, or its next step", "tour",
            _S.SCREEN),
    Command("tour-end", "", "end the tour", "Leave the tour", "tour_end", _S.SCREEN),
    Command("palette", "colon", "palette", "Find a command by name", "palette", _S.SCREEN),
    Command("suspend", "ctrl+z", "suspend", "Back to the shell; its `fg` brings the screen back",
            "suspend", _S.SCREEN),
    Command("quit", "Q", "quit", "Stop the app and quit", "leave", _S.SCREEN, hint=10),
)  # fmt: skip
"""What the main screen does, wherever on it the keys go."""

MOVEMENTS: Final = (
    Command("down", "down,j", "down", "One line down", "move(1)", _S.MOVING, Place.LISTS),
    Command("up", "up,k", "up", "One line up", "move(-1)", _S.MOVING, Place.LISTS),
    Command("page-down", "pagedown,ctrl+f", "page down", "A page down", "page(1)", _S.MOVING,
            Place.LISTS),
    Command("page-up", "pageup,ctrl+b", "page up", "A page up", "page(-1)", _S.MOVING,
            Place.LISTS),
    Command("first", "home,g", "first", "To the first line", "first", _S.MOVING, Place.LISTS),
    Command("last", "end,G", "last", "To the last line, and follow", "last", _S.MOVING,
            Place.LISTS),
)  # fmt: skip
"""The same in every list."""

MOVES: Final = tuple(command.binding() for command in MOVEMENTS)
"""The bindings of every list."""

INSIDE: Final = (
    Command("open", "enter", "open", "Open the selected exchange", "open", _S.LIST, Place.TABLE),
    Command("cell-left", "left", "cell left", "Choose the column to the left", "cell(-1)",
            _S.LIST, Place.TABLE),
    Command("cell-right", "right", "cell right", "Choose the column to the right", "cell(1)",
            _S.LIST, Place.TABLE),
    Command("choose", "enter", "open line", "Open the event, frame or line", "choose", _S.DETAIL,
            Place.LINES),
    Command("fold", "space", "fold", "Fold or unfold the line", "fold", _S.DETAIL, Place.LINES),
    Command("fold-up", "left,h", "fold up", "Fold the line, or go to what holds it", "close_fold",
            _S.DETAIL, Place.LINES),
    Command("unfold", "right", "unfold", "Unfold the line", "open_fold", _S.DETAIL, Place.LINES),
    Command("follow-events", "F", "follow events", "Timeline, messages, frames: follow the newest",
            "follow", _S.DETAIL, Place.EVENTS),
    Command("pause-events", "space", "pause events",
            "Timeline, messages, frames: take in nothing new, or go on", "pause", _S.DETAIL,
            Place.EVENTS),
    Command("view", "v", "ladder or list", "Timeline: as a ladder or a list", "view", _S.DETAIL,
            Place.TIMELINE),
    Command("sides", "b", "wire or app", "Timeline: the wire, the app or both", "sides",
            _S.DETAIL, Place.TIMELINE),
    Command("renderer", "v", "other view", "Body: the next way to show it: JSON, text, hex \u2026",
            "renderer", _S.DETAIL, Place.BODY),
    Command("side", "b", "other body", "Body: of the request or the response", "side", _S.DETAIL,
            Place.BODY),
    Command("unfold-level", "plus", "unfold a level", "Body: one level more of a tree",
            "fold_levels(1)", _S.DETAIL, Place.BODY),
    Command("fold-level", "minus", "fold a level", "Body: one level less of a tree",
            "fold_levels(-1)", _S.DETAIL, Place.BODY),
    Command("unfold-all", "asterisk", "unfold all", "Body: all levels of a tree", "fold_all(1)",
            _S.DETAIL, Place.BODY),
    Command("fold-all", "underscore", "fold all", "Body: the outermost level of a tree only",
            "fold_all(-1)", _S.DETAIL, Place.BODY),
    Command("path", "P", "copy path", "Body: copy the path of the value under the cursor",
            "copy_path", _S.DETAIL, Place.BODY),
    Command("log-level", "v", "least level", "Log: all lines, or from info, warning, error on",
            "level", _S.DETAIL, Place.LOG),
    Command("log-own", "e", "this exchange only", "Log: only lines of this exchange, or everything",
            "own", _S.DETAIL, Place.LOG),
    Command("log-jump", "J", "line's exchange", "Log: go to the exchange of the line", "jump",
            _S.DETAIL, Place.LOG),
    Command("follow-log", "F", "follow the log", "Log: follow the newest line, or stop to",
            "follow_log", _S.DETAIL, Place.LOG),
    Command("compare-only", "v", "differences only", "Comparison: only what differs, or all",
            "only_differences", _S.OVERVIEW, Place.COMPARE),
    Command("compare-side", "b", "other side", "Comparison: which of the two enter opens",
            "other_one", _S.OVERVIEW, Place.COMPARE),
    *(
        Command(f"tab-{name}", str(key), name, f"The tab of the {words}", f"open_tab('{name}')",
                _S.DETAIL, Place.DETAIL)
        for key, (name, words) in enumerate(
            (("timeline", "events"), ("messages", "messages"), ("headers", "headers"),
             ("body", "bodies"), ("log", "app's output"), ("frames", "WebSocket frames")),
            start=1,
        )
    ),
)  # fmt: skip
"""What single widgets do."""

ALL: Final = (*MOVEMENTS, *COMMANDS, *INSIDE)
BY_NAME: Final = {command.name: command for command in ALL}


def bind(name: str, action: str = "") -> Binding:
    """The binding of a command by its name, for a widget; with an action of its own where the same
    keys do the like on another screen."""
    return BY_NAME[name].binding(action)
