"""Which customers belong together, of a log in Spark.

The workers find sums over their own customers and what rules read of each, which come together in
the driver, a few hundred bytes a customer.

>>> from winback import spark
>>> found = spark.segments.loyalty(orders, at="2025-01-01", observed_until="2025-01-01")
>>> found.tables["groups"]["group"]
['loyal', 'neutral', 'vulnerable']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winback import segments
from winback._options import to_options
from winback.answer import Answer
from winback.churn import ChurnModel
from winback.segments._loyalty import core_model, to_rules
from winback.spark._customers import quiet
from winback.spark._log import SparkLog
from winback.spark._options import split

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from winback._time import Instant

__all__ = ["concentration", "loyalty", "rfm"]


def rfm(df: DataFrame | None, *, at: Instant, **options: Any) -> Answer:
    """RFM scores and segments of all customers, by thresholds found at the same cutoff.

    Args:
        df: The transactions.
        at: The cutoff.
        **options: Those of :func:`winback.segments.rfm`, and those of the log.

    Returns:
        As :func:`winback.segments.rfm`.

    Raises:
        ValueError: As there.
        TypeError: An argument of another type, or of another name.

    Examples:
        >>> from winback import spark
        >>> found = spark.segments.rfm(orders, at="2025-01-01", observed_until="2025-01-01")
        >>> found.tables["segments"]["segment"][0]
        'champions'
    """
    own, of_log = split("segments.rfm", options, segments.rfm, ("now",))
    rfm = segments.RfmSegments(**own)
    log = SparkLog(df, of_log)
    fitted = log.merged("rfm", rfm._options(), at=at)
    return Answer(log.merged("rfm_scores", {}, at=at, first=fitted.to_bytes()))


def loyalty(df: DataFrame | None, *, at: Instant, **options: Any) -> Answer:
    """Loyal, neutral and vulnerable customers.

    Args:
        df: The transactions.
        at: The cutoff.
        **options: Those of :func:`winback.segments.loyalty`, and those of the log.

    Returns:
        As :func:`winback.segments.loyalty`.

    Raises:
        ValueError: As there.
        TypeError: An argument of another type, or of another name.

    Examples:
        >>> from winback import spark
        >>> found = spark.segments.loyalty(orders, at="2025-01-01", observed_until="2025-01-01")
        >>> found.column_names[:2]
        ['customer_id', 'group']
    """
    own, of_log = split("segments.loyalty", options, segments.loyalty, ("now",))
    asked = {"rules": to_rules(own.get("rules")).to_json()}
    model = own.get("model")
    core_model(model)  # refused here where it is none, or not fitted
    model = None if model is None else quiet(model, ChurnModel)
    return Answer(SparkLog(df, of_log).merged("loyalty", asked, at=at, model=model))


def concentration(df: DataFrame | None, *, at: Instant, **options: Any) -> Answer:
    """How much of the revenue few customers bring.

    Args:
        df: The transactions.
        at: The cutoff.
        **options: Those of :func:`winback.segments.concentration`, and those of the log.

    Returns:
        As :func:`winback.segments.concentration`.

    Raises:
        ValueError: As there.
        TypeError: An argument of another type, or of another name.

    Examples:
        >>> from winback import spark
        >>> whole = {"at": "2025-01-01", "observed_until": "2025-01-01"}
        >>> found = spark.segments.concentration(orders, **whole)
        >>> list(found.tables)
        ['vip', 'top', 'lorenz']
    """
    own, of_log = split("segments.concentration", options, segments.concentration, ("now",))
    return Answer(SparkLog(df, of_log).merged("concentration", to_options(**own), at=at))
