"""What a requirement is: where it stands, what it asks for in our words, and what proves it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from tests.server.requirements.bench import Bench

Check = Callable[[Bench], None]
"""Talks to the server and asserts."""


class Level(StrEnum):
    """How strongly the RFC asks (RFC 2119), or OURS: where it leaves the choice to a server."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    OURS = "ours"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement, proved by a check of its own or by tests that stand elsewhere."""

    rfc: int
    section: str
    name: str
    level: Level
    text: str
    check: Check | None = None
    covered: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """As the parametrised test is called."""
        return f"{self.rfc}-{self.section}-{self.name}"


class Row(Protocol):
    """Makes a requirement of one level."""

    def __call__(self, section: str, name: str, text: str, proof: Check | str, /) -> Requirement:
        """`proof` is a check, or the node id of a test."""


def rows(rfc: int, level: Level) -> Row:
    """The maker of the requirements of this level in this RFC."""

    def row(section: str, name: str, text: str, proof: Check | str, /) -> Requirement:
        if isinstance(proof, str):
            return Requirement(rfc, section, name, level, text, covered=(proof,))
        return Requirement(rfc, section, name, level, text, check=proof)

    return row
