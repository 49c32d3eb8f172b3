import logging
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from asgitrace.errors import RingError
from asgitrace.recorder import Recorder, process
from asgitrace.recorder.process import ProcessRecorder
from asgitrace.ring import RingMemory, RingReader
from asgitrace.ring.layout import MINIMUM_SIZE
from asgitrace.ring.processes import is_alive

PROLOGUE = """
import asyncio, atexit, os, pathlib, signal, sys
import asgitrace

async def app(scope, receive, send):
    await receive()

async def receive():
    return {"type": "http.request"}

async def send(message):
    pass

traced = asgitrace.trace(app, buffer=1 << 17)

def call():
    asyncio.run(traced({"type": "http", "path": f"/{os.getpid()}"}, receive, send))

def rings():
    return sorted(path.name for path in pathlib.Path(os.environ["XDG_RUNTIME_DIR"]).glob("*/*"))

def records():
    (path,) = pathlib.Path(os.environ["XDG_RUNTIME_DIR"]).glob(f"*/{os.getpid()}-*.ring")
    return asgitrace.ring.RingReader.open(path).state().written
"""


def run(code: str, directory: Path, *, status: int = 0) -> list[str]:
    """Run a program with a runtime directory of its own; the lines that it printed."""
    done = subprocess.run(
        [sys.executable, "-c", PROLOGUE + code, "\udce4"],
        env={**os.environ, "XDG_RUNTIME_DIR": str(directory)},
        capture_output=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (status, b"")
    return done.stdout.decode().splitlines()


def left_in(directory: Path) -> list[Path]:
    return sorted(directory.glob("*/*"))


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path


class TestWithinOneProcess:
    def test_there_is_one_recorder_and_it_describes_the_process(
        self, runtime: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Nothing:
            pass

        monkeypatch.setattr(sys, "argv", ["program", "\udce4", "x" * 500, *"abcdefgh"])
        monkeypatch.setenv("ASGITRACE_RUN", "a-run")
        holder = ProcessRecorder()
        recorder = holder.get(MINIMUM_SIZE, Nothing())
        assert isinstance(recorder, Recorder)
        assert holder.get(2 * MINIMUM_SIZE) is recorder
        (path,) = left_in(runtime)
        assert path.name.startswith(f"{os.getpid()}-")
        reader = RingReader.open(path)
        about = reader.about
        assert about.argv == ("program", "\\udce4", "x" * 400, *"abcdefgh")
        assert about.app.endswith("Nothing")
        assert (about.python, about.server) == (sys.version.split()[0], "")
        assert (about.ppid, about.cwd, about.run) == (os.getppid(), os.getcwd(), "a-run")
        assert is_alive(os.getpid(), about.started)
        holder._close()
        holder._close()
        assert left_in(runtime) == []
        assert reader.state().closed

    def test_threads_that_come_at_once_share_one(self, runtime: Path) -> None:
        holder = ProcessRecorder()
        barrier = threading.Barrier(8)
        found: list[Any] = []

        def ask() -> None:
            barrier.wait()
            found.append(holder.get(MINIMUM_SIZE))

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 8
        assert len(set(found)) == 1
        assert len(left_in(runtime)) == 1
        holder._close()

    def test_one_that_came_too_late_for_the_lock_finds_it_made(self, runtime: Path) -> None:
        holder = ProcessRecorder()
        late: list[Any] = []
        with holder._lock:
            thread = threading.Thread(target=lambda: late.append(holder.get(MINIMUM_SIZE)))
            thread.start()
            holder._asked = True
        thread.join()
        assert late == [None]
        assert left_in(runtime) == []

    def test_where_there_is_no_room_nothing_is_recorded_and_it_is_said_once(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def full(*_: object) -> None:
            raise RingError("The disk is full.")

        monkeypatch.setattr(RingMemory, "create", full)
        monkeypatch.setattr(logging.getLogger("asgitrace"), "propagate", True)
        holder = ProcessRecorder()
        assert [holder.get(MINIMUM_SIZE) for _ in range(3)] == [None] * 3
        holder._close()
        assert caplog.messages == ["Nothing is recorded in this process: The disk is full."]

    def test_where_there_is_little_room_the_ring_is_smaller_which_is_said(
        self, runtime: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(process, "room_for", lambda path, size: MINIMUM_SIZE)
        monkeypatch.setattr(logging.getLogger("asgitrace"), "propagate", True)
        holder = ProcessRecorder()
        assert holder.get(2 * MINIMUM_SIZE) is not None
        (path,) = left_in(runtime)
        assert path.stat().st_size < 2 * MINIMUM_SIZE
        assert caplog.messages == [
            f"The ring has 64 KiB in place of 128: there is no room in {path.parent} for more"
        ]
        holder._close()

    def test_a_file_that_cannot_be_removed_is_left(self, runtime: Path) -> None:
        holder = ProcessRecorder()
        holder.get(MINIMUM_SIZE)
        (path,) = left_in(runtime)
        path.unlink()
        path.mkdir()
        holder._close()
        assert left_in(runtime) == [path]

    def test_a_child_forgets(self, runtime: Path) -> None:
        holder = ProcessRecorder()
        first = holder.get(MINIMUM_SIZE)
        holder._forget()
        holder._close()
        assert holder.get(MINIMUM_SIZE) is not first
        assert len(left_in(runtime)) == 2
        holder._close()
        assert len(left_in(runtime)) == 1

    def test_the_ring_has_64_mib_unless_told_otherwise(self) -> None:
        assert process.RING_SIZE == 64 * 1024 * 1024


class TestLife:
    def test_the_ring_is_made_late_and_removed_at_exit(self, runtime: Path) -> None:
        printed = run("print(rings()); call(); print(len(rings()), records())", runtime)
        assert printed == ["[]", "1 3"]
        assert left_in(runtime) == []

    @pytest.mark.parametrize("end", ["sys.exit(3)", "raise SystemExit(3)"])
    def test_it_is_removed_whatever_the_status(self, runtime: Path, end: str) -> None:
        run(f"call(); {end}", runtime, status=3)
        assert left_in(runtime) == []

    def test_it_is_kept_after_a_crash(self, runtime: Path) -> None:
        run("call(); os.kill(os.getpid(), signal.SIGKILL)", runtime, status=-9)
        (path,) = left_in(runtime)
        state = RingReader.open(path).state()
        assert (state.written, state.closed) == (3, False)

    def test_a_forked_child_has_a_ring_of_its_own(self, runtime: Path) -> None:
        code = """
call()
parent = rings()
if not (child := os.fork()):
    call(); call()
    print(records(), len(rings()), flush=True)
    sys.exit()
os.waitpid(child, 0)
assert rings() == parent
call()
print(records())
"""
        assert run(code, runtime) == ["6 2", "6"]
        assert left_in(runtime) == []

    def test_an_exchange_that_was_open_when_its_process_forked(self, runtime: Path) -> None:
        code = """
async def app(scope, receive, send):
    global child
    await receive()
    child = os.fork()
    for _ in range(10): await receive()

traced = asgitrace.trace(app, buffer=1 << 17)
call()
if not child:
    os._exit(0)
os.waitpid(child, 0)
print(records())
"""
        assert run(code, runtime) == ["13"]

    @pytest.mark.parametrize("method", ["fork", "spawn"])
    def test_children_of_multiprocessing_remove_theirs(self, runtime: Path, method: str) -> None:
        program = runtime / "program.py"
        program.write_text(
            PROLOGUE
            + f"""
import multiprocessing
if __name__ == "__main__":
    call()
    child = multiprocessing.get_context({method!r}).Process(target=call)
    child.start()
    child.join()
    print(child.exitcode, len(rings()))
"""
        )
        done = subprocess.run(
            [sys.executable, str(program)], capture_output=True, timeout=60, check=True
        )
        assert done.stdout == b"0 1\n"
        assert left_in(runtime) == []

    def test_an_app_runs_where_no_ring_can_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "asgitrace").touch()
        code = """
import logging
logging.disable()
call()
print("called")
"""
        assert run(code, tmp_path) == ["called"]


def test_a_lifespan_that_is_over_takes_its_ring_along(tmp_path: Path) -> None:
    """As under uvicorn, which ends by raising the signal again, so that atexit is not asked."""
    lines = run(
        """
async def served(scope, receive, send):
    for _ in range(2):
        await receive()
        await send({})

lifespan = asgitrace.trace(served, buffer=1 << 17)
asyncio.run(lifespan({"type": "lifespan"}, receive, send))
print(rings())
call()
print(len(rings()))
""",
        tmp_path,
    )
    assert lines == ["[]", "1"]
    assert left_in(tmp_path) == []
