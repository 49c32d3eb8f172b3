"""Processes that run without us: which are meant, and the session on them."""

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from asgitrace.errors import OptionError, RingError
from asgitrace.process.attached import AttachedSession
from asgitrace.process.found import find_rings
from asgitrace.process.selection import (
    Selection,
    select_crashed,
    select_named,
    select_running,
)
from asgitrace.store import Store
from tests.made_up_workers import Workers

SECOND = 1_000_000_000


def pids(selection: Selection) -> set[int]:
    """The processes that were chosen of those that are there."""
    return {ring.pid for ring in selection.choice.rings}


def wanted(selection: Selection) -> set[int]:
    """The processes whose rings are wanted, of those that are there now."""
    return {found.pid for found in find_rings() if selection.wanted(found)}


class TestSelection:
    @pytest.fixture(autouse=True)
    def running(self, workers: Workers) -> None:
        """Two workers of one server, a process of another, and one that crashed."""
        self.workers = workers
        self.start(11, ppid=10)
        self.start(12, ppid=10)
        self.start(20, app="blog:app", server="hypercorn 0.18.0")
        self.start(30)
        workers.kill(30)

    def start(self, pid: int, **about: Any) -> Path:
        return self.workers.start(pid, **{"server": "uvicorn 0.38.0", **about}).path

    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            (["11"], {11}),
            (["11", "20"], {11, 20}),
            (["10"], {11, 12}),
            (["30"], {30}),
            (["shop:app"], {11, 12}),
            (["shop"], {11, 12}),
            (["uvicorn"], {11, 12}),
            (["uvicorn 0.38.0", "blog:app"], {11, 12, 20}),
            (["hypercorn"], {20}),
        ],
    )
    def test_by_number_and_by_name(self, words: list[str], expected: set[int]) -> None:
        selection = select_named(words, find_rings())
        assert pids(selection) == wanted(selection) == expected

    @pytest.mark.parametrize("word", ["99", "", "shop:ap", "daphne", "0.38.0"])
    def test_what_nothing_answers_to(self, word: str) -> None:
        with pytest.raises(OptionError, match="asgitrace attach --list"):
            select_named([word], find_rings())

    def test_by_file(self, tmp_path: Path) -> None:
        there = find_rings()
        path = next(each.path for each in there if each.pid == 12)
        for word in (str(path), path.name):
            assert wanted(select_named([word], there)) == {12}
        elsewhere = tmp_path / "kept.ring"
        elsewhere.write_bytes(path.read_bytes())
        selection = select_named([str(elsewhere)], there)
        assert selection.paths == (elsewhere.resolve(),)
        (tmp_path / "other").touch()
        with pytest.raises(RingError, match="is not a ring file"):
            select_named([str(tmp_path / "other")], there)

    def test_all_means_those_that_come_too(self) -> None:
        selection = select_running(find_rings())
        assert pids(selection) == {11, 12, 20}
        assert selection.live
        self.start(40, app="new:app")
        assert wanted(selection) == {11, 12, 20, 40}

    def test_new_workers_belong_to_the_app_all_of_whose_workers_were_meant(self) -> None:
        there = find_rings()
        all_workers, one = select_named(["10"], there), select_named(["11"], there)
        self.start(13, ppid=10)
        self.start(21, app="blog:app", server="hypercorn 0.18.0")
        assert wanted(all_workers) == {11, 12, 13}
        assert wanted(one) == {11}

    def test_a_name_goes_on_meaning_those_that_answer_to_it(self) -> None:
        selection = select_named(["uvicorn"], find_rings())
        self.start(40, app="new:app")
        self.start(50, app="new:app", server="granian 2.0.0")
        # Also one that crashed before anybody looked.
        self.start(60)
        self.workers.kill(60)
        assert wanted(selection) == {11, 12, 40, 60}

    def test_those_that_crashed(self) -> None:
        selection = select_crashed(find_rings())
        assert pids(selection) == wanted(selection) == {30}
        assert not selection.live


