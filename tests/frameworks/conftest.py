"""The checks of the matrix say what they compared."""

import pytest

pytest.register_assert_rewrite(
    "tests.frameworks.events", "tests.frameworks.expected", "tests.frameworks.matrix"
)
