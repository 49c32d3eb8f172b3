"""A client that does exactly what a play says, with a socket of its own.

h11 and wsproto read what the server says; the request is written by hand, since it is to be in the
case, the version and the pieces that the play has."""

import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Final

import h11
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from asgitrace.versus.plays import (
    LOST,
    SILENT,
    TAG,
    Close,
    Drop,
    Hear,
    Heard,
    HearEnd,
    HttpPlay,
    Play,
    Say,
    Step,
    WebSocketPlay,
)

_PATIENCE: Final = 3.0
_PAUSE: Final = 0.03
"""Seconds between pieces, so that a server reads them one by one."""
_STALL: Final = 0.15
"""Seconds in which a client that is about to leave reads no more: the app has to wait in send."""
_READ: Final = 65_536
_RESET: Final = struct.pack("ii", 1, 0)
_LONGEST: Final = 10.0
"""Seconds after which a response or a conversation is left that goes on."""
_PAUSES: Final = 50
"""Pieces of a body that are sent with a pause before them."""
_ENDLESS: Final = "left after 10 s"

Place = tuple[str, int]


def play(one: Play, place: Place, tag: str) -> Heard:
    """Play it against the server that listens there, with this tag in its headers. Never raises for
    what the server does."""
    started = time.monotonic_ns()
    try:
        with closing(socket.create_connection(place, _PATIENCE)) as peer:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if isinstance(one, WebSocketPlay):
                heard = _Conversation(peer, one, place, tag).hold()
            else:
                heard = _request(peer, one, place, tag)
    except OSError as error:
        heard = Heard(end="refused" if isinstance(error, ConnectionRefusedError) else "reset")
    return replace(heard, total_ns=time.monotonic_ns() - started)


def _request(peer: socket.socket, one: HttpPlay, place: Place, tag: str) -> Heard:
    heard = Heard()
    for turn in range(one.times):
        mark = tag if turn == one.times - 1 else ""
        heard = _Response(peer, one).read(_written(one, place, mark))
    return heard


def _written(one: HttpPlay, place: Place, tag: str) -> Iterator[bytes]:
    """What is sent, piece by piece; a pause, or the server's consent, lies between them."""
    lines = [
        b" ".join((one.method, one.target, b"HTTP/" + one.version)),
        b"Host: %s:%d" % (place[0].encode(), place[1]),
    ]
    lines += [b": ".join(pair) for pair in one.headers]
    if tag:
        lines.append(TAG + b": " + tag.encode())
    if one.pieces:
        size = sum(map(len, one.pieces))
        framing = b"Transfer-Encoding: chunked" if one.chunked else b"Content-Length: %d" % size
        lines.append(framing)
    if one.expect:
        lines.append(b"Expect: 100-continue")
    yield b"\r\n".join([*lines, b"", b""])
    for piece in one.pieces:
        if piece:
            yield b"%x\r\n%s\r\n" % (len(piece), piece) if one.chunked else piece
    if one.chunked:
        yield b"0\r\n\r\n"


class _Response:
    """Reads one response."""

    def __init__(self, peer: socket.socket, one: HttpPlay) -> None:
        self._peer = peer
        self._play = one
        self._machine = h11.Connection(h11.CLIENT, max_incomplete_event_size=1 << 20)
        # What h11 would write is not sent: it is told only what is to be answered.
        request = h11.Request(method=one.method, target=b"/", headers=[(b"Host", b"-")])
        self._machine.send(request)
        self._machine.send(h11.EndOfMessage())
        self._heard = Heard()
        self._deadline = time.monotonic() + _LONGEST

    def read(self, written: Iterator[bytes]) -> Heard:
        try:
            self._peer.sendall(next(written))
            if self._play.expect:
                self._hear(until=h11.InformationalResponse)
            for number, piece in enumerate(written):
                if self._heard.end:
                    break  # it was answered without the body
                if number < _PAUSES:
                    time.sleep(_PAUSE)
                self._peer.sendall(piece)
            if not self._heard.end:
                self._hear(until=h11.EndOfMessage)
        except TimeoutError:
            self._end(SILENT)
        except OSError:
            self._end("reset")
        except h11.RemoteProtocolError as error:
            self._end(f"not HTTP: {error}" if self._heard.status == 0 else "cut off")
        return self._heard

    def _end(self, how: str) -> None:
        self._heard = replace(self._heard, end=how)

    def _hear(self, until: type) -> None:
        """Take in what comes until such an event, or the end."""
        while not self._heard.end:
            if time.monotonic() > self._deadline:
                self._end(_ENDLESS)
                return
            event = self._machine.next_event()
            if event is h11.NEED_DATA:
                data = self._peer.recv(_READ)
                if not data and not self._heard.status:
                    self._end("closed")
                    return
                self._machine.receive_data(data)
            elif isinstance(event, h11.ConnectionClosed):
                self._end("closed")
            else:
                self._take(event)
                if isinstance(event, until):
                    return

    def _take(self, event: object) -> None:
        heard, abandon = self._heard, self._play.abandon
        match event:
            case h11.InformationalResponse(status_code=status):
                self._heard = replace(heard, interim=(*heard.interim, status))
            case h11.Response(status_code=status, http_version=version, headers=headers):
                raw = tuple((bytes(name), bytes(value)) for name, value in headers.raw_items())
                self._heard = replace(
                    heard, status=status, version=version.decode("latin-1"), headers=raw
                )
            case h11.Data(data=data):
                self._heard = replace(heard, size=heard.size + len(data))
                if abandon is not None and self._heard.size >= abandon:
                    time.sleep(_STALL)
                    self._end("left")
            case h11.EndOfMessage():
                kept = self._machine.their_state is h11.DONE
                self._end("kept" if kept else "closed")


