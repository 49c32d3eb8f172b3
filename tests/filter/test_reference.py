"""The table of fields and what is made of it."""

from pathlib import Path

import pytest

from asgitrace.filter import FIELDS, compile_filter
from asgitrace.filter.fields import find, nearest
from asgitrace.filter.fields.model import Field
from asgitrace.filter.reference import BEGIN, END, documentation, markdown
from asgitrace.filter.values import Type

ISSUE = frozenset(
    """
    method path query status type http.version scheme client server header.NAME req.header.NAME
    resp.header.NAME mime size req.size resp.size dur ttfb wait.client wait.backpressure app.time
    after events ws.text ws.opcode ws.dir ws.len close.code close.by ev pending exc log log.level
    conn id tag mark age is idle
""".split()  # noqa: SIM905
)


def test_all_that_was_asked_for_is_there() -> None:
    assert FIELDS.keys() >= ISSUE


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS.keys())
def test_every_field_explains_itself(field: Field) -> None:
    assert field.help
    assert "\n" not in field.help
    assert not field.help.endswith(".")
    assert field.prefix in field.example
    compile_filter(field.example)
    assert (field.type is Type.CHOICE) == bool(field.choices)


def test_find() -> None:
    assert find("STATUS") is FIELDS["status"]
    assert find("statu") is None
    assert find("req.header.") is None
    named = find("Req.Header.X-Id")
    assert named is not None
    assert named.name == "req.header.X-Id"
    assert nearest("mehtod") == "method"
    assert nearest("qqqqqq") == ""


def test_documentation() -> None:
    assert [entry.name for entry in documentation()] == list(FIELDS)
    text = markdown()
    for name in FIELDS:
        assert f"| `{name}`" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    bars = {line.replace("\\|", "").count("|") for line in rows}
    assert bars == {3, 5}


def test_the_readme_has_it_as_it_is() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    if BEGIN in readme:
        assert readme.partition(BEGIN)[2].partition(END)[0].strip() == markdown().strip()
