from hypothesis import given, settings
from hypothesis import strategies as st

from asgitrace.events import MESSAGE_CODES, Flag
from asgitrace.store import Span, Split, split
from asgitrace.store.timing import Effect, effect_of, fold
from tests.store.playbook import parts

NONE, INPUT_ENDED, RESPONSE_ENDED = Effect


def receive(called: int, returned: int | None, effect: Effect = NONE) -> Span:
    return Span(called, returned, False, effect)


def send(called: int, returned: int | None, effect: Effect = NONE) -> Span:
    return Span(called, returned, True, effect)


def test_all_time_without_calls_is_the_apps() -> None:
    assert parts(split([], 10, 110)) == (100, 0, 0, 0)


def test_each_part_gets_its_time() -> None:
    spans = [receive(10, 30, INPUT_ENDED), send(40, 50), send(60, 80, RESPONSE_ENDED)]
    assert parts(split(spans, 0, 100)) == (30, 20, 30, 20)


def test_a_receive_behind_the_requests_end_only_listens() -> None:
    spans = [receive(0, 10, INPUT_ENDED), receive(20, 90)]
    assert parts(split(spans, 0, 100)) == (90, 10, 0, 0)


def test_a_receive_still_pending_at_the_requests_end_only_listens_from_there() -> None:
    spans = [receive(0, 10, INPUT_ENDED), receive(5, 90)]
    assert parts(split(spans, 0, 100)) == (90, 10, 0, 0)


def test_a_send_outweighs_a_receive() -> None:
    assert parts(split([receive(0, 100), send(20, 50)], 0, 100)) == (0, 70, 30, 0)


def test_overlapping_calls_count_once() -> None:
    assert parts(split([send(0, 60), send(30, 80), send(90, 95)], 0, 100)) == (15, 0, 85, 0)


def test_what_is_pending_when_the_response_is_over_is_after() -> None:
    spans = [send(0, 10, RESPONSE_ENDED), receive(5, None), send(20, 40)]
    assert parts(split(spans, 0, 100)) == (0, 0, 10, 90)


def test_a_pending_call_lasts_to_the_end() -> None:
    assert parts(split([receive(30, None)], 0, 100)) == (30, 70, 0, 0)


def test_calls_outside_of_the_exchange_are_clamped() -> None:
    spans = [receive(-50, 20), send(90, 500), receive(600, 700)]
    assert parts(split(spans, 0, 100)) == (70, 20, 10, 0)


def test_a_return_before_its_call_takes_no_time() -> None:
    assert parts(split([send(50, 20)], 0, 100)) == (100, 0, 0, 0)


def test_an_end_before_the_start_leaves_nothing() -> None:
    assert split([send(0, 200)], 100, 50) == Split()


def test_messages_that_end_something() -> None:
    def effect(sends: bool, name: str, flags: int = 0, trailers: bool = False) -> Effect:
        return effect_of(sends, MESSAGE_CODES[name], flags, trailers=trailers)

    assert effect(True, "http.response.start") is NONE
    assert effect(True, "http.response.body") is RESPONSE_ENDED
    assert effect(True, "http.response.body", Flag.MORE) is NONE
    assert effect(True, "http.response.body", trailers=True) is NONE
    assert effect(True, "http.response.pathsend", trailers=True) is NONE
    assert effect(True, "http.response.zerocopysend", trailers=True) is NONE
    assert effect(True, "http.response.trailers", trailers=True) is RESPONSE_ENDED
    assert effect(True, "http.response.trailers", Flag.MORE, trailers=True) is NONE
    assert effect(True, "http.response.pathsend") is RESPONSE_ENDED
    assert effect(True, "websocket.close") is RESPONSE_ENDED
    assert effect(True, "websocket.http.response.body") is RESPONSE_ENDED
    assert effect(True, "lifespan.shutdown.complete") is NONE
    assert effect(False, "http.request") is INPUT_ENDED
    assert effect(False, "http.request", Flag.MORE) is NONE
    assert effect(False, "http.disconnect") is NONE
    assert effect(False, "websocket.disconnect") is RESPONSE_ENDED
    assert effect(False, "lifespan.shutdown") is NONE


def spans_strategy(stamps: st.SearchStrategy[int]) -> st.SearchStrategy[list[Span]]:
    span = st.builds(Span, stamps, st.none() | stamps, st.booleans(), st.sampled_from(list(Effect)))
    return st.lists(span, max_size=8)


def by_instant(spans: list[Span], started: int, ended: int) -> tuple[int, int, int, int]:
    """The definition, asked for each instant on its own."""
    app = client = backpressure = after = 0
    for now in range(started, ended):

        def over(span: Span, now: int = now) -> bool:
            return span.returned is not None and max(span.returned, span.called) <= now

        pending = [span for span in spans if span.called <= now and not over(span)]
        done = {span.effect for span in spans if over(span)}
        if RESPONSE_ENDED in done:
            after += 1
        elif any(span.sends for span in pending):
            backpressure += 1
        elif pending and INPUT_ENDED not in done:
            client += 1
        else:
            app += 1
    return app, client, backpressure, after


@settings(deadline=None)
@given(spans_strategy(st.integers(-5, 25)), st.integers(0, 10), st.integers(0, 20))
def test_split_says_what_the_definition_says(spans: list[Span], started: int, ended: int) -> None:
    assert parts(split(spans, started, ended)) == by_instant(spans, started, ended)


@settings(deadline=None)
@given(
    spans_strategy(st.integers(-(2**63), 2**63 - 1)),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-(2**63), 2**63 - 1),
)
def test_the_parts_sum_to_the_whole(spans: list[Span], started: int, ended: int) -> None:
    found = split(spans, started, ended)
    assert found.total == max(ended - started, 0)
    assert min(parts(found)) >= 0


@settings(deadline=None)
@given(spans_strategy(st.integers(0, 20)), st.integers(20, 30))
def test_an_open_fold_that_is_closed_later_is_the_whole_fold(spans: list[Span], end: int) -> None:
    folder = fold(spans, 0, None)
    folder.close(end)
    assert not folder.disordered
    assert folder.split() == split(spans, 0, end)
