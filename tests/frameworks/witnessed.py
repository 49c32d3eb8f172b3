"""The app that the servers of the matrix run: that of the environment, with a witness in front.

What kind of app it is, asgitrace is asked as it is for ``--interface auto``; a WSGI app is one of
ASGI from then on."""

import os
from importlib import import_module
from pathlib import Path
from typing import Any

from asgitrace.process.interface import fit
from asgitrace.recorder.trace import is_legacy
from tests.frameworks.witness import LEGACY, LOG, MODULE, Witness, legacy_witness

_module = f"tests.frameworks.apps.{os.environ[MODULE]}"
_legacy = bool(os.environ.get(LEGACY))
_fitted = fit(import_module(_module).app, "auto", f"{_module}:app")

bare: Any = _fitted.app
if (is_legacy(bare) if _fitted.legacy is None else _fitted.legacy) != _legacy:
    raise TypeError(f"{_module}:app is taken for an app of the other version of ASGI")

_witness = legacy_witness if _legacy else Witness

app: Any = _witness(bare, Path(os.environ[LOG]))
