"""Contracts: until when what was bought is valid, on every way in, against polars."""

from __future__ import annotations

import math
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
    for long_ago in (pl.lit("0001-01-01"), pl.date(1, 1, 1)):
        with pytest.raises(ValueError, match="the cell of a contract without an end is empty"):
            log_of(TABLE.with_columns(valid_until=long_ago))
    # Some rows may have none.
    some = TABLE.with_columns(
        valid_until=pl.when(pl.col("customer_id") % 2 == 0).then(pl.col("valid_until"))
    )
    found = log_of(some).at("2023-06-01").features().to_polars()
    # A contract without an end may go on.
    ends = found.filter(pl.col("customer_id") % 2 == 1)["days_to_renewal"]
    assert (ends.is_null() | ends.is_nan()).all()


def test_a_day_after_all_times_means_no_end(tmp_path: Path) -> None:
    at = "2023-06-01"
    is_open = pl.col("customer_id") % 5 == 0

    def with_ends(never: pl.Expr | None, ends: pl.Expr) -> pl.DataFrame:
        return TABLE.with_columns(valid_until=pl.when(is_open).then(never).otherwise(ends))

    days = pl.col("valid_until").dt.date()
    expected = log_of(with_ends(None, days)).at(at).features().to_polars()
    texts = days.dt.strftime("%Y-%m-%d")
    dotted = days.dt.strftime("%d.%m.%Y")
    ways = [
        with_ends(pl.date(9999, 12, 31), days),
        with_ends(pl.lit("9999-12-31"), texts),
        with_ends(pl.lit("2999-12-31T23:59:59"), texts),
        with_ends(pl.lit("31.12.9999"), dotted),
    ]
    for table in ways:
        assert log_of(table).at(at).features().to_polars().equals(expected)
    path = tmp_path / "contracts.csv"
    ways[1].write_csv(path)
    assert wb.EventLog(path, observed_until=UNTIL).at(at).features().to_polars().equals(expected)
    found = wb.check(path)
    told = dict(zip(found["column"], found["seems_to_be"], strict=True))
    assert told["valid_until"] == "valid_until"
    assert any('"9999-12-31" means that a contract has no end' in note for note in found.notes)
    assert not any("bad_rows" in note for note in found.notes)
    # One customer in a service.
    model = wb.ChurnModel("logistic", lapsed_after="1mo", lost_after="14mo")
    model.fit(log_of(ways[1]), until=datetime(2023, 10, 1))
    customer = model.customer_history()
    customer.push_transaction("2023-05-01", amount=10.0, valid_until="9999-12-31")
    assert math.isnan(customer.features(at=at)["days_to_renewal"])
    customer.push_transaction("2023-05-02", amount=10.0, valid_until="2023-06-11")
    assert customer.features(at=at)["days_to_renewal"] == 10.0


