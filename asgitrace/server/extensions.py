"""Sec-WebSocket-Extensions as the client sends it (RFC 6455 section 9.1). Pure."""

import re
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_QUOTED: Final = r'"(?:[^"\\]|\\.)*"'
_PARAMETER: Final = re.compile(
    rf"[ \t]*;[ \t]*(?P<name>{_TOKEN})"
    rf"(?:[ \t]*=[ \t]*(?:(?P<token>{_TOKEN})|(?P<quoted>{_QUOTED})))?"
)
_NAME: Final = re.compile(_TOKEN)
_BETWEEN: Final = re.compile(r"[ \t]*(?:,[ \t]*)*")
_ESCAPE: Final = re.compile(r"\\(.)")


class MalformedExtensions(ValueError):
    """The header is not of the grammar: the handshake fails (RFC 6455 section 9.1)."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One extension that the client would like, with its parameters in order."""

    name: str
    parameters: tuple[tuple[str, str | None], ...] = ()


def parse_offers(header: str) -> list[Offer]:
    """The offers of the header, several lines of which are joined by commas.

    Raises `MalformedExtensions`.
    """
    offers = []
    at = _skip(header, 0)
    while at < len(header):
        found = _NAME.match(header, at)
        if found is None:
            raise MalformedExtensions(header)
        at = found.end()
        parameters = []
        while parameter := _PARAMETER.match(header, at):
            parameters.append((parameter["name"], _value(parameter)))
            at = parameter.end()
        offers.append(Offer(found[0], tuple(parameters)))
        after = _skip(header, at)
        if after < len(header) and "," not in header[at:after]:
            raise MalformedExtensions(header)
        at = after
    return offers


def _skip(header: str, at: int) -> int:
    """Past blanks, commas and the empty elements between them (RFC 9110 section 5.6.1.2)."""
    found = _BETWEEN.match(header, at)
    assert found is not None, "it matches nothing, too"
    return found.end()


def _value(parameter: re.Match[str]) -> str | None:
    if parameter["quoted"] is None:
        return parameter["token"]
    # RFC 6455 section 9.1: what was quoted must be a token all the same.
    value = _ESCAPE.sub(r"\1", parameter["quoted"][1:-1])
    if not _NAME.fullmatch(value):
        raise MalformedExtensions(parameter[0])
    return value
