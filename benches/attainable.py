"""Which share of the skill that could be had the default model reaches, on simulated shops.

    make attainable OPTIONS="--customers 2000 --seeds 20"
    python benches/attainable.py [--customers 2000] [--seeds 20] [--estimators average,logistic]
        [--shops steady,seasonal,donors,subscriptions,groceries] [--events]

The oracle of a simulation knows how customers behave and with which parameters, but sees only
the tables. Of each shop and estimator stand the means over the seeds of (AUC - 1/2) / (AUC of the
oracle - 1/2) and of the same share of the log loss saved against a constant, each with a 95 %
interval from the spread of the seeds, and the means of the AUC themselves. With `--events` visits,
carts and letters are simulated too, and the models are trained with them and without.
"""

import argparse
import time

import numpy as np
import polars as pl

import winback as wb

TESTS = ["2024-04-01", "2024-07-01", "2024-10-01"]
# What is not said is as in winback.simulate.
SHOPS = {
    "steady": {"pauses_per_year": 0.2, "december_peak": 1.0},
    "seasonal": {"december_peak": 4.0},
    "donors": {
        "purchases_per_year": 1.0,
        "regularity": 25,
        "lifetime_years": 6.0,
        "fade_days": 0.0,
        "pauses_per_year": 0.0,
        "start": "2017-01-01",
    },
    "subscriptions": {
        "purchases_per_year": 12.0,
        "regularity": 25,
        "december_peak": 1.0,
        "fade_days": 0.0,
        "pauses_per_year": 0.1,
        "lifetime_years": 1.5,
    },
    "groceries": {
        "purchases_per_year": 60.0,
        "ticket_share": 0.05,
        "complaint_effect": 15.0,
        "lifetime_years": 1.5,
    },
}
COLUMNS = ["roc_auc_skill_share", "log_loss_skill_share", "roc_auc"]


def parse():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=2_000)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--estimators", default="average,logistic")
    parser.add_argument("--shops", default=",".join(SHOPS))
    parser.add_argument("--events", action="store_true")
    return parser.parse_args()


def logs(shop, events):
    """Return the logs of a shop by what they hold."""
    known = {"all tables": shop.event_log()}
    if events:
        known["without events"] = wb.EventLog(
            shop.transactions,
            tickets=shop.tickets,
            surveys=shop.surveys,
            customers=shop.customers,
            observed_until=shop.end,
        )
    return known


def figures(shop, log, estimator):
    """Return the means over the cutoffs by state and score."""
    # The oracle sees it too.
    model = wb.ChurnModel(estimator, attributes=["segment"])
    found = model.backtest(log, at=TESTS, draws=0, oracle=shop).to_polars()
    mean = found.filter((pl.col("part") == "mean") & pl.col("score").is_in(["model", "oracle"]))
    return {
        (row["state"], row["score"]): [row[column] for column in COLUMNS]
        for row in mean.iter_rows(named=True)
    }


def line(values):
    """Means with their intervals; of AUC the mean alone."""
    values = np.array(values, dtype=float)
    values = values[~np.isnan(values).any(axis=1)]
    if len(values) == 0:
        return "not judged"
    mean = values.mean(axis=0)
    error = values.std(axis=0, ddof=1) / len(values) ** 0.5 if len(values) > 1 else mean * np.nan
    shares = [f"{100 * mean[i]:5.1f} ± {196 * error[i]:.1f} %" for i in range(2)]
    return f"AUC {shares[0]}, log loss {shares[1]}; AUC {mean[2]:.4f} ({len(values)} seeds)"


def main():
    """Judge every shop."""
    args = parse()
    for name in args.shops.split(","):
        found = {}
        start = time.perf_counter()
        for seed in range(1, args.seeds + 1):
            shop = wb.simulate(args.customers, seed=seed, events=args.events, **SHOPS[name])
            for kind, log in logs(shop, args.events).items():
                for estimator in args.estimators.split(","):
                    for (state, score), values in figures(shop, log, estimator).items():
                        of = "oracle" if score == "oracle" else f"{estimator}, {kind}"
                        found.setdefault((state, of), []).append(values)
        spent = time.perf_counter() - start
        print(f"\n{name}: {args.customers:,} customers, {spent:.0f} s")
        for (state, of), values in sorted(found.items()):
            print(f"  {state:7} {of:28} {line(values)}", flush=True)


if __name__ == "__main__":
    main()
