"""``--reload`` without a screen: the file changes, the process restarts, the trace goes on."""

from pathlib import Path

import httpx
import pytest

from tests.e2e.conftest import PATIENCE, Record, Recording, eventually, is_alive, rings

SOURCE = """
import os

print("imported", flush=True)

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        raise RuntimeError("none")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ANSWER %d" % os.getpid()})
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The file of an app, in a folder of its own."""
    file = tmp_path / "site" / "watched_site.py"
    file.parent.mkdir()
    write(file, "first")
    return file


def write(file: Path, answer: str, source: str = SOURCE) -> None:
    """Save it as editors do, at one blow."""
    unsaved = file.with_suffix(".tmp")
    unsaved.write_text(source.replace("ANSWER", answer))
    unsaved.replace(file)


def answer(recording: Recording, path: str) -> tuple[str, int]:
    """A response, and the process it came from. A request meets the old process or the new one,
    or is cut off between them."""
    try:
        text = httpx.get(recording.address + path, timeout=PATIENCE).text
    except httpx.HTTPError:
        return "", 0
    word, pid = text.split()
    return word, int(pid)


def test_a_change_restarts_the_app(record: Record, site: Path, tmp_path: Path) -> None:
    recording = record("watched_site:app", "--reload", app_dir=site.parent)
    word, old = answer(recording, "/before")
    assert word == "first"
    recording.said("imported")
    write(site, "second")
    new = eventually(
        lambda: (found := answer(recording, "/after"))[0] == "second" and found[1], "the restart"
    )
    assert new != old
    assert not is_alive(old)
    trace = recording.finished()
    assert f"watched_site:app (pid {old}) exited with status 0" in trace.notes[0]
    assert "watched_site:app restarted: watched_site.py changed" in trace.notes
    assert [process["pid"] for process in trace.of("process")] == [old, new]
    assert trace.exchange("/before").process == 0
    assert trace.exchanges("/after")[-1].process == 1
    assert trace.log.count("imported") == 2
    assert rings(tmp_path) == []


def test_a_mistake_in_the_file_is_shown_until_it_is_mended(record: Record, site: Path) -> None:
    recording = record("watched_site:app", "--reload", app_dir=site.parent)
    _, old = answer(recording, "/before")
    write(site, "", "def app(:\n")
    recording.said("SyntaxError")
    recording.said("watched_site:app cannot be imported: SyntaxError")
    recording.said("Waiting for a change.")
    assert not is_alive(old)
    write(site, "mended")
    recording.said("recording http", 2)
    assert answer(recording, "/mended")[0] == "mended"
    trace = recording.finished()
    assert any("exited with status 1" in note for note in trace.notes)
    assert trace.exchange("/mended").status == 200


def test_an_app_that_is_gone_from_the_file_is_said_so(record: Record, site: Path) -> None:
    recording = record("watched_site:app", "--reload", app_dir=site.parent)
    answer(recording, "/before")
    write(site, "", "application = print\n")
    recording.said("has no attribute 'app'")
    write(site, "back")
    recording.said("recording http", 2)
    assert answer(recording, "/back")[0] == "back"
    assert recording.stop() == 0, recording.stderr


def test_it_starts_with_a_mistake_and_comes_up_when_that_is_mended(
    record: Record, site: Path
) -> None:
    write(site, "", "import no_such_module_anywhere\n")
    recording = record("watched_site:app", "--reload", app_dir=site.parent)
    recording.said("No module named 'no_such_module_anywhere'")
    recording.said("Waiting for a change.")
    write(site, "first")
    assert answer(recording, "/up")[0] == "first"
    assert recording.stop() == 0, recording.stderr


def test_an_app_that_crashes_waits_for_a_change(record: Record, site: Path) -> None:
    crashing = SOURCE.replace("os.getpid()", "os.kill(os.getpid(), 9) or 1")
    write(site, "", crashing)
    recording = record("watched_site:app", "--reload", app_dir=site.parent)
    assert answer(recording, "/crash") == ("", 0)
    recording.said("The app was killed by SIGKILL. Waiting for a change.")
    write(site, "mended")
    recording.said("recording http", 2)
    assert answer(recording, "/mended")[0] == "mended"
    assert recording.stop() == 0, recording.stderr
    assert "killed by SIGKILL" in recording.read().notes[0]


def test_ended_while_it_waits_for_a_change_it_has_failed(record: Record, site: Path) -> None:
    write(site, "", "1 / 0\n")
    recording = record("watched_site:app", "--reload", app_dir=site.parent)
    recording.said("Waiting for a change.")
    assert recording.stop() == 1
    assert recording.stderr.splitlines()[-1].startswith("asgitrace: watched_site:app cannot")
