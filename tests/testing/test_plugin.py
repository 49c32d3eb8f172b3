"""The pytest plugin, in runs of pytest of its own."""

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import asgitrace
from tests.testing.pytested import Run

pytest_plugins = ["pytester"]


def test_a_test_sees_what_its_app_did(run: Run) -> None:
    run("""
def test_get(asgitrace):
    client = TestClient(asgitrace(app))
    assert client.get("/items?a=1").text == "hello"
    exchange = asgitrace.one("path:/items")
    assert exchange.status == 200
    assert exchange.types == ["http.request", "http.response.start", "http.response.body"]
    assert exchange.duration_ns >= exchange.ttfb_ns > 0
    assert [event.kind.name for event in exchange.events][0] == "SCOPE"
    client.get("/none")
    assert [one.number for one in asgitrace.exchanges] == [1, 2]
    assert asgitrace.filter("status=4xx").one().path == "/none"
    assert len(asgitrace) == 2 and asgitrace[2].path == "/none"
""").assert_outcomes(passed=1)


def test_several_apps_with_a_lifespan_and_a_websocket_in_another_thread(run: Run) -> None:
    run("""
def test_pending(asgitrace):
    async def other(scope, receive, send):
        await app(scope, receive, send)

    with TestClient(asgitrace(app)) as client, TestClient(asgitrace(other)) as second:
        with client.websocket_connect("/ws") as websocket:
            websocket.send_text("hi")
            assert websocket.receive_text() == "HI"
            one = asgitrace.one("type=ws")
            assert one.state.name == "OPEN"
            assert "websocket.disconnect" not in one.types
            assert second.get("/items").status_code == 200
        assert one.state.name == "RETURNED"
        assert one.types[-1] == "websocket.disconnect"
        assert len(asgitrace.filter("type=lifespan is:open")) == 2
    assert len(asgitrace.filter("type=lifespan is:open")) == 0
""").assert_outcomes(passed=1)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_async_tests(run: Run, backend: str) -> None:
    run(f"""
import httpx

@pytest.fixture
def anyio_backend():
    return {backend!r}

@pytest.mark.anyio
async def test_get(asgitrace):
    transport = httpx.ASGITransport(asgitrace(app))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.get("/items")).status_code == 200
    assert asgitrace.one().scope["headers"][0] == [b"host", b"test"]
""").assert_outcomes(passed=1)


def test_a_failed_assertion_shows_the_exchange(run: Run) -> None:
    result = run("""
def test_status(asgitrace):
    TestClient(asgitrace(app)).get("/none")
    exchange = asgitrace.one()
    assert exchange.status == 200

def test_types(asgitrace):
    TestClient(asgitrace(app)).get("/items")
    assert asgitrace.one().types == ["http.response.start"]

def test_inside(asgitrace):
    TestClient(asgitrace(app)).get("/items")
    assert asgitrace.one().sent[1]["body"] == b"bye"

def test_elsewhere(asgitrace):
    TestClient(asgitrace(app)).get("/items")
    assert asgitrace.one().status == 200
    assert 1 == 200
""")
    result.assert_outcomes(failed=4)
    result.stdout.fnmatch_lines([
        "E       assert 404 == 200",
        "E         #1  GET  /none  404  *",
        "E *+0 * scope *",
        "E * +*  receive  http.request *",
        "E * +*  send     http.response.start  404*",
        "E * +*  send     http.response.body *hello",
        "E *return",
        "E       AssertionError: assert [[]'http.reques*body'] == [[]'http.response.start']",
        "E         #1  GET  /items  200  *",
        "E       AssertionError: assert b'hello' == b'bye'",
        "E         #1  GET  /items  200  *",
    ])  # fmt: skip
    elsewhere = result.stdout.str().partition("_ test_elsewhere _")[2]
    assert "E         #1" not in elsewhere
    assert "- asgitrace -" in elsewhere


