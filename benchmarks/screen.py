"""The tables of a run on a terminal."""

from collections.abc import Iterable
from typing import Any

import rich.table
from rich.console import Console
from rich.text import Text

from benchmarks.report import Section
from benchmarks.tables import Table, machine_line, tables, verdict


def print_machine(console: Console, facts: dict[str, Any]) -> None:
    """What was measured on, in one paragraph."""
    console.print(machine_line(facts), style="dim", markup=False, highlight=False)


def print_section(console: Console, section: Section) -> None:
    """One benchmark."""
    made = tables(section)
    if made and made[0].title != section.title:
        console.print(section.title, style="bold", markup=False, highlight=False)
    for table in made:
        _print(console, table)


def print_verdict(console: Console, sections: Iterable[Section]) -> None:
    """How many budgets were kept, and which were not."""
    for line in verdict(sections):
        console.print(line, markup=False, highlight=False)


def _print(console: Console, table: Table) -> None:
    shown = rich.table.Table(title=table.title, title_justify="left", title_style="bold")
    for at, head in enumerate(table.heads):
        shown.add_column(head, justify="right" if at in table.figures else "left", no_wrap=not at)
    for line in table.lines:
        shown.add_row(*map(Text, line))
    console.print(shown)
    for remark in table.remarks:
        console.print(f"– {remark}", markup=False, highlight=False)
