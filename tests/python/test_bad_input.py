"""Input that cannot be used: each gets an error that says where, and never a panic."""

from __future__ import annotations

import contextlib
import gzip
import pickle
import re
from collections.abc import Callable
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import winback as wb

UNTIL = "2024-06-01"
GOOD: dict[str, Any] = {
    "customer_id": [1, 1, 2],
    "time": ["2024-01-01", "2024-02-01", "2024-03-01"],
    "amount": [10.0, 20.0, 30.0],
}
TICKETS: dict[str, Any] = {"customer_id": [1, 2], "opened_at": ["2024-01-05", "2024-03-02"]}
SURVEYS: dict[str, Any] = {"customer_id": [1], "time": ["2024-01-05"], "score": [9]}


def transactions(**columns: Any) -> pa.Table:
    """The good table with some columns replaced, or left out where given as None."""
    merged = {**GOOD, **columns}
    return pa.table({name: column for name, column in merged.items() if column is not None})


def log_of(table: Any, **options: Any) -> wb.EventLog:
    return wb.EventLog(table, **{"observed_until": UNTIL, **options})


def error_of(act: Callable[[], Any], kind: type[Exception] = ValueError) -> str:
    with pytest.raises(kind) as error:
        act()
    return str(error.value)


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


# Columns


@pytest.mark.parametrize("missing", ["customer_id", "time"])
def test_a_missing_column_says_which_were_found(missing: str) -> None:
    message = error_of(lambda: log_of(transactions(**{missing: None})))
    found = ", ".join(name for name in GOOD if name != missing)
    hint = f'another name is mapped by columns={{"transactions": {{"{missing}": "..."}}}}'
    assert message == f"transactions.{missing}: no such column; found: {found}; {hint}"


def test_a_mapped_column_that_is_not_there() -> None:
    columns = {"transactions": {"amount": "total"}}
    message = error_of(lambda: log_of(transactions(), columns=columns))
    assert message.startswith("transactions.total: no such column (given for `amount`); found: ")


@pytest.mark.parametrize(
    "columns",
    [
        {"orders": {"amount": "total"}},
        {"transactions": {"price": "total"}},
        {"customers": {"plan": "Plan"}},
        {"tickets": {"opened_at": "time"}},
    ],
)
def test_unknown_names_in_columns(columns: dict[str, dict[str, str]]) -> None:
    assert error_of(lambda: log_of(transactions(), columns=columns)).startswith(
        "columns: expected "
    )


@pytest.mark.parametrize(
    "columns", [{"transactions": "amount"}, ["amount"], {"transactions": {"amount": 3}}]
)
def test_columns_of_another_type(columns: Any) -> None:
    assert "columns: expected a dict like" in error_of(
        lambda: log_of(transactions(), columns=columns), TypeError
    )


def test_a_column_that_is_there_twice() -> None:
    table = pa.table([[1], ["2024-01-01"], ["2024-01-02"]], names=["customer_id", "time", "time"])
    assert error_of(lambda: log_of(table)) == "transactions.time: is there twice"


@pytest.mark.parametrize(
    ("name", "column", "expected"),
    [
        ("customer_id", [datetime(2024, 1, 1)] * 3, "integers or texts"),
        ("time", [1, 2, 3], "dates or timestamps"),
        ("time", [1.5, 2.5, 3.5], "dates or timestamps"),
        ("time", [True, False, True], "dates or timestamps"),
        ("amount", ["10", "20", "30"], "numbers"),
        ("amount", [True, False, True], "numbers"),
        ("category", [datetime(2024, 1, 1)] * 3, "texts or integers"),
        ("known_at", [1, 2, 3], "dates or timestamps"),
        ("discount", ["a", "b", "c"], "numbers"),
    ],
)
def test_wrong_types_name_the_column(name: str, column: list[Any], expected: str) -> None:
    message = error_of(lambda: log_of(transactions(**{name: column})))
    assert message.startswith(f"transactions.{name}: is of type ")
    # Of texts for numbers it is said too where they may come from.
    assert re.search(rf"expected {expected}($|; convert the (texts|numbers) first)", message)


