"""How often the effects of campaigns are wrong: tests without an effect, intervals with one.

    make campaign-errors OPTIONS="--draws 100000 --seed 1"
    python benches/campaign_errors.py [--draws N] [--campaigns N] [--seed N] [--only NAME ...]

Customers are drawn at random into two arms. Of each kind of outcome stand the share of tests with
p < 0.05 where the offer changes nothing, and the share of 95 % intervals that miss the true effect
where it does; both should be 5 %. `looks` watches campaigns on each of 90 days, by intervals that
may be looked at on all of them and by usual ones, and counts those that ever miss. `adjusted` sets
the width of intervals that are adjusted for a covariate beside the theory, sqrt(1 - r^2).
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
import polars as pl

import winback as wb

Draw = Callable[[np.random.Generator, tuple[int, int]], np.ndarray]

# Outcomes of one call, so that reading the arms costs little.
AT_ONCE = 100
LEVEL = 0.05
DAYS = 90


def spend(rng, size):
    """Of one customer in ten."""
    return np.where(rng.random(size) < 0.1, rng.lognormal(3, 1, size), 0.0)


# Kind, how it is drawn, and what an offer changes: means by 10 %.
AMOUNTS: dict[str, Draw] = {
    "normal": lambda rng, size: rng.normal(10, 5, size),
    "exponential": lambda rng, size: rng.exponential(10, size),
    "lognormal, sigma 1": lambda rng, size: rng.lognormal(3, 1, size),
    "spend of 10 % who buy": spend,
    "purchases (Poisson, .3)": lambda rng, size: rng.poisson(0.3, size).astype(float),
    "lognormal, sigma 2": lambda rng, size: rng.lognormal(3, 2, size),
}
SHARES = {"50 %": 0.5, "10 %": 0.1, "2 %": 0.02, "0.5 %": 0.005}
# Customers of the offer and of control; of all but the first a fifth of the draws.
ARMS = [(1_000, 1_000), (4_000, 1_000), (100, 100), (30, 30)]


def table(offer, control, **columns):
    """Outcomes of both arms, a column each."""
    n = (len(offer), len(control))
    arms = np.repeat(["offer", "control"], n)
    values = np.concatenate([offer, control]).T
    outcomes = {f"y{i}": own for i, own in enumerate(values)}
    return pl.DataFrame({"arm": arms, **columns, **outcomes}), list(outcomes)


def effects(offer, control, covariate=None, **options):
    """The table of effects, an outcome a row."""
    columns = {} if covariate is None else {"x": covariate}
    data, metrics = table(offer, control, **columns)
    covariates = [] if covariate is None else ["x"]
    return wb.campaign.effect(data, metrics=metrics, covariates=covariates, **options).to_polars()


def wrong(found, truth):
    """How many tests are significant, and how many intervals miss."""
    p = found["p_value"].to_numpy()
    low, high = found["difference_low"].to_numpy(), found["difference_high"].to_numpy()
    return int((p < LEVEL).sum()), int(((truth < low) | (truth > high)).sum())


def percent(count, of):
    """A share with its standard error."""
    share = count / of
    return f"{100 * share:5.2f} % (± {100 * np.sqrt(share * (1 - share) / of):.2f})"


def judged(draws, rng, draw_null, draw_effect, truth, sizes, covariate=None):
    """The shares of false alarms and of misses, over so many draws."""
    alarms = misses = done = 0
    draws = draws if sizes == ARMS[0] else draws // 5
    method = ""
    while done < draws:
        k = min(AT_ONCE, draws - done)
        for kind, draw in (("null", draw_null), ("effect", draw_effect)):
            x = covariate(rng, sum(sizes)) if covariate else None
            offer, control = draw(rng, k, x)
            found = effects(offer, control, x)
            method = found["method"][0]
            alarm, miss = wrong(found, 0.0 if kind == "null" else truth)
            alarms += alarm if kind == "null" else 0
            misses += miss if kind == "effect" else 0
        done += k
    return method, percent(alarms, draws), percent(misses, draws)


def row(name, sizes, found, start):
    """A line of the table."""
    method, alarms, misses = found
    n = f"{sizes[0]:,} + {sizes[1]:,}"
    spent = time.perf_counter() - start
    print(f"| {name} | {n} | {method} | {alarms} | {misses} |  {spent:.0f} s", flush=True)


def amounts(draws, seed):
    """Means."""
    for name, draw in AMOUNTS.items():
        mean = draw(np.random.default_rng(0), (4_000, 1_000)).mean()
        for sizes in ARMS:
            rng, start = np.random.default_rng(seed), time.perf_counter()

            def arms(rng, k, x, lift, draw=draw, sizes=sizes):
                offer, control = (draw(rng, (n, k)) for n in sizes)
                return offer + lift, control

            found = judged(
                draws,
                rng,
                lambda rng, k, x, arms=arms: arms(rng, k, x, 0.0),
                lambda rng, k, x, arms=arms, mean=mean: arms(rng, k, x, 0.1 * mean),
                0.1 * mean,
                sizes,
            )
            row(name, sizes, found, start)


def shares(draws, seed):
    """Shares."""
    for name, share in SHARES.items():
        for sizes in ARMS:
            rng, start = np.random.default_rng(seed), time.perf_counter()

            def arms(rng, k, x, lift, share=share, sizes=sizes):
                offer = rng.random((sizes[0], k)) < share * lift
                return offer.astype(float), (rng.random((sizes[1], k)) < share).astype(float)

            found = judged(
                draws,
                rng,
                lambda rng, k, x, arms=arms: arms(rng, k, x, 1.0),
                lambda rng, k, x, arms=arms: arms(rng, k, x, 1.2),
                0.2 * share,
                sizes,
            )
            row(name, sizes, found, start)


def adjusted(draws, seed):
    """Effects that differ with the covariate, and how much narrower adjusted intervals are."""
    for r in (0.3, 0.6, 0.9):
        for sizes in ARMS:
            rng, start = np.random.default_rng([seed, round(10 * r)]), time.perf_counter()

            def arms(rng, k, x, lift, r=r, sizes=sizes):
                noise = rng.exponential(1, (sum(sizes), k)) - 1
                y = r * (x[:, None] - 1) + np.sqrt(1 - r * r) * noise
                y[: sizes[0]] += lift * x[: sizes[0], None]
                return y[: sizes[0]], y[sizes[0] :]

            found = judged(
                draws,
                rng,
                lambda rng, k, x, arms=arms: arms(rng, k, x, 0.0),
                lambda rng, k, x, arms=arms: arms(rng, k, x, 0.2),
                0.2,
                sizes,
                lambda rng, n: rng.exponential(1, n),
            )
            row(f"adjusted, correlation {r}", sizes, found, start)
        x = np.random.default_rng(seed).exponential(1, 20_000)
        offer, control = arms_of(x, r, np.random.default_rng(seed + 1))
        data, metrics = table(offer, control, x=x)
        answer = wb.campaign.effect(data, metrics=metrics, covariates=["x"])
        narrow = answer.to_polars()["standard_error"].to_numpy()
        wide = answer.tables["unadjusted"].to_polars()["standard_error"].to_numpy()
        ratio = np.median(narrow / wide)
        print(
            f"correlation {r}: width {ratio:.3f} of the unadjusted, theory {np.sqrt(1 - r * r):.3f}"
        )


def arms_of(x, r, rng):
    """Halves without an effect, of a correlation with the covariate."""
    y = r * (x[:, None] - 1) + np.sqrt(1 - r * r) * (rng.exponential(1, (len(x), AT_ONCE)) - 1)
    half = len(x) // 2
    return y[:half], y[half:]


def looks(campaigns, seed):
    """Campaigns that are looked at on each day: how many ever miss, 1,000 customers an arm."""
    n = 1_000
    kinds = {
        "purchase rate": lambda rng, k: rng.random((n, k)) < 0.1 / DAYS,
        "spend": lambda rng, k: np.where(
            rng.random((n, k)) < 0.3 / DAYS, rng.lognormal(3, 1, (n, k)), 0.0
        ),
    }
    for name, draw in kinds.items():
        rng, start = np.random.default_rng(seed), time.perf_counter()
        # Fixed before outcomes are seen: what a tenth more would be.
        whole = sum(draw(np.random.default_rng(0), 2_000).astype(float) for _ in range(DAYS))
        if name == "purchase rate":
            whole = np.minimum(whole, 1.0)
        tau = 0.1 * whole.mean()
        ever = {"may be looked at": 0, "usual": 0}
        done = 0
        while done < campaigns:
            k = min(AT_ONCE, campaigns - done)
            offer, control = np.zeros((n, k)), np.zeros((n, k))
            missed = {kind: np.zeros(k, bool) for kind in ever}
            for _ in range(DAYS):
                offer, control = offer + draw(rng, k), control + draw(rng, k)
                if name == "purchase rate":
                    offer, control = np.minimum(offer, 1.0), np.minimum(control, 1.0)
                for kind in ever:
                    valid = kind != "usual"
                    options = {"always_valid": valid} | ({"tau": tau} if valid else {})
                    found = effects(offer, control, **options)
                    low, high = (found[f"difference_{end}"].to_numpy() for end in ("low", "high"))
                    missed[kind] |= (low > 0) | (high < 0)
            for kind, own in missed.items():
                ever[kind] += int(own.sum())
            done += k
        spent = time.perf_counter() - start
        told = ", ".join(f"{kind} {percent(count, campaigns)}" for kind, count in ever.items())
        print(f"{name}, {DAYS} looks, {campaigns:,} campaigns: ever miss: {told}  {spent:.0f} s")


def main():
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=100_000)
    parser.add_argument("--campaigns", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    names = ["amounts", "shares", "adjusted", "looks"]
    parser.add_argument("--only", nargs="*", choices=names, default=names)
    args = parser.parse_args()
    print("| outcome | customers | method | false alarms | intervals that miss |")
    print("|---|---|---|---|---|")
    for name in args.only:
        if name == "looks":
            looks(args.campaigns, args.seed)
        else:
            globals()[name](args.draws, args.seed)


if __name__ == "__main__":
    main()
