"""The README's table of frameworks, made from the data of the last run.

python -m tests.frameworks.table           # print it
python -m tests.frameworks.table --run     # run the matrix first (or those named), and keep it
python -m tests.frameworks.table --readme  # write it into the README, between its markers
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.frameworks import results
from tests.frameworks.entries import FRAMEWORKS
from tests.frameworks.features import Feature, Framework
from tests.frameworks.matrix import SERVERS, run
from tests.frameworks.results import Row

README: Final = Path(__file__).parents[2] / "README.md"
BEGIN: Final = "<!-- frameworks -->"
END: Final = "<!-- /frameworks -->"

_COLUMNS: Final = tuple(one for one in Feature if one not in (Feature.BROADCAST, Feature.OWN))


def table(rows: Mapping[str, Row]) -> str:
    """The table in Markdown, and below it why there is nothing where there is nothing."""
    head = ["", "version", *(str(one) for one in _COLUMNS), "besides"]
    lines = [head, ["---"] * len(head)]
    run_ = [one for one in FRAMEWORKS if not rows[one.name].unable]
    lines += [_cells(one, rows[one.name]) for one in run_]
    marked = [f"| {' | '.join(cells)} |".replace("|  |", "| |") for cells in lines]
    return "\n".join([*marked, "", *_notes(rows)]).rstrip()


def _cells(framework: Framework, row: Row) -> list[str]:
    besides = [
        what
        for feature, what in (
            (Feature.BROADCAST, "broadcast"),
            (Feature.OWN, framework.own.what if framework.own else ""),
        )
        if _mark(feature, row) == "✓"
    ]
    return [
        framework.name,
        row.version,
        *(_mark(feature, row) for feature in _COLUMNS),
        ", ".join(besides),
    ]


def _mark(feature: Feature, row: Row) -> str:
    where = [server for server in SERVERS if feature in row.works[server]]
    return "✓" if len(where) == len(SERVERS) else ", ".join(where) or "–"


def _notes(rows: Mapping[str, Row]) -> Iterator[str]:
    reasons: dict[tuple[Feature, str], list[str]] = {}
    for framework in FRAMEWORKS:
        for feature, why in framework.lacks.items():
            reasons.setdefault((feature, why), []).append(framework.name)
    for (feature, why), names in reasons.items():
        yield f"- {', '.join(names)}: no {feature}, {why}."
    for framework in FRAMEWORKS:
        if unable := rows[framework.name].unable:
            yield f"- {framework.name} is not in the table: {unable}."


def written_into(readme: str, text: str) -> str:
    """The README with the table between its markers. Raises ValueError where these are missing."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"The README has no {BEGIN} … {END}.")
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"


def _run(names: Sequence[str]) -> int:
    """Run those named, or all, and keep what came of each in which nothing failed. Returns the exit
    status."""
    kept, failures = results.load(), []
    for framework in FRAMEWORKS:
        if names and framework.name not in names:
            continue
        print(framework.name, end=" ", flush=True)
        result = None
        if not (framework.unable or framework.missing):
            with tempfile.TemporaryDirectory() as folder:
                result = run(framework, Path(folder))
        if result and result.failures:
            failures += result.failures
            print("failed", flush=True)
            continue
        row = kept[framework.name] = Row.of(framework, result)
        print(row.unable or "works", flush=True)
    results.save((one.name, kept[one.name]) for one in FRAMEWORKS if one.name in kept)
    if failures:
        print("", *failures, sep="\n\n", file=sys.stderr)
    return 1 if failures else 0


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.frameworks.table")
    parser.add_argument(
        "--run",
        nargs="*",
        metavar="NAME",
        help="run the matrix, or those named, and keep the results",
    )
    parser.add_argument("--readme", action="store_true", help="write the table into the README")
    asked = parser.parse_args()
    if asked.run is not None and _run(asked.run):
        return 1
    text = table(results.load())
    if asked.readme:
        README.write_text(written_into(README.read_text(), text))
    else:
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
