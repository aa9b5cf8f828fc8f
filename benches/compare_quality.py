"""Compares the predictions of winback's boosting and of LightGBM by cross-validation.

    cargo bench --bench boosting --no-run       # prints the path of the program
    python benches/compare_quality.py PROGRAM --data-folder ../shared/data
        [--data-sets telco,mlc] [--folds 10] [--repeats 1]
        [--set NAME=VALUE ...] [--lightgbm-set NAME=VALUE ...]

Four public churn tables, stratified shuffled folds (seed 42, 43 ... by repeat), the same for all.
Comparison (a) gives both the same parameters: 100 trees of 31 leaves, rate 0.1, 255 bins, 20 rows
a leaf. (b) gives each its own defaults; (c), with `--set` or `--lightgbm-set`, these on top of
them. Text columns are categories to all learners: codes of the sorted levels. Missing values stay
missing. scikit-learn's HistGradientBoosting with its defaults stands beside them for reference.
The difference is winback's figure less LightGBM's, with the standard error of the mean over the
folds; folds share training rows, so that the true error is larger. Higher AUC and lower log loss
are better.
"""

import argparse
import os
import subprocess
import tempfile
from functools import partial
from pathlib import Path

import lightgbm
import numpy as np
import polars as pl
import sklearn
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

# File, label column, its value for a customer who left, columns that say nothing about others.
DATA_SETS = {
    "telco": ("telco_ibm/telco_basic", "churn", "Yes", ["customer_id"]),
    "ecommerce": ("ecommerce_churn/ecommerce_churn", "churn", 1, ["customer_id"]),
    "iranian": ("iranian_churn/iranian_churn", "churn", 1, []),
    "mlc": ("mlc_churn/mlc_churn", "churn", "yes", []),
}
SAME = {
    "n_estimators": 100,
    "num_leaves": 31,
    "learning_rate": 0.1,
    "max_bin": 255,
    "min_child_samples": 20,
    "min_split_gain": 0,
    "lambda_l2": 0,
    "subsample": 1,
    "colsample_bytree": 1,
}


def parse():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--data-folder", type=Path, default=Path("../shared/data"))
    parser.add_argument("--data-sets", default=",".join(DATA_SETS), help="names, by commas")
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--lightgbm-set", action="append", default=[], metavar="NAME=VALUE")
    return parser.parse_args()


def load(folder, name):
    """Return features, outcomes and the number of levels of each category by column number."""
    file, label, positive, ignored = DATA_SETS[name]
    frame = pl.read_parquet(folder / f"{file}.parquet")
    y = (frame[label] == positive).to_numpy().astype(np.uint8)
    columns, levels = [], {}
    for series in frame.drop(label, *ignored).get_columns():
        if series.dtype == pl.String:
            names = series.drop_nulls().unique().sort()
            levels[len(columns)] = len(names)
            codes = {level: code for code, level in enumerate(names)}
            series = series.replace_strict(codes, return_dtype=pl.Float64)
        columns.append(series.cast(pl.Float64).fill_null(np.nan).to_numpy())
    return np.ascontiguousarray(np.column_stack(columns)), y, levels


def splits(y, folds, repeats):
    """Return the rows to fit and those to predict, for each fold of each repeat."""
    return [
        fold
        for repeat in range(repeats)
        for fold in StratifiedKFold(folds, shuffle=True, random_state=42 + repeat).split(y, y)
    ]


