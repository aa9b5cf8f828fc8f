"""Plots of the base over time: what is drawn equals the tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from matplotlib.colors import to_rgb

import winback as wb
from plotted import labelled, legend_of, points
from winback import plot


def test_return_curve(results: dict[str, Any]) -> None:
    report = results["return_curve"]
    ax = plot.return_curve(report)
    table = report.tables["returns"].to_polars().filter(grouping="all")
    seen = table.filter(pl.col("silences") >= 30)
    expected = list(zip(seen["silence_days"], seen["return_share"], strict=True))
    assert points(labelled(ax, "within")) == expected
    at_all = table.drop_nulls("return_share_at_all")
    expected = list(zip(at_all["silence_days"], at_all["return_share_at_all"], strict=True))
    assert points(labelled(ax, "at all")) == expected
    limits = report.tables["limits"].to_polars().filter(grouping="all", source="suggested")
    for row in limits.iter_rows(named=True):
        line = labelled(ax, f"suggested {row['limit']}: {row['days']} days")
        assert points(line) == [(row["days"], row["return_share"])]
    band = ax.collections[0].get_paths()[0].vertices
    for low in seen["return_share_low"]:
        assert np.isclose(band[:, 1], low).any()
    thin = plot.return_curve(report, min_silences=10**6)
    assert points(labelled(thin, "within")) == []
    assert legend_of(thin) == ["within the horizon", "at all (Kaplan-Meier)"]
    everything = plot.return_curve(report, min_silences=0)
    assert len(points(labelled(everything, "within"))) == len(table.drop_nulls("return_share"))


def test_return_curve_of_groups(results: dict[str, Any]) -> None:
    report = results["return_curve"]
    ax = plot.return_curve(report, grouping="purchases", groups=["10+", "1"])
    table = report.tables["returns"].to_polars().filter(pl.col("silences") >= 30)
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
    with pytest.raises(ValueError, match="grouping: expected one of all, purchases"):
        draw(report, grouping="city")
    with pytest.raises(ValueError, match="groups: expected one of 1, 2-3, 4-9, 10+"):
        draw(report, grouping="purchases", groups=["5"])
    with pytest.raises(ValueError, match=r"groups: expected 1 to 6 of them, got \[\]"):
        draw(report, grouping="purchases", groups=[])
    with pytest.raises(TypeError, match="groups: expected a list of names"):
        draw(report, grouping="purchases", groups="1")
    with pytest.raises(TypeError, match="grouping: expected a str"):
        draw(report, grouping=1)


def test_gap_distribution(results: dict[str, Any]) -> None:
    report = results["gap_distribution"]
    ax = plot.gap_distribution(report)
    rows = report.tables["gaps"].to_polars().filter(grouping="all")
    for start, method in (("all silences", "kaplan_meier"), ("gaps that", "completed")):
        row = rows.filter(method=method).row(0, named=True)
        quantiles = [10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99]
        expected = [(row[f"p{q}"], q / 100) for q in quantiles if row[f"p{q}"] is not None]
        assert points(labelled(ax, start)) == expected
    groups = plot.gap_distribution(report, grouping="purchases")
    assert legend_of(groups) == ["1", "2-3", "4-9", "10+"]


@pytest.mark.parametrize("value", ["customers", "share", "revenue", "average_check"])
def test_cohorts_are_the_wide_table(value: Any, simulated_log: wb.EventLog) -> None:
    cohorts = wb.retention.cohorts(simulated_log, "1q")
    ax = plot.cohorts(cohorts, value=value)
    wide = cohorts.tables[value]
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
    later = [cell for row in expected for cell in row[1:] if cell is not None]
    least = min(cell for row in expected for cell in row if cell is not None)
    assert mesh.get_clim() == (least if value == "average_check" else 0, max(later))
    top, bottom = ax.get_ylim()
    assert top > bottom


def test_cohorts_of_nobody_are_left_out() -> None:
    log = of_days([("a", "2024-01-05"), ("b", "2024-03-07"), ("b", "2024-04-01")], "2024-05-01")
    ax = plot.cohorts(wb.retention.cohorts(log, "1mo"))
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["2024-01 (1)", "2024-03 (1)"]
    with pytest.raises(ValueError, match="there are no cohorts"):
        plot.cohorts(wb.retention.cohorts(log, "1mo", start="2024-04-01"))
    with pytest.raises(ValueError, match="value: expected one of "):
        plot.cohorts(wb.retention.cohorts(log, "1mo"), value="orders")  # type: ignore[arg-type]


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
    ax = plot.flow(wb.retention.flow(log, "1mo"))
    assert [label.get_text() for label in ax.get_xticklabels()] == ["2024-01"]
    with pytest.raises(ValueError, match="there is no period that is over"):
        plot.flow(wb.retention.flow(log, "1q"))


def test_migration_marks_thin_rows() -> None:
    before = ["a"] * 40 + ["b"] * 5 + [None] * 3
    after = ["a"] * 30 + ["b"] * 10 + ["a", "b", "b", "b", None] + ["a", "b", "b"]
    migration = wb.retention.label_migration(before, after)
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
        plot.migration(wb.retention.label_migration([], []))


def test_nps(results: dict[str, Any]) -> None:
    report = results["nps"]
    ax = plot.nps(report)
    rows = report.tables["periods"].to_polars().filter(grouping="all")
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
    ax = plot.nps(wb.surveys.nps(log.at("2024-03-01"), every="1mo"))
    assert ax.lines[1].get_ydata()[0] == 100


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


def test_cohorts_say_in_what_they_are_counted(simulated_log: wb.EventLog) -> None:
    for every, unit in [("1mo", "months"), ("1q", "quarters"), ("1y", "years")]:
        ax = plot.cohorts(wb.retention.cohorts(simulated_log, every), value="customers")
        assert ax.get_title() == "Cohorts: customers"
        assert ax.get_xlabel() == f"{unit} since the first purchase"


def test_cells_of_nobody_have_no_colour(simulated_log: wb.EventLog) -> None:
    moved = wb.retention.migration(simulated_log.at("2024-07-01"), simulated_log.at("2024-10-01"))
    ax = plot.migration(moved)
    mesh = ax.collections[0]
    colors = mesh.to_rgba(mesh.get_array()).reshape(-1, 4)
    shares = [share for share in moved["share"] if share is not None]
    empty = [tuple(color) == (1.0, 1.0, 1.0, 1.0) for color in colors]
    assert empty == [share == 0 for share in shares] and any(empty)
