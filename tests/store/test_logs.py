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
