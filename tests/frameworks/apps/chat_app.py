"""A chat that keeps the ``send`` of each connection, and broadcasts by calling all of them."""

from asgitrace.asgi import Receive, Scope, Send

_members: dict[int, Send] = {}


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """One member, from coming to going."""
    if scope["type"] != "websocket":
        raise ValueError(f"scope type {scope['type']!r} is not supported")
    me = id(scope)
    while True:
        message = await receive()
        if message["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
            _members[me] = send
            await send({"type": "websocket.send", "text": "joined"})
        elif message["type"] == "websocket.disconnect":
            _members.pop(me, None)
            return
        else:
            for other in list(_members.values()):
                await other({"type": "websocket.send", "text": message["text"]})
