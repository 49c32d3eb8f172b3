"""Every framework under both servers, event by event; see features.py for what each has to do.

Those that are not installed are skipped, unless FRAMEWORKS=all is in the environment."""

import os
from pathlib import Path

import pytest

from tests.frameworks import results
from tests.frameworks.entries import FRAMEWORKS
from tests.frameworks.features import Feature, Framework
from tests.frameworks.matrix import SERVERS, run


@pytest.mark.parametrize("framework", FRAMEWORKS, ids=lambda one: one.module.removesuffix("_app"))
def test_framework(framework: Framework, tmp_path: Path) -> None:
    if framework.missing and os.environ.get("FRAMEWORKS") == "all":
        pytest.fail(framework.missing)
    if reason := framework.unable or framework.missing:
        pytest.skip(reason)
    result = run(framework, tmp_path)
    if result.failures:
        pytest.fail("\n\n".join(result.failures), pytrace=False)
    wanted = [feature for feature in Feature if feature in framework.features]
    kept = results.load().get(framework.name)
    assert kept is not None, "python -m tests.frameworks.table --run"
    assert result.works == kept.works
    assert result.works == dict.fromkeys(SERVERS, wanted)
