"""Tables of Spark as the workers get them: in one DataFrame, together by customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import reduce
from typing import TYPE_CHECKING

import pyarrow as pa

from winback._arguments import refusal
from winback.campaign import assign
from winback.spark._reading import Reading
from winback.spark._types import BLANKS, is_text, is_unknown, kind_of_ids, quoted

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_TIMES = ("time", "opened_at", "first_response_at", "resolved_at", "valid_until", "known_at")

Columns = Mapping[str, Mapping[str, str]]


def column(columns: Columns, table: str, name: str) -> str:
    """The input's own name of a column."""
    return columns.get(table, {}).get(name, name)


def refuse_texts_for_times(schemas: Mapping[str, pa.Schema], columns: Columns) -> None:
    """Refuses texts in columns of times, which each part would read by its own rows."""
    for table, schema in schemas.items():
        for name in _TIMES if table != "customers" else ():
            own = column(columns, table, name)
            if own in schema.names and is_text(schema.field(own).type):
                expected = (
                    "dates or timestamps; convert the texts first, as by to_timestamp_ntz, "
                    "for a format that holds in all rows, and by no session's time zone"
                )
                raise refusal(ValueError, f"{table}.{own}", expected, "texts")


def narrowed(reading: Reading) -> dict[str, pa.Schema]:
    """The columns that the log reads. A log of no rows tells them, or refuses what it is given."""
    refuse_texts_for_times(reading.schemas, reading.options.get("columns") or {})
    ends = {"observed_until": "last_event"} if "observed_until" in reading.options else {}
    then = datetime(2000, 1, 1)
    log = replace(reading, options=reading.options | ends, span=(then, then)).log({})
    unused = {*log.report["unused_columns"]}
    return {
        table: pa.schema(
            [
                field
                for field in schema
                if f"{table}.{field.name}" not in unused and not is_unknown(field)
            ]
        )
        for table, schema in reading.schemas.items()
    }


def together(
    frames: Mapping[str, DataFrame],
    schemas: Mapping[str, pa.Schema],
    ids: Mapping[str, str],
    share: float,
    salt: str,
) -> dict[str, DataFrame]:
    """Of each table one column of structs, and the ``key`` by which customers come together."""
    kinds = {table: kind_of_ids(table, schemas[table].field(own)) for table, own in ids.items()}
    keyed = {}
    for table, frame in frames.items():
        key = _key(quoted(ids[table]), kinds[table], are_mixed=len(set(kinds.values())) > 1)
        own = ", ".join(map(quoted, schemas[table].names))
        keyed[table] = frame.selectExpr(f"struct({own}) AS {table}", f"{key} AS key")
        if share < 1.0:
            drawn = keyed[table].selectExpr("*", "key AS customer_id").where(_is_of(share, salt))
            keyed[table] = drawn.drop("customer_id")
    return keyed


def _key(own: str, kind: str, are_mixed: bool) -> str:
    """The id as it is meant: the same for 7 in one table and 7.00 in another, or " a" and "a"."""
    if kind == "texts":
        return f"trim(BOTH '{BLANKS}' FROM {own})"
    key = f"try_cast({own} AS BIGINT)"
    # The core refuses such tables in its own words.
    return f"CAST({key} AS STRING)" if are_mixed else key


def _is_of(share: float, salt: str) -> str:
    """Whether a customer is drawn: as one of a control group of this share is."""
    anybody = pa.table({"customer_id": [0]})
    drawn = assign(anybody, control_share=share, salt=salt).figures["spark"]
    return f"({drawn}) = 'control'"


def by_customer(
    keyed: Mapping[str, DataFrame], schemas: Mapping[str, pa.Schema], partitions: int
) -> DataFrame:
    """All tables in one, each customer's rows in one partition.

    Of a single table the columns themselves, which Spark moves for a fifth less than structs.
    """
    if len(keyed) == 1:
        ((table, frame),) = keyed.items()
        names = {name.lower() for name in schemas[table].names}
        key = "key"
        while key in names:
            key += "_"
        frame = frame.selectExpr(f"{table}.*", f"key AS {key}")
        return frame.repartition(partitions, key).drop(key)
    one = reduce(
        lambda whole, table: whole.unionByName(table, allowMissingColumns=True), keyed.values()
    )
    return one.repartition(partitions, "key").select(*keyed)
