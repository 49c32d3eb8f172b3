"""A request as a command line of curl."""

from collections.abc import Iterator
from typing import Final

from asgitrace.export.forms.call import Call, call_of
from asgitrace.export.forms.model import Form
from asgitrace.export.forms.place import is_plain
from asgitrace.export.forms.quoting import base64_lines, needs_dollar, readable, shell_word
from asgitrace.store.model import Exchange, RowKind

_WORD_LIMIT: Final = 64 * 1024
"""Bytes of a body that are still written as a word: Linux takes twice as many."""
_EXPECTS_FROM: Final = 1024 * 1024
"""Bytes of a body from which on curl asks first whether it is wanted."""
_UNASKED: Final = (b"accept", b"user-agent")
"""Headers that curl sends where it is not told otherwise."""
_VERSIONS: Final = {"1.0": "--http1.0", "2": "--http2-prior-knowledge"}
_LAST: Final = "BODY"


def write(exchange: Exchange, address: str) -> str:
    """The command line, with comments before it."""
    call = call_of(exchange, address)
    piped = call.has_body and not _fits_inline(call.body)
    words = list(_words(call, piped=piped))
    notes = list(_notes(call, [word for word, *_ in words]))
    line = " \\\n  ".join(" ".join(word) for word in words)
    if piped:
        line = f"base64 -d <<'{_LAST}' | {line}\n{base64_lines(call.body)}{_LAST}"
    return "".join(f"# {note}\n" for note in notes) + line + "\n"


def _fits_inline(body: bytes) -> bool:
    """Whether a body is written as text: it is text, or nearly so."""
    if len(body) > _WORD_LIMIT or b"\0" in body:
        return False
    if readable(body) is not None:
        return True
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    return sum(not sign.isprintable() and sign not in "\r\n\t" for sign in text) * 20 <= len(text)


def _words(call: Call, *, piped: bool) -> Iterator[tuple[str, ...]]:
    """What stands in each line."""
    plain = is_plain(call.target)
    yield "curl", *_switches(call, plain=plain), shell_word(call.place.url(call.target).encode())
    if call.place.socket:
        yield "--unix-socket", shell_word(call.place.socket.encode("utf-8", "surrogateescape"))
    if not plain:
        yield "--request-target", shell_word(call.target)
    for name, value in call.headers:
        # An empty one needs a semicolon; with a colon it would be left out.
        pair = name + (b": " + value if value.strip() else b";")
        yield "-H", shell_word(pair)
    for name in _unwanted(call):
        yield "-H", shell_word(name + b":")
    if piped:
        yield "--data-binary", "@-"
    elif call.has_body:
        yield "--data-raw", shell_word(call.body)


def _switches(call: Call, *, plain: bool) -> Iterator[str]:
    if call.method == "HEAD" and not call.has_body:
        yield "--head"
    elif call.method != ("POST" if call.has_body else "GET"):
        yield f"-X {shell_word(call.method.encode())}"
    if call.method == "HEAD" and call.has_body:
        # It would wait for the body that the answer announces.
        yield "--max-time 10"
    if option := _VERSIONS.get(call.version):
        yield option
    if call.streams:
        yield "--no-buffer"
    if call.header(b"accept-encoding"):
        yield "--compressed"
    if not plain or call.place.host.count(":"):
        # Brackets and braces are no patterns; points in a path stay.
        yield "--globoff --path-as-is"


def _unwanted(call: Call) -> Iterator[bytes]:
    """Headers that curl would add, and the client did not send."""
    for name in _UNASKED:
        if call.header(name) is None:
            yield name
    if call.has_body:
        if call.header(b"content-type") is None:
            yield b"content-type"
        if len(call.body) >= _EXPECTS_FROM:
            yield b"expect"


def _notes(call: Call, first: list[str]) -> Iterator[str]:
    yield from call.notes
    if b"\0" in call.target:
        yield "The request target has a zero byte in it, which no command line can have."
    if call.place.secure:
        yield "With a certificate of your own: add --cacert FILE, or --insecure."
    if any(needs_dollar(word) for word in first):
        yield "Needs bash or zsh."


FORM: Final = Form("curl", "a curl command", ".sh", "#", frozenset({RowKind.HTTP}), write)
