"""The parts of the screen's benchmark, one after the other; one that cannot be run costs the others
nothing."""

from collections.abc import Callable, Iterator
from typing import Final

from benchmarks.effort import Effort
from benchmarks.report import Row, Section, absent
from benchmarks.ui.beside import beside_rows
from benchmarks.ui.busy import busy_rows, wire_rows
from benchmarks.ui.contents import contents_rows
from benchmarks.ui.inside import inside_rows
from benchmarks.ui.latency import server_latency
from benchmarks.ui.starting import first_paints, leaving
from benchmarks.ui.traces import trace_rows

_PARTS: Final[dict[str, Callable[[Effort], Iterator[Row]]]] = {
    "first paint": first_paints,
    "the list": busy_rows,
    "the list, with wire events": wire_rows,
    "contents": contents_rows,
    "looking inside": inside_rows,
    "a large trace": trace_rows,
    "leaving": leaving,
    "the server meanwhile": server_latency,
    "beside mitmproxy": beside_rows,
}


def run(effort: Effort) -> Section:
    """Measure the screen."""
    rows: list[Row] = []
    for name, part in _PARTS.items():
        try:
            # One by one: what was measured before something failed is kept.
            for row in part(effort):
                rows.append(row)  # noqa: PERF402
        except Exception as error:
            rows.append(absent(name, f"{type(error).__name__}: {error}"))
    return Section("ui", "The screen: targets and what was measured", tuple(rows))
