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
    """Whether `exc` is nothing but `ClientDisconnected`, be it in task groups."""
    if isinstance(exc, BaseExceptionGroup):
        return exc.split(ClientDisconnected)[1] is None
    return isinstance(exc, ClientDisconnected)
