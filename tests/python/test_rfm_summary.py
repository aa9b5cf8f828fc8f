"""The summary for buy-till-you-die models, against lifetimes and a slow twin in polars."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import polars.testing
import pytest
from hypothesis import given
from hypothesis import strategies as st

import winback as wb

ReadData = Callable[[str], pl.DataFrame]

# What lifetimes 0.11.3 (pandas 3.1.1) gives for SMALL: for each unit the customers 1 to 4 with
# frequency, recency, T and monetary_value, with observation_period_end as given.
SMALL = pl.DataFrame(
    {
        "who": [1, 1, 1, 1, 2, 2, 3, 3, 4],
        "when": [
            datetime(2024, 1, 1, 10),
            datetime(2024, 1, 1, 22, 30),
            datetime(2024, 1, 7, 23, 59, 59),
            datetime(2024, 3, 15, 8),
            datetime(2024, 2, 29, 23, 59),
            datetime(2024, 12, 30),
            datetime(2024, 6, 1),
            datetime(2024, 6, 4),
            datetime(2024, 6, 5),
        ],
        "spent": [10.0, 2.5, 4.0, -3.0, 0.0, 5.0, 7.0, 8.25, 1.0],
    }
)
LIFETIMES: dict[tuple[str, str | None], list[list[float]]] = {
    ("D", None): [
        [2.0, 74.0, 364.0, 0.5],
        [1.0, 305.0, 305.0, 5.0],
        [1.0, 3.0, 212.0, 8.25],
        [0.0, 0.0, 208.0, 0.0],
    ],
    ("W", None): [
        [1.0, 10.0, 52.0, -3.0],
        [1.0, 44.0, 44.0, 5.0],
        [1.0, 1.0, 31.0, 8.25],
        [0.0, 0.0, 30.0, 0.0],
    ],
    ("h", None): [
        [3.0, 1774.0, 8726.0, 1.1666666666666667],
        [1.0, 7297.0, 7297.0, 5.0],
        [1.0, 72.0, 5088.0, 8.25],
        [0.0, 0.0, 4992.0, 0.0],
    ],
    ("s", None): [
        [3.0, 6386400.0, 31413600.0, 1.1666666666666667],
        [1.0, 26265660.0, 26265660.0, 5.0],
        [1.0, 259200.0, 18316800.0, 8.25],
        [0.0, 0.0, 17971200.0, 0.0],
    ],
    ("D", "2024-06-04"): [[2.0, 74.0, 155.0, 0.5], [0.0, 0.0, 96.0, 0.0], [1.0, 3.0, 3.0, 8.25]],
    ("W", "2024-06-02"): [[1.0, 10.0, 21.0, -3.0], [0.0, 0.0, 13.0, 0.0], [0.0, 0.0, 0.0, 0.0]],
    ("h", "2024-06-04T00:30"): [
        [3.0, 1774.0, 3710.0, 1.1666666666666667],
        [0.0, 0.0, 2281.0, 0.0],
        [1.0, 72.0, 72.0, 8.25],
    ],
    ("D", "2025-03-01"): [
        [2.0, 74.0, 425.0, 0.5],
        [1.0, 305.0, 366.0, 5.0],
        [1.0, 3.0, 273.0, 8.25],
        [0.0, 0.0, 269.0, 0.0],
    ],
}


def twin(
    table: pl.DataFrame, unit: str, end: datetime | None = None, scaler: float = 1
) -> pl.DataFrame:
    """Of columns who, when, spent; written from the definition."""
    every, length = {
        "D": ("1d", timedelta(days=1)),
        "W": ("1w", timedelta(weeks=1)),
        "h": ("1h", timedelta(hours=1)),
        "s": ("1s", timedelta(seconds=1)),
    }[unit]
    period = pl.col("when").dt.truncate(every)
    last = pl.select(pl.lit(end or table["when"].max()).dt.truncate(every)).item()
    periods = (
        table.with_columns(period=period)
        .filter(pl.col("period") <= last)
        .group_by("who", "period")
        .agg(pl.col("spent").sum())
        .sort("who", "period")
    )
    rows = []
    for (who,), of_one in periods.group_by("who", maintain_order=True):
        first, latest = of_one["period"][0], of_one["period"][-1]
        again = of_one["spent"][1:].to_list()
        rows.append(
            {
                "customer_id": who,
                "frequency": float(len(again)),
                "recency": (latest - first) / length / scaler,
                "T": (last - first) / length / scaler,
                "monetary_value": sum(again) / len(again) if again else 0.0,
            }
        )
    return pl.DataFrame(rows)


def rows(table: wb.Table) -> list[list[float]]:
    return [list(row[1:]) for row in table.to_polars().rows()]


@pytest.mark.parametrize(("unit", "end"), LIFETIMES, ids=str)
def test_the_small_case_is_that_of_lifetimes(unit: str, end: str | None) -> None:
    expected = LIFETIMES[unit, end]
    found = wb.timing.rfm_summary(
        SMALL, "who", "when", "spent", observation_period_end=end, time_unit=unit
    )
    assert rows(found) == expected
    without = wb.timing.rfm_summary(
        SMALL, "who", "when", observation_period_end=end, time_unit=unit
    )
    assert without.column_names == ["customer_id", "frequency", "recency", "T"]
    assert rows(without) == [row[:3] for row in expected]


# Sums of all customers, by lifetimes 0.11.3 (pandas 3.1.1) on the two files of CDNOW.
CDNOW: dict[tuple[str, str, str | None], tuple[float, ...]] = {
    ("cdnow_master", "D", None): (23570, 44021.0, 3178932.0, 11834346.0, 414282.3843972235),
    ("cdnow_master", "W", None): (23570, 40629.0, 454205.0, 1697280.0, 425903.47467967274),
    ("cdnow_master", "D", "1997-09-30"): (23570, 24337.0, 1129644.0, 5399736.0, 336714.2874382242),
    ("cdnow_master", "W", "1997-09-30"): (23570, 22490.0, 165530.0, 778050.0, 346501.61501975177),
    ("cdnow_sample", "D", None): (2357, 4339.0, 307464.0, 1183240.0, 40758.44137790224),
    ("cdnow_sample", "W", None): (2357, 4004.0, 43920.0, 169671.0, 42918.752244706644),
    ("cdnow_sample", "D", "1997-09-30"): (2357, 2457.0, 112949.0, 539779.0, 33183.643766870584),
    ("cdnow_sample", "W", "1997-09-30"): (2357, 2248.0, 16580.0, 77748.0, 35559.25234065994),
    ("cdnow_sample", "h", "1997-09-30"): (2357, 2457.0, 2710776.0, 12954696.0, 33183.643766870584),
}


@pytest.mark.parametrize(("name", "unit", "end"), CDNOW, ids=str)
def test_cdnow_is_that_of_lifetimes(
    name: str, unit: str, end: str | None, read_data: ReadData
) -> None:
    table = read_data(f"cdnow/{name}")
    found = wb.timing.summary_data_from_transaction_data(
        table, "customer_id", "date", "dollar_value", None, end, unit
    )
    frame = found.to_polars()
    columns = ["frequency", "recency", "T", "monetary_value"]
    sums = [frame[column].sum() for column in columns]
    assert (len(frame), *sums) == pytest.approx(CDNOW[name, unit, end], rel=1e-12)
    same = table.select(
        who="customer_id", when=pl.col("date").cast(pl.Datetime("us")), spent="dollar_value"
    )
    until = None if end is None else datetime.fromisoformat(end)
    polars.testing.assert_frame_equal(frame, twin(same, unit, until), rel_tol=1e-12)


def test_the_published_figures_of_the_cdnow_sample(read_data: ReadData) -> None:
    """Fader, Hardie and Lee (2005): 2,357 customers, calibration of 39 weeks up to 1997-09-30; the
    spreadsheet's first customer has x = 2, t_x = 30.43, T = 38.86 weeks."""
    table = read_data("cdnow/cdnow_sample")
    found = wb.timing.rfm_summary(
        table,
        "customer_id",
        "date",
        observation_period_end="1997-09-30",
        time_scaler=7,
    ).to_polars()
    assert found.height == 2357
    assert found.row(0)[1:] == pytest.approx((2, 30.43, 38.86), abs=0.005)
    assert found["frequency"].sum() == 2457
    assert (found["frequency"] == 0).sum() == 1411


events = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.datetimes(datetime(1969, 12, 1), datetime(1970, 3, 1)),
        st.floats(-1000, 1000),
    ),
    min_size=1,
    max_size=40,
)


@given(events, st.sampled_from(["D", "W", "h", "s"]), st.sampled_from([1, 7, 0.5]))
def test_prop_the_twin_agrees(
    of: list[tuple[int, datetime, float]], unit: str, scaler: float
) -> None:
    schema = {"who": pl.Int64, "when": pl.Datetime("us"), "spent": pl.Float64}
    table = pl.DataFrame(of, schema=schema, orient="row")
    found = wb.timing.rfm_summary(
        table, "who", "when", "spent", None, None, unit, scaler
    ).to_polars()
    polars.testing.assert_frame_equal(found, twin(table, unit, None, scaler), abs_tol=1e-9)
    turned = wb.timing.rfm_summary(table.reverse(), "who", "when", None, None, None, unit, scaler)
    assert turned.to_polars().equals(found.drop("monetary_value"))


def test_a_log_counts_purchases_and_not_returns() -> None:
    log = wb.EventLog(
        SMALL.rename({"who": "customer_id", "when": "time", "spent": "amount"}),
        observed_until="2025-01-01",
    )
    found = wb.timing.rfm_summary(log.at("2024-12-31"))
    bought = wb.timing.rfm_summary(
        SMALL.filter(pl.col("spent") > 0), "who", "when", "spent", None, "2024-12-30"
    )
    assert found.to_polars().equals(bought.to_polars())
    assert rows(found)[0] == [1.0, 6.0, 364.0, 4.0]
    # An event at the cutoff itself comes after it.
    early = wb.timing.rfm_summary(log.at(datetime(2024, 6, 5)), time_unit="W", time_scaler=2)
    assert rows(early) == [[0.0, 0.0, 11.0, 0.0], [1.0, 0.5, 0.5, 8.25]]
    with pytest.raises(ValueError, match="at: expected a time up to.*, got 2026-01-01"):
        wb.timing.rfm_summary(log.at("2026-01-01"))
    with pytest.raises(ValueError, match="datetime_col: expected nothing next to a snapshot"):
        wb.timing.rfm_summary(log.at("2024-12-31"), datetime_col="when")


