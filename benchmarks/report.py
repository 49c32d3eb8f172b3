"""The rows and sections of a run, and their JSON."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self

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


class Cell(NamedTuple):
    """Where a figure stands in a table of many subjects with many measures."""

    table: str
    subject: str
    """Its line."""
    measure: str
    """Its column."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: a line of a section's table, or a cell of one of its own."""

    name: str
    unit: str = ""
    series: tuple[float, ...] = ()
    against: str = ""
    """What the ratio is to."""
    ratio: float | None = None
    budget: Budget | None = None
    note: str = ""
    """Why nothing was measured."""
    cell: Cell | None = None
    remark: str = ""
    """What must be known of the figure."""

    @property
    def median(self) -> float | None:
        """The middle of the rounds."""
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
            "cell": self.cell and list(self.cell),
            "remark": self.remark or None,
        }

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:
        """The row that `as_json` told of. Raises KeyError, TypeError."""
        budget, cell = told["budget"], told.get("cell")
        return cls(
            told["name"],
            told["unit"],
            tuple(told["rounds"]),
            told["against"] or "",
            told["ratio"],
            budget and Budget(**budget),
            told["note"] or "",
            cell and Cell(*cell),
            told.get("remark") or "",
        )


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


@dataclass(slots=True)
class Board:
    """Gathers the rows of one table of many subjects; the first that is measured may be what the
    others are compared with."""

    table: str
    base: str
    """The subject of the ratios."""
    rows: list[Row] = field(default_factory=list)

    def put(
        self,
        subject: str,
        measure: str,
        unit: str,
        series: Series,
        *,
        compare: bool = False,
        budget: Budget | None = None,
        remark: str = "",
    ) -> None:
        """Add a figure. Its ratio is to the base's figures of the same measure, if they were put
        before; nothing is added if nothing was measured."""
        if not series:
            return
        cell = Cell(self.table, subject, measure)
        base = self._base(measure) if compare and subject != self.base else ()
        times = ratio(series, base) if base and all(base) else None
        against = "" if times is None else self.base
        self.rows.append(
            Row(", ".join(cell), unit, tuple(series), against, times, budget, "", cell, remark)
        )

    def leave_out(self, subject: str, note: str) -> None:
        """Add a line that could not be measured, and why."""
        cell = Cell(self.table, subject, "")
        self.rows.append(Row(f"{self.table}, {subject}", note=note, cell=cell))

    def _base(self, measure: str) -> Series:
        cell = Cell(self.table, self.base, measure)
        return next((row.series for row in self.rows if row.cell == cell), ())


def absent(name: str, note: str) -> Row:
    """A row for what could not be measured, and why."""
    return Row(name, note=note)


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


def read_json(path: Path) -> tuple[dict[str, Any], list[Section]]:
    """What `write_json` wrote. Raises OSError, ValueError, KeyError, TypeError."""
    run = json.loads(path.read_text(encoding="utf-8"))
    sections = [
        Section(name, told["title"], tuple(map(Row.from_json, told["rows"])))
        for name, told in run["benchmarks"].items()
    ]
    return run["machine"], sections
