"""The types of fields: what their values look like, and how they are compared.

A `Condition` is an operator and a value, made ready for the values of one field. It holds for a
field that is there and has a value, among all it may have, that passes; with ``!=`` and ``!~`` for
one that is there and has none.
"""

import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import Enum
from typing import Any, Final, TypeAlias

import numpy as np

from asgitrace.errors import FilterError
from asgitrace.filter.model import Mask
from asgitrace.filter.patterns import Pattern
from asgitrace.filter.sieve import Sieve, containing, exactly
from asgitrace.filter.syntax import Form, Span, Value

Scalar: TypeAlias = str | int

MOST: Final = 2**62
"""Numbers beyond are taken for this one."""


class Type(Enum):
    """What the values of a field are."""

    TEXT = "text"
    NUMBER = "number"
    SIZE = "size"
    DURATION = "duration"
    STATUS = "status"
    LEVEL = "level"
    """A level of logging."""
    CHOICE = "word"
    """One of a few words."""
    FLAG = "flag"
    """It is there or not, and has no value."""


EXPECTED: Final = {
    Type.TEXT: "a text",
    Type.NUMBER: "a whole number",
    Type.SIZE: "a size such as 512, 64k or 1.5M",
    Type.DURATION: "a duration such as 200ms, 1.5s or 2m",
    Type.STATUS: "a status such as 404, or a class such as 4xx",
    Type.LEVEL: "a level such as warning, or its number",
    Type.CHOICE: "a word",
    Type.FLAG: "nothing: the field has no values",
}

OPERATORS: Final = {
    Type.TEXT: (":", "=", "!=", "~", "!~"),
    Type.NUMBER: ("=", "!=", ">", ">=", "<", "<=", ":"),
    Type.SIZE: (">", ">=", "<", "<=", "=", "!=", ":"),
    Type.DURATION: (">", ">=", "<", "<=", "=", "!=", ":"),
    Type.STATUS: ("=", "!=", ">", ">=", "<", "<=", ":"),
    Type.LEVEL: (">=", "=", "!=", ">", "<", "<=", ":"),
    Type.CHOICE: ("=", "!=", ":"),
    Type.FLAG: (),
}
"""Which operators a type has, the usual one first. Of numbers and words ``:`` is ``=``."""

COMPARE: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}

_OTHERWISE: Final = {"=>": ">=", "<=": "<=", "<>": "!=", "=~": "~"}
"""What operators of other languages are called here, their signs in order."""

_NUMBER: Final = re.compile(r"([+-]?[0-9]{1,18}(?:\.[0-9]{1,9})?)([a-zA-Zµμ]*)")
_CLASS: Final = re.compile(r"([1-9])(xxx?)", re.IGNORECASE)
_PIECES: Final = re.compile(r"(?:[0-9]{1,18}(?:\.[0-9]{1,9})?[a-zµμ]+)+")
_PIECE: Final = re.compile(r"([0-9.]+)([a-zµμ]+)")
_DURATIONS: Final = {
    "ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9,
    "m": 60 * 10**9, "min": 60 * 10**9, "h": 3600 * 10**9, "d": 86_400 * 10**9,
}  # fmt: skip
_SIZES: Final = {
    "": 1, "b": 1, **{
        unit + end: 1024**power
        for power, unit in enumerate("kmgt", start=1) for end in ("", "b", "ib")
    },
}  # fmt: skip
LEVELS: Final = {
    "debug": 10, "info": 20, "warning": 30, "warn": 30, "error": 40, "critical": 50, "fatal": 50,
}  # fmt: skip
"""The levels of logging that have names."""

_COUNTS: Final = {"": 1, "k": 10**3, "m": 10**6}
_HTTP, _CLOSE = 100, 1000
_FAMILIES: Final = (0, _HTTP, _CLOSE, MOST)


