"""``asgitrace config``: what is configured, as a file with comments."""

import os
import shlex
import subprocess
from pathlib import Path
from typing import Final

import click

from asgitrace.cli.preferences import load_checked
from asgitrace.errors import SettingsError
from asgitrace.settings import KeyLine, KeySection, Settings, config_file, written
from asgitrace.settings.files import write_whole
from asgitrace.tui.commands import ALL, Subject
from asgitrace.tui.keymap import Keymap, usual
from asgitrace.tui.keys import written_keys

_HOW: Final = (
    'Lines with a "#" before them are the usual; take it away to change them.',
    "What is not the usual is marked.",
)


@click.command("config")
@click.option("--path", "only_path", is_flag=True, help="Print where the file is.")
@click.option("--default", "usual_only", is_flag=True, help="Print what holds without a file.")
@click.option("--edit", is_flag=True, help="Open the file in $VISUAL or $EDITOR, and check it.")
def command(only_path: bool, usual_only: bool, edit: bool) -> None:
    """Print the configuration that is in force, with every option and every key.

    What is printed is a configuration file itself.
    """
    path = config_file()
    if only_path:
        click.echo(path)
    elif usual_only:
        click.echo(_document(Settings(), _place(path)), nl=False)
    elif edit:
        _edit(path)
    else:
        click.echo(_document(load_checked(), _place(path)), nl=False)


def _document(settings: Settings, place: str) -> str:
    keymap = Keymap(settings.keys)
    sections = [
        KeySection(
            subject.value,
            [
                KeyLine(
                    command.name,
                    written_keys(keymap.keys(command.name)),
                    written_keys(usual(command.name)),
                    command.help,
                )
                for command in ALL
                if command.subject is subject
            ],
        )
        for subject in Subject
    ]
    return written(settings, sections, (f"asgitrace: {place}", *_HOW))


def _place(path: Path) -> str:
    return str(path) if path.exists() else f"{path} (there is no such file yet)"


def _edit(path: Path) -> None:
    """Let the user edit the file, which is made first if there is none."""
    if not path.exists():
        try:
            write_whole(path, _document(Settings(), str(path)).encode())
        except OSError as error:
            raise SettingsError(f"{path} cannot be written: {error.strerror or error}.") from None
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        subprocess.run([*shlex.split(editor), str(path)], check=True)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        raise SettingsError(
            f"The editor {editor!r} failed: {error}; name another in EDITOR, or edit {path}."
        ) from None
    load_checked()
