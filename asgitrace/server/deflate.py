"""permessage-deflate (RFC 7692): what is agreed on, and the two streams of it."""

import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Final, Self

from wsproto.frame_protocol import CloseReason, ParseFailed

from asgitrace.server.extensions import Offer

NAME: Final = "permessage-deflate"

_WINDOW: Final = 12
"""Window bits wanted on both sides: 4 KiB find nearly all that small messages repeat, and a session
costs 32 KiB where zlib's default of 15 costs 300."""
_MEMORY: Final = 5
"""The same for zlib's memLevel."""
_TAIL: Final = b"\0\0\xff\xff"
"""What a sender leaves out at the end of each message (RFC 7692 section 7.2.1)."""
_BITS: Final = re.compile(r"[89]|1[0-5]")
_FLAGS: Final = ("server_no_context_takeover", "client_no_context_takeover")
_WINDOWS: Final = ("server_max_window_bits", "client_max_window_bits")


@dataclass(frozen=True, slots=True)
class Agreement:
    """The parameters that the server's answer has. Windows in bits, None for the default of 15."""

    server_no_context_takeover: bool = False
    client_no_context_takeover: bool = False
    server_max_window_bits: int | None = None
    client_max_window_bits: int | None = None

    @classmethod
    def on(cls, offer: Offer) -> Self | None:
        """What to answer to an offer; None if it is to be declined (RFC 7692 section 7.1)."""
        given = dict(offer.parameters)
        if len(given) < len(offer.parameters):
            return None
        flags = {name: name in given for name in _FLAGS}
        if any(given.pop(name, None) is not None for name in _FLAGS):
            return None
        windows: dict[str, int] = {}
        for name, value in given.items():
            if value is None and name == "client_max_window_bits":
                value = "15"
            if name not in _WINDOWS or value is None or not _BITS.fullmatch(value):
                return None
            windows[name] = min(int(value), _WINDOW)
        return cls(
            flags["server_no_context_takeover"],
            flags["client_no_context_takeover"],
            windows.get("server_max_window_bits"),
            windows.get("client_max_window_bits"),
        )

    @classmethod
    def first(cls, offers: Iterable[Offer]) -> Self | None:
        """What to answer to the first offer that can be accepted, if there is one."""
        for offer in offers:
            if offer.name == NAME and (found := cls.on(offer)) is not None:
                return found
        return None

    def header(self) -> bytes:
        """The value of the answer's Sec-WebSocket-Extensions."""
        parts = [NAME]
        for field in fields(self):
            value = getattr(self, field.name)
            if value is True:
                parts.append(field.name)
            elif value:
                parts.append(f"{field.name}={value}")
        return "; ".join(parts).encode("ascii")


class Deflater:
    """Compresses the messages that go out."""

    __slots__ = ("_bits", "_keep", "_strategy", "_stream")

    def __init__(self, agreement: Agreement) -> None:
        bits = agreement.server_max_window_bits or _WINDOW
        # zlib has no window of 8 bits; without any reference back, it does not matter.
        self._bits = -max(bits, 9)
        self._strategy = zlib.Z_HUFFMAN_ONLY if bits == 8 else zlib.Z_DEFAULT_STRATEGY
        self._keep = not agreement.server_no_context_takeover
        self._stream: zlib._Compress | None = None

    def message(self, data: bytes) -> bytes:
        """The payload of a whole message that is not empty."""
        stream = self._stream
        if stream is None:
            stream = zlib.compressobj(
                zlib.Z_DEFAULT_COMPRESSION, zlib.DEFLATED, self._bits, _MEMORY, self._strategy
            )
            if self._keep:
                self._stream = stream
        return (stream.compress(data) + stream.flush(zlib.Z_SYNC_FLUSH))[:-4]


class Inflater:
    """Inflates the messages that come in, never further than asked for."""

    __slots__ = ("_bits", "_fed", "_keep", "_stream")

    def __init__(self, agreement: Agreement) -> None:
        # Peers that use zlib make a window of 9 bits of one of 8.
        self._bits = -max(agreement.client_max_window_bits or 15, 9)
        self._keep = not agreement.client_no_context_takeover
        self._stream: zlib._Decompress | None = None
        self._fed = False

    def piece(self, data: bytes, room: int) -> bytes:
        """A piece of a message, inflated. Raises ParseFailed if it has more than ``room`` bytes."""
        if not data:
            return b""
        self._fed = True
        stream = self._stream
        if stream is None:
            stream = self._stream = zlib.decompressobj(self._bits)
        try:
            out = stream.decompress(data, room + 1)
            while stream.eof and stream.unused_data and len(out) <= room:
                # RFC 7692 section 7.2.3.4: a final block may be followed by others.
                rest = stream.unused_data
                stream = self._stream = zlib.decompressobj(self._bits)
                out += stream.decompress(rest, room + 1 - len(out))
        except zlib.error as exc:
            raise ParseFailed(
                f"a message is not deflated data ({exc})", CloseReason.INVALID_FRAME_PAYLOAD_DATA
            ) from exc
        if len(out) > room:
            raise ParseFailed("a message inflates to too much", CloseReason.MESSAGE_TOO_BIG)
        return out

    def end(self, room: int) -> bytes:
        """The rest of a message, whose last piece was given. Raises as `piece` does."""
        out = b""
        if self._fed and self._stream is not None and not self._stream.eof:
            out = self.piece(_TAIL, room)
        self._fed = False
        if not self._keep or (self._stream is not None and self._stream.eof):
            self._stream = None
        return out
