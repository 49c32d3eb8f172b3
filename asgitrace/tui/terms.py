"""Filter terms that the screens write for the reader."""

from typing import TYPE_CHECKING

from asgitrace.filter import quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asgitrace.store.model import Process
    from asgitrace.store.store import Store


def field_term(field: str, value: str) -> str:
    """The term of what has this in a field; an empty value: of what has nothing there."""
    if not value:
        return f"-{field}"
    return f"{field}={value if field in ('conn', 'status', 'worker') else quote(value)}"


def connection_term(store: "Store", connection: int, first: int, last: int) -> str:
    """The term of the exchanges of a connection, which are among the rows ``first`` to ``last``.

    Each process numbers its connections from 1, so that where there are several it is said which
    one is meant.
    """
    found = f"conn={connection}"
    if len(store.processes) == 1:
        return found
    number = next((number for number in (last, first) if number in store), None)
    if number is not None:
        process = store.processes[int(store.source[store.numbers.searchsorted(number)])]
        term = process_term(store.processes, process)
        if term is not None:
            return f"{found} {term}"
    return f"{found} id>={first} id<={last}"


def process_term(processes: "Sequence[Process]", process: "Process") -> str | None:
    """The term of the exchanges of one of these processes; None where nothing tells it from the
    others."""
    for name in ("worker", "pid"):
        value = getattr(process, name)
        if value and sum(getattr(other, name) == value for other in processes) == 1:
            return f"{name}={value}"
    return None
