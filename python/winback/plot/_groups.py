"""How large groups are and how much of the revenue they bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winback._arguments import of_type, refusal
from winback.answer import Answer
from winback.plot._answers import expect_answer
from winback.plot._style import (
    COLORS,
    HATCH,
    LINES,
    MARKERS,
    beside,
    drawn,
    legend,
    muted,
    new_axes,
    paper,
    percent,
    row_size,
    shorten,
    text_size,
    tidy,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def lorenz_curve(
    concentration: Answer, *, label: str | None = None, ax: Axes | None = None
) -> Axes:
    """The Lorenz curve of the revenue, with the Gini coefficient.

    What share of the revenue the customers bring who bring least. The diagonal is that of customers
    who all bring the same; the Gini coefficient is twice the area between the two. The top groups
    are marked.

    Args:
        concentration: What :func:`winback.segments.concentration` gives.
        label: Name of the curve, for the legend.
        ax: Axes to draw on, also those of another Lorenz curve; by default a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: ``concentration`` is something else.
        ImportError: matplotlib is not installed.

    Examples:
        >>> import winback as wb
        >>> now = wb.simulate(customers=500).event_log().at("2025-01-01")
        >>> ax = wb.plot.lorenz_curve(wb.segments.concentration(now))
        >>> ax.get_xlabel()
        'share of customers, from the least revenue up'
    """
    columns, how = {"customer_share", "revenue_share"}, "segments.concentration()"
    expect_answer("concentration", concentration, "lorenz", columns, how)
    table, top = concentration.tables["lorenz"], concentration.tables["top"]
    ax = new_axes(ax, 5.0, 4.8)
    number = drawn(ax, "lorenz")
    look = number % len(COLORS)
    if not number:
        ax.plot([0, 1], [0, 1], color=muted(ax), linewidth=1, linestyle=":")
    text = f"Gini {concentration.figures['gini']:.3f}"
    ax.plot(
        table["customer_share"],
        table["revenue_share"],
        color=COLORS[look],
        linestyle=LINES[look],
        linewidth=2,
        label=text if label is None else f"{label}: {text}",
        gid="lorenz",
    )
    for group, revenue in zip(top["top_share"], top["revenue_share"], strict=True):
        ax.plot([1 - group], [1 - revenue], marker=MARKERS[look], color=COLORS[look])
        if not number:
            beside(
                ax,
                f"top {100 * group:.3g} %: {100 * revenue:.1f} %",
                (1 - group, 1 - revenue),
                (-7, 0),
                ha="right",
                bbox={"facecolor": paper(ax), "edgecolor": "none", "pad": 1, "alpha": 0.8},
            )
    tidy(
        ax,
        "Lorenz curve of the revenue",
        "share of customers, from the least revenue up",
        "share of the revenue",
    )
    ax.set(xlim=(0, 1.02), ylim=(0, 1.02), aspect="equal")
    percent(ax.xaxis)
    percent(ax.yaxis)
    legend(ax, "below")
    return ax


def shares(groups: Answer, *, ax: Axes | None = None) -> Axes:
    """How many customers are in each state, segment or loyalty group.

    Of segments and loyalty groups also what they bring, where the log has amounts.

    Args:
        groups: What :meth:`winback.ChurnModel.score` gives (states),
            :func:`winback.segments.rfm` (segments) or :func:`winback.segments.loyalty` (loyalty
            groups).
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: ``groups`` is something else.
        ImportError: matplotlib is not installed.

    Examples:
        >>> import winback as wb
        >>> now = wb.simulate(customers=500).event_log().at("2025-01-01")
        >>> ax = wb.plot.shares(wb.segments.loyalty(now))
        >>> [label.get_text() for label in ax.get_yticklabels()]
        ['loyal', 'neutral', 'vulnerable']
    """
    revenue: list[float | None] = []
    tables = groups.tables if isinstance(groups, Answer) else {}
    columns = getattr(groups, "column_names", ())
    if "scores" in tables and "state" in columns:
        kind, names = "state", ["active", "lapsed", "lost"]
        states = groups["state"]
        customers = [states.count(name) for name in names]
    elif "customer_id" in columns and ("segments" in tables or "groups" in tables):
        kind = "segment" if "segments" in tables else "group"
        summary = tables[f"{kind}s"]
        names, customers = summary[kind], summary["customers"]
        revenue = summary["revenue_share"]
    else:
        expected = "what ChurnModel.score(), segments.rfm() or segments.loyalty() gives"
        raise refusal(TypeError, "groups", expected, of_type(groups))
    if not sum(customers):
        raise ValueError("there are no customers")
    both = any(share is not None for share in revenue)
    ax = new_axes(ax, 6.8, (1.6 + 0.5 * len(names)) if both else (1.2 + 0.36 * len(names)))
    share = [count / sum(customers) for count in customers]
    _bars(ax, share, -0.2 if both else 0, both, COLORS[0], "", "of the customers", customers)
    if both:
        known = [0.0 if each is None else each for each in revenue]
        _bars(ax, known, 0.2, both, COLORS[4], HATCH, "of the revenue", None)
    tidy(ax, f"Customers by {kind}", "share", "", grid=False)
    ax.set_yticks(range(len(names)), [shorten(name) for name in names])
    ax.tick_params(axis="y", length=0, labelsize=row_size(ax, len(names)))
    ax.set_ylim(len(names) - 0.4, -0.6)
    percent(ax.xaxis)
    ax.locator_params(axis="x", nbins=4)
    ax.margins(x=0.2)
    if both:
        legend(ax, "below")
    return ax


def _bars(
    ax: Axes,
    share: list[float],
    offset: float,
    pair: bool,
    color: str,
    hatch: str,
    label: str,
    counts: list[int] | None,
) -> None:
    places = [i + offset for i in range(len(share))]
    ax.barh(
        places,
        share,
        height=0.38 if pair else 0.7,
        color=color,
        hatch=hatch,
        edgecolor=paper(ax),
        linewidth=0,
        label=label,
    )
    lines = len(share) / (0.4 if pair else 1.0)
    size = min(max(1.1 * row_size(ax, lines), 6.0), 0.85 * text_size(ax))
    for i, (place, each) in enumerate(zip(places, share, strict=True)):
        text = f"{100 * each:.1f} %" + ("" if counts is None else f" ({counts[i]:,})")
        beside(ax, text, (max(each, 0.0), place), size=size, needs=(0, size * lines))
