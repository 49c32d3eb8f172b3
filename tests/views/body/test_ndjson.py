"""JSON values one after another."""

import pytest

from asgitrace.views.body.model import Rating
from asgitrace.views.body.ndjson import RENDERER
from tests.views.body.rendered import lines_of, rate, rendered, sample_of
from tests.views.drawn import drawn


def test_shows_each_line_and_what_is_none() -> None:
    data = b'\xef\xbb\xbf{"a": 1}\r\n\n[{"b": 2}]\nnope \x1b\n' + b"[" * 2_000 + b"\n7"
    shown = rendered(RENDERER, data)
    assert shown[:3] == [
        ' ▸    1  {"a": 1}',
        ' ▸    2  [{"b": 2}]',
        " ▸    3  ✗ not JSON  nope ␛",
    ]
    assert shown[3].startswith(" ▸    4  [[[[")
    assert shown[4] == " ▸    5  7"


def test_a_line_opens_to_its_tree() -> None:
    data = b'{"a": [1]}\n2'
    lines = lines_of(RENDERER, data, sample_of(data))
    assert lines.toggle(0)
    assert [line.strip() for line in drawn(lines)[1:4]] == ["▾ {", '▾ "a": [', "1"]


def test_reads_sequences_by_their_separator() -> None:
    data = b'\x1e{"a":\n1}\n\x1e\x1e[2]\n'
    sample = sample_of(data, "application/json-seq")
    assert rendered(RENDERER, data, sample) == [' ▸    1  {"a":␊1}', " ▸    2  [2]"]
    assert rendered(RENDERER, data) == rendered(RENDERER, data, sample)


@pytest.mark.parametrize(
    ("data", "kind", "rating"),
    [
        (b"", "application/x-ndjson", Rating.EXACT),
        (b"", "application/geo+json-seq", Rating.EXACT),
        (b"\x1e1", "", Rating.LIKELY),
        (b'{"a": 1}\n{"b"', "application/json", Rating.EXACT),
        (b'{"a": 1}\n', "application/json", Rating.NO),
        (b'{\n{"a": 1}}\n', "", Rating.NO),
        (b"1\n2\n", "", Rating.NO),
    ],
)
def test_is_chosen_by_type_and_content(data: bytes, kind: str, rating: Rating) -> None:
    assert rate(RENDERER, data, kind) is rating
