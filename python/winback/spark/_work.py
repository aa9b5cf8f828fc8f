"""What is done with the tables of a part. These functions run in the workers."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from winback import _core
from winback.spark._reading import Reading, Tables

if TYPE_CHECKING:
    from winback.churn import ChurnModel


def features(reading: Reading, tables: Tables, *, at: Any, options: dict[str, Any]) -> pa.Table:
    """Features at a cutoff."""
    return reading.log(tables).at(at).features(**options).to_arrow()


def scores(
    reading: Reading, tables: Tables, *, model: Any, at: Any, options: dict[str, Any]
) -> pa.Table:
    """Scores of a churn model or of times to the next purchase."""
    return model.score(reading.log(tables).at(at), **options).to_arrow()


def explanations(
    reading: Reading,
    tables: Tables,
    *,
    model: ChurnModel,
    at: Any,
    table: str,
    options: dict[str, Any],
) -> pa.Table:
    """One table of an explanation."""
    found = model.explain(reading.log(tables).at(at), **options)
    return found.tables[table].to_arrow()


def panel(reading: Reading, tables: Tables, *, options: dict[str, Any]) -> pa.Table:
    """Features and outcomes at several cutoffs."""
    return reading.log(tables).panel(**options).to_arrow()


def span(reading: Reading, tables: Tables) -> bytes:
    """The times of the first and the last transaction that the log keeps, if there is any."""
    log = reading.log(tables)
    if log.n_customers == 0:
        return b""
    own = reading.log(tables, knows_span=False)
    return pickle.dumps((own.first_event, own.last_event))


def log(reading: Reading, tables: Tables) -> bytes:
    """The log itself."""
    return reading.log(tables).to_bytes()


def part(
    reading: Reading,
    tables: Tables,
    *,
    analysis: str,
    at: Any,
    options: dict[str, Any],
    first: bytes | None,
    model: ChurnModel | None,
) -> bytes:
    """What an analysis of the core finds in the customers of a part, perhaps at a cutoff."""
    log = reading.log(tables)
    of = log._log if at is None else log.at(at)._snapshot
    return _core.part(analysis, of, options, first, None if model is None else model._fitted())


def candidates(
    reading: Reading, tables: Tables, *, model: ChurnModel, at: Any, options: dict[str, Any]
) -> bytes:
    """The part's own candidates, among whom are all of the whole log's, as a stream of Arrow."""
    listed = model.candidates(reading.log(tables).at(at), **options).to_arrow()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, listed.schema) as writer:
        writer.write_table(listed)
    return bytes(sink.getvalue().to_pybytes())
