"""Decoders of single content codings (RFC 9110, 8.4.1), a bounded piece at a time.

None gives more than about what it is asked for, however little input that takes, and each gives
what stood before the place where its input is damaged."""

import zlib
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

_GZIP_START: Final = b"\x1f\x8b"
_GZIP, _ZLIB, _RAW = 31, 15, -15
_LARGEST_WINDOW: Final = 8 * 1024 * 1024
"""Of zstd as a content coding (RFC 9659)."""
_ZSTD_PIECE: Final = 64
"""Bytes given to zstd at a time: four may stand for a block of 128 KiB."""
_BROTLI_PIECE: Final = 512
"""Bytes given to brotli at a time; what a damaged piece held before the damage is lost."""


class Damaged(Exception):
    """The input is not what the coding makes; the message says why, in a few words."""


class Missing(Exception):
    """A package is needed; the message is how to install it."""


class Coding(Protocol):
    """Undoes one content coding."""

    @property
    def ended(self) -> bool:
        """The input is complete."""

    @property
    def hungry(self) -> bool:
        """Nothing more comes without further input."""

    def decode(self, data: bytes, most: int) -> bytes:
        """Take in what came, empty unless hungry, and give about ``most`` bytes. Raises
        Damaged."""


class _Inflate:
    """gzip and deflate. A body of gzip may have several members."""

    def __init__(self, window: int) -> None:
        self.ended = False
        self._window = window
        self._inflate = zlib.decompressobj(window)
        self._tail = b""
        self._held = b""
        """What follows the end and is too short to tell what it is."""
        self._full = False
        self._fault = ""

    @property
    def hungry(self) -> bool:
        return not self._full and not self._tail

    def decode(self, data: bytes, most: int) -> bytes:
        """See Coding."""
        if self._fault:
            raise Damaged(self._fault)
        data = self._tail + data
        self._tail = b""
        if self._inflate.eof:
            data = self._next_member(self._held + data)
            if not data:
                return b""
        before = self._inflate.copy()
        try:
            found = self._inflate.decompress(data, most)
        except zlib.error as error:
            return self._salvage(before, data, most, _words(error))
        self._full = len(found) >= most
        self.ended = self._inflate.eof
        self._tail = self._inflate.unused_data if self.ended else self._inflate.unconsumed_tail
        return found

    def _next_member(self, data: bytes) -> bytes:
        """What follows the end of a member, if it is another one."""
        self._full = False
        rest = data.lstrip(b"\0")
        self._held = b""
        if self._window == _GZIP and rest.startswith(_GZIP_START):
            self._inflate = zlib.decompressobj(_GZIP)
            self.ended = False
            return rest
        if len(rest) > 1 or (rest and not _GZIP_START.startswith(rest)):
            raise Damaged("something follows its end")
        self._held = rest
        return b""

    def _salvage(self, inflate: Any, data: bytes, most: int, fault: str) -> bytes:
        """What can be had of a damaged piece: it is taken in by smaller ones."""
        found = bytearray()
        at, step = 0, 256
        while at < len(data) and len(found) < most:
            ahead = inflate.copy()
            try:
                found += ahead.decompress(data[at : at + step])
            except zlib.error:
                if step == 1:
                    break
                step = 1
                continue
            inflate = ahead
            at += step
        if not found:
            raise Damaged(fault)
        self._full = True
        self._inflate, self._tail = inflate, data[at:]
        if len(found) < most:
            self._fault = fault
        return bytes(found)


class _Deflate:
    """``deflate`` is zlib's format (RFC 9110, 8.4.1.2), and bare deflate where senders got that
    wrong."""

    def __init__(self) -> None:
        self._start = b""
        self._inner: _Inflate | None = None

    @property
    def ended(self) -> bool:
        return self._inner is not None and self._inner.ended

    @property
    def hungry(self) -> bool:
        return self._inner is None or self._inner.hungry

    def decode(self, data: bytes, most: int) -> bytes:
        """See Coding."""
        if self._inner is not None:
            return self._inner.decode(data, most)
        self._start += data
        if len(self._start) < 2:
            return b""
        bare = self._start[0] & 15 != 8 or int.from_bytes(self._start[:2], "big") % 31
        self._inner = _Inflate(_RAW if bare else _ZLIB)
        return self._inner.decode(self._start, most)


class _Brotli:
    """br (RFC 7932)."""

    def __init__(self) -> None:
        try:
            import brotli
        except ImportError:
            raise Missing(_how("brotli")) from None
        self._error: type[Exception] = brotli.error
        self._brotli = brotli.Decompressor()
        self._waiting = b""
        self._broken = False

    @property
    def ended(self) -> bool:
        return not self._broken and bool(self._brotli.is_finished())

    @property
    def hungry(self) -> bool:
        if self._broken or self._waiting:
            return False
        return self.ended or bool(self._brotli.can_accept_more_data())

    def decode(self, data: bytes, most: int) -> bytes:
        """See Coding."""
        self._waiting += data
        if self._broken:
            raise Damaged("the data are damaged")
        if self.ended and self._waiting:
            raise Damaged("something follows its end")
        found = bytearray()
        try:
            while len(found) < most and not self.hungry and not self.ended:
                piece = b""
                if self._brotli.can_accept_more_data():
                    piece = self._waiting[:_BROTLI_PIECE]
                    self._waiting = self._waiting[_BROTLI_PIECE:]
                found += self._brotli.process(piece, output_buffer_limit=most)
        except self._error:
            # What stood before is given first; the next call tells.
            self._broken = True
        return bytes(found)


class _Zstd:
    """zstd (RFC 8878), of one frame or several."""

    def __init__(self) -> None:
        try:
            import zstandard
        except ImportError:
            raise Missing(_how("zstandard")) from None
        self.ended = False
        self._error: type[Exception] = zstandard.ZstdError
        self._make: Callable[[], Any] = zstandard.ZstdDecompressor(
            max_window_size=_LARGEST_WINDOW
        ).decompressobj
        self._zstd = self._make()
        self._waiting = b""

    @property
    def hungry(self) -> bool:
        return not self._waiting

    def decode(self, data: bytes, most: int) -> bytes:
        """See Coding."""
        self._waiting += data
        found = bytearray()
        at = 0
        while at < len(self._waiting) and len(found) < most:
            if self._zstd.eof:
                self._zstd, self.ended = self._make(), False
            piece = self._waiting[at : at + _ZSTD_PIECE]
            try:
                found += self._zstd.decompress(piece)
            except self._error as error:
                if found:
                    # What stood before is given first; the next call fails again.
                    break
                raise Damaged(_words(error)) from None
            at += len(piece) - len(self._zstd.unused_data)
            self.ended = bool(self._zstd.eof)
        self._waiting = self._waiting[at:]
        return bytes(found)


CODINGS: Final[Mapping[str, Callable[[], Coding]]] = {
    "gzip": lambda: _Inflate(_GZIP),
    "x-gzip": lambda: _Inflate(_GZIP),
    "deflate": _Deflate,
    "br": _Brotli,
    "zstd": _Zstd,
}
"""What makes the decoder of a coding, by its name. Raises Missing."""


def _how(package: str) -> str:
    return f"{package} is not installed: pip install 'asgitrace[bodies]'"


def _words(error: Exception) -> str:
    """The library's own words, without what it was doing."""
    return str(error).rpartition(": ")[2]
