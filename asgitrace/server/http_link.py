"""What an HTTP exchange needs of its connection."""

from collections.abc import Iterable
from typing import Any, Protocol

from asgitrace.server.call import CallLink
from asgitrace.server.files import FilePart


class HttpLink(CallLink, Protocol):
    """Does for an HTTP exchange what that may not do itself: any I/O."""

    @property
    def blocked(self) -> bool:
        """Whether the client takes no more bytes at the moment."""

    async def drain(self) -> None:
        """Wait until the client takes bytes again."""

    def read_on(self) -> None:
        """The app asks for more: let the client send it."""

    def start_response(self, status: object, headers: Iterable[Any]) -> None:
        """Send the head of the response."""

    def send_body(self, data: bytes, more: bool) -> None:
        """Send a piece of its body."""

    async def send_large(self, data: bytes, more: bool) -> None:
        """Send a large piece of its body, as fast as the client takes it."""

    async def send_file(self, part: FilePart, more: bool) -> None:
        """Send a file as a piece of its body, as fast as the client takes it."""

    def send_trailers(self, headers: Iterable[Any]) -> None:
        """Send its trailers, which are its end."""

    def send_hint(self, links: Iterable[Any]) -> None:
        """Send early hints."""

    def completed(self) -> None:
        """The response is complete: go on with the next request."""

    def breached(self, text: str, status: int = 0) -> None:
        """The app broke the protocol; the status is what the client gets for it."""

    def fail(self) -> None:
        """Answer 500 and close."""
