"""Reading the app's messages: what is not of the specification's shape is said so, clearly."""

from asgitrace.asgi import Message
from asgitrace.server.errors import AsgiProtocolError


def message_type(message: Message) -> str:
    """The ``type`` of a message."""
    try:
        kind = message["type"]
    except (TypeError, KeyError) as exc:
        raise AsgiProtocolError(f"a message is a dict with a 'type', not {message!r}") from exc
    if not isinstance(kind, str):
        raise AsgiProtocolError(f"the 'type' of a message is a str, not {kind!r}")
    return kind


def body_of(message: Message) -> bytes:
    """The ``body`` of a response body message."""
    body = message.get("body", b"")
    if type(body) is bytes:
        return body
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(body)
    kind, name = message["type"], type(body).__name__
    raise AsgiProtocolError(f"the 'body' of {kind!r} must be bytes, not {name}")


def payload_of(message: Message) -> str | bytes:
    """What a ``websocket.send`` carries: exactly one of ``text`` and ``bytes``."""
    text, data = message.get("text"), message.get("bytes")
    if (text is None) == (data is None):
        raise AsgiProtocolError("'websocket.send' needs exactly one of 'text' and 'bytes'")
    if isinstance(text, str):
        return text
    if isinstance(data, bytes | bytearray | memoryview):
        return bytes(data)
    raise AsgiProtocolError("'websocket.send' needs 'text' as str or 'bytes' as bytes")


def close_of(message: Message) -> tuple[int, str]:
    """Code and reason of a ``websocket.close`` that a Close frame can carry (RFC 6455 7.4)."""
    code = message.get("code", 1000)
    reason = message.get("reason") or ""
    if not isinstance(code, int) or not _is_sendable(code):
        raise AsgiProtocolError(
            f"'websocket.close' has the code {code!r}; 1000 to 1003, 1007 to 1014 and 3000 to 4999 "
            "can be sent"
        )
    if not isinstance(reason, str) or len(reason.encode()) > 123:
        raise AsgiProtocolError("the 'reason' of 'websocket.close' is a str of up to 123 bytes")
    return int(code), reason


def _is_sendable(code: int) -> bool:
    return 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999
