"""From the tree of a filter to what can be asked of exchanges."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from asgitrace.errors import FilterError
from asgitrace.filter.fields import EventField, ExchangeField, Field, find, nearest
from asgitrace.filter.judges import (
    QUANTIFIERS,
    Conjunction,
    Disjunction,
    EventTerm,
    ExchangeTerm,
    Judge,
    Negation,
    Succession,
    Tally,
    event_fields,
    walk,
)
from asgitrace.filter.parser import parse
from asgitrace.filter.subject import Item, Subject
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
    Span,
)
from asgitrace.filter.syntax import (
    Sequence as Steps,
)
from asgitrace.filter.values import COMPARE, THERE, Condition, Type, among, condition, number
from asgitrace.store.model import Event, Exchange, WireEvent


def compile_filter(text: str) -> "Filter":
    """The filter that a text means; FilterError where it cannot be read, or asks for what there is
    not."""
    return Filter(text, judge_of(parse(text)))


class Filter:
    """A filter that was read; a `Predicate`."""

    def __init__(self, text: str, judge: Judge) -> None:
        self.text = text
        """As it was typed."""
        self.judge = judge

    @cached_property
    def by_event(self) -> bool:
        """See `Predicate`."""
        return next(event_fields(self.judge), None) is not None

    @cached_property
    def fields(self) -> Sequence[Field]:
        """The fields that it asks for."""
        return [
            judge.field for judge in walk(self.judge) if isinstance(judge, ExchangeTerm | EventTerm)
        ]

    def accepts(self, exchange: Exchange, now: int) -> bool:
        """See `Predicate`. What is noted on the exchange and what was logged are not known here:
        these fields are not there."""
        return self.judge.holds(Subject(exchange.row, exchange, now))

    def lines(
        self, exchange: Exchange, lines: Iterable[tuple[Event | None, Sequence[WireEvent]]]
    ) -> Iterator[bool]:
        """See `Predicate`."""
        subject = Subject(exchange.row, exchange, 0)
        for event, wires in lines:
            items = [Item(subject, wire=wire) for wire in wires]
            if event is not None:
                items.append(Item(subject, event=event))
            yield self.judge.keeps(items) is not False


def judge_of(node: Node) -> Judge:
    """A tree made ready; FilterError where a term asks for what there is not."""
    match node:
        case Bare(value):
            field = find(value.text) if value.form is Form.WORD else None
            if field is not None:
                return _term(field, THERE)
            path = find("path")
            assert path is not None
            return _term(path, condition(Type.TEXT, ":", value, (), value.span))
        case Compare():
            field = _found(node.name, node.span)
            return _term(
                field,
                condition(field.type, node.operator, node.value, field.choices, node.operator_span),
            )
        case Among():
            field = _found(node.name, node.span)
            return _term(field, among(field.type, node.values, field.choices, node.span))
        case Not(part):
            return Negation(judge_of(part))
        case And(parts):
            return Conjunction(_cheap_first(parts))
        case Or(parts):
            return Disjunction(_cheap_first(parts))
        case Quantified(quantifier, part):
            enough, zero, one = QUANTIFIERS[quantifier]
            return Tally(judge_of(part), enough, zero=zero, one=one)
        case Count():
            return _count(node)
        case Steps(steps, within):
            limit = None if within is None else number(Type.DURATION, within)
            return Succession(tuple(map(judge_of, steps)), limit)


def _cheap_first(nodes: Iterable[Node]) -> Sequence[Judge]:
    """Those first that columns decide: often the events need not be looked at then."""
    return sorted(map(judge_of, nodes), key=lambda judge: not is_decided(judge))


def is_decided(judge: Judge) -> bool:
    """Whether columns leave nothing open."""
    if isinstance(judge, ExchangeTerm | EventTerm):
        return judge.field.columns.decides
    if isinstance(judge, Tally | Succession):
        return False
    return all(map(is_decided, judge.parts))


def _term(field: ExchangeField | EventField, asked: Condition) -> Judge:
    if isinstance(field, ExchangeField):
        return ExchangeTerm(field, asked)
    return EventTerm(field, asked)


def _count(node: Count) -> Judge:
    limit, sign = number(Type.NUMBER, node.number), node.operator
    compare = COMPARE[sign]
    one = None
    if (sign in (">", "!=") and limit < 1) or (sign == ">=" and limit <= 1):
        one = True
    elif (sign in ("=", "<=") and limit < 1) or (sign == "<" and limit <= 1):
        one = False
    return Tally(
        judge_of(node.part),
        lambda passed, asked: bool(compare(passed, limit)),
        zero=bool(compare(0, limit)),
        one=one,
    )


def _found(name: str, span: Span) -> ExchangeField | EventField:
    field = find(name)
    if field is not None:
        return field
    near = nearest(name)
    expected = f"a field such as {near}" if near else "a field, or a text in quotes"
    hint = f"did you mean {near}?" if near else "a text that is no field is to stand in quotes."
    raise FilterError(
        f"There is no field “{name[:40]}”: {hint}",
        position=span.position,
        length=span.length,
        expected=expected,
    )
