"""Lists, parameters and weights, as most headers are written (RFC 9110 section 5.6)."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote_to_bytes

Explained = tuple[str, str, str]
"""A piece of a value, what it means, and the name of a style."""

_QUOTED: Final = '"'


def items(value: str, separator: str = ",") -> Iterator[str]:
    """The members of a list, blank ones left out; a separator in quotes is none."""
    start, at, quoted = 0, 0, False
    while at < len(value):
        character = value[at]
        if character == "\\" and quoted:
            at += 1
        elif character == _QUOTED:
            quoted = not quoted
        elif character == separator and not quoted:
            if item := value[start:at].strip(" \t"):
                yield item
            start = at + 1
        at += 1
    if item := value[start:].strip(" \t"):
        yield item


def parameters(value: str) -> tuple[str, list[tuple[str, str]]]:
    """What stands before the first semicolon, in lower case, and the parameters behind it."""
    first, *rest = [*items(value, ";")] or [""]
    pairs = (item.partition("=") for item in rest)
    return first.lower(), [
        (name.strip().lower(), _unquoted(held.strip())) for name, _, held in pairs
    ]


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] == _QUOTED:
        return value[1:-1].replace('\\"', '"')
    return value


def weight(item: str) -> float:
    """The weight of a member of an Accept list (RFC 9110 section 12.4.2)."""
    for name, value in parameters(item)[1]:
        if name == "q":
            try:
                return max(0.0, min(1.0, float(value))) if value[:1] in "01." else 1.0
            except ValueError:
                return 1.0
    return 1.0


def extended(value: str) -> str:
    """A value with charset and language in front (RFC 8187), decoded where it is UTF-8."""
    charset, first, rest = value.partition("'")
    _, second, text = rest.partition("'")
    if not (first and second) or charset.lower() != "utf-8":
        return value
    return unquote_to_bytes(text).decode("utf-8", "replace")
