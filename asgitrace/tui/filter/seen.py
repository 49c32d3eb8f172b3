"""The language's completions, with the values that the trace has."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from asgitrace.filter.model import Completion

if TYPE_CHECKING:
    from asgitrace.store.store import Store


class Suggestions:
    """Proposes fields, operators, and values seen in a store."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    def __call__(self, text: str, cursor: int) -> Sequence[Completion]:
        # Late, as the language is not needed before somebody filters.
        from asgitrace.filter import complete

        return complete(text, cursor, self._store)
