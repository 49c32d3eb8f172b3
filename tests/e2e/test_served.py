"""``--server``: the app under each server, recorded in its workers; and how all that ends."""

import os
import signal
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import trustme
from websockets.sync.client import connect

from tests.e2e import http3
from tests.e2e.conftest import (
    PATIENCE,
    Record,
    Recording,
    eventually,
    free_port,
    is_alive,
    rings,
)
from tests.e2e.traces import Exchange, Line, Trace

SITE = "served_site:app"


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``ca.pem``, ``cert.pem`` and ``key.pem``, the latter as granian wants it."""
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1", key_type=trustme.KeyType.ECDSA)
    authority.cert_pem.write_to_path(folder / "ca.pem")
    issued.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    return folder


def tls_options(folder: Path) -> tuple[str, ...]:
    return ("--ssl-keyfile", str(folder / "key.pem"), "--ssl-certfile", str(folder / "cert.pem"))


def get(recording: Recording, path: str) -> httpx.Response:
    return httpx.get(recording.address + path, timeout=PATIENCE)


def over_http2(recording: Recording, folder: Path, path: str) -> httpx.Response:
    context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    with httpx.Client(http2=True, verify=context, timeout=PATIENCE) as client:
        return client.get(recording.address + path)


def curl(*options: str) -> str:
    """The HTTP version and status that curl met."""
    report = ("-s", "-o", os.devnull, "-w", "%{http_version} %{http_code}")
    done = subprocess.run(
        ["curl", *report, *options], capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    return done.stdout


def finished(recording: Recording, *, kept: int = 0) -> Trace:
    """What was recorded; nothing of the server is left behind, but the rings that are kept."""
    trace = recording.finished()
    assert len(rings(recording.output.parent)) == kept
    assert not [pid for pid in pids(trace) if is_alive(pid)]
    return trace


def sent(exchange: Exchange, kind: str) -> list[Line]:
    """The messages of this type that crossed the boundary."""
    return [
        event["message"]
        for event in exchange.events
        if event.get("type") == kind and "message" in event
    ]


def pids(trace: Trace) -> list[int]:
    return [line["pid"] for line in trace.of("process")]


def test_uvicorn(record: Record) -> None:
    """Workers, output, WebSocket, an app that raises, a debugger, and a worker that crashes."""
    recording = record(SITE, "--server", "uvicorn", "--workers", "2", "--", "--no-access-log")
    met = {get(recording, "/hello").text.split()[0] for _ in range(4)}
    with connect(recording.websocket_address + "/ws") as client:
        client.send("there")
        assert client.recv() == "there"
    assert get(recording, "/raise").status_code == 500
    assert get(recording, "/print?me").status_code == 200
    assert get(recording, "/debug").status_code == 200
    with pytest.raises(httpx.HTTPError):
        get(recording, "/crash")
    # The other one answers, or the one that uvicorn starts for it.
    met.add(eventually(lambda: _answer(recording), "an answer after the crash"))
    trace = finished(recording, kept=1)
    assert "the app crashed; its ring is kept" in recording.stderr
    assert met <= {str(pid) for pid in pids(trace)}
    assert {line["target"] for line in trace.of("process")} == {SITE}
    assert all(line["server"].startswith("uvicorn ") for line in trace.of("process"))
    assert [line["worker"] for line in trace.of("process")][:2] == [1, 2]
    assert trace.exchange("/ws").heard == trace.exchange("/ws").sent == ["there"]
    assert trace.exchange("/raise").exception["type"] == "LookupError"
    said = {line["text"]: line for line in trace.of("log")}
    asked = trace.exchange("/print")
    for text in ("printed for me", "logged for me"):
        line = said[text]
        assert (line["process"], line["exchange"]) == (asked.process, asked.number)
    assert any("no terminal for it: going on" in text for text in said)
    assert any("killed or crashed" in note for note in trace.notes)


def _answer(recording: Recording) -> str:
    try:
        return get(recording, "/hello").text.split()[0]
    except httpx.HTTPError:
        return ""


def test_hypercorn_over_http2_and_http3(record: Record, authorities: Path) -> None:
    port = free_port()
    recording = record(
        SITE, "--server", "hypercorn", "--port", str(port), *tls_options(authorities),
        "--timeout-graceful-shutdown", "1",
        "--", "--quic-bind", f"127.0.0.1:{port}",
    )  # fmt: skip
    assert over_http2(recording, authorities, "/push").http_version == "HTTP/2"
    assert over_http2(recording, authorities, "/trailers").status_code == 200
    assert http3.get(port, "/three", authorities / "ca.pem")[b":status"] == b"200"
    trace = finished(recording)
    assert trace.exchange("/push").scope["http_version"] == "2"
    assert sent(trace.exchange("/push"), "http.response.push")[0]["path"] == "/pushed"
    assert trace.exchange("/trailers").of("http.response.trailers")
    assert trace.exchange("/three").scope["http_version"] == "3"


def test_granian_over_http2(record: Record) -> None:
    recording = record(SITE, "--server", "granian")
    assert curl("--http2-prior-knowledge", recording.address + "/known") == "2 200"
    with connect(recording.websocket_address + "/ws") as client:
        client.send("there")
        assert client.recv() == "there"
    trace = finished(recording)
    assert trace.exchange("/known").scope["http_version"] == "2"
    assert [each["text"] for each in sent(trace.exchange("/ws"), "websocket.send")] == ["there"]
    assert len(trace.lifespans) == 1


def test_daphne_over_http2(record: Record, authorities: Path) -> None:
    recording = record(SITE, "--server", "daphne", *tls_options(authorities))
    assert over_http2(recording, authorities, "/two").http_version == "HTTP/2"
    trace = finished(recording)
    assert trace.exchange("/two").scope["http_version"] == "2"
    assert trace.lifespans == []


def test_gunicorn_over_http2(record: Record, authorities: Path) -> None:
    recording = record(
        SITE, "--server", "gunicorn", "--workers", "2", *tls_options(authorities),
        "--", "--http-protocols", "h2,h1", "--preload",
    )  # fmt: skip
    authority = str(authorities / "ca.pem")
    assert curl("--http2", "--cacert", authority, recording.address + "/two") == "2 200"
    assert curl("--http1.1", "--cacert", authority, recording.address + "/one") == "1.1 200"
    assert curl("--cacert", authority, recording.address + "/print?it") == "2 200"
    assert curl("--cacert", authority, recording.address + "/debug") == "2 200"
    trace = finished(recording)
    # The app was loaded before its workers were forked.
    (line,) = [each for each in trace.of("log") if each["text"] == "printed for it"]
    asked = trace.exchange("/print")
    assert (line["process"], line["exchange"]) == (asked.process, asked.number)
    assert "no terminal for it: going on" in recording.stderr
    assert trace.exchange("/two").scope["http_version"] == "2"
    assert trace.exchange("/one").scope["http_version"] == "1.1"


def test_an_app_that_cannot_be_imported(record: Record) -> None:
    recording = record("raising_import:app", "--server", "gunicorn", "--workers", "2")
    assert recording.wait() == 1
    assert recording.stderr.count("RuntimeError: this module does not import") == 2
    assert recording.stderr.count("Traceback") == 1
    assert "served_worker" not in recording.stderr
    assert "raising_import:app cannot be imported" in recording.stderr


def test_an_app_that_does_not_start(record: Record) -> None:
    # gunicorn would have one worker after the other try.
    recording = record("failing_startup:app", "--server", "gunicorn")
    assert recording.wait() == 1
    assert "the app's startup failed: the database is not there" in recording.stderr
    assert rings(recording.output.parent) == []


def test_a_reload_and_the_end_of_whoever_watches(record: Record, tmp_path: Path) -> None:
    """The server starts anew; and goes when asgitrace is killed."""
    file = tmp_path / "watched_served.py"
    source = Path(__file__).with_name("apps") / "served_site.py"
    file.write_text(source.read_text())
    recording = record("watched_served:app", "--server", "uvicorn", "--reload", app_dir=tmp_path)
    before = int(get(recording, "/before").text)
    assert is_alive(before)
    file.write_text(source.read_text() + "\n")
    recording.said("recording http", times=2)
    after = int(eventually(lambda: _answer(recording), "an answer after the restart"))
    assert after != before
    assert not is_alive(before)
    recording.process.send_signal(signal.SIGKILL)
    eventually(lambda: not is_alive(after), "the end of the server")
    eventually(lambda: not list(_runs(recording)), "the end of the folder of the run")


def _runs(recording: Recording) -> Iterator[Path]:
    return (recording.output.parent / "asgitrace").glob("*.run")


@pytest.mark.parametrize("server", [(), ("--server", "gunicorn")], ids=["own", "gunicorn"])
def test_a_wsgi_app_on_a_unix_socket(
    record: Record, tmp_path: Path, server: tuple[str, ...]
) -> None:
    place = tmp_path / "site.sock"
    recording = record("wsgi_app:app", *server, "--uds", str(place))
    recording.said(f"recording unix:{place}")
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(place))) as client:
        assert client.post("http://site/up", content=iter([b"abcd", b"efgh"])).text == "/upabcdefgh"
    trace = finished(recording)
    assert trace.exchange("/up").request_body == b"abcdefgh"
    bodies = [each["body"] for each in sent(trace.exchange("/up"), "http.response.body")]
    assert bodies == ["/up", "abcd", "efgh", ""]
    assert recording.stderr.count("called as a WSGI application, through a2wsgi") == 1
    assert not place.exists()
