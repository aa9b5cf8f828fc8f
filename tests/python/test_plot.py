"""Plots: what is drawn equals the tables, on any axes and background, and nothing else changes."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from sklearn import metrics as sk

import winback as wb
from winback import plot
from winback.plot import _style
from winback.plot._curves import equal_count_bins, ranked, wilson

CUT, END = "2024-10-01", "2025-01-01"
CHURNED = [0, 1, 0, 1, 0, 1, 0, 1, 0, 0]
SCORE = [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9, 0.3, 0.3]


@pytest.fixture(scope="module")
def log() -> wb.EventLog:
    return wb.simulate(customers=1000).event_log()


@pytest.fixture(scope="module")
def model(log: wb.EventLog) -> wb.ChurnModel:
    return wb.ChurnModel().fit(log, until=CUT)


@pytest.fixture(scope="module")
def results(log: wb.EventLog, model: wb.ChurnModel) -> dict[str, Any]:
    """The first argument of every function but the curves of a score."""
    explanation = model.explain(log, at=END)
    costs = {"clv": "0.3*total_spend_365d", "incentive_cost": 5, "contact_cost": 0.5}
    return {
        "backtest": wb.ChurnModel().backtest(log, tests=3, draws=50),
        "beeswarm": explanation,
        "cohorts": log.cohorts("1q"),
        "drift": model.drift(log, at=END),
        "flow": log.flow("1q"),
        "gap_distribution": log.inactivity(until=END),
        "lorenz_curve": log.concentration(at=END),
        "migration": log.migration("2024-07-01", END),
        "nps": log.nps(until="2024-12-15"),
        "profit_curve": model.profit(log, at=CUT, accept_rate=0.3, **costs),
        "return_curve": log.inactivity(until=END),
        "shares": wb.RfmSegments().fit_transform(log, at=END),
        "waterfall": model.explain(log, at=END, customer_id=17),
    }


OF_SCORES = ["calibration_curve", "gains_curve", "lift_curve", "roc_curve"]
OF_RESULTS = sorted(set(plot.__all__) - set(OF_SCORES))


def drawer(name: str, results: dict[str, Any]) -> Callable[..., Axes]:
    function = getattr(plot, name)
    arguments = (CHURNED, SCORE) if name in OF_SCORES else (results[name],)
    return lambda **keywords: function(*arguments, **keywords)


def labelled(ax: Axes, start: str) -> Any:
    """The line whose label starts so."""
    (line,) = [line for line in ax.lines if str(line.get_label()).startswith(start)]
    return line


def points(line: Any) -> list[tuple[float, float]]:
    return list(zip(line.get_xdata(), line.get_ydata(), strict=True))


def legend_of(ax: Axes) -> list[str]:
    legend = ax.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


# What holds for all.


def test_every_function_is_tried(results: dict[str, Any]) -> None:
    assert len(OF_SCORES) == 4
    assert list(results) == OF_RESULTS
    assert plot.__all__ == sorted(plot.__all__)


@pytest.mark.parametrize("name", plot.__all__)
def test_the_axes_given_come_back_and_nothing_else_changes(
    name: str, results: dict[str, Any]
) -> None:
    _, (ax, other) = plt.subplots(1, 2)
    plt.sca(other)
    settings_before = dict(matplotlib.rcParams)
    returned = drawer(name, results)(ax=ax)
    assert returned is ax
    assert plt.gca() is other
    assert len(plt.get_fignums()) == 1
    assert not other.has_data()
    assert dict(matplotlib.rcParams) == settings_before
    assert ax.get_title() and ax.get_xlabel()


@pytest.mark.parametrize("name", plot.__all__)
def test_a_new_figure_where_no_axes_are_given(
    name: str, results: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plt, "show", lambda *a, **k: pytest.fail("show() was called"))
    settings_before = dict(matplotlib.rcParams)
    first, second = drawer(name, results)(), drawer(name, results)()
    assert first.figure is not second.figure
    assert len(plt.get_fignums()) == 2
    assert dict(matplotlib.rcParams) == settings_before


@pytest.mark.parametrize("style", ["dark_background", "default"])
@pytest.mark.parametrize("name", plot.__all__)
def test_texts_can_be_read_on_their_background(
    name: str, style: str, results: dict[str, Any]
) -> None:
    # Axes made in a style and drawn on outside of it keep its colours.
    with plt.style.context(style):
        fig, ax = plt.subplots()
    drawer(name, results)(ax=ax)
    fig.canvas.draw()
    paper = _style.luminance(ax.get_facecolor()[:3])
    legend = ax.get_legend()
    texts = [ax.title, ax.xaxis.label, *ax.get_xticklabels(), *ax.get_yticklabels()]
    texts += [] if legend is None else [legend.get_title(), *legend.get_texts()]
    if name not in ("cohorts", "migration"):
        texts += ax.texts
    for child in ax.child_axes:
        texts += [child.yaxis.label, *child.get_yticklabels()]
    assert len(texts) > 5
    for text in texts:
        assert abs(_style.luminance(text.get_color()) - paper) > 0.8, text


@pytest.mark.parametrize("name", plot.__all__)
def test_nothing_is_cut_off_in_a_new_figure(name: str, results: dict[str, Any]) -> None:
    ax = drawer(name, results)()
    ax.figure.canvas.draw()
    whole, box = ax.figure.bbox, ax.get_tightbbox()
    assert box is not None
    assert box.x0 >= -1 and box.y0 >= -1 and box.x1 <= whole.x1 + 1 and box.y1 <= whole.y1 + 1


@pytest.mark.parametrize("name", OF_RESULTS)
def test_another_result_is_refused(name: str) -> None:
    with pytest.raises(TypeError, match="must be .*winback.*not dict"):
        getattr(plot, name)({})
    assert plt.get_fignums() == []


@pytest.mark.parametrize("name", plot.__all__)
def test_axes_must_be_axes(name: str, results: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="ax must be a matplotlib Axes, not ndarray"):
        drawer(name, results)(ax=np.array([1]))


def test_matplotlib_is_loaded_by_the_first_plot_only() -> None:
    code = """
