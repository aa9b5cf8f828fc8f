"""Contracts: until when what was bought is valid, on every way in, against polars."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import winback as wb

UNTIL = datetime(2024, 1, 1)


def contracts(customers: int = 1500, seed: int = 3) -> pl.DataFrame:
    """Contracts of a month to a year at one price, which most renew at their end or days before."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(customers):
        time = datetime(2020, 1, 1) + timedelta(days=float(random.uniform(0, 900)))
        while time < UNTIL:
            until = time + timedelta(days=float(random.integers(30, 366)))
            known = time + timedelta(days=float(random.uniform(0, 5)))
            rows.append((number, time, 10.0, until, known))
            if random.random() < 0.1:
                break
            time = until - timedelta(days=float(random.uniform(0, 3)))
    return pl.DataFrame(
        rows,
        schema=["customer_id", "time", "amount", "valid_until", "known_at"],
        orient="row",
        schema_overrides={name: pl.Datetime("us") for name in ("time", "valid_until", "known_at")},
    )


TABLE = contracts()


def log_of(table: pl.DataFrame = TABLE) -> wb.EventLog:
    return wb.EventLog(table, observed_until=UNTIL)


def expected(at: datetime) -> pl.DataFrame:
    known = TABLE.filter((pl.col("time") < at) & (pl.col("known_at") < at))
    ends = known.group_by("customer_id").agg(pl.col("valid_until").max())
    days = (pl.col("valid_until") - at).dt.total_microseconds() / 86_400e6
    return ends.select("customer_id", days_to_renewal=days).sort("customer_id")


@pytest.mark.parametrize(
    "at", [datetime(2021, 3, 1), datetime(2022, 7, 9, 13), datetime(2023, 10, 1)]
)
def test_days_to_renewal_are_those_of_polars(at: datetime) -> None:
    ours = log_of().at(at).features(features=["days_to_renewal"]).to_polars()
    ours = ours.select("customer_id", "days_to_renewal")
    theirs = expected(at)
    assert ours["customer_id"].equals(theirs["customer_id"])
    assert ours["days_to_renewal"].to_list() == pytest.approx(
        theirs["days_to_renewal"].to_list(), abs=1e-9
    )
    assert (ours["days_to_renewal"] < 0).any() and (ours["days_to_renewal"] > 31).any()


def test_every_way_in_gives_the_same(tmp_path: Path) -> None:
    at = "2023-06-01"
    whole = log_of().at(at).features().to_polars()
    TABLE.write_csv(tmp_path / "contracts.csv")
    TABLE.write_parquet(tmp_path / "contracts.parquet")
    for name in ("contracts.csv", "contracts.parquet"):
        read = wb.EventLog(tmp_path / name, observed_until=UNTIL)
        assert read.at(at).features().to_polars().equals(whole), name
    late = pl.col("time") >= datetime(2022, 1, 1)
    first = wb.EventLog(TABLE.filter(~late), observed_until="2022-01-01")
    both = first.append(TABLE.filter(late), observed_until=UNTIL)
    assert both.at(at).features().to_polars().equals(whole)
    shuffled = log_of(TABLE.sample(fraction=1.0, shuffle=True, seed=1))
    assert shuffled.at(at).features().to_polars().equals(whole)
    parts = wb.PartitionedLog(
        tmp_path / "contracts.parquet", observed_until=UNTIL, memory="1GB", least_parts=5
    )
    parts.at(at).write_features(tmp_path / "features.parquet")
    assert pl.read_parquet(tmp_path / "features.parquet").equals(whole, null_equal=True)


def test_a_model_knows_when_silence_means_nothing() -> None:
    log = log_of()
    until = datetime(2023, 10, 1)
    model = wb.ChurnModel("boosting", lapsed_after="1mo", lost_after="14mo").fit(log, until=until)
    assert "days_to_renewal" in model.columns_
    without = wb.ChurnModel("boosting", lapsed_after="1mo", lost_after="14mo").fit(
        log_of(TABLE.drop("valid_until")), until=until
    )
    auc = {}
    for name, fitted, of in (
        ("with", model, log),
        ("without", without, log_of(TABLE.drop("valid_until"))),
    ):
        quality = fitted.evaluate(of.at(until)).to_polars()
        lapsed = quality.filter((pl.col("state") == "lapsed") & (pl.col("score") == "model"))
        auc[name] = lapsed["roc_auc"][0]
    assert auc["with"] > auc["without"] + 0.02, auc
    groups = model.explain(log.at(until)).tables["groups"]
    assert "contribution_contract" in groups.column_names
    # One customer in a service, to the bit.
    now = log.at(until)
    scores = model.score(now).to_polars()
    for number in scores["customer_id"][:20]:
        customer = model.customer_history()
        for row in TABLE.filter(pl.col("customer_id") == number).iter_rows(named=True):
            customer.push_transaction(
                row["time"],
                amount=row["amount"],
                valid_until=row["valid_until"],
                known_at=row["known_at"],
            )
        again = wb.CustomerHistory.from_bytes(customer.to_bytes())
        own = scores.filter(pl.col("customer_id") == number)["churn_probability"][0]
        assert model.score_customer(customer, at=until)["churn_probability"] == own
        assert model.score_customer(again, at=until)["churn_probability"] == own


def test_ends_that_are_no_times_are_refused() -> None:
    bad = TABLE.with_columns(valid_until=pl.lit("soon"))
    with pytest.raises(ValueError, match="transactions.valid_until.*soon"):
        log_of(bad)
    # Some rows may have none.
    some = TABLE.with_columns(
        valid_until=pl.when(pl.col("customer_id") % 2 == 0).then(pl.col("valid_until"))
    )
    found = log_of(some).at("2023-06-01").features().to_polars()
    # A contract without an end may go on.
    ends = found.filter(pl.col("customer_id") % 2 == 1)["days_to_renewal"]
    assert (ends.is_null() | ends.is_nan()).all()