class _Conversation:
    """Holds one conversation over a WebSocket."""

    def __init__(self, peer: socket.socket, one: WebSocketPlay, place: Place, tag: str) -> None:
        self._peer = peer
        self._play = one
        self._machine = WSConnection(ConnectionType.CLIENT)
        headers = [*one.headers, (TAG, tag.encode())]
        self._opening = Request(
            host=f"{place[0]}:{place[1]}",
            target=one.target.decode("latin-1"),
            subprotocols=[*one.subprotocols],
            extra_headers=headers,
        )
        self._heard = Heard()
        self._deadline = time.monotonic() + _LONGEST

    def hold(self) -> Heard:
        """The conversation, from the handshake to its end."""
        try:
            self._peer.sendall(self._machine.send(self._opening))
            self._hear(lambda: bool(self._heard.status))
            for step in self._play.steps:
                if self._over:
                    break
                self._do(step)
        except TimeoutError:
            self._heard = replace(self._heard, end=SILENT)
        except OSError:
            self._heard = replace(self._heard, end="reset", code=LOST)
        except (RemoteProtocolError, LocalProtocolError, h11.ProtocolError) as error:
            self._heard = replace(self._heard, end=f"not a WebSocket: {error}", code=LOST)
        return self._heard

    @property
    def _over(self) -> bool:
        return bool(self._heard.end)

    def _do(self, step: Step) -> None:
        match step:
            case Say(data=str(text)):
                self._peer.sendall(self._machine.send(TextMessage(data=text)))
            case Say(data=bytes(data)):
                self._peer.sendall(self._machine.send(BytesMessage(data=data)))
            case Hear(count=count):
                self._hear(lambda: self._heard.size >= count)
            case Close(code=code, reason=reason):
                if code:
                    frame = self._machine.send(CloseConnection(code=code, reason=reason))
                else:
                    # With no code in it: wsproto writes none of these. A mask of zeros.
                    frame = b"\x88\x80\x00\x00\x00\x00"
                self._peer.sendall(frame)
                self._hear(lambda: False)
            case Drop():
                self._peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                self._heard = replace(self._heard, end="left")
            case HearEnd():
                self._hear(lambda: False)

    def _hear(self, enough: Callable[[], bool]) -> None:
        while not self._over and not enough():
            if time.monotonic() > self._deadline:
                self._heard = replace(self._heard, end=_ENDLESS)
                return
            data = self._peer.recv(_READ)
            if not data:
                lost = self._heard.status == 101 and not self._heard.code
                how = "refused" if self._heard.status not in (0, 101) else "closed"
                code = LOST if lost else self._heard.code
                self._heard = replace(self._heard, end=how, code=code)
                return
            self._machine.receive_data(data)
            for event in self._machine.events():
                self._take(event)

    def _take(self, event: Event) -> None:
        heard = self._heard
        match event:
            case AcceptConnection(subprotocol=subprotocol, extra_headers=headers):
                raw = tuple((bytes(name), bytes(value)) for name, value in headers)
                heard = replace(heard, status=101, headers=raw, subprotocol=subprotocol or "")
            case RejectConnection(status_code=status, headers=headers, has_body=has_body):
                raw = tuple((bytes(name), bytes(value)) for name, value in headers)
                heard = replace(heard, status=status, headers=raw)
                if not has_body:
                    heard = replace(heard, end="refused")
            case RejectData(body_finished=True):
                heard = replace(heard, end="refused")
            case TextMessage(message_finished=True) | BytesMessage(message_finished=True):
                heard = replace(heard, size=heard.size + 1)
            case Ping():
                self._peer.sendall(self._machine.send(event.response()))
            case CloseConnection(code=code, reason=reason):
                heard = replace(heard, code=int(code), reason=reason or "", end="closed")
                if self._play.steps and isinstance(self._play.steps[-1], HearEnd):
                    self._peer.sendall(self._machine.send(event.response()))
        self._heard = heard
