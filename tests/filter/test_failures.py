"""What counts as an error."""

import numpy as np
import pytest

from asgitrace.events import Outcome
from asgitrace.filter import compile_filter, failed, is_failed, match
from asgitrace.store import Store
from asgitrace.wire import Wire
from tests.store.playbook import START, Tape, store_of

CODES = (1000, 1001, 1005, 1006, 1011, 4404)


@pytest.fixture
def store() -> Store:
    tape = Tape()
    for exchange, status in enumerate((200, 404, 499, 500, 503), start=1):
        tape.scope(exchange, exchange * 100, path=str(status))
        tape.send(exchange, 1, exchange * 100, exchange * 100, {**START, "status": status})
        tape.end(exchange, exchange * 100 + 50)
    for exchange, code in enumerate(CODES, start=6):
        tape.scope(exchange, exchange * 100, "websocket", path=str(code))
        message = {"type": "websocket.disconnect", "code": code}
        tape.receive(exchange, 1, exchange * 100, exchange * 100, message)
        tape.end(exchange, exchange * 100 + 50)
    tape.scope(12, 1_200, path="raised").crash(12, 1_250)
    tape.scope(13, 1_300, path="cancelled").crash(13, 1_350, Outcome.CANCELLED)
    tape.wire(
        1, Wire.REQUEST, 1_400, exchange=14, content={"head": b"GET refused HTTP/1.1\r\n\r\n"}
    )
    tape.wire(1, Wire.REFUSED, 1_410, exchange=14, number=400, content={"text": "no"})
    tape.scope(15, 1_500, path="lost")
    for exchange, status in ((16, 403), (17, 503)):
        tape.scope(exchange, 1_520, "websocket", path=f"denied {status}")
        message = {"type": "websocket.http.response.start", "status": status, "headers": []}
        tape.send(exchange, 1, 1_530, 1_530, message).end(exchange, 1_540)
    found = store_of(tape)
    found.end_process(0, 1, "gone", 1_600)
    return found


def test_failed(store: Store) -> None:
    rows = [store.row(number, 0) for number in store.numbers.tolist()]
    mask = failed(store)
    assert [row.path for row, bad in zip(rows, mask.tolist(), strict=True) if bad] == [
        "500", "503", "1006", "1011", "4404", "raised", "refused", "lost", "denied 503",
    ]  # fmt: skip
    assert [is_failed(row) for row in rows] == mask.tolist()
    matcher = match(compile_filter("is:error"), store)
    matcher.advance(0, lambda: True)
    assert np.array_equal(matcher.numbers, store.numbers[mask])
