"""Types of Spark's columns as Arrow's, and of results as Spark's."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pyarrow as pa

from winback._arguments import refusal
from winback._core import UNKNOWN_TYPE

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_INPUTS: dict[str, pa.DataType] = {
    "boolean": pa.bool_(),
    "tinyint": pa.int8(),
    "smallint": pa.int16(),
    "int": pa.int32(),
    "bigint": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "timestamp_ntz": pa.timestamp("us"),
    "binary": pa.binary(),
    "void": pa.null(),
}

# Times of results are by the log's clock: with a zone, Spark would shift them to the session's.
_RESULTS: list[tuple[Callable[[pa.DataType], bool], pa.DataType, str]] = [
    (pa.types.is_dictionary, pa.string(), "string"),
    (pa.types.is_string, pa.string(), "string"),
    (pa.types.is_large_string, pa.string(), "string"),
    (pa.types.is_boolean, pa.bool_(), "boolean"),
    (pa.types.is_integer, pa.int64(), "bigint"),
    (pa.types.is_floating, pa.float64(), "double"),
    (pa.types.is_timestamp, pa.timestamp("us"), "timestamp_ntz"),
    (pa.types.is_binary, pa.binary(), "binary"),
]


# What winback takes off texts: what Rust calls blank, and the byte order mark.
_BLANKS = [*range(9, 14), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B)]
BLANKS = "".join(map(chr, [*_BLANKS, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF]))
"""The characters that are taken off the ends of ids."""


def is_text(of: pa.DataType) -> bool:
    """Whether cells of this type of an input are texts."""
    return bool(pa.types.is_string(of))


def is_number(of: pa.DataType) -> bool:
    """Whether cells of this type are numbers."""
    kinds = (pa.types.is_integer, pa.types.is_decimal, pa.types.is_floating)
    return any(fits(of) for fits in kinds)


def kind_of_ids(table: str, field: pa.Field) -> str:
    """Whether a column of ids holds texts or integers, which floats and decimals may be too."""
    if is_text(field.type):
        return "texts"
    if is_number(field.type):
        return "integers"
    found = (field.metadata or {}).get(UNKNOWN_TYPE.encode(), str(field.type).encode()).decode()
    raise refusal(ValueError, f"{table}.{field.name}", "integers or texts", found)


def is_unknown(field: pa.Field) -> bool:
    """Whether a column is of a type that Arrow lacks."""
    return UNKNOWN_TYPE.encode() in (field.metadata or {})


def input_schema(table: str, frame: DataFrame) -> pa.Schema:
    """The columns of a DataFrame as the workers get them; a type that Arrow lacks is told of."""
    fields: list[pa.Field] = []
    # As Spark takes names unless it is told otherwise, which no query of winback asks it.
    named: dict[str, str] = {}
    for field in frame.schema.fields:
        other = named.setdefault(field.name.lower(), field.name)
        if len(named) == len(fields):
            raise refusal(ValueError, f"{table}.{field.name}", "one such column", f"{other} too")
        name = field.dataType.simpleString()
        found = _input_type(name)
        metadata = {UNKNOWN_TYPE: name} if found is None else None
        fields.append(
            pa.field(field.name, pa.null() if found is None else found, metadata=metadata)
        )
    return pa.schema(fields)


def _input_type(name: str) -> pa.DataType | None:
    if re.match(r"string\b|varchar\b|char\b", name):
        return pa.string()
    if decimal := re.fullmatch(r"decimal\((\d+),(\d+)\)", name):
        return pa.decimal128(int(decimal[1]), int(decimal[2]))
    return _INPUTS.get(name)


def result_schema(schema: pa.Schema) -> pa.Schema:
    """A result's columns by the types that Spark gives it."""
    return pa.schema([pa.field(field.name, _result(field.type)[0]) for field in schema])


def spark_schema(schema: pa.Schema) -> str:
    """The columns of a result in Spark's own words."""
    return ", ".join(f"{quoted(field.name)} {_result(field.type)[1]}" for field in schema)


def _result(of: pa.DataType) -> tuple[pa.DataType, str]:
    return next((to, name) for fits, to, name in _RESULTS if fits(of))


def quoted(column: str) -> str:
    """A column's name in an expression of Spark."""
    return "`" + column.replace("`", "``") + "`"
