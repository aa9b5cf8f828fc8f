"""A log in Spark: its tables as DataFrames, worked on by the workers, a part in each partition."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from winback import _core
from winback._arguments import at_least_one, refusal
from winback._core import __version__
from winback.event_log import EventLog
from winback.spark import _work
from winback.spark._options import TABLES
from winback.spark._reading import Reading
from winback.spark._session import expect_frame, expect_workers
from winback.spark._span import EVER, measured, tells_by_itself
from winback.spark._tables import by_customer, column, narrowed, together
from winback.spark._types import input_schema, spark_schema
from winback.spark._worker import PART, Work, packed

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from winback.churn import ChurnModel

# Rows of a partition, about: a few hundred megabytes in a worker.
_ROWS = 1_500_000


class SparkLog:
    """The log of a DataFrame of transactions and of what is ``given`` beside it.

    Args:
        df: The transactions.
        given: The other tables, the options of the log, ``partitions`` and ``threads``.
        share: The share of customers to take.
        salt: Decides which.
    """

    def __init__(
        self,
        df: DataFrame | None,
        given: dict[str, Any],
        share: float = 1.0,
        salt: str = "winback",
    ) -> None:
        options = dict(given)
        self._threads = at_least_one("threads", options.pop("threads", 1))
        partitions = options.pop("partitions", None)
        given_tables = {"transactions": df} | {name: options.pop(name, None) for name in TABLES[1:]}
        frames: dict[str, DataFrame] = {}
        for name, frame in given_tables.items():
            if frame is not None:
                expect_frame("df" if name == "transactions" else name, frame)
                frames[name] = frame
        if partitions is not None:
            partitions = at_least_one("partitions", partitions)

        if "observed_until" not in options:
            raise refusal(
                TypeError,
                "observed_until",
                "the time up to which the tables are complete, or 'last_event'",
                "none",
            )
        columns = options.get("columns") or {}
        table = "events" if options.get("activity") else "transactions"
        if table not in frames:
            EventLog(None, **options)  # refused in the core's words
        reading = Reading(
            schemas={name: input_schema(name, frame) for name, frame in frames.items()},
            ids={name: column(columns, name, "customer_id") for name in frames},
            time=(table, column(columns, table, "time")),
            options=options,
            span=EVER,
            share=share,
        )
        schemas = narrowed(reading)
        self._reading = replace(reading, schemas=schemas)
        expect_workers(next(iter(frames.values())).sparkSession)
        keyed = together(frames, schemas, reading.ids, share, salt)
        is_plain = tells_by_itself(self._reading)
        rows, span = measured(keyed, self._reading, is_plain)
        self._rows = by_customer(keyed, schemas, partitions or max(1, -(-rows // _ROWS)))
        if not is_plain:
            spans = [pickle.loads(part) for part in self.gather(_work.span) if part]
            span = (
                (min(first for first, _ in spans), max(last for _, last in spans))
                if spans
                else None
            )
        if span is None and share < 1.0:
            raise refusal(ValueError, "share", "a share that some customers are in", share)
        if span is None:
            self._reading.log({}, knows_span=False)  # refused: there are no rows
        assert span is not None
        self._reading = replace(self._reading, span=span)

    def frame(self, work: Work) -> DataFrame:
        """What the workers find, a table from each, as a DataFrame; nothing runs yet.

        The same is done here with no rows at all: so the arguments are checked at once, and the
        result has the same columns whatever its rows are.
        """
        empty = work(self._reading, {})
        package = packed(work, self._reading, self._threads)
        return self._rows.mapInArrow(_taken_along("run", package), spark_schema(empty.schema))

    def gather(self, work: Work) -> list[bytes]:
        """What the workers find, bytes from each, and what there is to find in no rows at all.

        So what is to be refused is refused here, and there is a part where Spark asks no worker,
        since it knows that there are no rows.
        """
        nobodys = work(self._reading, {})
        package = packed(work, self._reading, self._threads)
        parts = self._rows.mapInArrow(_taken_along("run_to_bytes", package), PART).collect()
        for _, error in parts:
            if error is not None:
                raise pickle.loads(error)
        return [nobodys, *(bytes(part) for part, _ in parts)]

    def merged(
        self,
        analysis: str,
        options: dict[str, Any],
        *,
        at: Any = None,
        first: bytes | None = None,
        model: ChurnModel | None = None,
    ) -> Any:
        """What an analysis of the core finds in all customers, by its name there.

        The workers find sums over their own customers, which are merged and finished here. Where a
        first pass has to find what the second needs, both are made.
        """
        while True:
            work = partial(
                _work.part, analysis=analysis, at=at, options=options, first=first, model=model
            )
            found = _core.finish(self.gather(work))
            if not isinstance(found, bytes):
                return found
            first = found

    def event_log(self) -> EventLog:
        """The log itself, here in the driver."""
        return self._reading.told(EventLog.from_parts(self.gather(_work.log)))


def _taken_along(
    function: str, package: bytes
) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    version = __version__

    def of_partition(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        # Spark takes this function along, and finds the package in the worker.
        from winback.spark import _worker

        yield from getattr(_worker, function)(version, package, batches)

    return of_partition
