"""Which traces of the plugin are saved and where, in runs of pytest of its own."""

import pytest

import asgitrace
from tests.testing.pytested import INI, Run

pytest_plugins = ["pytester"]


def test_traces_of_failed_tests_are_saved(run: Run) -> None:
    test = """
@pytest.fixture
def client(asgitrace):
    with TestClient(asgitrace(app)) as client:
        yield client

@pytest.mark.parametrize("path", ["/none", "/items"])
def test_get(client, path):
    assert client.get(path).status_code == 200

def test_other(client):
    pass
"""
    result = run(test, "--asgitrace-dir", "traces")
    folder = run.pytester.path / "traces"
    (file,) = folder.iterdir()
    assert file.name == "test_shop.py-test_get[-none].jsonl"
    result.stdout.fnmatch_lines(
        ["*= traces =*", "asgitrace open 'traces/test_shop.py-test_get[[]-none].jsonl'"]
    )
    trace = asgitrace.load(file)
    # Its fixtures had been torn down before.
    assert trace.one("type=lifespan").types[-1] == "lifespan.shutdown.complete"
    assert trace.one("type=http").status == 404
    run(test, "--asgitrace-dir", "traces", "--asgitrace-save", "all")
    assert sorted(path.name for path in folder.iterdir())[-1] == "test_shop.py-test_other.jsonl"
    assert len(list(folder.iterdir())) == 3


def test_options_of_the_ini_file(run: Run) -> None:
    test = """
def test_big(asgitrace):
    client = TestClient(asgitrace(app))
    for _ in range(5):
        client.post("/items", content=bytes(30_000))
    assert asgitrace.missed
    assert False
"""
    ini = "asgitrace_dir = kept\nasgitrace_save = all\nasgitrace_buffer = 64k"
    run.pytester.makeini(f"{INI}{ini}")
    result = run(test)
    assert [path.name for path in (run.pytester.path / "kept").iterdir()] == [
        "test_shop.py-test_big.jsonl"
    ]
    result.stdout.fnmatch_lines(["* events dropped: set asgitrace_buffer to a larger size"])


@pytest.mark.parametrize(
    ("ini", "arguments", "words"),
    [
        ("", ["--asgitrace-save", "all"], "--asgitrace-save needs a folder"),
        ("asgitrace_save = some", [], "it can be failed or all"),
        ("asgitrace_buffer = 4 apples", [], "it can be a size like 512k or 16M"),
        ("asgitrace_buffer = 4", [], "it can be a size like 512k or 16M"),
        ("asgitrace_buffer = 2GiB", [], "it can be a size like 512k or 16M"),
        ("", ["-o", "asgitrace_buffer= "], "it can be a size like 512k or 16M"),
    ],
)
def test_mistakes(run: Run, ini: str, arguments: list[str], words: str) -> None:
    run.pytester.makeini(f"[pytest]\n{ini}")
    result = run("", *arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert words in result.stderr.str()


def test_workers_of_xdist(run: Run) -> None:
    result = run(
        """
@pytest.mark.parametrize("number", range(2))
def test_get(asgitrace, number):
    TestClient(asgitrace(app)).get("/items")
    assert number
""",
        "-p", "xdist.plugin", "-n", "1", "--asgitrace-dir", "traces",
    )  # fmt: skip
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*- asgitrace -*", "#1  GET  /items  200*", "asgitrace open 'traces/test_shop.py-*"]
    )


def test_a_folder_that_cannot_be_made_fails_no_test(run: Run) -> None:
    (run.pytester.path / "taken").touch()
    test = "def test_get(asgitrace):\n    TestClient(asgitrace(app)).get('/items')\n"
    result = run(test, "--asgitrace-dir", "taken", "--asgitrace-save", "all", "-rA")
    result.assert_outcomes(passed=1)
