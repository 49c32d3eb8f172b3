"""Filters on the command line: an option, and where one that cannot be read went wrong."""

from typing import TYPE_CHECKING, Any, Final

import click

from asgitrace.errors import AsgitraceError, FilterError

if TYPE_CHECKING:
    from asgitrace.filter import Predicate

_WIDTH: Final = 72
"""Characters of a filter that are shown around the mistake."""


class FilterMistake(AsgitraceError):
    """A filter that cannot be read: one sentence, and a picture of the place."""

    def __init__(self, text: str, error: FilterError) -> None:
        super().__init__(f"--filter: {error}")
        self.picture = picture(text, error.position, error.length)
        """Two lines: the filter, and marks under the characters that are meant."""


class FilterType(click.ParamType):  # type: ignore[type-arg]
    """A filter, read; None for an empty one. ``@name`` stands for one of the configuration's, as
    in the screen."""

    name = "expr"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> "Predicate | None":
        if not isinstance(value, str):
            return value  # type: ignore[no-any-return]  # it was converted before
        if not value.strip():
            return None
        # Late: most commands are given none.
        from asgitrace.filter import compile_filter

        text = value
        try:
            if "@" in value:
                text = _with_saved(value)
            return compile_filter(text)
        except FilterError as error:
            raise FilterMistake(text, error) from error


def _with_saved(text: str) -> str:
    """The filter with those that it names in full. Raises FilterError, and SettingsError."""
    # Late: few filters name another.
    from asgitrace.settings import load
    from asgitrace.tui.filter.reading import expanded

    return expanded(text, load().filters)


def picture(text: str, position: int, length: int) -> str:
    """A filter and, in the next line, a mark under each character that is meant; of a long one as
    much as fits a line."""
    from rich.cells import cell_len

    start = max(0, min(position - _WIDTH // 2, len(text) - _WIDTH))
    before = _inert(text[start:position])
    meant = _inert(text[position : position + length])[:_WIDTH] or " "
    after = _inert(text[position + length : start + _WIDTH])
    return f"  {before}{meant}{after}\n  {' ' * cell_len(before)}{'^' * cell_len(meant)}"


def _inert(text: str) -> str:
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