@dataclass(frozen=True, slots=True)
class Condition:
    """What a field's value must be."""

    test: Callable[[Any], Any]
    """Whether one value passes; where the type is a number, also for an array of them."""
    negated: bool = False
    pattern: bool = False
    """Whether it is a regular expression, of which one test may take long."""
    there: bool = False
    """Whether it holds for any value at all."""
    words: frozenset[str] | None = None
    """For a field with a choice of words, which of them pass."""
    sieve: Sieve | None = None
    """Whether a payload may hold a text that passes the test; None where it always may."""

    def holds(self, values: Iterable[Scalar]) -> bool:
        """Whether the values of a field, none where it is not there, are as they must be."""
        there = False
        for value in values:
            there = True
            if self.there or self.test(value):
                return not self.negated
        return there and self.negated

    def array(self, values: Any) -> Mask:
        """The same for an array of numbers, each the only value of its field."""
        mask: Mask = self.test(values)
        return ~mask if self.negated else mask


def _always(value: Any) -> Any:
    return True if np.ndim(value) == 0 else np.ones(np.shape(value), np.bool_)


THERE: Final = Condition(_always, there=True)
"""The field is there."""


def condition(kind: Type, sign: str, value: Value, choices: Iterable[str], at: Span) -> Condition:
    """A field of this type compared with a value; FilterError where that has no meaning.

    Args:
        kind: the type of the field.
        sign: the operator.
        value: what it is compared with.
        choices: the words that a field with a choice of them has.
        at: where the operator stands.
    """
    if sign not in OPERATORS[kind]:
        raise _no_operator(kind, sign, at)
    if value.form is Form.REGEX and sign not in ("~", "!~"):
        raise _wrong(value, "~ in front of a regular expression")
    if kind is not Type.TEXT and value.form is Form.WORD and (meant := _meant(sign, value.text)):
        raise _wrong(value, meant)
    match kind:
        case Type.TEXT:
            return _text(sign, value)
        case Type.CHOICE:
            chosen = frozenset({_choice(value, tuple(choices))})
            return Condition(chosen.__contains__, sign == "!=", words=chosen)
        case Type.STATUS:
            return _status(sign, value)
    limit = number(kind, value)
    return Condition(_comparison("=" if sign in (":", "!=") else sign, limit), sign == "!=")


def among(kind: Type, values: Iterable[Value], choices: Iterable[str], at: Span) -> Condition:
    """A field of this type that has one of these values."""
    each = [condition(kind, "=", value, choices, at) for value in values]
    if kind is Type.TEXT:
        texts = frozenset(value.text for value in values)
        return Condition(texts.__contains__, sieve=exactly(texts))
    if kind is Type.CHOICE:
        words = frozenset(word for one in each for word in one.words or ())
        return Condition(words.__contains__, words=words)
    tests = [one.test for one in each]

    def test(value: Any) -> Any:
        found = tests[0](value)
        for other in tests[1:]:
            found = found | other(value)
        return found

    return replace(each[0], test=test)


def number(kind: Type, value: Value) -> int:
    """A number, a size in bytes or a duration in ns; FilterError where the value is none."""
    text = value.text.lower() if value.form is Form.WORD else ""
    if kind is Type.DURATION:
        found = _duration(text)
    elif kind is Type.LEVEL and text in LEVELS:
        found = LEVELS[text]
    else:
        found = _scaled(text, _SIZES if kind is Type.SIZE else _COUNTS)
    if found is None:
        bare = kind is Type.DURATION and _scaled(text, _COUNTS) is not None
        raise _wrong(value, f"a duration such as {text}ms or {text}s" if bare else EXPECTED[kind])
    return min(max(found, -MOST), MOST)


def _meant(sign: str, text: str) -> str:
    """How somebody writes what they may have meant; empty where that is not known."""
    if text[0] in "<>=~":
        order = "".join(sorted(sign + text[0]))
        return f"the operator {_OTHERWISE[order]}" if order in _OTHERWISE else ""
    return "a term with >= and another with <=" if ".." in text else ""


