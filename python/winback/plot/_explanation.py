"""What moves the chance of a purchase: of one customer and of many."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from typing import TYPE_CHECKING, Any, Literal

from winback._arguments import to_count
from winback.explanation import Explanation
from winback.plot._style import (
    COLORS,
    DOWN,
    HATCH,
    UP,
    beside,
    color_bar,
    expect,
    expect_one_of,
    ink,
    muted,
    new_axes,
    paper,
    sequential,
    shorten,
    signed,
    text_size,
    tidy,
)
from winback.table import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

By = Literal["group", "feature"]
_PREFIX = "contribution_"
_HOW = "explain()"


def waterfall(
    explanation: Explanation,
    *,
    customer_id: int | str | None = None,
    by: By = "group",
    features: Table | None = None,
    top: int = 10,
    ax: Axes | None = None,
) -> Axes:
    """What moves one customer's chance of a purchase, from the base to the customer's log-odds.

    Bars to the right raise the chance, hatched ones to the left lower it; the largest come first.
    With each stands what the customer's value is.

    Args:
        explanation: What :meth:`winback.ChurnModel.explain` gives.
        customer_id: The customer; may be left out where only one was explained.
        by: ``"group"`` of columns that tell of the same thing, or single ``"feature"``. A group is
            named with its column of the first reason in the direction of its contribution.
        features: The customers' features at the same cutoff, as
            :meth:`winback.EventLog.features` gives them, to name the values of all columns; by
            default those that the reasons name. For ``by="feature"``.
        top: So many bars at most; the rest is summed up in one.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: ``explanation`` is something else, or an argument of another type.
        ValueError: A customer that was not explained, or none is named and there are several; a
            ``by`` that is not offered, or with which ``features`` cannot be used.
        ImportError: matplotlib is not installed.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=1000).event_log()
        >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
        >>> ax = wb.plot.waterfall(model.explain(log, at="2025-01-01", customer_id=17))
        >>> ax.get_xlabel()
        'log-odds of a purchase'
    """
    expect("explanation", explanation, Explanation, _HOW)
    expect_one_of("by", by, ("group", "feature"))
    rows = _columns(explanation, by)
    customers = explanation.groups["customer_id"]
    row = _row_of(customers, customer_id)
    shown = [(name, values[row]) for name, values in rows.items() if values[row]]
    shown.sort(key=lambda pair: -abs(pair[1]))
    top = _positive("top", top)
    notes = _values(explanation, customers[row], by, features)
    bars = [(_named(name, notes), value) for name, value in shown[:top]]
    if shown[top:]:
        bars.append((f"{len(shown) - top} others", sum(value for _, value in shown[top:])))
    base, end = explanation.groups["base"][row], explanation.groups["log_odds"][row]
    chance = explanation.groups["purchase_probability"][row]
    ax = new_axes(ax, 6.8, 1.4 + 0.42 * (len(bars) + 2))
    place, passed = base, [base, end]
    for i, (_, value) in enumerate(bars, start=1):
        ax.barh(
            i,
            value,
            left=place,
            height=0.62,
            color=UP if value > 0 else DOWN,
            hatch=None if value > 0 else HATCH,
            edgecolor=paper(ax),
            linewidth=0,
        )
        place += value
        passed.append(place)
        ax.plot([place, place], [i - 0.31, i + 1.31], color=muted(ax), linewidth=0.8)
        beside(ax, signed(value, "+.2f"), (max(place, place - value), i))
    last = len(bars) + 1
    for y, value in ((0, base), (last, end)):
        ax.plot([value], [y], marker="D", color=ink(ax), linestyle="none")
        beside(ax, signed(value), (value, y), (8, 0), weight="bold")
    ax.plot([base, base], [0, 1.31], color=muted(ax), linewidth=0.8, zorder=0.5)
    state = explanation.groups["state"][row]
    tidy(
        ax,
        f"Customer {customers[row]} ({state})",
        "log-odds of a purchase",
        "",
        grid=False,
    )
    result = f"this customer\npurchase probability {100 * chance:.1f} %"
    ax.set_yticks(range(last + 1), ["base (mean customer)", *(name for name, _ in bars), result])
    room = ax.get_window_extent().height * 72 / ax.figure.dpi / (last + 1.2)
    ax.tick_params(axis="y", length=0, labelsize=min(text_size(ax), room / 2.5))
    ax.spines["left"].set_visible(False)
    ax.set_ylim(last + 0.6, -0.6)
    margin = 0.12 * (max(passed) - min(passed)) or 1.0
    ax.set_xlim(min(passed) - margin / 2, max(passed) + margin)
    return ax


def beeswarm(
    explanation: Explanation,
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
            :meth:`winback.EventLog.features` gives them, to colour the points from low to high
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
        >>> explanation = model.explain(log, at="2025-01-01", reasons=0)
        >>> ax = wb.plot.beeswarm(explanation, state="lapsed", top=5)
        >>> len(ax.collections)
        5
    """
    expect("explanation", explanation, Explanation, _HOW)
    expect_one_of("by", by, ("group", "feature"))
    states = explanation.groups["state"]
    expect_one_of("state", state, sorted(set(states)))
    everyone = [row for row, its in enumerate(states) if its == state]
    most = _positive("max_customers", max_customers)
    count = min(most, len(everyone))
    drawn = [everyone[i * len(everyone) // count] for i in range(count)]
    columns = _columns(explanation, by)
    size = {
        name: sum(abs(values[row]) for row in everyone) / len(everyone)
        for name, values in columns.items()
    }
    names = sorted((name for name in columns if size[name]), key=lambda name: -size[name])
    names = names[: _positive("top", top)]
    customers = explanation.groups["customer_id"]
    colors = None
    ax = new_axes(ax, 7.2 if features is None else 7.8, 1.2 + 0.42 * max(len(names), 3))
    if features is not None:
        _only_features(by)
        places = _places(features)
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
        "contribution to the log-odds of a purchase",
        "",
    )
    ax.set_yticks(range(len(names)), [shorten(name) for name in names])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_ylim(len(names) - 0.4, -0.6)
    if colors is not None:
        from matplotlib.cm import ScalarMappable

        bar = color_bar(ax, ScalarMappable(cmap=sequential(ax)), "value of the feature, by rank")
        bar.set_ticks([0, 1], labels=["low", "high"])
    return ax


def _columns(explanation: Explanation, by: By) -> dict[str, list[float]]:
    """Contributions by group or column."""
    table = explanation.groups if by == "group" else explanation.contributions
    return {
        name.removeprefix(_PREFIX): table[name]
        for name in table.column_names
        if name.startswith(_PREFIX)
    }


def _row_of(customers: list[Any], customer_id: int | str | None) -> int:
    if customer_id is None:
        if len(customers) != 1:
            raise ValueError(f"{len(customers):,} customers were explained: name a customer_id")
        return 0
    if customer_id not in customers:
        raise ValueError(f"customer_id = {customer_id!r} is not allowed: it was not explained")
    return customers.index(customer_id)


def _positive(name: str, value: int) -> int:
    count = to_count(name, value)
    if count == 0:
        raise ValueError(f"{name} = 0 is not allowed: 1 or more")
    return count


def _values(
    explanation: Explanation, customer: Any, by: By, features: Table | None
) -> dict[str, str]:
    """What stands with each group or column of a customer."""
    if features is not None:
        _only_features(by)
        places = _places(features)
        if customer not in places:
            raise ValueError(f"features have no customer {customer!r}")
        names = [name for name in features.column_names if name != "customer_id"]
        return {name: _shown(features[name][places[customer]]) for name in names}
    found: dict[str, str] = {}
    reasons = explanation.reasons
    columns = zip(
        *(reasons[name] for name in ("customer_id", "group", "feature", "value")), strict=True
    )
    for whose, group, feature, value in columns:
        if whose == customer and by == "group":
            found.setdefault(group, f"{shorten(feature)}: {shorten(value, 20)}")
        elif whose == customer:
            found.setdefault(feature, shorten(value, 20))
    return found


def _only_features(by: By) -> None:
    if by != "feature":
        raise ValueError('features are for by="feature": a group has no value of its own')


def _places(features: Table) -> dict[Any, int]:
    """The row of each customer."""
    if not isinstance(features, Table):
        raise TypeError(
            "features must be a winback.Table, as EventLog.features() gives it, "
            f"not {type(features).__name__}"
        )
    customers = features["customer_id"]
    if len(set(customers)) < len(customers):
        raise ValueError("features hold a customer twice: give those of one cutoff")
    return {customer: row for row, customer in enumerate(customers)}


def _shown(value: Any) -> str:
    if value is None or value != value:
        return "not defined"
    return f"{value:,.4g}" if isinstance(value, (int, float)) else shorten(str(value), 20)


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


def _named(name: str, notes: dict[str, str]) -> str:
    return f"{shorten(name)}\n{notes[name]}" if name in notes else shorten(name)
