"""Content in a program of the user's: a pager to read it, an editor to look for something in it.

What came from the network is a hostile file to them. It lies in a private folder, under a name of
ours, only as long as the program runs. The pager gets text that is inert already, whatever options
it runs with; the editor gets the bytes as they are.
"""

import asyncio
import os
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from asgitrace.tui.detail.held import Held
from asgitrace.views.body.hexdump import HexLines

_DUMPED: Final = 1024 * 1024
"""Bytes of binary that a pager is given, as a hex dump."""
_NOT_FOUND: Final = 127
"""What a shell script says of a program that is not there."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of program."""

    variables: tuple[str, ...]
    """Of the environment, that name one; the first that is set counts."""
    usual: tuple[str, ...]
    """What is taken where none is set."""
    word: str


class Program(Enum):
    """What content can be opened in."""

    PAGER = Kind(("PAGER",), ("less", "more"), "pager")
    EDITOR = Kind(("VISUAL", "EDITOR"), ("sensible-editor", "nano", "vi"), "editor")


def command_line(program: Program, environment: Mapping[str, str]) -> list[str]:
    """The program to start, with its arguments; empty where there is none."""
    for name in program.value.variables:
        text = environment.get(name, "").strip()
        if text:
            try:
                return shlex.split(text)
            except ValueError:
                return [text]
    return next(([found] for found in program.value.usual if shutil.which(found)), [])


@contextmanager
def private_copy(name: str, data: bytes) -> Iterator[Path]:
    """A file with such content that nobody else can read, and that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="asgitrace-"))  # with mode 0700
    try:
        path = folder / name
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def open_in(program: Program, held: Held, aside: AbstractAsyncContextManager[None]) -> str:
    """Let the user look at content; returns a sentence where that did not come about, else an
    empty text. ``aside`` gives the terminal away."""
    word, names = program.value.word, " or ".join(program.value.variables)
    arguments = command_line(program, os.environ)
    if not arguments or shutil.which(arguments[0]) is None:
        what = f"{arguments[0]} is not there" if arguments else "There is none"
        return f"No {word}: {what}; set {names}"
    name, data = await asyncio.to_thread(_file_of, program, held)
    try:
        with private_copy(name, data) as path:
            async with aside:
                status = await _run([*arguments, str(path)])
    except OSError as error:
        return f"The {word} could not be started: {error.strerror or error}"
    if status == _NOT_FOUND:
        return f"{arguments[0]} could not be started; set {names}"
    return f"{arguments[0]} ended with status {status}" if status > 0 else ""


async def _run(arguments: list[str]) -> int:
    # A preprocessor of less would run programs on what came from the network.
    environment = {name: held for name, held in os.environ.items() if name != "LESSOPEN"}
    process = await asyncio.create_subprocess_exec(*arguments, env=environment)
    try:
        return await process.wait()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise


def _file_of(program: Program, held: Held) -> tuple[str, bytes]:
    """The name of the file, and what is in it."""
    if program is Program.EDITOR:
        return f"{held.name}{held.suffix}", held.data
    text = held.readable
    if text is None:
        return f"{held.name}.hex", _dump(held.data)
    return f"{held.name}{held.suffix}", text.encode("utf-8", "replace")


def _dump(data: bytes) -> bytes:
    lines = HexLines(data[:_DUMPED])
    text = "\n".join(map(lines.text, range(len(lines))))
    if len(data) > _DUMPED:
        text += f"\n\n[the first {_DUMPED:,} of {len(data):,} bytes; F4 opens all of them]"
    return f"{text}\n".encode()
