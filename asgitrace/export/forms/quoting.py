"""Any text and any bytes as literals of a shell or of Python, which nobody obeys but as what they
are."""

import shlex
from base64 import b64encode, encodebytes
from collections.abc import Iterator
from typing import Final

_WIDTH: Final = 88
_SHORT: Final = 200
"""Bytes of binary that are still written as an escaped literal; longer ones as base64."""


def readable(data: bytes) -> str | None:
    """Bytes as text if it is text that may be shown as it is, line ends and tabs among it."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return text if text.translate(_LAYOUT).isprintable() else None


_LAYOUT: Final = {ord(sign): " " for sign in "\n\t"}


def shell_word(data: bytes) -> str:
    """Bytes without NUL as one word of a POSIX shell; with control characters, or where they are
    not UTF-8, in ``$'...'``, which bash, zsh, ksh and POSIX since 2024 have."""
    text = readable(data)
    if text is not None and "\t" not in text:
        return shlex.quote(text)
    return f"$'{''.join(_dollar_quoted(data.decode('utf-8', 'surrogateescape')))}'"


def needs_dollar(word: str) -> bool:
    """Whether a word of `shell_word` asks for more than a plain POSIX shell."""
    return word.startswith("$'")


def _dollar_quoted(text: str) -> Iterator[str]:
    for sign in text:
        if sign in "\\'":
            yield "\\" + sign
        elif sign == "\n":
            yield "\\n"
        elif sign.isprintable():
            yield sign
        else:
            # Always three digits, so that a digit behind them is none of theirs.
            yield from (f"\\{byte:03o}" for byte in sign.encode("utf-8", "surrogateescape"))


def base64_lines(data: bytes) -> str:
    """Base64 in lines of 76, each with its end."""
    return encodebytes(data).decode("ascii")


def python_literal(value: str | bytes, indent: int) -> str:
    """A literal of Python that is the value, broken over lines that are ``indent`` deep where it is
    long. Long binary is ``base64.b64decode(...)``; see `uses_base64`."""
    shown = repr(value)
    if len(shown) <= _WIDTH - indent:
        return shown
    if uses_base64(value):
        assert isinstance(value, bytes)
        text = b64encode(value).decode("ascii")
        parts = [repr(text[at : at + 76]) for at in range(0, len(text), 76)]
        return f"base64.b64decode({_stacked(parts, indent)})"
    return f"({_stacked(list(map(repr, _pieces(value))), indent)})"


def uses_base64(value: str | bytes) -> bool:
    """Whether `python_literal` writes it as base64, for which the module has to be imported."""
    return isinstance(value, bytes) and len(value) > _SHORT and readable(value) is None


def _pieces(value: str | bytes) -> Iterator[str] | Iterator[bytes]:
    """A long value in parts for one line each, broken behind its line ends where it has some."""
    lines = value.splitlines(keepends=True) if isinstance(value, bytes) else _lines(value)
    return (line[at : at + 72] for line in lines for at in range(0, len(line), 72))  # type: ignore[return-value]


def _lines(text: str) -> list[str]:
    """Not splitlines, to which many more signs are line ends."""
    return [f"{line}\n" for line in text.split("\n")[:-1]] + [text.rpartition("\n")[2]]


def _stacked(parts: list[str], indent: int) -> str:
    """Parts below one another, in brackets that the caller puts round them."""
    lead = "\n" + " " * (indent + 4)
    return lead + lead.join(parts) + "\n" + " " * indent


def inert(text: str) -> str:
    """Text for a reader: what a terminal would obey as Python would escape it; line ends and tabs
    stay."""
    if text.translate(_LAYOUT).isprintable():
        return text
    return "".join(
        sign if sign.isprintable() or sign in "\n\t" else _escaped(sign) for sign in text
    )


def _escaped(sign: str) -> str:
    if "\udc80" <= sign <= "\udcff":
        return f"\\x{ord(sign) - 0xDC00:02x}"
    return sign.encode("unicode_escape").decode("ascii")


def percent_encoded(target: bytes) -> str:
    """A request target of printable ASCII without ``#`` and blanks: other bytes as ``%xx``."""
    return "".join(
        chr(byte) if 0x21 <= byte <= 0x7E and byte not in b'#"<>\\^`{|}' else f"%{byte:02X}"
        for byte in target
    )
