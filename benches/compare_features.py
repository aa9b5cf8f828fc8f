"""Times winback's event log and features and its rivals in turn, and prints the ratios.

    python benches/compare_features.py [--rows 5000000] [--rounds 5] [--ids integers] [--ordered]
        [--cutoffs 1] [--threads 2] [--tools winback,DuckDB,polars,pandas,lifetimes]

All get the same transactions as an Arrow table in memory (for pandas and lifetimes as a data
frame, made before the clock starts) and give twelve features of every customer at each cutoff:
days since the last purchase, purchases, average check, spend, tenure, last check, purchases of
30, 90 and 180 days, mean and coefficient of variation of the gaps, categories. pandas gives the
six of them that it groups in one pass, lifetimes its four-column summary. `winback all` computes
every feature that the columns allow, `winback again` a cutoff on a log that is built already.
Each run has a process of its own; a ratio is the median over the rounds of winback's figure by
the other's figure of the same round, followed by the least and the greatest. Before that the
results of winback, DuckDB and polars are compared. Memory is the peak beyond the input. Needs
Linux, duckdb, polars, pandas, pyarrow and, for its column, lifetimes.
"""

import argparse
import contextlib
import importlib
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pyarrow as pa

TWELVE = [
    "days_since_last_purchase",
    "purchase_count",
    "average_check",
    "total_spend",
    "tenure_days",
    "last_check",
    "purchase_count_30d",
    "purchase_count_90d",
    "purchase_count_180d",
    "mean_gap_days",
    "gap_cv",
    "category_count",
]
START = datetime(2022, 1, 1, tzinfo=timezone.utc)
LAST_CUTOFF = datetime(2024, 7, 1, tzinfo=timezone.utc)
TOOLS = ["winback", "winback all", "winback again", "DuckDB", "polars", "pandas", "lifetimes"]


