"""The clipboard: a tool of the desktop where there is one, and OSC 52, which asks the terminal."""

import asyncio
import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from textual.app import App

from asgitrace.words import counted

TERMINAL_LIMIT: Final = 74_000
"""Bytes that terminals take at once: xterm's limit is 100,000 of base64, and others followed."""
_PATIENCE: Final = 2.0
"""Seconds that a tool may take; one waits for a display that does not answer."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that puts its standard input into the clipboard."""

    name: str
    arguments: tuple[str, ...]
    display: str
    """The variable that names the display it needs; empty for none."""


_TOOLS: Final = (
    Tool("wl-copy", (), "WAYLAND_DISPLAY"),
    Tool("xclip", ("-selection", "clipboard"), "DISPLAY"),
    Tool("xsel", ("--clipboard", "--input"), "DISPLAY"),
)
_MAC: Final = Tool("pbcopy", (), "")


def tools(environment: Mapping[str, str], platform: str) -> Iterable[Tool]:
    """The tools that could reach a clipboard from here."""
    if platform == "darwin":
        yield _MAC
    yield from (tool for tool in _TOOLS if environment.get(tool.display))


@dataclass(frozen=True, slots=True)
class Copied:
    """What became of a copy."""

    ways: tuple[str, ...]
    """What has the text now, or was asked to take it; empty: nothing has."""
    size: int
    """Characters."""

    @property
    def sentence(self) -> str:
        """For the line of hints. Whether a terminal obeys OSC 52 cannot be known, so that is not
        said."""
        count = counted(self.size, "character")
        if self.ways:
            return f"Copied {count} ({', '.join(self.ways)})"
        return (
            f"{count} are more than terminals take for the clipboard "
            f"({TERMINAL_LIMIT // 1000} kB): take a file"
        )


async def copy(app: App[Any], text: str) -> Copied:
    """Put text into the clipboard, by every way there is: over ssh the desktop's is another one
    than the terminal's."""
    data = text.encode("utf-8", "replace")
    ways = []
    for tool in tools(os.environ, sys.platform):
        if await _run(tool, data):
            ways.append(tool.name)
            break
    if len(data) <= TERMINAL_LIMIT:
        app.copy_to_clipboard(data.decode())
        ways.append("OSC 52")
    return Copied(tuple(ways), len(text))


async def _run(tool: Tool, data: bytes) -> bool:
    """Whether a tool took the text. It stays behind to serve the clipboard, so its output is not
    waited for."""
    path = shutil.which(tool.name)
    if path is None:
        return False
    quiet = asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(
            path, *tool.arguments, stdin=asyncio.subprocess.PIPE, stdout=quiet, stderr=quiet
        )
    except OSError:
        return False
    try:
        async with asyncio.timeout(_PATIENCE):
            await process.communicate(data)
    except (TimeoutError, OSError):
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        return False
    return process.returncode == 0
