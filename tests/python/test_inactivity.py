"""Limits of inactivity: against polars and SciPy, and wrong arguments."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
from scipy import stats

import winback as wb

UNTIL = "2024-10-01"
HORIZON = 91.3125  # three months


@pytest.fixture(scope="module")
def shop() -> wb.Simulated:
    return wb.simulate(customers=1500)


@pytest.fixture(scope="module")
def log(shop: wb.Simulated) -> wb.EventLog:
    return shop.event_log()


@pytest.fixture(scope="module")
def report(log: wb.EventLog) -> wb.Answer:
    return wb.inactivity(log.at(UNTIL), group_by="segment")


@pytest.fixture(scope="module")
def silences(log: wb.EventLog, shop: wb.Simulated) -> pl.DataFrame:
    """Each purchase day with the days until the next one, found by polars."""
    end = datetime.fromisoformat(UNTIL)
    orders = shop.transactions.to_polars().filter(pl.col("time") < end)
    first_rows = orders.group_by("customer_id", "order_id").agg(
        time=pl.col("time").min(),
        amount=pl.col("amount").filter(pl.col("time") == pl.col("time").min()).sum(),
    )
    bought = first_rows.filter(pl.col("amount") > 0)
    days = bought.select("customer_id", day=pl.col("time").dt.date()).unique()
    days = days.sort("customer_id", "day").with_columns(
        next=pl.col("day").shift(-1).over("customer_id"),
        seen=(pl.lit(end.date()) - pl.col("day")).dt.total_days(),
    )
    days = days.with_columns(
        gap=(pl.col("next") - pl.col("day")).dt.total_days(), ended=pl.col("next").is_not_null()
    )
    customers = shop.customers.to_polars().select("customer_id", "segment")
    days = days.join(customers, on="customer_id", how="left")
    return days.with_columns(lasted=pl.coalesce("gap", pl.col("seen") - 1))


def test_returns_agree_with_polars(report: wb.Answer, silences: pl.DataFrame) -> None:
    frame = report.tables["returns"].to_polars()
    groups = {("all", "all"): silences}
    for (segment,), part in silences.group_by("segment"):
        groups["segment", str(segment)] = part
    assert len(groups) > 2
    for (grouping, group), part in groups.items():
        rows = frame.filter((pl.col("grouping") == grouping) & (pl.col("group") == group))
        assert len(rows) > 15
        for row in rows.iter_rows(named=True):
            days = row["silence_days"]
            watched = part.filter((pl.col("lasted") >= days) & (pl.col("seen") >= days + HORIZON))
            returned = watched.filter(pl.col("ended") & (pl.col("gap") < days + HORIZON)).height
            assert (row["silences"], row["returned"]) == (watched.height, returned), days
            if watched.height:
                test = stats.binomtest(returned, watched.height)
                low, high = test.proportion_ci(method="wilson")
                assert row["return_share_low"] == pytest.approx(low, abs=1e-12)
                assert row["return_share_high"] == pytest.approx(high, abs=1e-12)


def test_gaps_and_limits_agree_with_scipy(report: wb.Answer, silences: pl.DataFrame) -> None:
    lasted, ended = silences["lasted"].to_numpy(), silences["ended"].to_numpy()
    lengths = stats.CensoredData(uncensored=lasted[ended], right=lasted[~ended])
    estimate = stats.ecdf(lengths).sf  # with censoring, that of Kaplan and Meier

    def survival(days: float) -> float:
        return float(estimate.evaluate(days))

    gaps = report.tables["gaps"].to_polars().filter(pl.col("grouping") == "all")
    row = gaps.filter(pl.col("method") == "kaplan_meier").row(0, named=True)
    assert (row["silences"], row["gaps"]) == (len(silences), int(ended.sum()))
    for months in (1, 3, 6, 12):
        below = math.ceil(months * 365.25 / 12) - 1
        assert row[f"under_{months}mo"] == pytest.approx(1 - survival(below), abs=1e-9)
    row = gaps.filter(pl.col("method") == "completed").row(0, named=True)
    completed = silences["gap"].drop_nulls().to_numpy()
    for q in (10, 50, 90, 99):
        assert row[f"p{q}"] == np.quantile(completed, q / 100, method="inverted_cdf")
    at_risk = [int((lasted >= day).sum()) for day in range(lasted.max() + 1)]
    seen = max(day for day, n in enumerate(at_risk) if n >= 100)
    limits = report.tables["limits"].to_polars().filter(pl.col("grouping") == "all")
    assert len(limits) == 4
    for row in limits.drop_nulls("return_share_at_all").iter_rows(named=True):
        later = 1 - survival(seen) / survival(row["days"] - 1)
        assert row["return_share_at_all"] == pytest.approx(later, abs=1e-9)


@pytest.mark.parametrize(
    ("gap", "months", "is_under"), [(30, 1, 1), (31, 1, 0), (91, 3, 1), (92, 3, 0)]
)
def test_a_gap_is_shorter_than_months_of_30_44_days(gap: int, months: int, is_under: int) -> None:
    first = datetime(2022, 1, 1)
    times = [first + timedelta(days=gap * i + c % 7) for c in range(200) for i in range(8)]
    rows = pl.DataFrame({"customer_id": [c for c in range(200) for _ in range(8)], "time": times})
    log = wb.EventLog(rows, observed_until=first + timedelta(days=gap * 8))
    found = wb.inactivity(log.at(log.observed_until), horizon=f"{months}mo")
    gaps = found.tables["gaps"].to_polars()
    row = gaps.filter(grouping="all", method="completed").row(0, named=True)
    assert row[f"under_{months}mo"] == is_under
    # Of all who are silent for a day, those return in time who return within the months after it.
    day = pl.DataFrame(found.tables["returns"].to_polars()).filter(grouping="all", silence_days=30)
    assert day["returned"].item() == (day["silences"].item() if gap - 30 < months * 30.4375 else 0)


def test_a_suggested_limit_goes_into_a_model(log: wb.EventLog, report: wb.Answer) -> None:
    lapsed_after = report.figures["suggested_lapsed_after"]
    limits = report.tables["limits"].to_polars()
    limits = limits.filter((pl.col("grouping") == "all") & (pl.col("source") == "suggested"))
    assert lapsed_after == f"{limits['days'][0]}d"
    assert limits["return_share"][0] < 0.2
    lost_after = report.figures["suggested_lost_after"] or "2y"
    model = wb.ChurnModel(lapsed_after=lapsed_after, lost_after=lost_after)
    model.fit(log, until=UNTIL)
    assert model.score(log.at(UNTIL)).to_polars()["state"].n_unique() >= 2


def test_the_report_is_told_in_words(report: wb.Answer) -> None:
    text = repr(report)
    assert text.startswith("Silences of ") and "limits, and what they cost" in text
    assert "segment" in text and not any(line.endswith(" ") for line in text.splitlines())
    assert report._repr_html_().startswith("<pre ")
    assert isinstance(report.notes, list) and report.figures["rhythms"] == []


def test_wrong_arguments_are_refused(log: wb.EventLog) -> None:
    now = log.at(UNTIL)
    for arguments, error, message in [
        ({"now": UNTIL}, TypeError, "now: expected a winback.Snapshot.*, got str"),
        ({"horizon": "0d"}, ValueError, "horizon: expected .*, got 0d"),
        ({"horizon": 3}, TypeError, "horizon: expected a str, got int"),
        ({"lapsed_after": "6mo"}, ValueError, "lost_after: expected .*, got 6mo"),
        ({"lapsed_share": 1.5}, ValueError, "lapsed_share: expected .*, got 1.5"),
        ({"lost_share": "x"}, TypeError, "lost_share: expected a number, got str"),
        ({"lost_share": 0.3}, ValueError, "lost_share: expected less than lapsed_share, 0.2"),
        ({"group_by": "shoe_size"}, ValueError, 'group_by: expected .*, got "shoe_size"'),
        ({"group_by": ["segment"]}, TypeError, "group_by: expected a str, got list"),
    ]:
        with pytest.raises(error, match=message):
            wb.inactivity(**({"now": now} | arguments))  # type: ignore[arg-type]
