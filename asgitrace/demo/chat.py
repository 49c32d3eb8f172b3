"""The demo's WebSocket chat: a message is passed on by calling the other connections' ``send``."""

import asyncio
import json
import logging
from dataclasses import dataclass
from urllib.parse import parse_qs

from asgitrace.asgi import Message, Receive, Scope, Send

log = logging.getLogger("asgitrace.demo")

SUBPROTOCOL = "chat.v1"
AVATAR_LIMIT = 65_536
PATIENCE = 5.0
"""Seconds a member may keep the others waiting before it is left out."""

NORMAL = 1000
TOO_BIG = 1009
TRY_LATER = 1013
MISBEHAVED = 4001


class Farewell(Exception):
    """The server ends a member's session with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


@dataclass(eq=False, frozen=True, slots=True)
class Member:
    """One connection in a room."""

    name: str
    room: str
    send: Send


class Chat:
    """Who is in which room."""

    def __init__(self) -> None:
        self.rooms: dict[str, list[Member]] = {}

    def join(self, member: Member) -> None:
        """Let a member in."""
        self.rooms.setdefault(member.room, []).append(member)

    def leave(self, member: Member) -> None:
        """Let a member out; an empty room is forgotten. Doing it twice does no harm."""
        members = self.rooms.get(member.room, [])
        if member in members:
            members.remove(member)
        if not members:
            self.rooms.pop(member.room, None)

    def has(self, member: Member) -> bool:
        """Whether the member is still in its room."""
        return member in self.rooms.get(member.room, [])

    async def tell(self, room: str, value: object) -> None:
        """Send a JSON text message to everyone in the room."""
        await self._broadcast(room, {"type": "websocket.send", "text": json.dumps(value)})

    async def show(self, room: str, data: bytes) -> None:
        """Send a binary message to everyone in the room."""
        await self._broadcast(room, {"type": "websocket.send", "bytes": data})

    async def _broadcast(self, room: str, message: Message) -> None:
        for member in list(self.rooms.get(room, [])):
            if self.has(member):  # it may have left while another was being sent to
                await self._deliver(member, dict(message))

    async def _deliver(self, member: Member, message: Message) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await member.send(message)
        except OSError as error:  # it has gone (ASGI 2.4), or is too slow: TimeoutError
            log.warning("chat: %s is left out: %s", member.name, type(error).__name__)
            self.leave(member)


async def serve_chat(scope: Scope, receive: Receive, send: Send, chat: Chat) -> None:
    """One member's session, from the handshake to the close."""
    if (await receive())["type"] != "websocket.connect":
        return
    member = _member(scope, send)
    offered = SUBPROTOCOL in scope.get("subprotocols", ())
    try:
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL if offered else None})
    except OSError:
        log.info("chat: %s left during the handshake", member.name)
        return
    chat.join(member)
    try:
        await chat.tell(member.room, {"type": "joined", "name": member.name})
        code = await _until_closed(member, receive, chat)
    finally:
        chat.leave(member)
    log.info("chat: %s left with %d", member.name, code)
    await chat.tell(member.room, {"type": "left", "name": member.name, "code": code})


def _member(scope: Scope, send: Send) -> Member:
    query = parse_qs(scope["query_string"].decode("latin-1"))
    name = query.get("name", ["guest"])[0][:20]
    room = query.get("room", ["lobby"])[0][:20]
    return Member(name, room, send)


async def _until_closed(member: Member, receive: Receive, chat: Chat) -> int:
    try:
        while (message := await receive())["type"] == "websocket.receive":
            await _handle(message, member, chat)
    except Farewell as farewell:
        chat.leave(member)  # nobody may send to it after its close
        try:
            await member.send(
                {"type": "websocket.close", "code": farewell.code, "reason": farewell.reason}
            )
        except OSError:
            log.info("chat: %s had gone before it could be told", member.name)
        return farewell.code
    return int(message.get("code") or 1005)


async def _handle(message: Message, member: Member, chat: Chat) -> None:
    if not chat.has(member):
        raise Farewell(TRY_LATER, "you were too slow")
    avatar: bytes | None = message.get("bytes")
    if avatar is None:
        await _handle_text(message.get("text") or "", member, chat)
    elif len(avatar) > AVATAR_LIMIT:
        raise Farewell(TOO_BIG, "an avatar may have 64 KiB")
    else:
        await chat.tell(member.room, {"type": "avatar", "name": member.name})
        await chat.show(member.room, avatar)


async def _handle_text(text: str, member: Member, chat: Chat) -> None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise Farewell(MISBEHAVED, "not JSON") from None
    match value:
        case {"type": "say", "text": str(words)}:
            await chat.tell(member.room, {"type": "said", "name": member.name, "text": words})
        case {"type": "bye"}:
            raise Farewell(NORMAL, "bye")
        case _:
            raise Farewell(MISBEHAVED, "not a chat.v1 message")
