"""Spark beside one process, parts on disk and Spark SQL: seconds, processor time, memory.

    PYTHONPATH=python .venv/spark/bin/python benches/spark.py --rows 20000000

Everything runs on this machine, `local[2]`. The processor time of the workers and of Java is what
the system counted for Spark's processes while the result was written nowhere (`noop`). The last
lines set the figures of the twelve features against the bounds that are kept.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import winback as wb

AT, UNTIL = "2024-10-01", "2025-01-01"
FEATURES = [
    "days_since_last_purchase",
    "purchase_count",
    "tenure_days",
    "total_spend",
    "average_check",
    "last_check",
    "max_check",
    "purchase_count_30d",
    "purchase_count_90d",
    "purchase_count_365d",
    "total_spend_90d",
    "total_spend_365d",
]
COLUMNS = ["customer_id", "time", "amount", "order_id"]

# The same twelve features in Spark's own words; an order's rows of one day are its purchase.
SQL = f"""
WITH known AS (
  SELECT customer_id, order_id, amount, time FROM orders WHERE time < TIMESTAMP_NTZ'{AT}'
), begun AS (
  SELECT *, min(CASE WHEN amount > 0 THEN time END)
    OVER (PARTITION BY customer_id, order_id) AS first
  FROM known
), purchases AS (
  SELECT customer_id, first, sum(amount) AS check FROM begun
  WHERE time >= first AND time < first + INTERVAL 24 HOURS GROUP BY customer_id, order_id, first
), counted AS (
  SELECT customer_id, max(first) AS last, min(first) AS since, count(*) AS purchase_count,
    max_by(check, first) AS last_check, max(check) AS max_check,
    count_if(first >= TIMESTAMP_NTZ'{AT}' - INTERVAL 30 DAYS) AS purchase_count_30d,
    count_if(first >= TIMESTAMP_NTZ'{AT}' - INTERVAL 90 DAYS) AS purchase_count_90d,
    count_if(first >= TIMESTAMP_NTZ'{AT}' - INTERVAL 365 DAYS) AS purchase_count_365d
  FROM purchases GROUP BY customer_id
), spent AS (
  SELECT customer_id, sum(amount) AS total_spend,
    sum(CASE WHEN time >= TIMESTAMP_NTZ'{AT}' - INTERVAL 90 DAYS THEN amount ELSE 0 END)
      AS total_spend_90d,
    sum(CASE WHEN time >= TIMESTAMP_NTZ'{AT}' - INTERVAL 365 DAYS THEN amount ELSE 0 END)
      AS total_spend_365d
  FROM known GROUP BY customer_id
)
SELECT customer_id,
  timestampdiff(MICROSECOND, last, TIMESTAMP_NTZ'{AT}') / 86400e6 AS days_since_last_purchase,
  purchase_count, timestampdiff(MICROSECOND, since, TIMESTAMP_NTZ'{AT}') / 86400e6 AS tenure_days,
  total_spend, total_spend / purchase_count AS average_check, last_check, max_check,
  purchase_count_30d, purchase_count_90d, purchase_count_365d, total_spend_90d, total_spend_365d
