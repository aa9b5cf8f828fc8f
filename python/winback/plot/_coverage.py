"""Whether the next purchase came inside the interval that was told for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from winback._arguments import expect_one_of, of_type, refusal
from winback.answer import Answer
from winback.plot._curves import wilson
from winback.plot._style import (
    COLORS,
    LINES,
    MARKERS,
    drawn,
    fit_names,
    intervals,
    legend,
    muted,
    new_axes,
    percent,
    tidy,
)
from winback.table import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DATES = {"next_purchase_low": 0.1, "next_purchase": 0.5, "next_purchase_high": 0.9}
_LEVEL = 0.8
# Purchases of a group up to and with these; the last one has all that have more.
_GROUPS = {"1": 1, "2": 2, "3": 3, "4-6": 6, "7-12": 12}


class _Told(NamedTuple):
    """A customer whose interval ended while it was observed what came."""

    dates: tuple[datetime, ...]
    p_ever: float
    came: datetime | None
    purchases: float

    def inside(self) -> bool:
        return self.came is not None and self.dates[0] <= self.came <= self.dates[-1]


def coverage(
    predictions: Answer,
    outcomes: Table,
    *,
    by: Literal["purchase_count", "chance"] = "purchase_count",
    label: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """How many next purchases came inside their 80 % interval, with 95 % intervals of that share.

    Customers count whose interval ended within what was observed. Where the chance ever to buy
    again is told (``p_ever``), a share is one of these chances, whose sum the legend says beside
    the number of customers: those who never buy again have no next purchase to come inside. Draw
    on the same axes to compare models.

    Args:
        predictions: What ``next_purchase()`` of a model of purchases,
            :func:`winback.timing.forecast` or :meth:`winback.timing.TimeToPurchase.score` gives.
        outcomes: What :meth:`winback.EventLog.panel` gives of the same cutoff, without a lead, from
            a log that is observed beyond it.
        by: ``"purchase_count"``: the share inside, by the number of purchases up to the cutoff;
            ``"chance"``: the share that had come by the dates by which 10, 50 and 90 % should.
        label: Name of the model in the legend.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: ``predictions`` or ``outcomes`` are something else.
        ValueError: Outcomes of several cutoffs, of another one or with a lead; no interval that
            ended within what was observed.
        ImportError: matplotlib is not installed.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=2_000).event_log()
        >>> now = log.at("2024-01-01")
        >>> told = wb.timing.ModifiedBetaGeo().fit(now).next_purchase(now)
        >>> ax = wb.plot.coverage(told, log.panel(at="2024-01-01"), label="MBG/NBD")
        >>> ax.get_ylabel()
        'inside the 80 % interval'
    """
    expect_one_of("by", by, ["purchase_count", "chance"])
    told = _told(predictions, outcomes)
    ax = new_axes(ax, 6.4, 4.0)
    number = drawn(ax, "coverage")
    found = _share(told, [each.inside() for each in told])
    ever = sum(each.p_ever for each in told)
    # The share is one of the chances ever to buy again, where they are told.
    of = "" if ever == len(told) else f" of {ever:,.0f} expected"
    text = f"{100 * found[0]:.1f} % inside{of}, {len(told):,} customers"
    draw = _by_purchases if by == "purchase_count" else _by_chance
    draw(ax, told, number, text if label is None else f"{label}: {text}")
    percent(ax.yaxis)
    legend(ax, "below")
    return ax


def _by_purchases(ax: Axes, told: list[_Told], number: int, text: str) -> None:
    names = ["all", *_GROUPS, "13 +"]
    groups: list[list[_Told]] = [[] for _ in names]
    for each in told:
        fitting = (i for i, most in enumerate(_GROUPS.values(), 1) if each.purchases <= most)
        for group in (0, next(fitting, len(names) - 1)):
            groups[group].append(each)
    rows = [(i, _share(group, [each.inside() for each in group])) for i, group in enumerate(groups)]
    if not number:
        ax.axhline(_LEVEL, color=muted(ax), linewidth=1, linestyle=":")
    # Beside each other, so that intervals do not hide each other.
    known = [(i + 0.14 * number, *share) for i, share in rows if groups[i]]
    _points(ax, known, number, text, line="none")
    tidy(ax, "Next purchases inside their interval", "purchases so far", "inside the 80 % interval")
    fit_names(ax, names)
    ax.set_xlim(-0.5, len(names) - 0.5)
    _up_to(ax, known)


def _by_chance(ax: Axes, told: list[_Told], number: int, text: str) -> None:
    known = [
        (
            chance,
            *_share(told, [each.came is not None and each.came <= each.dates[i] for each in told]),
        )
        for i, chance in enumerate(_DATES.values())
    ]
    if not number:
        ax.axline((0, 0), slope=1, color=muted(ax), linewidth=1, linestyle=":")
    _points(ax, known, number, text, line=LINES[number % len(LINES)])
    tidy(ax, "Next purchases by their dates", "chance to have come by the date", "had come")
    ax.set_xlim(0, 1)
    percent(ax.xaxis)
    _up_to(ax, known)


def _points(ax: Axes, rows: list[Any], number: int, text: str, *, line: Any) -> None:
    look = number % len(COLORS)
    x, share, low, high = zip(*rows, strict=True)
    intervals(ax, x, low, high, COLORS[look])
    ax.plot(
        x,
        share,
        color=COLORS[look],
        linestyle=line,
        marker=MARKERS[look],
        label=text,
        gid="coverage",
    )


def _up_to(ax: Axes, rows: list[Any]) -> None:
    """A share of chances may be above one."""
    end = max(1.02, *(1.04 * high for *_, high in rows))
    ax.set_ylim(0, max(end, ax.get_ylim()[1]) if drawn(ax, "coverage") > 1 else end)


def _share(told: list[_Told], yes: list[bool]) -> tuple[float, float, float]:
    """The share of the chances ever to buy, with its 95 % interval."""
    ever = sum(each.p_ever for each in told)
    if not ever:
        return 0.0, 0.0, 0.0
    factor = len(told) / ever
    low, high = wilson(sum(yes), len(told))
    return sum(yes) / ever, factor * low, factor * high


def _told(predictions: object, outcomes: object) -> list[_Told]:
    """The customers whose interval ended within what was observed."""
    if not isinstance(predictions, Answer) or not {"customer_id", *_DATES} <= set(
        predictions.column_names
    ):
        how = "what next_purchase(), timing.forecast() or TimeToPurchase.score() gives"
        got = "another answer" if isinstance(predictions, Answer) else of_type(predictions)
        raise refusal(TypeError, "predictions", how, got)
    needed = ("cutoff", "customer_id", "days_to_purchase", "days_observed", "purchase_count")
    if not isinstance(outcomes, Table) or not set(needed) <= set(outcomes.column_names):
        raise refusal(TypeError, "outcomes", "what EventLog.panel() gives", of_type(outcomes))
    if outcomes._begins_at_cutoff is False:
        raise refusal(ValueError, "outcomes", "a panel without a lead", "one with a lead")
    cutoffs = set(outcomes["cutoff"])
    if len(cutoffs) != 1:
        expected = "those of one cutoff, that of the predictions"
        raise refusal(ValueError, "outcomes", expected, f"{len(cutoffs)} cutoffs")
    cutoff = cutoffs.pop()
    at = predictions.figures.get("at")
    if at is not None and datetime.fromisoformat(at) != cutoff:
        expected = f"those of the cutoff of the predictions, {at}"
        raise refusal(ValueError, "outcomes", expected, cutoff)
    rows = {
        customer: values
        for _, customer, *values in zip(*(outcomes[name] for name in needed), strict=True)
    }
    ids = predictions["customer_id"]
    chances = predictions["p_ever"] if "p_ever" in predictions.column_names else [1.0] * len(ids)
    told = []
    for customer, p_ever, *dates in zip(
        ids, chances, *(predictions[name] for name in _DATES), strict=True
    ):
        if customer not in rows:
            raise refusal(ValueError, "outcomes", "the customers of the predictions", "others")
        days, observed, purchases = rows[customer]
        if None in dates or observed is None or dates[-1] > cutoff + timedelta(days=observed):
            continue
        came = None if days is None else cutoff + timedelta(days=days)
        told.append(_Told(tuple(dates), p_ever, came, purchases))
    if not told:
        raise refusal(
            ValueError, "outcomes", "some for whom the interval ended within them", "none"
        )
    return told
