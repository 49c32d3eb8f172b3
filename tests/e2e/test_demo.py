"""The demo's app under ``asgitrace record``, with curl as its client."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.conftest import PATIENCE, recorder
from tests.e2e.traces import Trace, content

pytestmark = pytest.mark.skipif(
    shutil.which("curl") is None, reason="curl, the client of these tests, is not installed"
)

FILE = bytes(range(256)) * 1200
"""More than one message."""


@dataclass
class Visit:
    """What curl printed, and what was recorded of it."""

    printed: dict[str, bytes]
    trace: Trace


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """One run of the app, with everything done to it once."""
    folder = tmp_path_factory.mktemp("demo")
    (folder / "upload.bin").write_bytes(FILE)
    with recorder(folder) as record:
        recording = record("asgitrace.demo.app:app", "--body-limit", "1MiB")
        printed = {
            name: _curl(recording.address + path, *options)
            for name, (path, *options) in _requests(folder).items()
        }
        yield Visit(printed, recording.finished())


def _requests(folder: Path) -> dict[str, tuple[str, ...]]:
    """By name: a path, and curl's options."""
    item = json.dumps({"name": "whisk", "price": 4})
    return {
        "list": ("/api/items", "-H", "accept: application/json"),
        "create": ("/api/items?new", "-H", "content-type: application/json", "-d", item),
        "invalid": ("/api/items?bad", "-H", "content-type: application/json", "-d", "{"),
        "stream": ("/stream?n=3&ms=1",),
        "upload": ("/upload", "-T", str(folder / "upload.bin"), "-H", "expect: 100-continue"),
        "chunked": ("/upload?chunked", "-T", str(folder / "upload.bin"), "-H",
                    "transfer-encoding: chunked"),
        "report": ("/report", "-X", "POST"),
        "boom": ("/boom",),
        "download": ("/download?mb=1",),
        "head": ("/api/items?head", "-I"),
        "old": ("/old", "-L"),
        "two": ("/api/items/1", "-w", "%{num_connects}", "--next", "-s"),
    }  # fmt: skip


def _curl(url: str, *options: str) -> bytes:
    more = (url,) if "--next" in options else ()
    result = subprocess.run(
        ["curl", "--silent", "--show-error", "--http1.1", "--noproxy", "*", url, *options, *more],
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_lifespan_and_what_the_app_prints(visit: Visit) -> None:
    (lifespan,) = visit.trace.lifespans
    assert lifespan.story[-2:] == ["lifespan.shutdown.complete", "return"]
    assert "shop: open with" in visit.trace.log[0]
    assert "shop: closed" in visit.trace.log


def test_items(visit: Visit) -> None:
    listed, created, refused, *_ = visit.trace.exchanges("/api/items")
    assert listed.response_body == visit.printed["list"]
    assert ["accept", "application/json"] in listed.scope["headers"]
    assert (created.status, created.response_body) == (201, visit.printed["create"])
    assert json.loads(created.request_body) == {"name": "whisk", "price": 4}
    assert 400 <= refused.status < 500
    assert refused.request_body == b"{"
    assert refused.response_body == visit.printed["invalid"]


def test_a_stream(visit: Visit) -> None:
    stream = visit.trace.exchange("/stream")
    assert stream.response_body == visit.printed["stream"]
    sizes = [part["size"] for part in stream.of("http.response.body") if "size" in part]
    assert len(sizes) == 3


@pytest.mark.parametrize(("name", "index"), [("upload", 0), ("chunked", 1)])
def test_an_upload(visit: Visit, name: str, index: int) -> None:
    upload = visit.trace.exchanges("/upload")[index]
    assert upload.scope["method"] == "PUT"
    assert json.loads(visit.printed[name])["sha256"] == hashlib.sha256(FILE).hexdigest()
    parts = upload.of("http.request")
    assert sum(part.get("size", 0) for part in parts) == len(FILE)
    assert b"".join(content(part["message"].get("body", "")) for part in parts) == FILE


def test_work_after_the_response(visit: Visit) -> None:
    assert visit.trace.exchange("/report").after_ns > 100_000_000


def test_an_exception_with_its_cause(visit: Visit) -> None:
    boom = visit.trace.exchange("/boom")
    assert boom.exception["message"] == "the order cannot be billed"
    assert "KeyError: 'total'" in boom.exception["traceback"]
    assert boom.of("http.response.start") == []  # the server's own answer: the app never began
    assert visit.printed["boom"] == b"Internal Server Error"


def test_a_download(visit: Visit) -> None:
    download = visit.trace.exchange("/download")
    assert download.response_body == visit.printed["download"]
    assert len(visit.printed["download"]) == 2**20


def test_head_and_a_redirect(visit: Visit) -> None:
    assert visit.trace.exchanges("/api/items")[3].scope["method"] == "HEAD"
    assert visit.trace.exchange("/old").status == 307
    assert visit.trace.exchanges("/api/items")[4].response_body == visit.printed["old"]


def test_two_requests_on_one_connection(visit: Visit) -> None:
    first, second = visit.trace.exchanges("/api/items/1")
    assert first.scope["client"] == second.scope["client"]
