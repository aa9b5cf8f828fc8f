"""Profit: agreement with empulse, every kind of column, and errors that name what is missing."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import winback as wb
from winback import metrics

AT = "2024-10-01"
CHURNED = [0, 1, 0, 1, 0, 1, 0, 1]
SCORE = [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9]
TIED = [0.1, 0.2, 0.2, 0.2, 0.5, 0.5, 0.9, 0.9]
COSTS: dict[str, Any] = {"clv": 200, "incentive_cost": 10, "contact_cost": 1}
DEAR: dict[str, Any] = {"clv": 60, "incentive_cost": 20, "contact_cost": 3}


def thousand() -> tuple[np.ndarray, np.ndarray]:
    i = np.arange(1, 1001)
    score = i * 7919 % 1009 // 10
    return (i * i * 31 % 101) * 1000 < 101 * (200 + 4 * score), score


@pytest.mark.parametrize(
    ("y", "score", "costs", "maximum", "expected"),
    [
        (CHURNED, SCORE, COSTS, (23.875, 0.875), (23.875593418348124, 0.8743700763487141)),
        (CHURNED, TIED, COSTS, (23.875, 0.875), (23.8751477929476, 0.8748178021674858)),
        (CHURNED, TIED, DEAR, (0.0, 0.0), (0.024375949176164924, 0.024580709187614028)),
        (*thousand(), COSTS, (17.775, 0.991), (17.796335645161033, 0.9763619421459782)),
        (*thousand(), DEAR, (0.005, 0.029), (0.03768629698259507, 0.01627934945292977)),
        ([1] * 8, SCORE, COSTS, (56.0, 1.0), (56.00000000007826, 0.99999999945619)),
        ([0] * 8, SCORE, COSTS, (0.0, 0.0), (0.0, 0.0)),
        ([0, 1], [0.5, 0.5], COSTS, (22.5, 1.0), (22.50079122445112, 0.9991601018889205)),
    ],
    ids=[
        "tiny",
        "tied",
        "dear",
        "thousand",
        "thousand dear",
        "all churn",
        "none churns",
        "constant",
    ],
)
def test_profit_agrees_with_empulse(
    y: Any, score: Any, costs: dict[str, Any], maximum: Any, expected: Any
) -> None:
    # mpc_score(accept_rate=0.3), empc_score(alpha=6, beta=14), optimal_rate of empulse 0.13.1
    found = metrics.mpc(y, score, **costs, accept_rate=0.3)
    assert found == pytest.approx(maximum, rel=1e-9, abs=1e-9)
    assert metrics.mpc_score(y, score, **costs, accept_rate=0.3) == found[0]
    found = metrics.empc(y, score, **costs, alpha=6, beta=14)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert metrics.empc_score(y, score, **costs, alpha=6, beta=14) == found[0]


@pytest.mark.parametrize(
    "kind",
    [
        list,
        tuple,
        np.array,
        pd.Series,
        pl.Series,
        pa.array,
        lambda values: pa.chunked_array([values]),
        lambda values: iter(list(values)),
    ],
    ids=["list", "tuple", "numpy", "pandas", "polars", "pyarrow", "chunked", "iterator"],
)
def test_columns_of_every_kind_give_the_same(kind: Callable[[Any], Any]) -> None:
    clv, rates = [120.0, 80.0, 0.0, 300.0], [0.2, 0.3, 0.4, 0.5]
    churned, score = [True, False, True, True], [0.8, 0.1, 0.9, 0.4]
    costs = {"incentive_cost": 10, "contact_cost": 1}
    expected = metrics.mpc(churned, score, clv=clv, **costs, accept_rate=rates)
    # 0.2 (120 - 10) - 1, 0.4 (0 - 10) - 1 and 0.5 (300 - 10) - 1, of four customers
    assert expected == pytest.approx(((21 - 5 + 144) / 4, 0.75))
    for y in (churned, [int(value) for value in churned]):
        found = metrics.mpc(kind(y), kind(score), clv=kind(clv), **costs, accept_rate=kind(rates))
        assert found == expected


def test_the_curve_is_a_table() -> None:
    curve = metrics.profit_curve(CHURNED, TIED, **COSTS, accept_rate=0.3).to_polars()
    assert curve["customers"].to_list() == [0, 2, 4, 7, 8]
    assert curve["churners"].to_list() == [0, 1, 2, 4, 4]
    assert curve["threshold"].to_list() == [None, 0.9, 0.5, 0.2, 0.1]
    others = curve["customers"] - curve["churners"]
    assert curve["total_profit"].to_list() == pytest.approx(56 * curve["churners"] - 11 * others)
    assert (curve["total_profit"] / 8).to_list() == curve["profit"].to_list()


@pytest.mark.parametrize(
    "name", [name for name in metrics.__all__ if "mpc" in name or "profit" in name]
)
def test_no_figure_has_a_default(name: str) -> None:
    function = getattr(metrics, name)
    figures = list(inspect.signature(function).parameters)[2:]
    assert figures[:3] == ["clv", "incentive_cost", "contact_cost"] and len(figures) >= 4
    with pytest.raises(TypeError) as error:
        function(CHURNED, SCORE)
    assert all(f"'{figure}'" in str(error.value) for figure in figures)


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"clv": 0}, ValueError, "clv: expected .*, got 0"),
        ({"clv": None}, TypeError, "clv: expected a number, got None"),
        ({"clv": "200"}, TypeError, "clv: expected a number, got str"),
        ({"clv": [200.0] * 7}, ValueError, "clv has 7"),
        ({"clv": [200.0] * 7 + [-1.0]}, ValueError, "clv: expected .*, got -1 at index 7"),
        ({"clv": [200.0] * 7 + [None]}, TypeError, r"clv\[7\]: expected a number, got None"),
        ({"incentive_cost": 201}, ValueError, "incentive_cost: expected at most clv.*, got 201"),
        ({"contact_cost": -1}, ValueError, "contact_cost: expected .*, got -1"),
        ({"accept_rate": float("nan")}, ValueError, "accept_rate: expected .*, got NaN"),
        ({"accept_rate": 1.01}, ValueError, "accept_rate: expected from 0 to 1.*, got 1.01"),
        ({"y_true": [0, 1]}, ValueError, "y_true has 2 values, but y_score has 8"),
        ({"y_true": [2] * 8}, ValueError, r"y_true\[0\]: expected .*, got 2.0"),
        ({"y_true": "yesno"}, TypeError, "y_true: expected a sequence of numbers, got str"),
        ({"y_true": 3}, TypeError, "y_true: expected a sequence of numbers, got int"),
        ({"y_true": [], "y_score": []}, ValueError, "empty"),
        ({"y_score": [float("nan")] * 8}, ValueError, "NaN at index 0"),
        ({"y_score": np.zeros((8, 2))}, TypeError, r"y_score\[0\]: expected a number, got list"),
    ],
)
def test_wrong_arguments_are_refused(
    changed: dict[str, Any], error: type[Exception], message: str
) -> None:
    arguments = {"y_true": CHURNED, "y_score": SCORE, **COSTS, "accept_rate": 0.3, **changed}
    for function in (metrics.mpc, metrics.mpc_score, metrics.profit_curve):
        with pytest.raises(error, match=message):
            function(**arguments)


@pytest.mark.parametrize(
    ("alpha", "beta", "message"),
    [
        (0, 1, "alpha: expected .*, got 0"),
        (1, 1e9, "beta: expected .*, got 1000000000"),
        (float("inf"), 1, "alpha: expected .*, got inf"),
    ],
)
def test_wrong_distributions_are_refused(alpha: float, beta: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        metrics.empc(CHURNED, SCORE, **COSTS, alpha=alpha, beta=beta)


def test_lists_need_no_other_package() -> None:
    code = (
        "import sys; from winback import metrics; "
        "metrics.mpc([0, 1], [1, 2], clv=2, incentive_cost=1, contact_cost=0, accept_rate=[1, 1]); "
        "assert not {'numpy', 'pandas', 'polars', 'pyarrow'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.fixture(scope="module")
def log() -> wb.EventLog:
    return wb.simulate(customers=1000).event_log()


@pytest.fixture(scope="module")
def model(log: wb.EventLog) -> wb.ChurnModel:
    return wb.ChurnModel().fit(log, until=AT, cutoffs=3)


def active(log: wb.EventLog, model: wb.ChurnModel) -> pl.DataFrame:
    """The customers active at the cutoff, whether they churned, and their spend."""
    scores = model.score(log.at(AT)).to_polars().filter(pl.col("state") == "active")
    outcomes = log.panel(at=[AT]).to_polars().select("customer_id", "purchased", "total_spend_365d")
    return scores.join(outcomes, on="customer_id", maintain_order="left")


def test_the_report_is_the_metric_on_active_customers(
    log: wb.EventLog, model: wb.ChurnModel
) -> None:
    rows = active(log, model)
    churned = ~rows["purchased"].cast(pl.Boolean)
    for clv, figures in [(200, 200), ("0.3*total_spend_365d", 0.3 * rows["total_spend_365d"])]:
        costs: dict[str, Any] = {"incentive_cost": 10, "contact_cost": 1}
        report = model.profit(log.at(AT), clv=clv, **costs, accept_rate=0.3)
        values = report.figures
        assert (values["customers"], values["churners"]) == (len(rows), churned.sum())
        assert values["at"] == "2024-10-01" and values["clv"] == clv
        for name, column in [
            ("model", "churn_probability"),
            ("recency", "days_since_last_purchase"),
        ]:
            found = metrics.mpc(churned, rows[column], clv=figures, **costs, accept_rate=0.3)
            point = values[name]
            assert (point["profit"], point["share"]) == pytest.approx(found, rel=1e-12)
        assert values["expected"] is None
        curve = report.to_polars()
        assert curve["total_profit"].max() == pytest.approx(values["model"]["total_profit"])
        assert curve.row(-1, named=True) == values["everybody"]


def test_a_distribution_gives_the_expected_maximum(log: wb.EventLog, model: wb.ChurnModel) -> None:
    rows = active(log, model)
    churned = ~rows["purchased"].cast(pl.Boolean)
    report = model.profit(log.at(AT), **COSTS, alpha=6, beta=14)
    found = metrics.empc(churned, rows["churn_probability"], **COSTS, alpha=6, beta=14)
    values = report.figures
    assert (values["expected"]["profit"], values["expected"]["share"]) == pytest.approx(found)
    assert (values["accept_rate"], values["alpha"], values["beta"]) == (0.3, 6, 14)
    assert "Beta(6, 14)" in repr(report)
    assert ">Profit of contacting active customers" in report._repr_html_()
    report.to_dict()["figures"]["model"]["profit"] = -1.0
    assert report.figures["model"]["profit"] >= 0.0


def test_missing_economics_are_named_all_at_once(log: wb.EventLog, model: wb.ChurnModel) -> None:
    profit: Any = model.profit
    for given, message in [
        ({}, r"clv, incentive_cost, contact_cost, accept_rate \(or alpha and beta\)"),
        ({"clv": 200, "accept_rate": 0.3}, "needs incentive_cost, contact_cost: no economics"),
        ({**COSTS}, r"needs accept_rate \(or alpha and beta\)"),
        ({**COSTS, "alpha": 6}, "needs beta"),
        ({"beta": 14}, "needs clv, incentive_cost, contact_cost, alpha"),
    ]:
        with pytest.raises(TypeError, match=message):
            profit(log.at(AT), **given)
    with pytest.raises(ValueError, match="not both"):
        profit(log.at(AT), **COSTS, accept_rate=0.3, alpha=6, beta=14)


def test_economics_that_cannot_be_used_are_refused(log: wb.EventLog, model: wb.ChurnModel) -> None:
    good = {**COSTS, "accept_rate": 0.3}
    profit: Any = model.profit
    for changed, error, message in [
        ({"clv": "total_spend"}, ValueError, "a number times a feature"),
        ({"clv": "2*shoe_size"}, ValueError, "of the catalogue that the model reads"),
        ({"clv": -1}, ValueError, "clv: expected .*, got -1"),
        ({"clv": [200.0]}, TypeError, "clv: expected a number"),
        ({"incentive_cost": 300}, ValueError, "at most clv, 200"),
        ({"contact_cost": "1"}, TypeError, "contact_cost: expected a number"),
        ({"accept_rate": 2}, ValueError, "accept_rate: expected .*, got 2"),
    ]:
        with pytest.raises(error, match=message):
            profit(log.at(AT), **{**good, **changed})
    for at, message in [
        ("2024-09-01", "up to which the training saw outcomes"),
        ("2024-12-01", "whose outcome window ends by 2025-01-01"),
    ]:
        with pytest.raises(ValueError, match=message):
            profit(log.at(at), **good)
    with pytest.raises(wb.NotFittedError):
        wb.ChurnModel().profit(log.at(AT), **COSTS, accept_rate=0.3)
    with pytest.raises(TypeError, match=r"winback\.Snapshot"):
        profit(None, **good)