import sys
import winback as wb
wb.plot.roc_curve
assert not any(name.split(".")[0] in ("matplotlib", "numpy") for name in sys.modules)
wb.plot.roc_curve([0, 1], [0, 1])
assert "matplotlib" in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_matplotlib_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, results: dict[str, Any]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.axes", None)
    for name in plot.__all__:
        with pytest.raises(ImportError, match=r'pip install "winback\[plot\]"'):
            drawer(name, results)()


# Curves of a score.


@pytest.mark.parametrize("name", OF_SCORES)
@pytest.mark.parametrize(
    ("y", "score", "message"),
    [
        ([0, 0], [0.1, 0.2], "compares two outcomes: all 2 rows have y_true = 0"),
        ([1, 1], [0.1, 0.2], "compares two outcomes: all 2 rows have y_true = 1"),
        ([], [], "compares two outcomes: no rows"),
        ([0, 1], [0.1, math.nan], r"\[1\] = nan is not allowed: a finite number"),
        ([0, 1], [0.1, math.inf], r"\[1\] = inf is not allowed: a finite number"),
        ([0, 1], [0.1], "y_true has 2 rows and y_(score|prob) has 1"),
        ([0, 2], [0.1, 0.2], r"y_true\[1\] = 2.0 is not allowed: True or False, 1 or 0"),
    ],
)
def test_curves_refuse_what_cannot_be_drawn(
    name: str, y: list[float], score: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        getattr(plot, name)(y, score)
    assert plt.get_fignums() == []


def test_calibration_refuses_what_is_no_probability() -> None:
    with pytest.raises(ValueError, match=r"y_prob\[1\] = 1.5 is not allowed: from 0 to 1"):
        plot.calibration_curve([0, 1], [0.5, 1.5])
    with pytest.raises(ValueError, match="n_bins = 0 is not allowed: 1 or more"):
        plot.calibration_curve([0, 1], [0.5, 0.6], n_bins=0)
    with pytest.raises(TypeError, match="n_bins must be an int"):
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


def test_gains_and_lift_are_those_of_the_report(log: wb.EventLog, model: wb.ChurnModel) -> None:
    churned, score = outcomes(log, model)
    quality = model.evaluate(log, at=CUT).table
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


def test_calibration_is_that_of_the_backtest(log: wb.EventLog) -> None:
    model = wb.ChurnModel().fit(log, until=CUT)
    table = wb.ChurnModel().backtest(log, at=[CUT], draws=0).table.to_polars()
    row = table.filter(part="cutoff", state="active", score="model")
    churned, score = outcomes(log, model)
    ax = plot.calibration_curve(churned, score)
    assert legend_of(ax) == [f"ECE {row['expected_calibration_error'].item():.3f}"]
    line, bins = labelled(ax, "ECE"), equal_count_bins(churned, score, 10)
    assert points(line) == [(each.mean, each.share) for each in bins]
    ends = [tuple(path.vertices[:, 1]) for path in ax.collections[0].get_paths()]
    assert ends == [(each.low, each.high) for each in bins]


def test_wilson_is_that_of_the_core(log: wb.EventLog) -> None:
    table = log.cohorts("1q")
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
    panel = log.panel(CUT).to_polars().filter(state="active")
    scores = model.score(log, at=CUT).to_polars().filter(state="active")
    assert panel["customer_id"].equals(scores["customer_id"])
    return (~panel["purchased"]).to_list(), scores["churn_probability"].to_list()


# Results.


def test_profit_curve(results: dict[str, Any]) -> None:
    report = results["profit_curve"]
    ax = plot.profit_curve(report)
    table, values = report.table, report.to_dict()
    assert points(ax.lines[1]) == list(zip(table["share"], table["total_profit"], strict=True))
    for name, key in (
        ("best share", "model"),
        ("best by days", "recency"),
        ("everybody", "everybody"),
    ):
        expected = (values[key]["share"], values[key]["total_profit"])
        assert points(labelled(ax, name)) == [expected]
    of_table = plot.profit_curve(report.table)
    assert points(labelled(of_table, "best share")) == points(labelled(ax, "best share"))
    assert points(labelled(of_table, "everybody")) == points(labelled(ax, "everybody"))
    with pytest.raises(ValueError, match="the table is no profit curve: it has no column share"):
        plot.profit_curve(wb.catalogue())


@pytest.mark.parametrize("by", ["group", "feature"])
def test_waterfall_goes_from_the_base_to_the_log_odds(by: Any, results: dict[str, Any]) -> None:
    explanation = results["waterfall"]
    table = explanation.groups if by == "group" else explanation.contributions
    ax = plot.waterfall(explanation, by=by, top=5)
    (base,), (end,) = table["base"], table["log_odds"]
    contributions = {
        name.removeprefix("contribution_"): table[name][0]
        for name in table.column_names
        if name.startswith("contribution_")
    }
    largest = sorted(contributions.items(), key=lambda pair: -abs(pair[1]))[:5]
    widths = [bar.get_width() for bar in ax.patches]
    assert widths[:5] == pytest.approx([value for _, value in largest])
    assert len(widths) == 6
    assert base + sum(widths) == pytest.approx(end)
    assert ax.patches[0].get_x() == base
    assert ax.patches[-1].get_x() + widths[-1] == pytest.approx(end)
    names = [label.get_text().split("\n")[0] for label in ax.get_yticklabels()]
    assert names[1:6] == [name for name, _ in largest]
    count = sum(1 for value in contributions.values() if value)
    assert names[6] == f"{count - 5} others"
    chance = table["purchase_probability"][0]
    assert (
        ax.get_yticklabels()[-1]
        .get_text()
        .endswith(f"purchase probability {chance:.1%}"[:-1] + " %")
    )
    shown = [text.get_text() for text in ax.texts]
    assert shown[0] == f"{widths[0]:+.2f}".replace("-", "\N{MINUS SIGN}")
    hatched = [bool(bar.get_hatch()) for bar in ax.patches]
    assert hatched == [width < 0 for width in widths]


def named_values(ax: Axes) -> dict[str, str]:
    texts = [label.get_text() for label in ax.get_yticklabels()[1:-1]]
    return dict(text.split("\n") for text in texts if "\n" in text)


def test_waterfall_names_the_values(log: wb.EventLog, results: dict[str, Any]) -> None:
    explanation = results["waterfall"]
    reasons = explanation.reasons
    ax = plot.waterfall(explanation, top=20)
    labels = dict(
        label.get_text().split("\n") for label in ax.get_yticklabels() if "\n" in label.get_text()
    )
    told = {}
    for group, feature, value in zip(
        reasons["group"], reasons["feature"], reasons["value"], strict=True
    ):
        told.setdefault(group, f"{feature}: {value}")
    assert len(told) >= 3
    for group, text in told.items():
        assert labels[group] == text or "…" in labels[group]
    features = log.features(at=END)
    row = features["customer_id"].index(17)
    ax = plot.waterfall(explanation, by="feature", features=features, top=20)
    labels = dict(
        label.get_text().split("\n")
        for label in ax.get_yticklabels()[1:-1]
        if "\n" in label.get_text()
    )
    assert len(labels) == 20
    for name, text in labels.items():
        value = features[name][row]
        assert text == ("not defined" if value is None or value != value else f"{value:,.4g}")


def test_waterfall_of_one_of_many(results: dict[str, Any]) -> None:
    explanation = results["beeswarm"]
    row = explanation.groups["customer_id"].index(17)
    ax = plot.waterfall(explanation, customer_id=17)
    assert ax.get_title() == f"Customer 17 ({explanation.groups['state'][row]})"
    base = explanation.groups["base"][row]
    total = base + sum(bar.get_width() for bar in ax.patches)
    assert total == pytest.approx(explanation.groups["log_odds"][row])
    with pytest.raises(ValueError, match="customers were explained: name a customer_id"):
        plot.waterfall(explanation)
    with pytest.raises(ValueError, match="customer_id = 'x' is not allowed: it was not explained"):
        plot.waterfall(explanation, customer_id="x")


def test_explanations_refuse_wrong_arguments(log: wb.EventLog, results: dict[str, Any]) -> None:
    one, all_ = results["waterfall"], results["beeswarm"]
    features = log.features(at=END)
    for draw, explanation in ((plot.waterfall, one), (plot.beeswarm, all_)):
        with pytest.raises(ValueError, match="by = 'column' is not allowed: one of group, feature"):
            draw(explanation, by="column")  # type: ignore[operator]
        with pytest.raises(ValueError, match='features are for by="feature"'):
            draw(explanation, features=features)  # type: ignore[operator]
        with pytest.raises(TypeError, match="features must be a winback.Table"):
            draw(explanation, by="feature", features=features.to_polars())  # type: ignore[operator]
        with pytest.raises(ValueError, match="top = 0 is not allowed: 1 or more"):
            draw(explanation, top=0)  # type: ignore[operator]
        with pytest.raises(ValueError, match="features hold a customer twice"):
            twice = log.features(at=[CUT, END])
            draw(explanation, by="feature", features=twice)  # type: ignore[operator]
    with pytest.raises(ValueError, match="features have no customer 17"):
        plot.waterfall(one, by="feature", features=log.features(at="2022-01-02"))
    with pytest.raises(ValueError, match="state = 'gone' is not allowed: one of active, lapsed"):
        plot.beeswarm(all_, state="gone")
    with pytest.raises(ValueError, match="max_customers = 0 is not allowed"):
        plot.beeswarm(all_, max_customers=0)


@pytest.mark.parametrize("by", ["group", "feature"])
def test_beeswarm_holds_every_contribution(
    by: Any, log: wb.EventLog, results: dict[str, Any]
) -> None:
    explanation = results["beeswarm"]
    table = (explanation.groups if by == "group" else explanation.contributions).to_polars()
    table = table.filter(state="active").select(pl.col("^contribution_.*$"))
    features = log.features(at=END) if by == "feature" else None
    ax = plot.beeswarm(explanation, by=by, features=features, top=4)
    sizes = {name: table[name].abs().mean() for name in table.columns}
    names = sorted(sizes, key=lambda name: -sizes[name])[:4]  # type: ignore[operator]
    assert [f"contribution_{label.get_text()}" for label in ax.get_yticklabels()] == names
    for i, name in enumerate(names):
        offsets = np.asarray(ax.collections[i].get_offsets())
        assert offsets[:, 0].tolist() == table[name].to_list()
        assert np.abs(offsets[:, 1] - i).max() <= 0.4 + 1e-9
        assert len(set(map(tuple, offsets.tolist()))) > 0.95 * len(offsets)


def test_beeswarm_colours_by_rank(log: wb.EventLog, results: dict[str, Any]) -> None:
    features = log.features(at=END)
    ax = plot.beeswarm(results["beeswarm"], by="feature", features=features, top=3)
    states = results["beeswarm"].groups
    active = [
        c for c, s in zip(states["customer_id"], states["state"], strict=True) if s == "active"
    ]
    values = dict(zip(features["customer_id"], features["total_spend"], strict=True))
    names = [label.get_text() for label in ax.get_yticklabels()]
    colors = ax.collections[names.index("total_spend")].get_facecolors()
    spend = [values[customer] for customer in active]
    lightness = [_style.luminance(color[:3]) for color in colors]
    # On white, much is dark.
    assert np.corrcoef(np.argsort(np.argsort(spend)), lightness)[0, 1] < -0.9


def test_beeswarm_of_very_many_draws_some(results: dict[str, Any]) -> None:
    ax = plot.beeswarm(results["beeswarm"], max_customers=50)
    everyone = results["beeswarm"].groups["state"].count("active")
    assert len(ax.collections[0].get_offsets()) == 50
    assert ax.get_title() == f"What moves the chance of 50 of {everyone} active customers"


def test_drift(results: dict[str, Any]) -> None:
    table = results["drift"].table
    ax = plot.drift(results["drift"], top=6)
    drawn = {round(bar.get_y() + bar.get_height() / 2): bar for bar in ax.patches}
    expected = table["psi"][:6] + table["psi"][-1:]
    assert [drawn[i].get_width() for i in range(7)] == expected
    critical = labelled(ax, "critical value")
    assert list(critical.get_xdata()) == table["critical_value"][:6] + table["critical_value"][-1:]
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == [*table["column"][:6], "purchase_probability (score)"]
    assert [line.get_xdata()[0] for line in ax.lines[1:]] == [0.1, 0.25]
    stability = table["stability"][:6] + table["stability"][-1:]
    looks = {(s, drawn[i].get_facecolor(), drawn[i].get_hatch()) for i, s in enumerate(stability)}
    assert len(looks) == len(set(stability)) > 1
    texts = [text.get_text() for text in ax.texts]
    assert texts == [f"{p:.2f}" if p <= 1 else f"→ {p:.2f}" for p in expected]


def test_return_curve(results: dict[str, Any]) -> None:
    report = results["return_curve"]
    ax = plot.return_curve(report)
    table = report.returns.to_polars().filter(grouping="all")
    seen = table.filter(pl.col("silences") >= 30)
    expected = list(zip(seen["silence_days"], seen["return_share"], strict=True))
    assert points(labelled(ax, "within")) == expected
    at_all = table.drop_nulls("return_share_at_all")
    expected = list(zip(at_all["silence_days"], at_all["return_share_at_all"], strict=True))
    assert points(labelled(ax, "at all")) == expected
    limits = report.limits.to_polars().filter(grouping="all", source="suggested")
    for row in limits.iter_rows(named=True):
        line = labelled(ax, f"suggested {row['limit']}: {row['days']} days")
        assert points(line) == [(row["days"], row["return_share"])]
    band = ax.collections[0].get_paths()[0].vertices
    for low in seen["return_share_low"]:
        assert np.isclose(band[:, 1], low).any()
    everything = plot.return_curve(report, min_silences=0)
    assert len(points(labelled(everything, "within"))) == len(table.drop_nulls("return_share"))


def test_return_curve_of_groups(results: dict[str, Any]) -> None:
    report = results["return_curve"]
    ax = plot.return_curve(report, grouping="purchases", groups=["10+", "1"])
    table = report.returns.to_polars().filter(pl.col("silences") >= 30)
    for group in ("1", "10+"):
        rows = table.filter(grouping="purchases", group=group)
        (line,) = [line for line in ax.lines if line.get_label() == group]
        assert list(line.get_ydata()) == rows["return_share"].to_list()
    assert legend_of(ax)[:2] == ["10+", "1"]
    legend = ax.get_legend()
    assert legend is not None and legend.get_title().get_text() == "purchases"


@pytest.mark.parametrize("draw", [plot.return_curve, plot.gap_distribution])
def test_groups_that_are_not_there(draw: Any, results: dict[str, Any]) -> None:
    report = results["return_curve"]
    with pytest.raises(ValueError, match="grouping = 'city' is not allowed: one of all, purchases"):
        draw(report, grouping="city")
    with pytest.raises(ValueError, match="groups = '5' is not allowed: one of 1, 2-3, 4-9, 10+"):
        draw(report, grouping="purchases", groups=["5"])
    with pytest.raises(ValueError, match=r"groups = \[\] is not allowed: 1 to 6 of them"):
        draw(report, grouping="purchases", groups=[])
    with pytest.raises(TypeError, match="groups must be a list of names"):
        draw(report, grouping="purchases", groups="1")
    with pytest.raises(TypeError, match="grouping must be a str"):
        draw(report, grouping=1)


def test_gap_distribution(results: dict[str, Any]) -> None:
    report = results["gap_distribution"]
    ax = plot.gap_distribution(report)
    rows = report.gaps.to_polars().filter(grouping="all")
    for start, method in (("all silences", "kaplan_meier"), ("gaps that", "completed")):
        row = rows.filter(method=method).row(0, named=True)
        quantiles = [10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99]
        expected = [(row[f"p{q}"], q / 100) for q in quantiles if row[f"p{q}"] is not None]
        assert points(labelled(ax, start)) == expected
    groups = plot.gap_distribution(report, grouping="purchases")
    assert legend_of(groups) == ["1", "2-3", "4-9", "10+"]


@pytest.mark.parametrize("value", ["customers", "share", "revenue", "average_check"])
def test_cohorts_are_the_wide_table(value: Any, log: wb.EventLog) -> None:
    cohorts = log.cohorts("1q")
    ax = plot.cohorts(cohorts, value=value)
    wide = cohorts.wide(value)
    ages = [name for name in wide.column_names if name.isdigit()]
    expected = list(zip(*(wide[age] for age in ages), strict=True))
    (mesh,) = ax.collections
    cells = np.ma.asarray(mesh.get_array())
    assert cells.shape == (len(expected), len(ages)) == (12, 12)
    for y, row in enumerate(expected):
        for x, cell in enumerate(row):
            assert (cells[y, x] is np.ma.masked) == (cell is None)
            assert cell is None or cells[y, x] == cell
    assert np.ma.count_masked(cells) == 66
    assert len(ax.texts) == 78
    assert [label.get_text() for label in ax.get_xticklabels()] == ages
    first = f"2022 Q1 ({wide['cohort_size'][0]})"
    assert ax.get_yticklabels()[0].get_text() == first
    if value == "share":
        assert ax.texts[1].get_text() == f"{100 * wide['1'][0]:.0f}"
    top, bottom = ax.get_ylim()
    assert top > bottom


def test_cohorts_of_nobody_are_left_out() -> None:
    log = of_days([("a", "2024-01-05"), ("b", "2024-03-07"), ("b", "2024-04-01")], "2024-05-01")
    ax = plot.cohorts(log.cohorts("1mo"))
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["2024-01 (1)", "2024-03 (1)"]
    with pytest.raises(ValueError, match="there are no cohorts"):
        plot.cohorts(log.cohorts("1mo", start="2024-04-01"))
    with pytest.raises(ValueError, match="value = 'orders' is not allowed"):
        plot.cohorts(log.cohorts("1mo"), value="orders")  # type: ignore[arg-type]


def test_flow(results: dict[str, Any]) -> None:
    flow = results["flow"]
    ax = plot.flow(flow)
    bars = {str(each.get_label()): list(each) for each in ax.containers}
    back = [
        sum(pair)
        for pair in zip(flow["reactivated_from_lapsed"], flow["reactivated_from_lost"], strict=True)
    ]
    assert [bar.get_height() for bar in bars["new"]] == flow["new"]
    assert [bar.get_height() for bar in bars["kept"]] == flow["kept"]
    assert [bar.get_height() for bar in bars["reactivated"]] == back
    assert [-bar.get_height() for bar in bars["lapsed"]] == flow["lapsed"]
    assert [-bar.get_height() for bar in bars["lost"]] == flow["lost"]
    assert [bar.get_y() + bar.get_height() for bar in bars["new"]] == flow["active_customers"]
    ends = [-bar.get_y() - bar.get_height() for bar in bars["lost"]]
    assert ends == [sum(pair) for pair in zip(flow["lapsed"], flow["lost"], strict=True)]
    assert ax.get_yticklabels()[0].get_text()[0].isdigit()


def test_flow_leaves_out_what_is_not_over() -> None:
    log = of_days([("a", "2024-01-05"), ("a", "2024-02-07")], "2024-02-10")
    ax = plot.flow(log.flow("1mo"))
    assert [label.get_text() for label in ax.get_xticklabels()] == ["2024-01"]
    with pytest.raises(ValueError, match="there is no period that is over"):
        plot.flow(log.flow("1q"))


def test_migration_marks_thin_rows() -> None:
    before = ["a"] * 40 + ["b"] * 5 + [None] * 3
    after = ["a"] * 30 + ["b"] * 10 + ["a", "b", "b", "b", None] + ["a", "b", "b"]
    migration = wb.migration(before, after)
    ax = plot.migration(migration)
    rows, columns = ["a", "b", None], ["a", "b", None]
    shares = dict(
        zip(
            zip(migration["from_label"], migration["to_label"], strict=True),
            migration["share"],
            strict=True,
        )
    )
    cells = np.ma.asarray(ax.collections[0].get_array())
    for y, row in enumerate(rows):
        for x, column in enumerate(columns):
            if (row, column) in shares:
                assert cells[y, x] == shares[row, column]
            else:
                assert (row, column) == (None, None) and cells[y, x] is np.ma.masked
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "a (40)",
        "b (5, too few)",
        "not in the base (3, too few)",
    ]
    assert [patch.get_y() for patch in ax.patches if patch.get_hatch()] == [0.5, 1.5]
    assert ax.texts[0].get_text() == "75 %\n30"
    with pytest.raises(ValueError, match="there are no labels"):
        plot.migration(wb.migration([], []))


