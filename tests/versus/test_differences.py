"""Comparing facts: what is a difference, and which exchanges share one."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from asgitrace.versus.differences import Row, compare, merge
from asgitrace.versus.facts import NOT_CALLED, NOTHING, PARTS, UNKNOWN, Facts, Name

names = st.builds(Name, st.sampled_from(PARTS), st.sampled_from(["order", "status", "a", "b"]))
facts = st.dictionaries(names, st.sampled_from(["x", "y", NOT_CALLED]), max_size=8)
plays = st.dictionaries(
    st.sampled_from(["GET", "POST", "ws"]), st.lists(facts, min_size=3, max_size=3), min_size=1
)


def told(rows: Sequence[Row]) -> dict[tuple[str, Name], tuple[str, ...]]:
    found: dict[tuple[str, Name], tuple[str, ...]] = {}
    for row in rows:
        for play in row.plays:
            assert (play, row.name) not in found
            found[play, row.name] = row.values
    return found


@settings(max_examples=25)
@given(plays)
def test_every_fact_is_told_once(given_facts: dict[str, list[Facts]]) -> None:
    found = told(compare(given_facts))
    for play, each in given_facts.items():
        for name in {name for one in each for name in one}:
            for one, value in zip(each, found.pop((play, name)), strict=True):
                assert one.get(name, value) == value
                assert name in one or value in (NOTHING, UNKNOWN)
    assert not found


@settings(max_examples=25)
@given(plays)
def test_rows_are_merged_and_in_order(given_facts: dict[str, list[Facts]]) -> None:
    rows = compare(given_facts)
    assert len({(row.name, row.values) for row in rows}) == len(rows)
    parts = [PARTS.index(row.name.part) for row in rows]
    assert parts == sorted(parts)


@settings(max_examples=25)
@given(plays)
def test_the_order_of_the_servers_is_no_matter(given_facts: dict[str, list[Facts]]) -> None:
    turned = {play: each[::-1] for play, each in given_facts.items()}
    rows, again = told(compare(given_facts)), told(compare(turned))
    assert again == {place: values[::-1] for place, values in rows.items()}


@given(facts)
def test_equal_servers_do_not_differ(one: Facts) -> None:
    assert not any(row.differs for row in compare({"GET": [one, dict(one), one]}))


def test_what_there_was_no_occasion_to_see_is_no_difference() -> None:
    order, path, status = Name("events", "order"), Name("scope", "path"), Name("response", "status")
    called = {order: "receive", path: "/", status: "200"}
    rows = {row.name: row for row in compare({"GET": [called, {order: NOT_CALLED}]})}
    assert rows[order].differs
    assert rows[path].values == ("/", UNKNOWN)
    assert not rows[path].differs
    rows = {row.name: row for row in compare({"GET": [called, {order: "receive", status: "200"}]})}
    assert rows[path].values == ("/", NOTHING)
    assert rows[path].differs


@given(st.lists(st.sampled_from("abc")))
def test_equal_values_are_those_of_the_first(values: list[str]) -> None:
    for place, first in enumerate(merge(values)):
        assert first == values.index(values[place])
