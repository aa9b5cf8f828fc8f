"""The base over time: published figures, and slow, obvious twins in polars on real logs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import polars as pl
import pytest

import winback as wb
from winback.retention import cohorts, curve, flow, migration, rates
from winback.retention import label_migration as labels

ReadData = Callable[[str], pl.DataFrame]
STATES = ["active", "lapsed", "lost"]


def online_retail(read_data: ReadData) -> tuple[pl.DataFrame, datetime]:
    rows = read_data("online_retail/year_2010_2011").drop_nulls("customer_id")
    rows = rows.select(
        "customer_id",
        time=pl.col("invoice_date").cast(pl.Datetime("us")),
        amount=pl.col("quantity") * pl.col("price"),
    )
    return rows, datetime(2011, 12, 10)


def donations(read_data: ReadData) -> tuple[pl.DataFrame, datetime]:
    rows = read_data("donations_2005_2015/purchases").select(
        "customer_id",
        time=pl.col("date_of_purchase").cast(pl.Datetime("us")),
        amount=pl.col("purchase_amount").cast(pl.Float64),
    )
    return rows, datetime(2016, 1, 1)


LOGS = pytest.mark.parametrize("load", [online_retail, donations])


def log_of(rows: pl.DataFrame, until: datetime) -> wb.EventLog:
    return wb.EventLog(rows, purchase_by="day", observed_until=until)


def purchases(rows: pl.DataFrame) -> pl.DataFrame:
    """A customer's rows of one day that sum to more than nothing, at the time of the first."""
    days = rows.filter(pl.col("amount") != 0).group_by(
        "customer_id", pl.col("time").dt.date().alias("day")
    )
    sums = days.agg(
        pl.col("time").min(), spent=pl.col("amount").sum(), size=pl.col("amount").abs().sum()
    )
    return sums.filter(pl.col("spent") > 1e-9 * pl.col("size")).select("customer_id", "time")


def same(found: list[float | None], expected: list[float | None]) -> None:
    assert len(found) == len(expected)
    for left, right in zip(found, expected, strict=True):
        assert left == right or left == pytest.approx(right, rel=1e-9, abs=1e-6)


@LOGS
def test_cohorts_equal_their_twin(load: Callable, read_data: ReadData) -> None:
    rows, until = load(read_data)
    bought = purchases(rows)
    cohort = bought.group_by("customer_id").agg(pl.col("time").min().dt.truncate("1mo"))
    cohort = cohort.rename({"time": "cohort"})

    def age(frame: pl.DataFrame) -> pl.DataFrame:
        month = pl.col("time").dt.truncate("1mo")
        months = 12 * (month.dt.year() - pl.col("cohort").dt.year()).cast(pl.Int64)
        months += month.dt.month().cast(pl.Int64) - pl.col("cohort").dt.month().cast(pl.Int64)
        return frame.join(cohort, on="customer_id").with_columns(age=months)

    active = (
        age(bought)
        .group_by("cohort", "age")
        .agg(
            customers=pl.col("customer_id").n_unique().cast(pl.Int64),
            purchases=pl.len().cast(pl.Int64),
        )
    )
    spent = age(rows).group_by("cohort", "age").agg(revenue=pl.col("amount").sum())
    found = cohorts(log_of(rows, until))
    table = found.to_polars().join(active, on=["cohort", "age"], how="left", suffix="_twin")
    table = table.join(spent, on=["cohort", "age"], how="left", suffix="_twin")
    over = pl.col("cohort").dt.offset_by(pl.format("{}mo", pl.col("age") + 1)) <= until
    assert table.select((pl.col("customers").is_null() != over).all()).item()
    for name in ["share", "revenue", "share_low", "purchases"]:
        empty = (pl.col("cohort_size") == 0) & pl.col(name).is_null()
        assert table.filter(over & ~empty)[name].null_count() == 0
        assert table.filter(~over)[name].null_count() == table.filter(~over).height
    whole = table.filter(over).with_columns(pl.col("^.*_twin$").fill_null(0))
    assert len(whole) > 70
    assert whole["customers"].to_list() == whole["customers_twin"].to_list()
    assert whole["purchases"].to_list() == whole["purchases_twin"].to_list()
    same(whole["revenue"].to_list(), whole["revenue_twin"].to_list())
    first = whole.filter(pl.col("age") == 0)
    assert first["customers"].to_list() == first["cohort_size"].to_list()
    assert (
        first["customers"].sum()
        == cohort.filter(pl.col("cohort") < first["cohort"].max()).height
        + (first["customers"].to_list()[-1])
    )
    wide = found.tables["revenue"].to_polars()
    assert wide["0"].drop_nulls().to_list() == first["revenue"].to_list()


