"""The hazard model of the time to the next purchase, as Python sees it."""

from __future__ import annotations

import pickle
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import winback as wb

AT = datetime(2024, 10, 1)
WITHIN = ("1d", "30d", "3mo")


@pytest.fixture(scope="module")
def shop() -> Any:
    return wb.simulate(customers=800)


@pytest.fixture(scope="module")
def log(shop: Any) -> wb.EventLog:
    return wb.EventLog(shop.transactions, observed_until="2025-01-01")


@pytest.fixture(scope="module")
def model(log: wb.EventLog) -> wb.timing.TimeToPurchase:
    found = wb.timing.TimeToPurchase("logistic", max_horizon="6mo")
    return found.fit(log, until="2024-07-01", cutoffs=8)


def test_a_row_a_customer_and_a_curve_that_never_rises(
    log: wb.EventLog, model: wb.timing.TimeToPurchase
) -> None:
    found = model.score(log.at(AT), within=WITHIN)
    table = found.to_polars()
    chances = [f"purchase_probability_{within}" for within in WITHIN]
    dates = ["next_purchase", "next_purchase_low", "next_purchase_high"]
    assert table.columns == [
        "customer_id",
        "state",
        "days_since_last_purchase",
        *chances,
        *dates,
    ]
    assert table["customer_id"].is_sorted()
    for sooner, later in zip(chances, chances[1:], strict=False):
        assert (table[sooner] <= table[later]).all()
    known = table.drop_nulls("next_purchase")
    assert 0 < known.height < table.height
    assert (known["next_purchase_low"] <= known["next_purchase"]).all()
    reach = AT + timedelta(days=model.max_horizon_)
    assert known["next_purchase"].is_between(AT, reach).all()
    survival = found.tables["survival"].to_polars()
    assert survival["days"].unique().sort().to_list() == model.periods_
    for _, curve in survival.group_by("customer_id"):
        assert curve.sort("days")["survival"].is_sorted(descending=True)
    # The chance within a period's end is one minus the survival there.
    month = model.score(log.at(AT), within=["28d"])["purchase_probability_28d"]
    left = survival.filter(pl.col("days") == 28.0)["survival"]
    assert (pl.Series(month) - (1 - left)).abs().max() == 0


def test_beyond_the_outcomes_of_training_nothing_is_told(
    log: wb.EventLog, model: wb.timing.TimeToPurchase
) -> None:
    found = model.score(log.at(AT), within=["1y"])
    assert found["purchase_probability_12mo"] == [None] * len(found)
    assert any("nothing is known of 12mo" in note for note in found.notes)
    assert found.figures["max_horizon_days"] == model.max_horizon_ < 190.0


def test_one_customer_is_told_what_a_batch_tells(
    shop: Any, log: wb.EventLog, model: wb.timing.TimeToPurchase
) -> None:
    rows = pl.DataFrame(shop.transactions)
    table = model.score(log.at(AT), within=WITHIN).to_polars()
    for expected in table.gather_every(41).iter_rows(named=True):
        customer_id = expected.pop("customer_id")
        customer = model.customer_history()
        for row in rows.filter(pl.col("customer_id") == customer_id).iter_rows(named=True):
            del row["customer_id"]
            time = row.pop("time")
            customer.push_transaction(time, **row)
        assert model.score_customer(customer, at=AT, within=WITHIN) == expected
    assert model.score_customer(model.customer_history(), at=AT) is None


