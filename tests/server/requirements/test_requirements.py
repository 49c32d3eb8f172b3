"""Every requirement of the tables, against a server on a real socket."""

from collections.abc import Iterator

import pytest

from tests.server.requirements.app import app
from tests.server.requirements.bench import Bench
from tests.server.requirements.bench import bench as running
from tests.server.requirements.model import Requirement
from tests.server.requirements.tables import TABLES

CHECKED = [entry for table in TABLES.values() for entry in table if entry.check is not None]


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with running(app) as bench:
        yield bench


@pytest.mark.parametrize("requirement", [pytest.param(entry, id=entry.id) for entry in CHECKED])
def test_requirement(requirement: Requirement, bench: Bench) -> None:
    assert requirement.check is not None
    requirement.check(bench)
