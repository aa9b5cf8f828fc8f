"""Judges churn models out of time on public logs: the default, what it is made of, and rivals.

    make quality WINBACK_DATA=../shared/data
    python benches/quality.py [--data-folder ../shared/data] [--logs cdnow,donations] [--draws 200]
        [--rows 6000] [--ablations] [--simulated]

At each test cutoff every model is trained on what was known before it and judged by what came in
the three months after it, by lifecycle state. A figure is the mean over the cutoffs: AUC, log loss,
and how far the predicted and the actual share are apart, in log-odds. The difference from the
default is given with a 95 % interval from resampled customers, each with all rows. Rivals: the
chance of a purchase by an MBG/NBD model and, where lightgbm is installed, LightGBM on winback's own
panel. `--ablations` judges, in place of rivals, the default with fewer cutoffs and with each of its
ingredients left out by itself (`benches/ablations.py`); `--simulated` adds simulated shops and a
log without signal, whose ids are drawn at random.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import polars as pl

import winback as wb
from ablations import ablations

STATES = ["active", "lapsed", "lost"]
KEYS = ["customer_id", "state", "purchased"]
NO_FEATURES = ["cutoff", "customer_id", "state", "purchased", "days_to_purchase", "days_observed"]

# File, columns, options of the log, test cutoffs, and targets by state: AUC at least, log loss at
# most.
LOGS = {
    "cdnow": (
        "cdnow/cdnow_master",
        {"time": "date", "amount": "dollar_value"},
        {"purchase_by": "day", "observed_until": "1998-07-01"},
        ["1997-12-01", "1998-01-01", "1998-02-15", "1998-04-01"],
        {"active": (0.722, 0.611), "lapsed": (0.625, 0.575), "lost": (0.655, 0.236)},
    ),
    "donations": (
        "donations_2005_2015/purchases",
        {"time": "date_of_purchase", "amount": "purchase_amount"},
        {"purchase_by": "day", "observed_until": "2016-01-01"},
        ["2014-10-01", "2015-01-01", "2015-04-01", "2015-07-01", "2015-10-01"],
        {"active": (0.812, 0.287), "lapsed": (0.735, 0.342), "lost": (0.865, 0.178)},
    ),
    "complete_journey": (
        "complete_journey_sample/transactions_sample",
        {
            "customer_id": "household_id",
            "time": "transaction_timestamp",
            "amount": "sales_value",
            "order_id": "basket_id",
        },
        {"observed_until": "2018-01-01"},
        ["2017-08-01", "2017-08-20", "2017-09-10", "2017-10-01"],
        {"active": (0.822, 0.274)},
    ),
    "online_retail": (
        "online_retail/year_2010_2011",
        {"time": "invoice_date", "order_id": "invoice"},
        {"observed_until": "2011-12-09", "missing_ids": "drop"},
        ["2011-06-15", "2011-07-15", "2011-08-10", "2011-09-08"],
        {},
    ),
}
SHOPS = {
    "steady shop": {"customers": 3_000, "december_peak": 1.0},
    "seasonal shop": {"customers": 3_000, "december_peak": 4.0},
    "rare buyers": {"customers": 4_000, "purchases_per_year": 3.0},
}
TESTS_OF_SHOPS = ["2024-01-01", "2024-04-01", "2024-07-01", "2024-10-01"]


def parse():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-folder", type=Path, default=Path("../shared/data"))
    parser.add_argument("--logs", default=",".join(LOGS), help="names, by commas")
    parser.add_argument("--rows", type=int, default=6_000, help="customers at most; 0: all")
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--ablations", action="store_true")
    parser.add_argument("--simulated", action="store_true")
    return parser.parse_args()


def read(folder, name, customers):
    """Return a log, its test cutoffs and its targets."""
    file, columns, options, tests, targets = LOGS[name]
    frame = pl.read_parquet(folder / f"{file}.parquet")
    if name == "online_retail":
        frame = frame.with_columns(amount=pl.col("quantity") * pl.col("price"))
    key = columns.get("customer_id", "customer_id")
    ids = np.array(sorted(frame[key].drop_nulls().unique().to_list()))
    if 0 < customers < len(ids):
        chosen = np.random.default_rng(0).choice(len(ids), customers, replace=False)
        frame = frame.filter(pl.col(key).is_in(ids[chosen].tolist()))
    log = wb.EventLog(frame, columns={"transactions": columns}, **options)
    return log, tests, targets


def simulated():
    """Return simulated logs, and one whose ids are attached at random."""
    logs = {}
    for seed, (name, options) in enumerate(SHOPS.items(), start=11):
        logs[name] = (wb.simulate(seed=seed, **options).event_log(), TESTS_OF_SHOPS, {})
    frame = wb.simulate(customers=2_000, seed=1).transactions.to_polars()
    frame = frame.gather_every(8).select("time", "amount")
    ids = np.random.default_rng(0).integers(0, 1_500, frame.height)
    frame = frame.with_columns(customer_id=pl.Series(ids))
    log = wb.EventLog(frame, observed_until="2025-01-01")
    logs["no signal"] = (log, TESTS_OF_SHOPS, {})
    return logs


def churn_model(estimator="average", cutoffs=24, **options):
    """Return what trains a model before a cutoff and gives the chance of each customer there."""

    def fit(log, at):
        model = wb.ChurnModel(estimator, **options).fit(log, until=at, cutoffs=cutoffs)
        scores = model.score(log.at(at)).to_polars()
        return scores.select("customer_id", p="purchase_probability")

    return fit


def mbg_nbd(log, at):
    """Give the chances by a model of purchases."""
    now = log.at(at)
    found = wb.timing.ModifiedBetaGeo().fit(now).purchase_probability(now, within="3mo")
    return found.to_polars().select("customer_id", p="purchase_probability")


def light_gbm(log, at):
    """Give the chances by LightGBM with its defaults on the panel of six cutoffs."""
    import lightgbm

    panel = log.panel(until=at).to_polars()
    x = panel.drop(NO_FEATURES).to_numpy()
    parameters = {"objective": "binary", "verbose": -1, "seed": 0}
    fitted = lightgbm.train(parameters, lightgbm.Dataset(x, panel["purchased"].to_numpy()))
    now = log.panel(at=[at]).to_polars()
    return now.select("customer_id").with_columns(
        p=fitted.predict(now.drop(NO_FEATURES).to_numpy())
    )


def models(taken_apart):
    """Return the models by name, the default first; each gives one chance or several by name."""
    if taken_apart:
        return {
            "average": churn_model(),
            "6 cutoffs": churn_model(cutoffs=6),
            "12 cutoffs": churn_model(cutoffs=12),
            "parts": ablations,
        }
    chosen = {
        "average": churn_model(),
        "logistic, 6 cutoffs": churn_model("logistic", 6),
        "boosting, 6 cutoffs": churn_model("boosting", 6),
        "MBG/NBD": mbg_nbd,
    }
    try:
        import lightgbm  # noqa: F401

        chosen["LightGBM"] = light_gbm
    except ImportError:
        pass
    return chosen


def measure(y, p, weights):
    """AUC, log loss and distance of the shares in log-odds; None where an outcome is missing."""
    positive, negative = (weights * y).sum(), (weights * ~y).sum()
    if positive == 0 or negative == 0:
        return None
    order = np.argsort(p, kind="stable")
    values, starts = np.unique(p[order], return_index=True)
    of_positive = np.add.reduceat((weights * y)[order], starts)
    of_negative = np.add.reduceat((weights * ~y)[order], starts)
    below = np.cumsum(of_negative) - of_negative
    auc = (of_positive * (below + of_negative / 2)).sum() / (positive * negative)
    clipped = np.clip(p, 1e-12, 1 - 1e-12)
    loss = -(weights * np.log(np.where(y, clipped, 1 - clipped))).sum() / weights.sum()
    mean, rate = np.average(clipped, weights=weights), positive / (positive + negative)
    return auc, loss, abs(np.log(mean / (1 - mean)) - np.log(rate / (1 - rate)))


def means(tables, column, state, weights):
    """Means over the cutoffs of the three measures."""
    found = []
    for table in tables:
        keep = table["state"] == state
        y, p, numbers = (table[name][keep] for name in ("y", column, "number"))
        found.append(measure(y, p, weights[numbers]))
    found = [one for one in found if one is not None]
    return np.mean(found, axis=0) if found else np.full(3, np.nan)


def judge(name, log, tests, targets, chosen, draws):
    """Train, judge and print one log."""
    tables, seconds = [], dict.fromkeys(chosen, 0.0)
    numbers = {}
    for at in tests:
        rows = log.panel(at=[at]).to_polars().select(KEYS)
        for column, fit in chosen.items():
            start = time.perf_counter()
            scores = fit(log, at).rename({"p": column}, strict=False)
            seconds[column] += time.perf_counter() - start
            rows = rows.join(scores, on="customer_id", how="left", maintain_order="left")
        judged = [name for name in rows.columns if name not in KEYS]
        table = {name: rows[name].to_numpy() for name in judged}
        ids = rows["customer_id"].to_list()
        table["number"] = np.array([numbers.setdefault(one, len(numbers)) for one in ids])
        table |= {"state": rows["state"].to_numpy(), "y": rows["purchased"].to_numpy().astype(bool)}
        tables.append(table)
    print(f"\n{name}: {len(numbers):,} customers, tested at {', '.join(tests)}")
    random = np.random.default_rng(0)
    drawn = [
        np.bincount(random.integers(0, len(numbers), len(numbers)), minlength=len(numbers))
        for _ in range(draws)
    ]
    ones = np.ones(len(numbers))
    for state in STATES:
        own = means(tables, "average", state, ones)
        own_drawn = np.array([means(tables, "average", state, weights) for weights in drawn])
        target = targets.get(state)
        verdict = ""
        if target is not None:
            met = [own[0] >= target[0] - 5e-4, own[1] <= target[1] + 5e-4]
            words = ["met" if one else "missed" for one in met]
            verdict = f"; targets {target[0]} {words[0]}, {target[1]} {words[1]}"
        print(f" {state}{verdict}")
        for column in judged:
            found = means(tables, column, state, ones)
            line = f"  {column:22} AUC {found[0]:.4f}  log loss {found[1]:.4f}  off {found[2]:.2f}"
            if column != "average" and draws:
                others = np.array([means(tables, column, state, weights) for weights in drawn])
                low, high = np.nanpercentile(own_drawn - others, [2.5, 97.5], axis=0)
                gain = own - found
                line += "  average is " + ", ".join(
                    f"{gain[i]:+.4f} [{low[i]:+.4f}, {high[i]:+.4f}]" for i in range(2)
                )
            print(line, flush=True)
    spent = (f"{column} {spent / len(tests):.1f} s" for column, spent in seconds.items())
    print(" a fit and scores take", ", ".join(spent), flush=True)


def main():
    """Judge every log."""
    args = parse()
    chosen = models(args.ablations)
    names = [name for name in args.logs.split(",") if name]
    logs = {name: read(args.data_folder, name, args.rows) for name in names}
    if args.simulated:
        logs |= simulated()
    for name, (log, tests, targets) in logs.items():
        judge(name, log, tests, targets, chosen, args.draws)


if __name__ == "__main__":
    main()
