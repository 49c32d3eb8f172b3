"""Where the configuration and the state are, and how they are written."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

NAME: Final = "asgitrace"
CONFIG_VARIABLE: Final = "ASGITRACE_CONFIG"
STATE_VARIABLE: Final = "ASGITRACE_STATE"


def config_file() -> Path:
    """The configuration: ``$ASGITRACE_CONFIG``, or in the platform's folder for such files."""
    named = os.environ.get(CONFIG_VARIABLE)
    if named:
        return Path(named).expanduser()
    # Late: who names the file does without.
    from platformdirs import user_config_path

    return user_config_path(NAME) / "config.toml"


def state_file() -> Path:
    """The state: ``$ASGITRACE_STATE``, or in the platform's folder for such files."""
    named = os.environ.get(STATE_VARIABLE)
    if named:
        return Path(named).expanduser()
    from platformdirs import user_state_path

    return user_state_path(NAME) / "state.json"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that whoever reads it finds the old content or the new, never a part; only
    its owner may read it. A link stays one. Raises OSError, with the old file as it was."""
    path = path.resolve()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
