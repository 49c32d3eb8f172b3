"""Headers as one side has them beside how the other has them."""

from typing import Final

from asgitrace.views.discrepancies import compare
from asgitrace.views.fields import Field, heading, value_text
from asgitrace.views.headers.listed import Pairs
from asgitrace.views.marks import INTO

_MOST: Final = 100
"""Headers that are named as added, removed or changed."""


def differing(title: str, before: Pairs, after: Pairs) -> list[Field]:
    """What was removed, changed and added; nothing where all is the same."""
    added, removed, changed = compare(before, after)
    fields = [_differs("removed", name, _values(before, name), "warn") for name in removed[:_MOST]]
    for name in changed[:_MOST]:
        shown = f"{_values(before, name)} {INTO} {_values(after, name)}"
        fields.append(_differs("changed", name, shown, "warn"))
    fields += [_differs("added", name, _values(after, name), "text") for name in added[:_MOST]]
    return [heading(title), *fields] if fields else []


def _differs(verb: str, name: bytes, values: str, style: str) -> Field:
    return Field(verb, f"{value_text(name)}: {values}", style)


def _values(headers: Pairs, name: bytes) -> str:
    return ", ".join(
        value_text(value.strip(b" \t")) for key, value in headers if key.lower().strip() == name
    )
