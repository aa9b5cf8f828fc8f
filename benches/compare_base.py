"""Times winback's cohort table, flow and RFM scores and DuckDB's, and prints the ratios.

    python benches/compare_base.py [--rows 5000000] [--rounds 5]

winback works from a built event log, DuckDB from a table of its own with as many threads; both
hold ten rows a customer within 1,000 days. The tasks are the monthly cohort table (customers,
purchases, revenue), the monthly flow of customers between active, lapsed and lost (three and six
months), and RFM scores by quintiles. Results are compared first. A ratio is the median over the
rounds of winback's time by DuckDB's of the same round; the total is that of the three tasks
together. Needs duckdb, polars and pyarrow.
"""

import argparse
import json
import os
import statistics
import time

import duckdb
import numpy as np
import polars as pl

import winback as wb

START, END = "2022-01-01", "2024-10-01"

COHORTS = """
with firsts as (
    select customer_id, date_trunc('month', min(time)) as cohort from t group by 1
)
select cohort, date_diff('month', cohort, date_trunc('month', time)) as age,
    count(distinct customer_id) as customers, count(*) as purchases, sum(amount) as revenue
from t join firsts using (customer_id)
group by 1, 2 order by 1, 2
"""

# Every purchase holds from the first month's end after it to the last one before the next purchase.
FLOW = f"""
with days as (
    select customer_id, time,
        date_trunc('month', time) + interval 1 month as first_end,
        coalesce(
            date_trunc('month', lead(time) over (partition by customer_id order by time)),
            timestamp '{END}'
        ) as last_end
    from t
), standing as (
    select customer_id, unnest(generate_series(first_end, last_end, interval 1 month)) as month_end,
        time
    from days where first_end <= last_end
), states as (
    select customer_id, month_end,
        case when time > month_end - interval 3 month then 'active'
             when time > month_end - interval 6 month then 'lapsed' else 'lost' end as state
    from standing
), moves as (
    select month_end, state,
        lag(state) over (partition by customer_id order by month_end) as before
    from states
)
select month_end, before, state, count(*) as customers from moves group by 1, 2, 3
"""

RFM = f"""
with figures as (
    select customer_id, date_diff('microsecond', max(time), timestamp '{END}') / 86400e6 as recency,
        count(*) as frequency, sum(amount) as monetary
    from t group by 1
), cuts as (
    select quantile_cont(recency, [.2, .4, .6, .8]) as r,
        quantile_cont(frequency, [.2, .4, .6, .8]) as f,
        quantile_cont(monetary, [.2, .4, .6, .8]) as m
    from figures
)
select customer_id, recency, frequency, monetary,
    5 - len(list_filter(r, lambda c: c < recency)) as r_score,
    1 + len(list_filter(f, lambda c: c < frequency)) as f_score,
    1 + len(list_filter(m, lambda c: c < monetary)) as m_score
from figures, cuts order by customer_id
"""


def transactions(rows):
    """Ten rows a customer within 1,000 days, at distinct instants."""
    rng = np.random.default_rng(1)
    micros = rng.integers(0, 1000 * 86_400_000_000, rows)
    frame = pl.DataFrame(
        {
            "customer_id": rng.integers(0, max(rows // 10, 1), rows),
            "time": np.datetime64(START, "us") + micros.astype("timedelta64[us]"),
            "amount": rng.integers(100, 10_000, rows) / 100,
        }
    )
    return frame.unique(["customer_id", "time"], maintain_order=True)


def of_winback(log):
    """The three tasks, each giving an Arrow table."""
    return {
        "cohorts": lambda: wb.retention.cohorts(log, "1mo"),
        "flow": lambda: wb.retention.flow(log, "1mo"),
        "rfm": lambda: wb.segments.rfm(log.at(END)),
    }


def of_duckdb(connection):
    """The same of DuckDB."""
    queries = {"cohorts": COHORTS, "flow": FLOW, "rfm": RFM}
    tasks = queries.items()
    return {name: lambda q=query: connection.sql(q).to_arrow_table() for name, query in tasks}


def compare(ours, theirs):
    """Makes sure that both give the same figures."""
    cohorts = pl.from_arrow(theirs["cohorts"]())
    same = ours["cohorts"]().to_polars().filter(pl.col("customers") > 0)
    for name in ["customers", "purchases"]:
        assert same[name].to_list() == cohorts[name].to_list(), name
    assert np.allclose(same["revenue"], cohorts["revenue"], rtol=1e-9)
    flow = ours["flow"]().to_polars().drop_nulls("kept")
    moves = pl.from_arrow(theirs["flow"]()).filter(pl.col("month_end") <= flow["period_end"].max())
    ways = {
        "new": (None, None),
        "kept": ("active", "active"),
        "lapsed": ("active", "lapsed"),
        "lost": ("lapsed", "lost"),
        "reactivated_from_lapsed": ("lapsed", "active"),
        "reactivated_from_lost": ("lost", "active"),
    }
    for name, (before, state) in ways.items():
        of = pl.col("before").is_null() if before is None else pl.col("before") == before
        if state is not None:
            of &= pl.col("state") == state
        assert flow[name].sum() == moves.filter(of)["customers"].sum(), name
    scores, others = ours["rfm"]().to_polars(), pl.from_arrow(theirs["rfm"]())
    for name in ["customer_id", "r_score", "f_score", "m_score"]:
        differ = (scores[name].cast(int) != others[name].cast(int)).sum()
        assert differ <= len(scores) / 10_000, (name, differ)  # sums of cents in another order


def main():
    """Measures in rounds and prints medians as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    frame = transactions(arguments.rows)
    log = wb.EventLog(frame, observed_until=END)
    connection = duckdb.connect()
    connection.sql(f"set threads = {os.cpu_count()}")
    connection.sql("create table t as select * from frame")
    ours, theirs = of_winback(log), of_duckdb(connection)
    compare(ours, theirs)
    seconds = {(tool, task): [] for tool in ["winback", "DuckDB"] for task in ours}
    for _ in range(arguments.rounds):
        for task in ours:
            for tool, tasks in [("winback", ours), ("DuckDB", theirs)]:
                start = time.perf_counter()
                tasks[task]()
                seconds[tool, task].append(time.perf_counter() - start)
    for tool in ["winback", "DuckDB"]:
        rounds = zip(*(seconds[tool, task] for task in ours), strict=True)
        seconds[tool, "total"] = [sum(times) for times in rounds]
    print(f"{len(frame):,} rows, {os.cpu_count()} cores, DuckDB {duckdb.__version__}")
    for task in [*ours, "total"]:
        pairs = zip(seconds["winback", task], seconds["DuckDB", task], strict=True)
        ratio = sorted(one / other for one, other in pairs)
        medians = {tool: statistics.median(seconds[tool, task]) for tool in ["winback", "DuckDB"]}
        medians = {tool: round(median, 4) for tool, median in medians.items()}
        middle = round(statistics.median(ratio), 4)
        print(json.dumps({"task": task, **medians, "ratio": middle, "worst": round(ratio[-1], 4)}))


if __name__ == "__main__":
    main()
