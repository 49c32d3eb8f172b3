"""Node's `ws`."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.conftest import Site, modules, output, program

CLIENT = Path(__file__).parent / "node" / "client.cjs"


@pytest.fixture(scope="module")
def node() -> tuple[str, str]:
    """Node, and where the module is."""
    return program("node", "nodejs"), modules("ws")


def test_ws(site: Site, node: tuple[str, str]) -> None:
    path, packages = node

    told = json.loads(output([path, str(CLIENT), site.ws()], NODE_PATH=packages))

    expected: dict[str, Any] = {
        "sizes": [0, 1, 125, 126, 65535, 65536, 1_000_000],
        "text": "in pieces",
        "pong": "between",
        "protocol": "chat",
        "extensions": [],
        "code": 3000,
        "reason": "bye",
    }
    compressed = {**expected, "extensions": ["permessage-deflate"]}
    assert told == {
        "plain": expected,
        "compressed": compressed,
        "fresh": compressed,
        "closed": {"code": 4001, "reason": "as asked"},
        "rejected": "Unexpected server response: 403",
    }
