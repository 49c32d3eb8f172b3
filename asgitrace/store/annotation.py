"""What the user noted on one exchange."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Annotation:
    """What is noted on one exchange."""

    marked: bool = False
    tags: tuple[str, ...] = ()
    """Distinct, in the order in which they were given."""
    comment: str = ""

    def __bool__(self) -> bool:
        return self.marked or bool(self.tags) or bool(self.comment)


NOTHING: Final = Annotation()
