"""The tour: what to press, step by step, and how it is seen that it was done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from asgitrace.store.model import RowKind

if TYPE_CHECKING:
    from asgitrace.tui.main_screen import MainScreen


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do."""

    title: str
    words: str
    """What there is, and what to press; ``{name}`` stands for the key of a command."""
    done: Callable[["MainScreen"], bool]
    """Whether the screen shows that it was done."""


def _never(_: "MainScreen") -> bool:
    return False


def _moved(main: "MainScreen") -> bool:
    return not main.table.cursor.follow


def _opened(main: "MainScreen") -> bool:
    return main.detail_open


def _event_opened(main: "MainScreen") -> bool:
    return main.detail_open and main.detail.tab == "timeline" and main.detail.content_open


def _conversation(main: "MainScreen") -> bool:
    number = main.detail.number
    if not main.detail_open or main.detail.tab != "messages" or number is None:
        return False
    store = main.feed.store
    return number in store and store.row(number, 0).kind is RowKind.WEBSOCKET


def _tab(name: str) -> Callable[["MainScreen"], bool]:
    return lambda main: main.detail_open and main.detail.tab == name


def _filtered(main: "MainScreen") -> bool:
    return bool(main.feed.filter_typed)


def _screen(module: str) -> Callable[["MainScreen"], bool]:
    """A screen of its own is seen; by where it comes from, as it is imported when it is opened."""
    return lambda main: type(main.app.screen).__module__ == f"asgitrace.tui.{module}"


OFFER: Final = Step(
    "New here?",
    "A tour of two minutes shows what there is: {tour} begins it. This stays out of the way of all "
    "other keys.",
    _never,
)

STEPS: Final = (
    Step(
        "The list",
        "Each line is one call of the app: a request, a WebSocket session, the lifespan. It "
        "follows the newest. {up} and {down} choose a line: try {up}.",
        _moved,
    ),
    Step("Opening", "{open} opens the chosen line.", _opened),
    Step(
        "The timeline",
        "Every receive() and send() of the app, with its time; behind it the bytes on the wire. "
        "Move with {down}, then {choose} opens the event beside it.",
        _event_opened,
    ),
    Step(
        "WebSocket messages",
        "{close} goes back to the list. Open a line whose method is WS, then {tab-messages} shows "
        "what was said, as a conversation.",
        _conversation,
    ),
    Step(
        "Bodies",
        "{tab-body} shows the body of a request or response, decoded; {renderer} shows it another "
        "way, {pager} in your pager, {save-body} saves it.",
        _tab("body"),
    ),
    Step(
        "The filter",
        "{filter}, then type  status>=400  and enter: only what failed. It completes as you type; "
        "{filter-off} puts it off and on again.",
        _filtered,
    ),
    Step(
        "Statistics",
        "{statistics} counts what is in view: rate, durations, errors over time, the slowest. "
        "{back} comes back.",
        _screen("overviews.statistics"),
    ),
    Step(
        "Comparing",
        "{back} to the list; {compare} takes the chosen line, then {compare} on another one shows "
        "both side by side: headers, body, events.",
        _screen("compare.screen"),
    ),
    Step(
        "Searching everywhere",
        "{back} to the list; {everywhere} asks where a text occurs in all that was recorded: "
        "type  tea  and enter. In a pane, {search} searches what is seen there.",
        _screen("search.everywhere"),
    ),
    Step(
        "That is it",
        "{back} to the list. {help} explains the pane you are in, {take-out} takes an exchange out "
        "as curl or code, {palette} finds every command, {quit} quits. Have fun.",
        _never,
    ),
)


def words_of(step: Step, keys: Mapping[str, str]) -> str:
    """The words of a step with the keys that are in force."""
    return step.words.format_map(keys)
