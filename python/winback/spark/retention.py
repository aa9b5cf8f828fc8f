"""Whether the customer base is getting better, of a log in Spark.

The workers pack the columns that are needed; the driver holds the log and computes.

>>> from winback import spark
>>> found = spark.retention.rates(orders, every="1q", observed_until="2025-01-01")
>>> found.column_names[2:5]
['active_before', 'active', 'new']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winback import retention
from winback.answer import Answer
from winback.spark._model import gathered
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
    return retention.rates(gathered(df, of_log), every, **own)


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
    return retention.cohorts(gathered(df, of_log), every, **own)


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
    return retention.flow(gathered(df, of_log), every, **own)
