"""Plots of a score: the curves of scikit-learn, of the report and of the backtest."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

import winback as wb
from plotted import labelled, legend_of, points
from winback import plot
from winback.plot._curves import equal_count_bins, ranked, wilson

CUT, END = "2024-10-01", "2025-01-01"
CHURNED = [0, 1, 0, 1, 0, 1, 0, 1, 0, 0]
SCORE = [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9, 0.3, 0.3]

OF_SCORES = ["calibration_curve", "gains_curve", "lift_curve", "roc_curve"]
OF_RESULTS = sorted(set(plot.__all__) - set(OF_SCORES))


@pytest.mark.parametrize("name", OF_SCORES)
@pytest.mark.parametrize(
    ("y", "score", "message"),
    [
        ([0, 0], [0.1, 0.2], "compares two outcomes: all 2 rows have y_true = 0"),
        ([1, 1], [0.1, 0.2], "compares two outcomes: all 2 rows have y_true = 1"),
        ([], [], "compares two outcomes: no rows"),
        ([0, 1], [0.1, math.nan], r"\[1\]: expected a finite number, got nan"),
        ([0, 1], [0.1, math.inf], r"\[1\]: expected a finite number, got inf"),
        ([0, 1], [0.1], "y_true has 2 rows and y_(score|prob) has 1"),
        ([0, 2], [0.1, 0.2], r"y_true\[1\]: expected True or False, 1 or 0, got 2.0"),
    ],
)
def test_curves_refuse_what_cannot_be_drawn(
    name: str, y: list[float], score: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        getattr(plot, name)(y, score)
    assert plt.get_fignums() == []


def test_calibration_refuses_what_is_no_probability() -> None:
    with pytest.raises(ValueError, match=r"y_prob\[1\]: expected from 0 to 1, got 1.5"):
        plot.calibration_curve([0, 1], [0.5, 1.5])
    with pytest.raises(ValueError, match="n_bins: expected 1 or more, got 0"):
        plot.calibration_curve([0, 1], [0.5, 0.6], n_bins=0)
    with pytest.raises(TypeError, match="n_bins: expected an int"):
        plot.calibration_curve([0, 1], [0.5, 0.6], n_bins=2.5)  # type: ignore[arg-type]


@pytest.mark.parametrize("make", [list, np.array, pd.Series, pl.Series, pa.array])
def test_curves_take_every_kind_of_column(make: Callable[[list[Any]], Any]) -> None:
    ax = plot.roc_curve(make([bool(y) for y in CHURNED]), make(SCORE))
    assert legend_of(ax) == [f"AUC {sk.roc_auc_score(CHURNED, SCORE):.3f}"]


def test_roc_curve_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    y, score = rng.random(500) < 0.3, rng.integers(0, 40, 500) / 40
    score = score + y * 0.2
    line = labelled(plot.roc_curve(y, score), "AUC")
    x, height, _ = sk.roc_curve(y, score, drop_intermediate=False)
    drawn = np.array(points(line))
    full = np.column_stack([x, height])
    assert 30 < len(drawn) < len(full)
    assert all(np.isclose(full, point).all(axis=1).any() for point in drawn)
    assert sk.auc(*drawn.T) == pytest.approx(sk.roc_auc_score(y, score))
    assert line.get_label() == f"AUC {sk.roc_auc_score(y, score):.3f}"


def test_gains_and_lift_are_those_of_the_report(
    simulated_log: wb.EventLog, fitted_model: wb.ChurnModel
) -> None:
    churned, score = outcomes(simulated_log, fitted_model)
    quality = fitted_model.evaluate(simulated_log.at(CUT))
    of_model = list(zip(quality["state"], quality["score"], strict=True)).index(("active", "model"))
    ax = plot.lift_curve(churned, score)
    lift = quality["lift_10"][of_model]
    assert legend_of(ax) == [f"{lift:.2f} in the top tenth"]
    assert points(ax.lines[-1]) == [(0.1, pytest.approx(lift))]
    x, y = zip(*points(labelled(plot.gains_curve(churned, score), "score")), strict=True)
    assert np.interp(0.1, x, y) == pytest.approx(0.1 * lift)
    (whole,) = ax.lines[1].get_ydata()[-1:]
    assert whole == pytest.approx(1)


def test_gains_stand_beside_a_perfect_ranking() -> None:
    ax = plot.gains_curve(CHURNED, SCORE)
    assert points(labelled(ax, "perfect")) == [(0, 0), (0.4, 1), (1, 1)]
    perfect = plot.gains_curve(CHURNED, CHURNED)
    assert points(labelled(perfect, "score")) == [(0, 0), (0.4, 1), (1, 1)]


def test_calibration_is_that_of_the_backtest(simulated_log: wb.EventLog) -> None:
    model = wb.ChurnModel().fit(simulated_log, until=CUT)
    table = wb.ChurnModel().backtest(simulated_log, at=[CUT], draws=0).to_polars()
    row = table.filter(part="cutoff", state="active", score="model")
    churned, score = outcomes(simulated_log, model)
    ax = plot.calibration_curve(churned, score)
    assert legend_of(ax) == [f"ECE {row['expected_calibration_error'].item():.3f}"]
    line, bins = labelled(ax, "ECE"), equal_count_bins(churned, score, 10)
    assert points(line) == [(each.mean, each.share) for each in bins]
    ends = [tuple(path.vertices[:, 1]) for path in ax.collections[0].get_paths()]
    assert ends == [(each.low, each.high) for each in bins]


def test_wilson_is_that_of_the_core(simulated_log: wb.EventLog) -> None:
    table = wb.retention.cohorts(simulated_log, "1q")
    names = ("customers", "cohort_size", "share_low", "share_high")
    rows = zip(*(table[name] for name in names), strict=True)
    seen = [row for row in rows if row[0] is not None]
    assert len(seen) > 50
    for found, size, low, high in seen:
        assert wilson(found, size) == pytest.approx((low, high), abs=1e-12)


rows = st.lists(st.tuples(st.booleans(), st.integers(0, 9)), min_size=2, max_size=60).filter(
    lambda rows: len({y for y, _ in rows}) == 2
)


@settings(deadline=None)
@given(rows, st.randoms(use_true_random=False), st.integers(1, 12))
def test_prop_order_of_rows_is_irrelevant(rows: list[Any], random: Any, bins: int) -> None:
    mixed = random.sample(rows, len(rows))
    (y, score), (other_y, other) = (
        ([y for y, _ in each], [score / 9 for _, score in each]) for each in (rows, mixed)
    )
    assert ranked(y, score) == ranked(other_y, other)
    first, second = equal_count_bins(y, score, bins), equal_count_bins(other_y, other, bins)
    assert np.allclose(first, second)
    assert sum(each.rows for each in first) == pytest.approx(len(rows))
    assert sum(each.rows * each.share for each in first) == pytest.approx(sum(y))
    assert sum(each.rows * each.mean for each in first) == pytest.approx(sum(score))


@pytest.mark.parametrize("name", OF_SCORES)
def test_a_second_curve_looks_different(name: str) -> None:
    function = getattr(plot, name)
    ax = function(CHURNED, SCORE, label="one")
    references = len(ax.lines)
    function(CHURNED, [1 - score for score in SCORE], label="other", ax=ax)
    one, other = (line for line in ax.lines if line.get_gid())
    assert one.get_color() != other.get_color()
    assert one.get_linestyle() != other.get_linestyle()
    assert len(ax.lines) <= references + 2
    assert [text.split(":")[0] for text in legend_of(ax)][-2:] == ["one", "other"]
    assert max(other.get_ydata()) <= ax.get_ylim()[1] and max(other.get_xdata()) <= ax.get_xlim()[1]


def outcomes(log: wb.EventLog, model: wb.ChurnModel) -> tuple[list[bool], list[float]]:
    panel = log.panel(at=CUT).to_polars().filter(state="active")
    scores = model.score(log.at(CUT)).to_polars().filter(state="active")
    assert panel["customer_id"].equals(scores["customer_id"])
    return (~panel["purchased"]).to_list(), scores["churn_probability"].to_list()


def test_what_predict_proba_gives_and_texts_are_explained() -> None:
    both = np.array([[0.2, 0.8], [0.6, 0.4]])
    with pytest.raises(ValueError, match=r"take the column of the outcome, as predict_proba"):
        plot.roc_curve([1, 0], both)
    with pytest.raises(ValueError, match=r"y_prob has two dimensions"):
        plot.calibration_curve([1, 0], both.tolist())
    with pytest.raises(TypeError, match=r"1 or 0, as y_true == 'yes' gives them"):
        plot.roc_curve(["yes", "no"], [0.8, 0.4])


def test_p_alive_falls_in_silence_and_jumps_at_purchases() -> None:
    table = pd.DataFrame(
        {"frequency": [0.0, 0, 1, 2, 5], "recency": [0.0, 0, 9, 3, 30], "T": [35.0] * 5}
    )
    model = wb.timing.ModifiedBetaGeo(penalty=0.01).fit(table)
    ax = plot.p_alive(model, [0, 20, 31], until=60)
    curve = dict(points(ax.lines[0]))
    found = model.p_alive(frequency=2, recency=31, T=60)["p_alive"][0]
    assert curve[60] == found
    assert [x for x, _ in points(labelled(ax, "purchase"))] == [0, 20, 31]
    # The next purchase, given that there is one, as of the last.
    next_one = model.next_purchase(frequency=2, recency=31, T=31)
    (median,) = {x for x, _ in points(labelled(ax, "next purchase, median"))}
    assert median == 31 + next_one["wait"][0]
    (span,) = [patch for patch in ax.patches if patch.get_label() == "next purchase, 80 %"]
    low, high = 31 + next_one["wait_low"][0], 31 + next_one["wait_high"][0]
    assert [span.get_x(), span.get_x() + span.get_width()] == pytest.approx([low, min(high, 60)])
    for times, until in (([3, float("nan")], 60), ([3], float("inf"))):
        with pytest.raises(ValueError, match="(times|until): expected a finite time"):
            plot.p_alive(model, times, until=until)
    with pytest.raises(ValueError, match="until: expected a time after the last purchase, 31"):
        plot.p_alive(model, [0, 31], until=30)
    with pytest.raises(ValueError, match="figure: expected"):
        plot.frequency_recency(model, figure="p_dead")  # type: ignore[arg-type]


def test_tracking_draws_what_was_bought_and_what_was_expected(results: dict[str, Any]) -> None:
    found = results["tracking"]
    ax = plot.tracking(found)
    table = found.tables["tracking"].to_polars()
    for model, own in table.group_by("model", maintain_order=True):
        expected = [y for _, y in points(labelled(ax, str(model[0])))]
        # Thirteen weeks; the last day is no week.
        assert own["whole"].to_list() == [True] * 13 + [False]
        assert expected == own["expected_purchases"].to_list()[:13]
    assert [y for _, y in points(labelled(ax, "bought"))] == own["purchases"].to_list()[:13]
    with pytest.raises(TypeError, match=r"backtest: expected what timing.backtest\(\) gives"):
        plot.tracking(results["nps"])


def test_tracking_leaves_out_a_last_period_that_is_a_day_short(
    simulated_log: wb.EventLog,
) -> None:
    found = wb.timing.backtest(simulated_log.at("2024-07-01"), horizon="90d")
    assert len(points(labelled(plot.tracking(found), "bought"))) == 12
    # Months differ in length, and all of these are whole.
    found = wb.timing.backtest(simulated_log.at("2024-01-01"), horizon="2mo", every="1mo")
    assert len(points(labelled(plot.tracking(found), "bought"))) == 2


def test_coverage_draws_who_bought_inside_the_interval(results: dict[str, Any]) -> None:
    predictions, outcomes = results["coverage"]
    came = pl.col("cutoff") + pl.duration(microseconds=pl.col("days_to_purchase") * 864e8)
    table = (
        predictions.to_polars()
        .drop_nulls("next_purchase")
        .join(outcomes.to_polars(), on="customer_id")
        .with_columns(came=came)
        .filter(pl.col("next_purchase_high") <= datetime(2025, 1, 1))
    )
    ever = table["p_ever"].sum()
    inside = pl.col("came").is_between("next_purchase_low", "next_purchase_high").fill_null(False)
    own = table.with_columns(inside=inside)
    ax = plot.coverage(predictions, outcomes)
    (line,) = [line for line in ax.lines if line.get_gid() == "coverage"]
    shares = dict(points(line))
    assert shares[0] == pytest.approx(own["inside"].sum() / ever)
    legend = f"{100 * shares[0]:.1f} % inside of {ever:,.0f} expected, {own.height} customers"
    assert legend_of(ax) == [legend]
    for place, (least, most) in enumerate([(1, 1), (2, 2), (3, 3), (4, 6), (7, 12), (13, 999)], 1):
        group = own.filter(pl.col("purchase_count").is_between(least, most))
        assert (place in shares) == (group.height > 0)
        if group.height:
            found = group["inside"].sum() / group["p_ever"].sum()
            assert shares[place] == pytest.approx(found)
    ax = plot.coverage(predictions, outcomes, by="chance", label="MBG/NBD", ax=None)
    drawn = points(labelled(ax, "MBG/NBD: "))
    dates = ["next_purchase_low", "next_purchase", "next_purchase_high"]
    for (chance, share), expected, date in zip(drawn, [0.1, 0.5, 0.9], dates, strict=True):
        assert chance == expected
        assert share == pytest.approx((own["came"] <= own[date]).sum() / ever)


def test_coverage_of_a_hazard_model_is_of_all_its_customers(simulated_log: wb.EventLog) -> None:
    """Without a chance ever to buy again the interval is that of the time itself."""
    model = wb.timing.TimeToPurchase("logistic").fit(simulated_log, until="2024-01-01", cutoffs=6)
    times = model.score(simulated_log.at("2024-01-01"))
    ax = plot.coverage(times, simulated_log.panel(at="2024-01-01"))
    known = times.to_polars().drop_nulls("next_purchase_high").height
    assert known > 0 and f", {known} customers" in legend_of(ax)[0]


def test_coverage_refuses_what_does_not_belong_together(
    results: dict[str, Any], simulated_log: wb.EventLog
) -> None:
    predictions, outcomes = results["coverage"]
    with pytest.raises(TypeError, match="predictions: expected what .* gives, got another answer"):
        plot.coverage(results["nps"], outcomes)
    with pytest.raises(
        TypeError, match=r"outcomes: expected what EventLog.panel\(\) gives, got Answer"
    ):
        plot.coverage(predictions, predictions)
    with pytest.raises(ValueError, match="outcomes: expected those of one cutoff.*got 2 cutoffs"):
        plot.coverage(predictions, simulated_log.panel(at=["2024-01-01", "2024-04-01"]))
    later = simulated_log.at("2024-04-01")
    next_ones = wb.timing.ModifiedBetaGeo().fit(later).next_purchase(later)
    for told in (wb.timing.forecast(later), next_ones):
        with pytest.raises(
            ValueError, match="cutoff of the predictions, 2024-04-01, got 2024-01-01"
        ):
            plot.coverage(told, outcomes)
    late = wb.simulate(customers=50).event_log().panel(at="2024-01-01")
    with pytest.raises(ValueError, match="outcomes: expected the customers of the predictions"):
        plot.coverage(predictions, late)
    now = simulated_log.at("2025-01-01")
    told = wb.timing.ModifiedBetaGeo().fit(now).next_purchase(now)
    with pytest.raises(ValueError, match="for whom the interval ended"):
        plot.coverage(told, simulated_log.panel(at="2025-01-01"))
    with pytest.raises(ValueError, match="by: expected one of purchase_count, chance"):
        plot.coverage(predictions, outcomes, by="level")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="outcomes: expected a panel without a lead"):
        plot.coverage(predictions, simulated_log.panel(at="2024-01-01", lead="30d"))