def test_much_is_shown_where_it_is_asked_for(run: Run) -> None:
    test = """
def test_long(asgitrace):
    async def long(scope, receive, send):
        await send({"type": "http.response.start", "status": 200})
        for number in range(50):
            body = b"%d" % number
            await send({"type": "http.response.body", "body": body, "more_body": number < 49})

    TestClient(asgitrace(long)).get("/")
    assert asgitrace.one().status == 404
"""
    few = run(test).stdout.str().partition("- asgitrace -")[0]
    assert "  … 49 more events" in few
    assert few.count("E    ") < 10
    many = run(test, "-vv").stdout.str().partition("- asgitrace -")[0]
    assert "  … 24 more events" in many


def test_one_that_is_not_there(run: Run) -> None:
    result = run("""
def test_one(asgitrace):
    client = TestClient(asgitrace(app))
    client.get("/items")
    client.get("/none")
    asgitrace.one("path:/orders")
""")
    result.stdout.fnmatch_lines([
        "E       asgitrace.errors.ChoiceError: No exchange passes path:/orders; there are:",
        "E         #1 GET /items 200",
        "E         #2 GET /none 404",
    ])  # fmt: skip


def test_the_report_of_a_failed_test_has_its_trace(run: Run) -> None:
    result = run("""
def test_raises(asgitrace):
    TestClient(asgitrace(app), raise_server_exceptions=False).get("/raises")
    assert False

def test_passes(asgitrace):
    TestClient(asgitrace(app)).get("/items")

def test_not_called(asgitrace):
    asgitrace(app)
    assert False

def test_many(asgitrace):
    client = TestClient(asgitrace(app))
    for number in range(12):
        client.get(f"/items/{number}")
    assert False
""")
    result.assert_outcomes(failed=3, passed=1)
    result.stdout.fnmatch_lines([
        "*- asgitrace -*",
        "#1  GET  /raises * raised ValueError: no ␛[[]2J such item",
        "  +* raise * ValueError: no ␛[[]2J such item",
        "  shop.py:* in app",
        "      raise ValueError(*",
        "*- asgitrace -*",
        "no exchange: the app was not called",
        "*- asgitrace -*",
        "12 exchanges, the last 10 of them:",
        "[#]3  GET  /items/2  200  *",
    ])  # fmt: skip
    section = result.stdout.str().partition("- asgitrace -")[2].partition("- asgitrace -")[0]
    assert "\x1b[2J" not in section


def test_apps_that_live_longer_than_a_test(run: Run) -> None:
    test = """
@pytest.fixture(scope="module")
def client(asgitrace_session):
    with TestClient(asgitrace_session(app)) as client:
        yield client

def test_first(client, asgitrace_session):
    client.get("/items")
    assert asgitrace_session.this_test.one().path == "/items"

def test_second(client, asgitrace_session):
    client.get("/none")
    exchange = asgitrace_session.this_test.one()
    assert len(asgitrace_session.filter("type=http")) == 2
    assert exchange.status == 200

def test_third(client, asgitrace, asgitrace_session):
    TestClient(asgitrace(app)).get("/own")
    client.get("/items")
    assert asgitrace.one().path == "/own"
    assert False
"""
    result = run(test, "--asgitrace-dir", "traces")
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines([
        "E       assert 404 == 200",
        "E         #3  GET  /none  404  *",
        "*- asgitrace -*",
        "#3  GET  /none  404  *",
    ])  # fmt: skip
    folder = run.pytester.path / "traces"
    found = {path.name: [one.path for one in asgitrace.load(path)] for path in folder.iterdir()}
    assert found == {
        "test_shop.py-test_second.session.jsonl": ["/none"],
        "test_shop.py-test_third.jsonl": ["/own"],
        "test_shop.py-test_third.session.jsonl": ["/items"],
    }


def test_it_is_loaded_by_every_run_and_imports_next_to_nothing() -> None:
    (entry,) = entry_points(group="pytest11", name="asgitrace")
    assert entry.value == "asgitrace.testing.plugin"
    code = "import pytest, sys; before = {*sys.modules}; import asgitrace.testing.plugin;"
    code += "print(*sorted({*sys.modules} - before))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == [
        "asgitrace",
        "asgitrace.lazy",
        "asgitrace.testing",
        "asgitrace.testing.plugin",
    ]


def test_nothing_is_left_behind(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    run("def test_get(asgitrace):\n    TestClient(asgitrace(app)).get('/items')\n")
    assert not list(tmp_path.glob("asgitrace-*"))
