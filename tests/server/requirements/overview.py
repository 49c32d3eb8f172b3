"""The tables as a page; ``python -m tests.server.requirements.overview`` writes it."""

from pathlib import Path
from typing import Final

from tests.server.requirements.model import Level, Requirement
from tests.server.requirements.tables import TABLES

PAGE: Final = Path(__file__).with_name("README.md")
_HEAD: Final = """\
# What the server keeps

Written by `python -m tests.server.requirements.overview` from the tables in this folder; a test
keeps it in step. *ours* is what an RFC leaves to a server. A requirement without a test named is
proved by `test_requirements.py::test_requirement[<RFC>-<section>-<name>]`, against a server on a
real socket.
"""
_COLUMNS: Final = ("section", "name", "level", "requirement", "test elsewhere")


def page() -> str:
    """The whole page."""
    parts = [_HEAD]
    for title, entries in TABLES.items():
        counts = ", ".join(
            f"{sum(entry.level is level for entry in entries)} {level}" for level in Level
        )
        parts.append(f"\n## {title}\n\n{len(entries)} requirements: {counts}.\n\n")
        parts.append(_line(_COLUMNS) + _line(["---"] * len(_COLUMNS)))
        parts.extend(_line(_cells(entry)) for entry in entries)
    return "".join(parts)


def _cells(entry: Requirement) -> tuple[str, ...]:
    elsewhere = " ".join(f"`{test}`" for test in entry.covered)
    return entry.section, entry.name, entry.level, entry.text, elsewhere


def _line(cells: "tuple[str, ...] | list[str]") -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
