"""What is inside of something else: shown by what suits it, as a body of its own would be."""

from collections.abc import Mapping
from typing import Final

from asgitrace.views.body.faults import fault_and_hex, words_of
from asgitrace.views.body.model import SAMPLE_SIZE, Sample
from asgitrace.views.lines import Lines, Notes

_NOTHING: Final = "empty"
_NO_TYPE: Final[Mapping[str, str]] = {}


def inner_lines(
    data: bytes,
    media_type: str = "",
    parameters: Mapping[str, str] = _NO_TYPE,
    *,
    text: bool = False,
) -> Lines:
    """A piece of content, all of it there. Never raises: what fails is seen with its bytes."""
    # The registry knows the modules that this one serves.
    from asgitrace.views.body.registry import choose

    if not data:
        return Notes([f" {_NOTHING}"], "faint")
    sample = Sample(data[:SAMPLE_SIZE], media_type, parameters, len(data), text=text, inner=True)
    try:
        part = choose(sample).part(sample)
        part.feed(data, final=True)
    except Exception as error:
        return fault_and_hex(words_of(error), data)
    return part.lines
