"""The checks of the matrix see each thing that could be wrong: what the witness tells is changed,
one fact at a time."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from asgitrace.testing.running import RunningTrace
from tests.frameworks.apps import plain_app
from tests.frameworks.events import Facts, check_all
from tests.frameworks.hosts import Recorded, witness_of
from tests.frameworks.witness import Witness

Change = Callable[[list[Facts]], Any]

_BODY = bytes(100_000)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """An upload and a handler that raises."""
    log = tmp_path_factory.mktemp("witness") / "log"
    trace = RunningTrace()
    with Witness(plain_app.app, log) as witness:
        asyncio.run(_visit(trace(witness)))
    return Recorded(trace, witness_of(log))


async def _visit(app: Any) -> None:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        await client.post("/upload", content=_BODY)
        await client.get("/raise")


def test_what_was_recorded_is_what_happened(recorded: Recorded) -> None:
    check_all(recorded)


def _set(index: int, **facts: Any) -> Change:
    return lambda events: events[index].update(facts)


def _swap(events: list[Facts]) -> None:
    events[1], events[2] = events[2], events[1]


@pytest.mark.parametrize(
    ("exchange", "change"),
    [
        (1, _set(0, method="GET")),
        (1, _set(0, path="/")),
        (1, _set(0, query_string="a=b")),
        (1, _set(0, headers=[])),
        (1, _set(1, type="http.disconnect")),
        (1, _set(1, size=1)),
        (1, _set(1, more=False)),
        (1, _set(1, error="OSError")),
        (1, _set(1, called=2**62)),
        (1, _set(1, returned=0)),
        (1, _set(2, number=404)),
        (1, _swap),
        (1, lambda events: events.insert(1, dict(events[1]))),
        (1, _set(-1, error="RuntimeError")),
        (2, _set(-1, error="")),
        (2, _set(-1, error="KeyError")),
        (2, _set(-1, called=2**62)),
    ],
)
def test_a_difference_is_seen(recorded: Recorded, exchange: int, change: Change) -> None:
    witness = {
        number: [dict(event) for event in events] for number, events in recorded.witness.items()
    }
    change(witness[exchange])
    with pytest.raises(AssertionError):
        check_all(Recorded(recorded.trace, witness))


def test_an_exchange_that_is_missing_is_seen(recorded: Recorded) -> None:
    witness = {1: recorded.witness[1]}
    with pytest.raises(AssertionError, match="not every call"):
        check_all(Recorded(recorded.trace, witness))
