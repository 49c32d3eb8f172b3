"""What is said about settings that do no harm."""

import pytest

from asgitrace.settings import Settings
from asgitrace.tui.complaints import complaint
from asgitrace.tui.keymap import Keymap


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Settings(), ""),
        (Settings(filters={"slow": "dur>1s"}), ""),
        (Settings(keys={"pause": "z"}), "clear has no key left: z is that of pause. Give it"),
        (Settings(keys={"pause": "z", "clear": ""}), ""),
        (Settings(filters={"bad": "dur>"}), "The filter 'bad' of the configuration cannot be"),
    ],
)
def test_complaints(settings: Settings, said: str) -> None:
    found = complaint(settings, Keymap(settings.keys))
    assert found.startswith(said)
    assert bool(found) is bool(said)
