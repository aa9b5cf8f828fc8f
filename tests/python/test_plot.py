"""Plots: any axes, any background, wrong input; nothing else changes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from plotted import arguments
from winback import plot
from winback.plot import _style

CHURNED = [0, 1, 0, 1, 0, 1, 0, 1, 0, 0]
SCORE = [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9, 0.3, 0.3]

OF_SCORES = ["calibration_curve", "gains_curve", "lift_curve", "roc_curve"]
OF_RESULTS = sorted(set(plot.__all__) - set(OF_SCORES))


def drawer(name: str, results: dict[str, Any]) -> Callable[..., Axes]:
    function = getattr(plot, name)
    given = (CHURNED, SCORE) if name in OF_SCORES else arguments(results[name])
    return lambda **keywords: function(*given, **keywords)


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
def test_another_result_is_refused(name: str, results: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="expected what .* gives, got dict"):
        getattr(plot, name)({}, *arguments(results[name])[1:])
    assert plt.get_fignums() == []


@pytest.mark.parametrize("name", plot.__all__)
def test_axes_must_be_axes(name: str, results: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="ax: expected Axes of matplotlib, got ndarray"):
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
