"""What is said of each customer at a cutoff, as DataFrames."""

from __future__ import annotations

import copy
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import pyarrow as pa

from winback import _core
from winback._arguments import expect_one_of, of_type, refusal
from winback.churn import ChurnModel
from winback.event_log import EventLog
from winback.snapshot import Snapshot
from winback.spark import _work
from winback.spark._log import SparkLog
from winback.spark._options import split
from winback.table import Table
from winback.timing import TimeToPurchase

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from winback._time import Instant

_Model = TypeVar("_Model", ChurnModel, TimeToPurchase)


def quiet(model: _Model, kind: type[_Model]) -> _Model:
    """The model as the workers get it: whom it tells how far it is stays here."""
    if not isinstance(model, kind):
        raise refusal(TypeError, "model", f"a {kind.__name__}", of_type(model))
    for_workers = copy.copy(model)
    for_workers.progress = False
    return for_workers


def features(df: DataFrame | None, *, at: Instant, **options: Any) -> DataFrame:
    """Features of every customer with a purchase before the cutoff.

    Args:
        df: The transactions.
        at: The cutoff.
        **options: Those of :meth:`winback.Snapshot.features`, and those of the log (see above).

    Returns:
        The rows of :meth:`winback.Snapshot.features`, in no order.

    Raises:
        ValueError: As there.
        TypeError: An argument of another type, or of another name.

    Examples:
        >>> from winback import spark
        >>> found = spark.features(orders, at="2024-07-01", observed_until="2025-01-01")
        >>> found.columns[:3]
        ['customer_id', 'days_since_last_purchase', 'purchase_count']
    """
    own, of_log = split("features", options, Snapshot.features)
    return SparkLog(df, of_log).frame(partial(_work.features, at=at, options=own))


def score(model: ChurnModel, df: DataFrame | None, *, at: Instant, **options: Any) -> DataFrame:
    """Scores every customer with a purchase before the cutoff.

    Args:
        model: A fitted model.
        df: The transactions; all tables have the columns of those of the training.
        at: The cutoff.
        **options: Those of :meth:`winback.ChurnModel.score` but ``drift``, and those of the log.

    Returns:
        The rows of :meth:`winback.ChurnModel.score`, in no order.

    Raises:
        NotFittedError: The model was not fitted.
        ValueError: As there.
        TypeError: An argument of another type, or of another name.

    Examples:
        >>> from winback import spark
        >>> scores = spark.score(model, orders, at="2025-01-01", observed_until="2025-01-01")
        >>> scores.where("state = 'lapsed'").count() > 0
        True
    """
    own, of_log = split("score", options, ChurnModel.score, ("now", "drift"))
    work = partial(_work.scores, model=quiet(model, ChurnModel), at=at, options=own)
    return SparkLog(df, of_log).frame(work)


def candidates(
    model: ChurnModel, df: DataFrame | None, *, at: Instant, top: int | None = None, **options: Any
) -> Table:
    """The lapsed customers, ranked by what their return is worth, with reasons.

    The workers rank their own candidates, and the driver ranks these together.

    Args:
        model: A fitted model.
        df: The transactions.
        at: The cutoff.
        top: Most candidates; None: all lapsed customers.
        **options: Those of :meth:`winback.ChurnModel.candidates`, and those of the log.

    Returns:
        The rows of :meth:`winback.ChurnModel.candidates`, in their order.

    Raises:
        NotFittedError: The model was not fitted.
        ValueError: As there.
        TypeError: An argument of another type, or of another name.

    Examples:
        >>> from winback import spark
        >>> best = spark.candidates(
        ...     model, orders, at="2025-01-01", top=5, observed_until="2025-01-01"
        ... )
        >>> best["rank"]
        [1, 2, 3, 4, 5]
    """
    own, of_log = split("candidates", options, ChurnModel.candidates, ("now",))
    own |= {"top": top}
    work = partial(_work.candidates, model=quiet(model, ChurnModel), at=at, options=own)
    parts = [pa.ipc.open_stream(part).read_all() for part in SparkLog(df, of_log).gather(work)]
    return Table(_core.best_candidates(pa.concat_tables(parts), top))


def panel(df: DataFrame | None, *, until: Instant | None = None, **options: Any) -> DataFrame:
    """Features, states and outcomes at several cutoffs: the table to train any model on.

    Args:
        df: The transactions.
        until: What was not known before this instant is not used.
        **options: Those of :meth:`winback.EventLog.panel`, and those of the log.

    Returns:
        The rows of :meth:`winback.EventLog.panel`, in no order.

    Raises:
        ValueError: As there.
        TypeError: An argument of another type, or of another name.

    Examples:
        >>> from winback import spark
        >>> panel = spark.panel(orders, until="2025-01-01", cutoffs=3, observed_until="2025-01-01")
        >>> panel.select("cutoff").distinct().count()
        3
    """
    own, of_log = split("panel", options, EventLog.panel)
    return SparkLog(df, of_log).frame(partial(_work.panel, options=own | {"until": until}))


def explain(
    model: ChurnModel,
    df: DataFrame | None,
    *,
    at: Instant,
    table: Literal["reasons", "contributions", "groups"] = "reasons",
    **options: Any,
) -> DataFrame:
    """What moves each customer's chance of a purchase, in log-odds and in words.

    For some customers, take their rows first: ``explain(model, orders.where(...), ...)``.

    Args:
        model: A fitted model.
        df: The transactions.
        at: The cutoff.
        table: Which table of :meth:`winback.ChurnModel.explain`.
        **options: Those of :meth:`winback.ChurnModel.explain` but ``customer_id``, and those of
            the log.

    Returns:
        The rows of that table, in no order.

    Raises:
        NotFittedError: The model was not fitted.
        ValueError: As there; another table.
        TypeError: An argument of another type, or of another name.

    Examples:
        >>> from winback import spark
        >>> why = spark.explain(model, orders, at="2025-01-01", observed_until="2025-01-01")
        >>> why.columns[:4]
        ['customer_id', 'state', 'purchase_probability', 'direction']
    """
    expect_one_of("table", table, ("reasons", "contributions", "groups"))
    own, of_log = split("explain", options, ChurnModel.explain, ("now", "customer_id"))
    told = quiet(model, ChurnModel)
    work = partial(_work.explanations, model=told, at=at, table=table, options=own)
    return SparkLog(df, of_log).frame(work)


def timing(
    model: TimeToPurchase, df: DataFrame | None, *, at: Instant, **options: Any
) -> DataFrame:
    """When every customer with a purchase before the cutoff buys next.

    Args:
        model: A fitted model of the time to the next purchase.
        df: The transactions.
        at: The cutoff.
        **options: Those of :meth:`winback.timing.TimeToPurchase.score`, and those of the log.

    Returns:
        The rows of :meth:`winback.timing.TimeToPurchase.score`, in no order.

    Raises:
        NotFittedError: The model was not fitted.
        ValueError: As there.
        TypeError: An argument of another type, or of another name.

    Examples:
        >>> from winback import spark
        >>> times = spark.timing(hazard, orders, at="2025-01-01", observed_until="2025-01-01")
        >>> times.columns[-3:]
        ['next_purchase', 'next_purchase_low', 'next_purchase_high']
    """
    own, of_log = split("timing", options, TimeToPurchase.score, ("now",))
    work = partial(_work.scores, model=quiet(model, TimeToPurchase), at=at, options=own)
    return SparkLog(df, of_log).frame(work)