def test_lorenz_curve(results: dict[str, Any]) -> None:
    found = results["lorenz_curve"]
    ax = plot.lorenz_curve(found)
    expected = zip(found.lorenz["customer_share"], found.lorenz["revenue_share"], strict=True)
    assert points(labelled(ax, "Gini")) == list(expected)
    assert legend_of(ax) == [f"Gini {found.gini:.3f}"]
    shares = [f"top {100 * top:g} %" for top in found.top["top_share"]]
    assert [text.get_text().split(":")[0] for text in ax.texts] == shares
    plot.lorenz_curve(found, label="again", ax=ax)
    assert legend_of(ax)[1] == f"again: Gini {found.gini:.3f}"


def test_shares(log: wb.EventLog, model: wb.ChurnModel) -> None:
    scores = model.score(log, at=END)
    ax = plot.shares(scores)
    counts = [scores["state"].count(state) for state in ("active", "lapsed", "lost")]
    assert [bar.get_width() for bar in ax.patches] == [count / len(scores) for count in counts]
    for groups in (log.loyalty(at=END), wb.RfmSegments().fit_transform(log, at=END)):
        summary = groups.summary
        ax = plot.shares(groups)
        customers, revenue = ax.containers
        assert [bar.get_width() for bar in customers] == pytest.approx(summary["share"])
        assert [bar.get_width() for bar in revenue] == summary["revenue_share"]
        assert f"({summary['customers'][0]})" in ax.texts[0].get_text()


