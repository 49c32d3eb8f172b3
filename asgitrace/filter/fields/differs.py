"""The field `differs`: where the wire shows something else than the app did."""

from collections.abc import Iterable
from typing import Final

from asgitrace.filter.fields.model import EventField, Field, Narrowed, wired
from asgitrace.filter.subject import Item
from asgitrace.filter.values import Type
from asgitrace.views.discrepancies import of_event, of_wire
from asgitrace.views.endings import with_end
from asgitrace.views.pairing import Pairing


def _differs(item: Item) -> Iterable[str]:
    subject = item.subject
    exchange = subject.exchange
    if exchange is None or not exchange.wire:
        return ()
    pairing = subject.kept.get("pairing")
    if pairing is None:
        pairing = subject.kept["pairing"] = Pairing()
        pairing.update(with_end(exchange))
    if item.event is not None:
        found = of_event(item.event, exchange, pairing)
    else:
        assert item.wire is not None
        found = of_wire(item.wire, exchange, pairing)
    return [each.sentence for each in found if each.grave]


FIELDS: Final[tuple[Field, ...]] = (
    EventField(
        name="differs", type=Type.TEXT,
        help="where the wire shows something else than the app gave or got, in a sentence",
        example="differs:never", columns=Narrowed(wired), read=_differs,
    ),
)  # fmt: skip
