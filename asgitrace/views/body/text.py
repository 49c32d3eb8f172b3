"""A body as text."""

from typing import TYPE_CHECKING, Final

from asgitrace.views.body.charsets import charset_of, decoder_of
from asgitrace.views.body.grammars import grammar_of
from asgitrace.views.body.highlight import SourceLines
from asgitrace.views.body.model import Part, Rating, Renderer, Sample
from asgitrace.views.summary import is_binary
from asgitrace.views.wrap import TextLines

if TYPE_CHECKING:
    from asgitrace.views.lines import Lines

_TEXT_TYPES: Final = frozenset(
    {"application/javascript", "application/ecmascript", "application/xml", "application/xml-dtd"}
)


class TextPart:
    """A run decoded, what cannot be decoded replaced."""

    def __init__(self, sample: Sample) -> None:
        self.decoder = decoder_of(sample)
        grammar = grammar_of(sample)
        self._text = TextLines("") if grammar is None else SourceLines(grammar)
        self.lines: Lines = self._text

    def feed(self, data: bytes, *, final: bool) -> None:
        """Take in what came."""
        self._text.extend(self.decoder.decode(data, final))
        if final and isinstance(self._text, SourceLines):
            self._text.finish()


def looks_binary(sample: Sample) -> bool:
    """Whether it is better read as hex than as text."""
    wide = charset_of(sample).name.startswith(("utf-16", "utf-32"))
    return not sample.text and not wide and is_binary(sample.start)


def _rate(sample: Sample) -> Rating:
    kind = sample.media_type
    if kind.startswith("text/") or kind.endswith("+xml") or kind in _TEXT_TYPES:
        return Rating.NAMED
    return Rating.ABLE if looks_binary(sample) else Rating.LIKELY


def _part(sample: Sample) -> Part:
    return TextPart(sample)


RENDERER: Final = Renderer("Text", _rate, _part)
