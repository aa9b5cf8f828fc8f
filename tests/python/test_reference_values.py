"""CDNOW through winback, against values computed outside the project.

Source: polars 2.1 on the CDNOW master log (Fader, Hardie), one customer's rows of one date being
one purchase.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

import winback as wb


@pytest.fixture(scope="module")
def log(read_data: Callable[[str], pl.DataFrame]) -> wb.EventLog:
    return wb.EventLog(
        transactions=read_data("cdnow/cdnow_master"),
        columns={"transactions": {"time": "date", "amount": "dollar_value"}},
        purchase_by="day",
        observed_until="1998-07-01",
    )


def test_totals(log: wb.EventLog) -> None:
    table = log.at("1998-07-01").features().to_polars()
    assert table.height == 23_502
    assert table["purchase_count"].sum() == 67_511
    assert table["total_spend"].sum() == pytest.approx(2_500_315.63, abs=1e-6)


@pytest.mark.parametrize(
    ("customer_id", "days_since_last_purchase", "purchase_count", "average_check", "tenure_days"),
    [
        ("00001", 365, 1, 11.77, 365),
        ("00004", 20, 4, 25.125, 365),
        ("00021", 353, 2, 37.555, 365),
    ],
)
def test_customers(
    log: wb.EventLog,
    customer_id: str,
    days_since_last_purchase: int,
    purchase_count: int,
    average_check: float,
    tenure_days: int,
) -> None:
    table = log.at("1998-01-01").features().to_polars()
    row = table.filter(pl.col("customer_id") == customer_id).row(0, named=True)
    assert row["days_since_last_purchase"] == days_since_last_purchase
    assert row["purchase_count"] == purchase_count
    assert row["average_check"] == pytest.approx(average_check, abs=1e-9)
    assert row["tenure_days"] == tenure_days


@pytest.mark.parametrize(
    ("state", "first_day", "end_day", "customers", "buying_share"),
    [
        ("active", 0, 90, 3_794, 0.460464),
        ("lapsed", 90, 182, 2_269, 0.257823),
        ("lost", 182, 10_000, 17_439, 0.055622),
    ],
)
def test_states_and_buying_shares(
    log: wb.EventLog, state: str, first_day: int, end_day: int, customers: int, buying_share: float
) -> None:
    """Three and six calendar months before 1998-04-01 are 90 and 182 days.

    All three shares are those of customers with a purchase in [1998-04-01, 1998-06-30).
    """
    before = log.at("1998-04-01").features().to_polars()
    after = log.at("1998-06-30").features().to_polars()
    days = pl.col("days_since_last_purchase")
    group = before.filter((days >= first_day) & (days < end_day))
    assert group.height == customers, state
    pairs = group.join(after, on="customer_id", suffix="_after")
    assert pairs.height == customers
    more = (pairs["purchase_count_after"] > pairs["purchase_count"]).mean()
    assert more == pytest.approx(buying_share, abs=5e-7), state
