"""A body as a tree of JSON."""

from typing import TYPE_CHECKING, Final

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


def _rate(sample: Sample) -> Rating:
    named = _named(sample)
    start = _start(sample)
    if not named and not start.startswith(("{", "[", '"')):
        return Rating.NO
    tree = _tree(sample, start)
    if tree.scan.fault is not None and not len(tree.scan):
        return Rating.NO
    if _fails(tree) or (not named and start.startswith('"')):
        return Rating.ABLE
    return Rating.NAMED if named else Rating.LIKELY


def _doubt(sample: Sample) -> str:
    if not _named(sample):
        return ""
    tree = _tree(sample, _start(sample))
    return tree.fault if _fails(tree) else ""


def _named(sample: Sample) -> bool:
    kind = sample.media_type
    return kind.endswith(("/json", "+json", *_SEVERAL))


def _start(sample: Sample) -> str:
    return start_text(sample).lstrip(" \t\r\n")


def _tree(sample: Sample, start: str) -> JsonLines:
    complete = sample.ended and sample.size <= min(len(sample.start), SAMPLE_SIZE)
    return JsonLines(start, final=complete)


def _fails(tree: JsonLines) -> bool:
    return tree.scan.fault is not None and not tree.scan.cut


def _part(sample: Sample) -> Part:
    return JsonPart(sample)


RENDERER: Final = Renderer("JSON", _rate, _part, _doubt)
