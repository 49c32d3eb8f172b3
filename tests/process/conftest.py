import pytest

from tests.made_up_workers import workers

__all__ = ["anyio_backend", "workers"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
