"""Types of ids and times, sessions' zones, options that leave rows out, and what is refused."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import winback as wb
from shops import Shop, rows, simulated, to_spark
from winback import spark
from winback.spark import _session, _work
from winback.spark._log import SparkLog, _taken_along
from winback.spark._tables import _TIMES
from winback.spark._types import spark_schema
from winback.spark._worker import packed

AT = "2024-10-01"
CHOSEN = {"features": ["purchase_count", "days_since_last_purchase", "total_spend"]}


@pytest.fixture
def orders() -> pa.Table:
    return pa.table(simulated(60).transactions).select(["customer_id", "time", "amount"])


def with_ids(orders: pa.Table, to: Any) -> pa.Table:
    ids = to(orders["customer_id"])
    return orders.set_column(0, "customer_id", ids)


def texts(ids: pa.ChunkedArray) -> pa.Array:
    """Some with blanks around them, which are the same customers."""
    return pa.array(
        [f" c{id}\u00a0" if i % 3 else f"c{id}" for i, id in enumerate(ids.to_pylist())]
    )


IDS = {
    "bigint": lambda ids: ids.cast(pa.int64()),
    "smallint": lambda ids: ids.cast(pa.int16()),
    "double": lambda ids: ids.cast(pa.float64()),
    "decimal": lambda ids: ids.cast(pa.decimal128(21, 2)),
    "text": texts,
}


@pytest.mark.parametrize("kind", IDS)
def test_ids_of_every_type(session: Any, orders: pa.Table, kind: str) -> None:
    table = with_ids(orders, IDS[kind])
    found = spark.features(
        to_spark(session, table), at=AT, partitions=3, observed_until="2025-01-01", **CHOSEN
    )
    log = wb.EventLog(table, observed_until="2025-01-01")
    assert rows(found) == rows(log.at(AT).features(**CHOSEN))
    assert found.dtypes[0][1] == ("string" if kind == "text" else "bigint")


def test_ids_of_different_widths_come_together(session: Any, orders: pa.Table) -> None:
    tickets = pa.table(
        {"customer_id": pa.array([1, 2, 2], pa.int32()), "opened_at": orders["time"][:3]}
    )
    tables = {"transactions": with_ids(orders, IDS["decimal"]), "tickets": tickets}
    shop = Shop(session, tables, observed_until="2025-01-01")
    found = spark.features(shop.orders, at=AT, partitions=16, **shop.spark)
    assert rows(found) == rows(shop.log.at(AT).features())


@pytest.fixture(params=["UTC", "America/New_York"])
def zone(session: Any, request: pytest.FixtureRequest) -> Iterator[str]:
    session.conf.set("spark.sql.session.timeZone", request.param)
    yield request.param
    session.conf.set("spark.sql.session.timeZone", "UTC")


@pytest.mark.parametrize("kind", ["timestamp", "timestamp_ntz", "date"])
def test_times_in_every_session(session: Any, orders: pa.Table, zone: str, kind: str) -> None:
    types = {
        "timestamp": pa.timestamp("us", "UTC"),
        "timestamp_ntz": pa.timestamp("us"),
        "date": pa.date32(),
    }
    cast = {"safe": False} if kind == "date" else {}
    table = orders.set_column(1, "time", orders["time"].cast(types[kind], **cast))
    frame = to_spark(session, table)
    assert frame.dtypes[1][1] == kind
    chosen = {"observed_until": "last_event", "time_zone": "Europe/Berlin"}
    found = spark.panel(frame, cutoffs=2, partitions=2, **chosen)
    assert rows(found) == rows(wb.EventLog(table, **chosen).panel(cutoffs=2))
    assert found.dtypes[0][1] == "timestamp_ntz"


def test_rows_that_are_left_out_move_no_end(session: Any, orders: pa.Table) -> None:
    # Of amount zero, late, without an id, and of no amount that there is.
    odd = pa.table(
        {
            "customer_id": [1, 2, None, 3],
            "time": pa.array([0, 2 * 10**15, 0, 0], pa.timestamp("us")),
            "amount": [0.0, 5.0, 5.0, float("inf")],
        }
    )
    table = pa.concat_tables([orders, odd], promote_options="permissive")
    for rows_of, chosen in (
        (table, {"missing_ids": "drop", "bad_rows": "drop"}),
        (table.slice(0, len(orders) + 2), {}),
    ):
        options = {"observed_until": "last_event", **chosen}
        log = wb.EventLog(rows_of, **options)
        mine = SparkLog(to_spark(session, rows_of), {**options, "partitions": 2})
        assert mine._reading.span == (log.first_event, log.last_event)
        assert (log.first_event.year, log.last_event.year) == (2022, 2033)


def test_a_log_of_activity(session: Any) -> None:
    events = pa.table(simulated().events)
    shop = Shop(session, {"events": events}, activity=["visit"], observed_until="2025-01-01")
    found = spark.features(None, at=AT, partitions=3, **shop.spark)
    assert rows(found) == rows(shop.log.at(AT).features())


def test_errors_name_the_customer(session: Any, orders: pa.Table) -> None:
    bad = pa.table({"customer_id": [17], "time": orders["time"][:1], "amount": [float("inf")]})
    frame = to_spark(session, pa.concat_tables([orders, bad], promote_options="permissive"))
    with pytest.raises(ValueError, match=r"^transactions\.amount, customer 17: ") as raised:
        spark.check(frame, observed_until="2025-01-01", partitions=3)
    assert (raised.value.row, raised.value.customer) == (None, "17")
    with pytest.raises(Exception, match=r"transactions\.amount, customer 17: "):
        spark.features(frame, at=AT, observed_until="2025-01-01").collect()


def test_what_is_refused_before_anything_runs(session: Any, orders: pa.Table) -> None:
    frame = to_spark(session, orders)
    until = {"observed_until": "2025-01-01"}
    with pytest.raises(ValueError, match=r"at: expected a time up to 2025-01-01"):
        spark.features(frame, at="2026-01-01", **until)
    with pytest.raises(ValueError, match=r"nonsense"):
        spark.features(frame, at=AT, features=["nonsense"], **until)
    with pytest.raises(TypeError, match="encoding: expected an option of spark.features"):
        spark.features(frame, at=AT, encoding="utf-8", **until)
    for partitions, expected in ((0, "1 or more"), (-1, "1 or more"), (2**31, "less than")):
        with pytest.raises(ValueError, match=f"partitions: expected {expected}"):
            spark.features(frame, at=AT, partitions=partitions, **until)
    with pytest.raises(TypeError, match="df: expected a DataFrame of pyspark, got Table of pyarr"):
        spark.features(orders, at=AT, **until)
    with pytest.raises(TypeError, match="observed_until: expected the time up to which"):
        spark.features(frame, at=AT)
    for twice in ("time", "Time"):
        doubled = frame.selectExpr("*", f"time AS {twice}")
        with pytest.raises(ValueError, match=rf"transactions\.{twice}: expected one such column"):
            spark.features(doubled, at=AT, **until)
    with pytest.raises(TypeError, match="model: expected a ChurnModel, got TimeToPurchase"):
        spark.score(wb.timing.TimeToPurchase(), frame, at=AT, **until)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="model: expected a TimeToPurchase, got ChurnModel"):
        spark.timing(wb.ChurnModel(), frame, at=AT, **until)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="model: expected a ChurnModel, got a? ?str"):
        spark.score("model.winback", frame, at=AT, **until)  # type: ignore[arg-type]
    texts = frame.selectExpr("customer_id", "CAST(time AS STRING) AS time")
    with pytest.raises(ValueError, match=r"transactions\.time: expected dates or timestamps"):
        spark.features(texts, at=AT, **until)
    with pytest.raises(ValueError, match=r"transactions\.customer_id: no such column"):
        spark.features(frame.drop("customer_id"), at=AT, **until)
    with pytest.raises(ValueError, match="has no rows"):
        spark.features(frame.where("false"), at=AT, **until)
    with pytest.raises(ValueError, match="share: expected above 0"):
        spark.fit(wb.ChurnModel(), frame, until=AT, share=0.0, **until)
    with pytest.raises(ValueError, match="share: expected a share that some customers are in"):
        spark.fit(wb.ChurnModel(), frame, until=AT, share=1e-9, **until)


def fails_once(reading: Any, tables: Any, *, folder: str, work: Any, how: str) -> pa.Table:
    """Fails in the first try of every partition, having read its rows."""
    mark = os.path.join(folder, str(sorted(tables["transactions"]["customer_id"].to_pylist())[0]))
    if not os.path.exists(mark):
        open(mark, "w").close()
        if how == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        raise OSError("this try fails")
    return work(reading, tables)


@pytest.mark.skipif("WINBACK_SPARK" in os.environ, reason="Connect's local session tries once")
@pytest.mark.parametrize("how", ["failed", "killed"])
def test_a_task_that_is_tried_again(
    session: Any, orders: pa.Table, tmp_path: Path, how: str
) -> None:
    work = partial(_work.features, at=AT, options=CHOSEN)
    log = SparkLog(to_spark(session, orders), {"observed_until": "2025-01-01", "partitions": 2})
    expected = rows(log.frame(work))
    empty = work(log._reading, {})
    again = partial(fails_once, folder=str(tmp_path), work=work, how=how)
    package = packed(again, log._reading, 1)
    found = log._rows.mapInArrow(_taken_along("run", package), spark_schema(empty.schema))
    assert rows(found) == expected
    assert len(os.listdir(tmp_path)) == 2


def test_workers_that_cannot_do_the_work() -> None:
    lacking = {"python": "/usr/bin/python3", "version": None, "problem": "no winback"}
    with pytest.raises(ImportError, match=r"\(/usr/bin/python3\).*spark.pyspark.python"):
        _session.judge(lacking)
    with pytest.raises(RuntimeError, match="winback is 0.0 in the Python of Spark's workers"):
        _session.judge({"python": "/usr/bin/python3", "version": "0.0", "problem": None})


def test_without_pyspark() -> None:
    code = (
        "import sys; sys.modules['pyspark'] = None\n"
        "import winback as wb; assert 'winback.spark' not in sys.modules\n"
        "from winback import spark\n"
        "spark.features(1, at='2024-01-01', observed_until='2024-01-01')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert 'ImportError: winback.spark needs pyspark: pip install "winback[spark]"' in done.stderr


def test_columns_of_times_are_those_of_the_core() -> None:
    source = (Path(__file__).parents[2] / "src/log/read/schema.rs").read_text()
    named = source.split("fn holds_times(")[1].split("}")[0]
    assert set(re.findall(r'"(\w+)"', named)) == set(_TIMES)
