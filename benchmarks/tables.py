"""Rows as tables: pure, for the terminal and for Markdown alike."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.report import Budget, Row, Section

_NOT_MEASURED: Final = "– not measured"
_HEADS: Final = ("measured", "min", "median", "unit", "ratio", "budget", "")
_FIGURES: Final = frozenset({1, 2})


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as text, and what must be said below them."""

    title: str
    heads: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    figures: frozenset[int]
    """The columns of figures, which are aligned at the right."""
    remarks: tuple[str, ...]


def tables(section: Section) -> list[Table]:
    """The section's own table, if it has rows outside others, and then those others."""
    made: list[Table] = []
    plain = [row for row in section.rows if row.cell is None]
    if plain:
        lines = tuple(_line(row) for row in plain)
        remarks = tuple(f"{row.name.strip()}: {row.note}" for row in plain if row.note)
        made.append(Table(section.title, _HEADS, lines, _FIGURES, remarks))
    groups: dict[str, list[Row]] = {}
    for row in section.rows:
        if row.cell is not None:
            groups.setdefault(row.cell.table, []).append(row)
    made += [_pivot(title, rows) for title, rows in groups.items()]
    return made


def machine_line(facts: dict[str, object]) -> str:
    """What was measured on, in one sentence."""
    versions, load = facts["versions"], facts["load"]
    assert isinstance(versions, dict)
    assert isinstance(load, list)
    named = ", ".join(f"{name} {version}" for name, version in versions.items())
    return (
        f"{facts['implementation']} {facts['python']} on {facts['system']} "
        f"{facts['architecture']}, {facts['cpus']} processors, load {load[0]}; {named}"
    )


def verdict(sections: Iterable[Section]) -> list[str]:
    """How many budgets were kept, and which were not."""
    judged = [(section, row) for section in sections for row in section.rows if row.met is not None]
    missed = [(section, row) for section, row in judged if not row.met]
    lines = [f"{len(judged) - len(missed)} of {len(judged)} budgets met."]
    for section, row in missed:
        got = _ratio(row) or f"{number(row.median or 0.0)} {row.unit}"
        lines.append(
            f"✗ missed: {section.name}: {row.name.strip()}: {got}, {_budget(row.budget, row)}"
        )
    return lines


def number(value: float) -> str:
    """A figure with as many places as it deserves."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.2f}"


def _line(row: Row) -> tuple[str, ...]:
    if row.note:
        return row.name, "", "", "", "", "", _NOT_MEASURED
    verdict = {True: "✓ met", False: "✗ missed", None: ""}[row.met]
    minimum, median = number(min(row.series)), number(row.median or 0.0)
    return row.name, minimum, median, row.unit, _ratio(row), _budget(row.budget, row), verdict


def _pivot(title: str, rows: Sequence[Row]) -> Table:
    """Subjects as lines; a column for each measure, and behind it one for its ratio if it has
    any."""
    measured = [row for row in rows if not row.note]
    subjects = dict.fromkeys(row.cell.subject for row in measured if row.cell)
    columns: list[tuple[str, str, bool]] = []
    for row in measured:
        measure = row.cell.measure if row.cell else ""
        if measure not in (column[0] for column in columns):
            alike = [one for one in measured if one.cell and one.cell.measure == measure]
            against = next((one.against for one in alike if one.against), "")
            unit = f" ({row.unit})" if row.unit and row.unit != measure else ""
            columns.append((measure, f"{measure}{unit}", False))
            if against:
                columns.append((measure, f"× {against}", True))
    lines = []
    for subject in subjects:
        own = {row.cell.measure: row for row in rows if row.cell and row.cell.subject == subject}
        cells = [_cell(own.get(measure), as_ratio) for measure, _, as_ratio in columns]
        lines.append((subject, *cells))
    return Table(
        title,
        ("", *(head for _, head, _ in columns)),
        tuple(lines),
        frozenset(range(1, len(columns) + 1)),
        tuple(_remarks(rows)),
    )


def _cell(row: Row | None, as_ratio: bool) -> str:
    if row is None or row.median is None:
        return "–"
    if not as_ratio:
        return number(row.median)
    if row.ratio is None:
        return ""
    sign = {True: " ✓", False: " ✗", None: ""}[row.met]
    budget = f" ({_budget(row.budget, row)})" if row.budget is not None else ""
    return f"{row.ratio:.2f}{budget}{sign}"


def _remarks(rows: Sequence[Row]) -> list[str]:
    said: dict[str, list[str]] = {}
    for row in rows:
        for words in filter(None, (row.note, row.remark)):
            subjects = said.setdefault(words, [])
            subject = row.cell.subject if row.cell else row.name
            if subject not in subjects:
                subjects.append(subject)
    return [f"{'; '.join(subjects)}: {words}" for words, subjects in said.items()]


def _ratio(row: Row) -> str:
    if row.ratio is None:
        return ""
    # A small ratio reads better as the fraction in which the budgets are stated.
    small = row.budget is not None and row.budget.limit < 0.5
    value = f"1/{1 / row.ratio:.1f}" if small else f"{row.ratio:.2f}"
    return f"{value} of {row.against}"


def _budget(budget: Budget | None, row: Row) -> str:
    if budget is None:
        return ""
    if budget.of == "median":
        return f"{budget.sign} {budget.limit:g} {row.unit}"
    limit = f"1/{1 / budget.limit:.0f}" if budget.limit < 0.5 else f"{budget.limit:.2f}"
    return f"{budget.sign} {limit}"
