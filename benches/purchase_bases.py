"""Fits models of purchases to simulated bases of every kind, and counts what their intervals hold.

    make purchase-bases WINBACK_DATA=../shared/data
    python benches/purchase_bases.py [--parts kinds,parameters,next_purchase] [--bases 1000]
        [--customers 5000] [--data-folder ../shared/data]

`kinds` fits every model to so many bases of each kind, from one customer to counts of a thousand
million. A fit either converges or says why not, in weeks as in days, and what the model then says
of customers is never NaN and keeps the laws of chances. `parameters` draws bases from the models
themselves and counts how often the 95 % intervals of the parameters hold the true ones.
`next_purchase` counts how often the next purchase came inside its 80 % interval: of customers who
buy as the models say, of the simulated shops, who do not, and of CDNOW. A base is drawn by the
number that stands beside a finding.
"""

import argparse
import collections
import re
from pathlib import Path

import numpy as np
import polars as pl

import winback as wb

timing = wb.timing
MODELS = {
    "BetaGeo": timing.BetaGeo,
    "ModifiedBetaGeo": timing.ModifiedBetaGeo,
    "MBG/CNBD-k": lambda **options: timing.ModifiedBetaGeo("best", **options),
    "ParetoNBD": timing.ParetoNBD,
}


def buy(random, rates, chances, t, *, steps=1, modified=True, stays=np.inf):
    """Let customers buy until they leave, and say what a base at their times t knows of it.

    Give the columns of the base, and the waits from t to the next purchase, NaN without one.
    """
    x, last, log_gaps, wait = (np.zeros(len(t)) for _ in range(4))
    stays = np.broadcast_to(stays, len(t))
    wait[:] = np.nan
    who = np.arange(len(t))
    if modified:
        who = who[random.random(len(who)) >= chances[who]]
    while len(who):
        gap = np.maximum(random.gamma(steps, 1 / rates[who]), 1e-12)
        at = last[who] + gap
        later = (at > t[who]) & (at <= stays[who])
        wait[who[later]] = (at - t[who])[later]
        known = (at <= t[who]) & (at <= stays[who])
        who, gap = who[known], gap[known]
        x[who] += 1
        last[who] += gap
        log_gaps[who] += np.log(gap)
        who = who[random.random(len(who)) >= chances[who]]
    return {"frequency": x, "recency": last, "T": t, "log_gaps": log_gaps}, wait


def of_process(random, n, t=None):
    """Draw customers of a random MBG/NBD process, in weeks."""
    r, mean, a, b = np.exp(random.uniform(np.log([0.2, 2, 0.2, 0.5]), np.log([4, 30, 3, 8])))
    t = random.uniform(10, 104, n) if t is None else t
    rates = np.maximum(random.gamma(r, 1 / (r * mean), n), 1e-6)
    return buy(random, rates, random.beta(a, b, n), t)[0]


def with_counts(random, x, t, share=None):
    """Make a base of these counts, the last purchases anywhere or at a share of T."""
    share = random.uniform(0.01, 1, len(x)) ** 0.3 if share is None else share
    recency = np.where(x > 0, t * share, 0.0)
    gaps = np.log(np.maximum(recency, 1e-300) / np.maximum(x, 1))
    # Unequal gaps have a smaller mean logarithm than equal ones.
    log_gaps = np.where(x > 0, x * (gaps - random.exponential(0.5, len(x))), 0.0)
    return {"frequency": x, "recency": recency, "T": t, "log_gaps": log_gaps}


def equal_rows(random):
    """Make a base of one customer or two, each many times."""
    times = random.integers(1, 500, random.integers(1, 3))
    rows = with_counts(
        random, random.poisson(2, len(times)) + 0.0, random.uniform(1, 99, len(times))
    )
    return {name: np.repeat(column, times) for name, column in rows.items()}


def t_near_0(random):
    """Make a base that is known for next to no time, some of it for none."""
    n = int(random.integers(2, 300))
    t = 10.0 ** random.uniform(-12, random.uniform(-11, 2), n)
    base = with_counts(random, random.poisson(0.7, n) + 0.0, t)
    base["T"] = np.where((base["frequency"] == 0) & (random.random(n) < 0.3), 0.0, t)
    return base


def all_alive(random):
    """Make a base that nobody leaves."""
    n = int(random.integers(20, 400))
    rates = random.gamma(random.uniform(0.3, 5), 0.1, n) + 1e-4
    return buy(random, rates, np.zeros(n), random.uniform(10, 104, n))[0]


def huge_counts(random):
    """Make a base of up to a thousand million purchases of one customer."""
    n = int(random.integers(5, 200))
    x = np.floor(10.0 ** random.uniform(0, random.uniform(2, 9), n))
    return with_counts(random, x * (random.random(n) < 0.8), random.uniform(1, 104, n))


