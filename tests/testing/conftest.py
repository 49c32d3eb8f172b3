"""What the tests of the plugin share."""

import pytest

from tests.testing.pytested import APP, INI, Run


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(shop=APP)
    pytester.makeini(INI)
    return Run(pytester)
