"""Models of purchases: one customer's P(alive), and what frequency and recency mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from winback._arguments import of_type, refusal, to_count, to_float, to_str
from winback.plot._heat_map import heat_map
from winback.plot._style import COLORS, color_bar, legend, muted, new_axes, percent, tidy
from winback.timing._units import in_units, in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STEPS = 400
# Rows of a picture at most.
_MOST = 10_000


def p_alive(
    model: Any,
    times: Sequence[float] = (0,),
    *,
    until: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """The chance that one customer has not left, since the first purchase.

    It falls while the customer is silent and rises with each purchase; purchases are marked. After
    the last one the median time of the next and the interval that holds 80 % are drawn, given that
    there is a next one, where that is more likely than not; and the time after which silence means
    that the customer has left with 90 % certainty, where there is one.

    Args:
        model: A fitted model of ``wb.timing``.
        times: When the customer bought, in the model's unit from the first purchase on; those
            within one unit are one purchase. By default a customer who has bought once.
        until: To when it is drawn; by default a year after the last purchase.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: An argument of another type.
        ValueError: No times, or ``until`` before the last of them.
        ImportError: matplotlib is not installed.

    Examples:
        >>> import winback as wb
        >>> now = wb.simulate(customers=2_000).event_log().at("2024-07-01")
        >>> model = wb.timing.ModifiedBetaGeo().fit(now)
        >>> ax = wb.plot.p_alive(model, [0, 20, 31, 60], until=180)
        >>> ax.get_ylabel()
        'chance to be a customer still'
    """
    _expect_model(model)
    days = sorted({int(_finite("times", time)) for time in times})
    if not days:
        raise refusal(ValueError, "times", "at least one purchase", "none")
    bought = [float(day - days[0]) for day in days]
    end = bought[-1] + _year(model) if until is None else _finite("until", until)
    if end <= bought[-1]:
        raise refusal(ValueError, "until", f"a time after the last purchase, {bought[-1]:g}", end)
    at = sorted({*bought, *(end * step / _STEPS for step in range(_STEPS + 1))})
    counts = [sum(day <= time for day in bought) - 1 for time in at]
    chances = model.p_alive(
        frequency=[float(count) for count in counts],
        recency=[bought[count] for count in counts],
        T=at,
    )["p_alive"]
    ax = new_axes(ax, 6.8, 3.6)
    since = f"{in_words(model.time_unit)} since the first purchase"
    tidy(ax, "", since, "chance to be a customer still")
    ax.plot(at, chances, color=COLORS[0], linewidth=2)
    marks = [chances[at.index(day)] for day in bought]
    ax.plot(bought, marks, linestyle="none", marker="o", color=COLORS[0], label="purchase")
    last = {"frequency": [len(bought) - 1], "recency": [bought[-1]], "T": [bought[-1]]}
    found = model.next_purchase(**last)
    wait, low, high = (found[f"wait{which}"][0] for which in ("", "_low", "_high"))
    if wait is not None and bought[-1] + low < end:
        ax.axvspan(
            bought[-1] + low,
            min(bought[-1] + high, end),
            color=COLORS[1],
            alpha=0.15,
            linewidth=0,
            label="next purchase, 80 %",
        )
    if wait is not None and bought[-1] + wait <= end:
        ax.axvline(bought[-1] + wait, color=COLORS[1], label="next purchase, median")
    alarm = model.leaves(**last, after=[])["alarm"][0]
    if alarm is not None and bought[-1] + alarm <= end:
        ax.axvline(
            bought[-1] + alarm,
            color=muted(ax, 0.7),
            linestyle="--",
            label="left with 90 % certainty",
        )
    ax.set_xlim(0, end)
    ax.set_ylim(0, 1.03)
    ax.set_title("Still a customer?")
    percent(ax.yaxis)
    legend(ax, "below")
    return ax


def frequency_recency(
    model: Any,
    *,
    figure: Literal["p_alive", "expected_purchases"] = "p_alive",
    T: float | None = None,
    within: float | None = None,
    max_frequency: int = 20,
    ax: Axes | None = None,
) -> Axes:
    """What a model says of customers known equally long, by frequency and recency.

    Args:
        model: A fitted model of ``wb.timing``.
        figure: The chance to be a customer still, or the purchases expected within a time.
        T: For how long the customers have been known, in the model's unit; by default a year.
        within: The time within which purchases are expected; by default ``T`` / 4.
        max_frequency: The largest frequency.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: An argument of another type.
        ValueError: ``figure`` is none of the two; a time or frequency not above 0.
        ImportError: matplotlib is not installed.

    Examples:
        >>> import winback as wb
        >>> now = wb.simulate(customers=2_000).event_log().at("2024-07-01")
        >>> model = wb.timing.ModifiedBetaGeo().fit(now)
        >>> ax = wb.plot.frequency_recency(model, T=180)
        >>> ax.get_xlabel(), ax.get_ylabel()
        ('recency (days)', 'frequency')
    """
    _expect_model(model)
    if to_str("figure", figure) not in ("p_alive", "expected_purchases"):
        raise refusal(ValueError, "figure", '"p_alive" or "expected_purchases"', repr(figure))
    most = to_count("max_frequency", max_frequency)
    if most > _MOST:
        raise refusal(ValueError, "max_frequency", f"1 to {_MOST}", most)
    known = _year(model) if T is None else to_float("T", T)
    if not (most > 0 and 0 < known < 1e15):
        raise refusal(ValueError, "T", "a finite time above 0, and max_frequency 1 or more", known)
    steps = 40
    recencies = [known * step / steps for step in range(1, steps + 1)]
    rows = [(float(x), recency) for x in range(1, most + 1) for recency in recencies]
    customers: dict[str, Any] = {
        "frequency": [x for x, _ in rows],
        "recency": [recency for _, recency in rows],
        "T": [known] * len(rows),
    }
    if figure == "p_alive":
        found = model.p_alive(**customers)[figure]
    else:
        length = known / 4 if within is None else to_float("within", within)
        found = model.expected_purchases(within=length, **customers)[figure]
    ax = new_axes(ax, 6.4, 4.6)
    unit = in_words(model.time_unit)
    tidy(ax, "", f"recency ({unit})", "frequency", grid=False)
    cells = [found[steps * row : steps * (row + 1)] for row in range(most)]
    mesh = heat_map(ax, cells, None, 1.0 if figure == "p_alive" else max(found))
    places = [0, steps // 4 - 1, steps // 2 - 1, 3 * steps // 4 - 1, steps - 1]
    ax.set_xticks(places, [f"{recencies[place]:.0f}" for place in places])
    ticks = sorted({0, most // 4, most // 2, 3 * most // 4, most - 1})
    ax.set_yticks(ticks, [str(tick + 1) for tick in ticks])
    label = "chance to be a customer still" if figure == "p_alive" else "purchases expected"
    color_bar(ax, mesh, label)
    ax.set_title(f"Customers known for {known:,.0f} {unit}")
    return ax


def _finite(name: str, value: Any) -> float:
    number = to_float(name, value)
    if not math.isfinite(number):
        raise refusal(ValueError, name, "a finite time", number)
    return number


def _expect_model(model: object) -> None:
    if not hasattr(model, "p_alive") or not hasattr(model, "leaves"):
        expected = "what the fit of a model of purchases of winback.timing gives"
        raise refusal(TypeError, "model", expected, of_type(model))


def _year(model: Any) -> float:
    """A year in the model's unit."""
    return in_units(365.0, model.time_unit)
