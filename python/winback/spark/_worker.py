"""What runs in the workers: batches of rows in, batches of results out."""

from __future__ import annotations

import pickle
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pyarrow as pa

from winback._core import __version__
from winback._threads import set_threads
from winback.spark._reading import Reading, Tables
from winback.spark._session import other_version
from winback.spark._types import result_schema

# Rows of a batch that goes back to Spark, as many as it sends itself by default.
_BATCH = 10_000

PART = "part binary, error binary"
"""The columns of what :func:`run_to_bytes` gives."""

Work = Callable[[Reading, Tables], Any]
"""What is done with the tables of a part, a function of a module, perhaps with arguments given: it
gives an Arrow table, or bytes."""


def packed(work: Work, reading: Reading, threads: int) -> bytes:
    """What a worker needs to know."""
    return pickle.dumps((work, reading, threads))


def run(
    version: str, package: bytes, batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """The work of one partition, whose result is a table."""
    table = _done(version, package, batches)
    schema = result_schema(table.schema)
    for batch in table.to_batches(max_chunksize=_BATCH):
        yield batch.cast(schema)


def run_to_bytes(
    version: str, package: bytes, batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """The work of one partition, whose result is bytes.

    An error of winback's is a result too: the driver raises it as what it is, and Spark does not
    try the same again.
    """
    part = error = None
    try:
        part = _done(version, package, batches)
    except (TypeError, ValueError) as found:
        if not hasattr(found, "code"):
            raise
        error = pickle.dumps(found)
    columns = [pa.array([part], pa.binary()), pa.array([error], pa.binary())]
    yield pa.RecordBatch.from_arrays(columns, names=["part", "error"])


def _done(version: str, package: bytes, batches: Iterable[pa.RecordBatch]) -> Any:
    if version != __version__:
        raise other_version(__version__, sys.executable, version)
    work, reading, threads = pickle.loads(package)
    set_threads(threads)
    # What is to be told of the whole log, no part knows.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return work(reading, tables_of(batches, [*reading.schemas]))


def tables_of(batches: Iterable[pa.RecordBatch], names: list[str]) -> Tables:
    """The tables of which a partition has rows: a single one as it is, several as structs."""
    if len(names) == 1:
        rows = [batch for batch in batches if batch.num_rows]
        return {names[0]: pa.Table.from_batches(rows)} if rows else {}
    of_tables: dict[str, list[pa.RecordBatch]] = {}
    for batch in batches:
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            own = column.drop_null() if column.null_count else column
            if len(own):
                of_tables.setdefault(name, []).append(pa.RecordBatch.from_struct_array(own))
    return {name: pa.Table.from_batches(own) for name, own in of_tables.items()}
