"""For all tests: nobody's own configuration is read or written, and nothing depends on how fast the
machine is."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture(autouse=True, scope="session")
def _own_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Configuration and state are in a folder of the tests."""
    folder = tmp_path_factory.mktemp("settings")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASGITRACE_CONFIG", str(folder / "config.toml"))
        patch.setenv("ASGITRACE_STATE", str(folder / "state.json"))
        yield
