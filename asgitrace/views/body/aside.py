"""A call beside the screen: in a thread of its own, looked after now and then, ended if it takes
too long."""

import ctypes
import threading
from collections.abc import Callable
from typing import Final, Generic, TypeVar

Result = TypeVar("Result")

AT_ONCE: Final = 0.02
"""Seconds that a call may take before the screen goes on without it."""

_LOOK: Final = 0.01
"""Seconds that each later look waits, which gives the thread its turn."""

_LOOKS: Final = 300
"""Looks until a call is ended: ten seconds for a list, which looks thirty times a second."""


class TookTooLong(Exception):
    """The call was ended."""


class _Ended(BaseException):
    """Raised inside the thread; not what a renderer could catch as an error of its own."""


class Aside(Generic[Result]):
    """One call."""

    def __init__(self, call: Callable[[], Result], looks: int = _LOOKS) -> None:
        self._call = call
        self._left = looks
        self._result: Result | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="asgitrace-render", daemon=True)
        self._thread.start()
        self._thread.join(AT_ONCE)

    def _run(self) -> None:
        try:
            self._result = self._call()
        except _Ended:
            pass  # Whoever ended it has said why.
        except BaseException as error:
            self._error = error

    def done(self) -> bool:
        """Whether it is over. It is, with an error, when it took too long."""
        if self._thread.is_alive():
            self._thread.join(_LOOK)
        if not self._thread.is_alive():
            return True
        self._left -= 1
        if self._left > 0:
            return False
        self.end()
        self._error = TookTooLong("took too long")
        return True

    def end(self) -> None:
        """Make it stop: at its next step in Python, since a thread cannot be killed."""
        ident = self._thread.ident
        if self._thread.is_alive() and ident is not None:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(ident), ctypes.py_object(_Ended)
            )

    def result(self) -> Result:
        """What it gave, once it is over; raises what it raised."""
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]
