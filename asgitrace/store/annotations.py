"""What the user noted on exchanges: marks, tags and comments."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from asgitrace.store.annotation import NOTHING, Annotation

__all__ = ["COMMENT_LIMIT", "NOTHING", "TAG_LIMIT", "Annotation", "Annotations"]

TAG_LIMIT: Final = 32
"""Characters of a tag, and tags of an exchange."""

COMMENT_LIMIT: Final = 2000
"""Characters of a comment."""


class Annotations:
    """The annotations of a store's rows, by their numbers."""

    def __init__(self) -> None:
        self.version = 0
        """Changes with every change."""
        self._noted: dict[int, Annotation] = {}

    def __len__(self) -> int:
        return len(self._noted)

    def __iter__(self) -> Iterator[tuple[int, Annotation]]:
        """Numbers and their annotations, ascending."""
        return iter(sorted(self._noted.items()))

    def of(self, number: int) -> Annotation:
        """What is noted on a row; an empty annotation where nothing is."""
        return self._noted.get(number, NOTHING)

    def numbers(self, *, marked: bool = False) -> npt.NDArray[np.int64]:
        """The rows that anything is noted on, ascending; or those that are marked."""
        found = [number for number, note in self if note.marked or not marked]
        return np.array(found, np.int64)

    def put(self, number: int, annotation: Annotation) -> None:
        """Note this in place of what was noted; texts that are too long are cut."""
        kept = replace(
            annotation,
            tags=tuple(dict.fromkeys(_trimmed(annotation.tags)))[:TAG_LIMIT],
            comment=annotation.comment[:COMMENT_LIMIT],
        )
        if kept:
            self._noted[number] = kept
        else:
            self._noted.pop(number, None)
        self.version += 1

    def toggle_mark(self, number: int) -> bool:
        """Mark a row, or take the mark away; whether it is marked now."""
        note = self.of(number)
        self.put(number, replace(note, marked=not note.marked))
        return not note.marked

    def tags(self) -> list[str]:
        """All tags in use, sorted."""
        return sorted({tag for note in self._noted.values() for tag in note.tags})

    def forget(self, numbers: Iterable[int]) -> None:
        """These rows are gone."""
        for number in numbers:
            if self._noted.pop(number, None) is not None:
                self.version += 1


def _trimmed(tags: Iterable[str]) -> Iterator[str]:
    return (tag[:TAG_LIMIT] for tag in tags if tag)
