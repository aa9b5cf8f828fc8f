"""Where the tests find the real data: the folder named by WINBACK_DATA."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest


def skip_or_fail(reason: str) -> None:
    """Skips the test, or fails it when WINBACK_REQUIRE_DATA=1."""
    if os.environ.get("WINBACK_REQUIRE_DATA") == "1":
        pytest.fail(f"{reason} (and WINBACK_REQUIRE_DATA=1)")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real data."""
    name = os.environ.get("WINBACK_DATA")
    if not name:
        skip_or_fail("no real data: the environment variable WINBACK_DATA names no folder")
    folder = Path(str(name))
    if not folder.is_dir():
        skip_or_fail(f"no real data: WINBACK_DATA names {folder}, which is not a folder")
    return folder


@pytest.fixture(scope="session")
def read_data(data_folder: Path) -> Callable[[str], pl.DataFrame]:
    """Reads one Parquet file of the data folder, named as in `cdnow/cdnow_master`."""

    def read(name: str) -> pl.DataFrame:
        path = data_folder / f"{name}.parquet"
        if not path.is_file():
            skip_or_fail(f"no real data: {path} is missing")
        return pl.read_parquet(path)

    return read