def test_nps(results: dict[str, Any]) -> None:
    report = results["nps"]
    ax = plot.nps(report)
    rows = report.periods.to_polars().filter(grouping="all")
    assert list(labelled(ax, "all").get_ydata()) == rows["nps"].to_list()
    ends = [tuple(path.vertices[:, 1]) for path in ax.collections[0].get_paths()]
    assert ends == list(zip(rows["nps_low"], rows["nps_high"], strict=True))
    hollow = ax.lines[-1]
    assert list(hollow.get_ydata()) == rows.filter(~pl.col("finished"))["nps"].to_list() != []
    assert to_rgb(hollow.get_markerfacecolor()) == to_rgb(ax.get_facecolor())
    assert ax.get_legend() is None
    groups = plot.nps(report, grouping="channel")
    assert sorted(legend_of(groups)) == ["app", "store", "web"]


def test_an_interval_need_not_hold_the_score() -> None:
    # The adjusted interval of one answer of 10 ends below 100.
    surveys = pl.DataFrame(
        {"customer_id": ["a"], "time": ["2024-01-20"], "score": [10.0]}
    ).with_columns(pl.col("time").str.to_datetime())
    log = of_days([("a", "2024-01-05")], "2024-03-01", surveys=surveys)
    ax = plot.nps(log.nps(until="2024-03-01", every="1mo"))
    assert ax.lines[1].get_ydata()[0] == 100


