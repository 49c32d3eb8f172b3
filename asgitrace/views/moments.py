"""Points in time as people type them."""

import re
from datetime import datetime, timedelta
from typing import Final

EXPECTED: Final = "a time: 14:03, 14:03:22.5, +30s, -2m, @1699999999 or 2024-05-06 14:03"

_SECOND: Final = 1_000_000_000
_UNITS: Final = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "ms": 1_000_000,
    "s": _SECOND,
    "m": 60 * _SECOND,
    "h": 3600 * _SECOND,
    "d": 86_400 * _SECOND,
}
_PART: Final = r"([0-9]{1,12}(?:\.[0-9]{1,9})?)(ns|us|µs|ms|s|m|h|d)"
_PARTS: Final = re.compile(_PART)
_OFFSET: Final = re.compile(rf"([+-])((?:{_PART})+)")
_EPOCH: Final = re.compile(r"@([0-9]{1,11})(?:\.([0-9]{1,9}))?")
_CLOCK: Final = re.compile(
    r"(?:([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]+)?"
    r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?"
)
_MOST: Final = 2**61


class NoMoment(ValueError):
    """It does not read as a time; the text says what was expected."""


def moment(text: str, base_ns: int) -> int:
    """A wall time in ns since the epoch.

    ``base_ns`` is the time that offsets count from, and on the day of which a clock without a date
    is read, in the local time zone. Raises NoMoment.
    """
    text = text.strip()
    if found := _OFFSET.fullmatch(text):
        sign, parts = found[1], found[2]
        span = sum(round(float(n) * _UNITS[unit]) for n, unit in _PARTS.findall(parts))
        at = base_ns + (span if sign == "+" else -span)
    elif found := _EPOCH.fullmatch(text):
        at = int(found[1]) * _SECOND + _fraction(found[2])
    elif found := _CLOCK.fullmatch(text):
        at = _clock(found, base_ns)
    else:
        raise NoMoment(f"Expected {EXPECTED}")
    return max(-_MOST, min(at, _MOST))


def _fraction(digits: str | None) -> int:
    return int((digits or "0").ljust(9, "0"))


def _clock(found: re.Match[str], base_ns: int) -> int:
    date, hour, minute, second, fraction = found.groups()
    try:
        day = datetime.fromisoformat(date) if date else datetime.fromtimestamp(base_ns // _SECOND)
        told = day.replace(hour=0, minute=0, second=0, microsecond=0)
        if int(hour) > 23 or int(minute) > 59 or int(second or 0) > 59:
            raise NoMoment(f"There is no such time as {found[0]}")
        told += timedelta(hours=int(hour), minutes=int(minute), seconds=int(second or 0))
        return int(told.timestamp()) * _SECOND + _fraction(fraction)
    except NoMoment:
        raise
    except (ValueError, OverflowError, OSError) as error:
        raise NoMoment(f"There is no such time as {found[0]}") from error
