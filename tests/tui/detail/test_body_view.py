"""The body tab and the view in it."""

import asyncio
import gzip
import json
from collections.abc import Coroutine
from typing import Any

import pytest
from textual.pilot import Pilot

from asgitrace.store.model import State
from asgitrace.tui.detail.body_bar import NoteLine
from asgitrace.tui.detail.body_view import BodyView
from asgitrace.tui.detail.choices import ChoiceBar
from asgitrace.views.body.json_part import JsonPart
from asgitrace.views.body.json_tree import JsonLines
from tests.tui.detail.conftest import Host, Hosting, answer
from tests.tui.detail.samples import FakeStore, http


def run(coroutine: Coroutine[Any, Any, None]) -> None:
    asyncio.run(coroutine)


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


def view(app: Host) -> BodyView:
    return app.query_one("#body BodyView", BodyView)


async def settle(app: Host, pilot: Pilot[None]) -> None:
    """Until all of the body is shown."""
    lines = view(app).focused_list.lines
    while lines.work():
        await pilot.pause()
    await pilot.pause()


async def click_word(app: Host, pilot: Pilot[None], word: str) -> None:
    bar = app.query_one("#body BodyView").query_one(ChoiceBar)
    row = app.text.splitlines()[bar.region.y]
    await pilot.click(bar, offset=(row.index(f" {word} ") + 1, 0))
    await pilot.pause()


def test_side_and_renderer(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(4) as (app, pilot):
            await press(pilot, "4")
            assert "[Response 7B]" in app.text
            assert "stored" in app.text
            await press(pilot, "b")
            assert "[Request 256k]" in app.text
            assert "[Hex]" in app.text
            assert "recorded 4,096 of 262,144 bytes" in app.text
            await click_word(app, pilot, "Text")
            assert "[Text]" in app.text
            await press(pilot, "v")
            assert "[Hex]" in app.text
            await click_word(app, pilot, "Response 7B")
            assert "[Response 7B]" in app.text
            await press(pilot, "b")
            # What was chosen for a media type stays chosen.
            assert "[Hex]" in app.text

    run(scenario())


def test_what_cannot_show_it_is_not_offered(hosted: Hosting, store: FakeStore) -> None:
    store.put(answer(b"oops", b"application/json").exchange(40))

    async def scenario() -> None:
        async with hosted(40) as (app, pilot):
            await press(pilot, "4")
            assert "[Text]" in app.text
            assert "not JSON from character 1 on" in app.text
            assert " JSON " not in app.text.replace("not JSON", "")

    run(scenario())


def test_json_folds(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(1) as (app, pilot):
            await press(pilot, "4", "j", "j", "space")
            assert '▸ "items": […]  3 items' in app.text
            assert " .items " in app.text
            await press(pilot, "right", "j", "enter")
            assert "{…}  4 members" in app.text
            await press(pilot, "j")
            assert " .items[1] " in app.text
            await press(pilot, "underscore")
            assert '▸ "items": […]  3 items' in app.text
            await press(pilot, "plus")
            assert "{…}  4 members" in app.text
            await press(pilot, "asterisk")
            assert "…" not in "".join(app.text.splitlines()[5:])
            await press(pilot, "minus")
            assert '"tags": […]  2 items' in app.text

    run(scenario())


def test_path_is_copied(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(1) as (app, pilot):
            await press(pilot, "4", "j", "j", "j", "j", "P")
            await app.workers.wait_for_complete()
            await pilot.pause()
            assert app.clipboard == ".items[0].id"
            assert "Copied: .items[0].id" in app.text
            await press(pilot, "k")
            note = app.query_one(NoteLine)
            await pilot.click(note, offset=(note.size.width - 3, 0))
            await app.workers.wait_for_complete()
            assert app.clipboard == ".items[0]"
            await press(pilot, "b")

    run(scenario())


def test_encoded_body_is_decoded_and_can_be_seen_as_sent(hosted: Hosting, store: FakeStore) -> None:
    text = json.dumps({"a": [1, 2, 3]}).encode()
    packed = gzip.compress(text)
    store.put(answer(packed, b"application/json", b"gzip").exchange(41))

    async def scenario() -> None:
        async with hosted(41) as (app, pilot):
            await press(pilot, "4")
            await settle(app, pilot)
            assert "[JSON]" in app.text
            assert f"gzip {len(packed)} bytes → {len(text)}" in app.text
            assert view(app).data == text
            assert view(app).media_type == "application/json"
            assert view(app).complete
            await click_word(app, pilot, "As sent")
            assert "[As sent]" in app.text
            assert " 1f 8b 08" in app.text
            assert view(app).data == packed
            await press(pilot, "v")
            assert "[JSON]" in app.text

    run(scenario())


def test_a_renderer_that_fails_shows_hex(hosted: Hosting, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        async with hosted(1) as (app, pilot):
            await press(pilot, "4")
            await settle(app, pilot)
            assert "JSON failed: RuntimeError" in app.text
            assert "00000000  7b" in app.text

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(JsonPart, "feed", fail)
        run(scenario())
    with monkeypatch.context() as patch:
        patch.setattr(JsonLines, "cells", fail)
        run(scenario())


def test_a_body_turns_out_to_be_something_else(hosted: Hosting, store: FakeStore) -> None:
    script = http("POST", "/grow")
    script.receive("http.request", body=b"[1,", more_body=True)
    store.put(script.exchange(42, state=State.OPEN))

    async def scenario() -> None:
        async with hosted(42) as (app, pilot):
            await press(pilot, "4")
            assert "[JSON]" in app.text
            assert "more to come" in app.text
            script.receive("http.request", body=b" is no number", more_body=False)
            store.put(script.exchange(42, state=State.OPEN))
            app.tick()
            await pilot.pause()
            assert "[Text]" in app.text
            assert "[1, is no number" in app.text

    run(scenario())


def test_a_body_of_many_chunks_comes_in_portions(hosted: Hosting, store: FakeStore) -> None:
    script = http("GET", "/many").send("http.response.start", status=200, headers=[])
    for number in range(5_000):
        script.send("http.response.body", body=b"%d\n" % number, more_body=number < 4_999)
    store.put(script.done().exchange(43))

    async def scenario() -> None:
        async with hosted(43) as (app, pilot):
            await press(pilot, "4")
            while not view(app).complete:
                await pilot.pause(0.01)
            await settle(app, pilot)
            await press(pilot, "G")
            assert "4999" in app.text
            assert "5,000 chunks" in app.text

    run(scenario())


@pytest.mark.parametrize(
    "body", [b"x" * 10_000_000, b'{"a":' * 20_000], ids=["one line", "deep objects"]
)
def test_large_bodies(hosted: Hosting, store: FakeStore, body: bytes) -> None:
    store.put(answer(body, b"application/json").exchange(31))

    async def scenario() -> None:
        async with hosted(31) as (app, pilot):
            await pilot.press("4", "G", "pageup", "k", "v", "G", "g")
            await settle(app, pilot)
            assert "Response" in app.text
            assert view(app).data == body

    run(scenario())


def test_nothing_is_shown_of_nothing(hosted: Hosting) -> None:
    async def scenario() -> None:
        async with hosted(3) as (app, pilot):
            await press(pilot, "4", "v", "P", "plus", "b")
            assert "press 2" in app.text
            assert view(app).data == b""
            assert view(app).media_type == ""
            assert not view(app).complete
            assert view(app).copy_text() is None

    run(scenario())
