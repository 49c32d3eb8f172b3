import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from asgitrace.asgi import Message
from asgitrace.demo import chat as chat_module
from asgitrace.demo.app import DemoApp
from asgitrace.demo.chat import Chat, Member

if TYPE_CHECKING:
    from tests.demo.conftest import Call

pytestmark = pytest.mark.anyio


def scope(name: str, room: str = "lobby", *subprotocols: str) -> dict[str, Any]:
    return {
        "type": "websocket",
        "path": "/ws/chat",
        "query_string": f"name={name}&room={room}".encode(),
        "subprotocols": list(subprotocols),
    }


async def enter(member: "Call") -> Message:
    member.put("websocket.connect")
    return await member.sent()


async def told(member: "Call") -> Any:
    message = await member.sent()
    assert message["type"] == "websocket.send"
    return json.loads(message["text"])


@contextlib.asynccontextmanager
async def two_members(call: "type[Call]") -> Any:
    app = DemoApp()
    async with call(app, scope("ada")) as ada, call(app, scope("bob")) as bob:
        await enter(ada)
        assert await told(ada) == {"type": "joined", "name": "ada"}
        await enter(bob)
        for member in (ada, bob):
            assert await told(member) == {"type": "joined", "name": "bob"}
        yield ada, bob


@pytest.mark.parametrize(
    ("offered", "chosen"), [(("chat.v2", "chat.v1"), "chat.v1"), (("chat.v2",), None), ((), None)]
)
async def test_subprotocol(call: "type[Call]", offered: tuple[str, ...], chosen: str) -> None:
    async with call(DemoApp(), scope("ada", "lobby", *offered)) as ada:
        assert await enter(ada) == {"type": "websocket.accept", "subprotocol": chosen}


async def test_what_one_says_all_hear(call: "type[Call]") -> None:
    async with two_members(call) as (ada, bob):
        ada.put("websocket.receive", text='{"type": "say", "text": "tea?"}', bytes=None)
        for member in (ada, bob):
            assert await told(member) == {"type": "said", "name": "ada", "text": "tea?"}


async def test_avatar_is_passed_on_as_bytes(call: "type[Call]") -> None:
    async with two_members(call) as (ada, bob):
        ada.put("websocket.receive", bytes=b"\x89PNG")
        for member in (ada, bob):
            assert await told(member) == {"type": "avatar", "name": "ada"}
            assert await member.sent() == {"type": "websocket.send", "bytes": b"\x89PNG"}


async def test_rooms_are_apart(call: "type[Call]") -> None:
    app = DemoApp()
    async with call(app, scope("ada", "attic")) as ada, call(app, scope("bob", "cellar")) as bob:
        for member, name in ((ada, "ada"), (bob, "bob")):
            await enter(member)
            assert await told(member) == {"type": "joined", "name": name}
        assert ada.outbox.empty()


async def test_the_others_hear_of_a_disconnect(call: "type[Call]") -> None:
    async with two_members(call) as (ada, bob):
        ada.put("websocket.disconnect", code=1001)
        await ada.returned()
        assert await told(bob) == {"type": "left", "name": "ada", "code": 1001}
        assert ada.outbox.empty()


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"text": '{"type": "bye"}'}, 1000),
        ({"text": "not JSON"}, 4001),
        ({"text": '{"type": "say", "text": 7}'}, 4001),
        ({"text": None, "bytes": b"x" * 65_537}, 1009),
    ],
)
async def test_the_server_closes(call: "type[Call]", message: dict[str, Any], code: int) -> None:
    async with two_members(call) as (ada, bob):
        ada.put("websocket.receive", **message)
        close = await ada.sent()
        assert (close["type"], close["code"]) == ("websocket.close", code)
        await ada.returned()
        assert await told(bob) == {"type": "left", "name": "ada", "code": code}


async def test_close_of_a_connection_that_has_gone(call: "type[Call]") -> None:
    async with two_members(call) as (ada, bob):
        ada.send_error = BrokenPipeError()
        ada.put("websocket.receive", text='{"type": "bye"}')
        await ada.returned()
        assert (await told(bob))["type"] == "left"


async def test_connection_that_goes_during_the_handshake(call: "type[Call]") -> None:
    ada = call(DemoApp(), scope("ada"))
    ada.send_error = BrokenPipeError()
    async with ada:
        ada.put("websocket.connect")
        await ada.returned()


async def test_member_whose_send_fails_is_left_out(call: "type[Call]") -> None:
    async with two_members(call) as (ada, bob):
        bob.send_error = ConnectionResetError()
        ada.put("websocket.receive", text='{"type": "say", "text": "hello?"}')
        assert (await told(ada))["type"] == "said"
        bob.send_error = None
        bob.put("websocket.receive", text='{"type": "say", "text": "here again"}')
        close = await bob.sent()
        assert (close["type"], close["code"]) == ("websocket.close", 1013)


async def test_member_that_is_too_slow_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_module, "PATIENCE", 0.01)
    heard: list[Message] = []

    async def never(_: Message) -> None:
        await asyncio.Event().wait()

    async def hear(message: Message) -> None:
        heard.append(message)

    chat = Chat()
    chat.join(Member("slow", "lobby", never))
    chat.join(Member("ada", "lobby", hear))
    await chat.tell("lobby", "one")
    assert [member.name for member in chat.rooms["lobby"]] == ["ada"]
    assert heard == [{"type": "websocket.send", "text": '"one"'}]


async def test_member_that_leaves_while_another_is_sent_to_gets_nothing() -> None:
    chat = Chat()

    async def let_the_other_go(_: Message) -> None:
        chat.leave(other)

    async def fail(_: Message) -> None:
        pytest.fail("sent to a member that has left")

    other = Member("other", "lobby", fail)
    chat.join(Member("ada", "lobby", let_the_other_go))
    chat.join(other)
    await chat.tell("lobby", "one")


def test_empty_room_is_forgotten() -> None:
    async def send(_: Message) -> None: ...

    chat, member = Chat(), Member("ada", "lobby", send)
    chat.join(member)
    chat.leave(member)
    chat.leave(member)
    assert chat.rooms == {}
