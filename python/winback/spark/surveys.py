"""What survey answers say, of a log in Spark.

The workers find the answers of their own customers, and for the answers of all who of their own
customers is most like the one who answered; both are merged in the driver.

>>> from winback import spark
>>> known = {"surveys": answers, "observed_until": "2025-01-01"}
>>> spark.surveys.nps(orders, at="2025-01-01", **known).tables["afterwards"]["answer"]
['promoter', 'passive', 'detractor', 'no_answer']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winback import surveys
from winback._options import to_options
from winback.answer import Answer
from winback.spark._log import SparkLog
from winback.spark._options import split

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from winback._time import Instant

__all__ = ["nps"]


def nps(df: DataFrame | None, *, at: Instant, **options: Any) -> Answer:
    """The Net Promoter Score by group, period and topic, and what customers did after answers.

    Args:
        df: The transactions.
        at: The cutoff.
        **options: Those of :func:`winback.surveys.nps`, and those of the log.

    Returns:
        As :func:`winback.surveys.nps`.

    Raises:
        ValueError: As there.
        TypeError: An argument of another type, or of another name.

    Examples:
        >>> from winback import spark
        >>> known = {"surveys": answers, "observed_until": "2025-01-01"}
        >>> list(spark.surveys.nps(orders, at="2025-01-01", every="1q", **known).tables)
        ['periods', 'groups', 'topics', 'afterwards']
    """
    own, of_log = split("surveys.nps", options, surveys.nps, ("now",))
    return Answer(SparkLog(df, of_log).merged("nps", to_options(**own), at=at))