def transactions(rows, ids, ordered):
    """Ten rows a customer within 1,000 days, at distinct instants, in 20 categories."""
    rng = np.random.default_rng(1)
    customer = rng.integers(0, max(rows // 10, 1), rows)
    micros = int(START.timestamp()) * 1_000_000 + rng.integers(0, 1000 * 86_400_000_000, rows)
    if ordered:
        micros.sort()
    if ids == "texts":
        texts = pa.array([f"C{i:09}" for i in range(max(rows // 10, 1))])
        customer = pa.compute.take(texts, pa.array(customer))
    elif ids == "sparse":
        customer = pa.array((customer * 0x1E3779B97F4A7C15 >> 1).astype(np.int64))
    else:
        customer = pa.array(customer)
    names = pa.array([f"category {i}" for i in range(20)])
    codes = pa.array(rng.integers(0, 20, rows).astype(np.int32))
    return pa.table(
        {
            "customer_id": customer,
            "time": pa.array(micros, pa.timestamp("us")),
            "amount": pa.array(rng.integers(100, 10_000, rows) / 100),
            "category": pa.DictionaryArray.from_arrays(codes, names),
        }
    )


def cutoffs(count):
    """The last cutoff and those 30 days apart before it."""
    return [(LAST_CUTOFF - timedelta(days=30 * i)).replace(tzinfo=None) for i in range(count)]


def with_winback(table, at, features=TWELVE):
    """Build the log and compute some features, or all."""
    import winback as wb

    log = wb.EventLog(transactions=table, observed_until="last_event")
    return at_cutoffs(log, at, features)


def at_cutoffs(log, at, features):
    """The features at each cutoff, one table after the other."""
    return pa.concat_tables(log.at(each).features(features=features).to_arrow() for each in at)


def with_duckdb(table, at):
    """One query a cutoff."""
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"SET threads TO {os.environ['RAYON_NUM_THREADS']}")
    connection.register("transactions", table)
    parts = [connection.execute(duckdb_query(cutoff)).to_arrow_table() for cutoff in at]
    return pa.concat_tables(parts)


def duckdb_query(cutoff):
    """Twelve features in SQL."""
    at = f"TIMESTAMP '{cutoff:%Y-%m-%d}'"
    since = lambda days: f"count(*) FILTER (time >= {at} - INTERVAL {days} DAY)"  # noqa: E731
    # A gap of 0 lies between two rows of one day.
    return f"""
        SELECT customer_id,
            epoch_us({at} - max(time)) / 86400e6 AS days_since_last_purchase,
            count(*) AS purchase_count, sum(amount) / count(*) AS average_check,
            sum(amount) AS total_spend, epoch_us({at} - min(time)) / 86400e6 AS tenure_days,
            arg_max(amount, time) AS last_check, {since(30)} AS purchase_count_30d,
            {since(90)} AS purchase_count_90d, {since(180)} AS purchase_count_180d,
            avg(gap) FILTER (gap > 0) AS mean_gap_days,
            stddev_samp(gap) FILTER (gap > 0) / avg(gap) FILTER (gap > 0) AS gap_cv,
            count(DISTINCT category) AS category_count
        FROM (
            SELECT *, time::DATE - lag(time::DATE) OVER (
                PARTITION BY customer_id ORDER BY time
            ) AS gap
            FROM transactions WHERE time < {at}
        ) GROUP BY customer_id"""


def with_polars(table, at):
    """One lazy query a cutoff."""
    import polars as pl

    frame = pl.from_arrow(table).lazy()
    return pl.concat([polars_query(pl, frame, cutoff) for cutoff in at])


def polars_query(pl, frame, cutoff):
    """Twelve features as expressions."""
    time_, day = pl.col("time"), pl.col("time").dt.date()
    days = lambda span: span.dt.total_microseconds() / 86_400e6  # noqa: E731
    since = lambda n: (time_ >= cutoff - timedelta(days=n)).sum()  # noqa: E731
    gaps = day.unique().sort().diff().drop_nulls().dt.total_days()
    return (
        frame.filter(time_ < cutoff)
        .group_by("customer_id")
        .agg(
            days(cutoff - time_.max()).alias("days_since_last_purchase"),
            pl.len().alias("purchase_count"),
            pl.col("amount").mean().alias("average_check"),
            pl.col("amount").sum().alias("total_spend"),
            days(cutoff - time_.min()).alias("tenure_days"),
            pl.col("amount").get(time_.arg_max()).alias("last_check"),
            since(30).alias("purchase_count_30d"),
            since(90).alias("purchase_count_90d"),
            since(180).alias("purchase_count_180d"),
            gaps.mean().alias("mean_gap_days"),
            (gaps.std() / gaps.mean()).alias("gap_cv"),
            pl.col("category").n_unique().alias("category_count"),
        )
        .collect()
    )


def with_pandas(frame, at):
    """What pandas groups in one pass."""
    import pandas as pd

    parts = []
    for cutoff in at:
        known = frame[frame["time"] < cutoff]
        parts.append(
            known.groupby("customer_id", sort=False).agg(
                last=("time", "max"),
                first=("time", "min"),
                purchase_count=("time", "size"),
                average_check=("amount", "mean"),
                total_spend=("amount", "sum"),
                category_count=("category", "nunique"),
            )
        )
    return pd.concat(parts)


def with_lifetimes(frame, at):
    """The summary that lifetimes makes."""
    from lifetimes.utils import summary_data_from_transaction_data as summary

    return [
        summary(frame, "customer_id", "time", "amount", observation_period_end=cutoff)
        for cutoff in at
    ]


def peak_memory(field):
    """A line of /proc/self/status in megabytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return float(line.split()[1]) / 1024
    return float("nan")


def run(tool, path, count, out):
    """One tool in this process; prints seconds and the peak of memory beyond the input."""
    with pa.OSFile(str(path)) as source:
        table = pa.ipc.open_file(source).read_all()
    at = cutoffs(count)
    data = table
    # Imports are not timed.
    module = importlib.import_module(tool.split()[0].lower())
    if tool in ("pandas", "lifetimes"):
        data = table.to_pandas()
    if tool == "winback again":
        log = module.EventLog(transactions=table, observed_until="last_event")
        log.at(at[0]).features(features=TWELVE)
    Path("/proc/self/clear_refs").write_text("5")
    before = peak_memory("VmRSS")
    start = time.perf_counter()
    if tool == "winback":
        result = with_winback(data, at)
    elif tool == "winback all":
        result = with_winback(data, at, None)
    elif tool == "winback again":
        result = at_cutoffs(log, at, TWELVE)
    else:
        result = globals()[f"with_{tool.lower()}"](data, at)
    seconds = time.perf_counter() - start
    memory = peak_memory("VmHWM") - before
    print(json.dumps({"seconds": seconds, "memory": memory}))
    if out:
        result = result.to_arrow() if hasattr(result, "to_arrow") else result
        result = pa.table(result)
        if result["customer_id"].type == pa.large_string():
            result = result.set_column(0, "customer_id", result["customer_id"].cast(pa.string()))
        with pa.OSFile(out, "wb") as sink, pa.ipc.new_file(sink, result.schema) as writer:
            writer.write_table(result)


def check_results(paths):
    """The same customers, and the same features within 1e-9."""
    import polars as pl

    def load(path):
        frame = pl.read_ipc(path)
        keys = [name for name in ("cutoff",) if name in frame.columns]
        return frame.drop(keys).sort("customer_id", "tenure_days").select("customer_id", *TWELVE)

    first, *others = [load(path) for path in paths]
    for other in others:
        assert first["customer_id"].cast(pl.String).equals(other["customer_id"].cast(pl.String))
        for name in TWELVE:
            a, b = (
                f[name].cast(pl.Float64).fill_null(float("nan")).to_numpy() for f in (first, other)
            )
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9, err_msg=name)


@contextlib.contextmanager
def measuring(rows, ids="integers", ordered=False, cutoffs=1, threads="2"):
    """Write the data and give what runs a tool once on it, perhaps writing its result."""
    limits = {"RAYON_NUM_THREADS": threads, "POLARS_MAX_THREADS": threads}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "transactions.arrow"
        table = transactions(rows, ids, ordered)
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        del table

        def measured(tool, out=None):
            command = [sys.executable, __file__, "--run", tool, "--data", path]
            command += ["--cutoffs", str(cutoffs)] + (["--out", out] if out else [])
            done = subprocess.run(
                command, env=os.environ | limits, check=True, capture_output=True, text=True
            )
            return json.loads(done.stdout.splitlines()[-1])

        yield measured


def check_tools(measured, tools):
    """Compare the results of the tools that give all twelve features."""
    with tempfile.TemporaryDirectory() as folder:
        outputs = [f"{folder}/{tool}.arrow" for tool in tools]
        for tool, out in zip(tools, outputs, strict=True):
            measured(tool, out)
        check_results(outputs)


def main():
    """Write the data, compare the results, then time everything in turn."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--ids", choices=["integers", "sparse", "texts"], default="integers")
    parser.add_argument("--ordered", action="store_true", help="rows in the order of time")
    parser.add_argument("--cutoffs", type=int, default=1)
    parser.add_argument("--threads", default="2")
    parser.add_argument("--tools", default=",".join(TOOLS[:6]))
    parser.add_argument("--run", help=argparse.SUPPRESS)
    parser.add_argument("--data", help=argparse.SUPPRESS)
    parser.add_argument("--out", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.run:
        run(args.run, args.data, args.cutoffs, args.out)
        return
    tools = args.tools.split(",")
    with measuring(args.rows, args.ids, args.ordered, args.cutoffs, args.threads) as measured:
        checked = [tool for tool in tools if tool in ("winback", "DuckDB", "polars")]
        check_tools(measured, checked)
        order = "in the order of time" if args.ordered else "shuffled"
        print(
            f"{args.rows} rows {order}, {args.ids} as ids, {args.cutoffs} cutoffs, "
            f"{args.threads} threads, {args.rounds} rounds; results of {', '.join(checked)} equal"
        )
        print(
            f"{os.cpu_count()} cores, load before {os.getloadavg()[0]:.2f}, Python "
            f"{platform.python_version()}, {resource.getpagesize()} byte pages"
        )
        figures = {tool: [] for tool in tools}
        for _ in range(args.rounds):
            for tool in tools:
                figures[tool].append(measured(tool))
        print(f"{'':16}{'seconds':>10}{'MB':>8}  winback's share of the time (least-greatest)")
        for tool in tools:
            seconds = statistics.median(run["seconds"] for run in figures[tool])
            memory = statistics.median(run["memory"] for run in figures[tool])
            ratios = [
                a["seconds"] / b["seconds"]
                for a, b in zip(figures[tools[0]], figures[tool], strict=True)
            ]
            print(
                f"{tool:16}{seconds:10.3f}{memory:8.0f}  {statistics.median(ratios):.3f} "
                f"({min(ratios):.3f}-{max(ratios):.3f})"
            )


if __name__ == "__main__":
    main()
