"""The lines the app wrote."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.store.model import LogLine
from asgitrace.views.log import KEPT, LogLines
from asgitrace.views.log_columns import facts, level_of
from asgitrace.views.look import look
from asgitrace.views.needle import Needle
from tests.tui.detail.samples import MS, TRACEBACK, WALL, log_lines
from tests.views.drawn import HOSTILE, drawn

LOOK = look()
RECORD = LogLine(0, WALL, "stderr", "INFO shop.cart added 3", 20, "shop.cart", 12)


def written(text: str, line: LogLine = RECORD) -> list[LogLine]:
    """The lines of a text that was written at once."""
    return [
        replace(line, text=each, continued=index > 0)
        for index, each in enumerate(text.splitlines())
    ]


def shown(*lines: LogLine) -> LogLines:
    found = LogLines()
    found.extend(lines)
    return found


def test_log() -> None:
    lines = LogLines()
    assert lines.extend(log_lines()) == 0
    rows = drawn(lines, 80)
    assert "out" in rows[0]
    assert rows[0].endswith("handled request 0 in 12 ms")
    assert "err" in rows[40]
    assert rows[40].endswith("ERROR: price table is 3 days old")
    assert lines.text(40) == "ERROR: price table is 3 days old"
    assert len(drawn(lines, 40)[0]) <= 40


def test_what_is_known_of_a_line() -> None:
    lines = shown(RECORD, replace(RECORD, level=40, exchange=0, stream="log", logger="x" * 40))
    first, second = drawn(lines, 120)
    assert first.split()[1:] == ["INFO", "#12", "shop.cart", "INFO", "shop.cart", "added", "3"]
    assert "✗ ERROR" in second
    assert "x" * 17 + "…" in second
    assert "shop.cart" not in drawn(lines, 80)[0][:40]
    assert facts(RECORD).endswith("stderr · info · shop.cart · #12")
    assert "#12" in drawn(lines, 40)[0]
    titles = "".join(cell.text for cell in lines.head(120, LOOK))
    assert titles.index("text") == first.index("INFO shop.cart")
    assert titles.index("#") == first.index("2 ")


@pytest.mark.parametrize(
    ("level", "glyph"),
    [(10, "· DEBUG"), (20, "INFO"), (30, "! WARN"), (45, "✗ ERROR"), (50, "✗ CRIT")],
)  # fmt: skip
def test_levels(level: int, glyph: str) -> None:
    assert glyph in drawn(shown(replace(RECORD, level=level)), 80)[0]
    assert level_of(replace(RECORD, level=level)) == level


def test_least_level_and_exchange() -> None:
    lines = shown(
        replace(RECORD, level=10), RECORD, replace(RECORD, level=40, exchange=13),
        LogLine(0, WALL, "stdout", "printed"), LogLine(0, WALL, "stderr", "complained"),
    )  # fmt: skip

    def kept(least: int, only: int | None = None) -> list[int]:
        lines.choose(least=least, only=only)
        return [lines.index(row) for row in range(len(lines))]

    assert kept(0) == [0, 1, 2, 3, 4]
    assert kept(20) == [1, 2, 3, 4]
    assert kept(30) == [2, 4]
    assert kept(40) == [2]
    assert kept(0, 12) == [0, 1]
    assert kept(40, 12) == []
    lines.extend([replace(RECORD, level=50)])
    assert lines.index(0) == 5
    assert lines.row(99) == 0
    lines.choose()
    assert lines.first_of(13) == 2
    assert lines.first_of(14) is None
    assert lines.row(3) == 3


def test_a_traceback_is_one_row() -> None:
    text = f"ERROR failed\n{TRACEBACK}"
    lines = shown(RECORD, *written(text, replace(RECORD, level=40)), RECORD)
    last = TRACEBACK.splitlines()[-1]
    count = len(TRACEBACK.splitlines())
    rows = drawn(lines, 140)
    assert len(rows) == 4
    assert f"▸ {count} lines {last}" in rows[2]
    assert lines.text(2) == TRACEBACK.rstrip("\n")
    assert lines.whole(1)[1] == text.rstrip("\n")
    assert lines.whole(2)[1] == text.rstrip("\n")
    assert not lines.toggle(1)
    assert not lines.toggle(2, opened=False)
    assert lines.toggle(2)
    assert len(lines) == 3 + count
    assert "▾ Traceback" in drawn(lines, 100)[2]
    assert lines.parent(2 + count - 1) == 2
    assert lines.parent(0) == 0
    assert not lines.toggle(3)
    assert lines.toggle(2)
    assert len(lines) == 4


def test_a_group_of_exceptions_is_told_by_what_it_is() -> None:
    text = """\
  + Exception Group Traceback (most recent call last):
  |   File "shop.py", line 120, in group
  |     async with asyncio.TaskGroup() as group:
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "shop.py", line 105, in charge
    | shop.PaymentError: no such card: x
    +------------------------------------
