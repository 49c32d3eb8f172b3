"""Take the README's pictures from a real run: the demo app, its client, the real screen.

    python screenshots/take.py            # SVG, and PNG where Chromium is installed

Textual draws the screen as SVG; Chromium turns that into PNG, as it alone gets the box characters
right. The pictures lie beside this file. A font with Japanese characters should be installed too.
"""

import asyncio
import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from textual.app import App

from asgitrace.cli.demo import traffic
from asgitrace.export.saving import save
from asgitrace.process import AppSpec, LiveSession
from asgitrace.process.attached import AttachedSession
from asgitrace.process.found import find_rings
from asgitrace.process.listener import listening
from asgitrace.process.selection import select_named
from asgitrace.server.config import ServerConfig
from asgitrace.store import RowKind, State, Store
from asgitrace.tui.app import TraceApp
from asgitrace.tui.attach.picker import PickerApp

HERE = Path(__file__).parent
SECONDS = 45.0
CELL = (12.2, 24.4)
"""Pixels of a character cell in Textual's SVG."""
TRACED = """
import asgitrace
from asgitrace.demo.app import app

app = asgitrace.trace(app)
"""
WAIT = ""
"""Among keys: give what was begun some time."""

CHROMIUM = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars",
]  # fmt: skip


async def take() -> list[Path]:
    """Run the demo and take every picture; returns the SVG files."""
    taken: list[Path] = []
    for size, scenes in SCENES.items():
        taken += await _run(size, scenes)
    return taken + await _attach((120, 40))


async def _run(size: tuple[int, int], scenes: dict[str, tuple[str, list[str]]]) -> list[Path]:
    taken = []
    spec = AppSpec(target="asgitrace.demo.app:app", server=ServerConfig(port=0))
    with listening(spec.server) as (listener, address):
        session = LiveSession(spec, listener, "http://127.0.0.1:8000")
        store = Store()
        app = TraceApp(session, lambda: store, save=save)
        with traffic(address, 9.0, None):
            async with app.run_test(size=size) as pilot:
                await asyncio.sleep(SECONDS)
                await asyncio.to_thread(_visit, f"{address}/api/items?limit=2")
                for name, (kind, keys) in scenes.items():
                    _select(app, kind)
                    for key in keys:
                        if key == WAIT:
                            await pilot.pause(4)
                        else:
                            await pilot.press(key)
                            await pilot.pause(0.1)
                    await pilot.pause(0.4)
                    taken.append(_take(app, name, size))
                    await pilot.press("escape")
                    await pilot.press("escape")
                    await pilot.pause(0.3)
        session.close()
    return taken


async def _attach(size: tuple[int, int]) -> list[Path]:
    """The list of what runs, and what three workers of one app record, merged."""
    taken = []
    with _two_apps():
        picker = PickerApp(find_rings)
        async with picker.run_test(size=size) as pilot:
            await asyncio.sleep(SECONDS / 2)
            await pilot.press("G", "k", "k", "space")
            await pilot.pause(1)
            taken.append(_take(picker, "attach", size))
        session = AttachedSession(select_named(["shop:app"], find_rings()))
        store = Store()
        app = TraceApp(session, lambda: store, save=save)
        async with app.run_test(size=size):
            await asyncio.sleep(SECONDS / 2)
            taken.append(_take(app, "workers", size))
        session.close()
    return taken


@contextlib.contextmanager
def _two_apps() -> Iterator[None]:
    """The demo in three workers of uvicorn, and once more by itself, with visitors."""
    with contextlib.ExitStack() as started:
        folder = started.enter_context(tempfile.TemporaryDirectory(prefix="srv-"))
        os.environ["XDG_RUNTIME_DIR"] = folder
        for name, workers, speed in (("shop", "3", 9.0), ("billing", "1", 1.0)):
            Path(folder, f"{name}.py").write_text(TRACED)
            port = _free_port()
            command = [sys.executable, "-m", "uvicorn", f"{name}:app", "--workers", workers,
                       "--port", str(port), "--log-level", "warning"]  # fmt: skip
            process = subprocess.Popen(command, cwd=folder)
            started.callback(process.wait, 10)
            started.callback(process.terminate)
            time.sleep(4)
            started.enter_context(traffic(f"http://127.0.0.1:{port}", speed, None))
        yield


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def _take(app: App[Any], name: str, size: tuple[int, int]) -> Path:
    picture = HERE / f"{name}-{size[0]}x{size[1]}.svg"
    picture.write_text(_self_contained(app.export_screenshot()))
    return picture


