"""PostgreSQL and DuckDB, from their tables and back: the code of docs/howto/databases.md."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi as postgresql
import duckdb
import polars as pl
import pyarrow as pa
import pytest

import winback as wb
from postgresql_server import NoServer, server

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "databases.md"
SHOP = wb.simulate(customers=250, seed=11)
TODAY, TOMORROW = datetime(2024, 12, 1), datetime(2024, 12, 2)

ORDERS = SHOP.transactions.to_polars().select(
    "customer_id",
    pl.col("time").dt.replace_time_zone("UTC").alias("ordered_at"),
    pl.col("amount").round(2).cast(pl.Decimal(12, 2)).alias("total"),
    "order_id",
    pl.col("channel").cast(pl.String),
)
TICKETS = SHOP.tickets.to_polars().select(
    "customer_id",
    "opened_at",
    "first_response_at",
    "resolved_at",
    pl.col("topic").cast(pl.String),
)


def blocks(heading: str) -> list[str]:
    """The code of one section of the page."""
    section = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    text = next(part for part in section if part.startswith(heading))
    return re.findall(r"^```python\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def expected_log(until: datetime) -> wb.EventLog:
    orders = ORDERS.filter(pl.col("ordered_at").dt.replace_time_zone(None) < until)
    orders = orders.rename({"ordered_at": "time", "total": "amount"})
    tickets = TICKETS.filter(pl.col("opened_at") < until)
    return wb.EventLog(orders, tickets=tickets, observed_until=until)


def ordered(table: Any) -> pl.DataFrame:
    return pl.DataFrame(table).sort("customer_id")


# PostgreSQL


@pytest.fixture(scope="session")
def a_server() -> Iterator[str]:
    """The address of a server's empty database."""
    with ExitStack() as stack:
        try:
            address = stack.enter_context(server())
        except NoServer as reason:
            if os.environ.get("WINBACK_REQUIRE_POSTGRES") == "1":
                pytest.fail(f"no PostgreSQL: {reason} (and WINBACK_REQUIRE_POSTGRES=1)")
            pytest.skip(f"no PostgreSQL: {reason}")
        yield address


