"""How a body can be shown: text, JSON tree, hex. One is chosen by content type and content."""

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from asgitrace.views.body.bodies import Body, charset
from asgitrace.views.body.hexdump import HexLines
from asgitrace.views.body.json_tree import LIMIT, JsonLines
from asgitrace.views.lines import Lines, Notes, Stack
from asgitrace.views.marks import GAP
from asgitrace.views.summary import is_binary
from asgitrace.views.wrap import TextLines

_BYTE_ORDER_MARK: Final = "\ufeff"
_ENOUGH: Final = 4_096
_TEXT_TYPES: Final = ("text/", "application/javascript", "application/xml", "image/svg")
_CUT: Final = "the recording ends here"
_TOO_LARGE: Final = f"larger than {LIMIT >> 20} MiB"
_NO_CHARSETS: Final = frozenset(
    {"idna", "punycode", "raw_unicode_escape", "undefined", "unicode_escape"}
)
"""Python's own codecs of text to text, which no content is encoded with."""


class Part(Protocol):
    """Shows one run of bytes that may grow."""

    lines: Lines

    def feed(self, data: bytes, *, final: bool) -> None: ...


class HexPart:
    """A run as hex; it looks at the run itself."""

    def __init__(self, body: Body, number: int) -> None:
        run = body.runs[number]
        self.lines: Lines = HexLines(run.data, run.offset)

    def feed(self, data: bytes, *, final: bool) -> None:
        """Nothing to do: the run is looked at when it is drawn."""


class TextPart:
    """A run decoded, what cannot be decoded replaced."""

    def __init__(self, body: Body, number: int) -> None:
        self._decoder = decoder(body)
        self._text = TextLines("")
        self._begun = False
        self.lines: Lines = self._text

    def feed(self, data: bytes, *, final: bool) -> None:
        text = self._decoder.decode(data, final)
        self._text.extend(text if self._begun else text.removeprefix(_BYTE_ORDER_MARK))
        self._begun = self._begun or bool(text)


class JsonPart:
    """A run as a tree, up to where it stops being JSON."""

    def __init__(self, body: Body, number: int) -> None:
        self._body = body
        self._decoder = decoder(body)
        self._tree = JsonLines(final=False)
        self._left = LIMIT
        self.lines: Lines = self._tree

    def feed(self, data: bytes, *, final: bool) -> None:
        text = self._decoder.decode(data, final)
        if self._left == LIMIT:
            text = text.removeprefix(_BYTE_ORDER_MARK)
        if self._left:
            self._tree.cut = "" if self._body.whole else _CUT
        if len(text) > self._left:
            text = text[: self._left]
            self._tree.cut = f"the tree ends here: {_TOO_LARGE}"
        self._left -= len(text)
        self._tree.feed(text, final=final or not self._left)


def decoder(body: Body) -> codecs.IncrementalDecoder:
    """A decoder for the body's charset that never fails."""
    name = "utf-8"
    try:
        found = codecs.lookup(charset(body.content_type)).name
        b"x".decode(found, "replace")  # which a codec that is not for text refuses
        name = found if found.replace("-", "_") not in _NO_CHARSETS else name
    except (LookupError, ValueError, TypeError):
        pass
    if name in ("utf-16", "utf-32"):
        # These raise where there is no byte order mark.
        start = bytes(body.runs[0].data[:4]) if body.runs else b""
        name += "-be" if start.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)) else "-le"
    return codecs.getincrementaldecoder(name)("replace")


class BodyLines(Stack):
    """A body in one rendering; gaps are marked where they are."""

    def __init__(self, body: Body, make: Callable[[Body, int], Part]) -> None:
        super().__init__(())
        self._body = body
        self._make = make
        self._open: list[Part] = []
        self._fed = 0
        self._width = 80
        self._shown: list[Lines] = []
        self._done = False
        self.grow()

    def grow(self) -> None:
        """Show what has come to the body."""
        body = self._body
        if self._done:
            return
        for number in range(max(0, len(self._open) - 1), len(body.runs)):
            self._grow_run(number)
        self._done = body.ended
        end = body.runs[-1].offset + len(body.runs[-1].data) if body.runs else 0
        tail = [_gap(body.size - end)] if body.size > end else []
        self._parts = [*self._shown, *tail]

    def _grow_run(self, number: int) -> None:
        body = self._body
        run = body.runs[number]
        if number == len(self._open):
            if number:
                before = body.runs[number - 1]
                self._shown.append(_gap(run.offset - before.offset - len(before.data)))
            self._open.append(self._make(body, number))
            self._shown.append(self._open[-1].lines)
            self._fed = 0
        part = self._open[number]
        final = body.ended or number + 1 < len(body.runs)
        # The bytes are copied since a bytearray that is looked at cannot grow.
        part.feed(bytes(memoryview(run.data)[self._fed :]), final=final)
        self._fed = len(run.data)
        part.lines.reflow(self._width)

    def reflow(self, width: int) -> None:
        self._width = width
        super().reflow(width)


def _gap(missing: int) -> Notes:
    return Notes([f"{GAP} {missing:,} bytes not recorded {GAP}"], "warn")


@dataclass(frozen=True, slots=True)
class Renderer:
    """One way to show a body."""

    name: str
    part: Callable[[Body, int], Part]
    refuses: Callable[[Body], str]
    """Why it cannot show this body; empty if it can."""

    def lines(self, body: Body) -> BodyLines:
        """The body in this rendering."""
        return BodyLines(body, self.part)


def _never(body: Body) -> str:
    return ""


def _no_tree(body: Body) -> str:
    if not body.runs:
        return "there is nothing"
    if len(body.runs[0].data) > LIMIT:
        return _TOO_LARGE
    start = _start(body)
    if not start.startswith(("{", "[", '"')) and not _says_json(body):
        return "does not begin like JSON"
    tree = JsonLines(start, final=body.ended and len(start) >= body.recorded, cut=_CUT)
    return tree.fault if tree.scan.fault is not None and not len(tree.scan) else ""


TEXT: Final = Renderer("Text", TextPart, _never)
JSON: Final = Renderer("JSON", JsonPart, _no_tree)
HEX: Final = Renderer("Hex", HexPart, _never)
RENDERERS: Final = (TEXT, JSON, HEX)


def choose(body: Body) -> tuple[Renderer, str]:
    """The rendering a body asks for, and why it is not the one its type names."""
    if not body.runs:
        return TEXT, ""
    if body.encoding and body.encoding.lower() != "identity":
        return HEX, ""
    if _says_json(body):
        reason = _no_tree(body) or _fails_early(body)
        return (TEXT, reason) if reason else (JSON, "")
    if body.content_type.lower().startswith(_TEXT_TYPES):
        return TEXT, ""
    if is_binary(bytes(body.runs[0].data[:_ENOUGH])):
        return HEX, ""
    looks_json = _start(body).startswith(("{", "["))
    return (JSON if looks_json and not (_no_tree(body) or _fails_early(body)) else TEXT), ""


def _says_json(body: Body) -> bool:
    essence = body.content_type.split(";")[0].strip().lower()
    return essence.endswith(("/json", "+json", "ndjson", "json-seq"))


def _start(body: Body) -> str:
    return decoder(body).decode(bytes(body.runs[0].data[:_ENOUGH])).lstrip("\ufeff \t\r\n")


def _fails_early(body: Body) -> str:
    """Why the start of the body is no JSON; empty if it is."""
    tree = JsonLines(_start(body), final=len(body.runs[0].data) <= _ENOUGH and body.ended)
    return tree.fault if tree.scan.fault is not None and not tree.scan.cut else ""
