"""Backtests: figures agree with scikit-learn and statsmodels, arguments are checked."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl
import pytest
from sklearn import metrics

import winback as wb


@pytest.fixture(scope="module")
def log() -> wb.EventLog:
    return wb.simulate(customers=1200).event_log()


@pytest.fixture(scope="module")
def backtest(log: wb.EventLog) -> wb.Answer:
    return wb.ChurnModel().backtest(log, tests=2, test_stride="30d", draws=150, cutoffs=3)


def test_a_backtest_agrees_with_scikit_learn(log: wb.EventLog, backtest: wb.Answer) -> None:
    at = "2024-10-01"
    model = wb.ChurnModel().fit(log, until=at, cutoffs=3)
    scores = model.score(log.at(at)).to_polars()
    outcomes = log.panel(at=[at]).to_polars().select("customer_id", "purchased")
    rows = scores.join(outcomes, on="customer_id")
    frame = backtest.to_polars()
    for state in ("active", "lapsed", "lost"):
        group = rows.filter(pl.col("state") == state)
        churn = state == "active"
        y = (group["purchased"] != churn).to_numpy()
        p = group["churn_probability" if churn else "purchase_probability"].to_numpy()
        row = frame.filter(
            (pl.col("cutoff") == datetime(2024, 10, 1))
            & (pl.col("state") == state)
            & (pl.col("score") == "model")
        ).row(0, named=True)
        for name, value in {
            "customers": len(y),
            "base_rate": y.mean(),
            "mean_probability": p.mean(),
            "roc_auc": metrics.roc_auc_score(y, p),
            "average_precision": metrics.average_precision_score(y, p),
            "log_loss": metrics.log_loss(y, p),
            "brier_score": metrics.brier_score_loss(y, p),
        }.items():
            assert row[name] == pytest.approx(value, rel=1e-9), (state, name)
        slope, intercept = recalibration(y, p)
        assert row["calibration_slope"] == pytest.approx(slope, rel=1e-6)
        assert row["calibration_intercept"] == pytest.approx(intercept, rel=1e-6, abs=1e-9)


def recalibration(y: np.ndarray, p: np.ndarray) -> tuple[float, float]:
    """Slope and intercept by plain Newton steps."""
    x = np.log(p / (1 - p))

    def fit(columns: np.ndarray, offset: np.ndarray) -> np.ndarray:
        beta = np.zeros(columns.shape[1])
        for _ in range(50):
            fitted = 1 / (1 + np.exp(-(columns @ beta + offset)))
            curvature = columns.T @ (columns * (fitted * (1 - fitted))[:, None])
            beta = beta + np.linalg.solve(curvature, columns.T @ (y - fitted))
        return beta

    ones = np.ones(len(y))
    sloped = fit(np.column_stack([ones, x]), np.zeros(len(y)))
    return float(sloped[1]), float(fit(ones[:, None], x)[0])


def test_the_table_holds_cutoffs_mean_and_worst(backtest: wb.Answer) -> None:
    frame = backtest.to_polars()
    assert backtest.figures["cutoffs"] == ["2024-09-01", "2024-10-01"]
    parts = frame.group_by("state", "score").agg(pl.col("part").sort())["part"].to_list()
    assert parts == [["cutoff", "cutoff", "mean", "worst"]] * 9
    model = frame.filter((pl.col("score") == "model") & (pl.col("state") == "active"))
    aucs = model.filter(pl.col("part") == "cutoff")["roc_auc"]
    assert model.filter(pl.col("part") == "mean")["roc_auc"][0] == pytest.approx(aucs.mean())
    assert model.filter(pl.col("part") == "worst")["roc_auc"][0] == aucs.min()
    assert frame.filter(pl.col("part") == "worst")["roc_auc_low"].is_null().all()
    inside = frame.filter(pl.col("part") != "worst")
    assert (inside["roc_auc_low"] < inside["roc_auc"]).all()
    assert (inside["roc_auc"] < inside["roc_auc_high"]).all()
    assert frame.filter(pl.col("score") == "mbg_nbd")["log_loss"].is_not_null().all()
    rate, predicted = (model[name].to_numpy() for name in ("base_rate", "mean_probability"))
    off = np.abs(np.log(rate / (1 - rate)) - np.log(predicted / (1 - predicted)))[:2]
    assert model["log_odds_off"].to_list() == pytest.approx([*off, off.mean(), off.max()])
    text = repr(backtest)
    assert text.startswith("Backtest of the average model at 2024-09-01, 2024-10-01")
    assert "MBG/NBD: by a model of purchases" in text and "150 draws" in text
    assert "<pre " in backtest._repr_html_()


def test_no_draws_no_intervals(log: wb.EventLog) -> None:
    backtest = wb.ChurnModel("tree").backtest(log, at=["2024-10-01"], draws=0, cutoffs=2)
    frame = backtest.to_polars()
    assert frame["roc_auc_low"].is_null().all() and not frame["roc_auc"].is_null().any()


def test_wrong_arguments_are_refused(log: wb.EventLog) -> None:
    model = wb.ChurnModel()
    for arguments, error, message in [
        ({"tests": 0}, ValueError, "tests: expected .*, got 0"),
        ({"at": []}, ValueError, "at"),
        ({"at": "2024-12-01"}, ValueError, "whose outcome window ends by 2025-01-01"),
        ({"test_stride": "soon"}, ValueError, 'test_stride: expected .*, got "soon"'),
        ({"draws": -1}, ValueError, "draws: expected .*, got -1"),
        ({"draws": 2_000_000}, ValueError, "draws: expected .*, got 2000000"),
        ({"seed": "x"}, TypeError, "seed: expected an int"),
        ({"cutoffs": 0}, ValueError, "cutoffs: expected .*, got 0"),
    ]:
        with pytest.raises(error, match=message):
            model.backtest(log, **arguments)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"winback\.EventLog"):
        model.backtest(None)  # type: ignore[arg-type]


def test_an_oracle_stands_beside_the_model() -> None:
    shop = wb.simulate(customers=900)
    log = shop.event_log()
    options = {"at": ["2024-10-01"], "cutoffs": 3, "draws": 0}
    frame = wb.ChurnModel("logistic").backtest(log, oracle=shop, **options).to_polars()
    assert frame["score"].unique(maintain_order=True).to_list() == [
        "model",
        "recency",
        "mbg_nbd",
        "oracle",
    ]
    mean = frame.filter((pl.col("part") == "mean") & (pl.col("state") == "active"))
    auc = dict(zip(mean["score"], mean["roc_auc"], strict=True))
    share = dict(zip(mean["score"], mean["roc_auc_skill_share"], strict=True))
    assert share["model"] == pytest.approx((auc["model"] - 0.5) / (auc["oracle"] - 0.5))
    known = shop.oracle("2024-10-01", horizon="3mo").to_polars()
    scores = wb.ChurnModel("logistic").fit(log, until="2024-10-01", cutoffs=3)
    states = scores.score(log.at("2024-10-01")).to_polars().filter(pl.col("state") == "active")
    rows = states.join(known, on="customer_id", suffix="_known").join(
        log.panel(at=["2024-10-01"]).to_polars().select("customer_id", "purchased"),
        on="customer_id",
    )
    assert auc["oracle"] == pytest.approx(
        metrics.roc_auc_score(rows["purchased"], rows["purchase_probability_known"])
    )
    plain = wb.ChurnModel("logistic").backtest(log, **options)
    assert plain.to_polars()["log_loss_skill_share"].is_null().all()
    with pytest.raises(ValueError, match="oracle: expected the simulation whose customers"):
        wb.ChurnModel("logistic").backtest(log, oracle=wb.simulate(900, seed=2), **options)
    with pytest.raises(TypeError, match="oracle: expected what winback.simulate"):
        wb.ChurnModel().backtest(log, oracle=log)  # type: ignore[arg-type]


def test_what_was_predicted_and_what_came_by_month(backtest: wb.Answer) -> None:
    rows = backtest.to_polars().filter((pl.col("part") == "cutoff") & (pl.col("score") == "model"))
    months = rows.group_by("state", month=pl.col("cutoff").dt.month()).agg(
        cutoffs=pl.len(),
        customers=pl.col("customers").sum(),
        predicted=pl.col("mean_probability").dot("customers") / pl.col("customers").sum(),
        came=pl.col("base_rate").dot("customers") / pl.col("customers").sum(),
    )
    found = backtest.tables["months"].to_polars()
    assert found.height == months.height == 6
    both = found.join(months, on=["state", "month"])
    assert both.height == 6
    for ours, theirs in {
        "cutoffs": "cutoffs_right",
        "customers": "customers_right",
        "mean_probability": "predicted",
        "base_rate": "came",
    }.items():
        assert both[ours].to_list() == pytest.approx(both[theirs].to_list(), rel=1e-9), ours
    odds = [
        np.log(p / (1 - p)) - np.log(y / (1 - y))
        for p, y in zip(both["predicted"], both["came"], strict=True)
    ]
    assert both["log_odds_bias"].to_list() == pytest.approx(odds, rel=1e-6)