@pytest.fixture
def address(a_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a database with the shop's orders and tickets, as the page has it."""
    with postgresql.connect(a_server) as connection, connection.cursor() as cursor:
        for table in ("orders", "tickets", "churn_scores", "win_back_candidates", "odd"):
            cursor.execute(f"DROP TABLE IF EXISTS {table}")
        cursor.execute(
            "CREATE TABLE orders (customer_id bigint, ordered_at timestamptz,"
            " total numeric(12,2), order_id bigint, channel text)"
        )
        # The driver writes no decimals.
        cursor.adbc_ingest("raw", ORDERS.with_columns(pl.col("total").cast(pl.Float64)))
        cursor.execute(
            "INSERT INTO orders SELECT customer_id, ordered_at, total::numeric(12,2), order_id,"
            " channel FROM raw"
        )
        cursor.execute("DROP TABLE raw")
        cursor.adbc_ingest("tickets", TICKETS)
        connection.commit()
    monkeypatch.setenv("SHOP_DATABASE", a_server)
    return a_server


def query(address: str, text: str) -> pa.Table:
    with postgresql.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute(text)
        return cursor.fetch_arrow_table()


def test_the_page_works_with_postgresql(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = blocks("PostgreSQL")
    assert len(code) == 5
    names: dict[str, Any] = {}
    exec(code[0], names)
    log, expected = names["log"], expected_log(TODAY)
    assert log.report == expected.report
    assert log.at(TODAY).features().to_polars().equals(expected.at(TODAY).features().to_polars())
    exec(code[1], names)
    assert names["orders_only"].report["purchases"] == expected.report["purchases"]
    exec(code[2], names)
    assert "transactions.amount: is of type Utf8; expected numbers;" in capsys.readouterr().out
    exec(code[3], names)
    model = names["model"]
    scores = model.score(expected.at(TODAY))
    found = query(address, "SELECT * FROM churn_scores")
    assert len(scores) > 150
    assert ordered(found).equals(ordered(scores))
    candidates = query(address, "SELECT * FROM win_back_candidates")
    assert ordered(candidates).equals(ordered(model.candidates(expected.at(TODAY))))
    exec(code[4], names)
    expected = expected_log(TOMORROW)
    assert expected.report["purchases"] > log.report["purchases"]
    assert names["log"].report["purchases"] == expected.report["purchases"]
    found = query(address, "SELECT * FROM churn_scores")
    assert ordered(found).equals(ordered(model.score(expected.at(TOMORROW))))


@pytest.fixture
def written(address: str) -> tuple[str, dict[str, Any]]:
    """The names of the page's code after the scores were written once."""
    names: dict[str, Any] = {}
    for block in blocks("PostgreSQL")[:4]:
        exec(block, names)
    return address, names


def test_others_see_the_new_rows_after_the_commit_only(
    written: tuple[str, dict[str, Any]],
) -> None:
    address, names = written
    scores = names["scores"].to_polars()
    with postgresql.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM churn_scores")
        cursor.adbc_ingest("churn_scores", scores[:7], mode="append")
        assert query(address, "SELECT * FROM churn_scores").num_rows == len(scores)
        connection.commit()
    assert query(address, "SELECT * FROM churn_scores").num_rows == 7


def breaking(table: wb.Table) -> pa.RecordBatchReader:
    """A stream that breaks off after its first rows."""
    arrow = table.to_arrow()

    def batches() -> Iterator[pa.RecordBatch]:
        yield from arrow[:5].to_batches()
        raise OSError("the line went dead")

    return pa.RecordBatchReader.from_batches(arrow.schema, batches())


@pytest.mark.parametrize("failure", ["stream", "constraint", "second table", "connection"])
def test_a_failure_in_the_middle_leaves_the_old_rows(
    failure: str, written: tuple[str, dict[str, Any]]
) -> None:
    address, names = written
    before = [query(address, f"SELECT * FROM {t}") for t in ("churn_scores", "win_back_candidates")]
    assert before[0].num_rows > 150 and before[1].num_rows > 5
    scores = names["scores"]
    if failure == "stream":
        tables = {"churn_scores": breaking(scores)}
    elif failure == "constraint":
        wrong = pl.when(pl.int_range(pl.len()) == pl.len() - 1).then(2.0)
        probability = wrong.otherwise("purchase_probability").alias("purchase_probability")
        tables = {"churn_scores": scores.to_polars().with_columns(probability)}
    elif failure == "second table":
        tables = {"churn_scores": scores.to_polars()[:9], "win_back_candidates": scores}
    else:
        tables = {"churn_scores": scores.to_polars()[:9], "win_back_candidates": Killer(address)}
    with pytest.raises(Exception, match=r".") as error:
        names["write"](tables)
    words = {
        "stream": "line went dead",
        "constraint": "purchase_probability_check",
        "second table": "churn_probability|purchase_probability|state",
        "connection": "terminat|closed|lost|EOF",
    }
    assert re.search(words[failure], str(error.value)), error.value
    after = [query(address, f"SELECT * FROM {t}") for t in ("churn_scores", "win_back_candidates")]
    assert after == before


class Killer:
    """A table that ends the server's other connections when it is read."""

    def __init__(self, address: str) -> None:
        self.address = address

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        query(
            self.address,
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
        )
        empty = query(self.address, "SELECT * FROM win_back_candidates")
        return empty.__arrow_c_stream__()


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("id::numeric AS customer_id, t AS time", r"transactions\.customer_id"),
        ("u AS customer_id, t AS time", r"transactions\.customer_id: is of type FixedSizeBinary"),
        (
            "id AS customer_id, t AS time, n AS amount",
            r"amount: .*Utf8; expected numbers; conv.*::",
        ),
        ("id AS customer_id, t AS time, m AS amount", r"amount: is of PostgreSQL's type money"),
        ("id AS customer_id, i AS time", r"time: is of type Interval"),
        ("id AS customer_id, e AS category, t AS time", r"category: is of type Binary"),
        ("id AS customer_id, 'infinity'::timestamptz AS time", r"time, row 1: lies outside"),
    ],
)
def test_types_without_a_meaning_are_refused(columns: str, message: str, address: str) -> None:
    with postgresql.connect(address) as connection, connection.cursor() as cursor:
        make_odd(cursor)
        cursor.execute(f"SELECT {columns} FROM odd")
        table = cursor.fetch_arrow_table()
    if "numeric" in columns:
        # It arrives as a text, which an id may be.
        log = wb.EventLog(table, observed_until=TODAY)
        assert log.at(TODAY).features()["customer_id"] == ["7"]
        return
    with pytest.raises(ValueError, match=message):
        wb.EventLog(table, observed_until=TODAY)