def states(bought: pl.DataFrame, at: datetime) -> pl.DataFrame:
    """The state of every customer by the last purchase before `at`."""
    last = bought.filter(pl.col("time") < at).group_by("customer_id").agg(pl.col("time").max())
    at_ = pl.lit(at)
    state = (
        pl.when(pl.col("time") > at_.dt.offset_by("-3mo"))
        .then(pl.lit("active"))
        .when(pl.col("time") > at_.dt.offset_by("-6mo"))
        .then(pl.lit("lapsed"))
        .otherwise(pl.lit("lost"))
    )
    return last.select("customer_id", state=state)


def moves(rows: pl.DataFrame, start: datetime, end: datetime) -> pl.DataFrame:
    """Customers and revenue by state at the start and at the end."""
    bought = purchases(rows)
    spent = rows.filter((pl.col("time") >= start) & (pl.col("time") < end))
    spent = spent.group_by("customer_id").agg(pl.col("amount").sum())
    both = states(bought, end).join(states(bought, start), on="customer_id", how="left")
    both = both.join(spent, on="customer_id", how="left")
    return both.group_by(from_="state_right", to="state").agg(
        customers=pl.len().cast(pl.Int64), revenue=pl.col("amount").sum()
    )


@LOGS
def test_migration_equals_its_twin(load: Callable, read_data: ReadData) -> None:
    rows, until = load(read_data)
    log = log_of(rows, until)
    for start, end in [
        (datetime(2011, 4, 1), datetime(2011, 10, 1)),
        (datetime(2011, 6, 15), until),
    ]:
        found = migration(log.at(start), log.at(end))
        twin = {(row["from_"], row["to"]): row for row in moves(rows, start, end).to_dicts()}
        assert len(twin) >= 6
        for row in found.to_polars().to_dicts():
            expected = twin.pop((row["from_label"], row["to_label"]), None)
            assert row["customers"] == (expected["customers"] if expected else 0)
            same([row["revenue"]], [expected["revenue"] if expected else 0.0])
        assert not twin
        shares = (
            found.to_polars()
            .filter(pl.col("from_customers") > 0)
            .group_by("from_label")
            .agg(pl.col("share").sum())
        )
        same(shares["share"].to_list(), [1.0] * len(shares))
        assert found.figures["alarm"]["rings"] == (found.figures["alarm"]["p_value"] < 0.01)
        assert "share of lapsed + lost" in found.notes[-1]


@LOGS
def test_flow_equals_its_twin(load: Callable, read_data: ReadData) -> None:
    rows, until = load(read_data)
    found = flow(log_of(rows, until), "1q", start="2011-01-01")
    table, long = found.to_polars(), found.tables["ways"].to_polars()
    before: dict[str, int] | None = None
    finished = 0
    for row in table.to_dicts():
        own = long.filter(pl.col("period") == row["period"])
        assert len(own) == 12
        if row["period_end"] > until:
            assert row["new"] is None and own["customers"].null_count() == 12
            continue
        finished += 1
        if finished > 6:
            continue
        twin = moves(rows, row["period"], row["period_end"])
        for cell in own.to_dicts():
            same_from = pl.col("from_").eq_missing(pl.lit(cell["from_state"]))
            expected = twin.filter(same_from & (pl.col("to") == cell["to_state"]))
            assert cell["customers"] == expected["customers"].sum()
            same([cell["revenue"]], [expected["revenue"].sum()])
        for way in own["way"].unique():
            assert own.filter(pl.col("way") == way)["customers"].sum() == row[way]
        same([row["revenue"]], [twin["revenue"].sum()])
        stock = {state: row[f"{state}_customers"] for state in STATES}
        if before is not None:
            cells = {(c["from_state"], c["to_state"]): c["customers"] for c in own.to_dicts()}
            for state in STATES:
                into = sum(n for (a, b), n in cells.items() if b == state and a != state)
                out = sum(n for (a, b), n in cells.items() if a == state and b != state)
                assert into == out + stock[state] - before[state]
        before = stock
    assert finished >= 3


