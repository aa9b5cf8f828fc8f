"""What moves the chance of a purchase of many customers."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from typing import TYPE_CHECKING, Any

from winback._arguments import at_least_one, expect_one_of
from winback.answer import Answer
from winback.plot._contributions import (
    By,
    check_features,
    contributions_by,
    groups_of,
    row_by_customer,
)
from winback.plot._style import (
    COLORS,
    color_bar,
    fit_title,
    muted,
    new_axes,
    row_size,
    sequential,
    shorten,
    tidy,
)
from winback.table import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def beeswarm(
    explanation: Answer,
    *,
    state: str = "active",
    by: By = "group",
    features: Table | None = None,
    top: int = 10,
    max_customers: int = 1000,
    ax: Axes | None = None,
) -> Axes:
    """What moves many customers' chance of a purchase, a point a customer.

    Groups or columns are ordered by their mean absolute contribution. The states have models of
    their own, so that one state is drawn at a time.

    Args:
        explanation: What :meth:`winback.ChurnModel.explain` gives.
        state: ``"active"``, ``"lapsed"`` or ``"lost"``.
        by: ``"group"`` of columns that tell of the same thing, or single ``"feature"``.
        features: The customers' features at the same cutoff, as
            :meth:`winback.Snapshot.features` gives them, to colour the points from low to high
            values (by rank; texts and missing values stay grey). For ``by="feature"``.
        top: So many rows at most.
        max_customers: So many customers at most; of more, evenly spread ones are drawn. The order
            of the rows is by all.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: ``explanation`` is something else, or an argument of another type.
        ValueError: No customers of the state; a ``by`` that is not offered, or with which
            ``features`` cannot be used.
        ImportError: matplotlib is not installed.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=1000).event_log()
        >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
        >>> explanation = model.explain(log.at("2025-01-01"), reasons=0)
        >>> ax = wb.plot.beeswarm(explanation, state="lapsed", top=5)
        >>> len(ax.collections)
        5
    """
    groups = groups_of(explanation)
    expect_one_of("by", by, ("group", "feature"))
    states = groups["state"]
    expect_one_of("state", state, sorted(set(states)))
    everyone = [row for row, its in enumerate(states) if its == state]
    most = at_least_one("max_customers", max_customers)
    count = min(most, len(everyone))
    drawn = [everyone[i * len(everyone) // count] for i in range(count)]
    columns = contributions_by(explanation, by)
    size = {
        name: sum(abs(values[row]) for row in everyone) / len(everyone)
        for name, values in columns.items()
    }
    names = sorted((name for name in columns if size[name]), key=lambda name: -size[name])
    names = names[: at_least_one("top", top)]
    customers = groups["customer_id"]
    colors = None
    ax = new_axes(ax, 7.2 if features is None else 7.8, 1.2 + 0.42 * max(len(names), 3))
    if features is not None:
        check_features(by)
        places = row_by_customer(features)
        colors = {
            name: _rank_colors(ax, features, name, [places.get(customers[row]) for row in drawn])
            for name in names
        }
    ends = [columns[name][row] for name in names for row in drawn]
    width = (max(ends, default=0.0) - min(ends, default=0.0)) / 120 or 1.0
    ax.axvline(0, color=muted(ax), linewidth=1, linestyle=":")
    for i, name in enumerate(names):
        values = [columns[name][row] for row in drawn]
        ax.scatter(
            values,
            [i + offset for offset in _swarm(values, width)],
            s=9,
            color=COLORS[0] if colors is None else colors[name],
            linewidths=0,
            rasterized=len(ends) > 5000,
        )
    some = f"{count:,} of {len(everyone):,}" if count < len(everyone) else f"{count:,}"
    tidy(
        ax,
        f"What moves the chance of {some} {state} customers",
        explanation._worded("contribution to the log-odds of a purchase"),
        "",
    )
    ax.set_yticks(range(len(names)), [shorten(name) for name in names])
    ax.tick_params(axis="y", length=0, labelsize=row_size(ax, len(names) or 1))
    ax.spines["left"].set_visible(False)
    ax.set_ylim(len(names) - 0.4, -0.6)
    fit_title(ax)
    if colors is not None:
        from matplotlib.cm import ScalarMappable

        bar = color_bar(ax, ScalarMappable(cmap=sequential(ax)), "value of the feature, by rank")
        bar.set_ticks([0, 1], labels=["low", "high"])
    return ax


def _rank_colors(ax: Axes, features: Table, name: str, rows: list[int | None]) -> list[Any]:
    """Colours of customers by the mean rank of their values; grey where there is none."""
    column = features[name] if name in features.column_names else []
    values = [column[row] if column and row is not None else None for row in rows]
    numbers = sorted(v for v in values if isinstance(v, (int, float)) and v == v)
    colors, grey, last = sequential(ax), muted(ax, 0.4), max(len(numbers) - 1, 1)
    return [
        colors((bisect_left(numbers, v) + bisect_right(numbers, v) - 1) / 2 / last)
        if isinstance(v, (int, float)) and v == v
        else grey
        for v in values
    ]


def _swarm(values: list[float], width: float) -> list[float]:
    """How far each point lies above or below its row: those of similar value are stacked."""
    layers = Counter[int]()
    offsets = []
    for value in values:
        layer = layers[round(value / width)]
        layers[round(value / width)] += 1
        offsets.append((layer + 1) // 2 * (1 if layer % 2 else -1))
    step = 0.4 / max(8, *(abs(offset) for offset in offsets))
    return [offset * step for offset in offsets]
