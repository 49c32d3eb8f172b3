"""A debugger in the app's process: it gets the user's terminal for as long as it asks for commands.

`pdb.Pdb.interaction` is where pdb, and what is made from it, begins to ask and ends. Debuggers that
bring an input and output of their own, or none at all, are left alone; and so is `pdb` itself until
somebody imports it."""

import asyncio
import bdb
import contextlib
import functools
import os
import sys
import threading
from collections.abc import Callable, Iterator
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from time import monotonic, monotonic_ns
from types import CodeType, FrameType, ModuleType
from typing import TYPE_CHECKING, Any, Final, Protocol

from asgitrace.process.debugging_terminal import BorrowedTerminal, Divert
from asgitrace.process.spec import Answer, DebuggerDone, DebuggerWaits, Denied
from asgitrace.recorder import Recorder, Trace
from asgitrace.recorder.stop import record_stop

if TYPE_CHECKING:
    from asgitrace.recorder.loop import LoopMeter

PAUSE: Final = 0.2
"""Seconds in which a debugger that was left may ask again before others: it is being stepped."""

_TITLE_LIMIT: Final = 200
_OURS: Final = ("asgitrace.process.*", "asgitrace.recorder.*", "asgitrace.server.*")
"""Who steps into ``send()`` or out of the app does not want to see these."""

_CALL: Final[CodeType] = Trace.__call__.__code__


class Superior(Protocol):
    """Who may have a terminal to lend."""

    def ask(self, report: DebuggerWaits) -> tuple[Answer, int | None]: ...

    def report(self, report: DebuggerDone) -> None: ...


class Debugging:
    """Asks the parent for its terminal when a debugger wants to ask the user.

    Args:
        recorder: of the time that the app stands still; None where the parent never has a terminal.
    """

    def __init__(
        self,
        parent: Superior,
        recorder: Recorder | None,
        current: Callable[[], int],
        divert: Divert,
    ) -> None:
        self._parent = parent
        self._recorder = recorder
        self._current = current
        self._divert = divert
        self._pid = os.getpid()
        self._turn = Turn()
        self._terminal: BorrowedTerminal | None = None
        self._told = False
        self._stops = 0
        self.loop: asyncio.AbstractEventLoop | None = None
        """The loop that serves, once there is one."""
        self.meter: LoopMeter | None = None
        """What measures its lateness."""

    def install(self) -> None:
        """Be there when a debugger begins to ask, from now on."""
        module = sys.modules.get("pdb")
        if module is not None:
            self._patch(module)
        else:
            sys.meta_path.insert(0, _Finder("pdb", self._patch))

    def adopt(self) -> None:
        """This process is one that calls the app, be it forked."""
        self._pid = os.getpid()

    def _patch(self, module: ModuleType) -> None:
        original = module.Pdb.interaction

        @functools.wraps(original)
        def interaction(debugger: Any, frame: Any, *rest: Any, **options: Any) -> Any:
            if self._is_none_of_ours(debugger):
                return original(debugger, frame, *rest, **options)
            with self._stopped(debugger, frame) as terminal:
                if terminal is None:
                    return debugger.set_continue()
                debugger.skip = {*(debugger.skip or ()), *_OURS}
                with terminal.given_to(debugger):
                    return _persist(lambda: original(debugger, frame, *rest, **options))

        module.Pdb.interaction = interaction

    def _is_none_of_ours(self, debugger: Any) -> bool:
        forked = os.getpid() != self._pid
        return forked or not debugger.use_rawinput or self._turn.mine

    @contextlib.contextmanager
    def _stopped(self, debugger: Any, frame: FrameType | None) -> Iterator[BorrowedTerminal | None]:
        """The time in the debugger; with the terminal where there is one."""
        called = monotonic_ns()
        place = frame if frame is not None else sys._getframe()
        exchange, where = whereabouts(place, self._current(), self.loop)
        main = threading.current_thread() is threading.main_thread()
        terminal = None
        try:
            with self._turn.taken():
                terminal = self._ask(DebuggerWaits(where, main))
                try:
                    yield terminal
                finally:
                    if terminal is not None:
                        self._parent.report(DebuggerDone())
        finally:
            if terminal is not None:
                self._record(exchange, called, _place_of(frame), held=main)

    def _record(self, exchange: int, called: int, place: str, *, held: bool) -> None:
        if self._recorder is None:
            return
        self._stops += 1
        record_stop(self._recorder, self._stops, exchange, called, place, held=held)
        if held and self.meter is not None:
            self.meter.excuse(monotonic_ns() - called)

    def _ask(self, wish: DebuggerWaits) -> BorrowedTerminal | None:
        answer, fd = self._parent.ask(wish)
        if isinstance(answer, Denied):
            if not answer.ending:
                self._tell(wish.where)
            return None
        if fd is not None:
            if self._terminal is not None:
                self._terminal.close()
            self._terminal = BorrowedTerminal(fd, self._divert)
        return self._terminal

    def _tell(self, where: str) -> None:
        if self._told:
            return
        self._told = True
        place = f" in {where}" if where.isprintable() and where else ""
        print(
            f"asgitrace: a debugger was called{place}, but there is no terminal for it: going on.",
            file=sys.stderr,
        )


