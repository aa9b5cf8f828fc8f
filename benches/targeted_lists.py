"""Which share of an oracle's profit targeted lists earn, on simulated shops with known effects.

    make targeted-lists OPTIONS="--customers 50000 --seeds 10 --scores"
    python benches/targeted_lists.py [--customers 50000] [--seeds 10] [--shops "usual,dear offer"]
        [--ways x-boosting,x-logistic,x-both] [--scores] [--folds 5]
        [--idle 200] [--idle-customers 5000]

Each seed is a shop with a campaign in two arms of equal size. `Uplift` learns from it, with the
columns of the catalogue at the start and purchases within the window as outcomes, and `recommend`
says what to do. With `--scores` there are the chances of a purchase too, within 30 days and within
half a year, by churn models that learned before the start. Profit is counted by the true effects,
of two lists: of the customers of the test, each by models that have not seen him, and of as many
fresh customers of the same shop, as `winback.campaign.target` chooses them. Where `recommend`
advises no targeted list, the policy that it advises instead is counted. A way is a learner and an
estimator; columns of `logistic` and `average` are prepared by `Preprocess`; `x-both` is the mean of
`x-boosting` and `x-logistic`, advised by the former.

Two oracles choose by the true effects. One knows each customer's own effect, and so what he is
going to do without the offer, which nobody can know at the start. The other knows the effect to be
expected from what the log shows at the start, as boosted trees tell it that were taught the true
effects of `--taught` customers of other seeds. Shares are of the second oracle's profit.

With `--idle N` campaigns without any effect are drawn: how often is a list recommended, at the
offer's cost and where it costs nothing?
"""

import argparse
import time

import numpy as np
import polars as pl
from sklearn.ensemble import HistGradientBoostingRegressor

import winback as wb
from winback.sklearn import Preprocess

START, WINDOW = "2024-10-01", "30d"
# What is not said is as in winback.simulate; effects, margin of a purchase and cost of an offer.
SHOPS = {
    "usual": ({}, {}, 12.0, 1.0),
    "dear offer": ({}, {}, 12.0, 1.8),
    "weak offer": ({}, {"persuaded": 0.08, "annoyed": 0.08}, 12.0, 0.3),
    "annoying offer": ({}, {"persuaded": 0.15, "annoyed": 0.6}, 12.0, 0.3),
    "seasonal": ({"december_peak": 4.0, "lifetime_years": 4.0}, {}, 12.0, 1.0),
    "subscriptions": (
        {
            "purchases_per_year": 12.0,
            "regularity": 25,
            "december_peak": 1.0,
            "fade_days": 0.0,
            "pauses_per_year": 0.3,
            "lifetime_years": 1.5,
        },
        {},
        12.0,
        0.6,
    ),
    "groceries": (
        {
            "purchases_per_year": 60.0,
            "ticket_share": 0.05,
            "complaint_effect": 15.0,
            "lifetime_years": 1.5,
        },
        {},
        12.0,
        0.6,
    ),
}


def parse():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=50_000)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--taught", type=int, default=150_000)
    parser.add_argument("--shops", default=",".join(SHOPS))
    parser.add_argument("--ways", default="x-boosting,x-logistic,x-both")
    parser.add_argument("--scores", action="store_true")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--idle", type=int, default=0)
    parser.add_argument("--idle-customers", type=int, default=5_000)
    return parser.parse_args()


def churn_models(name, args):
    """Models of a purchase within 30 days and half a year, of other customers before the start."""
    if not args.scores:
        return []
    log = wb.simulate(args.customers, seed=40_000, **SHOPS[name][0]).event_log()
    horizons = ("30d", "6mo")
    return [wb.ChurnModel("logistic", horizon=h).fit(log, until=START, cutoffs=4) for h in horizons]


def with_scores(columns, now, churn):
    """The columns with the chances by these models, their log-odds, and how far they are apart."""
    names = [f"chance_{place}" for place in range(len(churn))]
    for name, model in zip(names, churn, strict=True):
        score = model.score(now).to_polars()
        score = score.select("customer_id", pl.col("purchase_probability").alias(name))
        columns = columns.join(score, on="customer_id", how="left", maintain_order="left")
    if churn:
        chances = [pl.col(name).fill_null(0).clip(1e-4, 1 - 1e-4) for name in names]
        odds = [(p / (1 - p)).log().name.suffix("_log_odds") for p in chances]
        columns = columns.with_columns(*chances, *odds, rise=chances[-1] - chances[0])
    return columns


class Customers:
    """Customers of a simulated campaign: what was known at its start, arms, outcomes, effects."""

    def __init__(self, name, customers, seed, churn=(), **effects):
        """Simulate them; `churn` are models whose chances are columns, too."""
        shop, of_offer, self.margin, self.cost = SHOPS[name]
        campaign = {"start": START, "window": WINDOW, "salt": str(seed), **of_offer, **effects}
        made = wb.simulate(customers, seed=seed, campaign=campaign, **shop)
        now = made.event_log().at(START)
        columns = with_scores(now.features().to_polars(), now, churn)
        first = pl.lit(START).str.to_datetime()
        over = first + pl.duration(days=int(WINDOW[:-1]))
        at = pl.col("time").dt.replace_time_zone(None)
        bought = made.transactions.to_polars().filter(at >= first, at < over, pl.col("amount") > 0)
        met = made.campaign.to_polars()
        table = columns.join(met, on="customer_id", maintain_order="left")
        self.ids = table["customer_id"]
        self.columns = table.select(columns.columns).drop("customer_id")
        self.contacted = (table["arm"] != "control").to_numpy()
        self.bought = self.ids.is_in(bought["customer_id"].unique().implode()).to_numpy()
        self.effect = table["purchased_effect"].to_numpy()

    def profit(self, listed):
        """What a list earns for each customer, by the true effects."""
        return float(np.mean((self.margin * self.effect - self.cost) * listed))

    def worth(self, effect):
        """Who is worth an offer, by such effects."""
        return self.margin * np.asarray(effect) > self.cost


