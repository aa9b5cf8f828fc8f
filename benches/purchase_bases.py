"""Fits models of purchases to simulated bases of every kind.

    make purchase-bases
    python benches/purchase_bases.py [--bases 1000] [--kinds ordinary,tiny]

Every model is fitted to so many bases of each kind, from one customer to counts of a thousand
million. A fit either converges or says why not, in weeks as in days, and what the model then says
of customers is never NaN and keeps the laws of chances. A base is drawn anew by the number that
stands beside a broken law.
"""

import argparse
import collections
import re

import numpy as np

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


def of_process(random, n):
    """Draw customers of a random MBG/NBD process, in weeks."""
    r, mean, a, b = np.exp(random.uniform(np.log([0.2, 2, 0.2, 0.5]), np.log([4, 30, 3, 8])))
    t = random.uniform(10, 104, n)
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
    """Compare fits in weeks and in days: tops are equally high, and known parameters the same.

    Where a search ended on a slope without an end or at a flat top, rounding decides where: give a
    word on it if that moves a chance by more than a thousandth.
    """
    if one.converged_ and other.converged_:
        in_weeks = other.log_likelihood_ + rows["frequency"].sum() * np.log(7)
        tops = f"a top of {one.log_likelihood_:.6g}, in days of {in_weeks:.6g}"
        assert np.isclose(in_weeks, one.log_likelihood_, rtol=1e-8, atol=1e-6), tops
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
        # What came back in full is refused where it is asked about.
        bought["monetary_value"] = np.maximum(bought["monetary_value"], 0.0)
        assert (column(checks.expected_check(**bought), "expected_check") >= 0).all()
        for model in fitted:
            column(
                model.lifetime_value(
                    checks=checks, **rows, monetary_value=bought["monetary_value"]
                ),
                "lifetime_value",
            )
    return ends


def try_kind(kind, bases):
    """Print how the fits to bases of a kind ended, and every broken law."""
    ends, broken = collections.Counter(), []
    for seed in range(bases):
        try:
            ends.update(try_base(kind, seed).items())
        # A panic of the core is no Exception.
        except BaseException as error:
            if isinstance(error, (KeyboardInterrupt, SystemExit)):
                raise
            broken.append(f"{seed}: {type(error).__name__} {str(error)[:110]}")
    print(f"\n{kind}: {bases} bases, {len(broken)} of them with a broken law")
    for (model, end), count in sorted(ends.items()):
        print(f"  {model:16}{count:6}  {end}")
    for finding in broken[:10]:
        print(f"  broken, base {finding}")
    print(end="", flush=True)


def main():
    """Try the kinds that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bases", type=int, default=1_000, help="of each kind")
    parser.add_argument("--kinds", default=",".join(KINDS), help="by commas")
    args = parser.parse_args()
    for kind in args.kinds.split(","):
        try_kind(kind, args.bases)


if __name__ == "__main__":
    main()