def test_cdnow_quarters(read_data: ReadData) -> None:
    orders = read_data("cdnow/cdnow_master")
    log = wb.EventLog(
        orders,
        columns={"transactions": {"time": "date", "amount": "dollar_value"}},
        purchase_by="day",
        zero_amounts="purchase",
        observed_until="1998-07-01",
    )
    table = rates(log, "1q").to_polars()
    assert table["crr_percent"].round(4).to_list()[:4] == [None, 22.8087, 79.2969, 99.0148]
    assert table["retained_percent"].round(4).to_list()[2:4] == [42.5781, 48.3932]
    assert table["reactivated"].to_list()[:4] == [0, 0, 1974, 2158]
    half = rates(log, "1q", end="1998-06-01")
    assert len(half) == len(table)
    moved = migration(
        log.at("1998-01-01"), log.at("1998-04-01"), lapsed_after="92d", lost_after="182d"
    )
    shares = [round(share, 4) for share in moved["share"]]
    assert shares == [0.4672, 0.5328, 0.0, 0.2874, 0.0, 0.7126, 0.0728, 0.0, 0.9272]


def test_groups_and_notes() -> None:
    log = wb.simulate(customers=300).event_log()
    by_segment = rates(log, "1q", group_by="segment").to_polars()
    whole = rates(log, "1q").to_polars()
    sums = by_segment.group_by("period").agg(pl.col("active").sum()).sort("period")
    assert sums["active"].to_list() == whole["active"].to_list()
    unfinished = rates(log, "1y", start="2023-06-01")
    assert unfinished["active"][-1] is None
    assert "note: [2024-06-01, 2025-06-01) is not over" in repr(unfinished)
    assert "is not over" in unfinished._repr_html_()


def test_any_labels_can_migrate() -> None:
    found = labels(["b", "a", None, None], ["a", "b", "a", None], revenue=[1.0, 2.0, 4.0, 8.0])
    rows = list(
        zip(
            found["from_label"],
            found["to_label"],
            found["customers"],
            found["revenue"],
            strict=True,
        )
    )
    assert rows == [
        ("a", "a", 0, 0.0),
        ("a", "b", 1, 2.0),
        ("b", "a", 1, 1.0),
        ("b", "b", 0, 0.0),
        (None, "a", 1, 4.0),
        (None, "b", 0, 0.0),
    ]
    assert found.figures == {"alarm": None}
    assert found["thin"] == [True] * 6


def test_a_retention_curve_is_projected() -> None:
    model = wb.timing.ShiftedBetaGeometric()
    assert repr(model) == "ShiftedBetaGeometric()"
    with pytest.raises(wb.NotFittedError):
        model.survival(3)
    assert model.fit([100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1, None]) is model
    assert repr(model) == "ShiftedBetaGeometric: alpha 0.704077, beta 1.18204"
    survival, rates = model.survival(12), model.retention_rates(12)
    assert len(survival) == 13 and survival[0] == 1.0
    same(survival[1:], [a * b for a, b in zip(survival, rates, strict=False)])