def log_oracle(name, args, churn):
    """Trees that were taught true effects of other seeds, by what the log shows at the start."""
    seeds = range(10_001, 10_001 + max(1, args.taught // args.customers))
    taught = [Customers(name, args.customers, seed, churn) for seed in seeds]
    trees = HistGradientBoostingRegressor(
        max_iter=150, learning_rate=0.1, min_samples_leaf=50, early_stopping=False, random_state=1
    )
    x = np.concatenate([each.columns.to_numpy() for each in taught])
    return trees.fit(x, np.concatenate([each.effect for each in taught]))


def learned(way, test, folds):
    """Return the model of a test, and how its columns are prepared."""
    learner, estimator = way.split("-")
    if estimator != "boosting":
        prepared = Preprocess().fit(test.columns.to_pandas())
        matrix = lambda of: np.asarray(prepared.transform(of.columns.to_pandas()))  # noqa: E731
    else:
        matrix = lambda of: of.columns.to_numpy()  # noqa: E731
    model = wb.campaign.Uplift(learner, estimator, folds=folds)
    model.fit(matrix(test), test.contacted, test.bought, propensity=0.5, customer_ids=test.ids)
    return model, matrix


def advised(model, of, effect):
    """Who is contacted, as `recommend` advises, and whether by a targeted list."""
    found = model.recommend(margin=of.margin, costs=of.cost)
    if found.figures["recommended"]:
        listed = wb.campaign.target(of.ids, of.margin * effect, of.cost)
        return of.ids.is_in(listed["customer_id"]).to_numpy(), True
    everybody = found["policy"].index("everybody: True")
    return np.full(len(effect), found["over_nobody_low"][everybody] > 0), False


def judge(name, args):
    """Print what the lists of a shop earn."""
    start = time.perf_counter()
    churn = churn_models(name, args)
    knows = log_oracle(name, args, churn)
    told = {}
    for seed in range(1, args.seeds + 1):
        test = Customers(name, args.customers, seed, churn)
        fresh = Customers(name, args.customers, 20_000 + seed, churn)
        ways = args.ways.split(",")
        models = {way: learned(way, test, args.folds) for way in ways if way != "x-both"}
        for kind, of in [("same", test), ("fresh", fresh)]:
            known = of.profit(of.worth(knows.predict(of.columns.to_numpy())))
            rows = {
                "own effects known": of.profit(of.worth(of.effect)),
                "everybody": of.profit(True),
            }
            effects = {
                way: model.uplift_ if of is test else model.predict(matrix(of))
                for way, (model, matrix) in models.items()
            }
            if "x-both" in ways:
                effects["x-both"] = (effects["x-boosting"] + effects["x-logistic"]) / 2
            for way, effect in effects.items():
                model, _ = models["x-boosting" if way == "x-both" else way]
                listed, is_targeted = advised(model, of, effect)
                rows[way] = of.profit(listed)
                told.setdefault(way, []).append(is_targeted)
            for row, profit in rows.items():
                told.setdefault((kind, row), []).append(profit / known)
            told.setdefault((kind, "known"), []).append(known)
    print(f"\n{name}: {args.seeds} seeds, {time.perf_counter() - start:.0f} s")
    for key, values in told.items():
        if isinstance(key, tuple):
            mean, error = np.mean(values), np.std(values, ddof=1) / len(values) ** 0.5
            what = "profit" if key[1] == "known" else "share "
            print(f"  {key[0]:5} {key[1]:18} {what} {mean:6.3f} ± {1.96 * error:.3f}", flush=True)
        else:
            print(f"  {key}: a list is recommended in {np.mean(values):.0%}")


def idle(name, args):
    """Print how often a list is recommended where the offer does nothing, at its cost or free."""
    for way in args.ways.split(","):
        told = {SHOPS[name][-1]: [0, 0], 0.0: [0, 0]}
        for seed in range(1, args.idle + 1):
            test = Customers(name, args.idle_customers, 30_000 + seed, persuaded=0, annoyed=0)
            model, _ = learned(way, test, args.folds)
            for test.cost, found in told.items():
                listed, is_targeted = advised(model, test, model.uplift_)
                found[0] += is_targeted
                found[1] += bool(not is_targeted and listed.any())
        for cost, (lists, everybody) in told.items():
            print(
                f"{name}, no effect, {way}, cost {cost}: of {args.idle} campaigns a list in "
                f"{lists}, everybody in {everybody}",
                flush=True,
            )


def main():
    """Judge every shop."""
    args = parse()
    for name in args.shops.split(","):
        if args.idle:
            idle(name, args)
        else:
            judge(name, args)


if __name__ == "__main__":
    main()
