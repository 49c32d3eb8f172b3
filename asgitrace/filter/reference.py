"""The language's reference, made from its table of fields.

``python -m asgitrace.filter.reference`` prints it as Markdown.
"""

from typing import Final, NamedTuple

from asgitrace.filter.fields import FIELDS, EventField, Field
from asgitrace.filter.values import Type

BEGIN: Final = "<!-- filter reference: made by python -m asgitrace.filter.reference -->"
END: Final = "<!-- end of the filter reference -->"
"""Between these the README has what `markdown` gives."""

_VALUES: Final = {
    Type.TEXT: "text",
    Type.NUMBER: "number: `17`, `2k`",
    Type.SIZE: "size: `512`, `64k`, `1.5M`",
    Type.DURATION: "duration: `200ms`, `1.5s`, `1m30s`",
    Type.STATUS: "`404`, or a class: `4xx`, `1xxx`",
    Type.LEVEL: "`debug`, `info`, `warning`, `error`, `critical`, or a number",
    Type.FLAG: "none: it is there or not",
}
_OPERATORS: Final = (
    ("`path:/api`", "contains, in capitals or not; of numbers and words the same as `=`"),
    ("`method=GET`", "is exactly"),
    ("`status!=200`", "is there, and is not (`-status=200` also finds what has no status)"),
    ("`dur>500ms` `>=` `<` `<=`", "is more or less than"),
    ("`path~/items\\/[0-9]+$/`", "matches a regular expression (Python's; `/…/i` for capitals or "
     "not); `!~` is there and does not match"),
    ("`method in {POST,PUT}`", "is one of these"),
    ("`req.header.authorization`", "a field alone: it is there"),
    ("`shop`", "any other word, and any text in quotes: the path contains it"),
    ("`a b`, `a and b`, `a or b`", "both, one of both; `and` binds closer, brackets go first"),
    ("`-a`, `!a`, `not a`", "not"),
    ("`any(…)` `all(…)` `none(…)`", "what is in the brackets is asked of one event at a time, of "
     "those that have the fields asked for; `all` wants one at least"),
    ("`count(ev=http.response.body)>100`", "how many events pass"),
    ("`seq(ev=http.disconnect -> ev=http.response.body within 2s)`",
     "events in this order, two or more"),
)  # fmt: skip


class Entry(NamedTuple):
    """What there is to say of a field."""

    name: str
    values: str
    """What its values look like, as Markdown."""
    of_events: bool
    """Whether single events have it."""
    help: str
    example: str


def documentation() -> list[Entry]:
    """All fields, in the order in which they are explained."""
    return [
        Entry(field.name, _values(field), isinstance(field, EventField), field.help, field.example)
        for field in FIELDS.values()
    ]


def _values(field: Field) -> str:
    if field.type is Type.CHOICE:
        return ", ".join(f"`{word}`" for word in field.choices)
    return _VALUES[field.type]


def markdown() -> str:
    """The reference for the README."""
    lines = ["| write | means |", "| --- | --- |"]
    lines += [f"| {_cell(sign)} | {meaning} |" for sign, meaning in _OPERATORS]
    lines += ["", "| field | values | what | example |", "| --- | --- | --- | --- |"]
    for entry in documentation():
        star = "\\*" if entry.of_events else ""
        what = _cell(entry.help)
        lines.append(
            f"| `{entry.name}`{star} | {entry.values} | {what} | `{_cell(entry.example)}` |"
        )
    lines += ["", "\\* of single events: in the list it means any event of the exchange."]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    print(markdown(), end="")
