"""The examples of the names, and those of docs/howto/spark.md."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import documents
import winback as wb
from shops import simulated, to_spark

PAGE = documents.ROOT / "docs/howto/spark.md"
MODULES = [
    "",
    "._analyses",
    "._customers",
    "._model",
    ".campaign",
    ".retention",
    ".segments",
    ".surveys",
]


@pytest.fixture(scope="module")
def names(session: Any) -> dict[str, Any]:
    """What the examples start from."""
    shop = simulated(1500)
    log = wb.EventLog(shop.transactions, observed_until="2025-01-01")
    orders = to_spark(session, shop.transactions.to_arrow())
    hazard = wb.timing.TimeToPurchase("logistic").fit(log, until="2024-10-01", cutoffs=3)
    model = wb.ChurnModel("logistic").fit(log, until="2024-10-01", cutoffs=6)
    tables = {"tickets": pa.table(shop.tickets), "answers": pa.table(shop.surveys)}
    known = {name: to_spark(session, table) for name, table in tables.items()}
    return {"orders": orders, "model": model, "hazard": hazard, **known}


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_names(module: str, names: dict[str, Any]) -> None:
    found = importlib.import_module(f"winback.spark{module}")
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    for test in doctest.DocTestFinder(exclude_empty=True).find(found, extraglobs=names):
        runner.run(test)
    ran = runner.summarize()
    assert ran.failed == 0 and ran.attempted >= 3


def test_the_examples_of_the_page(session: Any, tmp_path: Path) -> None:
    shown: dict[str, Any] = {}
    for block in documents.blocks(PAGE.read_text(), "python"):
        printed = documents.run(block, shown, Path(), tmp_path)
        assert documents.agrees(printed, block.shown or ""), printed
