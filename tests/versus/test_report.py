"""The comparison as it is shown."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from asgitrace.errors import OptionError
from asgitrace.versus.builtin import COMMON, PROBED
from asgitrace.versus.choice import choose
from asgitrace.versus.differences import Row
from asgitrace.versus.document import document
from asgitrace.versus.facts import NOTHING, UNKNOWN, Name
from asgitrace.versus.plays import Heard, HttpPlay, Play, WebSocketPlay
from asgitrace.versus.report import report
from asgitrace.versus.result import Result, Timing, conclude
from asgitrace.versus.running import Played, Run

EXCHANGES = ("GET", "POST", "ws", "ws close", "lifespan")
RESULT = Result(
    "shop:app",
    ("asgitrace", "uvicorn", "daphne"),
    ("0.1.0", "0.54", "4.2"),
    EXCHANGES,
    frozenset({"ws", "ws close"}),
    (
        Row(Name("scope", "asgi.spec_version"), ("'2.5'", "'2.3'", "'2.3'"), ("GET", "POST")),
        Row(Name("scope", "state"), ("{}", "{}", NOTHING), ("ws", "ws close")),
        Row(Name("scope", "path"), ("'/'", "'/'", "'/'"), EXCHANGES),
        Row(Name("events", "order"), ("x" * 500, "[bold]", UNKNOWN), ("lifespan",)),
    ),
    (Timing(1_000_000, 2_000_000), Timing(1_500, 20_000_000), Timing(0, 0)),
    (("granian", "It was not up."),),
    (("hypercorn", "pip install hypercorn"),),
)


def shown(width: int, *, everything: bool = False, result: Result = RESULT) -> str:
    console = Console(file=io.StringIO(), width=width, markup=False, highlight=False)
    console.print(report(result, width, everything=everything))
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert max(map(cell_len, text.splitlines())) <= width
    return "\n".join(line.rstrip() for line in text.splitlines())


def test_a_column_for_a_server() -> None:
    text = shown(120)
    assert text.startswith(
        "shop:app under asgitrace 0.1.0, uvicorn 0.54, daphne 4.2: 5 exchanges compared\n\nscope:"
    )
    assert [line.split() for line in text.splitlines()[3:6]] == [
        ["exchanges", "asgitrace", "uvicorn", "daphne"],
        ["asgi.spec_version", "HTTP", "'2.5'", "'2.3'", "=", "uvicorn"],
        ["state", "WebSocket", "{}", "=", "asgitrace", NOTHING],
    ]
    assert "[bold]" in text
    assert text.endswith("""
1 more facts are the same under all of them: --all shows them.
Time of an exchange in the middle, in the app and for the client:
  asgitrace  1.00ms  2.00ms
  uvicorn       2µs  20.0ms
  daphne          0       0
granian did not run: It was not up.
hypercorn is not installed; install it with: pip install hypercorn""")


def test_values_below_one_another_where_columns_do_not_fit() -> None:
    lines = [line.split() for line in shown(80).splitlines()]
    assert lines[3:7] == [
        ["asgi.spec_version", "asgitrace", "'2.5'"],
        ["HTTP", "uvicorn,", "daphne", "'2.3'"],
        ["state", "daphne", NOTHING],
        ["WebSocket", "asgitrace,", "uvicorn", "{}"],
    ]


@pytest.mark.parametrize("width", [40, 80, 200])
def test_everything(width: int) -> None:
    assert "path" not in shown(width)
    text = shown(width, everything=True)
    assert "path" in text
    assert "more facts" not in text


def test_as_json() -> None:
    found = document(RESULT, everything=False)
    assert found["servers"] == {"asgitrace": "0.1.0", "uvicorn": "0.54", "daphne": "4.2"}
    assert found["facts"][1] == {
        "part": "scope",
        "name": "state",
        "exchanges": ("ws", "ws close"),
        "differs": True,
        "values": {"asgitrace": "{}", "uvicorn": "{}", "daphne": None},
    }
    assert len(found["facts"]) == 3
    assert len(document(RESULT, everything=True)["facts"]) == 4
    assert found["not_installed"] == {"hypercorn": "pip install hypercorn"}
    assert found["timing"]["uvicorn"] == {"app_ns": 1_500, "client_ns": 20_000_000}


def test_runs_that_failed_are_left_out() -> None:
    plays: list[Play] = [HttpPlay("GET"), WebSocketPlay("ws")]
    silent = {one.name: Played(Heard(end="no answer in 3 s"), None) for one in plays}
    runs = [
        Run("asgitrace", "1", dict(silent)),
        Run("uvicorn", "2", failure="No."),
        Run("x", "3", silent),
    ]
    result = conclude("shop:app", plays, runs, [])
    assert result.servers == ("asgitrace", "x")
    assert result.exchanges == ("GET", "ws")
    assert result.failures == (("uvicorn", "No."),)
    assert result.timing == ()
    assert "No difference." in shown(80, result=result)
    assert conclude("shop:app", plays, runs[1:2], []).rows == ()


def test_names_tell_plays_apart() -> None:
    names = [one.name for one in COMMON + PROBED]
    assert len({*names}) == len(names)


def test_which_servers() -> None:
    chosen, missing = choose(())
    assert chosen[0] == "asgitrace"
    assert {*chosen} | {name for name, _ in missing} > {"uvicorn", "hypercorn", "daphne"}
    assert choose(("uvicorn", "asgitrace")) == (["asgitrace", "uvicorn"], [])
    with pytest.raises(OptionError, match="add --server uvicorn"):
        choose(("asgitrace",))
    with pytest.raises(OptionError, match="There is no server 'nginx'"):
        choose(("nginx",))