"""
    rows = drawn(shown(*written(text)), 140)
    assert len(rows) == 1
    assert "▸ 9 lines ExceptionGroup: unhandled errors in a TaskGroup" in rows[0]


def test_a_traceback_written_line_by_line() -> None:
    """As `traceback.print_exc` does it, to stderr, and another one that it was raised in."""
    bare = LogLine(0, WALL, "stderr", "")
    chained = "During handling of the above exception, another exception occurred:"
    one = [replace(bare, text=line) for line in TRACEBACK.splitlines()]
    between = [bare, replace(bare, text=chained), bare]
    lines = shown(*one, *between, *one, bare, replace(bare, text="x"))
    assert [lines.text(row) for row in range(1, len(lines))] == ["", "x"]
    lines.choose(least=40)
    assert len(lines) == 1
    lines.extend([*one, *between, *one])
    assert len(lines) == 2


def test_another_process_s_line_ends_a_traceback() -> None:
    texts = ("Traceback (most recent call last):", "  File", "E: no")
    first, *rest = [LogLine(0, WALL, "stderr", text) for text in texts]
    assert len(shown(first, *rest)) == 1
    assert len(shown(first, replace(rest[0], source=1), *rest)) == 4


def test_a_search_finds_where_a_traceback_begins() -> None:
    lines = shown(*written(TRACEBACK))
    found = [row for row in lines.search(Needle("Traceback"), 0, 1) if row is not None]
    assert len(found) == TRACEBACK.count("Traceback")
    assert facts(replace(RECORD, level=0, logger="", exchange=0)).endswith(" · stderr")


def test_a_search_unfolds() -> None:
    lines = shown(RECORD, *written(TRACEBACK), RECORD, *written(TRACEBACK))
    needle = Needle("prices.py")
    hits = TRACEBACK.count("prices.py")
    found = [row for row in lines.search(needle, 0, 1) if row is not None]
    assert len(found) == 2 * hits
    assert all("prices.py" in lines.text(row) for row in found)
    lines = shown(RECORD, *written(TRACEBACK), RECORD)
    up = [row for row in lines.search(needle, len(lines) - 1, -1) if row is not None]
    assert len(up) == hits
    assert up == sorted(up, reverse=True)


def test_unfinished_lines_stand_below() -> None:
    lines = shown(RECORD)
    begun = LogLine(0, WALL, "stdout", "loading … 10%\rloading … 20%", exchange=12)
    assert lines.show_unfinished([begun])
    assert not lines.show_unfinished([begun])
    assert drawn(lines, 80)[1].rstrip().endswith("◌ …loading … 20%")
    assert lines.line(1) == begun
    assert lines.whole(1)[1] == lines.text(1) == begun.text
    assert not lines.toggle(1)
    assert lines.parent(1) == 1
    lines.extend([replace(begun, text="done")])
    assert lines.index(2) == 2
    assert lines.text(1) == "done"
    assert lines.show_unfinished([])


def test_what_a_terminal_would_have_overwritten() -> None:
    assert drawn(shown(replace(RECORD, text="a\rb\r")), 80)[0].rstrip().endswith("…b")
    assert drawn(shown(replace(RECORD, text="\rb")), 80)[0].rstrip().endswith(" b")


def extended(lines: LogLines, *more: LogLine) -> int:
    """Add lines, however long it takes; how many rows went."""
    gone = lines.extend(more)
    assert lines.total >= len(lines)
    while lines.work():
        assert not gone
    assert lines.settled
    return gone + lines.extend([])


def test_log_keeps_the_newest() -> None:
    lines = LogLines()
    line = LogLine(0, WALL, "stdout", "x")
    assert extended(lines, *[line] * KEPT) == 0
    assert extended(lines, *[line] * 7) == 7
    assert len(lines) == lines.total == KEPT
    assert lines.index(0) == 7
    lines.begin(3)
    assert len(lines) == 0
    lines.extend([line])
    assert lines.index(0) == 3


def test_what_is_left_of_a_traceback() -> None:
    lines = LogLines()
    lines.extend(written(TRACEBACK))
    count = len(TRACEBACK.splitlines())
    plain = LogLine(0, WALL, "stdout", "x")
    assert extended(lines, *[plain] * (KEPT - count + 2)) == 0
    assert f"▸ {count} lines" in drawn_row(lines, 0)
    assert lines.text(0) == "\n".join(TRACEBACK.splitlines()[2:])
    assert extended(lines, *[plain] * count) == 3


def drawn_row(lines: LogLines, row: int) -> str:
    return "".join(cell.text for cell in lines.cells(row, 80, LOOK))


@pytest.mark.parametrize("text", [*HOSTILE, "x" * 1_000_000, "\x1b[1m" * 100_000])
def test_log_is_inert(text: str) -> None:
    lines = shown(LogLine(0, WALL, "stderr", text), replace(RECORD, text=text, logger=text[:300]))
    lines.show_unfinished([LogLine(0, WALL, "stdout", text)])
    for width in (10, 59, 80, 120):
        drawn(lines, width)


TEXTS = st.sampled_from(
    ("x", "", "  File", "Traceback (most recent call last):", "E: no", TRACEBACK)
)


@given(st.lists(st.tuples(TEXTS, st.sampled_from((0, 20, 40)), st.booleans(), st.integers(0, 2))))
def test_rows_are_those_of_a_log_made_anew(parts: list[tuple[str, int, bool, int]]) -> None:
    """However lines came, were folded and chosen: what is shown is what a new choice shows."""
    lines = LogLines()
    for number, (text, level, toggled, whose) in enumerate(parts):
        begin = LogLine(0, WALL + number * MS, "stderr", "", level, "", whose)
        lines.extend(written(text, begin) or [begin])
        if toggled and len(lines):
            lines.toggle(number % len(lines))
    rows = [lines.index(row) for row in range(len(lines))]
    lines.choose()
    assert rows == [lines.index(row) for row in range(len(lines))]
    for row in range(len(lines)):
        assert lines.row(lines.index(row)) == row
        assert lines.parent(row) <= row
