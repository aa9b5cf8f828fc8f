"""Models of purchases on a test period that they have not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winback import _core
from winback._arguments import to_fitted
from winback._options import documented, to_options
from winback.answer import Answer
from winback.snapshot import core_snapshot

if TYPE_CHECKING:
    from winback.churn import ChurnModel
    from winback.snapshot import Snapshot
    from winback.timing._time_to_purchase import TimeToPurchase


@documented("PurchaseBacktestOptions")
def backtest(
    now: Snapshot,
    *,
    horizon: str = "3mo",
    every: str = "7d",
    hiatus: str = "3mo",
    churn: ChurnModel | None = None,
    hazard: TimeToPurchase | None = None,
) -> Answer:
    """Models of purchases on a test period that they have not seen.

    The models (MBG/NBD, BG/NBD, Pareto/NBD) are fitted to what was known at the cutoff, which ends
    the calibration period, and compared with what customers did in the test period after it; beside
    the hiatus heuristic (customers silent for so long have left), everybody's mean, a churn model
    and a hazard model. Heuristic and mean give the shares and numbers of a period as long before
    the cutoff; they are left out where the log does not reach back so far.

    Args:
        now: The log at the cutoff between the two periods.
        churn: A fitted churn model with this horizon, no lead, and training that ended by the
            cutoff.
        hazard: A fitted :class:`TimeToPurchase` that reaches to the end of the test period, and
            whose training ended by the cutoff.

    Returns:
        Tables: ``models``, a row a model with ``customers``, ``buyers`` and ``expected_buyers``,
        ``purchases`` (days with one) and ``expected_purchases``, ``mean_absolute_error`` of the
        number, ``log_loss`` (the log score) and ``roc_auc`` of the chance of a purchase;
        ``tracking``, purchases and expected ones by period, the last of which is not ``whole``
        where the test cuts it short; ``by_frequency``, shares of buyers and
        mean purchases by the frequency at the cutoff (7: 7 and more); ``intervals``, of the
        customers for whom the 80 % interval of the next purchase ends within the test period, the
        share for whom it came ``inside``, what was ``expected_inside``, and the ``coverage`` (to
        be 0.8); ``intervals_by_frequency``, the same by the frequency at the cutoff.

    Raises:
        ValueError: A test period that was not observed; a churn model of another horizon, a hazard
            model that reaches less far, or one with outcomes after the cutoff; nobody bought on a
            second day.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=2_000).event_log()
        >>> found = wb.timing.backtest(log.at("2024-07-01"))
        >>> found["model"]
        ['modified_beta_geo', 'beta_geo', 'pareto_nbd', 'hiatus', 'mean']
        >>> model = wb.ChurnModel().fit(log, until="2024-07-01")
        >>> wb.timing.backtest(log.at("2024-07-01"), churn=model)["model"][-1]
        'churn'
        >>> times = wb.timing.TimeToPurchase().fit(log, until="2024-07-01")
        >>> wb.timing.backtest(log.at("2024-07-01"), horizon="6mo", hazard=times)["model"][-1]
        'hazard'
        >>> len(set(found.tables["tracking"]["period"]))
        14
    """
    options = to_options(horizon=horizon, every=every, hiatus=hiatus)
    of_churn = of_hazard = None
    if churn is not None:
        of_churn = to_fitted("churn", churn, _core.ChurnModel, "a fitted winback.ChurnModel")
    if hazard is not None:
        expected = "a fitted winback.timing.TimeToPurchase"
        of_hazard = to_fitted("hazard", hazard, _core.TimeToPurchase, expected)
    found = _core.purchase_backtest(core_snapshot(now), options, of_churn, of_hazard)
    return Answer(found, now, churn, hazard)
