"""Dates and spans of time as headers give them."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from asgitrace.words import counted

_UNITS: Final = (("year", 31_536_000), ("day", 86_400), ("hour", 3_600), ("minute", 60))
_LONGEST_DATE: Final = 64
_MOST_DIGITS: Final = 18
_S: Final = 1_000_000_000


def span_text(seconds: int) -> str:
    """A span in its two largest units: ``1 hour``, ``2 days 3 hours``, ``45 seconds``."""
    found = []
    for name, takes in _UNITS:
        count, seconds = divmod(seconds, takes)
        if count:
            found.append(counted(count, name))
        elif found:
            break
        if len(found) == 2:
            break
    if len(found) < 2 and (seconds or not found):
        found.append(counted(seconds, "second"))
    return " ".join(found[:2])


def number(value: str) -> int | None:
    """A whole number of a header, with a sign perhaps; None where it is none."""
    digits = value.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > _MOST_DIGITS:
        return None
    return int(value)


def http_date(value: str) -> datetime | None:
    """A date of a header (RFC 9110 section 5.6.7); None where it is none."""
    if len(value) > _LONGEST_DATE:
        return None
    try:
        found = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def distance(value: str, now_ns: int) -> int | None:
    """Seconds from a wall time to a date, negative where it is past; None where it is no date."""
    at = http_date(value)
    return None if at is None else int(at.timestamp()) - now_ns // _S


def date_words(value: str, now_ns: int) -> str:
    """How far a date is from a wall time, in words."""
    seconds = distance(value, now_ns)
    return "not a date" if seconds is None else apart(seconds)


def apart(seconds: int) -> str:
    """How long before or after the request something is."""
    if seconds == 0:
        return "at the time of the request"
    return f"{span_text(abs(seconds))} {'after' if seconds > 0 else 'before'} the request"
