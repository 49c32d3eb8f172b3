"""The status bar, the notices and the rate."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from asgitrace.store.model import LogLine
from asgitrace.store.session import SessionStatus
from asgitrace.tui.filter.target import Told
from asgitrace.tui.keymap import Keymap
from asgitrace.tui.notice import Notice, banner_text, curl_line, empty_notice, last_words
from asgitrace.tui.status import Rate, StatusLine, status_segments
from asgitrace.views.look import look

SERVING = SessionStatus(phase="serving", address="http://127.0.0.1:8000", loop="uvloop", fill=0.07)


def shown(line: StatusLine, width: int = 120) -> str:
    return "".join(segment.text for segment in status_segments(line, width, look()))


def test_all_of_it() -> None:
    line = StatusLine(SERVING, title="shop:app", rate=12.34, events=45_600, open=3)
    assert shown(line) == (
        " ● shop:app  http://127.0.0.1:8000"
        "                12.3/s   46k events    3 open  0 dropped  ring   7%  uvloop  ▼ follow "
    )


def test_the_important_stays_on_a_narrow_screen() -> None:
    line = StatusLine(SERVING, title="shop:app", dropped=12, paused=True, arrived=7)
    assert "http://127.0.0.1:8000" in shown(line, 60)
    assert "12 dropped  ‖ paused, 7 new" in shown(line, 60)
    assert "uvloop" not in shown(line, 60)


LOADING = SessionStatus("loading", "t.jsonl", consumed=437 << 20, total=1 << 30, left=23.4)


def test_a_file_that_is_loaded_has_a_bar() -> None:
    assert shown(StatusLine(LOADING, title="t.jsonl", live=False, events=7)).startswith(
        " ◌ t.jsonl  ━━━━━━━━━━··············  43%  437M of 1.0G    23s left "
    )
    assert "t.jsonl  ━━━━······  43%    23s left" in shown(StatusLine(LOADING), 80)


@pytest.mark.parametrize(
    ("left", "words"),
    [(0.2, "1s"), (59.4, "59s"), (61.2, "1m00s"), (134.0, "2m10s"), (7_300.0, "2h01m")],
)
def test_the_time_that_is_left_is_told_as_far_as_it_is_known(left: float, words: str) -> None:
    assert f" {words} left" in shown(StatusLine(replace(LOADING, left=left)))
    assert "left" not in shown(StatusLine(replace(LOADING, left=None)))


def test_a_pipe_has_no_length_and_no_bar() -> None:
    line = shown(StatusLine(SessionStatus("loading", "t.jsonl")))
    assert "━" not in line
    assert "%" not in line.replace("ring   0%", "")


def test_forgotten_connections_are_told_where_there_is_room() -> None:
    assert "5 conn forgotten" in shown(StatusLine(LOADING, live=False, forgotten=5), 140)


def test_phases_are_named() -> None:
    assert shown(StatusLine(SessionStatus(phase="restarting"))).startswith(" ◌ restarting")
    assert shown(StatusLine(SessionStatus(phase="failed"))).startswith(" ✗ failed")
    assert shown(
        StatusLine(SessionStatus(phase="loaded", address="t.jsonl"), live=False)
    ).startswith(" — t.jsonl")


def test_a_file_is_not_live_and_named_once() -> None:
    line = StatusLine(SessionStatus("loaded", "t.jsonl"), title="t.jsonl", live=False)
    assert shown(line).count("t.jsonl") == 1
    assert "follow" not in shown(line)
    assert "●" not in shown(line)


def test_of_how_many_sampling_has_recorded_how_many() -> None:
    sampled = replace(SERVING, sampled=12, unsampled=1_188)
    assert "12 of 1200 recorded" in shown(StatusLine(sampled))
    assert "recorded" not in shown(StatusLine(replace(SERVING, sampled=12)))


def test_faults_of_the_recorder_are_shown() -> None:
    assert "2 faults" in shown(StatusLine(SessionStatus(phase="serving", faults=2)))


@given(
    st.builds(
        StatusLine,
        session=st.builds(
            SessionStatus,
            phase=st.just("serving"),
            address=st.text(st.characters()),
            loop=st.text(st.characters()),
        ),
        title=st.text(st.characters()),
        events=st.integers(0, 10**12),
        rate=st.floats(0, 10**9),
    ),
    st.integers(1, 200),
)
def test_fills_the_line_exactly(line: StatusLine, width: int) -> None:
    text = shown(line, width)
    assert cell_len(text) == width
    assert text.isprintable()


def test_rate_is_over_the_last_seconds() -> None:
    rate, second = Rate(), 10**9
    assert rate.sample(0, 100) == 0
    assert rate.sample(second, 110) == 10
    for at in range(2, 8):
        latest = rate.sample(at * second, 110)
    assert latest == 0
    assert rate.sample(8 * second, 50) == 0


@pytest.mark.parametrize(
    ("status", "notice"),
    [
        (
            SessionStatus(phase="starting"),
            ["Starting the app…", "", "the app's output   l shows it"],
        ),
        (
            SERVING,
            [
                "Waiting for the first request.",
                "",
                "open       http://127.0.0.1:8000",
                "or run     curl http://127.0.0.1:8000/   c copies it",
                "WebSocket  ws://127.0.0.1:8000/…",
                "help       keys, columns and glyphs      ? explains the pane you are in",
            ],
        ),
        (
            SessionStatus(phase="serving", address="unix:/tmp/my app.sock"),
            [
                "Waiting for the first request.",
                "",
                "or run  curl --unix-socket '/tmp/my app.sock' http://localhost/   c copies it",
                "help    keys, columns and glyphs                                  "
                "? explains the pane you are in",
            ],
        ),
        (
            SessionStatus(phase="serving"),
            [
                "Waiting for the first request.",
                "",
                "help  keys, columns and glyphs   ? explains the pane you are in",
            ],
        ),
    ],
)
def test_what_to_do_first(status: SessionStatus, notice: list[str]) -> None:
    assert said(empty_notice(status, live=True, told=None, key=Keymap().first)) == notice


def said(notice: Notice) -> list[str]:
    return ["".join(text for text, _ in line).rstrip() for line in notice]


def test_an_address_to_listen_on_is_shown_as_one_to_connect_to() -> None:
    assert curl_line("http://0.0.0.0:80") == "curl http://127.0.0.1:80/"
    assert curl_line("https://[::]:8443") == "curl --insecure 'https://[::1]:8443/'"
    assert curl_line("trace.jsonl") == ""


def test_what_an_empty_list_means() -> None:
    key = Keymap().first

    def lines(
        status: SessionStatus, *, live: bool = True, filtered: bool = False, **more: Any
    ) -> list[str]:
        told = Told(0, 1) if filtered else None
        return said(empty_notice(status, live=live, told=told, key=key, **more))

    assert lines(SERVING, filtered=True) == [
        "Nothing passes the filter.",
        "",
        "1 exchange is hidden",
        "",
        "another filter     f   changes it",
        "everything         esc clears it",
        "with and without   \\   puts it off and on",
    ]
    assert lines(SessionStatus(phase="loading"), live=False) == ["Loading…"]
    assert lines(SessionStatus(phase="loaded"), live=False) == ["There is nothing in this trace."]
    assert lines(SessionStatus(phase="failed"), trouble="ValueError: \x1b[31m") == [
        "The app did not start.",
        "",
        "ValueError: ␛[31m",
        "",
        "the app's output   l      shows it",
        "another try        ctrl+r starts it",
    ]
    assert lines(SessionStatus(phase="stopped"))[0] == "The app has ended."
    assert "new here?  a tour of two minutes" in "\n".join(lines(SERVING, tour=True))
    told = Told(0, 9, None, "The pattern takes too long.")
    stopped = said(empty_notice(SERVING, live=True, told=told, key=key))
    assert stopped[:3] == ["The filter was stopped.", "", "The pattern takes too long."]


def test_the_last_words_of_an_app() -> None:
    lines = [
        "Traceback (most recent call last):",
        "  File x",
        "shop.Missing",
        "KeyError: 'a'",
        "bye",
    ]
    logs = [LogLine(0, 0, "stderr", text) for text in lines]
    assert last_words(logs) == "KeyError: 'a'"
    assert last_words(logs[:3]) == ""


def test_banner() -> None:
    assert banner_text(SERVING) == ""
    assert banner_text(SessionStatus(phase="failed")).startswith("The app failed to start.")
    assert banner_text(SessionStatus(phase="stopped")).startswith("The app has ended.")
    assert banner_text(SessionStatus(phase="stopped", detail="Killed.")).startswith("Killed. ")
    assert banner_text(SessionStatus(phase="loaded", detail="Line 3 is cut.")) == "Line 3 is cut."
