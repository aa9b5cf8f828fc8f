"""Figures of campaigns beside scikit-uplift, causalml and statsmodels, on random and odd cases.

    make compare-campaigns OPTIONS="--cases 600"
    python benches/compare_campaigns.py [--cases 600] [--golden FILE]

Needs the group `campaign-peers` in pyproject.toml; packages that are not installed are left out.
Cases are tests of a few or of thousands of customers, with ties or without, all scores equal, arms
of one customer, outcomes of nobody or of everybody. Of each figure stand the cases in which both
define a value, the largest difference (relative where values are above 1), and the cases of which
only one says something. Differences above 1e-9 end in failure. `--golden` writes small
cases and the other packages' values, as the tests have them.
"""

import argparse
import importlib.metadata
import importlib.util
import itertools
import json
import math
import sys
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

import winback as wb
from winback import metrics

CLOSE = 1e-9


def uplift_case(seed):
    """Return outcomes, scores and arms of a test, odd ones among them."""
    draw = np.random.default_rng(seed)
    n = int(draw.choice([2, 3, 5, 20, 200, 3_000]))
    share = draw.choice([0.5, 0.1, 0.9])
    treated = (draw.uniform(size=n) < share).astype(int)
    if seed % 7 == 0:
        treated[:] = 1  # an arm of one customer
    treated[0], treated[1] = 1, 0
    levels = draw.choice([1, 2, 7, 0])
    score = draw.normal(size=n) if levels == 0 else draw.integers(0, levels, n).astype(float)
    chance = draw.choice([0.0, 0.02, 0.3, 0.5, 1.0])
    y = (draw.uniform(size=n) < chance + 0.1 * treated * (score > 0)).astype(float)
    return [y, score, treated]


def shares_case(seed):
    """Return buyers and customers of both arms, at the edges too."""
    draw = np.random.default_rng(seed)
    n = draw.choice([1, 2, 10, 100, 20_000], 2)
    chance = draw.choice([0.0, 0.01, 0.2, 0.5, 1.0], 2)
    return [
        number
        for size, p in zip(n, chance, strict=True)
        for number in (draw.binomial(size, p), size)
    ]


