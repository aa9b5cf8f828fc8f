"""Counts how often the intervals of models of purchases hold what they should.

    make purchase-bases WINBACK_DATA=../shared/data
    python benches/purchase_intervals.py [--bases 1000] [--customers 5000]
        [--data-folder ../shared/data] [--only parameters]

Bases are drawn from the models themselves, and the 95 % intervals of the parameters should hold the
true ones in 93 to 97 % of them. The 80 % intervals of the next purchase should hold 78 to 82 % of
those that come: of customers who buy as the models say (a twentieth of the bases), and out of time,
of simulated shops, whose customers pause, fade and take offence, and of CDNOW. Who never buys again
has no next purchase; the models tell how likely that is. So the share inside is one of the chances
ever to buy again, and beside it stands that of the customers who bought in the test period. Only
few intervals end within it. TimeToPurchase tells the chance of a purchase up to any day, so that
of it all customers count: the share of purchases that came where this chance was 10 to 90 %, by
Kaplan-Meier.
"""

import argparse
from pathlib import Path

import numpy as np
import polars as pl

import winback as wb
from purchase_bases import MODELS, buy, shortened

timing = wb.timing


def process(name, random, n):
    """Draw a process with both parts present, and a base of n customers of it, in days."""
    low, high = np.log([0.4, 20, 0.5, 1.2]), np.log([1.5, 60, 1.5, 4])
    r, mean, a, b = np.exp(random.uniform(low, high))
    steps = 3 if name == "MBG/CNBD-k" else 1
    alpha = r * mean / steps
    t = random.uniform(180, 720, n)
    rates = np.maximum(random.gamma(r, 1 / alpha, n), 1e-9)
    if name == "ParetoNBD":
        beta = b * random.uniform(60, 240)
        stays = random.exponential(1 / np.maximum(random.gamma(b, 1 / beta, n), 1e-12))
        truth = {"r": r, "alpha": alpha, "s": b, "beta": beta}
        base, wait = buy(random, rates, np.zeros(n), t, modified=False, stays=stays)
    else:
        truth = {"r": r, "alpha": alpha, "a": a, "b": b}
        chances = random.beta(a, b, n)
        modified = name != "BetaGeo"
        base, wait = buy(random, rates, chances, t, steps=steps, modified=modified)
    make = timing.ModifiedBetaGeo(steps) if steps > 1 else MODELS[name]()
    return truth, make.fit(**base), base, wait


def holds(truth, model):
    """Say of each parameter whether its interval holds the truth; None without an interval."""
    table = model.summary
    rows = zip(table["parameter"], table["value_low"], table["value_high"], strict=True)
    return {name: None if low is None else low <= truth[name] <= high for name, low, high in rows}


def checks_process(random, n):
    """Draw checks of the Gamma-Gamma model, and fit it."""
    p, q, v = np.exp(random.uniform(np.log([2, 2.5, 20]), np.log([8, 6, 80])))
    x = random.poisson(random.gamma(0.8, 3, n)) + 0.0
    scale = 1 / np.maximum(random.gamma(q, 1 / v, n), 1e-9)
    means = np.where(x > 0, random.gamma(np.maximum(p * x, 1e-9)) * scale / np.maximum(x, 1), 0.0)
    model = timing.GammaGamma().fit(frequency=x, monetary_value=means)
    return {"p": p, "q": q, "v": v}, model


def verdict(share, low, high):
    """Give a share, and whether it is as it should be."""
    return f"{100 * share:.1f} % ({'met' if low <= share <= high else 'missed'})"


def parameters(bases, customers):
    """Print how many of the 95 % intervals of the parameters hold the truth."""
    print(f"\n95 % intervals of {bases} bases of {customers:,} customers (should be 93 to 97 %)")
    for number, name in enumerate([*MODELS, "GammaGamma"]):
        found = []
        for seed in range(bases):
            random = np.random.default_rng([seed, number])
            if name == "GammaGamma":
                found.append(holds(*checks_process(random, customers)))
            else:
                found.append(holds(*process(name, random, customers)[:2]))
        line = []
        for parameter in found[0]:
            told = [one[parameter] for one in found if one[parameter] is not None]
            line.append(f"{parameter} {verdict(np.mean(told), 0.93, 0.97)}")
            if len(told) < bases:
                line[-1] += f" of {len(told)} told"
        print(f"  {name:16} {', '.join(line)}", flush=True)


def inside(model, base, wait):
    """Give of how many customers the next purchase has an interval, comes, and comes inside."""
    rows = {name: base[name] for name in ("frequency", "recency", "T")}
    found = model.next_purchase(**rows)
    low, high = (np.array(found[name], dtype=float) for name in ("wait_low", "wait_high"))
    known = np.isfinite(low)
    within = (wait >= low) & (wait <= high)
    ever = np.array(found["p_ever"])[known].sum()
    return np.array([known.sum(), ever, np.isfinite(wait[known]).sum(), within.sum()])


SHOPS = {
    "steady": {"december_peak": 1.0},
    "default": {},
    "busy December": {"december_peak": 4.0},
    "rare buyers": {"purchases_per_year": 3.0},
}


