"""The description of the format is right: its example loads, and its commands do what they say."""

import io
import json
import re
import shutil
import subprocess
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest

import asgitrace.export
from asgitrace.export import SourceRecord, TraceReader
from asgitrace.export.content import BYTE_KEYS, WIRE_BYTE_KEYS, WRAPPERS
from asgitrace.export.lines import (
    EventLine,
    ExchangeLine,
    Line,
    LoopLine,
    WireLine,
    decode_line,
    encode_line,
)
from asgitrace.export.schema import schema
from asgitrace.wire import Wire

TEXT = Path(asgitrace.export.__file__).with_name("FORMAT.md").read_text()
EXAMPLE = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)[0].encode()
COMMANDS = re.findall(r"^jq .*$", TEXT, re.MULTILINE)


def test_the_example_is_what_would_be_written() -> None:
    for data in EXAMPLE.splitlines(keepends=True):
        jsonschema.Draft202012Validator(schema()).validate(json.loads(data))
        assert encode_line(decode_line(data)) == data
    assert len(list(TraceReader(io.BytesIO(EXAMPLE), "example"))) == 16


def test_every_line_and_member_is_described() -> None:
    for kind in Line.__args__:
        assert f"| `{kind.__struct_config__.tag}` |" in TEXT
    for member in (
        *EventLine.__struct_fields__,
        *WireLine.__struct_fields__,
        *ExchangeLine.__struct_fields__,
        *LoopLine.__struct_fields__,
        *BYTE_KEYS,
        *WIRE_BYTE_KEYS,
        *(wire.name.lower() for wire in Wire),
    ):
        assert f"`{member}`" in TEXT
    for name in WRAPPERS:
        assert f'`{{"{name}": ' in TEXT


@pytest.mark.skipif(not shutil.which("jq"), reason="jq is not installed")
@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands(tmp_path: Path, command: str) -> None:
    (tmp_path / "trace.jsonl").write_bytes(EXAMPLE)
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert not done.stderr
    made = tmp_path / "three.jsonl"
    if made.exists():
        items = list(TraceReader(io.BytesIO(made.read_bytes()), "three.jsonl"))
        records = [item.record for item in items if isinstance(item, SourceRecord)]
        assert [record.header.exchange for record in records] == [0]
        assert len(items) == 6
    else:
        assert ("900\t1\tsend" in done.stdout) == ("event" in command)
        assert ("2\tframe_out\t1001" in done.stdout) == ("opcode" in command)
        assert ("81925500000" in done.stdout) == ("1e7" in command)
        assert ("52.5" in done.stdout) == ("late_ns" in command)
