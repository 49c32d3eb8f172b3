"""Sizes in bytes as people write them."""

from typing import Final

from asgitrace.errors import OptionError

_DIGITS: Final = 100
_UNITS: Final = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30}


def parse_size(text: str) -> int:
    """Bytes, of ``65536``, ``64KiB`` or ``64k``. Raises OptionError."""
    plain = text.strip().upper().removesuffix("IB").removesuffix("B")
    number = plain.rstrip("KMG")
    unit = plain[len(number) :]
    if not (number.isascii() and number.isdigit() and len(number) < _DIGITS and unit in _UNITS):
        raise OptionError(
            f"{text[:_DIGITS]!r} is not a size; write for example 65536, 64KiB or 4MiB."
        )
    return int(number) * _UNITS[unit]
