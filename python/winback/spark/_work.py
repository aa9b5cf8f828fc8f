"""What is done with the tables of a part. These functions run in the workers."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from winback.spark._reading import Reading

if TYPE_CHECKING:
    from winback.churn import ChurnModel

Tables = Mapping[str, pa.Table]


def features(reading: Reading, tables: Tables, *, at: Any, options: dict[str, Any]) -> pa.Table:
    """Features at a cutoff."""
    return _customers(reading, reading.log(tables).at(at).features(**options))


def model_features(reading: Reading, tables: Tables, *, model: Any, at: Any) -> pa.Table:
    """What a model reads."""
    return _customers(reading, model.features(reading.log(tables).at(at)))


def scores(
    reading: Reading, tables: Tables, *, model: Any, at: Any, options: dict[str, Any]
) -> pa.Table:
    """Scores of a churn model or of times to the next purchase."""
    return _customers(reading, model.score(reading.log(tables).at(at), **options))


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
    return _customers(reading, found.tables[table])


def panel(reading: Reading, tables: Tables, *, options: dict[str, Any]) -> pa.Table:
    """Features and outcomes at several cutoffs."""
    return _customers(reading, reading.log(tables).panel(**options))


def _customers(reading: Reading, found: Any) -> pa.Table:
    return reading.without_nobody(pa.table(found))


def span(reading: Reading, tables: Tables) -> bytes:
    """The times of the first and the last transaction that the log keeps, if there is any."""
    if reading.log(tables).n_customers == 1:  # nobody
        return b""
    log = reading.plain_log(tables)
    return pickle.dumps((log.first_event, log.last_event))


def rows(reading: Reading, tables: Tables) -> bytes:
    """The rows themselves."""
    return _packed(tables)


def rows_of_candidates(
    reading: Reading, tables: Tables, *, model: ChurnModel, at: Any, options: dict[str, Any]
) -> bytes:
    """The rows of the part's own candidates, among whom are all of the whole log's."""
    top = options.get("top")
    more = options if top is None else options | {"top": top + 1}  # nobody may be one
    listed = pa.table(model.candidates(reading.log(tables).at(at), **more))["customer_id"]
    return _packed(
        {name: table.filter(reading.is_of(name, table, listed)) for name, table in tables.items()}
    )


def _packed(tables: Tables) -> bytes:
    """Tables as bytes of Arrow's stream format."""
    packed = {}
    for name, table in tables.items():
        sink = pa.BufferOutputStream()
        options = pa.ipc.IpcWriteOptions(compression="zstd")
        with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
            writer.write_table(table)
        packed[name] = sink.getvalue().to_pybytes()
    return pickle.dumps(packed)


def unpacked(parts: Iterable[bytes]) -> dict[str, pa.Table]:
    """The tables of several parts, one after the other."""
    gathered: dict[str, list[pa.Table]] = {}
    for part in parts:
        for name, data in pickle.loads(part).items():
            gathered.setdefault(name, []).append(pa.ipc.open_stream(data).read_all())
    return {name: pa.concat_tables(tables) for name, tables in gathered.items()}
