"""The filter language once more, as plainly as can be: what the compiled one is held against.

Nothing of the compiled language is used but the tree.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from asgitrace.filter.syntax import (
    Among,
    And,
    Bare,
    Compare,
    Count,
    Form,
    Node,
    Not,
    Or,
    Quantified,
    Value,
)
from asgitrace.filter.syntax import Sequence as Steps
from tests.filter.naive_fields import (
    EVENT_FIELDS,
    FIELDS,
    TEXTS,
    Thing,
    World,
    moment,
    values_of,
)

UNITS = {
    "ns": 1, "us": 1000, "ms": 1000**2, "s": 1000**3, "m": 60 * 1000**3, "k": 1024, "M": 1024**2,
}  # fmt: skip


# The tree


def holds(node: Node, world: World) -> bool:
    """Whether an exchange passes."""
    match node:
        case Not(part):
            return not holds(part, world)
        case And(parts):
            return all(holds(part, world) for part in parts)
        case Or(parts):
            return any(holds(part, world) for part in parts)
        case Quantified("any", part):
            return any(passes(part, thing, world) for thing in asked(part, world))
        case Quantified("all", part):
            found = [passes(part, thing, world) for thing in asked(part, world)]
            return bool(found) and all(found)
        case Quantified("none", part):
            return not any(passes(part, thing, world) for thing in asked(part, world))
        case Count(part, operator, number):
            found = [passes(part, thing, world) for thing in asked(part, world)]
            return compare(operator, sum(found), int(number.text))
        case Steps(steps, within):
            limit = None if within is None else amount(within.text)
            things = world.things()
            return any(
                follows(steps, things[start:], moment(things[start]), limit, world)
                for start in range(len(things))
            )
    name = field_of(node)
    if name in EVENT_FIELDS:
        return any(satisfied(node, EVENT_FIELDS[name](thing)) for thing in world.things())
    return satisfied(node, values_of(name, world))


def follows(
    steps: Sequence[Node], things: Sequence[Thing], start: int, limit: int | None, world: World
) -> bool:
    """Whether the first thing passes the first step, and some after it the others."""
    if limit is not None and moment(things[0]) - start > limit:
        return False
    if not passes(steps[0], things[0], world):
        return False
    if len(steps) == 1:
        return True
    return any(
        follows(steps[1:], things[index:], start, limit, world) for index in range(1, len(things))
    )


def passes(node: Node, thing: Thing, world: World) -> bool:
    """Whether one event passes."""
    match node:
        case Not(part):
            return not passes(part, thing, world)
        case And(parts):
            return all(passes(part, thing, world) for part in parts)
        case Or(parts):
            return any(passes(part, thing, world) for part in parts)
        case Quantified() | Count() | Steps():
            return holds(node, world)
    name = field_of(node)
    if name in EVENT_FIELDS:
        return satisfied(node, EVENT_FIELDS[name](thing))
    return holds(node, world)


def shown(node: Node, thing: Thing) -> bool | None:
    """Whether a timeline keeps an event; None where the node says nothing of single events."""
    match node:
        case Not(part):
            found = shown(part, thing)
            return None if found is None else not found
        case And(parts):
            told = [shown(part, thing) for part in parts]
            return False if False in told else None if None in told else True
        case Or(parts):
            told = [shown(part, thing) for part in parts]
            return True if True in told else None if None in told else False
        case Quantified() | Count() | Steps():
            return None
    name = field_of(node)
    return satisfied(node, EVENT_FIELDS[name](thing)) if name in EVENT_FIELDS else None


def asked(part: Node, world: World) -> list[Thing]:
    """The events that a quantifier asks."""
    names = set(named(part))
    return [
        thing
        for thing in world.things()
        if not names or any(EVENT_FIELDS[name](thing) for name in names)
    ]


def named(node: Node) -> Iterator[str]:
    match node:
        case Not(part):
            yield from named(part)
        case And(parts) | Or(parts):
            for part in parts:
                yield from named(part)
        case Bare() | Compare() | Among():
            if field_of(node) in EVENT_FIELDS:
                yield field_of(node)


def field_of(node: Node) -> str:
    if isinstance(node, Compare | Among):
        return node.name
    assert isinstance(node, Bare)
    known = (
        node.value.text in EVENT_FIELDS
        or node.value.text in FIELDS
        or ".header." in node.value.text
        or node.value.text.startswith("header.")
    )
    return node.value.text if known and node.value.form is Form.WORD else ""


# Values


def satisfied(node: Node, values: Sequence[Any]) -> bool:
    """Whether the values of a field are as a term wants them."""
    match node:
        case Among(_, wanted):
            return any(equal(value, each) for value in values for each in wanted)
        case Compare(_, "!=", wanted):
            return bool(values) and not any(equal(value, wanted) for value in values)
        case Compare(_, "!~", wanted):
            return bool(values) and not any(re.search(wanted.text, value) for value in values)
        case Compare(_, "~", wanted):
            return any(re.search(wanted.text, value) for value in values)
        case Compare(name, ":", wanted) if name in TEXTS or "header" in name:
            return any(wanted.text.casefold() in value.casefold() for value in values)
        case Compare(_, "=" | ":", wanted):
            return any(equal(value, wanted) for value in values)
        case Compare(name, operator, wanted):
            limit = amount(wanted.text)
            return any(
                compare(operator, value, limit)
                for value in values
                if name not in ("status", "close.code", "wire.status")
                or digits(value) == digits(limit)
            )
        case Bare(value) if not field_of(node):
            return any(value.text.casefold() in path.casefold() for path in values)
    return bool(values)


def equal(value: Any, wanted: Value) -> bool:
    if isinstance(value, str):
        return value == wanted.text
    if re.fullmatch("[0-9]xxx?", wanted.text):
        return len(str(value)) == len(wanted.text) and str(value)[0] == wanted.text[0]
    return bool(value == amount(wanted.text))


def amount(text: str) -> int:
    found = re.fullmatch(r"([0-9.]+)([a-zA-Z]*)", text)
    assert found
    return round(float(found[1]) * UNITS.get(found[2], 1))


def digits(status: int) -> int:
    return min(max(len(str(status)), 2), 4)


def compare(operator: str, left: int, right: int) -> bool:
    return {
        "=": left == right, "!=": left != right, ">": left > right, ">=": left >= right,
        "<": left < right, "<=": left <= right,
    }[operator]  # fmt: skip
