"""Process groups, alive or only not asked after."""

import os
import signal
import subprocess
import sys

import pytest

from asgitrace.process import groups
from asgitrace.process.groups import is_group_alive, signal_group


@pytest.fixture
def process() -> "subprocess.Popen[bytes]":
    """One in a group of its own, which ends when its input does."""
    return subprocess.Popen(
        [sys.executable, "-c", "input()"],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def test_a_group(process: "subprocess.Popen[bytes]") -> None:
    assert is_group_alive(process.pid)
    assert signal_group(process.pid, signal.SIGKILL)
    # It has ended, and nobody has asked after it.
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert not is_group_alive(process.pid)
    assert process.wait() == -signal.SIGKILL
    assert process.stdin is not None
    process.stdin.close()
    assert not signal_group(process.pid, 0)
    assert not is_group_alive(process.pid)


def test_where_the_system_does_not_say(
    process: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "_states", lambda group: iter(()))
    assert is_group_alive(process.pid)
    process.communicate(b"\n")
    assert not is_group_alive(process.pid)


def test_a_group_that_may_not_be_signalled(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(group: int, number: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "killpg", refuse)
    assert not signal_group(1, 0)
