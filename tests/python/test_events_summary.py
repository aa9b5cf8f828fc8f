"""The summary of events against a slow twin, and its plot."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

import polars as pl
import pytest

import winback as wb
from plotted import points

SHOP = wb.simulate(customers=300, seed=3, events=True)
LOG = SHOP.event_log()
assert SHOP.events is not None
EVENTS = SHOP.events.to_polars()
UNTIL = datetime(2025, 1, 1)
Row = tuple[Any, tuple[int, int, int], datetime, bool, bool]


def active_rows(cutoffs: list[datetime]) -> list[Row]:
    """Customer, stratum, cutoff, whether a purchase followed, whether silence did."""
    orders = SHOP.transactions.to_polars().filter(pl.col("amount") > 0)
    orders = orders.group_by("customer_id", "order_id").agg(pl.col("time").min())
    times: dict[Any, list[datetime]] = defaultdict(list)
    for customer, time in orders.sort("time")["customer_id", "time"].rows():
        times[customer].append(time)
    rows = []
    for (customer, bought), (number, at) in product(times.items(), enumerate(cutoffs)):
        before = [time for time in bought if time < at]
        silent_from = shifted(at, -3)
        if not before or before[-1] < silent_from:
            continue
        recency = (at - before[-1]) * 3 // (at - silent_from + timedelta(microseconds=1))
        band = sum(len(before) >= least for least in (2, 4, 10))
        after = [time for time in bought if time >= at]
        soon = any(time < at + timedelta(days=30) for time in after)
        silent = not any(time < shifted(at, 3) for time in after)
        rows.append((customer, (number, recency, band), at, soon, silent))
    return rows


def shifted(at: datetime, months: int) -> datetime:
    month = at.year * 12 + at.month - 1 + months
    year, month = month // 12, month % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return at.replace(year=year, month=month, day=min(at.day, last))


def lift(rows: list[Row], exposed: set[int], outcome: int) -> tuple[float, float, float]:
    """The ratio of Mantel and Haenszel and its interval, by customers."""
    strata: dict[Any, list[tuple[bool, bool, Any]]] = defaultdict(list)
    for place, row in enumerate(rows):
        strata[row[1]].append((place in exposed, bool(row[outcome]), row[0]))
    r = s = 0.0
    for members in strata.values():
        with_event = [seen for has, seen, _ in members if has]
        without = [seen for has, seen, _ in members if not has]
        r += sum(with_event) * len(without) / len(members)
        s += sum(without) * len(with_event) / len(members)
    ratio = r / s
    sums: dict[Any, float] = defaultdict(float)
    for members in strata.values():
        n1 = sum(has for has, _, _ in members)
        n0 = len(members) - n1
        for has, seen, customer in members:
            sums[customer] += 0.0
            if n1 and n0:
                p0 = sum(seen for _, seen, _ in members) / (n1 * ratio + n0)
                residual = (seen - ratio * p0) * n0 if has else -ratio * (seen - p0) * n1
                sums[customer] += residual / len(members)
    c = len(sums)
    deviation = math.sqrt(sum(u * u for u in sums.values()) * c / (c - 1)) / r
    reach = math.exp(1.959963984540054 * deviation)
    return ratio, ratio / reach, ratio * reach


def test_lifts_are_those_of_the_twin() -> None:
    found = wb.events.summary(LOG).to_polars()
    latest = shifted(UNTIL, -3)
    cutoffs = [latest - timedelta(days=30 * number) for number in reversed(range(6))]
    rows = active_rows(cutoffs)
    by_kind = EVENTS.with_columns(pl.col("kind").cast(pl.String)).partition_by("kind", as_dict=True)
    assert set(found["kind"]) == {kind for (kind,) in by_kind}
    for row in found.iter_rows(named=True):
        of_kind = by_kind[row["kind"],]
        assert row["events"] == len(of_kind)
        assert row["customers"] == of_kind["customer_id"].n_unique()
        assert (row["first"], row["last"]) == (of_kind["time"].min(), of_kind["time"].max())
        times: dict[Any, list[datetime]] = defaultdict(list)
        for customer, time in of_kind["customer_id", "time"].rows():
            times[customer].append(time)
        exposed = {
            place
            for place, (customer, _, at, _, _) in enumerate(rows)
            if any(at - timedelta(days=30) <= time < at for time in times[customer])
        }
        assert row["rows"] == len(exposed)
        for name, outcome in (("purchase", 3), ("silence", 4)):
            seen = [bool(rows[place][outcome]) for place in exposed]
            assert row[f"{name}_share"] == pytest.approx(sum(seen) / len(seen), rel=1e-12)
            expected = lift(rows, exposed, outcome)
            columns = [f"{name}_lift{end}" for end in ("", "_low", "_high")]
            assert [row[column] for column in columns] == pytest.approx(expected, rel=1e-9)


def test_what_precedes_is_found_and_noise_is_not() -> None:
    shop = wb.simulate(customers=3_000, seed=1, events=True)
    assert shop.events is not None
    # A kind that has nothing to do with anything: visits of anyone.
    events = shop.events.to_polars().with_columns(pl.col("kind").cast(pl.String))
    anyone = shop.transactions.to_polars()["customer_id"].unique().sort()
    visits = events.filter(pl.col("kind") == "visit")
    noise = visits.with_columns(
        customer_id=anyone.sample(len(visits), with_replacement=True, seed=0),
        kind=pl.lit("noise"),
    )
    log = wb.EventLog(
        shop.transactions, events=pl.concat([events, noise]), observed_until="2025-01-01"
    )
    found = {row["kind"]: row for row in wb.events.summary(log).to_polars().to_dicts()}
    assert found["visit"]["purchase_lift_low"] > 1.05 > 1 > found["visit"]["silence_lift_high"]
    assert found["noise"]["purchase_lift_low"] < 1 < found["noise"]["purchase_lift_high"]
    assert found["noise"]["silence_lift_low"] < 1 < found["noise"]["silence_lift_high"]
    # A model gives columns of its own to kinds that say something.
    kinds = wb.ChurnModel().fit(log, until="2024-10-01").kinds_
    assert "visit" in kinds and "noise" not in kinds


def test_events_around_the_last_purchase() -> None:
    found = wb.events.summary(LOG)
    table = found.tables["around_purchase"].to_polars()
    orders = SHOP.transactions.to_polars().filter(pl.col("amount") > 0)
    last = orders.group_by("customer_id", "order_id").agg(pl.col("time").min())
    last = last.group_by("customer_id").agg(last=pl.col("time").max())
    last = last.filter(pl.col("last") + timedelta(weeks=12) <= UNTIL)
    assert set(table["customers"]) == {len(last)}
    weeks = EVENTS.with_columns(pl.col("kind").cast(pl.String)).join(last, on="customer_id")
    micros = (pl.col("time") - pl.col("last")).dt.total_microseconds()
    weeks = weeks.with_columns(week=micros.floordiv(7 * 86_400_000_000))
    counted = weeks.group_by("kind", "week").len().rows()
    expected = {(kind, week): n for kind, week, n in counted}
    for kind, week, n in table["kind", "week", "events"].rows():
        assert n == expected.get((kind, week), 0)
    ax = wb.plot.activity(found)
    assert [line.get_label() for line in ax.lines[1:]] == found["kind"][:6]
    assert len(points(ax.lines[1])) == 24


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"within": "0d"}, ValueError, "within: expected more than 0d"),
        ({"cutoffs": 0}, ValueError, "cutoffs: expected 1 to 1000"),
        ({"silence": 90}, TypeError, "silence: expected"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        wb.events.summary(LOG, **arguments)
    with pytest.raises(ValueError, match="events: is not there"):
        wb.events.summary(wb.EventLog(SHOP.transactions, observed_until=UNTIL))
    with pytest.raises(TypeError, match=r"what events.summary\(\) gives"):
        wb.plot.activity(wb.retention.flow(LOG))


def test_too_short_a_log_says_so() -> None:
    orders = pl.DataFrame({"customer_id": [1, 1], "time": ["2024-01-05", "2024-01-20"]})
    visits = pl.DataFrame({"customer_id": [1], "time": ["2024-01-06"], "kind": ["visit"]})
    log = wb.EventLog(orders, events=visits, observed_until="2024-02-01")
    found = wb.events.summary(log)
    assert found["purchase_lift"] == [None] and found["events"] == [1]
    assert "what events precede is not known" in found.notes[0]
    with pytest.raises(ValueError, match="no customer who bought no more"):
        wb.plot.activity(found)
