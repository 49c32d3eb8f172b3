"""What the server raises into an app that misuses, or outlives, its connection."""

from collections.abc import Iterable


class ClientDisconnected(OSError):
    """`send` after the peer went away (ASGI HTTP and WebSocket 2.4, "Disconnected Client")."""

    def __init__(self) -> None:
        super().__init__("the client has disconnected")


class AsgiProtocolError(RuntimeError):
    """The app sent a message the specification does not allow at this point."""

    @classmethod
    def unexpected(cls, got: object, expected: Iterable[str]) -> "AsgiProtocolError":
        """The error for a message type that is not among those allowed now."""
        allowed = " or ".join(repr(name) for name in expected)
        if not allowed:
            return cls(f"the app sent {got!r} after the response was complete or closed")
        return cls(f"the app sent {got!r} where {allowed} was expected")


def is_disconnect(exc: BaseException) -> bool:
    """Whether `exc` is nothing but `ClientDisconnected`, or what a framework raised in its place,
    be it in task groups."""
    if isinstance(exc, BaseExceptionGroup):
        return all(is_disconnect(one) for one in exc.exceptions)
    seen = set()
    found: BaseException | None = exc
    while found is not None and id(found) not in seen:
        if isinstance(found, ClientDisconnected):
            return True
        seen.add(id(found))
        found = found.__cause__ or found.__context__
    return False