def last_at_the_end(random):
    """Make a base whose repeat customers all bought at the very end."""
    n = int(random.integers(2, 300))
    x = random.poisson(random.gamma(1, 2, n)) + 0.0
    return with_counts(random, x, random.uniform(1, 104, n), share=1.0)


def anything(random):
    """Make a base that no process has made."""
    n = int(random.integers(2, 300))
    x = random.poisson(random.gamma(0.3, 5, n)) + 0.0
    return with_counts(random, x, 10.0 ** random.uniform(-1, 3, n), random.uniform(1e-6, 1, n))


KINDS = {
    "ordinary": lambda random: of_process(random, int(random.integers(50, 500))),
    "tiny": lambda random: of_process(random, int(random.integers(2, 13))),
    "huge counts": huge_counts,
    "all alive": all_alive,
    "nobody back": lambda random: with_counts(random, np.zeros(50), random.uniform(0, 99, 50)),
    "one customer": lambda random: with_counts(
        random, random.poisson(3, 1) + 0.0, random.uniform(0.1, 104, 1)
    ),
    "equal rows": equal_rows,
    "T near 0": t_near_0,
    "t_x = T": last_at_the_end,
    "anything": anything,
}


def checks_of(random, base):
    """Draw mean checks: of some bases all alike, of some with means that are not above 0."""
    x = base["frequency"]
    shape, scale = random.uniform(0.5, 10), 1 / np.maximum(random.gamma(3, 0.03, len(x)), 1e-9)
    sums = random.gamma(np.maximum(shape * x, 1e-9)) * scale
    means = np.where(x > 0, sums / np.maximum(x, 1), 0.0)
    if random.random() < 0.1:
        means = np.where(x > 0, 20.0, 0.0)
    return np.where(random.random(len(x)) < random.choice([0, 0, 0.2]), -means, means)


def in_days(base):
    """Give a base in weeks in days."""
    x = base["frequency"]
    days = {name: 7 * base[name] for name in ("recency", "T")}
    return {"frequency": x, "log_gaps": base["log_gaps"] + x * np.log(7), **days}


def tried(fit):
    """Give a fitted model, if it could be fitted, and how it ended."""
    try:
        model = fit()
    except ValueError as error:
        return None, f"refused: {shortened(error)}"
    if model.converged_:
        told = all(error is not None for error in model.standard_errors_.values())
        assert told or model.remark_, "no standard error, and no word why"
        return model, "converged" if told else "converged: the data do not tell some parameters"
    assert model.remark_, "did not converge, and no word why"
    assert set(model.standard_errors_.values()) == {None}
    return model, f"not converged: {shortened(model.remark_)}"


def shortened(text):
    """Give a reason without its figures."""
    words = re.sub(r"\d[\d.e+-]*", "#", str(text).split(";")[0].split("tell ")[0])
    return words[:90]


def column(answer, name):
    """Give a column that has neither gaps nor NaN."""
    values = np.array(answer[name], dtype=float)
    assert np.isfinite(values).all(), f"{name}: {values[~np.isfinite(values)][:3]}"
    return values


def check(model, rows):
    """Check what a model says of customers: finite, and by the laws of chances."""
    assert all(np.isfinite(value) and value > 0 for value in model.params_.values())
    assert np.isfinite(model.log_likelihood_)
    alive = column(model.p_alive(**rows), "p_alive")
    found = model.next_purchase(**rows)
    ever = column(found, "p_ever")
    near = 1 + 1e-9
    assert ((alive >= 0) & (alive <= 1) & (ever >= 0) & (ever <= alive * near)).all()
    longest = max(float(rows["T"].max()), 1e-9)
    before = np.zeros(len(alive))
    for within in (0.0, longest / 100, longest, 100 * longest):
        chance = column(model.purchase_probability(within=within, **rows), "purchase_probability")
        count = column(model.expected_purchases(within=within, **rows), "expected_purchases")
        assert (chance >= before / near - 1e-300).all(), "a chance that falls as time goes on"
        assert (chance <= ever * near + 1e-300).all(), "a chance above that of ever buying"
        assert (count * near >= chance - 1e-300).all(), "fewer purchases than buyers"
        before = chance
    waits = [found[name] for name in ("wait_low", "wait", "wait_high")]
    for chance, low, middle, high in zip(ever, *waits, strict=True):
        assert (low is None) == (middle is None) == (high is None)
        assert low is None or (chance >= 0.5 and 0 <= low <= middle <= high < np.inf)
    left = model.leaves(after=["1mo", "12mo"], **rows)
    month, year = (column(left, f"p_alive_{after}") for after in ("1mo", "12mo"))
    assert ((year <= month * near) & (month <= alive * near)).all(), "more stay for longer"
    assert all(alarm is None or np.isfinite(alarm) for alarm in left["alarm"])


