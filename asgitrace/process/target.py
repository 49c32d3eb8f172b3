"""Finding the app that ``module:attribute`` names."""

import importlib
import importlib.machinery
import os
import sys
from collections.abc import Callable
from typing import Any

from asgitrace.errors import TargetError

_EXAMPLE = "name it as module:attribute, for example main:app"


def split_target(target: str) -> tuple[str, str]:
    """Module and attribute path of a target. Raises TargetError."""
    module, colon, attribute = target.partition(":")
    if not (module and colon and attribute):
        if target.endswith(".py") or "/" in target:
            return _explain_file(target)
        raise TargetError(f"{target!r} does not say which app to run; {_EXAMPLE}.")
    if not all(part.isidentifier() for part in (*module.split("."), *attribute.split("."))):
        raise TargetError(f"{target!r} is not an import path; {_EXAMPLE}.")
    return module, attribute


def _explain_file(target: str) -> tuple[str, str]:
    module = target.removesuffix(".py").strip("./").replace("/", ".")
    raise TargetError(f"{target!r} is a file; name the module and the app in it: {module}:app.")


def check_target(target: str, app_dir: str) -> None:
    """Whether the target's module is there, without importing anything. Raises TargetError.

    So that a slip of the pen is told at once, before there is a screen or a process.
    """
    name, _ = split_target(target)
    if not os.path.isdir(app_dir):
        raise TargetError(f"The folder {app_dir!r} is not there; pass another --app-dir.")
    path: list[str] | None = [os.path.abspath(app_dir), *sys.path]
    found = ""
    for part in name.split("."):
        if not found and part in sys.builtin_module_names:
            return
        found = f"{found}.{part}" if found else part
        # By its last part alone: of a folder without __init__.py the whole name would be looked up
        # among the imported modules.
        spec = importlib.machinery.PathFinder.find_spec(part, path)
        if spec is None:
            raise _missing(found, app_dir)
        if spec.submodule_search_locations is None and found != name:
            raise TargetError(f"{found} is a module, not a package: there is no {name}.")
        path = list(spec.submodule_search_locations or ())


def load_app(target: str, app_dir: str, *, factory: bool) -> Callable[..., Any]:
    """Import the app. Raises TargetError for what is the user's slip; what the module itself raises
    goes through."""
    name, attribute = split_target(target)
    sys.path.insert(0, os.path.abspath(app_dir))
    try:
        found: Any = importlib.import_module(name)
    except ModuleNotFoundError as error:
        # A missing import *inside* the app is the app's own error and keeps its traceback.
        if error.name is not None and (error.name == name or name.startswith(f"{error.name}.")):
            raise _missing(error.name, app_dir) from None
        raise
    for part in attribute.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            raise TargetError(_no_attribute(name, attribute, part, found)) from None
    if factory and callable(found):
        found = found()
    if not callable(found):
        raise TargetError(
            f"{attribute!r} in module {name!r} is not callable but of type "
            f"{type(found).__name__}; an ASGI app is called with scope, receive and send."
        )
    return found  # type: ignore[no-any-return]


def _missing(name: str, app_dir: str) -> TargetError:
    where = os.path.abspath(app_dir)
    return TargetError(
        f"There is no module {name!r} in {where} or on the import path; "
        "check the name, or pass --app-dir."
    )


def _no_attribute(module: str, attribute: str, part: str, holder: object) -> str:
    apps = (
        sorted(
            name
            for name, value in vars(holder).items()
            if not name.startswith("_") and callable(value) and not isinstance(value, type)
        )
        if hasattr(holder, "__dict__")
        else []
    )
    likely = [name for name in apps if "app" in name.lower()]
    hint = (
        f"; did you mean {module}:{likely[0]}?" if likely else "; check the name after the colon."
    )
    within = "" if part == attribute else f" (looking for {attribute!r})"
    return f"Module {module!r} has no attribute {part!r}{within}{hint}"
