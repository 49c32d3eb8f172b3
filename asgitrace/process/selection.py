"""Which rings are to be looked at: those that are named, and those that come later and belong to
them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from asgitrace.errors import OptionError
from asgitrace.process.found import FoundRing, look_at
from asgitrace.views.attach.model import Choice, Sighting, choose, overview


@dataclass(frozen=True, slots=True)
class Selection:
    """Chooses rings; `wanted` is what a RingFollower asks."""

    choice: Choice
    """These, and the apps all of whose processes they are."""
    names: frozenset[str] = frozenset()
    """Apps and servers whose later processes are wanted too."""
    all: bool = False
    """All later processes are wanted."""

    @property
    def paths(self) -> tuple[Path, ...]:
        return tuple(ring.path for ring in self.choice.rings)

    @property
    def live(self) -> bool:
        """Whether any of the processes runs, or others may come."""
        return self.all or any(ring.state == "running" for ring in self.choice.rings)

    def wanted(self, found: FoundRing) -> bool:
        """Whether a ring is to be followed."""
        if self.choice.wants(found):
            return True
        later = found.state == "running" or found.anchor.wall_ns >= self.choice.since_ns
        return later and (self.all or any(answers_to(found, name) for name in self.names))


def answers_to(found: FoundRing, name: str) -> bool:
    """Whether a name is that of the ring's app (``main:app``, ``main``) or server (``uvicorn``,
    ``uvicorn 0.38.0``)."""
    about = found.about
    module, server = about.app.partition(":")[0], about.server.partition(" ")[0]
    return bool(name) and name in (about.app, module, about.server, server)


def select_running(there: Sequence[FoundRing]) -> Selection:
    """All that run, and all that come."""
    return Selection(_choose([each for each in there if each.state == "running"], there), all=True)


def select_crashed(there: Sequence[FoundRing]) -> Selection:
    """What processes have left that crashed, or ended without a word."""
    left = [each for each in there if each.state in ("crashed", "gone")]
    return Selection(_choose(left, there))


def select_named(words: Sequence[str], there: Sequence[FoundRing]) -> Selection:
    """What each word names: a process, the parent of processes, an app, a server, or a ring file.

    Raises OptionError for one that names nothing, RingError for a file that is no sound ring."""
    chosen: dict[Path, FoundRing] = {}
    names: set[str] = set()
    for word in words:
        found = _by_process(word, there) or _by_file(word, there)
        if not found:
            found = [each for each in there if each.state == "running" and answers_to(each, word)]
            names.add(word)
        if not found:
            raise OptionError(
                f"No process that is recorded answers to {word!r}; "
                "asgitrace attach --list shows those that do, by app, server and pid."
            )
        chosen.update((each.path, each) for each in found)
    return Selection(_choose(list(chosen.values()), there), frozenset(names))


def _choose(chosen: Sequence[FoundRing], there: Sequence[FoundRing]) -> Choice:
    return choose(overview(Sighting(each) for each in there), chosen, time.time_ns())


def _by_process(word: str, there: Sequence[FoundRing]) -> list[FoundRing]:
    """Rings of the process of this number, or else of those that it has started."""
    if not word.isdecimal():
        return []
    own = [each for each in there if str(each.pid) == word]
    children = [each for each in there if str(each.about.ppid) == word]
    for found in (own, children):
        running = [each for each in found if each.state == "running"]
        if running:
            return running
    return own


def _by_file(word: str, there: Sequence[FoundRing]) -> list[FoundRing]:
    """The ring of this path, or of this name in the runtime directory."""
    path = Path(word)
    if path.is_file():
        path = path.resolve()
        return [each for each in there if each.path.resolve() == path] or [look_at(path)]
    return [each for each in there if each.path.name == word]
