"""All tables, in the order of the overview."""

from dataclasses import dataclass
from typing import Final

from tests.server.requirements import http_framing, http_messages, http_semantics
from tests.server.requirements.model import Requirement


@dataclass(frozen=True, slots=True)
class Table:
    """The requirements of one RFC."""

    title: str
    entries: tuple[Requirement, ...]


TABLES: Final = (
    Table("RFC 9112, HTTP/1.1", (*http_messages.REQUIREMENTS, *http_framing.REQUIREMENTS)),
    Table("RFC 9110, HTTP semantics", http_semantics.REQUIREMENTS),
)
