"""All rows of the table."""

from typing import Final

from tests.frameworks import first, second
from tests.frameworks.features import Framework

FRAMEWORKS: Final[tuple[Framework, ...]] = (*first.FRAMEWORKS, *second.FRAMEWORKS)