def winback(program, x, y, x_test, levels, parameters):
    """Fit the program's boosting and return its probabilities."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        x.tofile(folder / "x.f64")
        y.tofile(folder / "y.u8")
        x_test.tofile(folder / "x_test.f64")
        command = [program, "--bench", "--data", folder, "--columns", str(x.shape[1])]
        command += ["--runs", "1", "--out", folder / "p.f64"]
        if levels:
            command += ["--categories", ",".join(f"{k}:{v}" for k, v in levels.items())]
        for key, value in parameters.items():
            command += ["--set", f"{key}={value}"]
        environment = {"RAYON_NUM_THREADS": "1", **os.environ}
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
        return np.fromfile(folder / "p.f64")


def light_gbm(x, y, x_test, levels, parameters):
    """Fit LightGBM and return its probabilities."""
    parameters = {"objective": "binary", "verbose": -1, "num_threads": 1, **parameters}
    data = lightgbm.Dataset(x, y, categorical_feature=list(levels))
    return lightgbm.train(parameters, data).predict(x_test, num_threads=1)


def hist_gb(x, y, x_test, levels):
    """Fit scikit-learn's boosting and return its probabilities."""
    model = HistGradientBoostingClassifier(categorical_features=list(levels), random_state=0)
    return model.fit(x, y).predict_proba(x_test)[:, 1]


def validate(fit, x, y, levels, folds):
    """Return AUC and log loss of every fold, a row each."""
    scores = []
    for train, test in folds:
        p = fit(x[train], y[train], x[test], levels)
        scores.append((roc_auc_score(y[test], p), log_loss(y[test], p)))
    return np.array(scores)


def report(name, comparison, ours, theirs):
    """Print the means of two learners and of their differences, fold by fold."""
    difference = ours - theirs
    error = difference.std(axis=0, ddof=1) / np.sqrt(len(difference))
    cells = [f"{name:10} {comparison:14}"]
    for i in range(2):
        cells.append(
            f"{ours[:, i].mean():9.5f} {theirs[:, i].mean():9.5f} "
            f"{difference[:, i].mean():+9.5f} +-{error[i]:.5f}"
        )
    print("  ".join(cells), flush=True)
    return difference.mean(axis=0)


def pairs(texts):
    """Turn NAME=VALUE texts into a dictionary."""
    return dict(text.split("=", 1) for text in texts)


def main():
    """Validate every data set and print the comparisons."""
    args = parse()
    comparisons = {"(a) same": (SAME, SAME), "(b) defaults": ({}, {})}
    if args.set or args.lightgbm_set:
        comparisons["(c) given"] = (pairs(args.set), pairs(args.lightgbm_set))
    print(f"winback: {args.program}; LightGBM {lightgbm.__version__}, ", end="")
    print(f"scikit-learn {sklearn.__version__}")
    print(f"{args.folds} folds, {args.repeats} repeats")
    if "(c) given" in comparisons:
        print(f"(c) winback {' '.join(args.set)}; LightGBM {' '.join(args.lightgbm_set)}")
    one = f"{'winback':>9} {'LightGBM':>9} {'difference':>19}"
    print(f"{'':25}  {'AUC':40}  log loss")
    print(f"{'':25}  {one}  {one}", flush=True)

    differences = {comparison: [] for comparison in comparisons}
    for name in args.data_sets.split(","):
        x, y, levels = load(args.data_folder, name)
        folds = splits(y, args.folds, args.repeats)
        known = {}  # LightGBM's scores by its parameters
        for comparison, (parameters, theirs) in comparisons.items():
            key = tuple(sorted(theirs.items()))
            if key not in known:
                fit = partial(light_gbm, parameters=theirs)
                known[key] = validate(fit, x, y, levels, folds)
            fit = partial(winback, args.program, parameters=parameters)
            ours = validate(fit, x, y, levels, folds)
            differences[comparison].append(report(name, comparison, ours, known[key]))
        with threadpool_limits(1):
            auc, loss = validate(hist_gb, x, y, levels, folds).mean(axis=0)
        print(f"{name:10} HistGB, its defaults: AUC {auc:.5f}, log loss {loss:.5f}", flush=True)
    for comparison, values in differences.items():
        auc, loss = np.mean(values, axis=0)
        print(f"mean of the data sets, {comparison}: AUC {auc:+.5f}, log loss {loss:+.5f}")


if __name__ == "__main__":
    main()
