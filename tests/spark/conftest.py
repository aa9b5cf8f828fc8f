"""One session of Spark for all tests, and simulated customers as DataFrames and in one process."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import winback as wb
from shops import Shop, simulated, tables_of

ROOT = Path(__file__).parents[2]

# Workers are other processes: the same Python, which finds the package where this one does.
os.environ["PYSPARK_PYTHON"] = sys.executable
os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT / "python"), str(ROOT / "tests/spark")])
os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"

IS_CONNECT = os.environ.get("WINBACK_SPARK") == "connect"


@pytest.fixture(scope="session")
def session() -> Iterator[Any]:
    """Two cores of this machine; by Connect where the environment says so."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder
    builder = builder.remote("local[2]") if IS_CONNECT else builder.master("local[2,2]")
    for name, value in {
        "spark.ui.enabled": "false",
        "spark.driver.memory": "1g",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.session.timeZone": "UTC",
    }.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


@pytest.fixture(scope="session", autouse=True)
def files(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The folder of the tables that Spark reads."""
    os.environ["PYTEST_SPARK_FILES"] = str(tmp_path_factory.mktemp("tables"))


@pytest.fixture(scope="session")
def shop(session: Any) -> Shop:
    """400 customers with all tables."""
    return Shop(session, tables_of(simulated()), observed_until="2025-01-01")


@pytest.fixture(scope="session")
def large(session: Any) -> Shop:
    """1,500 customers with transactions alone."""
    tables = {"transactions": pa.table(simulated(1500).transactions)}
    return Shop(session, tables, observed_until="2025-01-01")


@pytest.fixture(scope="session")
def model(shop: Shop) -> wb.ChurnModel:
    """Trained on them in one process."""
    estimator = wb.ChurnModel("boosting", attributes=["segment", "age"])
    return estimator.fit(shop.log, until="2024-10-01", cutoffs=6)