def test_how_the_columns_differ_from_the_features() -> None:
    shop = wb.simulate(customers=200, seed=2)
    log = wb.EventLog(shop.transactions, purchase_by="day", observed_until="2025-01-01")
    at = date(2024, 9, 1)
    found = wb.timing.rfm_summary(log.at(at)).to_polars()
    features = log.at(at).features().to_polars()
    assert found.height > 100
    assert found["customer_id"].equals(features["customer_id"])
    assert found["frequency"].equals(features["purchase_count"] - 1, check_names=False)
    silence = features["days_since_last_purchase"].ceil() - 1
    assert (found["T"] - found["recency"]).equals(silence, check_names=False)
    tenure = features["tenure_days"].ceil() - 1
    assert found["T"].equals(tenure, check_names=False)


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "duckdb", "winback"])
def test_any_frame_will_do(kind: str) -> None:
    arrow = SMALL.to_arrow()
    table: Any = {
        "pandas": SMALL.to_pandas,
        "polars": SMALL.lazy().collect,
        "arrow": lambda: arrow.to_reader(2),
        "duckdb": lambda: duckdb.from_arrow(arrow),
        "winback": lambda: wb.simulate(customers=9).transactions,
    }[kind]()
    names = ("customer_id", "time", "amount") if kind == "winback" else ("who", "when", "spent")
    expected = wb.timing.rfm_summary(pl.DataFrame(table) if kind == "winback" else SMALL, *names)
    assert wb.timing.rfm_summary(table, *names).to_polars().equals(expected.to_polars())


def test_other_columns_are_not_looked_at() -> None:
    table = SMALL.with_columns(
        amount=pl.lit("none"), known_at=pl.lit("never"), order_id=pl.lit(1.5), customer_id="spent"
    )
    expected = wb.timing.rfm_summary(SMALL, "who", "when", "spent").to_polars()
    assert wb.timing.rfm_summary(table, "who", "when", "spent").to_polars().equals(expected)


@pytest.mark.parametrize("as_text", [True, False])
def test_times_written_otherwise(as_text: bool) -> None:
    days = SMALL["when"].dt.strftime("%Y%m%d")
    table = SMALL.with_columns(when=days if as_text else days.cast(pl.Int64))
    expected = wb.timing.rfm_summary(SMALL, "who", "when", "spent", None, "2024-06-04").to_polars()
    for end in ("20240604", "2024-06-04", date(2024, 6, 4)):
        found = wb.timing.rfm_summary(table, "who", "when", "spent", "%Y%m%d", end)
        assert found.to_polars().equals(expected)
    message = r"transactions\.when, row 1: \"2024.*\" is not a time written as \"%d.%m.%Y\""
    with pytest.raises(ValueError, match=message):
        wb.timing.rfm_summary(table, "who", "when", None, "%d.%m.%Y")


