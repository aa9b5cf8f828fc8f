"""What is learned and judged from all customers.

For what needs every row, the workers pack the log and the driver holds it. What a model is judged
by each worker finds for its own customers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from winback import _core
from winback._arguments import refusal, to_float, to_str
from winback.answer import Answer
from winback.churn import ChurnModel
from winback.spark._customers import quiet
from winback.spark._log import SparkLog
from winback.spark._options import split
from winback.timing import TimeToPurchase

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from winback._time import Instant

_Model = TypeVar("_Model", ChurnModel, TimeToPurchase)


def drawn(df: DataFrame | None, options: dict[str, Any], share: float, salt: str) -> SparkLog:
    """The log of a share of the customers."""
    share = to_float("share", share)
    if not 0.0 < share <= 1.0:
        raise refusal(ValueError, "share", "above 0, and 1 or less", share)
    return SparkLog(df, options, share, _core.training_salt(to_str("salt", salt)))


def fit(
    model: _Model,
    df: DataFrame | None,
    *,
    until: Instant,
    share: float = 1.0,
    salt: str = "winback",
    **options: Any,
) -> _Model:
    """Trains a model on what was known before ``until``, of all customers or a share of them.

    The workers read the rows and pack the columns that are needed; the driver trains.

    Args:
        model: A model, fitted or not.
        df: The transactions.
        until: The end of the latest outcome window; nothing at or after it is used.
        share: The share of customers to learn from: those whom a control group of this share would
            have, by the salt with ``/training`` behind it.
        salt: Text that decides which customers these are.
        **options: Those of :meth:`winback.ChurnModel.fit`, and those of the log.

    Returns:
        The model itself.

    Raises:
        ValueError: As there; a share out of range.
        TypeError: An argument of another type, or of another name.

    Examples:
        >>> import winback as wb
        >>> from winback import spark
        >>> spark.fit(
        ...     wb.ChurnModel("logistic"), orders, until="2024-10-01", observed_until="2025-01-01"
        ... ).estimator
        'logistic'
    """
    own, of_log = split("fit", options, type(model).fit, ("log",))
    return model.fit(drawn(df, of_log, share, salt).event_log(), until=until, **own)


def evaluate(
    model: ChurnModel,
    df: DataFrame | None,
    *,
    at: Instant,
    share: float = 1.0,
    salt: str = "winback",
    **options: Any,
) -> Answer:
    """The model's quality at a cutoff that its training never saw.

    Args:
        model: A fitted model.
        df: The transactions.
        at: The cutoff.
        share: The share of customers to judge by, as of :func:`fit`.
        salt: As of :func:`fit`.
        **options: Those of the log.

    Returns:
        As :meth:`winback.ChurnModel.evaluate`.

    Raises:
        NotFittedError: The model was not fitted.
        ValueError: As there.
        TypeError: An argument of another type, or of another name.

    Examples:
        >>> from winback import spark
        >>> quality = spark.evaluate(model, orders, at="2024-10-01", observed_until="2025-01-01")
        >>> quality["score"][:2]
        ['model', 'recency']
    """
    _, of_log = split("evaluate", options)
    log, told = drawn(df, of_log, share, salt), quiet(model, ChurnModel)
    return Answer(log.merged("quality", {}, at=at, model=told))


def backtest(
    model: ChurnModel,
    df: DataFrame | None,
    *,
    share: float = 1.0,
    salt: str = "winback",
    **options: Any,
) -> Answer:
    """Trains anew before each of several past cutoffs and judges by what came after.

    Args:
        model: A model, fitted or not.
        df: The transactions.
        share: The share of customers, as of :func:`fit`.
        salt: As of :func:`fit`.
        **options: Those of :meth:`winback.ChurnModel.backtest`, and those of the log.

    Returns:
        As :meth:`winback.ChurnModel.backtest`.

    Raises:
        ValueError: As there.
        TypeError: An argument of another type, or of another name.

    Examples:
        >>> import winback as wb
        >>> from winback import spark
        >>> backtest = spark.backtest(
        ...     wb.ChurnModel("logistic"), orders, tests=1, draws=0, observed_until="2025-01-01"
        ... )
        >>> backtest["part"][0]
        'cutoff'
    """
    own, of_log = split("backtest", options, ChurnModel.backtest, ("log",))
    return model.backtest(drawn(df, of_log, share, salt).event_log(), **own)


def drift(
    model: ChurnModel, df: DataFrame | None, *, at: Instant, level: float = 0.01, **options: Any
) -> Answer:
    """Whether customers at a cutoff still look like those of the latest training cutoff.

    Args:
        model: A fitted model.
        df: The transactions.
        at: The cutoff.
        level: Probability of calling a column moved that did not; above 0 and below 1.
        **options: Those of the log.

    Returns:
        As :meth:`winback.ChurnModel.drift`.

    Raises:
        NotFittedError: The model was not fitted.
        ValueError: As there.
        TypeError: An argument of another type, or of another name.

    Examples:
        >>> from winback import spark
        >>> drift = spark.drift(model, orders, at="2025-01-01", observed_until="2025-01-01")
        >>> drift["column"][-1]
        'purchase_probability'
    """
    _, of_log = split("drift", options)
    asked, told = {"level": to_float("level", level)}, quiet(model, ChurnModel)
    return Answer(SparkLog(df, of_log).merged("drift", asked, at=at, model=told))


def check(df: DataFrame | None, **options: Any) -> Answer:
    """What in the tables may mislead, before anything is built on them.

    Args:
        df: The transactions.
        **options: Those of the log.

    Returns:
        As :meth:`winback.EventLog.check`.

    Raises:
        ValueError: Tables that cannot be used.
        TypeError: An argument of another type, or of another name.

    Examples:
        >>> from winback import spark
        >>> spark.check(orders, observed_until="2025-01-01").figures["customers"]
        1500
    """
    _, of_log = split("check", options)
    return SparkLog(df, of_log).event_log().check()
