"""winback where the data is: on DataFrames of Apache Spark.

Every partition calls the same core, so that all results are those of one process, to the bit.
Needs pyspark 3.5 or later, classic or Connect: ``pip install "winback[spark]"``.

>>> from winback import spark
>>> scores = spark.score(model, orders, at="2025-01-01", observed_until="2025-01-01")
>>> scores.columns[:2]
['customer_id', 'state']

All functions take a DataFrame of transactions (None for a log of activity) and, by name:

- the other tables as DataFrames, ``tickets``, ``surveys``, ``events``, ``customers``;
- the options of :class:`winback.EventLog` but for those of files and texts: ``observed_until``,
  which must be given, ``columns``, ``activity``, ``contacts``, ``roles``, ``missing_ids``,
  ``bad_rows``, ``missing_values``, ``purchase_by``, ``zero_amounts``, ``time_zone``;
- ``partitions``: into how many parts the customers are brought together; by default one for
  each 1.5 million rows;
- ``threads``: on how many threads each worker computes; 1 by default, for Spark runs one worker a
  core.

Counting the rows and finding the first and the last transaction runs at once, DataFrames that are
returned are computed when Spark is asked for them.
"""

try:
    import pyarrow  # noqa: F401
except ImportError as error:
    raise ImportError(
        'winback.spark needs pyarrow and pyspark: pip install "winback[spark]"'
    ) from error

from winback.spark import campaign, retention, segments, surveys
from winback.spark._analyses import inactivity, service
from winback.spark._customers import candidates, explain, features, panel, score, timing
from winback.spark._model import backtest, check, drift, evaluate, fit

__all__ = [
    "backtest",
    "campaign",
    "candidates",
    "check",
    "drift",
    "evaluate",
    "explain",
    "features",
    "fit",
    "inactivity",
    "panel",
    "retention",
    "score",
    "segments",
    "service",
    "surveys",
    "timing",
]
