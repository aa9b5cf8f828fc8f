"""Plots of explanations: the contributions of the tables, with values."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import polars as pl
import pytest
from matplotlib.axes import Axes

import winback as wb
from winback import plot
from winback.plot import _style, _waterfall

CUT, END = "2024-10-01", "2025-01-01"


@pytest.mark.parametrize("by", ["group", "feature"])
def test_waterfall_goes_from_the_base_to_the_log_odds(by: Any, results: dict[str, Any]) -> None:
    explanation = results["waterfall"]
    table = explanation.tables["groups"] if by == "group" else explanation.tables["contributions"]
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


def test_waterfall_names_the_values(
    simulated_log: wb.EventLog, fitted_model: wb.ChurnModel, results: dict[str, Any]
) -> None:
    explanation = results["waterfall"]
    reasons = explanation
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
        assert labels[group] == text
    features = fitted_model.features(simulated_log.at(END))
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
        if value is None or value != value:
            assert text == "not defined"
        else:
            plain = float(re.sub(r"[^-\d.]", "", text.replace("\N{MINUS SIGN}", "-")))
            expected, near = (100 * value, 0.5) if "%" in text else (value, 0.05)
            assert plain == pytest.approx(expected, rel=0.05, abs=near)
        if name.startswith("days_since") and text != "not defined":
            assert text.endswith((" day", " days"))


@pytest.mark.parametrize(
    ("value", "name", "unit", "text"),
    [
        (77181.34, "total_spend", "currency", "77,181.34"),
        (77180.0, "total_spend", "currency", "77,180"),
        (1.0, "tenure_days", "days", "1 day"),
        (8.94, "mean_gap_days", "days", "8.9 days"),
        (1740.2, "tenure_days", "days", "1,740 days"),
        (0.314, "discount_share", "share", "31 %"),
        (2.04, "overdue_ratio", "ratio", "×2"),
        (12.0, "purchase_count", "count", "12"),
        (-0.001, "check_trend", "log ratio", "0"),
        (float("nan"), "mean_gap_days", "days", "not defined"),
        (True, "newsletter", None, "True"),
        ("north", "city", None, "north"),
    ],
)
def test_values_have_units_and_no_exponents(
    value: Any, name: str, unit: str | None, text: str
) -> None:
    assert _waterfall._shown(value, name, unit) == text


def test_waterfall_of_one_of_many(results: dict[str, Any]) -> None:
    explanation = results["beeswarm"]
    row = explanation.tables["groups"]["customer_id"].index(17)
    ax = plot.waterfall(explanation, customer_id=17)
    assert ax.get_title() == f"Customer 17 ({explanation.tables['groups']['state'][row]})"
    base = explanation.tables["groups"]["base"][row]
    total = base + sum(bar.get_width() for bar in ax.patches)
    assert total == pytest.approx(explanation.tables["groups"]["log_odds"][row])
    with pytest.raises(ValueError, match="expected one of the .* customers that were explained"):
        plot.waterfall(explanation)
    with pytest.raises(ValueError, match="customer_id: expected one that was explained, got 'x'"):
        plot.waterfall(explanation, customer_id="x")


def test_explanations_refuse_wrong_arguments(
    simulated_log: wb.EventLog, results: dict[str, Any]
) -> None:
    one, all_ = results["waterfall"], results["beeswarm"]
    features = simulated_log.at(END).features()
    for draw, explanation in ((plot.waterfall, one), (plot.beeswarm, all_)):
        with pytest.raises(ValueError, match="by: expected one of group, feature, got 'column'"):
            draw(explanation, by="column")  # type: ignore[operator]
        with pytest.raises(ValueError, match='by: expected "feature" beside features'):
            draw(explanation, features=features)  # type: ignore[operator]
        with pytest.raises(TypeError, match="features: expected a table"):
            draw(explanation, by="feature", features=features.to_polars())  # type: ignore[operator]
        with pytest.raises(ValueError, match="features have no column customer_id"):
            draw(explanation, by="feature", features=wb.catalogue())  # type: ignore[operator]
        with pytest.raises(ValueError, match="top: expected 1 or more, got 0"):
            draw(explanation, top=0)  # type: ignore[operator]
        with pytest.raises(ValueError, match="features hold a customer twice"):
            twice = simulated_log.panel(at=[CUT, END])
            draw(explanation, by="feature", features=twice)  # type: ignore[operator]
    with pytest.raises(ValueError, match="features have no customer 17"):
        plot.waterfall(one, by="feature", features=simulated_log.at("2022-01-02").features())
    with pytest.raises(ValueError, match="state: expected one of active, lapsed"):
        plot.beeswarm(all_, state="gone")
    with pytest.raises(ValueError, match="max_customers: expected 1 or more"):
        plot.beeswarm(all_, max_customers=0)


@pytest.mark.parametrize("by", ["group", "feature"])
def test_beeswarm_holds_every_contribution(
    by: Any, simulated_log: wb.EventLog, results: dict[str, Any]
) -> None:
    explanation = results["beeswarm"]
    table = (
        explanation.tables["groups"] if by == "group" else explanation.tables["contributions"]
    ).to_polars()
    table = table.filter(state="active").select(pl.col("^contribution_.*$"))
    features = simulated_log.at(END).features() if by == "feature" else None
    ax = plot.beeswarm(explanation, by=by, features=features, top=4)
    sizes = {name: table[name].abs().mean() for name in table.columns}
    names = sorted(sizes, key=lambda name: -sizes[name])[:4]  # type: ignore[operator]
    assert [f"contribution_{label.get_text()}" for label in ax.get_yticklabels()] == names
    for i, name in enumerate(names):
        offsets = np.asarray(ax.collections[i].get_offsets())
        assert offsets[:, 0].tolist() == table[name].to_list()
        assert np.abs(offsets[:, 1] - i).max() <= 0.4 + 1e-9
        assert len(set(map(tuple, offsets.tolist()))) > 0.95 * len(offsets)


def test_beeswarm_colours_by_rank(simulated_log: wb.EventLog, results: dict[str, Any]) -> None:
    features = simulated_log.at(END).features()
    ax = plot.beeswarm(results["beeswarm"], by="feature", features=features, top=60)
    states = results["beeswarm"].tables["groups"]
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
    everyone = results["beeswarm"].tables["groups"]["state"].count("active")
    assert len(ax.collections[0].get_offsets()) == 50
    assert ax.get_title() == f"What moves the chance of 50 of {everyone} active customers"
