"""Regular expressions that cannot run away: what they are given is bounded, and so is the time they
take."""

from typing import Final

import regex

from asgitrace.errors import FilterError
from asgitrace.filter.syntax import Span, Value

LONGEST_INPUT: Final = 64 * 1024
"""Characters of a text that a pattern looks at."""

LONGEST_PATTERN: Final = 1000
"""Characters of a pattern."""

TIME: Final = 0.025
"""Seconds that one search may take."""

PATIENCE: Final = 0.25
"""Seconds that it gets in a second attempt: the machine may have been busy with something else."""

_FLAGS: Final = {"i": regex.IGNORECASE, "s": regex.DOTALL, "m": regex.MULTILINE, "x": regex.VERBOSE}


class Pattern:
    """A regular expression of a filter."""

    __slots__ = ("_search", "_span", "source")

    def __init__(self, value: Value) -> None:
        self.source = value.text
        self._span = value.span
        if len(value.text) > LONGEST_PATTERN:
            expected = f"a regular expression of at most {LONGEST_PATTERN:,} characters"
            raise _refused("The regular expression is too long.", value.span, expected)
        flags = 0
        for letter in value.flags:
            if letter not in _FLAGS:
                sentence = f"A regular expression has no flag “{letter}”."
                raise _refused(sentence, value.span, "one of the flags i, s, m, x")
            flags |= _FLAGS[letter]
        try:
            self._search = regex.compile(value.text, flags).search
        except (regex.error, OverflowError, RecursionError, MemoryError) as error:
            sentence = f"The regular expression cannot be read: {error}."
            raise _refused(sentence, value.span, "a regular expression") from None

    def found_in(self, text: str) -> bool:
        """Whether it is found in a text, or in its first part where that is long. FilterError where
        that takes too long."""
        try:
            return self._search(text, 0, LONGEST_INPUT, timeout=TIME) is not None
        except TimeoutError:
            return self._patiently(text)

    def _patiently(self, text: str) -> bool:
        try:
            return self._search(text, 0, LONGEST_INPUT, timeout=PATIENCE) is not None
        except TimeoutError:
            shown = self.source if len(self.source) <= 40 else self.source[:39] + "…"
            sentence = f"The regular expression /{shown}/ took too long and was stopped."
            raise _refused(sentence, self._span, "a pattern that repeats less") from None


def _refused(sentence: str, span: Span, expected: str) -> FilterError:
    return FilterError(sentence, position=span.position, length=span.length, expected=expected)
