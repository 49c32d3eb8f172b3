"""What is said where there is nothing to show, and when the app is not there."""

from shlex import quote

from asgitrace.store.session import SessionStatus
from asgitrace.tui.filter.target import Told

_UNIX = "unix:"
_CHANGE = "f changes the filter   esc clears it   \\ puts it off and on"


def empty_notice(status: SessionStatus, *, live: bool, told: Told | None) -> tuple[str, ...]:
    """Lines for an empty list; the first one is the heading. ``told``: of the filter in force."""
    if told is not None and told.total:
        return _nothing_passes(told)
    if not live:
        return (
            ("Loading\u2026",)
            if status.phase == "loading"
            else ("There is nothing in this trace.",)
        )
    match status.phase:
        case "starting" | "restarting":
            return ("Starting the app\u2026",)
        case "failed":
            return ("The app did not start.", "", "l shows its output, ctrl+r tries again")
        case "stopped":
            return ("The app has ended.", "", "l shows its output, ctrl+r starts it again")
    return ("Waiting for the first request.", "", *_how_to_call(status.address))


def _nothing_passes(told: Told) -> tuple[str, ...]:
    if told.failure:
        return ("The filter was stopped.", "", told.failure, _CHANGE)
    if told.progress is not None:
        return ("Nothing yet passes the filter.", "", f"{told.progress:.0%} judged")
    hidden = "1 exchange is" if told.total == 1 else f"{told.total:,} exchanges are"
    return (
        "Nothing passes the filter.",
        "",
        f"{hidden} hidden",
        _CHANGE,
    )


def _how_to_call(address: str) -> tuple[str, ...]:
    if address.startswith(_UNIX):
        return (f"curl --unix-socket {quote(address.removeprefix(_UNIX))} http://localhost/",)
    if not address.startswith(("http://", "https://")):
        return ()
    return (f"Open  {address}", f"or run  curl {quote(address)}")


def banner_text(status: SessionStatus) -> str:
    """The line above the list; empty while all is well."""
    if status.phase in ("loading", "loaded"):
        return status.detail
    if status.phase not in ("failed", "stopped"):
        return ""
    detail = status.detail or (
        "The app failed to start." if status.phase == "failed" else "The app has ended."
    )
    return f"{detail}  l: its output   ctrl+r: restart"
