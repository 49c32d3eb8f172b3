"""The first half of the table: frameworks, and the forms that introductions to ASGI teach."""

from typing import Final

from tests.frameworks.features import Framework

FRAMEWORKS: Final = (Framework("Starlette", "starlette_app", "starlette"),)
