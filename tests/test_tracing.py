import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import asgitrace
from asgitrace.errors import FilterError, OptionError, RingError
from asgitrace.recorder import RING_SIZE, Trace
from asgitrace.tracing import trace


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Does nothing."""


def options_of(wrapped: Any) -> dict[str, Any]:
    names = ("body_limit", "buffer", "sample", "keep_errors")
    return {name: getattr(wrapped, f"_asgitrace_{name}") for name in names}


DEFAULTS = {"body_limit": None, "buffer": RING_SIZE, "sample": None, "keep_errors": False}


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("ASGITRACE"):
            monkeypatch.delenv(name)


class TestTheSwitch:
    @pytest.mark.parametrize("word", ["0", "off", "no", "false", "OFF", " False "])
    def test_off(self, word: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ASGITRACE", word)
        assert trace(app) is app
        # Not even what would be refused is looked at.
        assert trace(app, sample=7) is app

    @pytest.mark.parametrize("word", ["", "1", "on", "yes", "True"])
    def test_on(self, word: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ASGITRACE", word)
        assert isinstance(trace(app), Trace)

    def test_another_word_is_warned_of_once(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setenv("ASGITRACE", "perhaps")
        assert isinstance(trace(app), Trace)
        assert isinstance(trace(app), Trace)
        assert caplog.record_tuples == [
            (
                "asgitrace",
                logging.WARNING,
                "ASGITRACE is not used: 'perhaps' is neither 1, on, yes, true nor 0, off, no, "
                "false.",
            )
        ]


class TestTheEnvironment:
    def test_without_it_the_defaults(self) -> None:
        assert options_of(trace(app)) == DEFAULTS

    def test_all_options(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ASGITRACE_BUFFER", "128MiB")
        monkeypatch.setenv("ASGITRACE_BODY_LIMIT", "1k")
        monkeypatch.setenv("ASGITRACE_SAMPLE", "0")
        monkeypatch.setenv("ASGITRACE_KEEP_ERRORS", "1")
        options = options_of(trace(app))
        assert (options["buffer"], options["body_limit"]) == (128 * 2**20, 1024)
        assert not options["sample"]({"type": "http"})
        assert options["keep_errors"] is True

    def test_arguments_win(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, text in (("BUFFER", "1M"), ("BODY_LIMIT", "1"), ("SAMPLE", "0")):
            monkeypatch.setenv(f"ASGITRACE_{name}", text)
        monkeypatch.setenv("ASGITRACE_KEEP_ERRORS", "yes")
        wrapped = trace(app, buffer=2**21, body_limit=0, sample=1, keep_errors=False)
        assert options_of(wrapped) == {
            "body_limit": 0, "buffer": 2**21, "sample": None, "keep_errors": False,
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("name", "text", "words"),
        [
            ("ASGITRACE_BUFFER", "much", "'much' is not a size"),
            ("ASGITRACE_BUFFER", "12", "out of bounds"),
            ("ASGITRACE_BUFFER", "9" * 5000, "is not a size"),
            ("ASGITRACE_BODY_LIMIT", "-1", "'-1' is not a size"),
            ("ASGITRACE_SAMPLE", "17", "choose from 0 to 1"),
            ("ASGITRACE_SAMPLE", "(" * 5000, ""),
            ("ASGITRACE_SAMPLE", "status=500", "not known when the app is called"),
            ("ASGITRACE_KEEP_ERRORS", "maybe", "is neither"),
        ],
    )
    def test_what_cannot_be_used_is_warned_of_and_the_default_taken(
        self,
        name: str,
        text: str,
        words: str,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        monkeypatch.setenv(name, text)
        assert options_of(trace(app)) == DEFAULTS
        (record,) = caplog.records
        assert record.getMessage().startswith(f"{name} is not used: ")
        assert words in record.getMessage()


class TestArguments:
    @pytest.mark.parametrize(
        ("options", "error"),
        [
            ({"body_limit": -1}, OptionError),
            ({"sample": 2}, OptionError),
            ({"sample": "dur>1s"}, FilterError),
            ({"sample": "path:("}, FilterError),
            ({"buffer": 12}, RingError),
        ],
    )
    def test_what_cannot_be_used_is_refused(
        self, options: dict[str, Any], error: type[Exception]
    ) -> None:
        with pytest.raises(error):
            trace(app, **options)


def test_a_share_brings_nothing_into_the_app_and_a_filter_does() -> None:
    code = """
import sys, asgitrace
asgitrace.trace(print, sample=0.01)
print("numpy" in sys.modules, "lark" in sys.modules)
asgitrace.trace(print, sample="path:/api")
print("numpy" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True,
        env=os.environ | {"PYTHONPATH": str(Path(asgitrace.__file__).parent.parent)},
    )  # fmt: skip
    assert done.stdout.splitlines() == ["False False", "True"]
