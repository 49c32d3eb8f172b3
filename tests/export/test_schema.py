import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

import asgitrace.export
from asgitrace.events import Record
from asgitrace.export.content import WRAPPERS
from asgitrace.export.records import encode_record
from asgitrace.export.schema import main, schema

Validate = Callable[[object], None]


@pytest.fixture(scope="module")
def validate() -> Validate:
    jsonschema.Draft202012Validator.check_schema(schema())
    validator = jsonschema.Draft202012Validator(schema())
    return lambda line: validator.validate(line)


def test_the_committed_schema_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    main()
    committed = Path(asgitrace.export.__file__).with_name("trace.schema.json")
    assert committed.read_text() == capsys.readouterr().out, (
        "run: python -m asgitrace.export.schema > asgitrace/export/trace.schema.json"
    )


def test_as_a_command() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "asgitrace.export.schema"],
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout) == schema()


def test_every_line_is_valid(sample: bytes, validate: Validate) -> None:
    for line in sample.splitlines():
        validate(json.loads(line))


@pytest.mark.parametrize(
    "content",
    [
        {"type": "x", "body": b"\xff", "n": [1, None, True, 1.5, {"a": b"b"}]},
        {"bytes": "one member"},
        {1: float("nan"), "a": float("inf"), b"k": {}},
        {},
        [],
        {"headers": [["str", b"bytes"]]},
    ],
)
def test_every_form_of_content_is_valid(
    make_record: Callable[..., Record], validate: Validate, content: Any
) -> None:
    validate(json.loads(encode_record(0, make_record(content))))
    validate(json.loads(encode_record(0, make_record(payload=b"\xc1", returned=0))))


@pytest.mark.parametrize(
    "change",
    [
        {"line": "evnt"},
        {"exchange": "1"},
        {"exchange": -1},
        {"event": "sent"},
        {"returned_ns": "now"},
        {"more": 1},
        {"number": 65_536},
        *({"message": {name: 5}} for name in WRAPPERS),
        {"message": {"x": {"dict": [["a"]]}}},
    ],
)
def test_what_readers_refuse_is_not_valid(
    sample: bytes, validate: Validate, change: dict[str, Any]
) -> None:
    event = json.loads(sample.splitlines()[8])
    validate(event)
    with pytest.raises(jsonschema.ValidationError):
        validate({**event, **change})


def test_the_wrappers_of_the_schema_are_those_of_the_reader() -> None:
    forms = schema()["$defs"]["Content"]["anyOf"]
    found = {name for form in forms if "$ref" in form for name in _members(form["$ref"])}
    assert found == WRAPPERS.keys()


def _members(reference: str) -> list[str]:
    definition = schema()["$defs"][reference.removeprefix("#/$defs/")]
    return list(definition["properties"])
