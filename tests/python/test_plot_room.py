"""Plots in small axes beside others: nothing covers or cuts off anything."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import winback as wb
from plotted import arguments, legend_of, overlapping, shown, ticks_of
from winback import plot
from winback.plot import _style

CHURNED = [0, 1, 0, 1, 0, 1, 0, 1, 0, 0] * 20
SCORE = [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9, 0.3, 0.3] * 20
OF_SCORES = ["calibration_curve", "gains_curve", "lift_curve", "roc_curve"]


def draw(name: str, results: dict[str, Any], ax: Axes) -> None:
    function = getattr(plot, name)
    if name not in OF_SCORES:
        function(*arguments(results[name]), ax=ax)
        return
    function(CHURNED, SCORE, label="logistic model", ax=ax)
    function(CHURNED, [score**2 for score in SCORE], label="logistic model, squared", ax=ax)


def two_of_four(name: str, results: dict[str, Any], layout: str) -> tuple[Figure, list[Axes]]:
    """The plot twice, in the left and in the right of a grid of four."""
    fig, axes = plt.subplots(2, 2, figsize=(10, 8), layout="constrained" if layout else None)
    for ax in axes[0]:
        draw(name, results, ax)
    if not layout:
        plt.tight_layout()
    fig.canvas.draw()
    return fig, list(axes[0])


@pytest.mark.parametrize(
    ("name", "layout"),
    [(name, "constrained") for name in plot.__all__]
    + [(name, "") for name in ("drift", "lorenz_curve", "profit_curve", "shares", "waterfall")],
)
def test_nothing_is_covered_in_a_grid(name: str, layout: str, results: dict[str, Any]) -> None:
    fig, (ax, neighbour) = two_of_four(name, results, layout)
    for axis in (ax.xaxis, ax.yaxis):
        # The boxes of slanted labels overlap, though the labels do not.
        level = [label for label in ticks_of(axis) if label.get_rotation() in (0, 90)]
        assert overlapping(shown(level)) == []
    assert overlapping(shown(list(ax.texts))) == []
    legend = ax.get_legend()
    if legend is not None:
        box = legend.get_window_extent()
        assert [text for text, its in shown(list(ax.texts)) if its.overlaps(box)] == []
        for line in ax.lines:
            if line.get_gid() or str(line.get_label()).startswith(("within", "best", "all sil")):
                x, y = (np.asarray(each, dtype=float) for each in line.get_data())
                along = np.linspace(0, len(x) - 1, 2000)
                dense = np.column_stack([np.interp(along, range(len(x)), each) for each in (x, y)])
                inside = box.count_contains(ax.transData.transform(dense))
                assert inside == 0, line.get_label()
        assert not any(box.overlaps(bar.get_window_extent()) for bar in ax.patches)
    box, beside = ax.get_tightbbox(), neighbour.get_tightbbox()
    title = neighbour.title.get_window_extent()
    assert box is not None and beside is not None
    assert box.x0 >= -2 and beside.x1 <= fig.bbox.x1 + 2 and title.x1 <= fig.bbox.x1 + 2
    # Of axes of equal sides beside each other a layout may leave no gap, but no overlap.
    assert box.x1 <= beside.x0 + 2


def test_cells_say_their_number_where_there_is_room_when_drawn(results: dict[str, Any]) -> None:
    fig, ax = plt.subplots(figsize=(10, 5), layout="constrained")
    plot.cohorts(results["cohorts"], ax=ax)
    fig.canvas.draw()
    assert len(shown(list(ax.texts))) == len(ax.texts) == 78
    fig.set_size_inches(4, 4)
    fig.canvas.draw()
    assert shown(list(ax.texts)) == []


@pytest.mark.parametrize(
    ("labels", "named"),
    [
        (
            [f"{2022 + i // 4} Q{i % 4 + 1}" for i in range(2, 14)],
            ["2023 Q1", "2024 Q1", "2025 Q1"],
        ),
        (
            [f"{2023 + i // 12}-{i % 12 + 1:02d}" for i in range(1, 22)],
            ["2023-04", "2023-07", "2023-10", "2024-01", "2024-04", "2024-07", "2024-10"],
        ),
        ([str(i) for i in range(40)], [str(i) for i in range(0, 40, 2)]),
        (["2024-01-01", "2024-01-08", "2024-01-15"], ["2024-01-01", "2024-01-08", "2024-01-15"]),
    ],
)
def test_periods_are_named_from_the_start_of_years(labels: list[str], named: list[str]) -> None:
    fig, ax = plt.subplots(figsize=(9, 4))
    ax.set_xlim(-0.5, len(labels) - 0.5)
    _style.name_ticks(ax, "x", labels)
    fig.canvas.draw()
    assert [label.get_text() for label in ticks_of(ax.xaxis)] == named
    fig.set_size_inches(40, 4)
    fig.canvas.draw()
    assert [label.get_text() for label in ticks_of(ax.xaxis)] == labels


def test_every_cutoff_is_named_and_points_stand_at_it(results: dict[str, Any]) -> None:
    _, ax = plt.subplots(figsize=(3, 3))
    plot.backtest(results["backtest"], ax=ax)
    cutoffs = results["backtest"].figures["cutoffs"]
    assert [label.get_text() for label in ax.get_xticklabels()] == cutoffs
    for line in ax.lines[1:]:
        assert np.abs(np.asarray(line.get_xdata()) - range(len(cutoffs))).max() < 0.04


def test_a_wide_legend_stands_below_the_curve() -> None:
    _, ax = plt.subplots(figsize=(3, 3))
    plot.roc_curve(CHURNED, SCORE, label="a model of a very long name", ax=ax)
    legend = ax.get_legend()
    assert legend is not None and len(legend_of(ax)) == 1
    assert legend.get_window_extent().y1 < ax.get_window_extent().y0
    short = plot.roc_curve(CHURNED, SCORE)
    legend = short.get_legend()
    assert legend is not None
    assert legend.get_window_extent().y0 > short.get_window_extent().y0


@pytest.mark.parametrize(
    "name",
    ["calibration_curve", "drift", "lorenz_curve", "profit_curve", "return_curve", "shares"],
)
def test_where_no_corner_is_free_the_legend_stands_below(
    name: str, results: dict[str, Any]
) -> None:
    _, ax = plt.subplots(figsize=(4, 3))
    draw(name, results, ax)
    legend = ax.get_legend()
    assert legend is not None
    label = ax.xaxis.label.get_window_extent()
    assert legend.get_window_extent().y1 <= label.y0


def test_a_long_title_is_broken(results: dict[str, Any]) -> None:
    _, ax = plt.subplots(figsize=(3.5, 3))
    plot.beeswarm(results["beeswarm"], by="feature", ax=ax)
    lines = ax.get_title().split("\n")
    assert len(lines) > 1 and " ".join(lines).startswith("What moves the chance of")
    assert "\n" not in plot.beeswarm(results["beeswarm"]).get_title()


def test_shares_have_no_idle_decimals(simulated_log: wb.EventLog) -> None:
    ax = plot.shares(wb.segments.rfm(simulated_log.at("2025-01-01")))
    labels = [label.get_text() for label in ticks_of(ax.xaxis)]
    assert labels[:2] == ["0 %", "10 %"]


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(-0.001, "+.2f", "0.00"), (0.0, "+.2f", "0.00"), (-1.5, "+.2f", "\N{MINUS SIGN}1.50")],
)
def test_what_is_rounded_to_zero_has_no_sign(value: float, digits: str, text: str) -> None:
    assert _style.signed(value, digits) == text