def amounts_case(seed):
    """Return amounts, what was before, arms, and households that were drawn as a whole."""
    draw = np.random.default_rng(seed)
    size = int(draw.choice([4, 6, 30, 400]))
    is_offer = np.arange(size) < max(2, int(size * draw.choice([0.5, 0.2])))
    before, noise = draw.normal(size=size), draw.lognormal(0, 1.5, size)
    amount = np.where(draw.uniform(size=size) < 0.6, 0, noise) + 0.3 * is_offer + before
    household = 2 * draw.integers(0, max(2, size // 3), size) + is_offer
    return [amount, before, is_offer.astype(int), household]


def size_case(seed):
    """Return baseline, effect, share of the control, level and power."""
    draw = np.random.default_rng(seed)
    base = float(draw.uniform(0.005, 0.6))
    rise = float(draw.uniform(0.05, 0.6)) * base * (1 if base < 0.5 else 0.3)
    share, level = draw.choice([0.1, 0.3, 0.5]), draw.choice([0.01, 0.05, 0.1])
    return [base, rise, float(share), float(level), float(draw.uniform(0.6, 0.95))]


def ours(figure, *args, **named):
    """A figure of winback, or None where it refuses."""
    try:
        return figure(*args, **named)
    except ValueError:
        return None


def theirs(figure):
    """A figure of another package, or None where it fails or is no number."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            value = figure()
        except (ValueError, ZeroDivisionError, IndexError, KeyError):
            return None
    return value if np.isfinite(np.asarray(value, dtype=float)).all() else None


def of_scikit_uplift(y, score, treated):
    """Yield each figure, winback's value, and how scikit-uplift gets it."""

    def peer(name, *args, **named):
        import sklift.metrics as sk

        return getattr(sk, name)(*args, **named)

    test = y, score, treated
    yield "qini", ours(metrics.qini, *test), lambda: peer("qini_auc_score", *test)
    yield "auuc", ours(metrics.auuc, *test), lambda: peer("uplift_auc_score", *test)
    curve = metrics.uplift_curve(*test).to_polars()
    for name in ("uplift", "qini"):
        points = curve.select("customers", name).to_numpy().T
        yield f"curve: {name}", points, partial(peer, f"{name}_curve", *test)
    if len(set(score)) < len(score):
        return  # theirs goes by the order of the rows
    for strategy, shares in [("overall", (0.1, 0.3, 0.999)), ("by_group", (0.1, 0.3, 0.999))]:
        for k in shares:
            found = ours(metrics.uplift_at_k, *test, strategy, k)
            other = partial(peer, "uplift_at_k", *test, strategy=strategy, k=k)
            yield f"uplift at {k}, {strategy}", found, other


def of_causalml(y, score, treated):
    """Yield winback's curves beside causalml's gains, where scores differ."""
    if len(set(score)) < len(score):
        return
    curve = metrics.uplift_curve(y, score, treated).to_polars()
    # Where one arm has nobody yet, causalml carries values on.
    keep = ((curve["treated"] > 0) & (curve["control"] > 0)).to_numpy()
    table = pd.DataFrame({"y": y, "w": treated, "score": score})

    def peer(name):
        import causalml.metrics

        figure = getattr(causalml.metrics, name)
        found = figure(table, outcome_col="y", treatment_col="w", normalize=False)
        return found["score"].to_numpy()[keep]

    yield "curve: uplift", curve["uplift"].to_numpy()[keep], lambda: peer("get_cumgain")
    yield "curve: qini", curve["qini"].to_numpy()[keep], lambda: peer("get_qini")


def effect(columns, **named):
    """The only row of what a campaign changed in `y`."""
    columns["arm"] = np.where(columns["arm"] == 1, "offer", "control")
    return (
        wb.campaign.effect(pd.DataFrame(columns), metrics=["y"], **named).to_polars().to_dicts()[0]
    )


def of_shares(bought, n, control_bought, control_n):
    """Yield winback's figures of two shares, and how statsmodels gets them."""
    counts = (bought, n, control_bought, control_n)
    y = np.r_[np.arange(n) < bought, np.arange(control_n) < control_bought].astype(float)
    row = ours(effect, {"arm": np.r_[np.ones(n), np.zeros(control_n)], "y": y})
    if row is None:
        return

    def peer(name, *args, **named):
        from statsmodels.stats import proportion

        return getattr(proportion, name)(*args, **named)

    ends = partial(peer, "confint_proportions_2indep", *counts)
    yield (
        "Newcombe",
        (row["difference_low"], row["difference_high"]),
        partial(ends, method="newcomb"),
    )
    yield (
        "pooled z",
        row["p_value"],
        lambda: peer("proportions_ztest", counts[::2], counts[1::2])[1],
    )
    if bought and control_bought:  # else statsmodels adds a half
        lift = row["relative_lift_low"] + 1, row["relative_lift_high"] + 1
        yield "ratio by its logarithm", lift, partial(ends, method="log", compare="ratio")


def of_amounts(amount, before, is_offer, household):
    """Yield winback's figures of two means, and how statsmodels gets them."""
    columns = {"y": amount, "x": before, "h": [str(each) for each in household]}

    def welch():
        from statsmodels.stats.weightstats import CompareMeans

        pair = CompareMeans.from_data(amount[is_offer == 1], amount[is_offer == 0])
        return (*pair.tconfint_diff(usevar="unequal"), pair.ttest_ind(usevar="unequal")[1])

    def slope(columns, **how):
        import statsmodels.api as sm

        found = sm.OLS(amount, np.column_stack([np.ones(len(amount)), is_offer, *columns])).fit(
            **how
        )
        return found.params[1], found.bse[1]

    centred = before - before.mean()
    for name, given, wanted, peer in [
        ("Welch", {}, ("difference_low", "difference_high", "p_value"), welch),
        (
            "Lin HC2",
            {"covariates": ["x"]},
            ("difference", "standard_error"),
            lambda: slope([centred, is_offer * centred], cov_type="HC2"),
        ),
        (
            "cluster errors",
            {"cluster": "h"},
            ("difference", "standard_error"),
            lambda: slope([], cov_type="cluster", cov_kwds={"groups": household}),
        ),
    ]:
        row = ours(effect, {"arm": is_offer, **columns}, **given)
        # Too few customers for covariates: then winback says so, and takes Welch's.
        if row is not None and (name != "Lin HC2" or row["method"] == "lin_hc2"):
            yield name, tuple(row[column] for column in wanted), peer


def of_sizes(base, rise, share, level, power):
    """Yield the control's size, and how statsmodels gets it."""
    made = wb.campaign.plan(
        baseline=base,
        effect=rise,
        control_share=share,
        level=level,
        power=power,
        formula="arcsine",
    )

    def peer():
        from statsmodels.stats.power import NormalIndPower

        size = 2 * (math.asin(math.sqrt(base + rise)) - math.asin(math.sqrt(base)))
        # Two-sided, it would count the chance of a significant effect of the wrong sign, too.
        how = {"alpha": level / 2, "power": power, "ratio": (1 - share) / share}
        return math.ceil(NormalIndPower().solve_power(size, alternative="larger", **how))

    yield "size by arcsine", made["needed"][made["arm"].index("control")], peer


# By package what is compared with it, and the cases.
PEERS = {
    "scikit-uplift": ("sklift", [(of_scikit_uplift, uplift_case)]),
    "causalml": ("causalml", [(of_causalml, uplift_case)]),
    "statsmodels": (
        "statsmodels",
        [(of_shares, shares_case), (of_amounts, amounts_case), (of_sizes, size_case)],
    ),
}


def off(one, other):
    """How far values are apart, relative to those above 1."""
    one, other = (np.asarray(value, dtype=float).ravel() for value in (one, other))
    if one.shape != other.shape:
        return math.inf
    return float(np.max(np.abs(one - other) / np.maximum(1, np.abs(other)), initial=0))


def compare(package, pairs, cases):
    """Print a line for each figure; return whether all agree."""
    print(f"\n{package} {importlib.metadata.version(package)}")
    told = {}
    for seed, (figures, case) in itertools.product(range(cases), pairs):
        for name, one, peer in figures(*case(seed)):
            found = told.setdefault(name, {"both": 0, "worst": (0.0, 0), "ours": 0, "theirs": 0})
            other = theirs(peer)
            if one is not None and other is not None:
                found["both"] += 1
                found["worst"] = max(found["worst"], (off(one, other), seed))
            elif one is not None or other is not None:
                found["ours" if other is None else "theirs"] += 1
    for name, found in told.items():
        worst, seed = found["worst"]
        where = f" (seed {seed})" if worst > CLOSE else ""
        print(
            f"  {name:24} {found['both']:5} cases, at most {worst:.1e} apart{where}; "
            f"winback alone {found['ours']}, {package} alone {found['theirs']}"
        )
    return all(found["worst"][0] <= CLOSE for found in told.values())


def taken(given):
    """What a case in a file gives: arrays and numbers."""
    return [np.asarray(value) if isinstance(value, list) else value for value in given]


def golden(pairs):
    """Yield small cases and the other package's values, for the tests."""
    for figures, case in pairs:
        for seed in range(40):
            given = [np.asarray(value).tolist() for value in case(seed)]
            if len(given[0]) > 20 if isinstance(given[0], list) else given[1] > 100:
                continue
            found = {name: theirs(peer) for name, _, peer in figures(*taken(given))}
            values = {
                name: np.asarray(value, dtype=float).ravel().tolist()
                for name, value in found.items()
                if value is not None
            }
            if values:
                yield {"figures": figures.__name__, "given": given, "values": values}


def main():
    """Compare with every package that is there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=600)
    parser.add_argument("--golden", help="file to write small cases and values to")
    args = parser.parse_args()
    there = {n: peer for n, peer in PEERS.items() if importlib.util.find_spec(peer[0])}
    for name in PEERS.keys() - there.keys():
        print(f"{name} is not installed")
    if args.golden:
        made = {
            f"{name} {importlib.metadata.version(name)}": list(golden(pairs))
            for name, (_, pairs) in there.items()
        }
        Path(args.golden).write_text(json.dumps(made) + "\n")
        return
    agree = [compare(name, pairs, args.cases) for name, (_, pairs) in there.items()]
    sys.exit(0 if all(agree) else 1)


if __name__ == "__main__":
    main()
