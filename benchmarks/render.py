"""``python -m benchmarks.render FILE.json [--into FILE.md]``: the tables of a run as Markdown.

With ``--into`` they replace what stands between the two markers of that file, so that no figure is
typed by hand."""

import argparse
import sys
from pathlib import Path
from typing import Any, Final

from benchmarks.report import Section, read_json
from benchmarks.tables import Table, machine_line, tables, verdict

BEGIN: Final = "<!-- figures: made by python -m benchmarks render -->"
END: Final = "<!-- end of figures -->"


def main(arguments: list[str]) -> int:
    """Render a run; the status is 1, with a sentence, if it or the markers cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks render", description=__doc__)
    parser.add_argument("run", type=Path, metavar="FILE.json")
    parser.add_argument("--into", type=Path, metavar="FILE.md", help="a file that has the markers")
    options = parser.parse_args(arguments)
    try:
        text = markdown(*read_json(options.run))
        if options.into is None:
            print(text)
        else:
            page = options.into.read_text(encoding="utf-8")
            options.into.write_text(between_markers(page, text), encoding="utf-8")
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"{options.run} cannot be rendered: {error}", file=sys.stderr)
        return 1
    return 0


def markdown(facts: dict[str, Any], sections: list[Section]) -> str:
    """The whole run."""
    kept, *missed = verdict(sections)
    parts = [f"Measured on {machine_line(facts)}. {kept}"]
    if missed:
        parts.append("\n".join(f"- {line}" for line in missed))
    for section in sections:
        parts.append(f"### {section.title}")
        parts += [_table(one, titled=one.title != section.title) for one in tables(section)]
    return "\n\n".join(parts)


def between_markers(page: str, text: str) -> str:
    """``page`` with ``text`` between its markers. Raises ValueError if it has none."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no {BEGIN} … {END} in the page")
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"


def _table(table: Table, *, titled: bool) -> str:
    rule = ["---:" if at in table.figures else "---" for at in range(len(table.heads))]
    lines = [_line(table.heads), _line(rule), *map(_line, table.lines)]
    parts = [f"**{table.title}**"] if titled else []
    parts.append("\n".join(lines))
    if table.remarks:
        parts.append("\n".join(f"- {remark}" for remark in table.remarks))
    return "\n\n".join(parts)


def _line(cells: tuple[str, ...] | list[str]) -> str:
    return f"| {' | '.join(cell.strip().replace('|', '&#124;') for cell in cells)} |"
