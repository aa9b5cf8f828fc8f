"""How much a churn model gains by learning from more customers.

    python benches/learning_curve.py [--data-folder ../shared/data] [--customers 100000]
        [--estimator average] [--cutoffs 24] [--salts 3]

Models are trained on shares of the customers, drawn as `ChurnModel.fit(parts, share=...)` draws
them, and judged by all customers at a later cutoff: AUC and log loss by lifecycle state, means over
several draws of each share. Logs: a simulated shop, and the public ones of `benches/quality.py`
that have tens of thousands of customers.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

import winback as wb

SHARES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0]
STATES = ["active", "lapsed", "lost"]
# File, columns, options of the log, and the cutoff at which is judged what was learned before it.
LOGS = {
    "cdnow": (
        "cdnow/cdnow_master",
        {"time": "date", "amount": "dollar_value"},
        {"purchase_by": "day", "observed_until": "1998-07-01"},
        "1998-04-01",
    ),
    "donations": (
        "donations_2005_2015/purchases",
        {"time": "date_of_purchase", "amount": "purchase_amount"},
        {"purchase_by": "day", "observed_until": "2016-01-01"},
        "2015-10-01",
    ),
}


def parse():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-folder", type=Path, default=Path("../shared/data"))
    parser.add_argument("--logs", default="simulated,cdnow,donations", help="names, by commas")
    parser.add_argument("--customers", type=int, default=100_000, help="of the simulated shop")
    parser.add_argument("--estimator", default="average")
    parser.add_argument("--cutoffs", type=int, default=24)
    parser.add_argument("--salts", type=int, default=3, help="draws of each share below 1")
    return parser.parse_args()


def read(name, options, folder):
    """Return a log in parts, the same in memory, and the cutoff."""
    if name == "simulated":
        path, columns, at = folder / "orders.parquet", {}, "2024-10-01"
        others = {"observed_until": "2025-01-01"}
        wb.simulate(customers=options.customers).transactions.write(path)
    else:
        file, columns, others, at = LOGS[name]
        path = options.data_folder / f"{file}.parquet"
    others = others | {"columns": {"transactions": columns}}
    parts = wb.PartitionedLog(path, memory="16GB", temp_folder=folder, **others)
    return parts, wb.EventLog(path, **others), at


def judged(model, now):
    """Return the AUC and the log loss of each state in which both outcomes occur."""
    frame = model.evaluate(now).to_polars().filter(pl.col("score") == "model")
    return {row["state"]: (row["roc_auc"], row["log_loss"]) for row in frame.iter_rows(named=True)}


def main():
    """Print a table for each log."""
    options = parse()
    for name in options.logs.split(","):
        with tempfile.TemporaryDirectory() as folder:
            parts, whole, at = read(name, options, Path(folder))
            now = whole.at(at)
            print(f"\n{name}: {whole.n_customers:,} customers, {options.estimator}, judged at {at}")
            print("| share | customers | rows | CPU s | " + " | ".join(STATES) + " |")
            print("|---|---|---|---|" + "---|" * len(STATES))
            for share in SHARES:
                found, seconds, customers, rows = [], [], [], []
                for salt in range(options.salts if share < 1.0 else 1):
                    sample = parts.sample(share, salt=str(salt))
                    begin = time.process_time()
                    model = wb.ChurnModel(options.estimator)
                    try:
                        model.fit(sample, until=at, cutoffs=options.cutoffs)
                    except ValueError as error:
                        print(f"| {share} | {error} |")
                        continue
                    seconds.append(time.process_time() - begin)
                    customers.append(sample.n_customers)
                    groups = model.training_["cutoffs"]
                    rows.append(sum(sum(of[s].values()) for of in groups for s in STATES))
                    found.append(judged(model, now))
                if not found:
                    continue
                cells = []
                for state in STATES:
                    of = np.array([each[state] for each in found if state in each])
                    mean = of.mean(axis=0) if len(of) else (np.nan, np.nan)
                    cells.append("{:.4f} {:.4f}".format(*mean))
                counts = (
                    f"{np.mean(customers):,.0f} | {np.mean(rows):,.0f} | {np.mean(seconds):.1f}"
                )
                print(f"| {share} | {counts} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
