"""Analyses that stand in no module of their own, of a log in Spark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winback._options import to_options
from winback.answer import Answer
from winback.inactivity import inactivity as _inactivity
from winback.service import service as _service
from winback.spark._log import SparkLog
from winback.spark._options import split

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from winback._time import Instant


def inactivity(df: DataFrame | None, *, at: Instant, **options: Any) -> Answer:
    """Who comes back after which silence, and which limits of inactivity that suggests.

    Args:
        df: The transactions.
        at: The cutoff.
        **options: Those of :func:`winback.inactivity`, and those of the log.

    Returns:
        As :func:`winback.inactivity`.

    Raises:
        ValueError: As there.
        TypeError: An argument of another type, or of another name.

    Examples:
        >>> from winback import spark
        >>> found = spark.inactivity(orders, at="2025-01-01", observed_until="2025-01-01")
        >>> list(found.tables)
        ['returns', 'limits', 'gaps']
    """
    own, of_log = split("inactivity", options, _inactivity, ("now",))
    return Answer(SparkLog(df, of_log).merged("inactivity", to_options(**own), at=at))


def service(df: DataFrame | None, *, at: Instant, **options: Any) -> Answer:
    """Whether customers buy, and how much, after their tickets went one way or another.

    Args:
        df: The transactions.
        at: The cutoff.
        **options: Those of :func:`winback.service`, and those of the log.

    Returns:
        As :func:`winback.service`.

    Raises:
        ValueError: As there.
        TypeError: An argument of another type, or of another name.

    Examples:
        >>> from winback import spark
        >>> known = {"tickets": tickets, "observed_until": "2025-01-01"}
        >>> spark.service(orders, at="2025-01-01", **known)["group"][:2]
        ['no_ticket', 'resolved_fast']
    """
    own, of_log = split("service", options, _service, ("now",))
    return Answer(SparkLog(df, of_log).merged("service", to_options(**own), at=at))
