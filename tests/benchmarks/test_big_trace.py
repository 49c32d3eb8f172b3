"""The large trace is one: its lines fit the schema, and every kind of exchange is in it."""

import io
import json

import jsonschema  # type: ignore[import-untyped]
import pytest

from asgitrace.export import TraceReader
from asgitrace.export.schema import schema
from benchmarks import big_trace


@pytest.fixture(scope="module")
def sample() -> bytes:
    return big_trace.sample(1)


def test_its_lines_fit_the_schema(sample: bytes) -> None:
    validator = jsonschema.Draft202012Validator(schema())
    for line in sample.splitlines()[:300]:
        validator.validate(json.loads(line))


def test_it_can_be_read_and_has_all_there_is(sample: bytes) -> None:
    with TraceReader(io.BytesIO(sample), "sample") as reader:
        items = list(reader)
    assert len(items) > 10_000
    assert reader.cut is None
    for word in (b'"websocket"', b'"raise"', b'"refused"', b"text/event-stream", b'"POST"'):
        assert word in sample


def test_its_size_and_its_seed() -> None:
    out = io.BytesIO()
    assert big_trace.write(out, 5_000_000, seed=2) == 2_000
    assert len(out.getvalue()) > 5_000_000
    assert big_trace.sample(1) == big_trace.sample(1)