@pytest.mark.parametrize(
    "end",
    [
        "2024-06-04",
        "2024-06-04T12:00",
        date(2024, 6, 4),
        datetime(2024, 6, 4, 23, 59, 59),
        pd.Timestamp("2024-06-04"),
        pd.Period("2024-06-04", "D"),
    ],
    ids=repr,
)
def test_the_last_period_counts_as_a_whole(end: Any) -> None:
    later = SMALL.with_columns(pl.col("when") + pl.duration(hours=1))
    found = wb.timing.rfm_summary(later, "who", "when", observation_period_end=end)
    assert rows(found)[-1] == [1.0, 3.0, 3.0]
    assert found["customer_id"] == [1, 3] or found["customer_id"] == [1, 2, 3]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"time_unit": "M"}, ValueError, 'time_unit: expected .* months and years.*, got "M"'),
        ({"time_unit": "Y"}, ValueError, 'time_unit: expected .*, got "Y"'),
        ({"time_unit": "ns"}, ValueError, 'time_unit: expected one of W, D.*, got "ns"'),
        ({"time_unit": 1}, TypeError, "time_unit: expected a str"),
        ({"time_scaler": 0}, ValueError, "time_scaler: expected a number above 0.*, got 0"),
        ({"time_scaler": float("nan")}, ValueError, "time_scaler: expected .*, got NaN"),
        ({"time_scaler": "7"}, TypeError, "time_scaler: expected a number"),
        ({"include_first_transaction": True}, ValueError, "take purchase_count, days_since_last"),
        ({"sort_transactions": "yes"}, TypeError, "sort_transactions: expected a bool"),
        (
            {"customer_id_col": "id"},
            ValueError,
            r"transactions\.id: no such column .*; found: who",
        ),
        ({"datetime_col": "day"}, ValueError, r"transactions\.day: no such column"),
        ({"monetary_value_col": "usd"}, ValueError, r"transactions\.usd: no such column"),
        ({"monetary_value_col": 3}, TypeError, "monetary_value_col: expected a str"),
        ({"data": "orders.csv"}, TypeError, "data: expected a winback.Snapshot or .*, got str"),
        ({"customer_id_col": None}, TypeError, "customer_id_col: expected a str, got None"),
        ({"missing_ids": "keep"}, ValueError, 'missing_ids: expected .*, got "keep"'),
        (
            {"observation_period_end": "2023-12-31"},
            ValueError,
            "observation_period_end: expected a time after the first transaction.*, got 2023-12-31",
        ),
        (
            {"observation_period_end": "soon"},
            ValueError,
            'observation_period_end: expected an ISO date.*, got "soon"',
        ),
        (
            {"observation_period_end": 5},
            TypeError,
            "observation_period_end: expected a str, ",
        ),
        (
            {"data": SMALL.with_columns(spent=pl.lit(None, pl.Float64))},
            ValueError,
            r"transactions\.spent, row 1: is missing",
        ),
        (
            {"data": SMALL.with_columns(spent=pl.lit(1.7e308))},
            ValueError,
            r"transactions\.spent, row 1: 1\.7e308 is above 1e15 in absolute value",
        ),
        ({"data": SMALL.clear()}, ValueError, "transactions: .*no.* rows"),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, dict) else "",
)
def test_what_is_refused(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    given = {
        "data": SMALL,
        "customer_id_col": "who",
        "datetime_col": "when",
        "monetary_value_col": "spent",
    }
    with pytest.raises(error, match=message):
        wb.timing.rfm_summary(**{**given, **arguments})


def test_missing_ids_are_refused_or_left_out() -> None:
    table = SMALL.with_columns(who=pl.when(pl.col("who") != 4).then("who"))
    with pytest.raises(ValueError, match=r"transactions\.who, row 9: has no customer id"):
        wb.timing.rfm_summary(table, "who", "when", "spent")
    found = wb.timing.rfm_summary(table, "who", "when", "spent", missing_ids="drop").to_polars()
    expected = wb.timing.rfm_summary(SMALL, "who", "when", "spent").to_polars()
    assert found.equals(expected.filter(pl.col("customer_id") != 4))
