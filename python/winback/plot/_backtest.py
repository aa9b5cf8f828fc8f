"""The quality of a model over past cutoffs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winback._arguments import expect_one_of, refusal
from winback.answer import Answer
from winback.plot._answers import expect_answer
from winback.plot._style import (
    COLORS,
    LINES,
    MARKERS,
    fit_names,
    fit_title,
    intervals,
    legend,
    muted,
    name_ticks,
    new_axes,
    tidy,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NO_INFORMATION = {
    "roc_auc": 0.5,
    "lift_quality": 0.0,
    "lift_5": 1.0,
    "lift_10": 1.0,
    "lift_20": 1.0,
}
# Of more cutoffs only some are named.
_ALL_NAMED = 8
_NAMES = {
    "roc_auc": "area under the ROC curve",
    "lift_5": "lift in the top 5 %",
    "lift_10": "lift in the top 10 %",
    "lift_20": "lift in the top 20 %",
    "log_loss": "log loss (nats)",
}


def backtest(
    backtest: Answer,
    *,
    state: str = "active",
    measure: str = "roc_auc",
    ax: Axes | None = None,
) -> Axes:
    """A measure of quality at each past cutoff, of the model and of its baselines.

    With 95 % intervals where the backtest has them.

    Args:
        backtest: What :meth:`winback.ChurnModel.backtest` gives.
        state: ``"active"``, ``"lapsed"`` or ``"lost"``.
        measure: A measure of its table, as ``"roc_auc"``, ``"lift_10"`` or ``"log_loss"``.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: ``backtest`` is something else.
        ValueError: A measure or state that the backtest does not have.
        ImportError: matplotlib is not installed.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=1000).event_log()
        >>> found = wb.ChurnModel().backtest(log, tests=3, draws=50)
        >>> ax = wb.plot.backtest(found, measure="lift_10")
        >>> [text.get_text() for text in ax.get_legend().get_texts()]
        ['model', 'recency', 'mbg_nbd']
    """
    table = expect_answer("backtest", backtest, "rows", {"part", "score"}, "backtest()")
    names = table.column_names
    expect_one_of("measure", measure, [m for m in names if f"{m}_low" in names])
    expect_one_of("state", state, dict.fromkeys(table["state"]))
    columns = ("part", "state", "score", "cutoff", measure, f"{measure}_low", f"{measure}_high")
    rows: dict[str, list[tuple[Any, ...]]] = {}
    for part, its, score, *values in zip(*(table[name] for name in columns), strict=True):
        if part == "cutoff" and its == state and values[1] is not None:
            rows.setdefault(score, []).append(tuple(values))
    if not rows:
        raise refusal(
            ValueError, "measure", "one that the backtest has of these customers", measure
        )
    outcome = dict(zip(table["state"], table["outcome"], strict=True))[state]
    cutoffs = sorted({values[0] for each in rows.values() for values in each})
    place = {cutoff: i for i, cutoff in enumerate(cutoffs)}
    ax = new_axes(ax, 6.8, 4.2)
    if measure in _NO_INFORMATION:
        ax.axhline(_NO_INFORMATION[measure], color=muted(ax), linewidth=1, linestyle=":")
    for look, (score, each) in enumerate(rows.items()):
        # Just so far apart that intervals do not hide each other.
        aside = 0.03 * (look - (len(rows) - 1) / 2)
        ends = [values for values in each if values[2] is not None]
        intervals(
            ax,
            [place[values[0]] + aside for values in ends],
            [values[2] for values in ends],
            [values[3] for values in ends],
            COLORS[look],
        )
        ax.plot(
            [place[values[0]] + aside for values in each],
            [values[1] for values in each],
            color=COLORS[look],
            linestyle=LINES[look],
            linewidth=1.8,
            marker=MARKERS[look],
            markersize=6,
            label=score,
        )
    name = _NAMES.get(measure, measure.replace("_", " "))
    tidy(ax, f"Backtest: {state} customers, outcome {outcome}", "cutoff", name)
    labels = [f"{cutoff:%Y-%m-%d}" for cutoff in cutoffs]
    if len(labels) <= _ALL_NAMED:
        fit_names(ax, labels)
    else:
        name_ticks(ax, "x", labels)
    ax.set_xlim(-0.5, len(cutoffs) - 0.5)
    legend(ax, "outside", "score")
    fit_title(ax)
    return ax
