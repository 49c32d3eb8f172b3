"""The parent's side of a debugger: the terminal is lent, carried to and fro, and taken back."""

import asyncio
import contextlib
import fcntl
import os
import pty
import signal
import struct
import termios
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field

import pytest

from asgitrace.process import lending as lending_module
from asgitrace.process.lending import Lending
from asgitrace.process.relay import Relay
from asgitrace.process.spec import Answer, DebuggerDone, DebuggerWaits, Denied, Granted

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(60)]

WISH = DebuggerWaits("GET /\x1b[2Jx", interruptible=True)


@dataclass
class App:
    """A process of the app's that never was."""

    pid: int = 0
    status: int | None = None
    answers: list[Answer] = field(default_factory=list)
    fds: list[int] = field(default_factory=list)

    def poll(self) -> int | None:
        return self.status

    def answer(self, answer: Answer, fd: int | None = None) -> None:
        self.answers.append(answer)
        if fd is not None:
            self.fds.append(os.dup(fd))


@dataclass
class Screen:
    """Who has the terminal, and steps aside."""

    story: list[str] = field(default_factory=list)

    @contextlib.asynccontextmanager
    async def stepped_aside(self) -> AsyncIterator[None]:
        self.story.append("away")
        yield
        self.story.append("back")


class User:
    """The terminal from the user's side."""

    def __init__(self) -> None:
        self.fd, self.slave = pty.openpty()
        os.set_blocking(self.fd, False)
        self.seen = b""

    def open(self) -> int:
        return os.open(os.ttyname(self.slave), os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)

    def type(self, text: bytes) -> None:
        os.write(self.fd, text)

    async def sees(self, text: bytes) -> None:
        await until(lambda: text in self._read())

    def _read(self) -> bytes:
        with contextlib.suppress(BlockingIOError):
            self.seen += os.read(self.fd, 4096)
        return self.seen

    def is_cooked(self) -> bool:
        """Whether it edits lines itself."""
        return bool(termios.tcgetattr(self.slave)[3] & termios.ICANON)


async def until(condition: Callable[[], object]) -> None:
    while not condition():  # noqa: ASYNC110  # a terminal has no event to wait for
        await asyncio.sleep(0.005)


@pytest.fixture
def user(monkeypatch: pytest.MonkeyPatch) -> Iterator[User]:
    user = User()
    monkeypatch.setattr(lending_module, "open_terminal", user.open)
    yield user
    for fd in (user.fd, user.slave):
        with contextlib.suppress(OSError):
            os.close(fd)


@pytest.fixture
def app() -> Iterator[App]:
    app = App()
    yield app
    for fd in app.fds:
        os.close(fd)


async def test_lent_stepped_and_taken_back(user: User, app: App) -> None:
    screen = Screen()
    lending = Lending(app, lambda: screen.stepped_aside)
    lending.take(WISH)
    await until(lambda: app.answers)
    assert app.answers == [Granted(fresh=True)]
    await user.sees(b"asgitrace: breakpoint in GET /")
    await user.sees(b"the screen comes back then\r\n")
    assert b"\x1b[2J" not in user.seen
    assert not user.is_cooked()
    (fd,) = app.fds
    os.write(fd, b"prompt\n")
    await user.sees(b"prompt\r\n")
    user.type(b"next\r")
    assert await asyncio.to_thread(os.read, fd, 99) == b"next\n"

    lending.take(DebuggerDone())
    lending.take(WISH)
    await until(lambda: len(app.answers) == 2)
    lending.take(DebuggerDone())
    lending.take(DebuggerWaits("GET /other", interruptible=True))
    await user.sees(b"breakpoint in GET /other")
    assert app.answers[1:] == [Granted(fresh=False)] * 2

    lending.take(DebuggerDone())
    await lending.over()
    assert screen.story == ["away", "back"]
    assert user.is_cooked()
    assert os.read(fd, 99) == b""


async def test_nobody_to_lend_it(app: App) -> None:
    lending = Lending(app, lambda: None)
    lending.take(WISH)
    await lending.over()
    assert app.answers == [Denied()]


