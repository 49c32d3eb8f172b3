"""A body as a tree of JSON."""

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from asgitrace.views.body.charsets import decoder_of, start_text
from asgitrace.views.body.json_tree import LIMIT, JsonLines
from asgitrace.views.body.model import SAMPLE_SIZE, Part, Rating, Renderer, Sample

if TYPE_CHECKING:
    from asgitrace.views.lines import Lines

_CUT: Final = "the recording ends here"
_SEVERAL: Final = ("ndjson", "jsonl", "json-seq", "jsonlines")
"""Ends of media types of several values after one another."""


class JsonPart:
    """A run as a tree, up to where it stops being JSON."""

    def __init__(self, sample: Sample) -> None:
        self.decoder = decoder_of(sample)
        self._tree = JsonLines(final=False, cut="" if sample.whole else _CUT)
        self._left = LIMIT
        self.lines: Lines = self._tree

    def feed(self, data: bytes, *, final: bool) -> None:
        """Take in what came."""
        text = self.decoder.decode(data, final)
        if len(text) > self._left:
            text = text[: self._left]
            self._tree.cut = f"the tree ends here: larger than {LIMIT >> 20} MiB"
        self._left -= len(text)
        self._tree.feed(text, final=final or not self._left)


class _Opening(NamedTuple):
    """What the start of a body reads like."""

    bracket: bool
    """It begins like an object or a list."""
    quote: bool
    empty: bool
    """Nothing of it is JSON."""
    fault: str
    """Why it is not JSON throughout; empty if it is, or may become it."""


@lru_cache(maxsize=8)
def _opening(text: str, complete: bool) -> _Opening:
    """Asked several times for each body."""
    tree = JsonLines(text)
    goes_on = tree.scan.cut and not complete
    failed = tree.scan.fault is not None and not goes_on
    return _Opening(
        bracket=text.startswith(("{", "[")),
        quote=text.startswith('"'),
        empty=failed and not len(tree.scan),
        fault=tree.fault if failed and not tree.scan.cut else "",
    )


def _opening_of(sample: Sample) -> _Opening:
    complete = sample.ended and sample.size <= min(len(sample.start), SAMPLE_SIZE)
    return _opening(start_text(sample).lstrip(" \t\r\n"), complete)


def _rate(sample: Sample) -> Rating:
    named = _named(sample)
    opening = _opening_of(sample)
    if opening.empty or not (named or opening.bracket or opening.quote):
        return Rating.NO
    if opening.fault or (not named and opening.quote):
        return Rating.ABLE
    return Rating.NAMED if named else Rating.LIKELY


def _doubt(sample: Sample) -> str:
    return _opening_of(sample).fault if _named(sample) else ""


def _named(sample: Sample) -> bool:
    return sample.media_type.endswith(("/json", "+json", *_SEVERAL))


def _part(sample: Sample) -> Part:
    return JsonPart(sample)


RENDERER: Final = Renderer("JSON", _rate, _part, _doubt)
