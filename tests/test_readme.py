"""The README's commands are real: every one parses, and those that set up are what CI runs."""

import re
import shlex
from pathlib import Path

import click
import pytest

from asgitrace.cli.main import commands
from asgitrace.cli.splash import Splash

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()

SHELL = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
ASGITRACE = [
    part.strip()
    for block in SHELL
    for line in block.splitlines()
    for part in re.split(r"\s#\s|\||&&", line)
    if part.strip().startswith(("asgitrace ", ".venv/bin/asgitrace "))
]


def test_there_are_commands() -> None:
    assert len(ASGITRACE) >= 10


@pytest.mark.parametrize("line", ASGITRACE)
def test_a_command_of_the_readme_parses(line: str) -> None:
    words = shlex.split(line)[1:]
    context = commands.make_context("asgitrace", words, obj=Splash())
    name, command, rest = commands.resolve_command(
        context, [*context._protected_args, *context.args]
    )
    assert command is not None
    with command.make_context(name, rest, parent=context) as parsed:
        assert isinstance(parsed, click.Context)


def test_every_option_of_the_readme_is_one() -> None:
    """Those of its table, and no other."""
    context = click.Context(commands)
    run = commands.get_command(context, "run")
    assert run is not None
    known = {option for parameter in run.params for option in parameter.opts}
    table = README.partition("## Options")[2].partition("##")[0]
    named = set(re.findall(r"`(--[a-z-]+)`", table))
    assert named <= known
    assert known - named - {"target", "extra"} == set()


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)]+)\)", README))
def test_what_the_readme_links_to_is_there(link: str) -> None:
    assert (ROOT / link).exists()


def test_the_test_command_runs_the_tests() -> None:
    found = re.search(r"<!-- test command -->\n```sh\n(.*?)\n```", README)
    assert found
    assert found[1].endswith("-m pytest")


def test_the_figures_are_there() -> None:
    assert "<!-- figures -->\n\n|" in README
