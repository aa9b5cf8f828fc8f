"""Simulated customers through Python."""

from __future__ import annotations

import inspect
from datetime import date, datetime
from typing import Any

import polars as pl
import pytest

import winback as wb
from winback import _core

NAMES = ["transactions", "tickets", "surveys", "customers", "truth"]


def test_the_defaults_are_those_of_the_core() -> None:
    ours = wb.simulate(customers=200)
    parameters = inspect.signature(wb.simulate).parameters
    assert parameters["customers"].default == 5000
    tables, events, campaign = _core.Simulation(customers=200).run()
    assert events is None
    assert campaign is None
    for name, theirs in zip(NAMES, tables, strict=True):
        assert getattr(ours, name).to_polars().equals(pl.DataFrame(theirs)), name
    assert len(_core.Simulation().run()[0][3]) == 5000


def test_the_seed_decides() -> None:
    def table(seed: int) -> pl.DataFrame:
        return wb.simulate(customers=50, seed=seed).transactions.to_polars()

    assert table(7).equals(table(7))
    assert not table(7).equals(table(8))
    assert table(2**64 - 1).height > 0


def test_columns() -> None:
    shop = wb.simulate(customers=50)
    columns = {name: getattr(shop, name).column_names for name in NAMES}
    assert columns["transactions"] == [
        "customer_id", "time", "amount", "order_id", "category", "channel", "discount",
    ]  # fmt: skip
    assert columns["tickets"] == [
        "customer_id", "opened_at", "first_response_at", "resolved_at", "topic", "reopened_count",
        "satisfaction",
    ]  # fmt: skip
    assert columns["surveys"] == ["customer_id", "time", "score", "topic"]
    assert columns["customers"] == ["customer_id", "segment", "region", "age"]
    assert columns["truth"] == ["customer_id", "left_at"]


def test_events_are_simulated_if_asked_for() -> None:
    shop = wb.simulate(customers=50, events=True)
    assert shop.events is not None
    assert shop.events.column_names == ["customer_id", "time", "kind", "value", "channel"]
    assert wb.simulate(customers=50).events is None
    assert repr(shop).endswith(f", {len(shop.events):,} events)")
    assert shop.event_log().report["events"]["rows_kept"] == len(shop.events)


def test_the_event_log_is_complete_up_to_the_end() -> None:
    shop = wb.simulate(customers=50, start=date(2020, 1, 1), end=datetime(2021, 7, 1, 12))
    log = shop.event_log()
    assert log.observed_until == datetime(2021, 7, 1, 12)
    assert datetime(2020, 1, 1) <= log.first_event < log.last_event < log.observed_until
    report = log.report
    assert report["transactions"]["rows_kept"] == len(shop.transactions)
    assert all(report[name]["unknown_customer"] == 0 for name in ["tickets", "surveys"])


def test_repr() -> None:
    shop = wb.simulate(customers=50)
    assert repr(shop).startswith("Simulated(50 customers, ")


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"customers": 0}, ValueError),
        ({"customers": -1}, ValueError),
        ({"customers": 10**30}, ValueError),
        ({"customers": 2.5}, TypeError),
        ({"customers": None}, TypeError),
        ({"seed": -1}, ValueError),
        ({"seed": 2**64}, ValueError),
        ({"start": "2025-01-01"}, ValueError),
        ({"start": "one day"}, ValueError),
        ({"end": 2025}, TypeError),
        ({"ticket_share": 1.5}, ValueError),
        ({"ticket_share": float("nan")}, ValueError),
        ({"ticket_share": "some"}, TypeError),
        ({"average_check": 0}, ValueError),
        ({"complaint_effect": 101}, ValueError),
        ({"unknown": 1}, TypeError),
        ({"events": "yes"}, TypeError),
        ({"campaign": "2024-10-01"}, TypeError),
        ({"campaign": {"began": "2024-10-01"}}, ValueError),
        ({"campaign": {"start": "2026-10-01"}}, ValueError),
        ({"campaign": {"persuaded": 1.5}}, ValueError),
    ],
    ids=str,
)
def test_bad_arguments(options: dict[str, Any], kind: type[Exception]) -> None:
    with pytest.raises(kind) as error:
        wb.simulate(**options)
    # Some type errors name the argument in a note.
    text = "\n".join([str(error.value), *getattr(error.value, "__notes__", [])])
    assert [*options][0] in text or "after start" in text or "persuaded" in text


