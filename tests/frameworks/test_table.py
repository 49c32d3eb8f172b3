"""The README's table is that of the data, and the data that of the matrix."""

import pytest

from tests.frameworks import results
from tests.frameworks.entries import FRAMEWORKS
from tests.frameworks.features import Feature, Framework
from tests.frameworks.table import BEGIN, END, README, table, written_into


def test_the_table_of_the_readme() -> None:
    readme = README.read_text()
    text = table(results.load())
    assert text in readme, "python -m tests.frameworks.table --readme"
    assert written_into(readme, text) == readme


def test_markers() -> None:
    assert written_into(f"a\n{BEGIN}\nold\n{END}\nb", "new") == f"a\n{BEGIN}\n\nnew\n\n{END}\nb"
    with pytest.raises(ValueError, match="no <!-- frameworks -->"):
        written_into("nothing", "new")


def test_every_framework_is_in_it_or_said_not_to_be() -> None:
    text = table(results.load())
    for framework in FRAMEWORKS:
        assert framework.name in text, "python -m tests.frameworks.table --run"


def test_names_and_modules_are_given_once() -> None:
    assert len({one.name for one in FRAMEWORKS}) == len(FRAMEWORKS)
    assert len({one.module for one in FRAMEWORKS}) == len(FRAMEWORKS)


@pytest.mark.parametrize("framework", FRAMEWORKS, ids=lambda one: one.name)
def test_what_a_framework_lacks_has_a_reason(framework: Framework) -> None:
    """Of the forms by hand the name says it, and what has a protocol of its own is no framework
    for all of it."""
    if framework.package and not framework.unable and framework.own is None:
        asked = set(Feature) - {Feature.BROADCAST, Feature.OWN}
        assert set(framework.lacks) == asked - framework.features