class Turn:
    """Who has the terminal: one thread at a time, and who steps has it again before others."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._owner: int | None = None
        self._last: int | None = None
        self._left = 0.0

    @property
    def mine(self) -> bool:
        """Whether this thread has it."""
        return self._owner == threading.get_ident()

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for it and have it."""
        thread = threading.get_ident()
        with self._changed:
            while self._owner is not None or self._may_come_back(thread):
                self._changed.wait(PAUSE)
            self._owner = thread
        try:
            yield
        finally:
            with self._changed:
                self._owner, self._last, self._left = None, thread, monotonic()
                self._changed.notify_all()

    def _may_come_back(self, thread: int) -> bool:
        return self._last not in (None, thread) and monotonic() - self._left < PAUSE


class _Finder(MetaPathFinder):
    """Finds one module as ever, and calls a function once it was imported."""

    def __init__(self, name: str, imported: Callable[[ModuleType], None]) -> None:
        self._name = name
        self._imported = imported

    def find_spec(
        self, name: str, path: Any, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != self._name:
            return None
        # It may only be asked for, now and again, and be imported later or never.
        for finder in list(sys.meta_path):
            find = getattr(finder, "find_spec", None)
            if finder is self or find is None:
                continue
            spec: ModuleSpec | None = find(name, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Told(spec, spec.loader, self._done)
                return spec
        return None

    def _done(self, module: ModuleType) -> None:
        with contextlib.suppress(ValueError):
            sys.meta_path.remove(self)
        self._imported(module)


class _Told(Loader):
    def __init__(
        self, spec: ModuleSpec, loader: Loader, imported: Callable[[ModuleType], None]
    ) -> None:
        self._spec = spec
        self._loader = loader
        self._imported = imported

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        # As if nobody had been in between.
        self._spec.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._imported(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)


def _persist(ask: Callable[[], Any]) -> Any:
    """An interrupt between two prompts is for the prompt, not for the app; and with the terminal
    gone the debugger quits."""
    while True:
        try:
            return ask()
        except KeyboardInterrupt:
            continue
        except OSError:
            raise bdb.BdbQuit from None


def whereabouts(
    frame: FrameType | None, exchange: int, loop: asyncio.AbstractEventLoop | None
) -> tuple[int, str]:
    """The number of the exchange that code belongs to, and its method and path: from its own frames
    or, where it runs in another thread or task, from the tasks of the loop."""
    own = next((each for each in _outwards(frame) if _is_call(each)), None)
    if own is not None:
        return own.f_locals["exchange"].number, _title(own.f_locals["scope"])
    for call in _calls(loop) if exchange else ():
        if _is_call(call) and call.f_locals["exchange"].number == exchange:
            return exchange, _title(call.f_locals["scope"])
    return exchange, ""


def _calls(loop: asyncio.AbstractEventLoop | None) -> Iterator[FrameType]:
    """Where the tasks of a loop wait; and, as one of them may run at present, all threads."""
    for task in () if loop is None else asyncio.all_tasks(loop):
        yield from _awaited(task.get_coro())
    for frame in sys._current_frames().values():
        yield from _outwards(frame)


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _awaited(coroutine: Any) -> Iterator[FrameType]:
    """The frames of a coroutine that waits, from the outside in."""
    while coroutine is not None:
        frame = getattr(coroutine, "cr_frame", None)
        if frame is not None:
            yield frame
        coroutine = getattr(coroutine, "cr_await", None)


def _is_call(frame: FrameType) -> bool:
    """Whether it is a call of the app that is recorded."""
    return frame.f_code is _CALL and frame.f_locals.get("exchange") is not None


def _title(scope: Any) -> str:
    """Method and path of an exchange; the network's words."""
    try:
        kind = scope["type"]
        method = scope.get("method") or {"websocket": "WS"}.get(kind, kind)
        return f"{method} {scope.get('path', '')}".strip()[:_TITLE_LIMIT]
    except Exception:
        # The scope is the app's: it may have emptied it.
        return ""


def _place_of(frame: FrameType | None) -> str:
    if frame is None:
        return ""
    code = frame.f_code
    return f"{code.co_filename}:{frame.f_lineno} in {code.co_qualname}"
