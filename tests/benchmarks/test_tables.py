"""Rows as tables, on the terminal and as Markdown."""

from pathlib import Path

import pytest

from benchmarks import render
from benchmarks.report import Board, Budget, Row, Section, absent, compared, read_json, write_json
from benchmarks.tables import tables

FACTS = {
    "implementation": "CPython",
    "python": "3.11.0",
    "system": "Linux",
    "architecture": "x86_64",
    "cpus": 2,
    "load": [0.5, 0.4, 0.3],
    "versions": {"h11": "0.16.0"},
}


def board() -> Board:
    """Two servers measured, a third one not."""
    board = Board("GET", "peer")
    board.put("peer", "rate", "req/s", [100.0, 200.0])
    budget = Budget("≥", 1.4, "ratio")
    board.put("ours", "rate", "req/s", [200.0, 300.0], compare=True, budget=budget, remark="warm")
    board.put("peer", "p99", "ms", [1.0, 2.0])
    board.leave_out("absent", "not installed: absent")
    return board


def test_subjects_are_lines_and_measures_are_columns() -> None:
    (table,) = tables(Section("server", "Servers", tuple(board().rows)))
    assert table.title == "GET"
    assert table.heads == ("", "rate (req/s)", "× peer", "p99 (ms)")
    assert table.lines == (
        ("peer", "150.0", "", "1.50"),
        ("ours", "250.0", "1.75 (≥ 1.40) ✓", "–"),
    )
    assert table.remarks == ("ours: warm", "absent: not installed: absent")


def test_a_ratio_needs_its_base() -> None:
    lone = Board("GET", "peer")
    lone.put("ours", "rate", "req/s", [1.0], compare=True)
    assert lone.rows[0].ratio is None
    lone.put("peer", "cpu", "µs", [0.0])
    lone.put("ours", "cpu", "µs", [1.0], compare=True)
    assert lone.rows[-1].ratio is None


def test_nothing_measured_is_no_figure() -> None:
    lone = Board("GET", "peer")
    lone.put("peer", "cpu", "µs", [])
    assert lone.rows == []


def test_a_run_comes_back_from_its_file(tmp_path: Path) -> None:
    rows: tuple[Row, ...] = (
        *board().rows,
        compared("x", "µs", [2.0], "peer", [4.0], Budget("≤", 0.04, "ratio")),
        absent("y", "not installed"),
    )
    written = [Section("server", "Servers", rows)]
    write_json(tmp_path / "run.json", FACTS, written)
    assert read_json(tmp_path / "run.json") == (FACTS, written)


def test_tables_are_put_between_the_markers(tmp_path: Path) -> None:
    write_json(tmp_path / "run.json", FACTS, [Section("server", "Servers", tuple(board().rows))])
    page = tmp_path / "page.md"
    page.write_text(f"before\n{render.BEGIN}\nold\n{render.END}\nafter\n", encoding="utf-8")
    for _ in range(2):
        assert render.main([str(tmp_path / "run.json"), "--into", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{render.BEGIN}\n\nMeasured on CPython 3.11.0")
    assert text.endswith(f"\n\n{render.END}\nafter\n")
    assert "old" not in text
    assert "1 of 1 budgets met." in text
    assert "| ours | 250.0 | 1.75 (≥ 1.40) ✓ | – |" in text
    assert "| --- | ---: | ---: | ---: |" in text


def test_a_page_without_markers_stays_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_json(tmp_path / "run.json", FACTS, [])
    page = tmp_path / "page.md"
    page.write_text("no markers", encoding="utf-8")
    assert render.main([str(tmp_path / "run.json"), "--into", str(page)]) == 1
    assert page.read_text(encoding="utf-8") == "no markers"
    assert "cannot be rendered" in capsys.readouterr().err


def test_the_readme_has_the_markers() -> None:
    page = Path(render.__file__).with_name("README.md").read_text(encoding="utf-8")
    assert page.count(render.BEGIN) == page.count(render.END) == 1
