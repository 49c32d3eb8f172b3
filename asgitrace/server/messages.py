"""Reading the app's messages: what is not of the specification's shape is said so, clearly."""

from typing import Any

from asgitrace.asgi import Message
from asgitrace.server.closing import MAX_REASON, is_on_the_wire
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


def debug_of(message: Message) -> None:
    """Check the ``info`` of a debug message, which goes nowhere but into a trace."""
    info = message.get("info")
    if not isinstance(info, dict):
        raise AsgiProtocolError(f"the 'info' of 'http.response.debug' is a dict, not {info!r}")


def links_of(message: Message) -> list[bytes]:
    """The ``links`` of early hints."""
    links = _items(message, "links")
    for link in links:
        if not isinstance(link, bytes):
            raise AsgiProtocolError(
                f"the 'links' of 'http.response.early_hint' are bytes, not {link!r}"
            )
    return links


def trailers_of(message: Message) -> list[Any]:
    """The ``headers`` of trailers."""
    return _items(message, "headers")


def _items(message: Message, name: str) -> list[Any]:
    try:
        return list(message.get(name, ()))
    except TypeError as exc:
        raise AsgiProtocolError(
            f"the {name!r} of {message['type']!r} cannot be gone through ({exc})"
        ) from exc


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
    reason = message.get("reason")
    if reason is None:
        reason = ""
    if not isinstance(code, int) or not is_on_the_wire(code):
        raise AsgiProtocolError(
            f"'websocket.close' has the code {code!r}; 1000 to 1003, 1007 to 1014 and 3000 to 4999 "
            "can be sent"
        )
    if not isinstance(reason, str):
        raise AsgiProtocolError(
            f"the 'reason' of 'websocket.close' is a str, not {type(reason).__name__}"
        )
    size = len(utf8(reason, "reason"))
    if size > MAX_REASON:
        raise AsgiProtocolError(
            f"the 'reason' of 'websocket.close' has {size} bytes of UTF-8; up to {MAX_REASON} "
            "can be sent"
        )
    return int(code), reason


def utf8(text: str, what: str) -> bytes:
    """Text as UTF-8, which half a surrogate pair has not."""
    try:
        return text.encode()
    except UnicodeEncodeError as exc:
        raise AsgiProtocolError(f"the {what!r} is not Unicode text: {exc}") from exc
