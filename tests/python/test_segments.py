"""Segments, loyalty and concentration: against polars, pandas and SciPy, and bad input."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import stats
from sklearn.base import clone

import winback as wb

ReadData = Callable[[str], pl.DataFrame]
AT = "2024-10-01"


@pytest.fixture(scope="module")
def log() -> wb.EventLog:
    return wb.simulate(customers=800).event_log()


@pytest.fixture(scope="module")
def scores(log: wb.EventLog) -> wb.Answer:
    return wb.segments.rfm(log.at(AT))


def twin(orders: pl.DataFrame, cuts: dict[str, list[float]]) -> pl.DataFrame:
    """Scores by thresholds, found by polars: the number of thresholds below a value."""

    def below(column: str) -> pl.Expr:
        return pl.sum_horizontal(*[(pl.col(column) > cut).cast(pl.Int64) for cut in cuts[column]])

    return orders.with_columns(
        r_score=len(cuts["recency"]) + 1 - below("recency"),
        f_score=below("frequency") + 1,
        m_score=below("monetary") + 1,
    ).with_columns(rfm_score=pl.concat_str("r_score", "f_score", "m_score"))


def test_online_retail_agrees_with_polars(read_data: ReadData) -> None:
    rows = read_data("online_retail/year_2010_2011").select(
        "customer_id", "invoice", time="invoice_date", amount=pl.col("quantity") * pl.col("price")
    )
    log = wb.EventLog(
        rows,
        columns={"transactions": {"order_id": "invoice"}},
        missing_ids="drop",
        observed_until="2011-12-10",
    )
    at, later = pd.Timestamp("2011-06-01"), pd.Timestamp("2011-12-01")
    known = rows.drop_nulls("customer_id").filter(pl.col("amount") != 0)

    def figures(cutoff: pd.Timestamp) -> pl.DataFrame:
        before = known.filter(pl.col("time") < cutoff)
        start = pl.col("time").min().over("customer_id", "invoice")
        orders = before.filter(pl.col("time") == start).group_by("customer_id", "invoice")
        orders = orders.agg(time=pl.col("time").min(), check=pl.col("amount").sum())
        orders = orders.filter(pl.col("check") > 1e-9).group_by("customer_id")
        orders = orders.agg(last=pl.col("time").max(), frequency=pl.len().cast(pl.Int64))
        spend = before.group_by("customer_id").agg(monetary=pl.col("amount").sum())
        days = (pl.lit(cutoff) - pl.col("last")).dt.total_microseconds() / 86_400e6
        return orders.join(spend, on="customer_id").with_columns(recency=days).sort("customer_id")

    then = figures(at)
    segments = wb.segments.RfmSegments().fit(log.at(at))
    for name, cuts in segments.cuts_.items():
        expected = np.quantile(then[name].to_numpy(), [0.2, 0.4, 0.6, 0.8])
        assert cuts == pytest.approx(expected.tolist(), rel=1e-12), name
    # Scored at both cutoffs by the thresholds of the first.
    for cutoff, least in [(at, 2500), (later, 4000)]:
        ours = segments.score(log.at(cutoff)).to_polars()
        expected_scores = twin(figures(cutoff), segments.cuts_)
        assert ours.height == expected_scores.height > least
        assert ours["customer_id"].to_list() == expected_scores["customer_id"].to_list()
        recency = expected_scores["recency"].to_list()
        assert ours["recency"].to_list() == pytest.approx(recency, rel=1e-14)
        assert ours["frequency"].to_list() == expected_scores["frequency"].to_list()
        difference = (ours["monetary"] - expected_scores["monetary"]).abs()
        assert difference.max() < 1e-6  # type: ignore[operator]
        # Sums in another order differ in the last digits, at a threshold by one score.
        assert (ours["rfm_score"] != expected_scores["rfm_score"]).sum() <= 2
        assert ours["segment"].n_unique() >= 10


def test_scores_are_those_of_pandas_qcut(scores: wb.Answer) -> None:
    frame = scores.to_pandas()
    for figure, score in [("recency", "r_score"), ("monetary", "m_score")]:
        interval = pd.qcut(frame[figure], 5, labels=False) + 1
        expected = 6 - interval if figure == "recency" else interval
        assert frame[score].tolist() == expected.tolist()
    summary = scores.tables["segments"].to_polars()
    assert summary["customers"].sum() == len(frame)
    assert summary["share"].sum() == pytest.approx(1)
    counts = frame["segment"].value_counts()
    for row in summary.iter_rows(named=True):
        assert row["customers"] == counts.get(row["segment"], 0)
        if row["customers"]:
            own = frame[frame["segment"] == row["segment"]]
            assert row["mean_monetary"] == pytest.approx(own["monetary"].mean())
            assert row["revenue"] == pytest.approx(own["monetary"].sum())
    assert "champions" in repr(scores) and "<table>" in scores._repr_html_()


def test_what_is_fitted_is_kept(log: wb.EventLog, scores: wb.Answer, tmp_path: Path) -> None:
    segments = wb.segments.RfmSegments().fit(log.at(AT))
    path = tmp_path / "rfm.winback"
    segments.save(path)
    for again in [wb.segments.RfmSegments.load(path), pickle.loads(pickle.dumps(segments))]:
        assert again.score(log.at(AT)).to_polars().equals(scores.to_polars())
        assert again.cuts_ == segments.cuts_ and again.fitted_at_ == segments.fitted_at_
        assert again.get_params() == segments.get_params() and repr(again) == repr(segments)
    copy = clone(segments)
    assert copy.get_params() == segments.get_params()
    with pytest.raises(wb.NotFittedError):
        copy.score(log.at(AT))
    own = wb.segments.RfmSegments(
        [{"name": "best", "r": [4, 5]}], other="rest", recency_cuts=[9, 30, 90, 200]
    )
    own.fit(log.at(AT)).save(path)
    loaded = wb.segments.RfmSegments.load(path)
    assert loaded.other == "rest" and loaded.recency_cuts == [9, 30, 90, 200]
    assert loaded.fit(log.at(AT)).cuts_ == own.cuts_
    assert set(loaded.score(log.at(AT))["segment"]) == {"best", "rest"}
    assert own.set_params(quantiles=4).quantiles == 4
    with pytest.raises(ValueError, match="no parameter of RfmSegments"):
        own.set_params(luck=3)


def test_segments_by_scores_as_pymc_marketing_has_them(log: wb.EventLog) -> None:
    config = {"best": ["444", "443"], "gone": ["111"]}
    found = wb.segments.rfm(log.at(AT), config, quantiles=4, other="Other")
    frame = found.to_polars()
    named = {score: name for name, scores in config.items() for score in scores}
    expected = [named.get(score, "Other") for score in frame["rfm_score"]]
    assert frame["segment"].to_list() == expected and len(set(expected)) == 3
    preset = wb.segments.rfm(log.at(AT), "pymc-marketing", monetary="average_check")
    assert set(preset["segment"]) >= {"Premium Customer", "Inactive Customer", "Other"}


def test_profiles_agree_with_hedges_and_olkin(log: wb.EventLog, scores: wb.Answer) -> None:
    now = log.at(AT)
    profile = wb.segments.profile(now, scores, "champions", attributes=["segment"])
    inside = np.array(scores["segment"]) == "champions"
    features = log.at(AT).features(attributes=["segment"]).to_polars()
    compared = 0
    for row in profile.to_polars().iter_rows(named=True):
        if row["level"] is None:
            values = features[row["column"]].to_numpy()
        else:
            values = (features[row["column"]].cast(pl.String) == row["level"]).to_numpy()
        values = values.astype(float)
        own, rest = (values[side & ~np.isnan(values)] for side in (inside, ~inside))
        a, b = len(own), len(rest)
        assert (row["group_customers"], row["rest_customers"]) == (a, b)
        if row["standardised_difference"] is None:
            continue
        pooled = ((a - 1) * own.var(ddof=1) + (b - 1) * rest.var(ddof=1)) / (a + b - 2)
        value = (own.mean() - rest.mean()) / np.sqrt(pooled) * (1 - 3 / (4 * (a + b) - 9))
        error = np.sqrt((a + b) / (a * b) + value**2 / (2 * (a + b)))
        assert row["difference"] == pytest.approx(own.mean() - rest.mean(), abs=1e-9)
        assert row["standardised_difference"] == pytest.approx(value, rel=1e-9, abs=1e-12)
        assert row["low"] == pytest.approx(value - stats.norm.ppf(0.975) * error, abs=1e-9)
        assert row["high"] == pytest.approx(value + stats.norm.ppf(0.975) * error, abs=1e-9)
        compared += 1
    assert compared > 20 and profile.figures["words"]
    assert repr(profile).startswith('"champions" at 2024-10-01: ')
    assert profile._repr_html_().startswith("<pre ")


def test_loyalty_groups(log: wb.EventLog) -> None:
    model = wb.ChurnModel().fit(log, until=AT)
    groups = wb.segments.loyalty(log.at(AT), model=model)
    frame = groups.to_polars()
    assert frame["customer_id"].to_list() == log.at(AT).features()["customer_id"]
    assert frame.columns[:4] == ["customer_id", "group", "rule", "conditions"]
    scored = model.score(log.at(AT))["churn_probability"]
    assert frame["churn_probability"].to_list() == scored
    # Each rule decides only where it holds, and none before it does.
    undecided = pl.lit(True)
    for rule in wb.segments.LoyaltyRules().rules:
        holds = pl.all_horizontal(*[condition(text) for text in rule["when"]])
        own = frame["rule"] == rule["name"]
        assert (own == frame.select(undecided & holds).to_series()).all(), rule
        assert set(frame.filter(own)["group"]) <= {rule["group"]}
        undecided = undecided & ~holds
    assert set(groups.tables["groups"]["group"]) == {"loyal", "neutral", "vulnerable"}
    assert sum(groups.tables["groups"]["customers"]) == len(groups)
    assert groups.tables["rules"]["rule"][-1] == "otherwise" and groups.notes == []
    assert "long overdue" in repr(groups) and "<pre " in groups._repr_html_()
    late = [{"name": "late", "group": "vulnerable", "when": ["overdue_ratio >= 2"]}]
    own_rules = wb.segments.loyalty(log.at(AT), rules=late, model=model)
    assert own_rules.notes == ["no rule reads the model's churn_probability"]
    assert set(own_rules["group"]) == {"vulnerable", "neutral"}
    strict = wb.segments.loyalty(
        log.at(AT), rules=wb.segments.LoyaltyRules(late, otherwise="loyal")
    )
    assert set(strict["group"]) == {"vulnerable", "loyal"}
    without = (
        wb.segments.loyalty(log.at(AT))
        .tables["rules"]
        .to_polars()
        .filter(pl.col("lacks") == "a model")
    )
    assert without["customers"].to_list() == [None, None]
    assert repr(wb.segments.LoyaltyRules()).count("\n") == 12


def condition(text: str) -> pl.Expr:
    """A condition of a rule in polars, for which NaN is more than any number."""
    name, sign, value = text.split()
    compare = {">=": pl.Expr.ge, "<=": pl.Expr.le, ">": pl.Expr.gt, "<": pl.Expr.lt}[sign]
    return compare(pl.col(name), float(value)) & pl.col(name).is_not_nan()


def test_concentration(log: wb.EventLog) -> None:
    shares = wb.segments.concentration(log.at(AT), top_shares=[0.05, 0.5])
    spend = np.array(log.at(AT).features(features=["total_spend"])["total_spend"])
    spend = np.sort(np.maximum(spend, 0))
    n = len(spend)
    assert shares.figures["customers"] == n
    assert shares.figures["revenue"] == pytest.approx(spend.sum())
    gini = 2 * (np.arange(1, n + 1) * spend).sum() / (n * spend.sum()) - (n + 1) / n
    assert shares.figures["gini"] == pytest.approx(gini, rel=1e-9)
    for row in shares.tables["top"].to_polars().iter_rows(named=True):
        top = spend[-int(np.ceil(row["top_share"] * n)) :]
        assert row["customers"] == len(top) and row["threshold"] == top[0]
        assert row["revenue_share"] == pytest.approx(top.sum() / spend.sum())
        assert row["customers_at_threshold"] == (spend >= top[0]).sum()
    curve = np.interp(np.linspace(0, 1, 101), np.arange(n + 1) / n, np.append(0, spend.cumsum()))
    assert shares.tables["lorenz"]["revenue_share"] == pytest.approx((curve / spend.sum()).tolist())
    assert shares["rank"][0] == 1
    assert len(shares) == shares.tables["top"]["customers_at_threshold"][0]
    assert "\nRevenue (total_spend) of " in repr(shares)
    assert "<table>" in shares._repr_html_() and "<pre " in shares._repr_html_()
    recent = wb.segments.concentration(log.at(AT), revenue="total_spend_90d")
    assert recent.figures["revenue"] < shares.figures["revenue"]


def test_profiles_are_of_any_groups(log: wb.EventLog, scores: wb.Answer) -> None:
    now = log.at(AT)
    loyal = wb.segments.profile(now, wb.segments.loyalty(now), "loyal")
    assert loyal.figures["customers"] + loyal.figures["rest"] == len(scores)
    assert repr(loyal).startswith('"loyal" at 2024-10-01: ')
    # A table of the same customers in the same order will do, another one not.
    model = wb.ChurnModel().fit(log, until=AT)
    assert len(wb.segments.profile(now, model.score(log.at(AT)), "lost")) > 20
    with pytest.raises(ValueError, match="groups: expected the groups of all customers of this"):
        wb.segments.profile(log.at("2024-07-01"), scores, "lost")
    with pytest.raises(TypeError, match="groups: expected a table of customers with the column"):
        wb.segments.profile(now, scores.tables["segments"].to_polars(), "lost")  # type: ignore[arg-type]


def test_wrong_arguments_are_refused(log: wb.EventLog, scores: wb.Answer, tmp_path: Path) -> None:
    now = log.at(AT)
    for arguments, error, message in [
        ({"segments": "kings"}, ValueError, 'segments: expected .*, got "kings"'),
        ({"segments": "[]"}, ValueError, "segments: expected a preset, a list or a dict"),
        ({"segments": 5}, TypeError, "segments: expected a str"),
        ({"segments": []}, ValueError, "segments: expected .*, got 0 rules"),
        ({"segments": [{"name": "a", "R": [1, 2]}]}, ValueError, "segments: "),
        ({"segments": {"a": ["999"]}}, ValueError, '"a" with "999"'),
        ({"other": 3}, TypeError, "other: expected a str"),
        ({"other": "lost"}, ValueError, 'segments: expected .*, got "lost"'),
        ({"quantiles": 1}, ValueError, "quantiles: expected 2 to 9, got 1"),
        ({"quantiles": 2.5}, TypeError, "quantiles: expected an int.*, got float"),
        ({"recency_cuts": [3, 1]}, ValueError, "recency_cuts: expected"),
        ({"frequency_cuts": "1"}, TypeError, "frequency_cuts: expected a sequence"),
        ({"monetary_cuts": ["x"]}, TypeError, "monetary_cuts"),
        ({"monetary": "luck"}, ValueError, 'monetary: expected .*, got "luck"'),
    ]:
        with pytest.raises(error, match=message):
            wb.segments.rfm(now, **arguments)  # type: ignore[arg-type]
    segments = wb.segments.RfmSegments().fit(now)
    profile, loyalty = wb.segments.profile, wb.segments.loyalty
    concentration = wb.segments.concentration
    for function, given, options, error, message in [
        (segments.score, [log], {}, TypeError, "now: expected a winback.Snapshot.*, got EventLog"),
        (wb.segments.RfmSegments().save, [tmp_path / "x"], {}, wb.NotFittedError, "not fitted"),
        (segments.load, [tmp_path / "none"], {}, FileNotFoundError, "none"),
        (profile, [now, scores, "kings"], {}, ValueError, 'group: expected .*, got "kings"'),
        (profile, [now, scores, "lost"], {"attributes": ["shoe"]}, ValueError, "shoe"),
        (profile, [now, scores, "lost"], {"attributes": "shoe"}, TypeError, "attributes: expected"),
        (loyalty, [now], {"rules": "late"}, TypeError, "rules: expected a list of dicts, got str"),
        (loyalty, [now], {"rules": 5}, TypeError, "rules: expected a list of dicts, got int"),
        (loyalty, [now], {"rules": [5]}, TypeError, r"rules\[0\]: expected a dict, got int"),
        (loyalty, [now], {"rules": []}, ValueError, "rules: expected .*, got 0 rules"),
        (loyalty, [now], {"model": "x"}, TypeError, "model: expected a winback.ChurnModel"),
        (concentration, [now], {"top_shares": []}, ValueError, "top_shares: expected .*, got none"),
        (concentration, [now], {"top_shares": [0]}, ValueError, "top_shares: expected .*, got 0"),
        (concentration, [now], {"top_shares": 0.1}, TypeError, "top_shares: .* a list, got float"),
        (concentration, [now], {"revenue": "luck"}, ValueError, 'revenue: .*, got "luck"'),
    ]:
        with pytest.raises(error, match=message):
            function(*given, **options)  # type: ignore[operator]
    path = tmp_path / "other.winback"
    path.write_bytes(b"{}\n")
    with pytest.raises(ValueError, match="not a winback RFM file"):
        wb.segments.RfmSegments.load(path)


def test_clusters_of_cdnow_are_those_of_scikit_learn(read_data: ReadData) -> None:
    rows = read_data("cdnow/cdnow_master")
    log = wb.EventLog(
        rows,
        columns={"transactions": {"time": "date", "amount": "dollar_value"}},
        purchase_by="day",
        observed_until="1998-07-01",
    )
    names = ["days_since_last_purchase", "purchase_count", "average_check"]
    # Inertia of scikit-learn 1.9.1, KMeans, best of 12 starts: there may be a better one.
    for k, inertia, sizes in [
        (2, 38657.97097810, [6033, 17469]),
        (3, 26175.46549994, None),
        (4, 20738.82390842, [3199, 5159, 5883, 9261]),
        (5, 17712.16053318, None),
        (6, 15246.64841268, None),
        (7, 13434.92776991, None),
    ]:
        found = wb.segments.clusters(log.at("1998-01-01"), k=k, features=names)
        assert found.figures["customers"] == 23502
        own = found.tables["trials"]["inertia"][0]
        assert inertia * (1 - 1e-3) < own <= inertia * (1 + (1e-6 if k < 5 else 1e-3))
        if sizes:
            assert sorted(found.tables["clusters"]["customers"]) == sizes


def test_clusters_have_names_and_last(log: wb.EventLog) -> None:
    now = log.at("2025-01-01")
    found = wb.segments.clusters(now)
    clusters, trials = found.tables["clusters"].to_polars(), found.tables["trials"].to_polars()
    assert trials["k"].to_list() == list(range(2, 8)) and trials["chosen"].sum() == 1
    k = trials.filter(pl.col("chosen"))["k"][0]
    assert found.figures["k"] == len(clusters) == k
    assert clusters["group"].n_unique() == len(clusters)
    assert clusters["revenue_share"].sum() == pytest.approx(1)
    assert clusters["revenue_share"].is_sorted(descending=True)
    counted = found.to_polars()["cluster"].value_counts().sort("cluster")
    assert counted["count"].to_list() == clusters["customers"].to_list()
    large = trials.filter(pl.col("smallest_share") >= 0.02)
    best = large["stability"].max()
    assert k == large.filter(pl.col("stability") >= best - 0.03)["k"].max()
    told = any("do not build on who is in which" in note for note in found.notes)
    assert told == (trials.filter(pl.col("chosen"))["stability"][0] < 0.9)
    assert found.to_polars().equals(wb.segments.clusters(now).to_polars())
    profile = wb.segments.profile(now, found, clusters["group"][0])
    assert profile.figures["customers"] == clusters["customers"][0]


def test_clusters_need_customers_and_features() -> None:
    few = wb.simulate(customers=15).event_log().at("2025-01-01")
    with pytest.raises(ValueError, match="20 needed"):
        wb.segments.clusters(few)
    now = wb.simulate(customers=300).event_log().at("2025-01-01")
    for arguments, message in [
        ({"k": 21}, "k: expected 2 to 20, got 21"),
        ({"features": ["purchase_count", "purchase_count"]}, "each once"),
        ({"features": ["revenue"]}, "features of the catalogue"),
        ({"features": ["event_count_30d"]}, "event_count_30d"),
        ({"earlier": "soon"}, "earlier"),
        ({"seed": -1}, "seed"),
    ]:
        with pytest.raises(ValueError, match=message):
            wb.segments.clusters(now, **arguments)
    first = wb.segments.clusters(wb.simulate(customers=300).event_log().at("2022-03-01"), k=2)
    assert any("whether groups last is not known" in note for note in first.notes)