def apart(one, other, rows, days):
    """Compare what fits in weeks and in days say; the same where the data tell the parameters.

    Where a search ended on a slope without an end or at a flat top, rounding decides where: give a
    word on it if that moves a chance by more than a thousandth.
    """
    said = [model.p_alive(**base)["p_alive"] for model, base in ((one, rows), (other, days))]
    off = np.abs(np.subtract(*said)).max()
    if not any(None in model.standard_errors_.values() for model in (one, other)):
        for name, value in one.params_.items():
            unit = 7 if name in ("alpha", "beta") else 1
            assert np.isclose(other.params_[name], unit * value, rtol=1e-5), f"{name} in days"
        assert off < 1e-6, "p_alive in days"
    return "; in days otherwise" if off > 1e-3 else ""


def try_base(kind, seed):
    """Fit every model to a base and give how each fit ended; AssertionError for a broken law."""
    random = np.random.default_rng([seed, list(KINDS).index(kind)])
    base = KINDS[kind](random)
    days = in_days(base)
    ends, fitted = {}, []
    rows, day_rows = (
        {name: of[name] for name in ("frequency", "recency", "T")} for of in (base, days)
    )
    for name, make in MODELS.items():
        model, ends[name] = tried(lambda make=make: make(time_unit="W").fit(**base))
        other, end = tried(lambda make=make: make().fit(**days))
        assert (model is None) == (other is None), f"{name}: {ends[name]}; in days: {end}"
        if model is not None:
            check(model, rows)
            ends[name] += apart(model, other, rows, day_rows)
            fitted.append(model)
    bought = {"frequency": base["frequency"], "monetary_value": checks_of(random, base)}
    checks, ends["GammaGamma"] = tried(lambda: timing.GammaGamma().fit(**bought))
    if checks is not None:
        assert (column(checks.expected_check(**bought), "expected_check") >= 0).all()
        for model in fitted:
            column(
                model.lifetime_value(
                    checks=checks, **rows, monetary_value=bought["monetary_value"]
                ),
                "lifetime_value",
            )
    return ends


def kinds(bases):
    """Print how the fits ended, and every broken law."""
    for kind in KINDS:
        ends, broken = collections.Counter(), []
        for seed in range(bases):
            try:
                ends.update(try_base(kind, seed).items())
            # A panic of the core is no Exception.
            except BaseException as error:
                if isinstance(error, (KeyboardInterrupt, SystemExit)):
                    raise
                broken.append(f"{seed}: {type(error).__name__} {str(error)[:110]}")
        print(f"\n{kind}: {bases} bases, {len(broken)} of them with a broken law", flush=True)
        for (model, end), count in sorted(ends.items()):
            print(f"  {model:16}{count:6}  {end}")
        for finding in broken[:10]:
            print(f"  broken, base {finding}", flush=True)


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


def holds(model, truth):
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
            drawn = checks_process if name == "GammaGamma" else None
            truth, model = (
                drawn(random, customers) if drawn else process(name, random, customers)[:2]
            )
            found.append(holds(model, truth))
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


def next_purchase(bases, customers, folder):
    """Print how many next purchases came inside their 80 % intervals."""
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
    print("\n80 % intervals that ended in the test period: inside, of the chances ever to buy")
    print("again, and of those who bought in it")
    for name, (log, at) in logs.items():
        now = log.at(at)
        for model, make in MODELS.items():
            print(f"  {name:14} {model:16} {of_log(make().fit(now).next_purchase(now), log, at)}")
        try:
            told = timing.TimeToPurchase().fit(log, until=at).score(now)
            print(f"  {name:14} {'TimeToPurchase':16} {of_log(told, log, at)}", flush=True)
        except ValueError as error:
            print(f"  {name:14} {'TimeToPurchase':16} {shortened(error)}", flush=True)


def main():
    """Run the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", default="kinds,parameters,next_purchase", help="by commas")
    parser.add_argument("--bases", type=int, default=1_000, help="of each kind")
    parser.add_argument("--customers", type=int, default=5_000, help="of a base with intervals")
    parser.add_argument("--data-folder", type=Path, default=Path("../shared/data"))
    args = parser.parse_args()
    parts = args.parts.split(",")
    if "kinds" in parts:
        kinds(args.bases)
    if "parameters" in parts:
        parameters(args.bases, args.customers)
    if "next_purchase" in parts:
        next_purchase(max(args.bases // 20, 1), args.customers, args.data_folder)


if __name__ == "__main__":
    main()
