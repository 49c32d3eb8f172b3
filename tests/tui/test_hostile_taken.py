"""What is taken out of hostile exchanges: clipboard, code, files, names."""

import ast
import asyncio
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from asgitrace.export.forms import FORMS
from asgitrace.tui.copying_menu import TakeOutMenu
from asgitrace.tui.opening import Program, _file_of
from asgitrace.tui.save_prompt import BodyPrompt, SavePrompt
from tests.store.playbook import exchange_of
from tests.tui.hostile import BODIES, MARK, Harm, hostile_store
from tests.tui.hostile_walk import staged, walked
from tests.tui.looking import Looking

_HARM = Harm(7)
_SESSION = len(BODIES) + 1
_TABS = "123456"


def inert(text: str) -> bool:
    """Whether a terminal would obey nothing in it."""
    return text.translate({10: " ", 9: " "}).isprintable()


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_code_is_code_and_inert(form: Any) -> None:
    store = hostile_store(Harm(3))
    made = 0
    for number in range(1, _SESSION + 1):
        exchange = exchange_of(store, number)
        if form.refuses(exchange):
            continue
        made += 1
        text = form.write(exchange, "http://127.0.0.1:8000")
        assert inert(text), text
        if form.suffix == ".py":
            ast.parse(text)
        elif form.name == "curl":
            subprocess.run(["bash", "-n"], input=text.encode(), check=True)
    assert made


def test_what_is_copied_and_opened_is_inert() -> None:
    walked(staged(_HARM), _copied)


async def _copied(walk: Looking) -> None:
    main = walk.s.app.main
    texts = []
    for number in (1, 2, 4, 11, _SESSION):
        main.open_detail(number)
        for tab in _TABS:
            await walk.press(tab, "G")
            texts.append(main.detail.copy_text() or "")
            held = main.detail.held()
            if held is not None:
                name, data = _file_of(Program.PAGER, held)
                assert inert(data.decode())
                assert name.replace(".", "").isalnum()
                name, _ = _file_of(Program.EDITOR, held)
                assert name.replace(".", "").isalnum()
            await walk.press("c")
            await walk.s.app.workers.wait_for_complete()
            walk.look(f"copied from tab {tab} of {number}")
            texts.append(walk.s.app.clipboard)
    assert all(map(inert, texts)), [text for text in texts if not inert(text)]
    assert any(MARK in text for text in texts)


def test_menu_and_names_of_files() -> None:
    walked(staged(_HARM), _menu)


async def _previewed(menu: TakeOutMenu) -> None:
    number = menu._list.cursor
    for _ in range(300):
        if number in menu._made or menu._offers[number].refusal or menu._hints.message:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(menu._offers[number])


async def _menu(walk: Looking) -> None:
    main = walk.s.app.main
    for number in (1, _SESSION):
        main.table.select(number)
        menu = await walk.opens("x", TakeOutMenu)
        assert isinstance(menu, TakeOutMenu)
        for _ in FORMS:
            await _previewed(menu)
            await walk.go("down")
        await walk.press("w")
        prompt = await walk.shown(SavePrompt)
        walk.look("the name of a file")
        assert MARK not in prompt.query_one(Input).value
        prompt.query_one(Input).value = f"/dev/null/\x1b[{MARK}m[/]"
        await walk.press("enter")
        await walk.back()
        await walk.s.app.workers.wait_for_complete()
        assert MARK in walk.look("what became of it")
    main.open_detail(11)
    await walk.press("4", "W")
    prompt = await walk.shown(BodyPrompt)
    await walk.go("tab")
    name = prompt.query_one(Input).value
    assert MARK not in name
    assert Path(name).name == name
    await walk.leave()


def test_a_form_that_fails_is_told() -> None:
    s = staged(_HARM)
    s.session.current = replace(s.session.current, address="http://[31337\x1b[31337m")
    walked(s, _failing)


async def _failing(walk: Looking) -> None:
    walk.s.app.main.table.select(1)
    menu = await walk.opens("x", TakeOutMenu)
    assert isinstance(menu, TakeOutMenu)
    await _previewed(menu)
    for _ in range(300):
        if "cannot be made of this" in walk.look():
            break
        await asyncio.sleep(0.01)
    assert "cannot be made of this" in walk.look()
    await walk.go("enter")
    assert walk.s.app.screen is menu
    await walk.leave()