def test_the_casts_of_the_page_work(address: str) -> None:
    with postgresql.connect(address) as connection, connection.cursor() as cursor:
        make_odd(cursor)
        for customer, amount in (("u::text", "n::float8"), ("e::text", "m::numeric::float8")):
            cursor.execute(
                f"SELECT {customer} AS customer_id, t AS time, {amount} AS amount FROM odd"
            )
            log = wb.EventLog(cursor.fetch_arrow_table(), observed_until=TODAY)
            assert log.at(TODAY).features()["total_spend"] == [12.3]
            assert log.first_event == datetime(2024, 3, 1, 9, 30)
        cursor.execute("SELECT c::text AS customer_id, d AS time FROM odd")
        log = wb.EventLog(cursor.fetch_arrow_table(), observed_until=TODAY)
        assert log.at(TODAY).features()["customer_id"] == ["x"]
        assert log.first_event == datetime(2024, 3, 1)


def make_odd(cursor: Any) -> None:
    cursor.execute("DROP TABLE IF EXISTS odd")
    cursor.execute("DROP TYPE IF EXISTS mood")
    cursor.execute("CREATE TYPE mood AS ENUM ('good', 'bad')")
    cursor.execute(
        "CREATE TABLE odd (id bigint, u uuid, t timestamptz, d date, n numeric(12,2), m money,"
        " i interval, e mood, c char(4))"
    )
    cursor.execute(
        "INSERT INTO odd VALUES (7, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',"
        " '2024-03-01 10:30+01', '2024-03-01', 12.30, 12.30::numeric::money, '1 day', 'good', 'x')"
    )


# DuckDB


@pytest.fixture
def shop_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the shop's orders and tickets in shop.duckdb."""
    monkeypatch.chdir(tmp_path)
    orders = ORDERS.with_columns(pl.col("ordered_at").dt.replace_time_zone(None)).to_arrow()
    tickets = TICKETS.to_arrow()
    with duckdb.connect("shop.duckdb") as connection:
        connection.execute("CREATE TABLE orders AS SELECT * FROM orders")
        connection.execute("CREATE TABLE tickets AS SELECT * FROM tickets")
        types = dict(
            connection.sql("SELECT column_name, column_type FROM (DESCRIBE orders)").fetchall()
        )
    assert types["total"] == "DECIMAL(12,2)" and orders.num_rows > tickets.num_rows > 100
    return tmp_path / "shop.duckdb"


def test_the_page_works_with_duckdb(shop_file: Path) -> None:
    (code,) = blocks("DuckDB")
    names: dict[str, Any] = {}
    exec(code, names)
    expected = expected_log(TODAY)
    assert names["log"].report["purchases"] == expected.report["purchases"]
    model = names["model"]
    with duckdb.connect(str(shop_file)) as connection:
        scores = connection.sql("SELECT * FROM churn_scores").pl()
        candidates = connection.sql("SELECT * FROM win_back_candidates").pl()
    assert ordered(scores).equals(ordered(model.score(expected.at(TODAY))))
    assert ordered(candidates).equals(ordered(model.candidates(expected.at(TODAY))))
    # A failure in the middle leaves what was there.
    connection = duckdb.connect(str(shop_file))
    connection.begin()
    connection.execute("CREATE OR REPLACE TABLE churn_scores AS SELECT 1 AS customer_id")
    with pytest.raises(duckdb.Error):
        connection.execute("CREATE OR REPLACE TABLE win_back_candidates AS SELECT nothing")
    connection.close()
    with duckdb.connect(str(shop_file)) as connection:
        assert connection.sql("SELECT * FROM churn_scores").pl().equals(scores)
