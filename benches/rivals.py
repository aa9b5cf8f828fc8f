"""Fits LightGBM, XGBoost or scikit-learn's HistGradientBoosting to dumped data; prints JSON.

    python benches/rivals.py lightgbm|xgboost|histgb --data DIR --columns N [--out FILE]
        [--leaves 31] [--shap N] [--woodelf N] [--runs R]

`--shap` times LightGBM's contributions, `--woodelf` those that woodelf computes of its trees: by
their paths, and against as many rows of the data.

The interface is that of `cargo bench --bench boosting`; `compare_boosting.py` calls it, so that
each fit has a process, and thereby memory and threads, of its own. The number of threads is set by
OMP_NUM_THREADS. Both get a C-contiguous float64 matrix; the time of a LightGBM fit includes the
construction of its Dataset, as the other's includes its binning.
"""

import argparse
import ctypes
import json
import os
import statistics
import time
from pathlib import Path

import numpy as np


class LightGbm:
    """100 trees of LightGBM with the parameters all learners share."""

    def __init__(self, leaves):
        import lightgbm

        self.leaves = leaves

        self.lightgbm = lightgbm
        self.version = f"LightGBM {lightgbm.__version__}"
        self.threads = int(os.environ.get("OMP_NUM_THREADS", "0"))

    def fit(self, x, y):
        """Fit everything from the matrix on."""
        params = {
            "objective": "binary",
            "learning_rate": 0.1,
            "num_leaves": self.leaves,
            "min_child_samples": 20,
            "lambda_l2": 0.0,
            "max_bin": 255,
            "num_threads": self.threads,
            "verbose": -1,
        }
        self.model = self.lightgbm.train(params, self.lightgbm.Dataset(x, y), 100)

    def predict(self, x):
        """Return the probabilities of all rows."""
        return self.model.predict(x, num_threads=self.threads)

    def contributions(self, x):
        """Return the contributions of TreeSHAP to all rows."""
        return self.model.predict(x, pred_contrib=True, num_threads=self.threads)

    def row_nanoseconds(self, x):
        """Time LightGBM's own call for single rows; Python's predict is far slower."""
        library = self.lightgbm.basic._LIB
        config, length, result = ctypes.c_void_p(), ctypes.c_int64(), ctypes.c_double()
        status = library.LGBM_BoosterPredictForMatSingleRowFastInit(
            self.model._handle,
            ctypes.c_int(0),  # probabilities
            ctypes.c_int(0),
            ctypes.c_int(-1),  # all trees
            ctypes.c_int(1),  # float64
            ctypes.c_int32(x.shape[1]),
            ctypes.c_char_p(b"num_threads=1"),
            ctypes.byref(config),
        )
        call = library.LGBM_BoosterPredictForMatSingleRowFast
        length, result, value = ctypes.byref(length), ctypes.byref(result), result
        rows = [ctypes.c_void_p(x.ctypes.data + i * x.strides[0]) for i in range(len(x))]
        start = time.perf_counter()
        for row in rows:
            status |= call(config, row, length, result)
        elapsed = time.perf_counter() - start
        if status != 0 or abs(value.value - self.predict(x[-1:])[0]) > 1e-12:
            raise RuntimeError("LightGBM's prediction of single rows failed")
        library.LGBM_FastConfigFree(config)
        return elapsed / len(rows) * 1e9


class XgBoost:
    """100 trees of XGBoost, grown by leaves on histograms, with the parameters that it shares."""

    def __init__(self, leaves):
        import xgboost

        self.xgboost = xgboost
        self.version = f"XGBoost {xgboost.__version__}"
        self.params = {
            "objective": "binary:logistic",
            "tree_method": "hist",
            "grow_policy": "lossguide",
            "max_leaves": leaves,
            "max_depth": 0,
            "learning_rate": 0.1,
            "reg_lambda": 0.0,
            "max_bin": 256,
            "nthread": int(os.environ.get("OMP_NUM_THREADS", "0")),
        }

    def fit(self, x, y):
        """Fit everything from the matrix on."""
        rows = self.xgboost.QuantileDMatrix(x, y, nthread=self.params["nthread"])
        self.model = self.xgboost.train(self.params, rows, 100)

    def predict(self, x):
        """Return the probabilities of all rows."""
        return self.model.inplace_predict(x).astype(float)

    def row_nanoseconds(self, x):
        """Time Python's predict, as there is no other call for single rows."""
        return by_python(self.predict, x)


