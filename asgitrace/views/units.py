"""Durations, sizes and times in a few cells."""

import time
from typing import Final

_MS: Final = 1_000_000
_S: Final = 1_000_000_000
_KIB: Final = 1024


def format_duration(ns: int) -> str:
    """A duration in at most six cells: ``640ns``, ``812µs``, ``3.42ms``, ``1.20s``, ``2m03s``."""
    if ns <= 0:
        return "0"
    if ns < 1000:
        return f"{ns}ns"
    if ns < 999_500:
        return f"{round(ns / 1000)}µs"
    if ns < 999_500_000:
        return f"{_three_digits(ns / _MS)}ms"
    if ns < 59_950_000_000:
        return f"{_three_digits(ns / _S)}s"
    return _long(round(ns / _S))


def _long(seconds: int) -> str:
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes}m{seconds:02}s"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours}h{minutes:02}m"
    days, hours = divmod(hours, 24)
    if days < 100:
        return f"{days}d{hours:02}h"
    return f"{days}d" if days < 100_000 else ">99kd"


def format_age(seconds: float) -> str:
    """How long something lasts already, in whole seconds: ``12s``, ``2m03s``, ``3h07m``."""
    whole = int(seconds)
    return _long(whole) if whole >= 60 else f"{max(whole, 0)}s"


def _three_digits(value: float) -> str:
    if value < 9.995:
        return f"{value:.2f}"
    if value < 99.95:
        return f"{value:.1f}"
    return f"{value:.0f}"


def format_offset(ns: int) -> str:
    """A distance from a point in time, with its sign: ``+3.42ms``, ``-12µs``, ``+0``."""
    return f"-{format_duration(-ns)}" if ns < 0 else f"+{format_duration(ns)}"


def format_size(size: int) -> str:
    """A number of bytes in at most four cells: ``0``, ``512B``, ``1.2k``, ``34M`` (k is 1024)."""
    if size <= 0:
        return "0"
    if size < 1000:
        return f"{size}B"
    value = float(size)
    for unit in "kMGTPE":
        value /= _KIB
        if value < 9.95:
            return f"{value:.1f}{unit}"
        if value < 999.5:
            return f"{value:.0f}{unit}"
    return "huge"


def format_count(count: int) -> str:
    """A number in at most four cells: ``987``, ``1.2k``, ``34k``, ``5.6M`` (k is 1000)."""
    if count < 10_000:
        return str(max(count, 0))
    value = float(count)
    for unit in "kMGT":
        value /= 1000
        if value < 9.95:
            return f"{value:.1f}{unit}"
        if value < 999.5:
            return f"{value:.0f}{unit}"
    return "many"


def format_clock(wall_ns: int) -> str:
    """Wall time as the clock on the wall shows it: ``12:03:04.123``."""
    seconds, rest = divmod(wall_ns, _S)
    try:
        local = time.localtime(seconds)
    except (OverflowError, ValueError, OSError):  # a made-up time in a file somebody sent
        return "--:--:--.---"
    return f"{local.tm_hour:02}:{local.tm_min:02}:{local.tm_sec:02}.{rest // _MS:03}"
