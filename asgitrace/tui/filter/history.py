"""The filters that were used, and the way through them."""

from typing import Final

LONGEST: Final = 100


class History:
    """Walks a list of filters, the newest first, that is kept elsewhere."""

    def __init__(self, entries: list[str]) -> None:
        self._entries = entries
        self._at = -1
        """Which entry is shown; -1: what is being typed."""
        self._draft = ""

    @property
    def newest(self) -> str:
        """The filter that was used last; empty where there was none."""
        return self._entries[0] if self._entries else ""

    def add(self, text: str) -> None:
        """A filter was used."""
        self.rest()
        text = text.strip()
        if text and text != self.newest:
            self._entries[:] = [text, *(each for each in self._entries if each != text)][:LONGEST]

    def rest(self) -> None:
        """What is shown was changed: the next step is from the newest again."""
        self._at = -1

    def older(self, shown: str) -> str | None:
        """The filter before the one that is shown; None where there is none."""
        if self._at < 0:
            self._draft = shown
        for at in range(self._at + 1, len(self._entries)):
            if self._entries[at] != shown:
                self._at = at
                return self._entries[at]
        return None

    def newer(self) -> str | None:
        """The filter behind the one that is shown, at last what was being typed; None there."""
        if self._at < 0:
            return None
        self._at -= 1
        return self._entries[self._at] if self._at >= 0 else self._draft
