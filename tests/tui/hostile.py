"""Exchanges made of what means harm to a terminal, to a reader of markup, or to who looks at it."""

import base64
import gzip
import json
import struct
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final
from urllib.parse import quote_plus

import cbor2
import msgspec
from hypothesis import strategies as st

from asgitrace.events import Kind
from asgitrace.ring import encode
from asgitrace.store import LogLine, Store
from asgitrace.store.annotation import Annotation
from asgitrace.wire import Frame, Wire
from tests.store.playbook import START, Tape, store_of

MARK: Final = "31337"
"""Stands in each harmful piece, and in nothing that we write ourselves."""

CONTROLS: Final = (
    "\x1b[31337m", "\x1b[2J\x1b[H31337", "\x1b]0;31337\x07", "\x1b]52;c;MzEzMzc=\x07",
    "\x1b]8;;http://31337\x1b\\31337\x1b]8;;\x1b\\", "\x1bP31337\x1b\\", "\x1b_31337\x1b\\",
    "\x1b[?1049l31337", "\x1b]52;c;31337", "\x1b[", "\x1b", "\x9b31337m", "\x9d31337\x9c",
    "\x07\x08\x7f\x0b\x0c31337", "31337\r31337", "31337\n31337\t", "\x00\x8531337\u2028\u2029",
)  # fmt: skip
"""What a terminal obeys, whole and in part."""

UNSEEN: Final = (
    "\u202e31337\u2066\u2069\u200f", "\u200b\u200d\u2060\ufeff\u00ad31337", "\u3164\u115f\u2800",
    "\U000e0031\U000e003331337", "\ufff9\ufffb\ufffe31337", "e" + "\u0301" * 40, "\u0301",
    "日本語31337", "👨\u200d👩\u200d👧🏽 1\ufe0f\u20e3",
)  # fmt: skip
"""What turns the direction, has no width, or more than one thinks."""

MARKUP: Final = (
    "[/]", "[@click=app.evil('31337')]31337[/]", "[blink]31337[/blink]", "[/31337]",
    "[link=http://31337]31337[/link]", "[bold 31337", "[on $31337]", "[$31337]\\[", ":smile:",
)  # fmt: skip
"""For a reader of markup an error, or something to do."""

CODE: Final = (
    "$(31337)`31337`'; 31337 #", "\"\\\"'31337", "../../31337", "-o31337", "<31337>&amp;--></",
    "{31337}%s%n", "%1b%00%ff", "\\x1b\\u001b", "", " ",
)  # fmt: skip
"""For a shell, a formatter or a parser."""

BROKEN: Final = (
    b"\xff\xfe31337",
    b"\x80\xc0\x80",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80\xe2\x82",
    b"",
)
"""No UTF-8."""


