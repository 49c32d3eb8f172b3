"""The time in a debugger: an event of its exchange, and of those that it held up."""

import pytest

from asgitrace.events import Kind
from asgitrace.filter import compile_filter, match
from asgitrace.ring import encode
from asgitrace.store import Exchange, Store
from asgitrace.views.arrows import app_words
from asgitrace.views.ladder import LadderLines
from asgitrace.views.summary import summarise
from asgitrace.views.timeline import TimelineLines, type_text
from tests.store.playbook import BODY, START, Tape, exchange_of, parts, store_of

PLACE = encode({"place": "/srv/shop/app.py:7 in total"})


def stop(
    tape: Tape, exchange: int, called: int, returned: int, call: int = 1, held: int = 1
) -> Tape:
    return tape.add(
        Kind.DEBUGGER, exchange, called, returned, call=call, number=held, payload=PLACE
    )


def answered(tape: Tape, exchange: int, at: int) -> Tape:
    return tape.send(exchange, 1, at, at, START).send(exchange, 2, at, at, BODY).end(exchange, at)


def story(exchange: Exchange) -> list[str]:
    return [type_text(event) for event in exchange.events]


def words(exchange: Exchange) -> list[str]:
    found = [event for event in exchange.events if event.kind is Kind.DEBUGGER]
    return ["".join(text for text, _ in summarise(event)).strip() for event in found]


@pytest.fixture
def tape() -> Tape:
    """1 is looked into while 2 waits; 3 was over before, 4 is a lifespan, 5 came afterwards."""
    tape = Tape().scope(4, 1_000, "lifespan").scope(3, 1_000)
    answered(tape, 3, 2_000).scope(2, 3_000).scope(1, 4_000)
    stop(tape, 1, 5_000, 9_000)
    answered(tape, 1, 10_000)
    answered(tape, 2, 11_000).scope(5, 12_000)
    return answered(tape, 5, 13_000)


@pytest.mark.parametrize("cuts", [(), (5, 2), tuple([1] * 12)])
def test_whom_it_held_up(tape: Tape, cuts: tuple[int, ...]) -> None:
    store = store_of(tape, cuts)
    numbers = dict(zip(store.exchange_numbers.tolist(), store.numbers.tolist(), strict=True))
    held = exchange_of(store, numbers[2])
    own = exchange_of(store, numbers[1])
    assert story(own) == [
        "http scope", "debugger", "http.response.start", "http.response.body", "return"
    ]  # fmt: skip
    assert story(held) == story(own)
    assert words(own) == ["at app.py:7 in total  the event loop stood, too"]
    assert words(held) == [f"held up by the debugger in #{numbers[1]}  at app.py:7 in total"]
    assert [event.index for event in held.events] == list(range(5))
    for number in (3, 4, 5):
        assert not words(exchange_of(store, numbers[number]))
    debugged = {exchange for exchange in numbers if store.row(numbers[exchange], 0).debugged}
    assert debugged == {1, 2}
    assert parts(own.row.split) == (6_000, 0, 0, 0)
    assert own.row.events == len(own.events)


def test_one_in_a_thread_holds_nobody_up() -> None:
    tape = Tape().scope(2, 1_000).scope(1, 1_000)
    store = store_of(stop(tape, 1, 2_000, 3_000, held=0))
    assert [store.row(number, 4_000).debugged for number in (1, 2)] == [False, True]
    assert words(exchange_of(store, 2, 4_000)) == ["at app.py:7 in total"]


def test_several_stops_are_in_their_order() -> None:
    tape = Tape().scope(2, 1_000).scope(1, 1_000)
    for call, at in enumerate((2_000, 3_000, 4_000), start=1):
        stop(tape, 1, at, at + 500, call)
    answered(tape, 2, 9_000)
    held = exchange_of(store_of(tape), 1)
    assert [event.called for event in held.events] == [1_000, 2_000, 3_000, 4_000, *[9_000] * 3]


def test_of_no_exchange() -> None:
    """As at the app's import: no row, no event, nothing dropped; but it holds up who is there."""
    store = store_of(stop(Tape().scope(1, 1_000), 0, 2_000, 3_000))
    assert (len(store), store.event_total, store.dropped_total) == (1, 1, 0)
    assert words(exchange_of(store, 1, 4_000)) == ["held up by a debugger  at app.py:7 in total"]
    assert [one.place for one in store.stops] == ["/srv/shop/app.py:7 in total"]


def test_a_payload_that_says_nothing() -> None:
    tape = Tape().scope(1, 1_000)
    tape.add(Kind.DEBUGGER, 1, 2_000, 1_500, call=1, payload=b"\xc1")
    store = store_of(tape)
    assert words(exchange_of(store, 1, 4_000)) == [""]
    assert [(one.place, one.returned) for one in store.stops] == [("", 2_000)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("is:debugged", {1, 2}), ("ev=debugger", {1, 2}), ("not is:debugged", {3, 4, 5})],
)
def test_filter(tape: Tape, text: str, expected: set[int]) -> None:
    store: Store = store_of(tape)
    matcher = match(compile_filter(text), store)
    while not matcher.done:
        matcher.advance(20_000, lambda: True)
    exchanges = dict(zip(store.numbers.tolist(), store.exchange_numbers.tolist(), strict=True))
    assert {exchanges[number] for number in matcher.numbers.tolist()} == expected


def test_views(tape: Tape) -> None:
    """It takes its time in the timeline, and stands in the app on the ladder."""
    store = store_of(tape)
    numbers = dict(zip(store.exchange_numbers.tolist(), store.numbers.tolist(), strict=True))
    own = exchange_of(store, numbers[1])
    assert "debugger" in TimelineLines(own).text(1)
    ladder = LadderLines(own)
    assert "debugger" in "\n".join(ladder.text(index) for index in range(len(ladder)))
    assert app_words(own.events[1])[0] == ("debugger", "text")