def yearly(renews: float = 0.8, comes_back: float = 0.0, seed: int = 3) -> pl.DataFrame:
    """Yearly contracts that most renew shortly before they end."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(1500):
        time = datetime(2018, 1, 1) + timedelta(days=float(random.uniform(0, 1800)))
        while time < UNTIL:
            until = time + timedelta(days=365)
            rows.append((number, time, 100.0, until))
            if random.random() < renews:
                time = until - timedelta(days=float(random.uniform(0, 20)))
            elif random.random() < comes_back:
                time = until + timedelta(days=float(random.uniform(60, 400)))
            else:
                break
    return pl.DataFrame(
        rows,
        schema=["customer_id", "time", "amount", "valid_until"],
        orient="row",
        schema_overrides={name: pl.Datetime("us") for name in ("time", "valid_until")},
    )


def test_renewals_are_those_of_polars() -> None:
    table = yearly()
    found = wb.timing.renewals(log_of(table), grace="30d")
    # One contract a customer, whose periods follow each other.
    own = table.with_columns(
        age=pl.col("time").rank("ordinal").over("customer_id").cast(int),
        renewed=pl.col("time").shift(-1).over("customer_id", order_by="time").is_not_null(),
        over=pl.col("valid_until") + timedelta(days=30) < UNTIL,
    )
    expected = (
        own.filter("over")
        .group_by("age")
        .agg(due=pl.len(), renewed=pl.col("renewed").sum())
        .sort("age")
    )
    got = found.to_polars().filter(pl.col("due") > 0)
    assert got["age"].to_list() == expected["age"].to_list()
    assert got["due"].to_list() == expected["due"].to_list()
    assert got["renewed"].to_list() == expected["renewed"].to_list()
    assert got["renewal_rate"].to_list() == (got["renewed"] / got["due"]).to_list()
    product = got["renewal_rate"].cum_prod().to_list()
    assert got["survival"].to_list() == pytest.approx(product, rel=1e-12)
    # All customers renew alike, so that there is hardly a model; a mixture has one.
    mixed = pl.concat([yearly(0.9), yearly(0.4, seed=4).with_columns(pl.col("customer_id") + 9999)])
    found = wb.timing.renewals(log_of(mixed), grace="30d")
    (model,) = found.tables["models"].to_polars().iter_rows(named=True)
    again = wb.timing.ShiftedBetaGeometric().fit_renewals(found["due"], found["renewed"])
    assert (model["alpha"], model["beta"]) == (again.alpha_, again.beta_)
    assert again.standard_errors_["alpha"] == model["alpha_standard_error"] > 0
    rates = again.retention_rates(len(found))
    assert found["model_rate"] == rates and rates == sorted(rates)


def test_a_log_without_ends_has_no_renewals() -> None:
    with pytest.raises(ValueError, match="transactions.valid_until: is needed for renewals"):
        wb.timing.renewals(log_of(TABLE.drop("valid_until")))


def test_where_nobody_comes_back_the_error_says_what_is_known() -> None:
    log = log_of(yearly())
    with pytest.raises(ValueError, match=r"too little data.*of [\d,]+ contract periods.*renewed"):
        wb.ChurnModel(lapsed_after="13mo", lost_after="2y").fit(log, until="2023-07-01")


def test_limits_beyond_the_contracts_are_not_wrong() -> None:
    now = log_of(yearly(comes_back=0.3)).at("2023-10-01")
    wrong = {
        limits: any("wrong limit" in note for note in found.notes)
        for limits in [("3mo", "6mo"), ("10mo", "13mo"), ("11mo", "13mo"), ("13mo", "2y")]
        for found in [wb.inactivity(now, lapsed_after=limits[0], lost_after=limits[1])]
    }
    assert wrong == {
        ("3mo", "6mo"): True,
        ("10mo", "13mo"): True,
        ("11mo", "13mo"): False,
        ("13mo", "2y"): False,
    }


def test_an_end_that_is_written_afterwards_is_told() -> None:
    random = np.random.default_rng(1)
    rows = []
    for number in range(1500):
        times = [datetime(2021, 1, 1) + timedelta(days=float(random.uniform(0, 700)))]
        left = False
        while times[-1] < UNTIL and not left:
            draw = random.random()
            left = draw < 0.06
            if not left:
                # Few pause, and come back.
                gap = random.uniform(95, 250) if draw < 0.065 else random.uniform(5, 45)
                times.append(times[-1] + timedelta(days=float(gap)))
        times = [time for time in times if time < UNTIL]
        # Who leaves gets an end; the others have one far away.
        end = times[-1] + timedelta(days=1) if left else UNTIL + timedelta(days=365)
        rows += [(number, time, 10.0, end) for time in times]
    table = pl.DataFrame(
        rows,
        schema=["customer_id", "time", "amount", "valid_until"],
        orient="row",
        schema_overrides={name: pl.Datetime("us") for name in ("time", "valid_until")},
    )
    log = log_of(table)
    model = wb.ChurnModel("logistic").fit(log, until="2023-09-01")
    notes = " ".join(model.evaluate(log.at("2023-09-15")).notes)
    assert "`days_to_renewal` alone tells who churned too well to be true" in notes
    assert "agreed on at the purchase" in notes


def test_ends_that_were_agreed_on_are_not_accused() -> None:
    for table in (yearly(comes_back=0.3), yearly(comes_back=0.0), TABLE):
        log = log_of(table)
        model = wb.ChurnModel("logistic", lapsed_after="11mo", lost_after="13mo")
        notes = model.fit(log, until="2023-07-01").evaluate(log.at("2023-09-01")).notes
        assert not any("too well to be true" in note for note in notes), notes


def test_an_end_that_only_those_have_who_stay_is_told() -> None:
    random = np.random.default_rng(2)
    rows = []
    for number in range(1500):
        time = datetime(2021, 1, 1) + timedelta(days=float(random.uniform(0, 700)))
        times = [time]
        while time < UNTIL and random.random() > 0.06:
            # Few pause, and come back.
            gap = random.uniform(95, 250) if random.random() < 0.01 else random.uniform(5, 45)
            time += timedelta(days=float(gap))
            times.append(time)
        # Extended whenever something is bought; of who has left, the column is emptied.
        end = None if time < UNTIL else UNTIL + timedelta(days=float(random.uniform(1, 300)))
        rows += [(number, time, 10.0, end) for time in times if time < UNTIL]
    table = pl.DataFrame(
        rows,
        schema=["customer_id", "time", "amount", "valid_until"],
        orient="row",
        schema_overrides={name: pl.Datetime("us") for name in ("time", "valid_until")},
    )
    log = log_of(table)
    model = wb.ChurnModel("logistic").fit(log, until="2023-09-01")
    notes = " ".join(model.evaluate(log.at("2023-09-15")).notes)
    assert "`days_to_renewal` alone tells who returned too well to be true" in notes


def test_the_report_names_nobody_within_a_contract(tmp_path: Path) -> None:
    log = log_of(yearly(comes_back=0.3))
    model = wb.ChurnModel("logistic", lapsed_after="11mo", lost_after="13mo")
    model.fit(log, until="2023-07-01")
    now = log.at("2023-07-01")
    path = tmp_path / "report.html"
    model.report(now, path, tests=0)
    page = path.read_text(encoding="utf-8")
    ends = now.features(features=["days_to_renewal"]).to_polars()
    states = model.score(now).to_polars().select("customer_id", "state", "churn_probability")
    active = ends.join(states, on="customer_id").filter(pl.col("state") == "active")
    outlasts = active["days_to_renewal"] >= 92.0  # three months from the first of July
    within = f"{outlasts.sum():,}"
    assert f"Active customers within a contract that outlasts this time: {within}." in page
    renewed = wb.timing.renewals(log, until="2023-07-01")
    due, again = sum(renewed["due"]), sum(renewed["renewed"])
    assert f"Contract periods that are over: {due:,}. Renewed: {again:,}" in page
    likely = active.filter(~outlasts & (pl.col("churn_probability") >= 0.5)).height
    assert likely < active.filter(pl.col("churn_probability") >= 0.5).height / 2
    assert f"Likelier to leave than to stay: {likely:,} " in page or likely == 0
    # With limits that contracts do not cross, those who are silent within one are told.
    times = wb.timing.TimeToPurchase("logistic").fit(log, until="2023-07-01").score(now)
    assert any("within a contract that is running" in note for note in times.notes)


def test_groups_of_contracts_may_be_columns_of_the_log() -> None:
    log = log_of(TABLE.with_columns(category=pl.lit("basic")))
    expected = 'group_by: expected category, for the log has no customer attributes, got "plan"'
    with pytest.raises(ValueError, match=expected):
        wb.timing.renewals(log, group_by="plan")


def test_a_log_without_amounts_has_no_checks() -> None:
    now = log_of(TABLE.drop("amount")).at("2023-06-01")
    with pytest.raises(ValueError, match="transactions.amount: is needed for the checks"):
        wb.timing.GammaGamma().fit(now)


def test_ends_are_told_as_moments() -> None:
    table = yearly(comes_back=0.3)
    log = log_of(table)
    model = wb.ChurnModel("boosting", lapsed_after="11mo", lost_after="13mo").fit(
        log, until="2023-07-01"
    )
    found = model.explain(log.at("2023-07-01")).tables["reasons"].to_polars()
    texts = found.filter(pl.col("feature") == "days_to_renewal")["reason"]
    assert texts.str.contains("end of the contract: in ").any()
    assert not texts.str.contains("−|-").any()


def test_check_proposes_the_end_of_contracts(tmp_path: Path) -> None:
    names = {"valid_until": "contract_end", "time": "start", "amount": "price"}
    yearly().rename(names).write_csv(tmp_path / "contracts.csv")
    found = wb.check(tmp_path / "contracts.csv")
    told = dict(zip(found["column"], found["seems_to_be"], strict=True))
    assert told["contract_end"] == "valid_until" and told["start"] == "time"
    assert any("the end that was agreed on" in note for note in found.notes)
    # An end that only those have who left is written when they leave.
    left = yearly().with_columns(
        valid_until=pl.when(pl.col("customer_id") % 2 == 0).then(pl.col("valid_until"))
    )
    left.rename(names).write_csv(tmp_path / "left.csv")
    found = wb.check(tmp_path / "left.csv")
    told = dict(zip(found["column"], found["seems_to_be"], strict=True))
    assert told["contract_end"] is None
