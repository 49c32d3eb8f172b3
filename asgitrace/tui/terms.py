"""Filter terms that the screens write for the reader."""

from typing import TYPE_CHECKING

from asgitrace.filter import quote

if TYPE_CHECKING:
    from asgitrace.store.store import Store


def field_term(field: str, value: str) -> str:
    """The term of what has this in a field; an empty value: of what has nothing there."""
    if not value:
        return f"-{field}"
    return f"{field}={value if field in ('conn', 'status') else quote(value)}"


def connection_term(store: "Store", connection: int, first: int, last: int) -> str:
    """The term of the exchanges of a connection, which are among the rows ``first`` to ``last``.

    Each process numbers its connections from 1, so that only the rows tell which one is meant.
    """
    found = f"conn={connection}"
    return found if len(store.processes) == 1 else f"{found} id>={first} id<={last}"