def test_reasons_are_told_as_by_a_churn_model(
    shop: Any, log: wb.EventLog, model: wb.timing.TimeToPurchase
) -> None:
    now = log.at(AT)
    found = model.explain(now, within="30d")
    parts = found.tables["contributions"].to_polars()
    names = [name for name in parts.columns if name.startswith("contribution_")]
    total = parts["base"] + parts.select(pl.sum_horizontal(names)).to_series()
    assert (total - parts["log_odds"]).abs().max() < 1e-9
    assert [f"contribution_{name}" for name in model.columns_[: len(names)]] == names
    chances = model.score(now, within=["30d"]).to_polars()
    assert parts["customer_id"].equals(chances["customer_id"])
    told = chances["purchase_probability_30d"]
    assert parts["purchase_probability"].to_list() == told.to_list()
    reasons = found.to_polars()
    assert reasons["reason"].str.contains("of a purchase").all()
    assert set(reasons["direction"]) == {"up", "down"}
    rows = pl.DataFrame(shop.transactions)
    for expected in parts.gather_every(97).iter_rows(named=True):
        customer_id = expected["customer_id"]
        customer = model.customer_history()
        for row in rows.filter(pl.col("customer_id") == customer_id).iter_rows(named=True):
            del row["customer_id"]
            customer.push_transaction(row.pop("time"), **row)
        one = model.explain_customer(customer, at=AT, within="30d")
        assert one is not None and one["base"] == expected["base"]
        assert one["contributions"] == [expected[name] for name in names]
        own = reasons.filter(pl.col("customer_id") == customer_id)
        for direction in ("up", "down"):
            texts = own.filter(pl.col("direction") == direction)["reason"].to_list()
            assert [reason["text"] for reason in one["reasons"][direction]] == texts
        chosen = model.explain(now, within="30d", customer_id=customer_id, reasons=1, language="ru")
        assert len(chosen) <= 2
    assert model.explain_customer(model.customer_history(), at=AT) is None
    with pytest.raises(ValueError, match="within: expected more than 0d and at most"):
        model.explain(now, within="2y")


def test_saved_and_pickled_it_is_the_same(
    tmp_path: Path, log: wb.EventLog, model: wb.timing.TimeToPurchase
) -> None:
    path = tmp_path / "times.winback"
    model.save(path)
    read = wb.timing.TimeToPurchase.load(path)
    assert read.get_params() == model.get_params()
    expected = model.score(log.at(AT)).to_polars()
    for other in (read, pickle.loads(pickle.dumps(model))):
        assert other.score(log.at(AT)).to_polars().equals(expected)
        assert other.training_ == model.training_ and other.columns_ == model.columns_
    with pytest.raises(ValueError, match="not a winback model"):
        wb.ChurnModel.load(path)


def test_the_order_of_rows_changes_nothing(shop: Any, model: wb.timing.TimeToPurchase) -> None:
    rows = pl.DataFrame(shop.transactions).sample(fraction=1.0, shuffle=True, seed=3)
    log = wb.EventLog(rows, observed_until="2025-01-01")
    again = wb.timing.TimeToPurchase("logistic", max_horizon="6mo")
    again.fit(log, until="2024-07-01", cutoffs=8)
    now = log.at(AT)
    assert again.score(now).to_polars().equals(model.score(now).to_polars())


def test_bad_arguments(log: wb.EventLog, model: wb.timing.TimeToPurchase) -> None:
    now = log.at(AT)
    with pytest.raises(wb.NotFittedError, match="TimeToPurchase is not fitted"):
        wb.timing.TimeToPurchase().score(now)
    with pytest.raises(ValueError, match="max_horizon: expected more than 0d"):
        wb.timing.TimeToPurchase(max_horizon="0d").fit(log, until="2024-07-01")
    with pytest.raises(ValueError, match="estimator: expected"):
        wb.timing.TimeToPurchase("forest").fit(log, until="2024-07-01")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="until: expected a time up to"):
        wb.timing.TimeToPurchase().fit(log, until="2026-01-01")
    with pytest.raises(ValueError, match="within: expected a length of time"):
        model.score(now, within=["soon"])
    with pytest.raises(TypeError, match=r"within: expected a list of spans, such as \['7d'\]"):
        model.score(now, within="7d")
    with pytest.raises(TypeError, match="customer: expected a winback.CustomerHistory"):
        model.score_customer("17", at=AT)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="hazard: expected"):
        wb.timing.backtest(log.at("2024-07-01"), horizon="5mo", hazard=_short(log))


def _short(log: wb.EventLog) -> wb.timing.TimeToPurchase:
    found = wb.timing.TimeToPurchase("logistic", max_horizon="30d")
    return found.fit(log, until="2024-07-01", cutoffs=4)
