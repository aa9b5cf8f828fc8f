"""Curves of a score against outcomes: ROC, gains, lift and calibration."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, SupportsFloat

from winback._arguments import at_least_one, refusal
from winback.plot._curves import area, between, checked, corners, equal_count_bins, ranked
from winback.plot._style import (
    COLORS,
    LINES,
    MARKERS,
    drawn,
    intervals,
    legend,
    muted,
    new_axes,
    percent,
    tidy,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def roc_curve(
    y_true: Iterable[SupportsFloat],
    y_score: Iterable[SupportsFloat],
    *,
    label: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """The ROC curve of a score, with the area under it.

    Of the customers with the outcome (true positive rate) and of the others (false positive rate)
    the share that scores at least so high, for every score. The area (AUC) is the chance that of
    one of each kind the right one scores higher, ties counted half.

    Args:
        y_true: Who has the outcome: True or False, 1 or 0.
        y_score: Scores, the likeliest highest.
        label: Name of the score, for the legend.
        ax: Axes to draw on, also those of another ROC curve; by default a new figure.

    Returns:
        The axes.

    Raises:
        ValueError: One outcome only; a score that is not finite; lengths that differ.
        TypeError: Arguments of another type.
        ImportError: matplotlib is not installed.

    Examples:
        >>> import winback as wb
        >>> ax = wb.plot.roc_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], label="model")
        >>> ax.get_legend().get_texts()[0].get_text()
        'model: AUC 0.750'
    """
    outcomes, scores = checked("a ROC curve", y_true, y_score)
    points = ranked(outcomes, scores)
    found, other = points[-1]
    area_under = area([b / other for _, b in points], [a / found for a, _ in points])
    turns = corners(points)
    ax = new_axes(ax, 5.0, 4.8)
    if not drawn(ax, "roc"):
        ax.plot([0, 1], [0, 1], color=muted(ax), linewidth=1, linestyle=":")
    text = f"AUC {area_under:.3f}" if label is None else f"{label}: AUC {area_under:.3f}"
    _curve(ax, "roc", [b / other for _, b in turns], [a / found for a, _ in turns], text)
    tidy(
        ax,
        "ROC curve",
        "share of the others found (false positive rate)",
        "share of the outcomes found (true positive rate)",
    )
    _unit_square(ax)
    legend(ax, "lower right")
    return ax


def gains_curve(
    y_true: Iterable[SupportsFloat],
    y_score: Iterable[SupportsFloat],
    *,
    label: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """The cumulative gains curve: what share of the outcomes the top of the ranking holds.

    Beside it stand a perfect ranking and a random one. The mean of customers of equal score counts.

    Args:
        y_true: As for :func:`roc_curve`, and so are the others.
        y_score: Scores.
        label: Name of the score.
        ax: Axes to draw on.

    Returns:
        The axes.

    Raises:
        ValueError: As :func:`roc_curve`.
        TypeError: As :func:`roc_curve`.
        ImportError: As :func:`roc_curve`.

    Examples:
        >>> import winback as wb
        >>> ax = wb.plot.gains_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], label="model")
        >>> [float(y) for y in ax.lines[-1].get_ydata()]
        [0.0, 0.5, 0.5, 1.0, 1.0]
    """
    outcomes, scores = checked("a gains curve", y_true, y_score)
    x, y = _gains(outcomes, scores, turns=True)
    ax = new_axes(ax, 5.0, 4.8)
    if not drawn(ax, "gains"):
        rate = sum(outcomes) / len(outcomes)
        style: dict[str, Any] = {"color": muted(ax), "linewidth": 1}
        ax.plot([0, rate, 1], [0, 1, 1], linestyle="--", label="perfect ranking", **style)
        ax.plot([0, 1], [0, 1], linestyle=":", label="random order", **style)
    _curve(ax, "gains", x, y, "score" if label is None else label)
    tidy(
        ax,
        "Cumulative gains",
        "share of customers, from the highest score down",
        "share of the outcomes found",
    )
    _unit_square(ax)
    legend(ax, "lower right")
    return ax


def lift_curve(
    y_true: Iterable[SupportsFloat],
    y_score: Iterable[SupportsFloat],
    *,
    label: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """The lift curve: how many times the base rate the rate at the top of the ranking is.

    It starts at the top hundredth, or the first customer where there are fewer than a hundred, and
    is marked at the top tenth.

    Args:
        y_true: As for :func:`roc_curve`, and so are the others.
        y_score: Scores.
        label: Name of the score.
        ax: Axes to draw on.

    Returns:
        The axes.

    Raises:
        ValueError: As :func:`roc_curve`.
        TypeError: As :func:`roc_curve`.
        ImportError: As :func:`roc_curve`.

    Examples:
        >>> import winback as wb
        >>> ax = wb.plot.lift_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], label="model")
        >>> ax.get_legend().get_texts()[0].get_text()
        'model: 2.00 in the top tenth'
    """
    outcomes, scores = checked("a lift curve", y_true, y_score)
    x, y = _gains(outcomes, scores, turns=False)
    first = max(0.01, 1 / len(outcomes))
    # Between the ends of a group of equal scores gains rise straight, lift does not.
    shares = sorted({first, 0.1, *(i / 200 for i in range(2, 201)), *x[1:]})
    shares = [share for share in shares if share >= first]
    lifts = [gain / share for gain, share in zip(between(x, y, shares), shares, strict=True)]
    (tenth,) = (gain / 0.1 for gain in between(x, y, [0.1]))
    ax = new_axes(ax, 6.0, 4.2)
    number = drawn(ax, "lift")
    if not number:
        ax.axhline(1, color=muted(ax), linewidth=1, linestyle=":")
    text = f"{tenth:.2f} in the top tenth"
    _curve(ax, "lift", shares, lifts, text if label is None else f"{label}: {text}")
    if first <= 0.1:
        look = number % len(COLORS)
        ax.plot([0.1], [tenth], linestyle="none", marker=MARKERS[look], color=COLORS[look])
    tidy(
        ax, "Lift", "share of customers, from the highest score down", "lift (times the base rate)"
    )
    percent(ax.xaxis)
    ax.set_xlim(0, 1)
    highest = max(*lifts, 1.0) * 1.08
    ax.set_ylim(0, max(highest, ax.get_ylim()[1]) if number else highest)
    legend(ax, "lower left")
    return ax


def calibration_curve(
    y_true: Iterable[SupportsFloat],
    y_prob: Iterable[SupportsFloat],
    *,
    n_bins: int = 10,
    label: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """The reliability diagram: whether what is predicted at 30 % happens 30 times in 100.

    Customers are parted into bins of equally many by rising probability; of each the mean
    probability and the share with the outcome, with Wilson's 95 % interval. On the diagonal the two
    are the same. The mean distance from it is the expected calibration error (ECE), as in
    :meth:`winback.ChurnModel.backtest`.

    Args:
        y_true: Who has the outcome: True or False, 1 or 0.
        y_prob: Probabilities, from 0 to 1.
        n_bins: Number of bins; at most that of the customers are made.
        label: Name of the probabilities, for the legend.
        ax: Axes to draw on, also those of another calibration curve; by default a new figure.

    Returns:
        The axes.

    Raises:
        ValueError: As :func:`roc_curve`; a probability outside 0 to 1; no bins.
        TypeError: As :func:`roc_curve`.
        ImportError: As :func:`roc_curve`.

    Examples:
        >>> import winback as wb
        >>> ax = wb.plot.calibration_curve([0, 1, 0, 1], [0.1, 0.3, 0.7, 0.7], n_bins=2)
        >>> ax.get_legend().get_texts()[0].get_text()
        'ECE 0.250'
    """
    outcomes, chances = checked("a calibration curve", y_true, y_prob, "y_prob")
    for i, chance in enumerate(chances):
        if not 0 <= chance <= 1:
            raise refusal(ValueError, f"y_prob[{i}]", "from 0 to 1", chance)
    count = min(at_least_one("n_bins", n_bins), len(outcomes))
    bins = equal_count_bins(outcomes, chances, count)
    error = sum(each.rows * abs(each.mean - each.share) for each in bins) / len(outcomes)
    ax = new_axes(ax, 5.0, 4.8)
    number = drawn(ax, "calibration")
    if not number:
        ax.axline((0, 0), slope=1, color=muted(ax), linewidth=1, linestyle=":")
    look = number % len(COLORS)
    x, y = [each.mean for each in bins], [each.share for each in bins]
    intervals(ax, x, [each.low for each in bins], [each.high for each in bins], COLORS[look])
    text = f"ECE {error:.3f}" if label is None else f"{label}: ECE {error:.3f}"
    _curve(ax, "calibration", x, y, text, marker=MARKERS[look])
    tidy(ax, "Calibration", "mean predicted probability", "share with the outcome")
    end = max(*x, *(each.high for each in bins)) * 1.04
    if number:
        end = max(end, ax.get_xlim()[1])
    ax.set(xlim=(0, min(end, 1.02)), ylim=(0, min(end, 1.02)), aspect="equal")
    percent(ax.xaxis)
    percent(ax.yaxis)
    legend(ax, "below")
    return ax


def _gains(
    outcomes: list[bool], scores: list[float], *, turns: bool
) -> tuple[list[float], list[float]]:
    points = ranked(outcomes, scores)
    found, other = points[-1]
    if turns:
        points = corners(points)
    return [(a + b) / (found + other) for a, b in points], [a / found for a, _ in points]


def _curve(
    ax: Axes, kind: str, x: list[float], y: list[float], label: str, marker: str | None = None
) -> None:
    look = drawn(ax, kind) % len(COLORS)
    ax.plot(
        x,
        y,
        color=COLORS[look],
        linestyle=LINES[look],
        linewidth=2,
        marker=marker,
        markersize=5,
        label=label,
        gid=kind,
    )


def _unit_square(ax: Axes) -> None:
    ax.set(xlim=(0, 1), ylim=(0, 1.02), aspect="equal")
    percent(ax.xaxis)
    percent(ax.yaxis)
