"""What a ring says of the process that writes it."""

from typing import Final, Self

import msgspec

from asgitrace.errors import RingError
from asgitrace.ring.codec import clean

_ARGUMENTS: Final = 16
_CUTS: Final = (400, 200, 100, 50, 20, 0)
"""Characters that are left of each text, tried in this order until all of it fits."""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """The process that writes a ring, as it describes itself."""

    app: str = ""
    """``module:attr`` where that is known, else what the app is: the name of its class."""
    server: str = ""
    """Who serves the app, ``uvicorn 0.38.0``; ``asgitrace`` for the embedded server, empty where it
    is not known."""
    argv: tuple[str, ...] = ()
    """The first arguments of the process."""
    python: str = ""
    ppid: int = 0
    started: str = ""
    """Tells the process from another one that has its number later; see
    `asgitrace.ring.processes`. Empty where the system does not say."""
    run: str = ""
    """The run of asgitrace that started it, as ``ASGITRACE_RUN`` says; else empty."""
    cwd: str = ""

    def pack(self, limit: int) -> bytes:
        """As msgpack of at most ``limit`` bytes: the longest texts are cut until it fits."""
        tried = (msgspec.msgpack.encode(self._cut(length)) for length in _CUTS)
        return next(packed for packed in tried if len(packed) <= limit)

    def _cut(self, length: int) -> Self:
        texts = {
            name: clean(value)[:length]
            for name in self.__struct_fields__
            if isinstance(value := getattr(self, name), str)
        }
        argv = tuple(clean(each)[:length] for each in self.argv[:_ARGUMENTS])
        return msgspec.structs.replace(self, argv=argv, **texts)

    @classmethod
    def unpack(cls, packed: bytes, where: str) -> Self:
        """Read what was packed; raises RingError, naming ``where``, if it cannot be read. What a
        later version says besides is passed over."""
        try:
            return msgspec.msgpack.decode(packed, type=cls)
        except (msgspec.MsgspecError, ValueError, TypeError, RecursionError) as error:
            raise RingError(f"{where} is damaged: its description cannot be read.") from error