async def test_no_terminal(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lending_module, "open_terminal", lambda: None)
    screen = Screen()
    lending = Lending(app, lambda: screen.stepped_aside)
    lending.take(WISH)
    await lending.over()
    assert app.answers == [Denied()]
    assert screen.story == ["away", "back"]


@pytest.mark.parametrize("ends", ["asked", "gone"])
async def test_the_process_ends(user: User, app: App, ends: str) -> None:
    screen = Screen()
    lending = Lending(app, lambda: screen.stepped_aside)
    lending.take(WISH)
    await until(lambda: app.answers)
    if ends == "asked":
        lending.end()
    else:
        app.status = 1
    await lending.over()
    assert user.is_cooked()
    assert os.read(app.fds[0], 9) == b""
    lending.take(DebuggerDone())
    lending.end()
    lending.take(WISH)
    assert app.answers[1:] == [Denied(ending=True)]


async def test_a_wish_while_the_screen_comes_back(user: User, app: App) -> None:
    """Whoever asks then is served by stepping aside again."""
    story: list[str] = []

    @contextlib.asynccontextmanager
    async def aside() -> AsyncIterator[None]:
        story.append("away")
        yield
        if len(story) == 1:
            lending.take(WISH)
        story.append("back")

    lending = Lending(app, lambda: aside)
    lending.take(WISH)
    await until(lambda: app.answers)
    lending.take(DebuggerDone())
    await until(lambda: len(app.answers) == 2)
    lending.take(DebuggerDone())
    await until(lambda: len(story) == 4)
    assert app.answers == [Granted(fresh=True)] * 2


async def test_the_terminal_goes_away(user: User, app: App) -> None:
    lending = Lending(app, lambda: Screen().stepped_aside)
    lending.take(WISH)
    await until(lambda: app.answers)
    for fd in (user.fd, user.slave):
        os.close(fd)
    await lending.over()
    assert os.read(app.fds[0], 9) == b""


class TestRelay:
    """What is typed, and what is not passed on as it is."""

    @pytest.mark.parametrize("somebody", [True, False])
    @pytest.mark.parametrize("editing", [True, False])
    async def test_interrupts(self, user: User, somebody: bool, editing: bool) -> None:
        told: list[int] = []

        def interrupt() -> bool:
            told.append(signal.SIGINT)
            return somebody

        relay = Relay(user.open(), interrupt)
        debugger = os.dup(relay.slave)
        mode = termios.tcgetattr(debugger)
        mode[3] &= ~termios.ECHO
        if editing:
            mode[3] &= ~termios.ICANON
        termios.tcsetattr(debugger, termios.TCSANOW, mode)
        with relay.running(lambda: None):
            relay.hand_over()
            user.type(b"a\x03b\r")
            await until(lambda: told)
            os.set_blocking(debugger, False)
            got = b""
            while b"b" not in got:
                with contextlib.suppress(BlockingIOError):
                    got += os.read(debugger, 99)
                await asyncio.sleep(0.005)
        assert got == (b"a\x15b\n" if editing and not somebody else b"b\n")
        assert len(told) == 1
        os.close(debugger)

    async def test_another_size(self, user: User) -> None:
        told: list[None] = []
        relay = Relay(user.open(), lambda: True)
        debugger = os.dup(relay.slave)
        with relay.running(lambda: told.append(None)):
            size = struct.pack("HHHH", 7, 33, 0, 0)
            fcntl.ioctl(user.slave, termios.TIOCSWINSZ, size)
            os.kill(os.getpid(), signal.SIGWINCH)
            await until(lambda: told)
            assert os.get_terminal_size(debugger) == (33, 7)
            relay.hand_over()
        os.close(debugger)

    async def test_more_than_the_terminal_takes(self, user: User) -> None:
        """The debugger waits; nothing is lost."""
        relay = Relay(user.open(), lambda: True)
        debugger = os.dup(relay.slave)
        with relay.running(lambda: None):
            relay.hand_over()
            lines = b"".join(b"%d\n" % number for number in range(30_000))
            writing = asyncio.create_task(asyncio.to_thread(os.write, debugger, lines))
            await user.sees(b"29999\r\n")
            await writing
            await until(lambda: relay.quiet)
        assert user.seen.split() == lines.split()
        os.close(debugger)
