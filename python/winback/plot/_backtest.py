"""The quality of a model over past cutoffs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winback.plot._style import expect
from winback.reports import Backtest

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def backtest(
    backtest: Backtest,
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
        ['model', 'recency', 'rhythm']
    """
    expect("backtest", backtest, Backtest, "backtest()")
    raise NotImplementedError
