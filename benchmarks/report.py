"""The table and the JSON of a run."""

import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.series import Series, ratio


@dataclass(frozen=True, slots=True)
class Budget:
    """What a figure must keep."""

    sign: Literal["≤", "≥"]
    limit: float
    of: Literal["ratio", "median"]

    def met(self, value: float) -> bool:
        """Whether ``value`` keeps it."""
        return value <= self.limit if self.sign == "≤" else value >= self.limit


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    name: str
    unit: str = ""
    series: tuple[float, ...] = ()
    against: str = ""
    """What the ratio is to."""
    ratio: float | None = None
    budget: Budget | None = None
    note: str = ""

    @property
    def median(self) -> float | None:
        return statistics.median(self.series) if self.series else None

    @property
    def met(self) -> bool | None:
        """Whether the budget is kept; None where there is none, or nothing was measured."""
        if self.budget is None:
            return None
        value = self.ratio if self.budget.of == "ratio" else self.median
        return None if value is None else self.budget.met(value)

    def as_json(self) -> dict[str, Any]:
        """The row with all its rounds."""
        budget = self.budget
        return {
            "name": self.name,
            "unit": self.unit,
            "min": min(self.series, default=None),
            "median": self.median,
            "rounds": [float(f"{value:.6g}") for value in self.series],
            "against": self.against or None,
            "ratio": self.ratio,
            "budget": budget and {"of": budget.of, "sign": budget.sign, "limit": budget.limit},
            "met": self.met,
            "note": self.note or None,
        }


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one benchmark."""

    name: str
    title: str
    rows: tuple[Row, ...]


def figure(name: str, unit: str, series: Series, budget: Budget | None = None) -> Row:
    """A row that stands for itself."""
    return Row(name, unit, tuple(series), budget=budget)


def compared(
    name: str, unit: str, series: Series, against: str, base: Series, budget: Budget | None = None
) -> Row:
    """A row with its ratio to another series of the same rounds."""
    return Row(name, unit, tuple(series), against, ratio(series, base), budget)


def absent(name: str, note: str) -> Row:
    """A row for what could not be measured, and why."""
    return Row(name, note=note)


def print_machine(console: Console, facts: dict[str, Any]) -> None:
    """What was measured on, in one paragraph."""
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    console.print(
        f"{facts['implementation']} {facts['python']} on {facts['system']} "
        f"{facts['architecture']}, {facts['cpus']} processors, load {facts['load'][0]}; {versions}",
        style="dim",
        markup=False,
        highlight=False,
    )


def print_section(console: Console, section: Section) -> None:
    """One benchmark as a table."""
    table = Table(title=section.title, title_justify="left", title_style="bold")
    table.add_column("measured", no_wrap=True)
    for heading in ("min", "median"):
        table.add_column(heading, justify="right", no_wrap=True)
    for heading in ("unit", "ratio", "budget", ""):
        table.add_column(heading, no_wrap=True)
    for row in section.rows:
        table.add_row(*map(Text, _cells(row)))
    console.print(table)
    for row in section.rows:
        if row.note:
            console.print(f"– {row.name}: {row.note}", markup=False, highlight=False)


def print_verdict(console: Console, sections: Iterable[Section]) -> None:
    """How many budgets were kept, and which were not."""
    judged = [(section, row) for section in sections for row in section.rows if row.met is not None]
    missed = [(section, row) for section, row in judged if not row.met]
    console.print(f"{len(judged) - len(missed)} of {len(judged)} budgets met.", highlight=False)
    for section, row in missed:
        got = _ratio(row) or f"{_number(row.median or 0.0)} {row.unit}"
        line = f"✗ missed: {section.name}: {row.name.strip()}: {got}, {_budget(row.budget, row)}"
        console.print(line, markup=False, highlight=False)


def write_json(path: Path, facts: dict[str, Any], sections: Sequence[Section]) -> None:
    """The whole run with every round's figures."""
    run = {
        "machine": facts,
        "benchmarks": {
            section.name: {
                "title": section.title,
                "rows": [row.as_json() for row in section.rows],
            }
            for section in sections
        },
    }
    path.write_text(json.dumps(run, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _cells(row: Row) -> tuple[str, ...]:
    if row.note:
        return row.name, "", "", "", "", "", "– not measured"
    verdict = {True: "✓ met", False: "✗ missed", None: ""}[row.met]
    minimum, median = _number(min(row.series)), _number(row.median or 0.0)
    return row.name, minimum, median, row.unit, _ratio(row), _budget(row.budget, row), verdict


def _number(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.2f}"


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
