"""What a filter says, as a tree. The positions of what was typed are with it, and do not count when
trees are compared.

`write` gives a tree back as text that is read as the same tree.
"""

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Span:
    """Which characters of the filter are meant, from 0."""

    position: int = 0
    length: int = 0


NOWHERE: Final = Span()


class Form(Enum):
    """How a value is written."""

    WORD = "word"
    STRING = "string"
    REGEX = "regex"


@dataclass(frozen=True, slots=True)
class Value:
    """A value as it was written, its quotes, slashes and escapes taken off."""

    text: str
    form: Form = Form.WORD
    flags: str = ""
    """The letters behind a regular expression."""
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Bare:
    """A name on its own: the field is there, or the path contains the word."""

    value: Value


@dataclass(frozen=True, slots=True)
class Compare:
    """A field, an operator and a value."""

    name: str
    operator: str
    value: Value
    span: Span = field(default=NOWHERE, compare=False)
    """Of the name."""
    operator_span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Among:
    """A field that has one of some values."""

    name: str
    values: tuple[Value, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    part: "Node"


@dataclass(frozen=True, slots=True)
class And:
    """Two or more parts that all hold."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Two or more parts of which one holds."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Quantified:
    """``any``, ``all`` or ``none`` of the events."""

    quantifier: str
    part: "Node"


@dataclass(frozen=True, slots=True)
class Count:
    """How many of the events, compared with a number."""

    part: "Node"
    operator: str
    number: Value


@dataclass(frozen=True, slots=True)
class Sequence:
    """Two or more events in this order."""

    steps: tuple["Node", ...]
    within: Value | None = None
    """The longest time from the first to the last."""


Node: TypeAlias = Bare | Compare | Among | Not | And | Or | Quantified | Count | Sequence

NAME: Final = r"""(?!->)[^\s()"'!=<>:~,{}&|-](?:(?!->)[^\s()"!=<>:~])*"""
"""A field, or a bare word."""

WORD: Final = r"""(?!->)[^\s()"'](?:(?!->)[^\s()])*"""
"""A value that needs no quotes."""

_PLAIN: Final = re.compile(r"""(?!->)[^\s()"'{},\\](?:(?!->)[^\s()"'{},\\])*""")
_ESCAPES: Final = {"\n": r"\n", "\t": r"\t", "\r": r"\r", '"': r"\"", "\\": r"\\"}


def children(node: Node) -> tuple[Node, ...]:
    """The nodes right below one."""
    match node:
        case And(parts) | Or(parts):
            return parts
        case Not(part) | Quantified(_, part) | Count(part):
            return (part,)
        case Sequence(steps):
            return steps
    return ()


def quote(value: str) -> str:
    """A value as it must be written behind ``=`` or ``:`` and in ``in {…}``: in quotes where it
    needs them."""
    if _PLAIN.fullmatch(value) and value.isprintable():
        return value
    return quoted(value)


def quoted(value: str) -> str:
    """A value in quotes."""
    return '"' + "".join(_escaped(letter) for letter in value) + '"'


def _escaped(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    if letter.isprintable():
        return letter
    code = ord(letter)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else letter


def write(node: Node) -> str:
    """A tree as text."""
    match node:
        case Bare(value):
            return write_value(value)
        case Compare(name, operator, value):
            return f"{name}{operator}{write_value(value)}"
        case Among(name, values):
            return f"{name} in {{{', '.join(map(write_value, values))}}}"
        case Not(part):
            return f"not {_within(part, And, Or)}"
        case And(parts):
            return " and ".join(_within(part, And, Or) for part in parts)
        case Or(parts):
            return " or ".join(_within(part, Or) for part in parts)
        case Quantified(quantifier, part):
            return f"{quantifier}({write(part)})"
        case Count(part, operator, number):
            return f"count({write(part)}) {operator} {number.text}"
        case Sequence(steps, within):
            limit = "" if within is None else f" within {within.text}"
            return f"seq({' -> '.join(map(write, steps))}{limit})"


def write_value(value: Value) -> str:
    """A value in the form in which it was written."""
    match value.form:
        case Form.WORD:
            return value.text
        case Form.STRING:
            return quoted(value.text)
        case Form.REGEX:
            pattern = re.sub(
                r"\\.|/", lambda found: r"\/" if found[0] == "/" else found[0], value.text,
                flags=re.DOTALL,
            )  # fmt: skip
            return f"/{pattern}/{value.flags}"


def _within(part: Node, *loose: type) -> str:
    text = write(part)
    return f"({text})" if isinstance(part, loose) else text