FROM counted JOIN spent USING (customer_id)
"""


class Took(NamedTuple):
    """What some work took."""

    seconds: float
    workers: float
    java: float
    here: float

    @property
    def all(self) -> float:
        """Processor seconds of all processes."""
        return self.workers + self.java + self.here


def processes() -> dict[str, float]:
    """Processor seconds of this process's descendants, of Python and of Java, and peak memory."""
    found: dict[int, tuple[int, str, float]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            name, rest = (folder / "stat").read_text().split("(", 1)[1].rsplit(")", 1)
        except OSError:
            continue
        fields = rest.split()
        ticks = sum(int(fields[place]) for place in (11, 12, 13, 14))
        found[int(folder.name)] = (int(fields[1]), name, ticks / os.sysconf("SC_CLK_TCK"))
    used = {"python": 0.0, "java": 0.0, "worker_mb": 0.0}
    for process, (parent, name, seconds) in found.items():
        while parent in found and parent != os.getpid():
            parent = found[parent][0]
        if parent != os.getpid():
            continue
        if name == "java":
            used["java"] += seconds
        elif name.startswith("python"):
            used["python"] += seconds
            status = Path(f"/proc/{process}/status").read_text()
            peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
            used["worker_mb"] = max(used["worker_mb"], peak)
    return used


def timed(name: str, work: Callable[[], Any], in_spark: bool = True) -> Took:
    """Prints what the work took."""
    before, begun, own = processes(), time.perf_counter(), time.process_time()
    work()
    seconds, own = time.perf_counter() - begun, time.process_time() - own
    after = processes()
    python, java = (after[of] - before[of] for of in ("python", "java"))
    line = f"{name:<34} {seconds:7.1f} s, processor {own:6.1f} s here"
    if in_spark:
        line += f", {python:6.1f} s workers, {java:6.1f} s Java, worker {after['worker_mb']:.0f} MB"
    print(line, flush=True)
    return Took(seconds, python, java, own)


def alone(name: str, path: Path, work: str) -> Took:
    """The same in one process, on one thread as a worker computes; it prints its own peak memory.

    It is a process of its own, so that its memory is what is measured.
    """
    code = (
        "import resource, sys, time\nimport winback as wb\nwb.set_threads(1)\n"
        f"path, at, until, features = {str(path)!r}, {AT!r}, {UNTIL!r}, {FEATURES!r}\n"
        f"{work}\n"
        "peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
        "print(time.process_time(), peak)"
    )
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    seconds = time.perf_counter() - begun
    processor, peak = map(float, done.stdout.split()[-2:])
    print(f"{name:<34} {seconds:7.1f} s, processor {processor:6.1f} s here, {peak:.0f} MB")
    return Took(seconds, 0.0, 0.0, processor)


def bound(what: str, value: float, most: float) -> None:
    """Prints a figure beside its bound."""
    print(f"{what:<52} {value:6.2f}, at most {most}{'' if value <= most else '  MISSED'}")


def same_features(mine: Any, theirs: Any) -> str:
    """In words, for how many values Spark SQL says the same."""
    mine, theirs = (
        frame.toPandas().set_index("customer_id").sort_index()[FEATURES] for frame in (mine, theirs)
    )
    near = (abs(mine - theirs) <= 1e-9 * abs(mine) + 1e-9).mean().mean()
    return f"Spark SQL says the same in {near:.2%} of the values of {len(mine):,} customers"


def main() -> None:
    """Runs the comparison."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=2_000_000)
    rows = arguments.parse_args().rows
    os.environ["PYSPARK_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession

    from winback import spark

    wb.set_threads(1)
    folder = Path(tempfile.mkdtemp())
    path, half = folder / "orders.parquet", folder / "half.parquet"
    some = wb.simulate(customers=1_000).transactions
    customers = round(rows / len(some) * 1_000)
    orders = pa.table(wb.simulate(customers=customers).transactions).select(COLUMNS)
    pq.write_table(orders, path)
    pq.write_table(orders.filter(pc.less(orders["customer_id"], customers // 2)), half)
    print(f"{len(orders):,} rows of {customers:,} customers", flush=True)
    del orders
    sample = wb.simulate(customers=2_000).transactions.to_polars().select(COLUMNS)
    model = wb.ChurnModel("boosting").fit(wb.EventLog(sample, observed_until=UNTIL), until=AT)
    model.save(folder / "model.winback")
    pq.write_table(sample.to_arrow(), folder / "sample.parquet")

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.ui.showConsoleProgress", "false")
    session = builder.config("spark.driver.memory", "3g").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    log = {"observed_until": UNTIL}

    def write(frame: Any) -> None:
        frame.write.format("noop").mode("overwrite").save()

    def features(of: Path) -> Callable[[], None]:
        frame = session.read.parquet(str(of))
        return lambda: write(spark.features(frame, at=AT, features=FEATURES, **log))

    few = session.read.parquet(str(folder / "sample.parquet"))
    few.createOrReplaceTempView("orders")
    mine = spark.features(few, at=AT, features=FEATURES, **log)
    print(same_features(mine, session.sql(SQL)), flush=True)  # and Spark is warm

    read = "log = wb.EventLog(path, observed_until=until); now = log.at(at)\n"
    parts = (
        "log = wb.PartitionedLog(path, observed_until=until, memory='1GB')\n"
        "log.at(at).write_features(path + '.features.parquet', features=features)"
    )
    one = alone("features, one process", path, read + "now.features(features=features)")
    of_half = timed("features of half the rows, Spark", features(half))
    whole = timed("features, Spark", features(path))
    worker = processes()["worker_mb"]
    alone("features, PartitionedLog of 1 GB", path, parts)
    session.read.parquet(str(path)).createOrReplaceTempView("orders")
    sql = timed("features, Spark SQL", lambda: write(session.sql(SQL)))
    own = session.read.parquet(str(path))
    saved = str(folder / "model.winback")
    score = f"wb.ChurnModel.load({saved!r}).score(now, reasons=3)"
    alone("scores, one process", path, read + score)
    timed("scores, Spark", lambda: write(spark.score(model, own, at=AT, reasons=3, **log)))
    alone("retention rates, one process", path, read + "wb.retention.rates(log, '1q')")
    timed("retention rates, Spark", lambda: spark.retention.rates(own, "1q", **log))
    alone("RFM, one process", path, read + "wb.segments.rfm(now)")
    timed("RFM, Spark", lambda: spark.segments.rfm(own, at=AT, **log))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"driver {peak:.0f} MB")
    session.stop()

    bound("processor of the workers / of one process", whole.workers / one.all, 1.3)
    bound("processor of all / of one process", whole.all / one.all, 5.0)
    bound("seconds of twice the rows", whole.seconds / of_half.seconds, 2.3)
    bound("worker, GB", worker / 1024, 0.4)
    print(f"Spark SQL takes {sql.all / whole.all:.1f} times the processor time")


if __name__ == "__main__":
    main()
