"""The default estimator built anew from its parts, so that each can be left out by itself.

`benches/quality.py --ablations` judges what this module makes: the mean log-odds of a logistic
regression of active or of silent customers, one of all, and boosted trees of all, on the columns
that the default model reads, at the cutoffs that it trains on, with its weights. "in parts" is
the whole, which shows that the parts are the default's; every other model lacks one ingredient.
"""

from datetime import timedelta

import numpy as np
import polars as pl

import winback as wb
from winback.sklearn import BoostingClassifier, LogisticClassifier, Preprocess

NO_FEATURES = ["cutoff", "customer_id", "state", "purchased"]
# What is learned of all customers together, and the time of the year.
OF_ALL = ["mbg_nbd_log_odds", "silence_end_log_odds", "log_gap_z"]
CALENDAR = ["season_sine", "season_cosine"]


def families(*names):
    """Return the features of some families."""
    catalogue = wb.catalogue().to_polars()
    return catalogue.filter(pl.col("family").is_in(names))["name"].to_list()


class Parts:
    """The training table of a default model and its test table, as of one cutoff."""

    def __init__(self, log, at):
        """Train the default model, and gather what it read."""
        self.model = wb.ChurnModel().fit(log, until=at)
        training = self.model.training_
        cutoffs = [one["cutoff"] for one in training["cutoffs"]]
        rows = [self.rows(log, cutoff, training["until"]) for cutoff in cutoffs]
        table = pl.concat(rows, how="vertical_relaxed").drop_nulls("purchased")
        self.until, self.latest = training["until"], max(cutoffs)
        self.test = self.rows(log, at, None)
        self.columns = self.model.columns_
        self.cutoff = table["cutoff"].to_numpy()
        self.y = table["purchased"].to_numpy().astype(bool)
        self.active = (table["state"] == "active").to_numpy()
        self.table = table
        # What regressions and trees count.
        self.count = np.array([1.0, 1.0, min(1 + training["customers"] / 6_000, 4)])

    def rows(self, log, at, until):
        """Return what the model reads at a cutoff, with the outcomes known before an instant."""
        panel = log.panel(at=[at], until=until).to_polars()
        features = self.model.features(log.at(at)).to_polars().drop(NO_FEATURES, strict=False)
        return pl.concat([panel.select(NO_FEATURES), features], how="horizontal")

    def weights(self):
        """Return the weights of the training rows by age and season."""
        age = (np.datetime64(self.until) - self.cutoff) / np.timedelta64(timedelta(days=1))
        from_season = age - 365 * np.maximum(np.round(age / 365), 1)
        return 0.5 ** (age / 180) + np.exp(-((from_season / 30) ** 2))

    def log_odds(self, *, without=(), weighs=True, one_tree_model=True, c=0.03, signs=True):
        """Return the test rows' log-odds by each member: a regression of a kind, of all, trees."""
        columns = [name for name in self.columns if name not in without]
        x, test = (table.select(columns).to_pandas() for table in (self.table, self.test))
        weights = self.weights() if weighs else np.ones(len(x))
        kinds = self.active, (self.test["state"] == "active").to_numpy()
        every = np.ones(len(x), bool), np.ones(len(test), bool)
        own = np.zeros((3, len(test)))
        by_kind = [(train, there) for train, there in (kinds, (~kinds[0], ~kinds[1]))]
        for member, groups in enumerate([by_kind, [every], [every] if one_tree_model else by_kind]):
            for train, there in groups:
                part = x[train], self.y[train], weights[train]
                if member < 2:
                    own[member, there] = logistic(*part, test[there], c)
                else:
                    cutoff = self.cutoff[train]
                    own[member, there] = trees(*part, test[there], cutoff, self.latest, signs)
        return own


def logistic(x, y, weights, test, c):
    """Return log-odds by a regression."""
    prepared = Preprocess().fit(x)
    fitted = LogisticClassifier(C=c).fit(prepared.transform(x), y, weights)
    return fitted.decision_function(prepared.transform(test))


def expected_signs(columns):
    """Return the signs that common sense knows, of the columns that have one."""
    catalogue = wb.catalogue().to_polars().filter(pl.col("name").is_in(list(columns)))
    signs = dict(catalogue.select("name", "expected_sign").iter_rows())
    # More likely by a model of purchases is more likely.
    return signs | {name: 1 for name in OF_ALL[:2] if name in columns}


def trees(x, y, weights, test, cutoff, latest, signs):
    """Return log-odds by cautious trees; as many as were best at the latest training cutoff."""
    options = {
        "n_estimators": 200,
        "learning_rate": 0.05,
        "num_leaves": 15,
        "min_split_gain": 2.0,
        "lambda_l2": 5.0,
        "colsample_bytree": 0.5,
        "monotone_constraints": expected_signs(x.columns) if signs else None,
    }
    # Outcome windows of three months that ended before it.
    early = cutoff <= np.datetime64(latest - timedelta(days=92))
    late = cutoff == np.datetime64(latest)
    if min(np.bincount(y[rows], minlength=2).min() for rows in (early, late)) >= 30:
        judged = early | late
        found = BoostingClassifier(**options, early_stopping_rounds=50)
        found.fit(x[judged], y[judged], weights[judged], held_out=late[judged])
        options["n_estimators"] = max(found.n_estimators_, 1)
    fitted = BoostingClassifier(**options).fit(x, y, weights)
    return fitted.decision_function(test)


def ablations(log, at):
    """Return the chances by every model that lacks one ingredient, by name."""
    parts = Parts(log, at)
    whole = parts.log_odds()
    lacking = {
        "no weights": {"weighs": False},
        "no calendar": {"without": CALENDAR},
        "no seasons at all": {"without": [*CALENDAR, *families("season")]},
        "no rhythm": {"without": [*families("rhythm"), *OF_ALL]},
        "no columns of all": {"without": OF_ALL},
        "trees by state": {"one_tree_model": False},
        "c 0.1": {"c": 0.1},
        "no signs": {"signs": False},
    }
    members = {name: (parts.log_odds(**options), parts.count) for name, options in lacking.items()}
    members |= {
        "in parts": (whole, parts.count),
        "no own regression": (whole[1:], parts.count[1:]),
        "no trees": (whole[:2], parts.count[:2]),
        "trees alone": (whole[2:], parts.count[2:]),
        "trees count 1": (whole, np.ones(3)),
    }
    means = {name: np.average(own, axis=0, weights=of) for name, (own, of) in members.items()}
    table = parts.test.select("customer_id")
    return table.with_columns(pl.Series(n, 1 / (1 + np.exp(-mean))) for n, mean in means.items())