@pytest.mark.parametrize(
    ("name", "column"),
    [("customer_id", [[1]] * 3), ("amount", [{"a": 1}] * 3), ("order_id", [[1], [2], [3]])],
)
def test_nested_types_name_the_column(name: str, column: list[Any]) -> None:
    message = error_of(lambda: log_of(transactions(**{name: column})))
    assert re.fullmatch(rf"transactions\.{name}: is of type .*, which cannot be read", message)


# Cells


@pytest.mark.parametrize(
    ("name", "column", "row", "what"),
    [
        ("category", [1.0, 2.5, 3.0], 2, "2.5 is not a whole number"),
        ("time", ["2024-01-01", "yesterday", "2024-01-01"], 2, '"yesterday" is not a date or time'),
        ("time", ["2024-01-01", "2024-01-02", "2023-02-29"], 3, '"2023-02-29" is not a date'),
        ("time", ["2024-01-01", "2024-13-01", "2024-01-01"], 2, '"2024-13-01" is not a date'),
        ("time", ["01/02/2024", "2024-01-02", "2024-01-01"], 1, '"01/02/2024" may have its day'),
        ("time", ["1600-01-01", "2024-01-02", "2024-01-01"], 1, "of the years 1677 to 2262"),
        ("time", ["2024-01-02", "2300-01-01", "2024-01-01"], 2, "of the years 1677 to 2262"),
        ("time", ["2024-01-02", None, "2024-01-01"], 2, "is missing"),
        ("time", ["2024-01-02", "", "2024-01-01"], 2, "is missing"),
        ("time", ["2024-01-02", " NULL", "2024-01-01"], 2, "is missing"),
        ("known_at", ["2024-01-02", "NULL", None], 2, "does not say when the row became known"),
        (
            "time",
            pa.array([0, 0, 2**62], pa.timestamp("us")),
            3,
            "lies outside the years 1677 to 2262",
        ),
        ("time", pa.array([0, 2**62, 0], pa.timestamp("s")), 2, "lies outside the years"),
        ("time", pa.array([0, -(2**63), 0], pa.timestamp("us")), 2, "lies outside the years"),
        ("time", pa.array([0, 2**31 - 1, 0], pa.date32()), 2, "lies outside the years"),
        ("amount", [1.0, float("inf"), 2.0], 2, "is infinite"),
        ("amount", [1.0, 2.0, float("-inf")], 3, "is infinite"),
        ("amount", [1.0, float("nan"), 2.0], 2, "is missing or not a number"),
        ("amount", [1.0, None, 2.0], 2, "is missing or not a number"),
        ("customer_id", [1, None, 2], 2, "has no customer id"),
        ("customer_id", ["a", None, "b"], 2, "has no customer id"),
        ("customer_id", [1.0, 2.5, 3.0], 2, "2.5 is not a whole number"),
        ("customer_id", [1.0, float("inf"), 3.0], 2, "is not a whole number"),
        ("customer_id", pa.array([1, 2**63, 2], pa.uint64()), 2, "is above 2^63 - 1"),
        ("order_id", [1, -(2**63), 2], 2, "is below -2^63 + 1"),
        ("known_at", ["2024-01-01", "soon", None], 2, '"soon" is not a date'),
        ("discount", [0.1, float("inf"), None], 2, "is infinite"),
    ],
)
@pytest.mark.parametrize("batches", [1, 3])
def test_bad_cells_are_named_by_table_column_and_row(
    name: str, column: Any, row: int, what: str, batches: int
) -> None:
    table = transactions(**{name: column})
    parts = pa.Table.from_batches(table.to_batches(max_chunksize=3 // batches))
    message = error_of(lambda: log_of(parts))
    assert message.startswith(f"transactions.{name}, row {row}: "), message
    assert what in message


def test_missing_ids_can_be_left_out() -> None:
    log = log_of(transactions(customer_id=[1, None, 2]), missing_ids="drop")
    assert log.report["transactions"]["missing_id"] == 1
    assert "1 left out without a customer id" in repr(log)
    all_missing = transactions(customer_id=pa.nulls(3))
    assert "no usable rows" in error_of(lambda: log_of(all_missing, missing_ids="drop"))


STRANGE: dict[str, Any] = {
    "nulls": pl.Series([None, None, None]),
    "128 bits": pl.Series([1, 2, 3], dtype=pl.Int128),
    "nested nulls": pl.Series([[None], None, []], dtype=pl.List(pl.Null)),
    "struct": pl.Series([{"a": None}, {"a": None}, None], dtype=pl.Struct({"a": pl.Null})),
}


@pytest.mark.parametrize("kind", STRANGE)
def test_columns_that_are_not_used_may_have_any_type(kind: str) -> None:
    frame = pl.DataFrame(GOOD)
    strange = frame.with_columns(STRANGE[kind].alias("note"))
    log = log_of(strange)
    assert log.report["unused_columns"] == ["transactions.note"]
    assert log.report["transactions"] == log_of(frame).report["transactions"]
    customers = pl.DataFrame({"customer_id": [1, 2, 3]}).with_columns(STRANGE[kind].alias("note"))
    report = log_of(frame, customers=customers).report
    assert report["ignored_attributes"] == ([] if kind == "nulls" else ["note"])


def test_used_columns_of_unknown_types_are_named() -> None:
    frame = pl.DataFrame(GOOD)
    numbers = frame.with_columns(pl.Series("amount", [1, 2, 3], dtype=pl.Int128))
    message = error_of(lambda: log_of(numbers))
    assert re.fullmatch(r"transactions\.amount: is of type .*, which cannot be read", message)
    nulls = frame.with_columns(pl.lit(None).alias("amount"))
    message = error_of(lambda: log_of(nulls))
    assert message == "transactions.amount, row 1: is missing or not a number"
    log = log_of(frame.with_columns(pl.lit(None).alias("category")))
    assert log.report["transactions"]["rows_kept"] == 3


def test_a_stream_may_be_a_part_of_its_batches() -> None:
    whole = transactions().to_batches()[0]
    middle = pa.RecordBatch.from_struct_array(whole.to_struct_array()[1:])
    log = log_of(pa.Table.from_batches([middle]))
    assert log.report["transactions"]["rows_kept"] == 2
    log = log_of(pl.DataFrame(GOOD)[1:])
    assert log.report["transactions"]["rows_kept"] == 2


def test_times_of_96_bits_are_judged(tmp_path: Path) -> None:
    times = pa.array([datetime(2024, 1, 1), datetime(2024, 2, 1), datetime(9999, 12, 31)])
    path = tmp_path / "orders.parquet"
    for known_at, row in [(None, "time, row 3"), (times, "known_at, row 3")]:
        time = times if known_at is None else pa.array([datetime(2024, 1, 1)] * 3)
        table = transactions(time=time, known_at=known_at)
        pq.write_table(table, path, use_deprecated_int96_timestamps=True)
        message = error_of(lambda: log_of(path))
        assert message == f"transactions.{row}: lies outside the years 1677 to 2262"


def test_missing_values_of_pandas_are_missing() -> None:
    frame = pd.DataFrame({"customer_id": [1, 2], "time": [pd.Timestamp("2024-01-01"), pd.NaT]})
    assert error_of(lambda: log_of(frame)) == "transactions.time, row 2: is missing"
    texts = pd.DataFrame({"customer_id": ["a", None], "time": pd.to_datetime(["2024-01-01"] * 2)})
    assert "row 2: has no customer id" in error_of(lambda: log_of(texts))


def test_a_ticket_resolved_before_it_was_opened() -> None:
    for name, what in [("resolved_at", "resolved"), ("first_response_at", "answered")]:
        table = pa.table({**TICKETS, name: ["2024-01-05", "2024-03-01"]})
        message = error_of(lambda table=table: log_of(transactions(), tickets=table))
        assert message == f"tickets.{name}, row 2: the ticket is {what} before it is opened"


def test_rows_of_unknown_customers_are_left_out_and_counted() -> None:
    with pytest.warns(UserWarning, match="surveys: none of 1 row is of a customer"):
        log = log_of(
            transactions(),
            tickets=pa.table({**TICKETS, "customer_id": [1, 77]}),
            surveys=pa.table({**SURVEYS, "customer_id": [77]}),
            customers=pa.table({"customer_id": [1, 77], "plan": ["a", "b"]}),
        )
    for table, kept in [("tickets", 1), ("surveys", 0), ("customer_attributes", 1)]:
        assert log.report[table]["unknown_customer"] == 1
        assert log.report[table]["rows_kept"] == kept
    assert log.at("2024-05-01").features()["ticket_count"] == [1.0, 0.0]


def test_bad_cells_of_the_other_tables() -> None:
    surveys = pa.table({**SURVEYS, "score": [11]})
    message = error_of(lambda: log_of(transactions(), surveys=surveys))
    assert message.startswith("surveys.score, row 1: ")
    customers = pa.table({"customer_id": [1, 1], "plan": ["a", "b"]})
    message = error_of(lambda: log_of(transactions(), customers=customers))
    assert message == "customers.customer_id, row 2: customer 1 is there already, in row 1"


def test_ids_of_another_type_in_another_table() -> None:
    tickets = pa.table({**TICKETS, "customer_id": ["1", "2"]})
    message = error_of(lambda: log_of(transactions(), tickets=tickets))
    assert message == "tickets: customer ids are texts here and integers in transactions"


def test_ids_that_change_type_within_a_stream() -> None:
    batches = [
        pa.record_batch({"customer_id": [1], "time": ["2024-01-01"]}),
        pa.record_batch({"customer_id": ["b"], "time": ["2024-01-02"]}),
    ]

    class Stream:
        """A reader whose second batch is not of the schema that it said."""

        def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
            reader = pa.RecordBatchReader.from_batches(batches[0].schema, iter(batches))
            return reader.__arrow_c_stream__()

    assert error_of(lambda: log_of(Stream()))


# Streams


def test_an_error_inside_a_stream_is_passed_on() -> None:
    def batches() -> Any:
        yield pa.record_batch({"customer_id": [1], "time": ["2024-01-01"]})
        raise RuntimeError("the connection broke")

    schema = pa.schema({"customer_id": pa.int64(), "time": pa.string()})
    reader = pa.RecordBatchReader.from_batches(schema, batches())
    assert "the connection broke" in error_of(lambda: log_of(reader))


@pytest.mark.parametrize(
    "table",
    [
        pl.DataFrame(GOOD).lazy(),
        GOOD,
        [GOOD],
        42,
        b"transactions.csv",
        np.zeros((3, 2)),
        pd.DataFrame,
    ],
    ids=lambda table: type(table).__name__,
)
def test_what_is_no_table(table: Any) -> None:
    message = error_of(lambda: log_of(table), TypeError)
    assert message.startswith("transactions: expected a table")
    assert message.endswith(".collect()") == isinstance(table, pl.LazyFrame)
    message = error_of(lambda: log_of(transactions(), tickets=table), TypeError)
    assert message.startswith("tickets: expected a table")


def test_a_broken_arrow_interface() -> None:
    class Wrong:
        def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
            return "no capsule"

    class Raises:
        def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
            raise RuntimeError("not now")

    class Schema:
        def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
            return pa.schema([]).__arrow_c_schema__()

    assert "PyCapsule" in error_of(lambda: log_of(Wrong()), TypeError)
    assert error_of(lambda: log_of(Raises()), RuntimeError) == "not now"
    error_of(lambda: log_of(Schema()))


def test_a_series_of_structs_is_a_table() -> None:
    rows = pl.Series([{"customer_id": 1, "time": "2024-01-01"}, None])
    assert "row 2" in error_of(lambda: log_of(rows))


def test_texts_that_are_not_utf8_in_a_stream() -> None:
    bad = pa.array([b"a", b"\xff", b"c"]).view(pa.string())
    assert "UTF" in error_of(lambda: log_of(transactions(customer_id=bad)))


def test_dictionary_keys_out_of_range() -> None:
    bad = pa.DictionaryArray.from_arrays(pa.array([0, 5, 0]), pa.array(["a", "b"]), safe=False)
    error_of(lambda: log_of(transactions(customer_id=bad)))


@pytest.mark.parametrize("step", [1, 3])
def test_memory_that_is_not_aligned(step: int) -> None:
    data = bytes(step) + np.array([1, 1, 2], dtype="int64").tobytes()
    ids = pa.Array.from_buffers(pa.int64(), 3, [None, pa.py_buffer(data).slice(step)])
    assert log_of(transactions(customer_id=ids)).n_customers == 2


# Empty tables


@pytest.mark.parametrize(
    "table",
    [
        transactions().slice(0, 0),
        pl.DataFrame(GOOD).clear(),
        pd.DataFrame(GOOD).iloc[:0],
        pa.table({"customer_id": pa.array([], pa.int64()), "time": pa.array([], pa.date32())}),
    ],
    ids=["pyarrow", "polars", "pandas", "no batches"],
)
def test_no_rows(table: Any) -> None:
    assert error_of(lambda: log_of(table)).startswith("transactions: has no ")


def test_no_columns() -> None:
    assert "no such column" in error_of(lambda: log_of(pa.table({})))
    assert "no such column" in error_of(lambda: log_of(pl.DataFrame()))


def test_other_tables_may_be_empty() -> None:
    log = log_of(
        transactions(),
        tickets=pl.DataFrame(TICKETS).clear(),
        surveys=pl.DataFrame(SURVEYS).clear(),
        customers=pl.DataFrame({"customer_id": [1], "plan": ["a"]}).clear(),
    )
    table = log.at("2024-05-01").features(attributes=["plan"]).to_polars()
    assert table["ticket_count"].to_list() == [0.0, 0.0]
    assert table["plan"].null_count() + table["plan"].cast(pl.String).is_in(["nan"]).sum() in (0, 2)


# Files

CSV = "customer_id,time,amount\n1,2024-01-01,10\n1,2024-02-01,20\n2,2024-03-01,30\n"


def test_a_csv_file_that_is_good(tmp_path: Path) -> None:
    log = log_of(write(tmp_path / "t.csv", CSV))
    expected = log_of(transactions())
    assert (
        log.at("2024-05-01")
        .features()
        .to_polars()
        .equals(expected.at("2024-05-01").features().to_polars())
    )


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet"])
def test_an_empty_file(suffix: str, tmp_path: Path) -> None:
    path = write(tmp_path / f"t{suffix}", b"")
    assert error_of(lambda: log_of(path)).startswith(f"{path}: ")


def test_a_header_alone(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "customer_id,time\n")
    assert error_of(lambda: log_of(path)) == "transactions: has no rows"


def test_files_cut_short(tmp_path: Path) -> None:
    rows = "".join(f"{i},2024-01-01,{i}.5\n" for i in range(5000))
    whole = "customer_id,time,amount\n" + rows
    path = write(tmp_path / "t.csv", whole[: -len("2024-01-01,4999.5\n")])
    message = error_of(lambda: log_of(path))
    assert message.startswith(f"{path}: row 5000 (line 5001): found 2 fields")
    packed = gzip.compress(whole.encode())
    path = write(tmp_path / "t.csv.gz", packed[: len(packed) // 2])
    assert str(path) in error_of(lambda: log_of(path))
    pl.DataFrame({"customer_id": range(5000), "time": ["2024-01-01"] * 5000}).write_parquet(
        tmp_path / "whole.parquet"
    )
    packed = (tmp_path / "whole.parquet").read_bytes()
    for length in [3, 8, len(packed) // 2, len(packed) - 1]:
        path = write(tmp_path / "t.parquet", packed[:length])
        assert str(path) in error_of(lambda path=path: log_of(path))


def test_a_parquet_file_with_wrong_bytes(tmp_path: Path) -> None:
    wb.simulate(customers=12, seed=2).transactions.write(tmp_path / "whole.parquet")
    packed = (tmp_path / "whole.parquet").read_bytes()
    footer = len(packed) - 8 - int.from_bytes(packed[-8:-4], "little")
    places = [*range(0, footer, 1 + footer // 100), *range(footer, len(packed))]
    for place, flip in product(places, [0x01, 0xFF]):
        damaged = bytearray(packed)
        damaged[place] ^= flip
        path = write(tmp_path / "t.parquet", bytes(damaged))
        # Some bytes carry nothing; what must not happen is a panic or a crash.
        with contextlib.suppress(ValueError, OSError):
            log_of(path)


def test_other_kinds_of_files(tmp_path: Path) -> None:
    path = write(tmp_path / "t.xls", b"PK")
    message = error_of(lambda: log_of(path))
    assert message.startswith("path: expected a file ending in .parquet, .csv, .tsv, .txt ")
    assert message.endswith(f"got {path}")
    path = write(tmp_path / "t.xlsx", b"PK")
    assert error_of(lambda: log_of(path)).startswith(f"{path}: ")
    # What is packed is told by its content, not by its name.
    path = write(tmp_path / "t.csv.gz", CSV)
    assert log_of(path).n_customers == 2
    path = write(tmp_path / "t.parquet", CSV)
    assert str(path) in error_of(lambda: log_of(path))
    path = write(tmp_path / "t.csv", gzip.compress(CSV.encode()))
    assert log_of(path).n_customers == 2


def test_files_that_are_not_there(tmp_path: Path) -> None:
    path = tmp_path / "no.csv"
    with pytest.raises(FileNotFoundError) as error:
        log_of(path)
    assert error.value.filename == str(path)
    with pytest.raises(FileNotFoundError):
        log_of(transactions(), tickets=str(path))
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "folder.parquet").mkdir()
    for folder in ("folder.csv", "folder.parquet"):
        message = error_of(lambda: log_of(tmp_path / folder))  # noqa: B023
        assert message == f"{tmp_path / folder}: the folder holds no .parquet and no .csv file"
    with pytest.raises((ValueError, OSError)):
        log_of("a\0b.csv")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_marks_and_line_ends(separator: str, tmp_path: Path) -> None:
    expected = log_of(transactions()).at("2024-05-01").features().to_polars()
    text = CSV.replace(",", separator)
    for name, content in [
        ("plain", text.encode()),
        ("mark", b"\xef\xbb\xbf" + text.encode()),
        ("windows", text.replace("\n", "\r\n").encode()),
        ("no last line end", text.rstrip().encode()),
    ]:
        log = log_of(write(tmp_path / f"{name}.csv", content))
        assert log.at("2024-05-01").features().to_polars().equals(expected), name


def test_a_separator_that_is_given(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", CSV.replace(",", "~"))
    assert "no such column" in error_of(lambda: log_of(path))
    assert log_of(path, csv_separator="~").n_customers == 2
    path.write_text(path.read_text().replace("~", "\t"))
    assert log_of(path, csv_separator="tab").n_customers == 2
    for bad in ["", "ab", "é", '"', "\n"]:
        assert "csv_separator" in error_of(lambda bad=bad: log_of(path, csv_separator=bad))
    assert "csv_separator" in error_of(lambda: log_of(path, csv_separator=59), TypeError)


def test_quoted_line_ends_and_separators(tmp_path: Path) -> None:
    text = 'customer_id,time,category\n"a, b",2024-01-01,"two\nlines"\n"say ""hi""",2024-01-02,x\n'
    log = log_of(write(tmp_path / "t.csv", text))
    assert log.at("2024-05-01").features()["customer_id"] == ["a, b", 'say "hi"']


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", b"customer_id,time\nJos\xe9,2024-01-01\n")
    assert error_of(lambda: log_of(path)) == (
        'transactions.customer_id, row 1: is not UTF-8 text; encoding="cp1252" reads it as "José"'
    )
    assert log_of(path, encoding="cp1252").at("2024-05-01").features()["customer_id"] == ["José"]
    path = write(tmp_path / "t.csv", b"customer_id,time,caf\xe9\n1,2024-01-01,x\n")
    assert str(path) in error_of(lambda: log_of(path))
    path = write(tmp_path / "t.csv", CSV.encode("utf-16"))
    assert log_of(path).n_customers == 2
    assert "name of an encoding" in error_of(lambda: log_of(path, encoding="klingon"))
    assert "encoding" in error_of(lambda: log_of(path, encoding=1251), TypeError)


@pytest.mark.parametrize(
    ("row", "column", "what"),
    [
        ("1,yesterday,10", "time", '"yesterday" is not a date or time'),
        ("1,,10", "time", "is missing"),
        ("1,2024-01-01,ten", "amount", '"ten" is not a number'),
        ("1,2024-01-01,", "amount", "is missing or not a number"),
        ("1,2024-01-01,inf", "amount", "is infinite"),
        ("1,2024-01-01,1e999", "amount", "is infinite"),
        (",2024-01-01,10", "customer_id", "has no customer id"),
    ],
)
def test_bad_cells_of_a_csv_file(row: str, column: str, what: str, tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", CSV + row + "\n")
    message = error_of(lambda: log_of(path))
    assert message.startswith(f"transactions.{column}, row 4: ") and what in message


def test_ids_that_are_integers_in_one_csv_file_only(tmp_path: Path) -> None:
    orders = write(tmp_path / "orders.csv", CSV)
    tickets = write(
        tmp_path / "tickets.csv", "customer_id,opened_at\n1,2024-01-01\nx7,2024-01-02\n"
    )
    message = error_of(lambda: log_of(orders, tickets=tickets))
    assert message == "tickets: customer ids are texts here and integers in transactions"
    zeros = write(tmp_path / "zeros.csv", CSV.replace("\n1,", "\n001,").replace("\n2,", "\n002,"))
    assert log_of(zeros).at("2024-05-01").features()["customer_id"] == ["001", "002"]


# Arguments


@pytest.mark.parametrize(
    "options",
    [
        {"missing_ids": "ignore"},
        {"purchase_by": "week"},
        {"zero_amounts": "drop"},
        {"observed_until": "soon"},
        {"observed_until": "2023-01-01"},
        {"observed_until": "2400-01-01"},
        {"observed_until": pd.NaT},
    ],
    ids=str,
)
def test_arguments_that_are_not_allowed(options: dict[str, Any]) -> None:
    assert error_of(lambda: log_of(transactions(), **options)).startswith(
        f"{[*options][0]}: expected "
    )


@pytest.mark.parametrize("until", [None, 20240101, 1.5, b"2024-01-01"], ids=repr)
def test_a_time_of_another_type(until: Any) -> None:
    for act in [
        lambda: log_of(transactions(), observed_until=until),
        lambda: log_of(transactions()).at(until).features(),
        lambda: log_of(transactions()).panel(at=[until]),
    ]:
        assert ": expected a str, a date or a datetime" in error_of(act, TypeError)


@pytest.mark.parametrize(
    ("at", "what"),
    [
        ("2023-01-01", "a time after the first transaction, 2024-01-01"),
        ("2024-01-01", "a time after the first transaction, 2024-01-01"),
        ("2024-06-02", "a time up to 2024-06-01, where the log ends (observed_until)"),
        ("2024-02-30", "an ISO date or time"),
        ("", "an ISO date or time"),
    ],
    ids=repr,
)
def test_cutoffs_outside_the_log(at: Any, what: str) -> None:
    log = log_of(transactions())
    for act in [lambda: log.at(at).features(), lambda: log.panel(at=at)]:
        message = error_of(act)
        assert message.startswith("at: expected ") and what in message


def test_a_cutoff_after_the_last_event_is_fine_while_the_log_is_complete() -> None:
    assert len(log_of(transactions()).at("2024-06-01").features()) == 2


@pytest.mark.parametrize(
    "options",
    [
        {"horizon": "0d"},
        {"horizon": "3m"},
        {"horizon": "-3mo"},
        {"horizon": "9999999999999d"},
        {"horizon": "4000000000d"},
        {"lead": "soon"},
        {"lead": "4000000000mo"},
        {"lapsed_after": "0d"},
        {"lapsed_after": "6mo"},
        {"lost_after": "3mo"},
        {"lost_after": ""},
        {"until": "never"},
    ],
    ids=str,
)
def test_spans_that_are_not_allowed(options: dict[str, str]) -> None:
    message = error_of(lambda: log_of(transactions()).panel(at="2024-03-01", **options))
    name = [*options][0]
    # Of the two limits, which are compared, either may be told.
    assert message.startswith((f"{name}: expected ", "lost_after: expected "))


def test_a_horizon_that_leaves_no_labelled_row() -> None:
    panel = log_of(transactions()).panel(at="2024-05-01", horizon="1y")
    assert panel["purchased"] == [None, None]


def test_unknown_attributes() -> None:
    log = log_of(transactions(), customers=pa.table({"customer_id": [1], "plan": ["a"]}))
    message = error_of(lambda: log.at("2024-05-01").features(attributes=["tier"]))
    assert message == 'attributes: expected one of the log\'s attributes, plan, got "tier"'
    assert "list of names" in error_of(
        lambda: log.at("2024-05-01").features(attributes="plan"), TypeError
    )
    message = error_of(lambda: log.at("2024-05-01").features(attributes=["plan", "plan"]))
    assert message.startswith("attributes: expected each name once")
    assert message.endswith(', got "plan"')


@pytest.mark.parametrize(
    "name", ["purchase_count", "cutoff", "state", "purchased", "days_to_purchase", "days_observed"]
)
def test_attributes_named_as_another_column(name: str) -> None:
    log = log_of(transactions(), customers=pa.table({"customer_id": [1], name: [7]}))
    for act in [
        lambda: log.at("2024-05-01").features(attributes=[name]),
        lambda: log.panel(at="2024-05-01", attributes=[name]),
    ]:
        assert error_of(act).endswith(f'is another column of the table, got "{name}"')


# Attributes of exceptions


def attributes_of(act: Callable[[], Any], kind: type[Exception] = ValueError) -> dict[str, Any]:
    with pytest.raises(kind) as error:
        act()
    copy = pickle.loads(pickle.dumps(error.value))
    assert vars(copy) == vars(error.value)
    assert type(copy) is type(error.value) and str(copy) == str(error.value)
    return vars(error.value)


def test_exceptions_say_where_they_are() -> None:
    missing = pa.table({**GOOD, "customer_id": [1, None, 2]})
    found = attributes_of(lambda: wb.EventLog(missing, observed_until=UNTIL))
    assert found == {
        "code": "missing-id",
        "argument": None,
        "table": "transactions",
        "column": "customer_id",
        "row": 2,
        "customer": None,
    }
    twice = pa.table({"customer_id": [1, 1], "plan": ["a", "b"]})
    found = attributes_of(lambda: log_of(transactions(), customers=twice))
    assert (found["code"], found["customer"]) == ("duplicate-customer", "1")
    found = attributes_of(lambda: log_of(transactions()).at("soon").features())
    assert (found["code"], found["argument"], found["row"]) == ("bad-argument", "at", None)
    found = attributes_of(lambda: log_of(transactions()).at(5).features(), TypeError)  # type: ignore[arg-type]
    assert (found["code"], found["argument"], found["row"]) == ("bad-argument", "at", None)
    found = attributes_of(lambda: log_of(Path("nowhere.csv")), FileNotFoundError)
    assert (found["code"], found["table"]) == ("file-access", None)


@pytest.mark.parametrize("count", [-1.0, 1.5])
def test_tickets_are_reopened_a_whole_number_of_times(count: float) -> None:
    day = datetime(2024, 1, 5)
    orders = pl.DataFrame({"customer_id": [1, 2], "time": [day, day]})
    tickets = pl.DataFrame(
        {"customer_id": [1, 2], "opened_at": [day, day], "reopened_count": [None, count]}
    )
    with pytest.raises(ValueError, match=r"tickets.reopened_count, row 2: .* whole number from 0"):
        wb.EventLog(orders, tickets=tickets, observed_until="2024-02-01")
    shop = wb.simulate(customers=300)
    model = wb.ChurnModel("logistic").fit(shop.event_log(), until="2024-10-01")
    with pytest.raises(ValueError, match=r"reopened_count: expected a whole number from 0"):
        model.customer_history().push_ticket("2024-05-01", reopened_count=count)


def test_periods_of_pandas_are_no_numbers() -> None:
    months = pd.period_range("2022-03", periods=24, freq="M")
    frame = pd.DataFrame({"customer_id": range(24), "time": months})
    with pytest.raises(ValueError, match=r"time: is of type pandas.period.*\.dt\.to_timestamp"):
        wb.EventLog(frame, observed_until="2024-03-01")
    with pytest.raises(ValueError, match=r"pandas.period"):
        wb.EventLog(frame, observed_until="2024-03-01", time_format="%s")
    customers = pd.DataFrame({"customer_id": range(24), "joined": months})
    log = wb.EventLog(
        frame.assign(time=frame["time"].dt.to_timestamp()),
        customers=customers,
        observed_until="2024-03-01",
    )
    assert log.report["ignored_attributes"] == ["joined"]
    with pytest.raises(ValueError, match="numbers or texts; this one was left out"):
        wb.ChurnModel(attributes=["joined"]).fit(log, until="2024-02-15")
