from asgitrace.store import LogLine
from asgitrace.store.logs import Logs


def line(text: str) -> LogLine:
    return LogLine(0, 1, "stdout", text)


def test_lines_keep_their_index_when_older_ones_go() -> None:
    logs = Logs(10_000, ())
    assert logs.since(0) == []
    for number in range(100):
        logs.add(line(str(number)))
    assert logs.total == 100
    kept = len(logs.lines)
    assert 30 < kept < 100
    assert [found.text for found in logs.since(98)] == ["98", "99"]
    assert logs.since(100) == logs.since(200) == []
    assert len(logs.since(0)) == kept
    assert logs.bytes_used <= 10_000


def test_a_long_line_is_cut() -> None:
    logs = Logs(64_000, ())
    logs.add(line("x" * 5_000))
    assert logs.lines[0].text == "x" * 1_000 + "…"


def test_a_logger_is_kept_once() -> None:
    logs = Logs(64_000, ())
    for name in ("".join(("shop", ".cart")), "".join(("shop.", "cart")), "x" * 500):
        logs.add(LogLine(0, 0, "stderr", "", 20, name))
    one, other, long = logs.lines
    assert one.logger is other.logger
    assert len(long.logger) <= 201
    for number in range(2_000):
        logs.add(LogLine(0, 0, "stderr", "", 20, f"n{number}"))
    assert logs.lines[-1].logger == "n1999"


class Numbered:
    """A process whose rows have numbers ten times as high."""

    def number_of(self, exchange: int) -> int:
        return exchange * 10 if exchange < 5 else 0


def test_lines_are_of_rows() -> None:
    logs = Logs(64_000, (Numbered(),))
    for source, exchange in ((0, 0), (0, 3), (0, 7), (1, 3)):
        logs.add(LogLine(source, 0, "stderr", "", exchange=exchange))
    assert [each.exchange for each in logs.lines] == [0, 30, 0, 0]