@pytest.mark.parametrize("measure", ["roc_auc", "lift_10", "log_loss"])
def test_backtest(measure: str, results: dict[str, Any]) -> None:
    backtest = results["backtest"]
    ax = plot.backtest(backtest, state="lapsed", measure=measure)
    table = backtest.table.to_polars().filter(part="cutoff", state="lapsed")
    names = legend_of(ax)
    assert names[0] == "model"
    for i, name in enumerate(names):
        rows = table.filter(score=name).drop_nulls(measure)
        assert list(labelled(ax, name).get_ydata()) == rows[measure].to_list() != []
        ends = [tuple(path.vertices[:, 1]) for path in ax.collections[i].get_paths()]
        expected = zip(rows[f"{measure}_low"], rows[f"{measure}_high"], strict=True)
        assert ends == [pair for pair in expected if None not in pair]


def test_backtest_refuses_what_it_has_not(results: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="measure = 'accuracy' is not allowed: one of roc_auc, "):
        plot.backtest(results["backtest"], measure="accuracy")
    with pytest.raises(ValueError, match="state = 'gone' is not allowed: one of active, lapsed"):
        plot.backtest(results["backtest"], state="gone")


# Style.


def test_colours_can_be_told_from_either_background() -> None:
    assert len(_style.COLORS) == len(_style.LINES) == len(_style.MARKERS)
    for color in _style.COLORS:
        light = _style.luminance(color)
        assert 1.05 / (light + 0.05) > 2 and (light + 0.05) / 0.05 > 3


