"""What a recording without a screen needs of a session."""

from pathlib import Path
from typing import Protocol

from asgitrace.process.lending import Lender
from asgitrace.store.session import Session


class Recordable(Session, Protocol):
    """A session that can be recorded without a screen."""

    lender: Lender | None
    """Who steps aside while a debugger has the terminal."""
    kept: Path | None
    """The ring file of a process that crashed, where it is ours to keep."""

    @property
    def over(self) -> bool:
        """Nothing more comes by itself."""
        ...

    @property
    def pid(self) -> int | None:
        """A process that runs, or that was not read to its end; None where there is none."""
        ...

    def close(self, *, keep: bool = False) -> None:
        """Give up everything; nothing may be called after it."""
        ...
