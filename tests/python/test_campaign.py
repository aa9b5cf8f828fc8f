"""Campaigns: arms by Python's own md5 and by a database, effects by formulas written out here."""

from __future__ import annotations

import json
import math
import subprocess
from collections.abc import Callable
from hashlib import md5
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import stats

import winback as wb

ARMS = {"control": 0.1, "offer_a": 0.45, "offer_b": 0.45}
IDS = [*range(500), "Zoë", "o'hara", "-7"]


def share(salt: str, customer_id: int | str) -> float:
    digest = md5(salt.encode() + b"\xff" + str(customer_id).encode()).hexdigest()
    return int(digest[:13], 16) / 2**52


def arm(salt: str, customer_id: int | str) -> str:
    at, end = share(salt, customer_id), 0.0
    for name, part in ARMS.items():
        end += part
        if at < end:
            return name
    return name


def listed() -> pd.DataFrame:
    return pd.DataFrame({"customer_id": [str(each) for each in IDS]})


def test_plain_arms_are_those_of_python_duckdb_and_the_command_line(
    program: Path, tmp_path: Path
) -> None:
    import duckdb

    salt = "it's spring"
    drawn = wb.campaign.assign(listed(), arms=ARMS, salt=salt)
    own = dict(zip(drawn["customer_id"], drawn["arm"], strict=True))
    assert own == {str(each): arm(salt, each) for each in IDS}
    customers = listed()
    found = duckdb.sql(f"SELECT customer_id, {drawn.figures['sql']} AS arm FROM customers")
    assert dict(found.fetchall()) == own
    listed().to_csv(tmp_path / "list.csv", index=False)
    command = [program, "campaign", "assign", "--customer-list", "list.csv", "-o", "arms.csv"]
    arms = ",".join(f"{name}={part}" for name, part in ARMS.items())
    command += ["--arms", arms, "--salt", salt, "--plan", "plan.json"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    table = pl.read_csv(tmp_path / "arms.csv", schema_overrides={"customer_id": pl.String})
    assert dict(table.rows()) == own
    plan = json.loads((tmp_path / "plan.json").read_text())
    assert plan == drawn.figures["plan"] and plan["digest"]
    assert len(customers) == len(own)


def test_spark_computes_the_same_from_the_same_bytes() -> None:
    expression = wb.campaign.assign(listed(), arms=ARMS).figures["spark"]
    assert "md5(concat(encode('winback', 'UTF-8'), X'FF', encode(CAST(customer_id AS" in expression
    assert expression.endswith("< 5.5e-1D THEN 'offer_a' ELSE 'offer_b' END")


def test_candidates_have_the_arms_that_are_drawn_of_their_list() -> None:
    log = wb.simulate(customers=1000).event_log()
    model = wb.ChurnModel("logistic").fit(log, until="2024-10-01")
    found = model.candidates(log.at("2025-01-01"), control_share=0.3, salt="x")
    drawn = wb.campaign.assign(found, control_share=0.3, salt="x")
    own = dict(zip(drawn["customer_id"], drawn["arm"], strict=True))
    assert own == dict(zip(found["customer_id"], found["arm"], strict=True))


def hillstrom(read_data: Callable[[str], pl.DataFrame]) -> pl.DataFrame:
    return read_data("hillstrom_email/hillstrom")


def test_hillstrom_in_python_and_on_the_command_line(
    read_data: Callable[[str], pl.DataFrame], data_folder: Path, program: Path, tmp_path: Path
) -> None:
    table = hillstrom(read_data)
    found = wb.campaign.effect(
        table,
        arm="segment",
        control="No E-Mail",
        metrics=["visit", "conversion", "spend"],
        shares={"No E-Mail": 1, "Mens E-Mail": 1, "Womens E-Mail": 1},
        margin=0.4,
        contact_cost=0.1,
    )
    spend = found.to_polars().filter(arm="Mens E-Mail", metric="spend").row(0, named=True)
    # statsmodels 0.15, CompareMeans(usevar="unequal").
    assert spend["difference_low"] == pytest.approx(0.4851397325684067, rel=1e-10)
    assert spend["difference_high"] == pytest.approx(1.0545145792206663, rel=1e-10)
    assert spend["p_value"] == pytest.approx(1.1638149682e-07, rel=1e-8)
    command = [program, "campaign", "effect", "--arm", "segment", "--control", "No E-Mail"]
    command += ["--arms", data_folder / "hillstrom_email/hillstrom.parquet"]
    command += ["--metrics", "visit,conversion,spend", "--margin", "0.4", "--contact-cost", "0.1"]
    command += ["--shares", "No E-Mail=1,Mens E-Mail=1,Womens E-Mail=1", "-o", "effects.parquet"]
    done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == repr(found).strip()
    assert pl.read_parquet(tmp_path / "effects.parquet").equals(found.to_polars())


def two_arms(seed: int, n1: int = 300, n0: int = 200) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    bought = random.random(n1 + n0) < np.r_[np.full(n1, 0.3), np.full(n0, 0.2)]
    before = random.gamma(2.0, 10.0, n1 + n0)
    return pd.DataFrame(
        {
            "customer_id": random.permutation(n1 + n0),
            "arm": ["offer"] * n1 + ["control"] * n0,
            "bought": bought.astype(int),
            "spend": bought * (before + random.gamma(2.0, 20.0, n1 + n0)),
            "before": before,
        }
    )


@pytest.mark.parametrize("seed", range(5))
def test_means_and_shares_are_those_of_scipy(seed: int) -> None:
    table = two_arms(seed)
    found = wb.campaign.effect(table, metrics=["bought", "spend"]).to_polars()
    offer, control = (table[table["arm"] == name] for name in ("offer", "control"))
    welch = stats.ttest_ind(offer["spend"], control["spend"], equal_var=False)
    ends = welch.confidence_interval()
    row = found.filter(metric="spend").row(0, named=True)
    assert row["p_value"] == pytest.approx(welch.pvalue, rel=1e-9)
    assert row["difference_low"] == pytest.approx(ends.low, rel=1e-9)
    assert row["difference_high"] == pytest.approx(ends.high, rel=1e-9)
    (x1, n1), (x0, n0) = ((each["bought"].sum(), len(each)) for each in (offer, control))
    p = (x1 + x0) / (n1 + n0)
    z = (x1 / n1 - x0 / n0) / math.sqrt(p * (1 - p) * (1 / n1 + 1 / n0))
    row = found.filter(metric="bought").row(0, named=True)
    assert row["p_value"] == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-9)
    ratio = x1 / n1 / (x0 / n0)
    reach = stats.norm.ppf(0.975) * math.sqrt(1 / x1 - 1 / n1 + 1 / x0 - 1 / n0)
    assert row["relative_lift_low"] == pytest.approx(ratio * math.exp(-reach) - 1, rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_adjusted_effects_are_lins_with_hc2(seed: int) -> None:
    """One regression with an intercept, the arm, the centred covariate and their product."""
    table = two_arms(seed)
    found = wb.campaign.effect(table, metrics=["spend"], covariates=["before"])
    arm_of = (table["arm"] == "offer").to_numpy(dtype=float)
    x = (table["before"] - table["before"].mean()).to_numpy()
    design = np.column_stack([np.ones(len(x)), arm_of, x, arm_of * x])
    inverse = np.linalg.inv(design.T @ design)
    y = table["spend"].to_numpy()
    coefficients = inverse @ design.T @ y
    left = y - design @ coefficients
    leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
    middle = design.T @ (design * (left**2 / (1 - leverage))[:, None])
    variance = (inverse @ middle @ inverse)[1, 1]
    assert found["method"] == ["lin_hc2"]
    assert found["difference"][0] == pytest.approx(coefficients[1], rel=1e-9)
    assert found["standard_error"][0] == pytest.approx(math.sqrt(variance), rel=1e-9)
    assert found.tables["unadjusted"]["method"] == ["welch"]


def test_nothing_depends_on_the_order_of_rows_or_their_form(tmp_path: Path) -> None:
    table = two_arms(1)
    options: dict[str, Any] = {"metrics": ["bought", "spend"], "covariates": ["before"]}
    found = wb.campaign.effect(table, **options).to_dict()
    shuffled = table.sample(frac=1, random_state=3)
    shuffled.to_csv(tmp_path / "arms.csv", index=False)
    for again in (shuffled, pl.from_pandas(shuffled), tmp_path / "arms.csv"):
        assert wb.campaign.effect(again, **options).to_dict() == found


def test_a_campaign_from_plan_to_effect(tmp_path: Path) -> None:
    shop = wb.simulate(customers=3000, events=True)
    before = shop.event_log()
    start = "2024-10-01"
    customers = before.at(start).features(features=["purchase_count", "total_spend"])
    drawn = wb.campaign.assign(
        customers,
        before.at(start),
        control_share=0.5,
        rank_by=["total_spend"],
        window="30d",
        start=start,
        plan=tmp_path / "plan.json",
    )
    offered = drawn.to_polars().filter(arm="contact")["customer_id"].to_list()
    # One in four of them buys for 40 because of it.
    rows = {
        "customer_id": offered[::4],
        "time": ["2024-10-10T12:00:00"] * len(offered[::4]),
        "amount": [40.0] * len(offered[::4]),
    }
    orders = shop.transactions.to_polars()
    more = pl.DataFrame(rows).with_columns(pl.col("time").str.to_datetime("%Y-%m-%dT%H:%M:%S"))
    more = more.with_columns(pl.col("time").cast(orders["time"].dtype))
    bought = pl.concat([orders.select("customer_id", "time", "amount"), more])
    log = wb.EventLog(bought, observed_until="2025-01-01")
    asked: dict[str, Any] = {"plan": tmp_path / "plan.json", "margin": 0.5, "contact_cost": 1.0}
    found = wb.campaign.effect(drawn, log, covariates=["spend_before"], **asked)
    spend = found.to_polars().filter(metric="spend").row(0, named=True)
    assert spend["difference_low"] < 10 < spend["difference_high"]
    assert found["metric"][0] == "purchased" and found.figures["end"] == "2024-10-31"
    money = found.tables["money"].to_polars().row(0, named=True)
    assert money["profit_low"] < len(offered) * (10 * 0.5 - 1) < money["profit_high"]
    assert "would have bought anyway" in repr(found) and "saved" not in repr(found)
    # The same day of a log that goes on: what comes later is not seen.
    until = wb.EventLog(bought, observed_until="2024-10-12")
    interim = wb.campaign.effect(drawn, until, **asked)
    assert interim.figures["is_interim"] and len(interim.tables["money"]) == 0
    assert interim.notes[0].startswith("interim: outcomes are known up to 2024-10-12")
    with pytest.raises(ValueError, match="is not the list that the plan drew"):
        wb.campaign.effect(drawn.to_polars().head(500), log, **asked)


def test_a_model_of_the_time_before_is_a_covariate() -> None:
    log = wb.simulate(customers=1500).event_log()
    customers = log.at("2024-10-01").features(features=["purchase_count"])
    drawn = wb.campaign.assign(customers, control_share=0.5)
    model = wb.ChurnModel("logistic").fit(log, until="2024-10-01")
    options: dict[str, Any] = {"start": "2024-10-01", "window": "3mo", "metrics": ["purchased"]}
    plain = wb.campaign.effect(drawn, log, **options)
    found = wb.campaign.effect(
        drawn, log, model=model, covariates=["purchase_probability"], **options
    )
    assert found["standard_error"][0] < 0.98 * plain["standard_error"][0]
    late = wb.ChurnModel("logistic").fit(log, until="2024-12-01")
    with pytest.raises(ValueError, match="trained on what was known before the start"):
        wb.campaign.effect(drawn, log, model=late, covariates=["purchase_probability"], **options)


def test_sizes_agree_with_formulas_written_out() -> None:
    z = stats.norm.ppf(0.975) + stats.norm.ppf(0.8)
    for control_share in (0.5, 0.1):
        ratio = (1 - control_share) / control_share
        n0 = z**2 * (0.05 * 0.95 + 0.06 * 0.94 / ratio) / 0.01**2
        found = wb.campaign.plan(baseline=0.05, effect=0.01, control_share=control_share)
        assert found["needed"] == [math.ceil(n0), math.ceil(n0 * ratio)]
    mean = wb.campaign.plan(baseline=14.0, deviation=60.0, relative_lift=0.2)
    assert mean["needed"][0] == math.ceil(2 * z**2 * 60.0**2 / 2.8**2)
    assert (
        wb.campaign.plan(baseline=14.0, deviation=60.0, relative_lift=0.2).figures["formula"]
        == "normal"
    )


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: wb.campaign.plan(), ValueError, "baseline: expected the share"),
        (lambda: wb.campaign.plan(baseline=0.1, arms=3), TypeError, "arms: expected a dict"),  # type: ignore[arg-type]
        (
            lambda: wb.campaign.plan(baseline=0.1, effect=0.1, arms={"a": 0.2, "b": 0.2}),
            ValueError,
            "arms: expected two arms or more with shares that sum to 1",
        ),
        (lambda: wb.campaign.assign(listed(), arms={"a,b": 1}), ValueError, "without commas"),
        (
            lambda: wb.campaign.assign(pd.DataFrame({"id": [1]})),
            ValueError,
            "no column customer_id",
        ),
        (lambda: wb.campaign.assign(listed(), others=listed()), TypeError, "others: expected a li"),
        (lambda: wb.campaign.effect(two_arms(1)), ValueError, "metrics: expected"),
        (
            lambda: wb.campaign.effect(two_arms(1), metrics=["bought"], control="none"),
            ValueError,
            "a model of who responds",
        ),
        (
            lambda: wb.campaign.effect(two_arms(1), metrics=["bought"], contact_cost=-1),
            ValueError,
            "contact_cost: expected finite numbers of at least 0",
        ),
        (
            lambda: wb.campaign.effect(two_arms(1), metrics=["bought"], plan="none.json"),
            FileNotFoundError,
            "none.json",
        ),
        (
            lambda: wb.campaign.effect(two_arms(1), 3, metrics=["bought"]),  # type: ignore[arg-type]
            TypeError,
            "log: expected a winback.EventLog",
        ),
    ],
)
def test_wrong_arguments(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_responses_without_control_are_no_effect(read_data: Callable[[str], pl.DataFrame]) -> None:
    table = read_data("retail_2011_2015/campaign_response").rename({"response": "bought"})
    with pytest.raises(ValueError, match="What can be had is a model of who responds"):
        wb.campaign.effect(table.with_columns(arm=pl.lit("contact")), metrics=["bought"])


def test_results_do_not_share_a_file(program: Path, tmp_path: Path) -> None:
    listed().to_csv(tmp_path / "list.csv", index=False)
    command = [program, "campaign", "assign", "--customer-list", "list.csv", "-o", "x.csv"]
    done = subprocess.run(
        [*command, "--plan", "./x.csv"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode != 0 and "a file of its own for each result" in done.stderr
    assert not (tmp_path / "x.csv").exists()


def test_lists_whose_ids_do_not_meet_are_told() -> None:
    other = pd.DataFrame({"customer_id": ["id-1", "id-2"]})
    drawn = wb.campaign.assign(listed(), others=[other])
    assert any("One there is id-1, one here" in note for note in drawn.notes)
    drawn = wb.campaign.assign(listed(), others=[listed().head(3)])
    assert not any("are the ids those" in note for note in drawn.notes)


def test_departures_from_the_plan_are_told(tmp_path: Path) -> None:
    log = wb.simulate(customers=600).event_log()
    ids = log.at("2024-06-01").features().to_pandas()[["customer_id"]]
    plan = tmp_path / "plan.json"
    arms = wb.campaign.assign(ids, control_share=0.5, plan=plan, start="2024-06-01", window="60d")
    as_planned = wb.campaign.effect(arms, log, plan=plan)
    assert not any("is not the planned one" in note for note in as_planned.notes)
    found = wb.campaign.effect(arms, log, plan=plan, start="2024-07-01", window="30d")
    told = [note for note in found.notes if "is not the planned one" in note]
    assert len(told) == 2


def test_costs_that_are_missing_or_lead_nowhere_are_told() -> None:
    table = pl.DataFrame(
        {"arm": ["control", "a", "b"] * 200, "spend": [float(i % 7) for i in range(600)]}
    )

    def notes(**options: Any) -> str:
        shares = {"control": 1, "a": 1, "b": 1}
        found = wb.campaign.effect(table, metrics=["spend"], shares=shares, **options)
        return "\n".join(found.notes)

    assert "no contact_cost is given of b: it counts as 0" in notes(
        margin=0.4, contact_cost={"a": 1}
    )
    assert "costs are given, and no margin" in notes(contact_cost=1)
    assert "no incentive_cost is given of a: it counts as 0" in notes(incentive_cost={"b": 1})
    assert "no outcome is called income" in notes(contact_cost=1, revenue="income")
    plain = notes(margin=0.4, contact_cost={"a": 1, "b": 0}, incentive_cost=2)
    assert "cost" not in plain


@pytest.mark.parametrize("tau", [1e-300, 0.0, 1e300, float("inf")])
def test_a_tau_whose_square_is_nothing_is_refused(tau: float) -> None:
    table = pl.DataFrame({"arm": ["control", "a"] * 50, "spend": [float(i) for i in range(100)]})
    with pytest.raises(ValueError, match=r"tau: expected numbers from 1e-100 to 1e100"):
        wb.campaign.effect(table, metrics=["spend"], always_valid=True, tau=tau)
    found = wb.campaign.effect(table, metrics=["spend"], always_valid=True, tau=1e-100)
    assert found["difference_low"][0] < -1e50


def test_an_opt_out_that_the_log_cannot_read_is_refused() -> None:
    shop = wb.simulate(customers=100, seed=1)
    customers = shop.customers.to_pandas()
    customers["do_not_contact"] = pd.Timestamp("2024-01-01")
    log = wb.EventLog(shop.transactions, customers=customers, observed_until=shop.end)
    listed = pd.DataFrame({"customer_id": customers.customer_id})
    with pytest.raises(ValueError, match="do_not_contact"):
        wb.campaign.assign(listed, log.at(shop.end))


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("Do Not Contact", "yes", "customers.Do Not Contact: would not be read"),
        (
            "do-not-contact",
            pd.Timestamp("2024-01-01"),
            "customers.do-not-contact: would not be read",
        ),
        ("do_not_contact", 2, "customers.do_not_contact: expected yes or no"),
        ("do_not_contact", "maybe", "customers.do_not_contact: expected yes or no"),
    ],
)
def test_an_opt_out_of_the_log_is_read_or_refused(column: str, value: object, said: str) -> None:
    shop = wb.simulate(customers=50, seed=1)
    customers = shop.customers.to_pandas()
    customers[column] = value
    log = wb.EventLog(shop.transactions, customers=customers, observed_until=shop.end)
    listed = pd.DataFrame({"customer_id": customers.customer_id})
    with pytest.raises(ValueError, match=said):
        wb.campaign.assign(listed, log.at(shop.end))


def test_a_plan_that_contradicts_itself_is_refused() -> None:
    shop = wb.simulate(customers=100, seed=1)
    now = shop.event_log().at("2024-10-01")
    listed = pd.DataFrame({"customer_id": range(100), "x": np.nan, "y": [1.0, np.nan] * 50})
    with pytest.raises(ValueError, match="not both"):
        wb.campaign.assign(listed, arms={"control": 1, "a": 1}, control_share=0.1)
    with pytest.raises(ValueError, match="not both"):
        wb.campaign.plan(
            baseline=0.1, customers=200, arms={"control": 1, "a": 1}, control_share=0.5
        )
    with pytest.raises(ValueError, match="start: .*at or after the cutoff"):
        wb.campaign.assign(listed, now, start="2024-01-01")
    with pytest.raises(ValueError, match="customer_list.x: holds no number"):
        wb.campaign.assign(listed, rank_by=["x"])
    assert "rank last" in str(wb.campaign.assign(listed, rank_by=["y"]).notes)
    strata = listed.assign(kind=["-", None] * 50)
    drawn = wb.campaign.assign(strata, strata=["kind"])
    assert set(drawn["stratum"]) == {"-", "(missing)"}


def test_another_outcome_than_the_planned_one_is_told(tmp_path: Path) -> None:
    table = two_arms(1)
    ids = pd.DataFrame({"customer_id": range(len(table))})
    drawn = wb.campaign.assign(ids, control_share=0.5, metric="spend", plan=tmp_path / "plan.json")
    outcomes = drawn.to_pandas().assign(bought=[0.0, 1.0] * (len(table) // 2), spend=1.5)
    plan = tmp_path / "plan.json"
    found = wb.campaign.effect(outcomes, plan=plan, metrics=["bought"])
    assert any("the outcome, bought, is not the planned one, spend" in n for n in found.notes)
    found = wb.campaign.effect(outcomes, plan=plan, metrics=["bought", "spend"])
    assert not any("planned one" in note for note in found.notes)
    assert found["metric"] == ["spend", "bought"]


def test_segments_are_adjusted_together_and_missing_ones_are_told() -> None:
    draw = np.random.default_rng(3)
    n = 3_000
    table = pd.DataFrame(
        {
            "arm": draw.choice(["control", "a", "b"], n),
            "one": draw.gamma(1, 20, n),
            "two": draw.integers(0, 2, n).astype(float),
            "g": draw.choice(["x", "y", "z", None], n),
        }
    )
    found = wb.campaign.effect(table, metrics=["one", "two"], segments=["g"])
    rows = found.tables["segments"].to_polars()
    for _, own in rows.group_by("arm", "metric"):
        p = np.sort(own["p_value"].to_numpy())
        assert len(p) == 3
        expected = np.minimum.accumulate((p * 3 / np.arange(1, 4))[::-1])[::-1]
        assert np.sort(own["p_adjusted"].to_numpy()) == pytest.approx(np.minimum(expected, 1))
    missing = int(table.g.isna().sum())
    assert any(f"{missing} customers without g" in note for note in found.notes)


def test_money_is_judged_for_all_offers_together() -> None:
    draw = np.random.default_rng(2)
    arms = [f"o{i}" for i in range(8)]
    table = pd.DataFrame({"arm": np.repeat(["control", *arms], 300)})
    table["spend"] = draw.gamma(1, 20, len(table))
    found = wb.campaign.effect(table, metrics=["spend"], margin=1, contact_cost=0)
    money = found.tables["money"].to_polars()
    p = money["p_value"].to_numpy()
    order = np.argsort(p)
    holm = np.maximum.accumulate(np.minimum(1, p[order] * np.arange(8, 0, -1)))
    assert money["p_adjusted"].to_numpy()[order] == pytest.approx(holm)
    # Without costs and with the whole margin profit is the spend.
    assert p == pytest.approx(found["p_value"])
    with pytest.raises(ValueError, match="contact_cost"):
        wb.campaign.effect(table, metrics=["spend"], margin=1, contact_cost={"control": 1})