class HistGb:
    """100 trees of HistGradientBoostingClassifier with the parameters all learners share."""

    def __init__(self, leaves):
        import sklearn
        from sklearn.ensemble import HistGradientBoostingClassifier

        self.version = f"scikit-learn {sklearn.__version__}"
        self.model = HistGradientBoostingClassifier(
            learning_rate=0.1,
            max_iter=100,
            max_leaf_nodes=leaves,
            min_samples_leaf=20,
            l2_regularization=0.0,
            max_bins=255,
            early_stopping=False,
        )

    def fit(self, x, y):
        """Fit everything from the matrix on."""
        self.model.fit(x, y)

    def predict(self, x):
        """Return the probabilities of all rows."""
        return self.model.predict_proba(x)[:, 1]

    def row_nanoseconds(self, x):
        """Time Python's predict, as there is no other call for single rows."""
        return by_python(self.predict, x)


def by_python(predict, x):
    """Return the nanoseconds of a row that is predicted alone."""
    start = time.perf_counter()
    for i in range(200):
        predict(x[i : i + 1])
    return (time.perf_counter() - start) / 200 * 1e9


def woodelf_seconds(model, x, background=None):
    """Return how long woodelf explains rows, against a background or by the paths of the trees."""
    import pandas as pd
    from woodelf import WoodelfExplainer

    kind = "tree_path_dependent" if background is None else "interventional"
    frames = [None if rows is None else pd.DataFrame(rows) for rows in (background, x)]
    explain = lambda: WoodelfExplainer(  # noqa: E731
        model, frames[0], feature_perturbation=kind
    ).shap_values(frames[1], verbose=False)
    return seconds(explain)[0]


LEARNERS = {"lightgbm": LightGbm, "xgboost": XgBoost, "histgb": HistGb}


def status(name):
    """Return one line of `/proc/self/status` in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def seconds(work, *args):
    """Return how long the work takes, and its result."""
    start = time.perf_counter()
    result = work(*args)
    return time.perf_counter() - start, result


def main():
    """Fit, predict and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("learner", choices=[*LEARNERS])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--columns", type=int, required=True)
    parser.add_argument("--out")
    parser.add_argument("--leaves", type=int, default=31)
    parser.add_argument("--shap", type=int)
    parser.add_argument("--woodelf", type=int)
    parser.add_argument("--runs", type=int, default=1)
    args = parser.parse_args()

    x = np.fromfile(args.data / "x.f64").reshape(-1, args.columns)
    y = np.fromfile(args.data / "y.u8", dtype=np.uint8)
    test = args.data / "x_test.f64"
    x_test = np.fromfile(test).reshape(-1, args.columns) if test.exists() else x
    learner = LEARNERS[args.learner](args.leaves)

    Path("/proc/self/clear_refs").write_text("5")  # the peak of memory starts again from here
    before = status("VmRSS:")
    fits = [seconds(learner.fit, x, y)[0]]
    memory = status("VmHWM:") - before
    fits += [seconds(learner.fit, x, y)[0] for _ in range(args.runs - 1)]
    predictions = [seconds(learner.predict, x_test) for _ in range(args.runs)]
    if args.out:
        predictions[-1][1].tofile(args.out)
    result = {
        "fit_seconds": statistics.median(fits),
        "predict_seconds": statistics.median(elapsed for elapsed, _ in predictions),
        "row_nanoseconds": learner.row_nanoseconds(x_test[:10_000]),
        "memory_mb": memory,
        "trees": 100,
        "version": learner.version,
    }
    if args.shap is not None and args.learner == "lightgbm":
        result["shap_seconds"] = seconds(learner.contributions, x_test[: args.shap])[0]
    if args.woodelf is not None and args.learner == "lightgbm":
        rows, background = x_test[: args.woodelf], x[: args.woodelf]
        result["woodelf_seconds"] = woodelf_seconds(learner.model, rows)
        result["woodelf_interventional_seconds"] = woodelf_seconds(learner.model, rows, background)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
