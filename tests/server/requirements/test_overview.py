"""The page says what the tables say, and the tests that the tables name exist."""

import ast
from pathlib import Path

import pytest

from tests.server.requirements.overview import PAGE, page
from tests.server.requirements.tables import TABLES

ROOT = Path(__file__).parents[3]
ENTRIES = [entry for table in TABLES.values() for entry in table]
ELSEWHERE = sorted({test for entry in ENTRIES for test in entry.covered})


def test_page_is_in_step_with_the_tables() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "python -m tests.server.requirements.overview writes it"
    )


def test_names_are_unique() -> None:
    names = [entry.id for entry in ENTRIES]

    assert sorted(set(names)) == sorted(names)


def test_every_requirement_is_proved() -> None:
    assert [entry.id for entry in ENTRIES if entry.check is None and not entry.covered] == []


@pytest.mark.parametrize("test", ELSEWHERE)
def test_named_test_exists(test: str) -> None:
    file, name = test.split("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)

    assert name in [node.name for node in tree.body if isinstance(node, functions)]
