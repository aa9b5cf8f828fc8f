"""Plots of quality, drift and groups: what is drawn equals the tables."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import winback as wb
from plotted import labelled, legend_of, points
from winback import plot

CUT, END = "2024-10-01", "2025-01-01"


def test_profit_curve(results: dict[str, Any]) -> None:
    report = results["profit_curve"]
    ax = plot.profit_curve(report)
    table, values = report, report.figures
    assert points(ax.lines[1]) == list(zip(table["share"], table["total_profit"], strict=True))
    for name, key in (
        ("best share", "model"),
        ("best by recency", "recency"),
        ("everybody", "everybody"),
    ):
        expected = (values[key]["share"], values[key]["total_profit"])
        assert points(labelled(ax, name)) == [expected]
    of_table = plot.profit_curve(report.tables["curve"])
    assert points(labelled(of_table, "best share")) == points(labelled(ax, "best share"))
    assert points(labelled(of_table, "everybody")) == points(labelled(ax, "everybody"))
    assert ax.get_ylabel() == "profit (in the currency of\nthe customer lifetime value)"
    with pytest.raises(ValueError, match="the table is no profit curve: it has no column share"):
        plot.profit_curve(wb.catalogue())


@pytest.mark.parametrize("measure", ["roc_auc", "lift_10", "log_loss"])
def test_backtest(measure: str, results: dict[str, Any]) -> None:
    backtest = results["backtest"]
    ax = plot.backtest(backtest, state="lapsed", measure=measure)
    table = backtest.to_polars().filter(part="cutoff", state="lapsed")
    names = legend_of(ax)
    assert names[0] == "model"
    for i, name in enumerate(names):
        rows = table.filter(score=name).drop_nulls(measure)
        assert list(labelled(ax, name).get_ydata()) == rows[measure].to_list() != []
        ends = [tuple(path.vertices[:, 1]) for path in ax.collections[i].get_paths()]
        expected = zip(rows[f"{measure}_low"], rows[f"{measure}_high"], strict=True)
        assert ends == [pair for pair in expected if None not in pair]


def test_backtest_refuses_what_it_has_not(results: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="measure: expected one of roc_auc, "):
        plot.backtest(results["backtest"], measure="accuracy")
    with pytest.raises(ValueError, match="state: expected one of active, lapsed"):
        plot.backtest(results["backtest"], state="gone")


def test_drift(results: dict[str, Any]) -> None:
    table = results["drift"]
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
    assert ax.get_xlim() == (0, min(1.0, max(0.3, 1.12 * max(expected))))
    texts = [text.get_text() for text in ax.texts]
    assert texts == [f"{p:.2f}" if p <= 1 else f"→ {p:.2f}" for p in expected]


def test_shares(simulated_log: wb.EventLog, fitted_model: wb.ChurnModel) -> None:
    scores = fitted_model.score(simulated_log.at(END))
    ax = plot.shares(scores)
    counts = [scores["state"].count(state) for state in ("active", "lapsed", "lost")]
    assert [bar.get_width() for bar in ax.patches] == [count / len(scores) for count in counts]
    now = simulated_log.at(END)
    for groups, name in [
        (wb.segments.loyalty(now), "groups"),
        (wb.segments.rfm(now), "segments"),
    ]:
        summary = groups.tables[name]
        ax = plot.shares(groups)
        customers, revenue = ax.containers
        assert [bar.get_width() for bar in customers] == pytest.approx(summary["share"])
        assert [bar.get_width() for bar in revenue] == summary["revenue_share"]
        assert f"({summary['customers'][0]})" in ax.texts[0].get_text()


def test_lorenz_curve(results: dict[str, Any]) -> None:
    found = results["lorenz_curve"]
    lorenz, top_groups = found.tables["lorenz"], found.tables["top"]
    gini = found.figures["gini"]
    ax = plot.lorenz_curve(found)
    expected = zip(lorenz["customer_share"], lorenz["revenue_share"], strict=True)
    assert points(labelled(ax, "Gini")) == list(expected)
    assert legend_of(ax) == [f"Gini {gini:.3f}"]
    shares = [f"top {100 * top:g} %" for top in top_groups["top_share"]]
    assert [text.get_text().split(":")[0] for text in ax.texts] == shares
    marks = [points(line)[0] for line in ax.lines if len(line.get_xdata()) == 1]
    tops = zip(top_groups["top_share"], top_groups["revenue_share"], strict=True)
    assert marks == [(1 - top, 1 - share) for top, share in tops]
    plot.lorenz_curve(found, label="again", ax=ax)
    assert legend_of(ax)[1] == f"again: Gini {gini:.3f}"


def test_what_was_known_of_an_effect_is_drawn_day_by_day(results: dict[str, Any]) -> None:
    found = results["effect_over_time"]
    ax = plot.effect_over_time(found, metric="purchased")
    rows = found.tables["over_time"].to_polars().filter(metric="purchased", arm="offer_a")
    line = labelled(ax, "offer_a")
    assert points(line) == [(i, 100 * d) for i, d in enumerate(rows["difference"])]
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    ends = (rows["difference_low"].min(), rows["difference_high"].max())
    assert (band.min(), band.max()) == pytest.approx([100 * end for end in ends])
    with pytest.raises(ValueError, match="metric: expected one of .*, got 'sold'"):
        plot.effect_over_time(found, metric="sold")


def test_an_effect_without_looks_has_no_course_of_time() -> None:
    table = {"arm": ["control", "offer"] * 50, "bought": [0, 1, 1, 1] * 25}
    found = wb.campaign.effect(pd.DataFrame(table), metrics=["bought"])
    with pytest.raises(ValueError, match=r"effect\(\.\.\., looks=\) gives, got an effect without"):
        plot.effect_over_time(found)


def test_a_budget_curve_of_a_test_stands_beside_lists_at_random() -> None:
    X, y = [[i % 7] for i in range(700)], [i % 3 == 0 for i in range(700)]
    model = wb.campaign.Uplift("t").fit(X, [i % 2 for i in range(700)], y)
    found = model.recommend(costs=0.1)
    ax = plot.budget_curve(found)
    curve = found.tables["curve"]
    for label, column in (("the best list", "gain"), ("as many at random", "at_random")):
        drawn = points(labelled(ax, label))
        assert drawn == list(zip(curve["spend"], curve[column], strict=True))
    assert len(ax.collections) == 2
