"""Two exchanges compared, step by step."""

from collections.abc import Callable
from typing import Final

from asgitrace.store.model import Exchange
from asgitrace.views.compare import bodies, events, scopes
from asgitrace.views.compare.model import Section, Work

_SUBJECTS: Final[tuple[tuple[str, Callable[[Section, Exchange, Exchange], Work]], ...]] = (
    ("Overview", scopes.overview),
    ("Scope", scopes.scope),
    ("Request headers", scopes.request_headers),
    ("Request body", bodies.request_body),
    ("Response headers", scopes.response_headers),
    ("Response body", bodies.response_body),
    ("Trailers", scopes.trailers),
    ("Events", events.events),
)


class Comparison:
    """What is the same about two exchanges and what is not. It is found by calling `work` until
    that is over."""

    def __init__(self, left: Exchange, right: Exchange) -> None:
        self.left = left
        self.right = right
        self.sections: list[Section] = []
        """Those that are found or begun, in their order; only the last one grows."""
        self._rest = iter(_SUBJECTS)
        self._steps: Work | None = None
        self.done = False

    def work(self) -> bool:
        """One step; False if all is done."""
        if self._steps is None:
            self._begin()
            return not self.done
        try:
            next(self._steps)
        except StopIteration:
            self._steps = None
            last = self.sections[-1]
            if not (last.rows or last.notes):
                self.sections.pop()
        return True

    def _begin(self) -> None:
        subject = next(self._rest, None)
        if subject is None:
            self.done = True
            return
        title, compare = subject
        section = Section(title)
        self.sections.append(section)
        self._steps = compare(section, self.left, self.right)

    @property
    def differences(self) -> int:
        """As far as they were found."""
        return sum(section.differences for section in self.sections)