def _visit(url: str) -> None:
    urllib.request.urlopen(url, timeout=10).read()


def _select(app: TraceApp, kind: str) -> None:
    """Put the cursor on the latest exchange of a kind, finished and with something to see."""
    if kind == "newest":
        return
    store = app.main.feed.store
    found = 0
    for number in store.numbers.tolist():
        row = store.row(number, app.clock())
        wanted = {
            "websocket": row.kind is RowKind.WEBSOCKET and row.events > 12,
            "chat": "name=grace" in row.path and row.status != 0,
            "refused": row.state is State.REFUSED,
            "json": row.path.startswith("/api/items") and row.status == 200 and row.sent > 100,
            "raised": row.path.startswith("/boom"),
            "stream": row.path.startswith("/stream") and row.status == 200,
        }
        if wanted[kind]:
            found = number
    if found:
        app.main.table.select(found)


def _self_contained(svg: str) -> str:
    """Without the web font Textual refers to."""
    svg = re.sub(r"@font-face\s*{[^}]*}", "", svg)
    return svg.replace("Fira Code", "DejaVu Sans Mono")


def to_png(svg: Path, chromium: str) -> Path:
    """Render one picture."""
    png = svg.with_suffix(".png")
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg.read_text())
    assert found
    width, height = (int(float(number)) + 1 for number in found.groups())
    with tempfile.TemporaryDirectory() as profile:
        page = Path(profile, "page.html")
        page.write_text(
            f'<meta charset="utf-8"><body style="margin:0;background:#fff">{svg.read_text()}'
            f"<style>svg{{width:{width}px;height:{height}px;display:block}}</style>"
        )
        subprocess.run(
            [chromium, *CHROMIUM, f"--user-data-dir={profile}", f"--screenshot={png}",
             f"--window-size={width},{height}", page.as_uri()],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
    return png


SCENES: dict[tuple[int, int], dict[str, tuple[str, list[str]]]] = {
    (120, 40): {
        "list": ("newest", []),
        "ladder": ("chat", ["enter", "1"]),
        "frames": ("chat", ["enter", "6"]),
        "connections": ("chat", ["C"]),
        "refused": ("refused", ["enter", "1"]),
        "websocket": ("websocket", ["enter", "2", *"kkk"]),
        "timeline": ("stream", ["enter", "1", "v"]),
        "body": ("json", ["enter", "4"]),
        "exception": ("raised", ["k", "right_curly_bracket"]),
        "inside": ("websocket", ["enter", "2", *"kkk", "enter"]),
        "headers": ("websocket", ["enter", "3", *"jj"]),
        "compare": ("json", ["colon", *"compare", "space", *"with", WAIT, "enter", WAIT, "v"]),
        "search": ("json", ["s", *"kettle", "enter", WAIT, WAIT]),
        "log": ("raised", ["enter", "5"]),
        "take-out": ("json", ["x"]),
        "help": ("newest", ["question_mark"]),
        "statistics": ("newest", ["S", "1"]),
        "groups": ("newest", ["B"]),
        "columns": ("newest", ["O"]),
        "filter": ("newest", ["f", *"status=4xx or exc or wait"]),
        "reference": ("newest", ["f", "f1"]),
        "axis": ("newest", ["G", "a"]),
    },
    (80, 24): {
        "list": ("newest", []),
        "statistics": ("newest", ["S", "1"]),
        "filter": ("newest", ["f", *"status=4xx dura>1s"]),
        "timeline": ("json", ["enter", "1"]),
        "ladder": ("chat", ["enter", "1", "v"]),
    },
    (200, 60): {
        "list": ("newest", []),
        "websocket": ("websocket", ["enter", "2", *"kkk"]),
        "ladder": ("chat", ["enter", "1", *"jjj", "enter"]),
        "statistics": ("newest", ["S", "1"]),
        "groups": ("newest", ["B"]),
    },
}
"""By size: a picture's name, the exchange to select, the keys to press."""


def main() -> int:
    """Take the pictures."""
    pictures = asyncio.run(take())
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    for picture in pictures:
        print(picture.name)
        if chromium:
            print(to_png(picture, chromium).name)
    if not chromium:
        print("Chromium is not installed, so there are no PNG files.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
