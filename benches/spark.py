"""Features and scores on Spark beside one process: seconds, processor time, memory of a worker.

    PYTHONPATH=python .venv/spark/bin/python benches/spark.py --rows 2000000

Everything runs on this machine, `local[2]`. The processor time of the workers and of Java is what
the system counted for Spark's processes while the result was written nowhere (`noop`).
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

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


def timed(name: str, work: Callable[[], Any], in_spark: bool) -> None:
    """Prints what the work took."""
    before, begun, own = processes(), time.perf_counter(), time.process_time()
    work()
    seconds, own = time.perf_counter() - begun, time.process_time() - own
    after = processes()
    line = f"{name:<24} {seconds:7.1f} s, processor {own:6.1f} s here"
    if in_spark:
        python, java = (after[of] - before[of] for of in ("python", "java"))
        line += f", {python:6.1f} s workers, {java:6.1f} s Java, worker {after['worker_mb']:.0f} MB"
    print(line, flush=True)


def main() -> None:
    """Runs the comparison."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=2_000_000)
    rows = arguments.parse_args().rows
    os.environ["PYSPARK_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession

    from winback import spark

    wb.set_threads(1)
    some = wb.simulate(customers=1_000).transactions
    shop = wb.simulate(customers=round(rows / len(some) * 1_000))
    path = Path(tempfile.mkdtemp()) / "orders.parquet"
    shop.transactions.write(path)
    sample = wb.simulate(customers=2_000).transactions
    model = wb.ChurnModel("boosting").fit(
        wb.EventLog(sample, observed_until=UNTIL), until="2024-10-01"
    )
    print(f"{len(shop.transactions):,} rows of {len(shop.customers):,} customers")

    def one(work: Callable[[wb.Snapshot], Any]) -> None:
        # As the workers compute: on one thread.
        work(wb.EventLog(path, observed_until=UNTIL).at(AT))

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.ui.showConsoleProgress", "false")
    session = builder.config("spark.driver.memory", "2g").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    orders = session.read.parquet(str(path))
    log = {"observed_until": UNTIL}

    def write(frame: Any) -> None:
        frame.write.format("noop").mode("overwrite").save()

    write(spark.features(orders.limit(10_000), at=AT, features=FEATURES[:1], **log))  # warm

    def features() -> None:
        write(spark.features(orders, at=AT, features=FEATURES, **log))

    def scores() -> None:
        write(spark.score(model, orders, at=AT, reasons=3, **log))

    timed("features, one process", lambda: one(lambda now: now.features(features=FEATURES)), False)
    timed("features, Spark", features, True)
    timed("scores, one process", lambda: one(lambda now: model.score(now, reasons=3)), False)
    timed("scores, Spark", scores, True)
    session.stop()


if __name__ == "__main__":
    main()
