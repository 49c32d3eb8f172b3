"""Exchanges with one token in many places."""

import gzip
from typing import Any

from asgitrace.events import Kind
from asgitrace.ring import encode
from asgitrace.store import LogLine, Store
from asgitrace.wire import Wire
from tests.store.playbook import START, Tape, store_of


def body(text: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": text, "more_body": more}


def shop() -> Store:
    tape = Tape()
    tape.scope(
        1, 1_000, path="/Tea", query_string=b"token=s3cret", headers=[[b"cookie", b"a=s3cret"]]
    )
    request = {"type": "http.request", "body": b"sku=1&token=s3cret", "more_body": False}
    tape.receive(1, 1, 1_010, 1_020, request)
    tape.send(1, 2, 1_030, 1_040, {**START, "headers": [[b"x-echo", b"s3cret"]]})
    tape.send(1, 3, 1_050, 1_060, body(b"x" * 1_200 + b"s3c", more=True))
    tape.send(1, 4, 1_070, 1_080, body(b"ret and S3CRET")).end(1, 1_100)
    tape.scope(2, 2_000, path="/zip")
    tape.send(2, 1, 2_010, 2_020, {**START, "headers": [[b"content-encoding", b"gzip"]]})
    tape.send(2, 2, 2_030, 2_040, body(gzip.compress(b"a packed s3cret"))).end(2, 2_100)
    tape.scope(3, 3_000, "websocket", path="/chat")
    tape.receive(3, 1, 3_010, 3_020, {"type": "websocket.receive", "text": "hello"})
    tape.send(3, 2, 3_030, 3_040, {"type": "websocket.send", "text": "your s3cret"})
    tape.send(3, 3, 3_050, 3_060, {"type": "websocket.close", "code": 1000, "reason": "s3cret"})
    tape.end(3, 3_100)
    failure = {"type": "KeyError", "module": "builtins", "message": "no s3cret", "traceback": ""}
    tape.scope(4, 4_000, path="/boom").add(Kind.RAISE, 4, 4_010, 4_010, payload=encode(failure))
    tape.wire(3, Wire.REQUEST, 5_000, exchange=5, number=1, content={"head": b"GET /s3cret"})
    tape.wire(3, Wire.REFUSED, 5_010, exchange=5, number=431, content={"text": "too large"})
    tape.scope(6, 6_000, path="/plain")
    tape.send(6, 1, 6_010, 6_020, START).send(6, 2, 6_030, 6_040, body(b"nothing")).end(6, 6_100)
    store = store_of(tape)
    store.log(LogLine(0, 7_000, "stderr", "the s3cret was told"))
    store.note(None, "stopped: s3cret", 1, 8_000)
    return store
