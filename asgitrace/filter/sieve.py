"""Payloads that cannot hold a text that is looked for, told before they are decoded."""

from collections.abc import Callable, Collection
from typing import Final, TypeAlias

Sieve: TypeAlias = Callable[[bytes], bool]
"""Whether a payload may hold, in UTF-8, a text that passes."""

_FOLDED: Final = tuple(
    letter.encode()
    for letter in "\xdf\u0130\u0149\u017f\u01f0\u1e96\u1e97\u1e98\u1e99\u1e9a\u1e9e\u212a"
    "\ufb00\ufb01\ufb02\ufb03\ufb04\ufb05\ufb06"
)
"""The letters beyond ASCII that hold one of ASCII when they are folded."""

_KELVIN: Final = "\u212a".encode()
"""The only one whose small letter is of ASCII."""

_REPLACED: Final = "\ufffd"


def containing(folded: str) -> Sieve | None:
    """For a text that contains another one, given as it is folded; None where bytes do not tell."""
    if not folded.isascii():
        return None
    wanted = folded.encode()
    return lambda payload: wanted in payload.lower() or any(map(payload.__contains__, _FOLDED))


def exactly(texts: Collection[str]) -> Sieve | None:
    """For a text that is one of these; None where bytes do not tell."""
    if any(_REPLACED in text for text in texts):
        return None
    wanted = [text.encode(errors="surrogatepass") for text in texts]
    return lambda payload: any(map(payload.__contains__, wanted))


def naming(name: str) -> Sieve:
    """For a name, in capitals or not, given in lower case."""
    if not name.isascii():
        return lambda payload: True
    wanted = name.encode()

    def sieve(payload: bytes) -> bool:
        lower = payload.lower()
        return wanted in lower or (b"k" in wanted and wanted in lower.replace(_KELVIN, b"k"))

    return sieve
