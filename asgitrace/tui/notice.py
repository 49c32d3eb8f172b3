"""What is said where there is nothing to show, and when the app is not there."""

from shlex import quote

from asgitrace.store.session import SessionStatus

_UNIX = "unix:"


def empty_notice(
    status: SessionStatus, *, live: bool, filtered: bool, total: int
) -> tuple[str, ...]:
    """Lines for an empty list; the first one is the heading."""
    if filtered and total:
        return ("No exchange has these words.", "", "esc clears the filter")
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
