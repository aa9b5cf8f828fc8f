"""Times winback's models of purchases and those of lifetimes, and prints the ratios.

    python benches/compare_purchase_models.py [--customers 100000] [--rounds 3] [--many 1000000]

Needs lifetimes 0.11.3 with pandas below 3, and polars, in an environment that finds winback built
for speed (`make release`): `PYTHONPATH=python`. Customers buy and leave as the MBG/NBD model says
and are known for up to two years, in whole days, so that many rows are equal. Parameters are
compared first; a ratio is the median over the rounds of winback's time by lifetimes' of the same
round (of Pareto/NBD one round, for it takes minutes). Then a process of its own fits the three
models to many customers and asks each for the chance of a purchase within 90 days and for the next
purchase: time, and memory beyond the table. The last line is one customer, asked from Python.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import polars as pl

import winback as wb
from purchase_bases import buy

KINDS = [wb.timing.BetaGeo, wb.timing.ModifiedBetaGeo, wb.timing.ParetoNBD]


def customers(count):
    """Make the summary of so many customers, with mean checks."""
    random = np.random.default_rng(7)
    t = random.uniform(30, 730, count)
    rates = np.maximum(random.gamma(0.55, 1 / 40, count), 1e-9)
    base, _ = buy(random, rates, random.beta(0.9, 1.6, count), t)
    # What is bought on the first day belongs to the first purchase.
    recency = np.floor(base["recency"])
    frequency = np.where(recency > 0, base["frequency"], 0.0)
    means = random.gamma(np.maximum(6 * frequency, 1e-9)) / np.maximum(frequency, 1)
    checks = np.where(frequency > 0, means * 15 / random.gamma(3.7, 1, count), 0.0)
    columns = {"frequency": frequency, "recency": recency, "T": np.ceil(t)}
    return pl.DataFrame(columns | {"monetary_value": checks})


def timed(work):
    """Do work and give its result and its seconds."""
    start = time.perf_counter()
    found = work()
    return found, time.perf_counter() - start


def rivals(table):
    """Give, for each model, how lifetimes and how winback fit it."""
    import lifetimes

    x, recency, t, checks = (table[name].to_numpy() for name in table.columns)
    bought = x > 0
    times = {
        wb.timing.BetaGeo: lifetimes.BetaGeoFitter,
        wb.timing.ModifiedBetaGeo: lifetimes.ModifiedBetaGeoFitter,
        wb.timing.ParetoNBD: lifetimes.ParetoNBDFitter,
    }
    for own, fitter in times.items():
        yield own, lambda fitter=fitter: fitter().fit(x, recency, t)
    gamma_gamma = lifetimes.GammaGammaFitter
    yield wb.timing.GammaGamma, lambda: gamma_gamma().fit(x[bought], checks[bought])


def compare(count, rounds):
    """Print the ratios of the fits."""
    table = customers(count)
    print(f"{count:,} customers, {table.n_unique(table.columns[:3]):,} distinct in their times")
    for own, fit in rivals(table):
        ratios = []
        for _ in range(1 if own is wb.timing.ParetoNBD else rounds):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                theirs, their_seconds = timed(fit)
            model, seconds = timed(lambda own=own: own().fit(table))
            ratios.append(seconds / their_seconds)
        off = max(abs(theirs.params_[name] / value - 1) for name, value in model.params_.items())
        print(
            f"  {own.__name__:16} {statistics.median(ratios):.4f} x lifetimes, last {seconds:.2f} s"
            f" and {their_seconds:.1f} s; parameters at most {off:.0e} apart",
            flush=True,
        )


def status(name):
    """Give a figure of this process's memory in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def fit_many(path):
    """Fit all models to a table of many customers, and ask them about each."""
    table = pl.read_parquet(path)
    wb.timing.ModifiedBetaGeo().fit(table[:1_000])  # starts the threads
    Path("/proc/self/clear_refs").write_text("5")  # the most memory so far is what there is now
    before, start, answers = status("VmRSS"), time.perf_counter(), []
    for kind in KINDS:
        model, fitted = timed(lambda kind=kind: kind().fit(table))
        chances, asked = timed(lambda model=model: model.purchase_probability(table, within=90))
        waits, dated = timed(lambda model=model: model.next_purchase(table))
        answers += [chances, waits]
        print(f"  {kind.__name__:16} fit {fitted:.2f} s, chance {asked:.2f} s, next {dated:.2f} s")
    whole = time.perf_counter() - start
    print(f"  all: {whole:.2f} s, {status('VmHWM') - before:.0f} MB beyond the table")


def one_customer(table):
    """Print how long it takes to ask about one customer."""
    model, rounds = wb.timing.ModifiedBetaGeo().fit(table), 2_000
    _, seconds = timed(
        lambda: [
            model.purchase_probability(within=90, frequency=3, recency=100, T=120)
            for _ in range(rounds)
        ]
    )
    print(f"one customer: {1e6 * seconds / rounds:.0f} µs")


def main():
    """Compare, then fit many customers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--fit-many", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.fit_many:
        fit_many(args.fit_many)
        return
    if args.rounds:
        compare(args.customers, args.rounds)
    with tempfile.TemporaryDirectory() as folder:
        path, table = Path(folder) / "customers.parquet", customers(args.many)
        table.write_parquet(path)
        distinct = table.n_unique(table.columns[:3])
        print(f"{args.many:,} customers, {distinct:,} distinct in their times", flush=True)
        subprocess.run([sys.executable, __file__, "--fit-many", str(path)], check=True)
    one_customer(table[:1_000])


if __name__ == "__main__":
    main()
