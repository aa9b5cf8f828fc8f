"""Events: features against a slow twin, real tables all the way, and what is refused."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import events_twin
import winback as wb

SHOP = wb.simulate(customers=300, seed=11, events=True)
LOG = SHOP.event_log()
assert SHOP.events is not None
EVENTS = SHOP.events.to_polars()
CONTACTS = ["email_sent"]
ROLES = {
    "visit": ["visit"],
    "cart": ["cart"],
    "abandoned": ["checkout_abandoned"],
    "opened": ["email_open"],
}
KINDS = ["visit", "email_open"]


def agree(table: wb.Table, twin: dict[Any, dict[str, float]], others: Sequence[str] = ()) -> int:
    """Compares all columns that the twin has; the number of values."""
    compared = 0
    for row in table.to_polars().drop(others).to_dicts():
        expected = twin[row.pop("customer_id")]
        assert set(expected) <= set(row)
        for name, value in expected.items():
            same = math.isnan(value) and math.isnan(row[name])
            assert same or abs(row[name] - value) <= 1e-9 * max(1, abs(value)), (name, row)
            compared += 1
    return compared


def purchase_times(orders: pl.DataFrame) -> dict[Any, list[datetime]]:
    """The first row of every order of a positive sum."""
    of_order = orders.filter(pl.col("amount") > 0).group_by("customer_id", "order_id")
    times = of_order.agg(pl.col("time").min()).group_by("customer_id").agg("time")
    return dict(times.iter_rows())


@pytest.mark.parametrize("at", ["2022-02-01", "2023-06-15T18:30:00", "2025-01-01"])
def test_features_are_those_of_the_twin(at: str) -> None:
    orders = SHOP.transactions.to_polars()
    events = EVENTS.with_columns(pl.col("kind").cast(pl.String), pl.col("value").cast(pl.Float64))
    found = LOG.at(at).features(kinds=KINDS)
    twin = events_twin.features(
        events, purchase_times(orders), datetime.fromisoformat(at), CONTACTS, ROLES, KINDS
    )
    catalogue = wb.catalogue().to_polars()
    ours = catalogue.filter(pl.col("family").is_in(["activity", "paths", "contacts"]))["name"]
    assert set(ours) <= set(next(iter(twin.values())))
    assert agree(found, twin) == len(found) * (len(ours) + 2 * 9 + 7)


def test_a_model_reads_its_kinds_in_every_way(tmp_path: Path) -> None:
    model = wb.ChurnModel(most_kinds=3).fit(LOG, until="2024-10-01")
    assert model.kinds_ == ["email_sent", "visit", "cart"]
    now = LOG.at("2025-01-01")
    features = model.features(now)
    assert features.column_names == ["customer_id", *model.columns_]
    model.save(tmp_path / "model")
    loaded = wb.ChurnModel.load(tmp_path / "model")
    scores = model.score(now).to_polars()
    assert loaded.score(now).to_polars().equals(scores)
    customer = model.customer_history()
    of_one = pl.col("customer_id") == scores["customer_id"][0]
    for row in EVENTS.filter(of_one).drop("customer_id").to_dicts():
        customer.push_event(**row)
    for row in SHOP.transactions.to_polars().filter(of_one).drop("customer_id").to_dicts():
        customer.push_transaction(row.pop("time"), **row)
    for row in SHOP.tickets.to_polars().filter(of_one).drop("customer_id").to_dicts():
        customer.push_ticket(**row)
    for row in SHOP.surveys.to_polars().filter(of_one).drop("customer_id", "topic").to_dicts():
        customer.push_answer(**row)
    score = model.score_customer(customer, at="2025-01-01")
    assert score is not None
    assert score["churn_probability"] == scores["churn_probability"][0]


def test_the_whole_way_on_the_command_line(tmp_path: Path, program: Path) -> None:
    for name in ("transactions", "events"):
        getattr(SHOP, name).write(tmp_path / f"{name}.csv")
    tables = [
        *("--transactions", "transactions.csv", "--events", "events.csv"),
        *("--contact", "email_sent", "--observed-until", "2025-01-01"),
    ]
    for role, kinds in ROLES.items():
        tables += ["--role", f"{role}={kinds[0]}"]

    def run(*arguments: str) -> None:
        subprocess.run([program, *arguments], cwd=tmp_path, check=True, capture_output=True)

    run("features", *tables, "--at", "2025-01-01", "--kind", "visit", "-o", "features.csv")
    log = wb.EventLog(
        SHOP.transactions,
        events=SHOP.events,
        contacts=CONTACTS,
        roles=ROLES,
        observed_until="2025-01-01",
    )
    ours = log.at("2025-01-01").features(kinds=["visit"])
    assert pl.read_csv(tmp_path / "features.csv").columns == ours.column_names
    run("fit", *tables, "--until", "2024-10-01", "--most-kinds", "2", "-o", "model")
    # The model knows what kinds stand for.
    plain = [*tables[:4], "--observed-until", "2025-01-01"]
    run("score", *plain, "--model", "model", "--at", "2025-01-01", "-o", "scores.csv")
    model = wb.ChurnModel.load(tmp_path / "model")
    expected = model.score(log.at("2025-01-01")).to_polars()["churn_probability"]
    scores = pl.read_csv(tmp_path / "scores.csv")["churn_probability"]
    assert scores.to_list() == pytest.approx(expected.to_list(), abs=1e-12)


def test_feature_usage_of_a_subscription_business(read_data: Any) -> None:
    folder = "ravenstack_saas_synthetic"
    subscriptions = read_data(f"{folder}/subscriptions")
    usage = read_data(f"{folder}/feature_usage").join(
        subscriptions.select("subscription_id", "account_id"), on="subscription_id"
    )
    names = {
        "transactions": {
            "customer_id": "account_id",
            "time": "start_date",
            "amount": "mrr_amount",
            "order_id": "subscription_id",
        },
        "events": {
            "customer_id": "account_id",
            "time": "usage_date",
            "kind": "feature_name",
            "value": "usage_count",
        },
    }
    log = wb.EventLog(
        subscriptions,
        events=usage,
        columns=names,
        zero_amounts="purchase",
        observed_until="2025-01-01",
    )
    assert log.report["events"]["rows_kept"] == len(usage)
    events = usage.select(
        customer_id="account_id",
        time=pl.col("usage_date").cast(pl.Datetime("us")),
        kind="feature_name",
        value=pl.col("usage_count").cast(pl.Float64),
    )
    starts = subscriptions.select(
        customer_id="account_id", time=pl.col("start_date").cast(pl.Datetime("us"))
    )
    bought = dict(starts.group_by("customer_id").agg("time").iter_rows())
    model = wb.ChurnModel(horizon="1mo").fit(log, until="2024-10-01")
    assert len(model.kinds_) <= 12 and set(model.kinds_) <= set(usage["feature_name"])
    kinds = usage["feature_name"].unique().sort().to_list()[:12]
    for at in ("2024-01-01", "2024-06-10", "2025-01-01"):
        table = log.at(at).features(kinds=kinds)
        cutoff = datetime.fromisoformat(at)
        assert agree(table, events_twin.features(events, bought, cutoff, kinds=kinds)) > 5_000
    candidates = model.candidates(log.at("2025-01-01"), top=10)
    assert len(candidates) > 0


def test_what_is_written_tells_kinds_that_training_did_not_see(tmp_path: Path) -> None:
    model = wb.ChurnModel(most_kinds=3).fit(LOG, until="2024-10-01")
    later = EVENTS.with_columns(pl.col("kind").cast(pl.String)).with_columns(
        kind=pl.when(pl.col("kind") == "cart").then(pl.lit("webinar")).otherwise(pl.col("kind"))
    )
    for name, table in [("orders", SHOP.transactions.to_polars()), ("events", later)]:
        table.write_parquet(tmp_path / f"{name}.parquet")
    tickets, surveys = tmp_path / "tickets.parquet", tmp_path / "surveys.parquet"
    SHOP.tickets.write(tickets)
    SHOP.surveys.write(surveys)
    log = wb.PartitionedLog(
        tmp_path / "orders.parquet",
        tickets=tickets,
        surveys=surveys,
        events=tmp_path / "events.parquet",
        contacts=CONTACTS,
        roles=ROLES,
        observed_until="2025-01-01",
        memory="1GB",
        least_parts=3,
    )
    for write in (model.write_scores, model.write_candidates):
        assert write(log.at("2025-01-01"), tmp_path / "out.csv")["unseen_kinds"] == ["webinar"]


def test_coupons_of_a_grocer(read_data: Any) -> None:
    folder = "complete_journey_sample"
    transactions = read_data(f"{folder}/transactions_sample")
    coupons = read_data(f"{folder}/coupon_redemptions")
    names = {
        "transactions": {
            "customer_id": "household_id",
            "time": "transaction_timestamp",
            "amount": "sales_value",
            "order_id": "basket_id",
        },
        "events": {
            "customer_id": "household_id",
            "time": "redemption_date",
            "kind": "'coupon'",
        },
    }
    log = wb.EventLog(transactions, events=coupons, columns=names, observed_until="2018-01-01")
    assert log.report["events"]["rows_read"] == len(coupons)
    now = log.at("2017-12-01").features(kinds=["coupon"]).to_polars()
    of_year = coupons.filter(pl.col("redemption_date") < date(2017, 12, 1))
    kept = of_year.filter(pl.col("household_id").is_in(now["customer_id"].implode()))
    assert now["event_coupon_count_365d"].sum() == len(kept) > 0


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"contacts": "email_sent"}, TypeError, "contacts"),
        ({"roles": ["visit"]}, TypeError, "roles"),
        ({"roles": {"buyer": ["visit"]}}, ValueError, 'roles: expected "contact"'),
        ({"events": None, "contacts": ["letter"]}, ValueError, "none without a table of events"),
        ({"columns": {"events": {"time": "'2024'"}}}, ValueError, "columns: expected the name"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], kind: type[Exception], message: str) -> None:
    given = {"events": SHOP.events, "observed_until": "2025-01-01"} | arguments
    with pytest.raises(kind, match=message):
        wb.EventLog(SHOP.transactions, **given)
