"""Result tables."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from winback import _core, _html
from winback._inputs import keep, to_output

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

_ROWS_SHOWN = 5
# A table of up to so many rows is shown whole, and as many columns as fit into a line.
_WHOLE = 12
_LINE = 100
_CELL_SHOWN = 40
# In a notebook there is more room; a table of up to so many rows is shown whole.
_HTML_WHOLE = 25
_HTML_ROWS_SHOWN = 10
_HTML_COLUMNS_SHOWN = 25
_HTML_CELL_SHOWN = 200


class Table:
    """A table of results, in Arrow's memory format.

    It is made by this package. Every library that reads Arrow's PyCapsule interface takes it
    without a copy: ``polars.DataFrame(result)``, ``pyarrow.table(result)``,
    ``duckdb.sql("from result")``, ``pandas.DataFrame.from_arrow(result)``.

    Attributes:
        column_names: Names of the columns.
        column_types: Their types: integer, number, boolean, text, category or time.
        shape: Number of rows and of columns.

    Examples:
        >>> import winback as wb
        >>> customers = wb.simulate(customers=3).customers
        >>> customers
        Table of 3 rows and 4 columns
         customer_id  segment   region        age
             integer  category  category  integer
        ...
        >>> customers["customer_id"]
        [1, 2, 3]
        >>> len(customers), customers.shape
        (3, (3, 4))
    """

    # Of a panel: whether its outcome windows begin at the cutoffs, without a lead.
    _begins_at_cutoff: bool | None = None

    def __init__(self, table: _core.Table, *made_of: object) -> None:
        self._table = table
        keep(self, *made_of)

    @property
    def column_names(self) -> list[str]:
        """Names of the columns."""
        return self._table.column_names

    @property
    def column_types(self) -> list[str]:
        """Types of the columns (integer, number, boolean, text, category or time)."""
        return self._table.column_types

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and of columns."""
        return len(self._table), len(self._table.column_names)

    def __len__(self) -> int:
        """Number of rows."""
        return len(self._table)

    def __getitem__(self, name: str) -> list[Any]:
        """The values of one column.

        Args:
            name: The column's name.

        Returns:
            One value a row: int, float (NaN where not defined), str, bool, a naive datetime of
            the log's clock, or None where the value is missing.

        Raises:
            KeyError: There is no such column.
        """
        return self._values(name, None)

    def __iter__(self) -> Iterator[str]:
        """The names of the columns, as a dict's keys."""
        return iter(self.column_names)

    def __array__(self, dtype: object = None, copy: bool | None = None) -> object:
        """Refused: columns have types of their own, and NumPy would make objects of them."""
        raise TypeError(
            "a winback.Table is no array: take to_pandas(), to_polars() or to_arrow(), or one "
            'column, as table["customer_id"]'
        )

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The table by the Arrow PyCapsule interface; another schema is not offered."""
        return self._table.__arrow_c_stream__(requested_schema)

    def __arrow_c_schema__(self) -> object:
        """The schema by the Arrow PyCapsule interface."""
        return self._table.__arrow_c_schema__()

    def to_arrow(self) -> pyarrow.Table:
        """The table as a ``pyarrow.Table``, without a copy.

        Returns:
            The table; it shares memory with this one.

        Raises:
            ImportError: pyarrow is not installed.

        Examples:
            >>> import winback as wb
            >>> wb.simulate(customers=3).customers.to_arrow().num_rows
            3
        """
        try:
            import pyarrow
        except ImportError as error:
            raise ImportError(
                'to_arrow() and to_pandas() need pyarrow: pip install "winback[pandas]"'
            ) from error
        # Not `pyarrow.table`, which imports pandas to see whether it is given a data frame.
        return pyarrow.RecordBatchReader.from_stream(self).read_all()

    def to_pandas(self) -> pandas.DataFrame:
        """The table as a ``pandas.DataFrame``.

        Returns:
            A copy as a frame.

        Raises:
            ImportError: pandas or pyarrow, by which pandas reads Arrow, is not installed.

        Examples:
            >>> import winback as wb
            >>> wb.simulate(customers=3).customers.to_pandas().shape
            (3, 4)
        """
        try:
            import pandas  # noqa: F401
        except ImportError as error:
            raise ImportError('to_pandas() needs pandas: pip install "winback[pandas]"') from error
        return self.to_arrow().to_pandas()

    def to_polars(self) -> polars.DataFrame:
        """The table as a ``polars.DataFrame``, without a copy.

        Returns:
            A frame; it shares memory with this table.

        Raises:
            ImportError: polars is not installed.

        Examples:
            >>> import winback as wb
            >>> wb.simulate(customers=3).customers.to_polars().height
            3
        """
        try:
            import polars
        except ImportError as error:
            raise ImportError('to_polars() needs polars: pip install "winback[polars]"') from error
        return polars.DataFrame(self)

    def write(self, path: str | os.PathLike[str]) -> None:
        """Writes the table to a file.

        A file that is there is replaced once the new one is complete. In CSV missing and undefined
        values are empty cells, and times are ISO 8601.

        Args:
            path: A path that ends in ``.parquet`` or ``.csv``.

        Raises:
            ValueError: Another ending.
            FileNotFoundError: There is no such folder; other kinds of ``OSError`` likewise.

        Examples:
            >>> import pathlib, tempfile
            >>> import winback as wb
            >>> path = pathlib.Path(tempfile.mkdtemp()) / "customers.csv"
            >>> wb.simulate(customers=3).customers.write(path)
            >>> path.read_text().splitlines()[0]
            'customer_id,segment,region,age'
            >>> wb.simulate(customers=3).customers.write("customers.xlsx")
            Traceback (most recent call last):
            ValueError: ...
        """
        self._table.write(to_output(path, self))

    def __repr__(self) -> str:
        rows_shown = len(self) if len(self) <= _WHOLE else _ROWS_SHOWN
        rows = self._preview(len(self.column_names), rows_shown)
        columns: list[list[str]] = []
        room = _LINE
        for column, kind in zip(zip(*rows, strict=True), rows[1], strict=True):
            width = max(map(len, column))
            room -= width + 2
            if room < 0 and columns:
                break
            number = kind in ("integer", "number")
            columns.append([cell.rjust(width) if number else cell.ljust(width) for cell in column])
        lines = [(" " + "  ".join(row)).rstrip() for row in zip(*columns, strict=True)]
        notes = [
            textwrap.fill(note, 100, subsequent_indent="    ")
            for note in self._left_out(len(columns), rows_shown)
        ]
        return "\n".join([self._title(), *lines, *notes])

    def _repr_html_(self) -> str:
        rows_shown = len(self) if len(self) <= _HTML_WHOLE else _HTML_ROWS_SHOWN
        names, types, *rows = self._preview(_HTML_COLUMNS_SHOWN, rows_shown, _HTML_CELL_SHOWN)
        notes = self._left_out(_HTML_COLUMNS_SHOWN, rows_shown)
        below = "".join(f"<p>{_core.for_html(note)}</p>" for note in notes)
        return _html.table(self._title(), names, types, rows) + below

    def _values(self, name: str, limit: int | None) -> list[Any]:
        return self._table.values(name, limit)

    def _title(self) -> str:
        rows, columns = self.shape
        of_rows, of_columns = "s" * (rows != 1), "s" * (columns != 1)
        return f"Table of {rows:,} row{of_rows} and {columns} column{of_columns}"

    def _preview(self, shown: int, rows: int, width: int = _CELL_SHOWN) -> list[list[str]]:
        """Names, types and the first rows of the first columns, as text."""
        columns = [
            [_core.for_people(name), type_, *_cells(self._values(name, rows), width)]
            for name, type_ in zip(self.column_names[:shown], self.column_types, strict=False)
        ]
        return [list(row) for row in zip(*columns, strict=True)]

    def _left_out(self, shown: int, rows_shown: int) -> list[str]:
        rows, columns = self.shape
        notes = []
        if rows > rows_shown:
            notes.append(f"... {rows - rows_shown:,} more rows")
        if columns > shown:
            names = map(_core.for_people, self.column_names[shown:])
            notes.append("... more columns: " + ", ".join(names))
        return notes


def _cells(values: list[Any], width: int) -> list[str]:
    """Values of one column as text; times that are all first instants of a day as dates."""
    times = [value for value in values if isinstance(value, datetime)]
    if times and all(time.time() == datetime.min.time() for time in times):
        values = [value.date() if value is not None else None for value in values]
    return [_cell(value, width) for value in values]


def _cell(value: object, width: int) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value + 0.0:.6g}"  # zero has no sign
    text = _core.for_people(str(value))
    return text if len(text) <= width else text[: width - 1] + "…"
