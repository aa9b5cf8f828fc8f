"""One piece of work of `peers.py`, in a process of its own; prints a line of JSON.

python benches/peers_work.py write FOLDER ROWS | read_winback FILE | read_polars FILE
python benches/peers_work.py simulate FOLDER CUSTOMERS | logistic FOLDER | boosting FOLDER
    | by_hand FOLDER
"""

import json
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

import compare_features

UNTIL, TRAINED = "2025-01-01", datetime(2024, 10, 1)
HORIZON, STRIDE, CUTOFFS = timedelta(days=91), timedelta(days=30), 6


def write(folder, rows):
    """Three columns as CSV and as Parquet."""
    table = pl.from_arrow(compare_features.transactions(int(rows), "integers", False))
    table = table.select("customer_id", "time", "amount")
    table.write_csv(Path(folder) / "orders.csv")
    table.write_parquet(Path(folder) / "orders.parquet")
    return {}


def read_winback(path):
    """A log of the file."""
    import winback as wb

    return {"seconds": clock(time.perf_counter, wb.EventLog, path, observed_until="last_event")}


def read_polars(path):
    """A frame of the file, with its times as times."""
    if path.endswith("csv"):
        return {"seconds": clock(time.perf_counter, pl.read_csv, path, try_parse_dates=True)}
    return {"seconds": clock(time.perf_counter, pl.read_parquet, path)}


def simulate(folder, customers):
    """A shop with tickets."""
    import winback as wb

    shop = wb.simulate(customers=int(customers))
    shop.transactions.write(Path(folder) / "orders.parquet")
    shop.tickets.write(Path(folder) / "tickets.parquet")
    return {}


def logistic(folder):
    """A model of winback's."""
    return of_model(folder, "logistic")


def boosting(folder):
    """A model of winback's."""
    return of_model(folder, "boosting")


def of_model(folder, estimator):
    """Computing time of a fit and of scores with three reasons, the log being built."""
    import winback as wb

    folder = Path(folder)
    log = wb.EventLog(
        folder / "orders.parquet", tickets=folder / "tickets.parquet", observed_until=UNTIL
    )
    model = wb.ChurnModel(estimator)
    fit = clock(time.process_time, model.fit, log, until=TRAINED, cutoffs=CUTOFFS)
    return {"fit": fit, "score": clock(time.process_time, model.score, log.at(TRAINED), reasons=3)}


def by_hand(folder):
    """Computing time of twelve features by polars at each cutoff, and LightGBM on them."""
    orders = pl.read_parquet(Path(folder) / "orders.parquet")
    return {"fit": clock(time.process_time, fit_by_hand, orders)}


def fit_by_hand(orders):
    """The latest cutoff tells when to stop."""
    import lightgbm

    parts = []
    for i in range(CUTOFFS):
        at = TRAINED - HORIZON - i * STRIDE
        known = compare_features.polars_query(pl, orders.lazy(), at)
        after = orders.filter(pl.col("time").is_between(at, at + HORIZON, closed="left"))
        bought = after.select("customer_id").unique().with_columns(bought=True)
        parts.append(known.join(bought, on="customer_id", how="left"))
    x, y = (
        [part.select(compare_features.TWELVE).to_numpy() for part in parts],
        [part["bought"].is_not_null().to_numpy() for part in parts],
    )
    earlier = pl.concat(parts[1:])
    rows = lightgbm.Dataset(
        earlier.select(compare_features.TWELVE).to_numpy(), earlier["bought"].is_not_null()
    )
    params = {"objective": "binary", "num_threads": 2, "verbose": -1, "learning_rate": 0.05}
    lightgbm.train(
        params | {"num_leaves": 15},
        rows,
        200,
        valid_sets=[rows.create_valid(x[0], y[0])],
        callbacks=[lightgbm.early_stopping(50, verbose=False)],
    )


def clock(now, task, *args, **options):
    """Seconds of a task, by a clock."""
    start = now()
    task(*args, **options)
    return now() - start


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))
