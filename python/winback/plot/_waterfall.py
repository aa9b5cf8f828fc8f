"""What moves the chance of a purchase of one customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winback._arguments import at_least_one, expect_one_of, refusal
from winback.answer import Answer
from winback.features import catalogue
from winback.plot._contributions import (
    By,
    check_features,
    contributions_by,
    groups_of,
    row_by_customer,
)
from winback.plot._style import (
    DOWN,
    HATCH,
    UP,
    beside,
    ink,
    muted,
    new_axes,
    paper,
    shorten,
    signed,
    text_size,
    tidy,
)
from winback.table import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# A text of the library is never longer.
_LONGEST = 40


def waterfall(
    explanation: Answer,
    *,
    customer_id: int | str | None = None,
    by: By = "group",
    features: Table | None = None,
    top: int = 10,
    ax: Axes | None = None,
) -> Axes:
    """What moves one customer's chance of a purchase, from the base to the customer's log-odds.

    Bars to the right raise the chance, hatched ones to the left lower it; the largest come first.
    With those that a reason tells of stands what the customer's value is. What a hazard model
    tells are means of the log-odds of its periods.

    Args:
        explanation: What :meth:`winback.ChurnModel.explain` gives.
        customer_id: The customer; may be left out where only one was explained.
        by: ``"group"`` of columns that tell of the same thing, or single ``"feature"``. With a
            group that is a reason stands the column that the reason names; of how many groups is
            up to ``reasons`` of :meth:`winback.ChurnModel.explain`.
        features: What the model reads of the customers at the same cutoff, as
            :meth:`winback.ChurnModel.features` gives it, to name the values of all columns; by
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
        >>> ax = wb.plot.waterfall(model.explain(log.at("2025-01-01"), customer_id=17))
        >>> ax.get_xlabel()
        'log-odds of a purchase'
    """
    groups = groups_of(explanation)
    expect_one_of("by", by, ("group", "feature"))
    rows = contributions_by(explanation, by)
    customers = groups["customer_id"]
    row = _row_of(customers, customer_id)
    shown = [(name, values[row]) for name, values in rows.items() if values[row]]
    shown.sort(key=lambda pair: -abs(pair[1]))
    top = at_least_one("top", top)
    notes = _values(explanation, customers[row], by, features)
    bars = [(_named(name, notes), value) for name, value in shown[:top]]
    if shown[top:]:
        bars.append((f"{len(shown) - top} others", sum(value for _, value in shown[top:])))
    base, end = groups["base"][row], groups["log_odds"][row]
    chance = groups["purchase_probability"][row]
    ax = new_axes(ax, 7.4, 1.4 + 0.42 * (len(bars) + 2))
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
    state = groups["state"][row]
    label = explanation._worded("log-odds of a purchase")
    result = f"this customer\n{explanation._worded('purchase')} probability"
    # A hazard model's are those of a purchase in each of its periods.
    if within := explanation.figures.get("within"):
        label = f"{label} in a period, mean up to {within}"
        result = f"{result} within {within}"
    tidy(ax, f"Customer {customers[row]} ({state})", label, "", grid=False)
    result = f"{result} {100 * chance:.1f} %"
    ax.set_yticks(
        range(last + 1), [f"base (mean {state} customer)", *(name for name, _ in bars), result]
    )
    room = ax.get_window_extent().height * 72 / ax.figure.dpi / (last + 1.2)
    ax.tick_params(axis="y", length=0, labelsize=min(text_size(ax), room / 2.5))
    ax.spines["left"].set_visible(False)
    ax.set_ylim(last + 0.6, -0.6)
    margin = 0.12 * (max(passed) - min(passed)) or 1.0
    ax.set_xlim(min(passed) - margin / 2, max(passed) + margin)
    return ax


def _row_of(customers: list[Any], customer_id: int | str | None) -> int:
    if customer_id is None:
        if len(customers) != 1:
            expected = f"one of the {len(customers):,} customers that were explained"
            raise refusal(ValueError, "customer_id", expected, "none")
        return 0
    if customer_id not in customers:
        raise refusal(ValueError, "customer_id", "one that was explained", repr(customer_id))
    return customers.index(customer_id)


def _values(explanation: Answer, customer: Any, by: By, features: Table | None) -> dict[str, str]:
    """What stands with each group or column of a customer."""
    if features is not None:
        check_features(by)
        places = row_by_customer(features)
        if customer not in places:
            raise ValueError(f"features have no customer {customer!r}")
        names = [name for name in features.column_names if name != "customer_id"]
        units = dict(zip(*(catalogue()[name] for name in ("name", "unit")), strict=True))
        return {
            name: _shown(features[name][places[customer]], name, units.get(name)) for name in names
        }
    found: dict[str, str] = {}
    reasons = explanation.tables["reasons"]
    columns = zip(
        *(reasons[name] for name in ("customer_id", "group", "feature", "value")), strict=True
    )
    for whose, group, feature, value in columns:
        if whose == customer and by == "group":
            found.setdefault(group, f"{shorten(feature)}: {shorten(value, _LONGEST)}")
        elif whose == customer:
            found.setdefault(feature, shorten(value, _LONGEST))
    return found


def _shown(value: Any, name: str, unit: str | None) -> str:
    """A value with its unit, as the reasons write it."""
    if value is None or value != value:
        return "not defined"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return shorten(str(value), _LONGEST)
    if unit in ("days", "hours"):
        text = _plain(value, 1 if abs(value) < 10 else 0)
        return f"{text} {unit[:-1] if text == '1' else unit}"
    if unit == "share":
        return f"{_plain(100 * value, 0)} %"
    if unit == "ratio" and name.endswith("_ratio"):
        return f"×{_plain(value, 1)}"
    return _plain(value, 1 if unit == "count" else 2)


def _plain(value: float, digits: int) -> str:
    """At most so many decimals, and none that say nothing."""
    text = signed(value, f",.{digits}f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _named(name: str, notes: dict[str, str]) -> str:
    return f"{shorten(name)}\n{notes[name]}" if name in notes else shorten(name)