def of_log(told, log, at):
    """Say how many next purchases came inside intervals that ended in the test period."""
    came = (
        log.panel(at=[at])
        .to_polars()
        .select("cutoff", "customer_id", "days_to_purchase", "days_observed")
    )
    table = told.to_polars().drop_nulls("next_purchase_high").join(came, on="customer_id")
    low, high = (
        (pl.col(f"next_purchase_{end}") - pl.col("cutoff")).dt.total_microseconds() / 864e8
        for end in ("low", "high")
    )
    table = table.filter(high <= pl.col("days_observed"))
    days = pl.col("days_to_purchase")
    held = table.select(days.is_between(low, high).fill_null(False).sum()).item()
    ever = table["p_ever"].sum() if "p_ever" in table.columns else table.height
    bought = table.height - table["days_to_purchase"].null_count()
    return f"{verdict(held / ever, 0.78, 0.82)}, {100 * held / bought:.1f} % of {bought:,} buyers"


def of_all(told, log, at):
    """Say how many of all next purchases came where their chance, so far, was 10 to 90 %.

    Those that did not come in the test period come at chances above that of its end.
    """
    survival = told.tables["survival"].to_polars()
    ends = np.unique(survival["days"].to_numpy())
    # Within a period the hazard is constant, so that its sum is a line.
    hazards = -np.log(np.maximum(survival["survival"].to_numpy(), 1e-300)).reshape(-1, len(ends))
    panel = log.panel(at=[at]).to_polars()
    rows = told.to_polars().join(panel, on="customer_id", how="left", maintain_order="left")
    days, seen = (rows[name].to_numpy() for name in ("days_to_purchase", "days_observed"))
    seen = np.minimum(seen, ends[-1])
    came = days < seen
    until = np.where(came, days, seen)
    steps, sums = np.insert(ends, 0, 0), np.insert(hazards, 0, 0, axis=1)
    sums = [np.interp(day, steps, row) for day, row in zip(until, sums, strict=True)]
    order = np.argsort(sums, kind="stable")
    chances = 1 - np.exp(-np.array(sums)[order])
    left = np.cumprod(1 - came[order] / (len(rows) - np.arange(len(rows))))
    low, high = (np.searchsorted(chances, chance, side="right") for chance in (0.1, 0.9))
    return f"{verdict(left[low - 1] - left[high - 1], 0.78, 0.82)} of all {len(rows):,} customers"


def next_purchase(bases, customers):
    """Print how many next purchases of the models' own processes came inside their intervals."""
    print(
        f"\n80 % intervals of the next purchase, {bases} bases of {customers:,} customers who buy"
    )
    print("as the model says (should be 78 to 82 %)")
    for number, name in enumerate(MODELS):
        sums = np.zeros(4)
        for seed in range(bases):
            _, model, base, wait = process(name, np.random.default_rng([seed, number]), customers)
            sums += inside(model, base, wait)
        _, ever, came, held = sums
        print(
            f"  {name:16} {verdict(held / came, 0.78, 0.82)} of {came:,.0f} who bought again;"
            f" {ever:,.0f} were expected to",
            flush=True,
        )


def logs_of(customers, folder):
    """Give simulated shops, and CDNOW where it is, with a cutoff."""
    logs = {}
    for seed, (name, options) in enumerate(SHOPS.items(), start=31):
        log = wb.simulate(customers=customers, seed=seed, **options).event_log()
        logs[name] = log, "2024-01-01"
    path = folder / "cdnow/cdnow_master.parquet"
    if path.is_file():
        columns = {"transactions": {"time": "date", "amount": "dollar_value"}}
        log = wb.EventLog(
            pl.read_parquet(path), columns=columns, purchase_by="day", observed_until="1998-07-01"
        )
        logs["CDNOW"] = log, "1997-10-01"
    return logs


def out_of_time(customers, folder):
    """Print how many next purchases of logs came inside their intervals."""
    print("\n80 % intervals that ended in the test period: inside, of the chances ever to buy")
    print("again, and of those who bought in it")
    for name, (log, at) in logs_of(customers, folder).items():
        now = log.at(at)
        for model, make in MODELS.items():
            print(f"  {name:14} {model:16} {of_log(make().fit(now).next_purchase(now), log, at)}")
        try:
            told = timing.TimeToPurchase().fit(log, until=at).score(now)
            print(f"  {name:14} {'TimeToPurchase':16} {of_log(told, log, at)}")
            print(f"  {name:14} {'TimeToPurchase':16} {of_all(told, log, at)}", flush=True)
        except ValueError as error:
            print(f"  {name:14} {'TimeToPurchase':16} {shortened(error)}", flush=True)


def main():
    """Count both, or what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bases", type=int, default=1_000)
    parser.add_argument("--customers", type=int, default=5_000, help="of a base")
    parser.add_argument("--data-folder", type=Path, default=Path("../shared/data"))
    parser.add_argument("--only", choices=["parameters", "next_purchase"])
    args = parser.parse_args()
    if args.only != "next_purchase":
        parameters(args.bases, args.customers)
    if args.only != "parameters":
        next_purchase(max(args.bases // 20, 1), args.customers)
        out_of_time(args.customers, args.data_folder)


if __name__ == "__main__":
    main()