def test_an_option_of_the_campaign_is_named_as_it_is_given() -> None:
    for name, value in [("start", "2026-10-01"), ("window", "0d"), ("control_share", 2)]:
        with pytest.raises(ValueError, match=rf"^campaign\[\"{name}\"\]: expected"):
            wb.simulate(customers=10, campaign={name: value})


def test_the_oracle_knows_what_can_be_known() -> None:
    shop = wb.simulate(customers=800, joined_at_start=1, events=True)
    known = shop.oracle("2024-07-01", horizon="3mo").to_polars()
    later = shop.transactions.to_polars().filter(
        (pl.col("time") >= pl.datetime(2024, 7, 1))
        & (pl.col("time") < pl.datetime(2024, 10, 1))
        & (pl.col("amount") > 0)
    )
    came = known["customer_id"].is_in(later["customer_id"].unique().implode())
    assert abs(came.mean() - known["purchase_probability"].mean()) < 0.04  # type: ignore[operator]
    ranks = known["purchase_probability"].rank().to_numpy()[came.to_numpy()]
    others = len(came) - len(ranks)
    auc = (ranks.sum() - len(ranks) * (len(ranks) + 1) / 2) / (len(ranks) * others)
    assert auc > 0.85
    both = shop.oracle(["2024-04-01", "2024-07-01"], horizon="3mo").to_polars()
    assert both.filter(pl.col("cutoff") == pl.datetime(2024, 7, 1)).equals(known)
    with pytest.raises(ValueError, match="at: expected times after 2022-01-01"):
        shop.oracle("2021-01-01")
    with pytest.raises(ValueError, match="horizon: "):
        shop.oracle("2024-01-01", horizon="0d")
    with pytest.raises(TypeError, match="lead: expected a str"):
        shop.oracle("2024-01-01", lead=3)  # type: ignore[arg-type]


def test_a_campaign_has_the_effect_that_its_truth_tells() -> None:
    start = "2024-10-01"
    shop = wb.simulate(customers=4_000)
    listed = shop.event_log().at(start).features(features=["purchase_count"])
    drawn = wb.campaign.assign(listed, control_share=0.5, salt="autumn")
    same = wb.simulate(customers=4_000, campaign={"start": start, "salt": "autumn"})
    with_arms = wb.simulate(customers=4_000, campaign={"start": start, "arms": drawn})
    assert same.campaign is not None
    assert with_arms.campaign is not None
    arms = dict(drawn.to_polars().rows())
    for row in same.campaign.to_polars().iter_rows(named=True):
        assert arms[row["customer_id"]] == row["arm"]
    truth = with_arms.campaign.to_polars()
    assert truth.equals(same.campaign.to_polars())
    assert with_arms.transactions.to_polars().equals(same.transactions.to_polars())

    found = wb.campaign.effect(
        drawn, same.event_log(), start=start, shares={"control": 1, "contact": 1}
    )
    effects = found.to_polars()
    for metric in ["purchased", "spend"]:
        true = truth[f"{metric}_effect"].mean()
        row = effects.row(by_predicate=pl.col("metric") == metric, named=True)
        assert row["difference_low"] < true < row["difference_high"], metric
        # The control arm does what is done without the offer.
        control = truth.filter(pl.col("arm") == "control")
        assert row["control_mean"] == pytest.approx(control[f"{metric}_without"].cast(float).mean())


@pytest.mark.parametrize(
    "arms",
    [
        {"customer_id": [1, 1], "arm": ["control", "contact"]},
        {"customer_id": [1, 2], "arm": ["contact", "contact"]},
        {"customer_id": ["a", "b"], "arm": ["control", "contact"]},
        {"customer_id": [1, 51], "arm": ["control", "contact"]},
        {"arm": ["control", "contact"]},
    ],
    ids=["in two", "no control", "texts", "unknown", "no ids"],
)
def test_arms_that_no_simulated_customers_have(arms: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="arms"):
        wb.simulate(customers=50, campaign={"arms": pl.DataFrame(arms)})