def test_names_are_shortened_in_the_middle() -> None:
    assert _style.shorten("mean_first_response_hours") == "mean_first_response_hours"
    short = _style.shorten("a" * 30 + "z" * 30)
    assert len(short) == 28 and short.startswith("aaa") and short.endswith("zzz") and "…" in short


@pytest.mark.parametrize(
    ("starts", "end", "labels"),
    [
        (["2023-01-01", "2024-01-01"], "2025-01-01", ["2023", "2024"]),
        (["2024-01-01", "2024-10-01"], "2025-01-01", ["2024 Q1", "2024 Q4"]),
        (["2024-01-01", "2024-02-01"], "2024-03-01", ["2024-01", "2024-02"]),
        (["2024-01-01", "2024-01-08"], "2024-01-15", ["2024-01-01", "2024-01-08"]),
        (["2024-01-15", "2024-02-15"], "2024-03-15", ["2024-01-15", "2024-02-15"]),
    ],
)
def test_periods_by_name(starts: list[str], end: str, labels: list[str]) -> None:
    times = [pd.Timestamp(start).to_pydatetime() for start in starts]
    ends = [*times[1:], pd.Timestamp(end).to_pydatetime()]
    if labels[0] == "2024 Q1":
        ends[0] = pd.Timestamp("2024-04-01").to_pydatetime()
    assert _style.period_labels(times, ends) == labels


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (7.25, "7.25"),
        (940.4, "940"),
        (12_400, "12.4k"),
        (999_600, "1M"),
        (3.1e6, "3.1M"),
    ],
)
def test_numbers_in_few_letters(value: float, text: str) -> None:
    assert _style.compact(value) == text
    if value:
        assert _style.compact(-value) == "\N{MINUS SIGN}" + text


def of_days(purchases: list[tuple[str, str]], until: str, **tables: Any) -> wb.EventLog:
    """A log of a few purchases of 10 each."""
    frame = pl.DataFrame(
        {
            "customer_id": [customer for customer, _ in purchases],
            "time": [time for _, time in purchases],
            "amount": [10.0] * len(purchases),
        }
    ).with_columns(pl.col("time").str.to_datetime())
    return wb.EventLog(frame, observed_until=until, **tables)
