"""``asgitrace compare-servers`` with servers that run, and everything that is played."""

import json
import subprocess
import sys
from typing import Any

SERVERS = ("asgitrace", "uvicorn")
SAME = [
    ("response", "before it", "Expect: 100-continue", "100"),
    ("response", "body", "HEAD", "0 bytes"),
    ("response", "connection after it", "keep-alive", "kept"),
    ("response", "connection after it", "HTTP/1.0", "closed"),
    ("response", "connection after it", "abandoned response", "left"),
    ("response", "connection after it", "app raises within response", "cut off"),
    ("response", "status", "404", "404"),
    ("response", "status", "ws app refuses", "403"),
    ("response", "subprotocol", "ws subprotocol", "chat.v2"),
    ("response", "messages", "ws binary", "1"),
    ("close", "code and reason", "ws close with reason", "4000 'bye'"),
    ("close", "code and reason", "ws close without code", "1005 ''"),
    ("close", "code and reason", "ws app closes", "4001 'enough'"),
    ("close", "end", "ws abort", "left"),
    ("scope", "query_string", "query", "b'a=1&b=%C3%A9&a=2&empty='"),
    ("scope", "raw_path", "encoded path", "b'/caf%C3%A9/a%20b%2Fc/%7Euser//x;y=1'"),
    ("events", "the app", "app raises", "raises RuntimeError"),
    ("events", "the app", "lifespan", "returns"),
]
"""Part, name, exchange and value of facts that are the same under both."""


def compared() -> dict[str, Any]:
    """What the probe does under two servers."""
    named = [part for server in SERVERS for part in ("--server", server)]
    done = subprocess.run(
        [sys.executable, "-m", "asgitrace", "compare-servers", "--json", "--all", *named],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (done.stderr, done.returncode) == ("", 0)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def values(found: dict[str, Any], part: str, name: str, play: str) -> tuple[str | None, ...]:
    """Of a fact, in the order of the servers."""
    (row,) = (
        row
        for row in found["facts"]
        if (row["part"], row["name"]) == (part, name) and play in row["exchanges"]
    )
    return tuple(row["values"][server] for server in SERVERS)


def test_everything_is_played_and_compared() -> None:
    # One test, since where tests are shared out among processes each would run the servers anew.
    found = compared()
    assert tuple(found["servers"]) == SERVERS
    assert found["did_not_run"] == {}
    assert len(found["exchanges"]) == 35
    assert {*found["timing"]} == {*SERVERS}
    for play in found["exchanges"]:
        assert "the app is not called" not in values(found, "events", "order", play)
    wrong = [(row, got) for *row, same in SAME if (got := values(found, *row)) != (same, same)]
    assert not wrong
    for body in values(found, "events", "request body", "POST in chunks"):
        # In how many pieces is the kernel's doing, too.
        assert str(body).startswith("18 bytes in ")
    assert values(found, "response", "added server", "GET") == ("'asgitrace'", "'uvicorn'")
    own, other = values(found, "exceptions", "send after disconnect", "ws abort")
    assert own == "raises ClientDisconnected (asgitrace)"
    assert other == "raises ClientDisconnected (uvicorn)"
    assert values(found, "extensions", "http.response.debug", "GET") == ("yes", None)