class Harm:
    """Texts of one of each kind, and bytes that are such a text and something broken."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def text(self) -> str:
        """A control sequence comes first, as a cell may be too narrow for the rest."""
        rest = [self._random.choice(kind) for kind in (UNSEEN, MARKUP, CODE)]
        self._random.shuffle(rest)
        return "".join([self._random.choice(CONTROLS), *rest])

    def raw(self) -> bytes:
        return self.text().encode() + self._random.choice(BROKEN)

    def below(self, limit: int) -> int:
        """Any number below this."""
        return self._random.randrange(limit)


HARMS: Final = st.builds(Harm, st.integers(0, 2**32))

Make = Callable[[str, bytes], bytes]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _field(number: int, data: bytes) -> bytes:
    """A field of protobuf, shorter than 16 kB."""
    return bytes([number << 3 | 2, len(data) & 127 | 128, len(data) >> 7]) + data


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _jwt(text: str, raw: bytes) -> bytes:
    head = _base64(f'{{"alg":{_quoted(text)},"typ":"JWT"}}'.encode())
    return (
        f"{head}.{_base64(json.dumps({text: text, 'exp': 31337}).encode())}.{_base64(raw)}".encode()
    )


def _multipart(text: str, raw: bytes) -> bytes:
    name = text.replace("\r", "").replace("\n", "").encode()
    part = b'Content-Disposition: form-data; name="%s"; filename="%s"\r\nContent-Type: %s\r\n\r\n%s'
    return b"--x\r\n" + part % (name, name, name, raw) + b"\r\n--x--\r\n"


def _png(text: str, raw: bytes) -> bytes:
    head = struct.pack(">I4sIIBBBBB", 13, b"IHDR", 3, 2, 8, 2, 0, 0, 0) + bytes(4)
    said = b"Comment\0" + raw
    return b"\x89PNG\r\n\x1a\n" + head + struct.pack(">I", len(said)) + b"tEXt" + said + bytes(4)


def _sse(text: str, raw: bytes) -> bytes:
    return f"event: {text}\nid: {text}\n".encode() + b"data: " + raw + b"\n\n"


def _graphql(text: str, _: bytes) -> bytes:
    query = f"query {{ a(b: {_quoted(text)}) }} {text}"
    asked = {"query": query, "operationName": text, "variables": {text: text}}
    return json.dumps(asked).encode()


def _form(text: str, raw: bytes) -> bytes:
    return f"{quote_plus(text)}={quote_plus(raw)}&".encode() + raw


def _grpc(_: str, raw: bytes) -> bytes:
    message = _field(1, raw)
    return b"\0" + struct.pack(">I", len(message)) + message


def _around(before: str, after: str) -> Make:
    """Text between, raw bytes at the end."""
    return lambda text, raw: f"{before}{text}{after}{text}".encode() + raw


BODIES: Final[dict[str, Make]] = {
    "text/event-stream": _sse,
    "application/x-ndjson": lambda t, raw: f"{{{_quoted(t)}: {_quoted(t)}}}\n".encode() * 2 + raw,
    "application/graphql": _around("query { a(b: ", ") }"),
    "application/json": _graphql,
    "application/jwt": _jwt,
    "image/png": _png,
    "multipart/form-data; boundary=x": _multipart,
    "application/x-www-form-urlencoded": _form,
    "application/msgpack": lambda t, raw: msgspec.msgpack.encode({t: [t, raw, {t: raw}]}),
    "application/cbor": lambda t, raw: cbor2.dumps({t: [t, raw, cbor2.CBORTag(31337, t)]}),
    "application/grpc": _grpc,
    "application/protobuf": lambda t, raw: _field(1, t.encode()) + _field(2, _field(1, raw)),
    "application/problem+json": lambda t, _: f"{{{_quoted(t)}: [{json.dumps(t)}]}}".encode(),
    "application/vnd.a+json": lambda _, raw: b'{"a": "' + raw + b'", "\\ud800": "\\udc00"}',
    "text/html": _around("<a b='", "'><!--x--><script>"),
    "application/xml": _around("<?xml version='1.0'?><!DOCTYPE a [<!ENTITY a '", "'>]><a>"),
    "text/css": _around("a { b: url('", "') } /*"),
    "text/javascript; charset=31337": _around("var a = '", "'; //"),
    "text/plain; charset=utf-16": lambda t, raw: t.encode("utf-16") + raw,
    "application/octet-stream": lambda _, raw: raw,
}
"""One of every type that is shown in a way of its own."""


def damaged(data: bytes, how: int) -> tuple[bytes, bytes]:
    """A body as it is, cut, with a byte changed, or packed and cut; and its content encoding."""
    half = len(data) // 2
    changed = data[:half] + bytes([data[half] ^ 0x95]) + data[half + 1 :] if data else data
    return (
        (data, b""),
        (data[:-3], b""),
        (changed, b""),
        (gzip.compress(data, mtime=0), b"gzip"),
        (gzip.compress(data, mtime=0)[:-9], b"gzip, 31337\x1b[31337m"),
    )[how]


def _failure(text: str, deep: int = 2) -> dict[str, Any]:
    """An exception as a trace has it."""
    frame = {"file": f"/{text}.py", "path": text, "name": text, "line": 2, "library": deep == 2,
             "first": 1, "source": [text, f"raise {text}"], "column": 1, "end": 9}  # fmt: skip
    told: dict[str, Any] = {
        "type": text, "module": text, "message": text, "traceback": f"{text}\n  {text}\n",
        "frames": [frame, frame], "notes": [text],
    }  # fmt: skip
    if deep:
        told |= {"cause": _failure(text, deep - 1), "errors": [_failure(text, 0)], "count": 1}
    return told


def hostile_store(harm: Harm) -> Store:
    """A store with an exchange for each kind of body, then a WebSocket session and what was
    refused."""
    tape = Tape()
    number = 0
    for kind, make in BODIES.items():
        number += 1
        text, raw = harm.text(), harm.raw()
        http(tape, number, kind, make(text, raw), text, raw, harm.below(5))
    session(tape, number + 1, harm.text(), harm.raw())
    refused(tape, number + 2, harm.text(), harm.raw())
    store = store_of(tape)
    for line in _lines(harm.text()):
        store.log(line)
    store.note(0, harm.text(), 1, 9_000)
    for row in (1, number, number + 1):
        text = harm.text()
        store.annotations.put(row, Annotation(True, (text, MARK), text))
    store.end_process(0, 1, harm.text(), 10**7)
    return store


def http(tape: Tape, number: int, kind: str, body: bytes, text: str, raw: bytes, how: int) -> None:
    """A request and its response with the same body, the second one damaged; the app raises."""
    at, media = number * 10_000, kind.encode()
    line = raw.replace(b"\r", b"").replace(b"\n", b"")
    head = {"head": b"POST /" + raw + b" HTTP/1.1\r\n" + line + b": " + line + b"\r\n\r\n"}
    tape.wire(number, Wire.OPENED, at, content={"peer": text, "local": text,
              "tls": {"version": text, "cipher": text, "alpn": text}})  # fmt: skip
    tape.wire(number, Wire.BYTES_IN, at + 5, exchange=number, size=9, content={"data": raw})
    tape.wire(number, Wire.REQUEST, at + 10, exchange=number, number=1, size=99, content=head)
    fields = [
        [b"host", raw],
        [b"cookie", b"a=" + raw + b"; " + raw],
        [raw, raw],
        [b"content-type", media],
        [b"authorization", b"Basic " + base64.b64encode(raw)],
    ]
    tape.scope(
        number, at + 20, path=f"/{text}", raw_path=b"/" + raw, query_string=raw + b"=" + raw,
        root_path=text, method=text if number % 2 else "POST", scheme=text, http_version=text,
        headers=fields, client=[text, 1], server=[text, None], extensions={text: {text: raw}},
        state={text: text},
    )  # fmt: skip
    tape.receive(number, 1, at + 30, at + 31, {"type": "http.request", "body": body})
    broken, encoding = damaged(body, how)
    answer = [
        [b"content-type", media],
        [b"set-cookie", raw + b"=" + raw + b"; Path=" + raw],
        [b"content-encoding", encoding],
        [b"location", raw],
        [raw, raw],
    ]
    tape.send(number, 2, at + 40, at + 41, {**START, "status": 200 + number, "headers": answer})
    tape.send(number, 3, at + 50, at + 51, {"type": "http.response.body", "body": broken})
    tape.wire(number, Wire.ERROR, at + 60, exchange=number, content={"text": text, "by": text})
    if number % 3 == 0:
        tape.end(number, at + 70)
    else:
        tape.add(Kind.RAISE, number, at + 70, at + 70, payload=encode(_failure(text)))
    closed = {"by": text, "how": text, "received": 1, "sent": 1, "requests": 1, "text": text}
    tape.wire(number, Wire.CLOSED, at + 80, content=closed)


def session(tape: Tape, number: int, text: str, raw: bytes) -> None:
    """A WebSocket session that goes on."""
    at = number * 10_000
    tape.scope(number, at, "websocket", path=f"/{text}", subprotocols=[text], headers=[[raw, raw]])
    accept = {"type": "websocket.accept", "subprotocol": text, "headers": [[raw, raw]]}
    tape.receive(number, 1, at + 1, at + 2, {"type": "websocket.connect"})
    tape.send(number, 2, at + 3, at + 4, accept)
    contents: list[dict[str, Any]] = [
        {"text": text},
        {"bytes": raw},
        {"text": _quoted(text)},
        {"bytes": encode({text: raw})},
    ]
    for call, said in enumerate(contents, 3):
        moment = at + call * 10
        message = {"type": "websocket.receive" if call % 2 else "websocket.send", **said}
        frame = Frame((7 + call) % 16, True, True, True).pack()
        tape.wire(
            number, Wire.FRAME_IN, moment, exchange=number, size=9, number=frame,
            content={"data": raw},
        )  # fmt: skip
        if call % 2:
            tape.receive(number, call, moment + 1, moment + 2, message)
        else:
            tape.send(number, call, moment + 1, moment + 2, message)
    tape.add(Kind.DEBUGGER, number, at + 80, at + 90, call=1, number=1, payload=encode(text))
    close = {"type": "websocket.close", "code": 3000, "reason": text}
    tape.send(number, 9, at + 91, at + 92, close)


def refused(tape: Tape, number: int, text: str, raw: bytes) -> None:
    """A request that the server answered itself."""
    at = number * 10_000
    content = {"head": b"GET /" + raw, "text": text}
    tape.wire(99, Wire.REQUEST, at, exchange=number, number=1, content=content)
    tape.wire(99, Wire.REFUSED, at + 10, exchange=number, number=431, content=content)
    tape.wire(99, Wire.TIMEOUT, at + 20, content={"what": text, "seconds": 31337})


def _lines(text: str) -> Iterator[LogLine]:
    for number, stream in enumerate(("stdout", "stderr", "log")):
        yield LogLine(0, 9_000, stream, text, 40 if number else 0, text, number, number == 1)
    yield LogLine(0, 9_001, "stdout", f"\x1b[5;1;38;2;1;2;3m{text}\x1b[3")
    yield LogLine(0, 9_002, "stderr", f"{text}Error: {text}")