class TestSession:
    @pytest.fixture(autouse=True)
    def there(self, workers: Workers) -> None:
        self.workers = workers
        self.skipped = 0
        self.store = Store()

    def clock(self) -> int:
        return time.monotonic_ns() + self.skipped

    def session(self, *words: str) -> AttachedSession:
        there = find_rings()
        selection = select_named(words, there) if words else select_running(there)
        session = AttachedSession(selection, clock=self.clock)
        session.start()
        return session

    def poll(self, session: AttachedSession) -> None:
        """A moment later."""
        self.skipped += SECOND
        session.poll(self.store)

    def test_from_the_start_to_the_end_of_a_process(self) -> None:
        worker = self.workers.start(11, server="uvicorn 0.38.0")
        worker.exchange(5)
        session = self.session()
        assert session.live
        told = session.title, session.status().phase, session.over
        assert told == ("shop:app", "starting", False)
        self.poll(session)
        status = session.status()
        assert (status.phase, status.address, status.detail) == ("serving", "uvicorn 0.38.0", "")
        assert (session.pid, session.over) == (11, False)
        assert 0 < status.fill < 1
        assert [each.records for each in status.processes] == [2]
        session.restart()
        self.workers.kill(11)
        self.poll(session)
        status = session.status()
        assert (status.phase, status.detail) == ("stopped", "The process has ended.")
        assert (session.pid, session.over) == (None, True)
        session.close()
        session.close()
        self.poll(session)
        assert session.over
        assert worker.path.exists()

    def test_what_a_crash_has_left_is_loaded(self) -> None:
        worker = self.workers.start(11)
        worker.exchange(5)
        self.workers.kill(11)
        session = self.session("11")
        self.poll(session)
        assert not session.live
        assert (session.status().phase, session.over) == ("loaded", True)
        session.close()

    def test_several_apps_are_named_and_counted(self) -> None:
        for number, app in enumerate(("c:app", "a:app", "b:app", ""), 11):
            self.workers.start(number, app=app, server="daphne" if number > 12 else "granian")
        session = self.session()
        assert session.title == "14-3.ring, a:app and 2 more"
        for pid in (11, 12, 13, 14):
            self.workers.kill(pid)
        self.poll(session)
        self.poll(session)
        status = session.status()
        assert status.address == "daphne, granian"
        assert status.detail == "All 4 processes have ended."

    def test_what_cannot_be_read_is_said(self) -> None:
        worker = self.workers.start(11)
        self.workers.start(12)
        session = self.session()
        worker.path.write_bytes(b"damage")
        self.poll(session)
        assert "is not a ring file" in session.status().detail
        assert len(session.totals.processes) == 1

    def test_where_nothing_can_be_read_it_ends(self) -> None:
        worker = self.workers.start(11)
        session = self.session("11")
        worker.path.write_bytes(b"damage")
        with pytest.raises(RingError, match="is not a ring file"):
            self.poll(session)

    def test_it_is_let_go_with_all_that_there_was(self) -> None:
        worker = self.workers.start(11)
        session = self.session()
        self.poll(session)
        worker.exchange(5)
        asyncio.run(session.stop())
        pids = [session.pid]
        self.poll(session)
        assert [*pids, session.pid] == [11, None]
        assert len(self.store) == 1

    def test_who_writes_for_ever_is_let_go_after_a_while(self) -> None:
        self.workers.start(11)
        session = self.session()
        self.poll(session)
        asyncio.run(session.stop())
        self.skipped += 3 * SECOND
        assert session.pid is None

    def test_a_server_that_runs_may_start_other_workers(self) -> None:
        """The parent of the process runs the same program."""
        own = tuple(sys.orig_argv)
        self.workers.start(11, ppid=os.getpid(), argv=own[-2:])
        self.workers.start(12, ppid=os.getpid(), argv=("/bin/other", "--option"))
        by_server, by_shell = self.session("11"), self.session("12")
        for pid in (11, 12):
            self.workers.kill(pid)
        for session in (by_server, by_shell):
            self.poll(session)
            self.poll(session)
        assert (by_server.over, by_shell.over) == (False, True)