def _duration(text: str) -> int | None:
    if text == "0":
        return 0
    if not _PIECES.fullmatch(text):
        return None
    total = 0
    for digits, unit in _PIECE.findall(text):
        if unit not in _DURATIONS:
            return None
        total += round(float(digits) * _DURATIONS[unit])
    return total


def _scaled(text: str, units: dict[str, int]) -> int | None:
    found = _NUMBER.fullmatch(text)
    if found is None or found[2] not in units:
        return None
    digits, scale = found[1], units[found[2]]
    if "." not in digits:
        return int(digits) * scale
    scaled = float(digits) * scale
    return round(scaled) if scale > 1 or scaled.is_integer() else None


def _comparison(sign: str, limit: int) -> Callable[[Any], Any]:
    compare = COMPARE[sign]
    return lambda value: compare(value, limit)


def _status(sign: str, value: Value) -> Condition:
    """Statuses of HTTP, close codes and exit statuses share a column: what is greater or less is
    asked among those of the same kind, told by their digits."""
    if sign in ("=", "!=", ":"):
        if value.form is Form.WORD and (found := _CLASS.fullmatch(value.text)):
            scale, digit = 10 ** len(found[2]), int(found[1])
            return Condition(lambda status: status // scale == digit, sign == "!=")
        limit = number(Type.NUMBER, value) if _is_number(value) else None
        if limit is None:
            raise _wrong(value, EXPECTED[Type.STATUS])
        return Condition(_comparison("=", limit), sign == "!=")
    if not _is_number(value):
        classed = _CLASS.fullmatch(value.text) is not None
        raise _wrong(value, "a status such as 404" + " (a class has = before it)" * classed)
    limit, compare = number(Type.NUMBER, value), COMPARE[sign]
    family = sum(limit >= bound for bound in _FAMILIES[1:3])
    low, high = (-MOST, _HTTP) if family == 0 else _FAMILIES[family : family + 2]
    return Condition(lambda status: compare(status, limit) & (status >= low) & (status < high))


def _is_number(value: Value) -> bool:
    return value.form is Form.WORD and _scaled(value.text.lower(), _COUNTS) is not None


def _text(sign: str, value: Value) -> Condition:
    wanted = value.text
    if sign in ("~", "!~"):
        return Condition(Pattern(value).found_in, sign == "!~", pattern=True)
    if sign == ":":
        folded = wanted.casefold()
        return Condition(lambda text: folded in text.casefold(), sieve=containing(folded))
    return Condition(lambda text: text == wanted, sign == "!=", sieve=exactly((wanted,)))


def _choice(value: Value, choices: tuple[str, ...]) -> str:
    word = value.text.casefold()
    if word in choices:
        return word
    expected = "one of " + ", ".join(choices)
    near = get_close_matches(word, choices, n=1)
    if not near:
        raise _wrong(value, expected)
    raise FilterError(
        f"There is no word “{value.text[:40]}” here: did you mean {near[0]}?",
        position=value.span.position, length=value.span.length or 1, expected=expected,
    )  # fmt: skip


def _wrong(value: Value, expected: str) -> FilterError:
    sentence = f"“{value.text[:40]}” cannot stand here: {expected} was expected."
    return FilterError(
        sentence, position=value.span.position, length=value.span.length or 1, expected=expected
    )


def _no_operator(kind: Type, sign: str, at: Span) -> FilterError:
    if kind is Type.FLAG:
        what = "no operator: the field has no values"
        sentence = f"{sign} cannot stand here: the field has no values, and stands alone."
    else:
        what = f"one of {' '.join(OPERATORS[kind])}"
        sentence = f"{sign} cannot be asked of a {kind.value}: {what} was expected."
    return FilterError(sentence, position=at.position, length=at.length or 1, expected=what)