def test_wrong_arguments_are_refused() -> None:
    log = wb.simulate(customers=30).event_log()
    april, may, june = (log.at(f"2024-0{month}-01") for month in (4, 5, 6))
    other = wb.simulate(customers=30, seed=1).event_log().at("2024-06-01")
    model = wb.timing.ShiftedBetaGeometric()
    for function, arguments, options, error, message in [
        (rates, [log, "1m"], {}, ValueError, 'every: expected a length.*, got "1m"'),
        (rates, [log, 3], {}, TypeError, "every: expected a str, got int"),
        (rates, [log, None], {}, TypeError, "every: expected a str, got None"),
        (rates, ["log"], {}, TypeError, "log: expected a winback.EventLog"),
        (rates, [log], {"group_by": 5}, TypeError, "group_by: expected a str, got int"),
        (rates, [log], {"group_by": "shoe"}, ValueError, 'group_by: expected .*, got "shoe"'),
        (rates, [log], {"group_by": "attribute:channel"}, ValueError, "group_by: .*channel"),
        (rates, [log], {"start": "soon"}, ValueError, 'start: expected .*, got "soon"'),
        (rates, [log], {"end": "2026-01-01"}, ValueError, "end: expected .*, got 2026-01-01"),
        (cohorts, [log], {"mode": "off"}, ValueError, 'mode: expected one of on, .*, got "off"'),
        (cohorts, [log], {"mode": "bracket"}, ValueError, "brackets: expected"),
        (cohorts, [log], {"brackets": [0, 1]}, ValueError, "brackets: expected .*mode"),
        (cohorts, [log], {"mode": "bracket", "brackets": [3, 1]}, ValueError, "ascending"),
        (cohorts, [log], {"brackets": [-1, 2]}, ValueError, "brackets: expected an int.*, got -1"),
        (cohorts, [log], {"brackets": "0,1"}, TypeError, "brackets: expected a list, got str"),
        (flow, [log], {"lost_after": "1mo"}, ValueError, "lost_after: expected .*, got 1mo"),
        (curve, [log, "0d"], {}, ValueError, "silent_for: expected more than 0d, got 0d"),
        (curve, [log], {"days": [-1]}, ValueError, "days: expected an int.*, got -1"),
        (curve, [log], {"days": "90"}, TypeError, "days: expected a list, got str"),
        (curve, [log], {"end": "1999-01-01"}, ValueError, "no customer's first purchase"),
        (migration, [may, april], {}, ValueError, "after: expected .*, got 2024-04-01"),
        (migration, [may, other], {}, ValueError, "after: expected .*, got one of another log"),
        (migration, ["2024-05-01", june], {}, TypeError, "before: expected a winback.Snapshot"),
        (migration, [may, june], {"level": 1}, ValueError, "level: expected .*, got 1"),
        (migration, [may, june], {"min_customers": -1}, ValueError, "min_customers: .*, got -1"),
        (labels, [["a"], []], {}, ValueError, "1"),
        (labels, [["a"], [3]], {}, TypeError, r"after\[0\]: expected a str or None, got int"),
        (labels, [["a"], ["a"]], {"vulnerable": "a"}, TypeError, "vulnerable: expected a list"),
        (labels, [["a"], ["a"]], {"vulnerable": ["b"]}, ValueError, 'vulnerable: .*, got "b"'),
        (model.fit, [[3, 2]], {}, ValueError, "too little data"),
        (model.fit, [[3, None, 2, 1]], {}, ValueError, "at the end only"),
        (model.fit, [[3, 2, 3, 1]], {}, ValueError, "survivors: expected no more"),
        (model.fit, [["3", 2, 1]], {}, TypeError, "survivors: expected a number"),
    ]:
        with pytest.raises(error, match=message):
            function(*arguments, **options)  # type: ignore[operator]


def test_refusals_name_the_argument() -> None:
    log = wb.simulate(customers=30).event_log()
    for options in [{"every": "1m"}, {"every": 3}, {"every": "0d"}]:
        with pytest.raises((TypeError, ValueError)) as raised:
            rates(log, **options)
        found = vars(raised.value)
        assert (found["argument"], found["code"], found["row"]) == ("every", "bad-argument", None)
