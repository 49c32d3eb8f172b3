"""The app that the servers of the matrix run: that of the environment, with a witness in front."""

import os
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.frameworks.witness import LEGACY, LOG, MODULE, Witness, legacy_witness

bare: Any = import_module(f"tests.frameworks.apps.{os.environ[MODULE]}").app

app: Any = (
    legacy_witness(bare, Path(os.environ[LOG]))
    if os.environ.get(LEGACY)
    else Witness(bare, Path(os.environ[LOG]))
)
