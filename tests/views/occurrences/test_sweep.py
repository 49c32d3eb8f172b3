"""A search in all that is kept finds what a naive one finds, wherever it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.store import LogLine, Store
from asgitrace.views.needle import Needle
from asgitrace.views.occurrences import sweep as sweeping
from asgitrace.views.occurrences.model import EVERYTHING, Parts, Query
from asgitrace.views.occurrences.sweep import MOST_OF_ONE, Sweep
from tests.store.playbook import START, Tape, store_of
from tests.views.occurrences.shop import body, shop


def swept(store: Store, typed: str, parts: Parts = EVERYTHING) -> Sweep:
    sweep = Sweep(store, Query(Needle(typed), parts))
    assert not sweep.work(lambda: True)
    return sweep


def found(store: Store, typed: str, parts: Parts = EVERYTHING) -> list[tuple[int, str]]:
    return [(each.number, each.where) for each in swept(store, typed, parts).found]


def test_it_is_found_in_every_part_the_newest_first() -> None:
    assert found(shop(), "s3cret") == [
        (0, "log stderr"),
        (7, "note on the process"),
        (5, "wire request"),
        (4, "exception message"),
        (3, "message 2 out"),
        (3, "websocket.close reason"),
        (2, "response body @9"),
        (1, "query"),
        (1, "request header cookie"),
        (1, "response header x-echo"),
        (1, "request body @12"),
        (1, "response body @1,200"),
        (1, "response body @1,211"),
    ]


@pytest.mark.parametrize(
    ("parts", "numbers"),
    [
        (Parts.SCOPE, {5, 3, 1}),
        (Parts.BODIES, {2, 1}),
        (Parts.MESSAGES, {3}),
        (Parts.EXCEPTIONS, {4}),
        (Parts.LOG, {0, 7}),
    ],
)
def test_only_some_parts_are_searched(parts: Parts, numbers: set[int]) -> None:
    assert {number for number, _ in found(shop(), "s3cret", parts)} == numbers


def test_capitals_and_expressions() -> None:
    assert found(shop(), "S3CRET") == [(1, "response body @1,211")]
    assert found(shop(), "/s[0-9]c.et$/", Parts.LOG) == [(7, "note on the process")]
    assert swept(shop(), "/(s|s3)+x$/").failure == ""


def test_where_it_is_to_be_seen_and_what_is_around_it() -> None:
    tabs = {each.where: (each.tab, each.event) for each in swept(shop(), "s3cret").found}
    assert tabs["request header cookie"] == ("headers", 0)
    assert tabs["request body @12"] == ("body", 1)
    assert tabs["response body @1,200"] == ("body", 3)
    assert tabs["message 2 out"] == ("messages", 2)
    assert tabs["exception message"] == ("timeline", 1)
    assert tabs["log stderr"] == ("log", 0)
    hit = next(each for each in swept(shop(), "s3cret").found if each.where == "message 2 out")
    assert (hit.before, hit.hit, hit.after) == ("your ", "s3cret", "")


def test_log_lines_of_an_exchange_are_told_with_it() -> None:
    store = shop()
    for exchange in (6, 2, 99):
        store.log(LogLine(0, 7_000, "log", f"s3cret of {exchange}", exchange=exchange))
    wheres = [(n, w) for n, w in found(store, "s3cret") if w.startswith("log") or n == 2]
    assert wheres == [
        (0, "log log"),
        (0, "log stderr"),
        (6, "log log"),
        (2, "log log"),
        (2, "response body @9"),
    ]
    assert found(store, "s3cret of", Parts.LOG) == [(0, "log log"), (6, "log log"), (2, "log log")]


def test_what_is_hostile_is_inert() -> None:
    tape = Tape().scope(1, 1_000, path="/\x1b]52;c;x\x07needle\u202e[@click=app.quit]")
    (hit,) = (each for each in swept(store_of(tape.end(1, 2_000)), "needle").found)
    assert (hit.before + hit.hit + hit.after).isprintable()


def test_much_of_one_is_counted_and_much_of_all_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    tape = Tape()
    for number in range(1, 4):
        tape.scope(number, number * 1_000, path="/x" * 60).end(number, number * 1_000 + 1)
    store = store_of(tape)
    sweep = swept(store, "x")
    assert sweep.dropped == dict.fromkeys((1, 2, 3), 60 - MOST_OF_ONE)
    monkeypatch.setattr(sweeping, "MOST", 70)
    sweep = swept(store, "x")
    assert (sweep.capped, len(sweep.found)) == (True, 70)


def test_it_goes_on_in_slices_and_can_be_stopped_and_counts_what_came() -> None:
    store = shop()
    sweep = Sweep(store, Query(Needle("s3cret")))
    steps = iter([True, True, False])
    assert sweep.work(lambda: next(steps))
    assert sweep.share < 1
    assert sweep.newer == 0
    store.note(None, "later", 0, 9_000)
    assert sweep.newer == 1
    sweep.stop()
    assert not sweep.work(lambda: True)
    whole = swept(store, "s3cret")
    assert (whole.rows, whole.share) == (whole.total_rows, 1.0)


def test_an_expression_that_runs_away_is_stopped() -> None:
    tape = Tape().scope(1, 1_000, path="/" + "a" * 5_000 + "!")
    assert "too long" in swept(store_of(tape.end(1, 2_000)), "/(a|aa)+$/").failure


@given(
    chunks=st.lists(st.text("abß€ ", max_size=6), max_size=5),
    wanted=st.text("abß€ A", min_size=1, max_size=3),
)
def test_a_body_in_chunks_is_searched_as_a_whole(chunks: list[str], wanted: str) -> None:
    tape = Tape().scope(1, 1_000, path="/").send(1, 1, 1_010, 1_020, START)
    for call, chunk in enumerate(chunks, start=2):
        tape.send(1, call, 1_010, 1_020, body(chunk.encode(), more=call <= len(chunks)))
    text = "".join(chunks)
    lower = wanted == wanted.lower()
    naive, at = [], 0
    while (at := (text.lower() if lower else text).find(wanted, at)) >= 0:
        naive.append((1, f"response body @{len(text[:at].encode()):,}"))
        at += len(wanted)
    assert found(store_of(tape.end(1, 2_000)), wanted, Parts.BODIES) == naive
