"""Which processes run, and whether they are those that were meant."""

import os
import subprocess
import sys

import pytest

from asgitrace.ring import processes
from asgitrace.ring.processes import arguments_of, is_alive, start_of


@pytest.fixture
def ended() -> subprocess.Popen[bytes]:
    """A process that has ended and was not asked after."""
    process = subprocess.Popen([sys.executable, "-S", "-c", ""], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    return process


def test_this_one_runs() -> None:
    started = start_of(os.getpid())
    assert started
    assert is_alive(os.getpid())
    assert is_alive(os.getpid(), started)


def test_what_was_typed_to_start_one() -> None:
    assert arguments_of(os.getpid()) == tuple(sys.orig_argv)
    assert arguments_of(2**80) == ()


def test_another_one_with_its_number_is_not_it() -> None:
    assert not is_alive(os.getpid(), start_of(os.getpid()) + "0")


def test_one_that_has_ended_does_not_run(ended: subprocess.Popen[bytes]) -> None:
    assert not is_alive(ended.pid)
    ended.communicate()
    assert not is_alive(ended.pid)
    assert start_of(ended.pid) == ""


def test_of_another_container_it_cannot_be_known(ended: subprocess.Popen[bytes]) -> None:
    assert is_alive(ended.pid, "1:12345")
    ended.communicate()


@pytest.mark.parametrize("pid", [2**62, 2**80])
def test_numbers_that_no_process_has(pid: int) -> None:
    is_alive(pid)
    assert start_of(pid) == ""


def test_a_system_that_does_not_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_fields", lambda pid: [])
    monkeypatch.setattr(processes, "_space", lambda: "")
    assert start_of(os.getpid()) == ""
    assert is_alive(os.getpid(), "")


def test_where_there_are_no_namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(path: str) -> str:
        raise FileNotFoundError(path)

    monkeypatch.setattr(os, "readlink", missing)
    started = start_of(os.getpid())
    assert started.startswith(":")
    assert is_alive(os.getpid(), started)
    assert not is_alive(os.getpid(), started + "0")


def test_somebody_elses_process_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    def kill(pid: int, signal: int) -> None:
        raise PermissionError(pid)

    monkeypatch.setattr(os, "kill", kill)
    assert is_alive(os.getpid(), start_of(os.getpid()))
