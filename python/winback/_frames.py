"""Frames of pandas as Arrow, whatever their columns of objects hold."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from winback._core import UNKNOWN_TYPE

if TYPE_CHECKING:
    import pandas
    import pyarrow

_MOST_KINDS = 3


def is_pandas(table: object) -> bool:
    """Whether it is something of pandas."""
    return type(table).__module__.split(".")[0] == "pandas"


def arrow_table(name: str, table: Any) -> Any:
    """What the core reads a table by: itself, but for frames of pandas.

    Raises:
        ImportError: pyarrow, by which pandas gives Arrow, is not installed.
    """
    if not is_pandas(table) or not hasattr(table, "columns"):
        return table
    if find_spec("pyarrow") is None:
        raise ImportError(
            f'{name}: frames of pandas are read by pyarrow: pip install "winback[pandas]"'
        )
    return _PandasFrame(table)


class _PandasFrame:
    """A frame of which a column that Arrow cannot hold is one of nulls that tells what is in it.

    So the column is refused by its name where it is used, and does not matter where it is not.
    """

    def __init__(self, frame: pandas.DataFrame) -> None:
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        import pyarrow

        try:
            return self._frame.__arrow_c_stream__(requested_schema)
        except pyarrow.ArrowException:
            return self._by_columns().__arrow_c_stream__(requested_schema)

    def _by_columns(self) -> pyarrow.Table:
        import pyarrow

        columns, fields = [], []
        for name, cells in self._frame.items():
            metadata = None
            try:
                column = pyarrow.array(cells, from_pandas=True)
            except pyarrow.ArrowException:
                column = pyarrow.nulls(len(cells))
                metadata = {UNKNOWN_TYPE: f"object ({_kinds(cells)})"}
            columns.append(column)
            fields.append(pyarrow.field(str(name), column.type, metadata=metadata))
        return pyarrow.Table.from_arrays(columns, schema=pyarrow.schema(fields))


def _kinds(cells: pandas.Series[Any]) -> str:
    """The types of a column's cells, the most frequent first."""
    kinds = cells.dropna().map(lambda cell: type(cell).__name__).value_counts(sort=True)
    names = [str(kind) for kind in kinds.index]
    more = ", ..." if len(names) > _MOST_KINDS else ""
    return ", ".join(names[:_MOST_KINDS]) + more
