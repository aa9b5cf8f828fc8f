"""Whether the customer base is getting better, of a log in Spark.

The workers find sums over their own customers, which are merged in the driver.

>>> from winback import spark
>>> found = spark.retention.rates(orders, every="1q", observed_until="2025-01-01")
>>> found.column_names[2:5]
['active_before', 'active', 'new']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winback import retention
from winback._options import to_options
from winback.answer import Answer
from winback.spark._log import SparkLog
from winback.spark._options import split

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["cohorts", "flow", "rates"]


def rates(df: DataFrame | None, every: str = "1mo", **options: Any) -> Answer:
    """Retention rates of customers and revenue, period by period.

    Args:
        df: The transactions.
        every: Length of a period.
        **options: Those of :func:`winback.retention.rates`, and those of the log.

    Returns:
        As :func:`winback.retention.rates`.

    Raises:
        ValueError: As there.
        TypeError: An argument of another type, or of another name.

    Examples:
        >>> from winback import spark
        >>> list(spark.retention.rates(orders, "1q", observed_until="2025-01-01").tables)
        ['rates']
    """
    own, of_log = split("retention.rates", options, retention.rates, ("log",))
    asked = to_options(every=every, **own)
    return Answer(SparkLog(df, of_log).merged("retention_rates", asked))


def cohorts(df: DataFrame | None, every: str = "1mo", **options: Any) -> Answer:
    """Customers by the period of their first purchase, followed through the periods after it.

    Args:
        df: The transactions.
        every: Length of a period.
        **options: Those of :func:`winback.retention.cohorts`, and those of the log.

    Returns:
        As :func:`winback.retention.cohorts`.

    Raises:
        ValueError: As there.
        TypeError: An argument of another type, or of another name.

    Examples:
        >>> from winback import spark
        >>> found = spark.retention.cohorts(orders, "1q", observed_until="2025-01-01")
        >>> found.tables["share"]["0"][:2]
        [1.0, 1.0]
    """
    own, of_log = split("retention.cohorts", options, retention.cohorts, ("log",))
    asked = to_options(every=every, **own)
    return Answer(SparkLog(df, of_log).merged("cohorts", asked))


def flow(df: DataFrame | None, every: str = "1mo", **options: Any) -> Answer:
    """Who comes, stays, falls silent and returns, period by period.

    Args:
        df: The transactions.
        every: Length of a period.
        **options: Those of :func:`winback.retention.flow`, and those of the log.

    Returns:
        As :func:`winback.retention.flow`.

    Raises:
        ValueError: As there.
        TypeError: An argument of another type, or of another name.

    Examples:
        >>> from winback import spark
        >>> list(spark.retention.flow(orders, "1q", observed_until="2025-01-01").tables)
        ['periods', 'ways']
    """
    own, of_log = split("retention.flow", options, retention.flow, ("log",))
    asked = to_options(every=every, **own)
    return Answer(SparkLog(df, of_log).merged("flow", asked))
