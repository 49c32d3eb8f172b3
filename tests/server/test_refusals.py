import logging

import pytest

from asgitrace.server.head import Refusal
from asgitrace.server.refusals import RefusalLog

REFUSED = Refusal(400, "no")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_is_too_much_is_counted(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    log = RefusalLog(clock)
    for _ in range(1000):
        log.add(REFUSED, gone=False)
    assert caplog.messages == ["Request refused (400): no"] * 20

    caplog.clear()
    clock.now = 10.0
    log.add(REFUSED, gone=False)
    assert caplog.messages == ["980 more requests were refused", "Request refused (400): no"]

    caplog.clear()
    log.flush()
    assert caplog.messages == []


def test_a_client_that_is_gone_is_no_warning(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    RefusalLog(Clock()).add(REFUSED, gone=True)
    assert caplog.records[0].levelno == logging.INFO


def test_a_long_reason_is_cut(caplog: pytest.LogCaptureFixture) -> None:
    RefusalLog(Clock()).add(Refusal(400, "x" * 10_000), gone=False)
    assert caplog.messages == ["Request refused (400): " + "x" * 200]
