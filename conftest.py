"""What tests and the examples of docstrings share: plots are drawn without a window."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest

os.environ["MPLBACKEND"] = "Agg"

# Examples on Spark need a session: tests/spark/test_examples.py runs them.
collect_ignore_glob = ["python/winback/spark/*"]


@pytest.fixture(autouse=True)
def close_figures() -> Iterator[None]:
    """Closes the figures that a test or an example has opened."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
