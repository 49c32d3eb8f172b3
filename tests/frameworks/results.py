"""What the last whole run of the matrix came to, kept as data beside it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from tests.frameworks.features import Framework
from tests.frameworks.matrix import Result

FILE: Final = Path(__file__).parent / "results.json"


@dataclass(frozen=True, slots=True)
class Row:
    """One framework."""

    version: str
    """Empty where there is nothing to install."""
    works: Mapping[str, list[str]]
    """Features by the server under which they passed."""
    unable: str = ""
    """Why it was not run."""

    @classmethod
    def of(cls, framework: Framework, result: Result | None) -> "Row":
        """As a run had it; None: it was not run."""
        if result is None:
            return cls(framework.version, {}, framework.unable or framework.missing)
        works = {server: [str(one) for one in passed] for server, passed in result.works.items()}
        return cls(framework.version, works)


def load() -> dict[str, Row]:
    """The rows by the names of the frameworks."""
    return {name: Row(**row) for name, row in json.loads(FILE.read_text()).items()}


def save(rows: Iterable[tuple[str, Row]]) -> None:
    """Write them."""
    data = {name: asdict(row) for name, row in rows}
    FILE.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n")
