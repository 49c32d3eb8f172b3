"""A WebSocket session as code that has it again, with websockets."""

import re
from collections.abc import Iterator
from typing import Final

from asgitrace.export.forms.call import Call, call_of
from asgitrace.export.forms.model import Form
from asgitrace.export.forms.place import is_plain
from asgitrace.export.forms.python import header_lines, imports
from asgitrace.export.forms.quoting import python_literal, uses_base64
from asgitrace.export.forms.session import Said, Session, session_of
from asgitrace.store.model import Exchange, RowKind
from asgitrace.words import counted

_SET_APART: Final = frozenset({b"host", b"origin", b"user-agent"})
"""Headers that have parameters of their own."""
_SENDABLE: Final = re.compile(rb"[\x09\x20-\x7e\x80-\xff]*\Z")
"""Values of headers that this client takes."""
_CLIENT: Final = '''\
async def listen(websocket, heard):
    async for message in websocket:
        print("<", message, flush=True)
        heard.release()


async def until(heard, count, listening):
    """Wait until the app has sent so many more messages; not for ever, and not once it has gone."""
    for _ in range(count):
        waiting = asyncio.ensure_future(heard.acquire())
        await asyncio.wait({waiting, listening}, timeout=PATIENCE, return_when="FIRST_COMPLETED")
        if not waiting.done():
            waiting.cancel()
            return


async def main():
    heard = asyncio.Semaphore(0)
    async with %(connect)s(*PLACE, **OPTIONS) as websocket:
        listening = asyncio.create_task(listen(websocket, heard))
        try:
            for more, message in MESSAGES:
                await until(heard, more, listening)
                print(">", message, flush=True)
                await websocket.send(message)
%(end)s
        except ConnectionClosed:
            pass
        await asyncio.wait({listening})
    print("closed", websocket.close_code, websocket.close_reason)


asyncio.run(main())
'''


def write(exchange: Exchange, address: str) -> str:
    """A script that connects, sends what the client sent in its order, and prints what comes."""
    call, session = call_of(exchange, address), session_of(exchange)
    connect = "unix_connect" if call.place.socket else "connect"
    coded = any(uses_base64(said.data) for said in session.said)
    lines = (
        *imports(
            ["import asyncio", *["import base64"] * coded],
            [
                f"from websockets.asyncio.client import {connect}",
                "from websockets.exceptions import ConnectionClosed",
            ],
        ),
        *(f"# {note}" for note in _notes(call, session)),
        *_place(call),
        *_options(call, session),
        "# How many messages of the app to wait for, and what to send then.",
        *_messages(session.said),
        "PATIENCE = 5  # seconds that a message of the app is waited for",
        "",
        "",
    )
    return "".join(f"{line}\n" for line in lines) + _CLIENT % {
        "connect": connect,
        "end": "\n".join(_end(session)),
    }


def _notes(call: Call, session: Session) -> Iterator[str]:
    yield from dict.fromkeys((*call.notes, *session.notes))
    if not is_plain(call.target):
        yield "The request target has signs in it that this client sends as percent-encoded."
    refused = sum(_as_text(value) is None for _, value in call.headers)
    if refused:
        yield f"Left out: {counted(refused, 'header')} with control characters."
    if call.place.secure:
        yield "With a certificate of your own: ssl=ssl.create_default_context(cafile=...)"


def _place(call: Call) -> Iterator[str]:
    url = python_literal(_url(call), 0)
    if call.place.socket:
        yield f"PLACE = ({call.place.socket!r}, {url})"
    else:
        yield f"PLACE = ({url},)"


def _url(call: Call) -> str:
    """With the host that the client named: the address is given besides."""
    url, host = call.place.url(call.target, websocket=True), _host(call)
    return url.replace(f"//{call.place.authority}/", f"//{host}/", 1) if host else url


def _host(call: Call) -> str:
    """The Host header where it is another one than the address, and fit for a URL."""
    text = (call.header(b"host") or b"").decode("ascii", "replace")
    fits = bool(text) and all(sign.isalnum() or sign in ".-_:" for sign in text)
    name, colon, port = text.partition(":")
    valid = not colon or (port.isdigit() and 0 < int(port[:6]) < 65536)
    return text if fits and text.isascii() and name and valid else ""


def _options(call: Call, session: Session) -> Iterator[str]:
    yield "OPTIONS = {"
    if session.subprotocols:
        yield f'    "subprotocols": {list(session.subprotocols)!r},'
    for name, option in ((b"origin", "origin"), (b"user-agent", "user_agent_header")):
        value = _as_text(call.header(name) or b"")
        if value or option == "user_agent_header":
            yield f'    "{option}": {python_literal(value, 4) if value else None},'
    others = [pair for pair in call.headers if pair[0].lower() not in _SET_APART]
    sendable = [(name, value) for name, value in others if _as_text(value) is not None]
    if sendable:
        yield '    "additional_headers": ['
        yield from header_lines(sendable, 8, text=True)
        yield "    ],"
    if not session.compressed:
        yield '    "compression": None,'
    if _host(call) and not call.place.socket:
        yield f'    "host": {call.place.host!r},'
        yield f'    "port": {call.place.port or (443 if call.place.secure else 80)},'
    yield '    "max_size": None,'
    yield "}"


def _as_text(value: bytes) -> str | None:
    """A header's value as this client takes it, which sends it as ISO-8859-1; None if it does not
    take it."""
    return value.decode("latin-1") if _SENDABLE.match(value) else None


def _messages(said: tuple[Said, ...]) -> Iterator[str]:
    if not said:
        yield "MESSAGES = []"
        return
    yield "MESSAGES = ["
    before = 0
    for one in said:
        yield f"    ({one.after - before}, {python_literal(one.data, 4)}),"
        before = one.after
    yield "]"


def _end(session: Session) -> Iterator[str]:
    lead = " " * 12
    rest = session.heard - (session.said[-1].after if session.said else 0)
    if not session.left:
        yield f"{lead}await listening  # until the app closes it; ctrl+c ends it before"
        return
    if rest > 0:
        yield f"{lead}await until(heard, {rest}, listening)"
    if session.dropped:
        yield f"{lead}websocket.transport.abort()  # as the client did: no close frame"
        return
    arguments = f"{session.code}, {session.reason!r}" if session.code else ""
    yield f"{lead}await websocket.close({arguments})"


FORM: Final = Form(
    "websockets", "Python code for websockets", ".py", "#", frozenset({RowKind.WEBSOCKET}), write
)
