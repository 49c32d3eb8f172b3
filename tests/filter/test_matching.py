"""The compiled language against a naive reading of the same tree, on traces at random."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asgitrace.filter import compile_filter, match
from asgitrace.filter.parser import parse
from asgitrace.filter.syntax import Node, write
from asgitrace.store import Annotation, Exchange, LogLine, Store
from tests.filter.bench import Bench
from tests.filter.naive import holds, shown
from tests.filter.traces import FILTERS, LOUD, TERMS, tapes
from tests.store.playbook import ANCHOR, BODY, REQUEST, START, Tape

SLOW = settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def yes() -> bool:
    return True


@SLOW
@given(tapes(), st.lists(FILTERS, min_size=1, max_size=4), st.sampled_from((0, 8_000)))
def test_compiled_and_naive_agree(tape: Tape, nodes: list[Node], now: int) -> None:
    bench = Bench(now=now)
    bench.store.take(0, tape.batch())
    for node in nodes:
        text = write(node)
        assert parse(text) == node
        predicate = compile_filter(text)
        matcher = match(predicate, bench.store)
        matcher.advance(now, yes)
        assert matcher.done
        assert matcher.progress == 1
        assert matcher.numbers.tolist() == bench.expected(node), text


@SLOW
@given(tapes(), FILTERS)
def test_accepts_and_events_agree(tape: Tape, node: Node) -> None:
    bench = Bench(now=5_000)
    bench.store.take(0, tape.batch())
    predicate = compile_filter(write(node))
    for number in bench.store.numbers.tolist():
        world = bench.world(number)
        exchange = world.exchange
        assert exchange is not None
        assert predicate.accepts(exchange, bench.now) == holds(node, world)
        events = predicate.lines(exchange, [(event, ()) for event in exchange.events])
        wires = predicate.lines(exchange, [(None, (event,)) for event in exchange.wire])
        assert list(events) == [shown(node, event) is not False for event in exchange.events]
        assert list(wires) == [shown(node, event) is not False for event in exchange.wire]


NUMBERS = st.integers(0, 6)
STEPS = st.sampled_from(("take", "take", "mark", "tag", "clear", "lost", "log", "note", "time"))


@SLOW
@given(tapes(most=12), st.lists(STEPS, max_size=8), FILTERS, st.data())
def test_a_matcher_keeps_up(tape: Tape, steps: list[str], node: Node, data: st.DataObject) -> None:
    bench = Bench()
    store = bench.store
    matcher = match(compile_filter(write(node)), store)
    for step in [*steps, "take"]:
        numbers = store.numbers.tolist()
        match step:
            case "take":
                store.take(0, tape.batch(data.draw(st.integers(1, 30))))
            case "mark" if numbers:
                store.annotations.toggle_mark(data.draw(st.sampled_from(numbers)))
            case "tag" if numbers:
                note = Annotation(False, ("later",), "Hello there")
                store.annotations.put(data.draw(st.sampled_from(numbers)), note)
            case "clear":
                store.clear()
            case "lost":
                store.end_process(0, 1, "gone", 9_000)
            case "log":
                time = ANCHOR.wall(data.draw(st.integers(1_000, 9_000)))
                text = data.draw(st.sampled_from(("a warning", "all well")))
                if not store.logs or time >= store.logs[-1].time_ns:
                    level, whose = data.draw(st.sampled_from((0, 20, 30))), data.draw(NUMBERS)
                    store.log(LogLine(0, time, "stderr", text, level, "", whose))
            case "note":
                store.note(0, "restarted for /api", 0, ANCHOR.wall(3_000))
            case "time":
                bench.now += data.draw(st.integers(0, 3_000))
        if data.draw(st.booleans()):
            matcher.advance(bench.now, lambda: False)
        before = matcher.numbers.tolist()
        changed = matcher.advance(bench.now, yes)
        assert matcher.done
        after = matcher.numbers.tolist()
        assert changed or before == after
        assert after == bench.expected(node), (step, write(node))


def test_rows_that_are_evicted() -> None:
    # Open ones stay among those that go, and the paths' table is made anew.
    bench, tape = Bench(), Tape()
    store = bench.store
    texts = ("path~/7$/", "is:open or path:33", "body:hello", "-status=200", "count(ev)>3")
    matchers = [match(compile_filter(text), store) for text in texts]
    epochs = set()
    for first in range(1, 1_200, 100):
        for exchange in range(first, first + 100):
            tape.scope(exchange, exchange * 1_000, path=f"/{exchange}")
            if exchange % 40:
                body = b"hello" if exchange % 5 else LOUD
                message = {"type": "http.response.body", "body": body}
                tape.send(exchange, 1, exchange * 1_000 + 10, exchange * 1_000 + 20, START)
                tape.send(exchange, 2, exchange * 1_000 + 30, exchange * 1_000 + 40, message)
                tape.end(exchange, exchange * 1_000 + 50)
        store.take(0, tape.batch())
        epochs.add(store.string_epoch)
        for text, matcher in zip(texts, matchers, strict=True):
            matcher.advance(0, yes)
            assert matcher.numbers.tolist() == bench.expected(parse(text)), text
    assert store.evicted_total > 500
    assert len(epochs) > 1


def test_exchanges_are_looked_at_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    tape = Tape()
    for exchange in range(1, 101):
        tape.request(exchange, exchange * 1_000)
    bench = Bench()
    bench.store.take(0, tape.batch())
    looked_at: list[int] = []
    peek = bench.store.peek

    def counted(number: int, now: int) -> Exchange | None:
        looked_at.append(number)
        return peek(number, now)

    monkeypatch.setattr(bench.store, "peek", counted)
    # how many of the events pass, only the events tell
    matcher = match(compile_filter("count(body:hello)=1"), bench.store)
    progress = []
    while not matcher.done:
        before, turns = len(looked_at), iter((True, False))
        matcher.advance(0, lambda turns=turns: next(turns))  # type: ignore[misc]
        assert len(looked_at) - before <= 16
        progress.append(matcher.progress)
    assert looked_at[0] > 84, "the latest come first"
    assert progress == sorted(progress)
    assert matcher.numbers.tolist() == list(range(1, 101))
    assert sorted(looked_at) == list(range(1, 101)), "none twice"
    bench.store.take(0, Tape(1_000).request(101, 200_000).batch())
    matcher.advance(0, yes)
    assert looked_at[100:] == [101], "only what is new"


def test_open_exchanges_are_looked_at_when_something_came(monkeypatch: pytest.MonkeyPatch) -> None:
    tape = Tape().scope(1, 1_000).receive(1, 1, 1_010, 1_020, REQUEST)
    bench = Bench()
    bench.store.take(0, tape.batch())
    matcher = match(
        compile_filter("count(ev.size>3)=1 or dur>50ns fail:no ev=http.request"), bench.store
    )
    asked: list[int] = []
    peek = bench.store.peek

    def counted(number: int, now: int) -> Exchange | None:
        asked.append(number)
        return peek(number, now)

    monkeypatch.setattr(bench.store, "peek", counted)
    for now in (1_030, 1_200, 1_300, 1_400):
        matcher.advance(now, yes)
        assert matcher.done
    assert len(asked) == 2, "once before 50 ns were over and once behind"
    message = {"type": "http.response.body", "body": b"hello"}
    bench.store.take(0, tape.send(1, 2, 1_500, 1_510, message).batch())
    matcher.advance(1_600, yes)
    assert matcher.numbers.tolist() == [1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("body:HELLO", [1, 2]),
        ("req.header.host", []),
        ("resp.header.x-kind=b", [2]),
        ("not header.X-Kind:a", [2]),
        ("any(body:hello) resp.header.x-kind!=b", [1]),
        ("body~/^h.l+o$/ or header.x-kind:no", [1, 2]),
        ("none(body:hello)", []),
    ],
)
def test_payloads_are_enough_for_headers_and_bodies(
    monkeypatch: pytest.MonkeyPatch, text: str, expected: list[int]
) -> None:
    tape = Tape()
    for exchange, kind in enumerate((b"a", b"b"), start=1):
        tape.scope(exchange, exchange * 1_000)
        start = {**START, "headers": [[b"X-Kind", kind]]}
        tape.send(exchange, 1, exchange * 1_000 + 10, exchange * 1_000 + 20, start)
        tape.send(exchange, 2, exchange * 1_000 + 30, exchange * 1_000 + 40, BODY)
        tape.end(exchange, exchange * 1_000 + 50)
    bench = Bench()
    bench.store.take(0, tape.batch())
    monkeypatch.setattr(bench.store, "peek", None)
    matcher = match(compile_filter(text), bench.store)
    matcher.advance(0, yes)
    assert matcher.done
    assert matcher.numbers.tolist() == expected


def test_rows_that_were_never_judged_can_go() -> None:
    # A filter that is slow to begin while rows are evicted and open ones move up.
    store, tape = Store(1 << 20), Tape()
    store.add_process(42, ANCHOR, "shop:app")
    matcher = match(compile_filter("path:1 -body:x"), store)
    for first in range(1, 9_000, 1_000):
        for exchange in range(first, first + 1_000):
            tape.scope(exchange, exchange * 1_000, path=f"/{exchange}")
            if exchange % 100:
                tape.end(exchange, exchange * 1_000 + 50)
        store.take(0, tape.batch())
        matcher.advance(0, lambda: False)
        assert set(matcher.numbers.tolist()) <= set(store.numbers.tolist())
    assert store.evicted_total
    while not matcher.done:
        matcher.advance(0, yes)
    paths = [store.row(number, 0).path for number in store.numbers.tolist()]
    wanted = [int(path[1:]) for path in paths if "1" in path]
    assert [int(store.row(n, 0).path[1:]) for n in matcher.numbers.tolist()] == wanted


def test_all_terms_are_of_the_language() -> None:
    for text in TERMS:
        compile_filter(text)
