"""Bodies that are large, deep or grow when they are unpacked: shown, with the work bounded."""

import gzip
from collections.abc import Callable
from typing import Final

import pytest

from asgitrace.tui.detail.body_tab import BodyTab
from tests.store.playbook import START, Tape, store_of
from tests.tui.hostile import MARK, Harm
from tests.tui.hostile_walk import staged, walked
from tests.tui.looking import Looking

_LARGE: Final = 10 * 1024 * 1024
_PORTIONS: Final = 3_000
"""Of a few milliseconds each; the largest body takes a tenth of them."""


def _entities() -> bytes:
    """Each of ten entities is ten of the one before."""
    declared = "".join(f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 10))
    return (
        f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a0 "{MARK}">{declared}]><a>&a9;</a>'.encode()
    )


def _parts() -> bytes:
    part = b'--x\r\nContent-Disposition: form-data; name="\x1b[31337m"\r\n\r\n31337\r\n'
    return part * 100_000 + b"--x--\r\n"


_BULK: Final[dict[str, tuple[str, str, Callable[[], bytes]]]] = {
    "one line": ("text/plain", "", lambda: b"\x1b[31337m[/]31337" * (_LARGE // 17)),
    "deep JSON": ("application/json", "", lambda: b"[" * 100_000 + b"31337"),
    "deep objects": ("application/json", "", lambda: b'{"a":' * 100_000),
    "entities": ("application/xml", "", _entities),
    "gzip bomb": ("text/plain", "gzip", lambda: gzip.compress(bytes(32 << 20), 1)),
    "twice": ("text/plain", "gzip, gzip", lambda: gzip.compress(gzip.compress(bytes(32 << 20), 1))),
    "parts": ("multipart/form-data; boundary=x", "", _parts),
    "deep CBOR": ("application/cbor", "", lambda: b"\x81" * 100_000),
}


@pytest.mark.parametrize("name", _BULK)
def test_bulk(name: str) -> None:
    kind, encoding, make = _BULK[name]
    fields = [[b"content-type", kind.encode()], [b"content-encoding", encoding.encode()]]
    tape = Tape().scope(1, 1_000)
    tape.send(1, 1, 1_010, 1_020, {**START, "headers": fields})
    tape.send(1, 2, 1_030, 1_040, {"type": "http.response.body", "body": make()}).end(1, 1_050)
    s = staged(Harm(2))
    s.store = store_of(tape, limit=256 << 20)  # type: ignore[assignment]
    walk = walked(s, _viewed)
    assert len(walk.seen) == 5


async def _viewed(walk: Looking) -> None:
    walk.s.app.main.open_detail(1)
    await walk.press("4")
    view = walk.s.app.main.detail.query_one(BodyTab).view
    lines = view._list.lines
    assert any(not lines.work() for _ in range(_PORTIONS))
    await walk.go("G", "g", "pagedown", "v")
