"""Real logs under Spark as in one process, to the bit."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import winback as wb
from shops import Shop, rows
from winback import spark


def read(name: str) -> pl.DataFrame:
    """A file of the folder of real data, if there is one."""
    folder = os.environ.get("WINBACK_DATA")
    if not folder:
        reason = "no real data: the environment variable WINBACK_DATA names no folder"
        if os.environ.get("WINBACK_REQUIRE_DATA") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return pl.read_parquet(Path(folder) / f"{name}.parquet")


def test_online_retail(session: Any) -> None:
    frame = read("online_retail/year_2010_2011").with_columns(
        amount=pl.col("quantity") * pl.col("price")
    )
    names = {"time": "invoice_date", "order_id": "invoice", "category": "stock_code"}
    shop = Shop(
        session,
        {"transactions": frame.to_arrow()},
        columns={"transactions": {**names, "channel": "country"}},
        missing_ids="drop",
        observed_until="2011-12-10",
    )
    found = spark.features(shop.orders, at="2011-09-01", partitions=7, **shop.spark)
    assert rows(found) == rows(shop.log.at("2011-09-01").features())


def test_cdnow(session: Any) -> None:
    shop = Shop(
        session,
        {"transactions": read("cdnow/cdnow_master").to_arrow()},
        columns={"transactions": {"time": "date", "amount": "dollar_value"}},
        purchase_by="day",
        observed_until="1998-07-01",
    )
    model = wb.ChurnModel("logistic").fit(shop.log, until="1998-01-01", cutoffs=3)
    found = spark.score(model, shop.orders, at="1998-04-01", reasons=2, partitions=7, **shop.spark)
    assert rows(found) == rows(model.score(shop.log.at("1998-04-01"), reasons=2))
    best = {"at": "1998-04-01", "top": 50, "control_share": 0.2}
    listed = spark.candidates(model, shop.orders, partitions=7, **best, **shop.spark)
    one = model.candidates(shop.log.at(best.pop("at")), **best)
    assert [listed[name] for name in listed] == [one[name] for name in one]


def test_ravenstack(session: Any) -> None:
    folder = "ravenstack_saas_synthetic"
    begun = read(f"{folder}/subscriptions").select(
        customer_id="account_id",
        time="start_date",
        amount="mrr_amount",
        category="plan_tier",
        channel="billing_frequency",
    )
    tickets = read(f"{folder}/support_tickets").select(
        customer_id="account_id",
        opened_at="submitted_at",
        resolved_at="closed_at",
        satisfaction="satisfaction_score",
    )
    accounts = read(f"{folder}/accounts").rename({"account_id": "customer_id"})
    tables = {"transactions": begun, "tickets": tickets, "customers": accounts}
    shop = Shop(
        session,
        {name: table.to_arrow() for name, table in tables.items()},
        zero_amounts="purchase",
        observed_until="2025-01-01",
    )
    chosen = {"attributes": ["industry", "seats"]}
    found = spark.features(shop.orders, at="2024-10-01", partitions=64, **chosen, **shop.spark)
    assert rows(found) == rows(shop.log.at("2024-10-01").features(**chosen))
