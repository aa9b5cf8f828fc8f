"""What a campaign changed, and how alike its arms were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winback._arguments import expect_one_of, refusal
from winback.answer import Answer
from winback.plot._answers import expect_answer
from winback.plot._style import (
    COLORS,
    MARKERS,
    legend,
    muted,
    name_ticks,
    new_axes,
    shorten,
    thousands,
    tidy,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_OFF = 0.1


def effect(result: Answer, *, metric: str | None = None, ax: Axes | None = None) -> Axes:
    """An outcome of each arm beside that of control, with intervals.

    Below an arm are its segments, if there are any, drawn towards what all of them have in common.
    What lies wholly on one side of the line is more than chance.

    Args:
        result: What :func:`winback.campaign.effect` gives.
        metric: The outcome; by default the first one.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: ``result`` is something else.
        ValueError: There is no such outcome.
        ImportError: matplotlib is not installed.

    Examples:
        >>> import pandas as pd
        >>> import winback as wb
        >>> bought = [0, 0, 0, 0, 1] * 100 + [0, 0, 1] * 166 + [0, 0]
        >>> table = pd.DataFrame({"arm": ["control"] * 500 + ["offer"] * 500, "bought": bought})
        >>> ax = wb.plot.effect(wb.campaign.effect(table, metrics=["bought"]))
        >>> ax.get_xlabel()
        'difference from control (percentage points)'
    """
    how = "campaign.effect()"
    found = expect_answer("result", result, "effects", {"difference", "metric", "kind"}, how)
    effects = found.tables["effects"]
    metrics = list(dict.fromkeys(effects["metric"]))
    chosen = metrics[0] if metric is None else metric
    expect_one_of("metric", chosen, metrics)
    rows: list[tuple[str, str, float, float | None, float | None]] = []
    segments = found.tables["segments"].to_polars().filter(metric=chosen)
    has_one = segments["grouping"].n_unique() <= 1
    for row in effects.to_polars().filter(metric=chosen).iter_rows(named=True):
        ends = row["difference_low"], row["difference_high"]
        rows.append(("arm", row["arm"], row["difference"], *ends))
        for own in segments.filter(arm=row["arm"]).drop_nulls("shrunk").iter_rows(named=True):
            name = own["segment"] if has_one else f"{own['grouping']}: {own['segment']}"
            rows.append(("segment", name, own["shrunk"], own["shrunk_low"], own["shrunk_high"]))
    is_share = effects["kind"][effects["metric"].index(chosen)] == "share"
    scale = 100.0 if is_share else 1.0
    ax = new_axes(ax, 6.8, min(1.8 + 0.36 * len(rows), 9.0))
    ax.axvline(0, color=muted(ax), linewidth=1, linestyle=":")
    looks = (
        ("arm", "arm", COLORS[0], MARKERS[0]),
        ("segment", "segment, drawn towards the mean of all", COLORS[1], MARKERS[1]),
    )
    for kind, label, color, marker in looks:
        places = [place for place, row in enumerate(rows) if row[0] == kind]
        sure = [place for place in places if rows[place][3] is not None]
        ax.hlines(
            sure,
            [scale * (rows[place][3] or 0.0) for place in sure],
            [scale * (rows[place][4] or 0.0) for place in sure],
            colors=color,
            linewidth=2.0 if kind == "arm" else 1.2,
            alpha=0.7,
        )
        ax.plot(
            [scale * rows[place][2] for place in places],
            places,
            linestyle="none",
            marker=marker,
            markersize=8 if kind == "arm" else 6,
            color=color,
            label=label,
        )
    unit = "percentage points" if is_share else f"{chosen} per customer"
    interim = "Interim effect" if found.figures["is_interim"] else "Effect"
    tidy(ax, f"{interim} on {shorten(chosen)}", f"difference from control ({unit})", "", grid=False)
    thousands(ax.xaxis)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    name_ticks(ax, "y", [shorten(row[1], 24) for row in rows])
    if len(rows) > len(effects.to_polars().filter(metric=chosen)):
        legend(ax, "below")
    return ax


def balance(result: Answer, *, ax: Axes | None = None) -> Axes:
    """How far arms and control were apart before the start, in standard deviations.

    Beyond the dashed lines, at 0.1, a difference is large enough to doubt the draw.

    Args:
        result: What :func:`winback.campaign.assign` or :func:`winback.campaign.effect` gives.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: ``result`` is something else.
        ValueError: Nothing was known of the customers before the start; more than six offers.
        ImportError: matplotlib is not installed.

    Examples:
        >>> import pandas as pd
        >>> import winback as wb
        >>> scores = [i % 100 for i in range(500)]
        >>> listed = pd.DataFrame({"customer_id": range(500), "score": scores})
        >>> ax = wb.plot.balance(wb.campaign.assign(listed, control_share=0.5))
        >>> [label.get_text() for label in ax.get_legend().get_texts()]
        ['contact']
    """
    columns = {"covariate", "standardised_difference"}
    how = "campaign.assign() or campaign.effect()"
    table = expect_answer("result", result, "balance", columns, how).tables["balance"]
    arms = list(dict.fromkeys(table["arm"]))
    if not arms:
        raise ValueError("nothing is known of the customers before the start: no covariates")
    if len(arms) > len(COLORS):
        raise refusal(ValueError, "result", "up to six offers", len(arms))
    covariates = list(dict.fromkeys(table["covariate"]))
    ax = new_axes(ax, 6.4, min(1.9 + 0.36 * len(covariates), 9.0))
    ax.axvline(0, color=muted(ax), linewidth=1, linestyle=":")
    for edge in (-_OFF, _OFF):
        ax.axvline(edge, color=muted(ax), linewidth=1, linestyle="--")
    rows = list(
        zip(table["arm"], table["covariate"], table["standardised_difference"], strict=True)
    )
    for look, arm in enumerate(arms):
        seen = [
            (x, covariates.index(name)) for own, name, x in rows if own == arm and x is not None
        ]
        ax.plot(
            [x for x, _ in seen],
            [place for _, place in seen],
            linestyle="none",
            marker=MARKERS[look],
            markersize=7,
            color=COLORS[look],
            label=shorten(arm, 20),
        )
    tidy(ax, "Balance of arms", "difference from control (standard deviations)", "", grid=False)
    low, high = ax.get_xlim()
    ax.set_xlim(min(low, -0.13), max(high, 0.13))
    ax.set_ylim(len(covariates) - 0.4, -0.6)
    name_ticks(ax, "y", [shorten(name, 24) for name in covariates])
    legend(ax, "below")
    return ax
