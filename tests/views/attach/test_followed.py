"""What is said of the processes of a session."""

import pytest

from asgitrace.clock import ClockAnchor
from asgitrace.store import FollowedProcess, Process
from asgitrace.views.attach.followed import FollowedLines, followed_titles, summary
from asgitrace.views.look import look


def followed(
    worker: int, state: str = "running", app: str = "shop:app", server: str = "uvicorn 0.38.0"
) -> FollowedProcess:
    process = Process(worker - 1, 4710 + worker, ClockAnchor(0, 0), app, server, worker)
    return FollowedProcess(process, state, 12_345, 3, 0.5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("processes", "words"),
    [
        ([], "no process yet"),
        ([followed(1)], "shop:app (uvicorn 0.38.0)"),
        ([followed(1), followed(2)], "2 workers of shop:app (uvicorn 0.38.0)"),
        ([followed(1), followed(2, "crashed")], "shop:app (uvicorn 0.38.0)"),
        ([followed(1, server=""), followed(2)], "2 workers of shop:app"),
        ([followed(1, app="chat:app"), followed(2)], "2 processes of 2 apps"),
        ([followed(1, app="")], "an app (uvicorn 0.38.0)"),
        ([followed(1, "ended")], "shop:app (uvicorn 0.38.0) ended"),
        (
            [followed(1, "ended"), followed(2, "crashed")],
            "all 2 workers of shop:app (uvicorn 0.38.0) ended",
        ),
    ],
)
def test_summary(processes: list[FollowedProcess], words: str) -> None:
    assert summary(processes) == words


@pytest.mark.parametrize("width", [60, 78, 110])
def test_lines(width: int) -> None:
    lines = FollowedLines([followed(1), followed(12, "crashed"), followed(3, "ended")], {11: 7})
    title = "".join(segment.text for segment in followed_titles(width, look()))
    assert len(title) == width
    for index in range(len(lines)):
        drawn = "".join(segment.text for segment in lines.cells(index, width, look()))
        pid = str(lines.process(index).process.pid)
        assert drawn.index(pid) == title.index("pid")
        assert drawn.index("12k") + 3 == title.index("records") + 7
    assert "7" in "".join(segment.text for segment in lines.cells(1, width, look()))
    assert lines.find(11) == 1
    assert lines.find(99) is None
    assert lines.text(2) == "worker 3  pid 4713  ended  shop:app"
