"""Times winback's boosting and its rivals in turn, on the same data, and prints the ratios.

    cargo bench --bench boosting --no-run       # prints the path of the program
    python benches/compare_boosting.py PROGRAM [--rows 200000] [--columns 30] [--rounds 5]
        [--threads 1,2] [--hessboost PROGRAM] [--busy] [--shap 100000] [--shap-rows-lightgbm 5000]

The rivals are LightGBM, XGBoost, scikit-learn's HistGradientBoosting and, with the path of the
program built in `benches/hessboost`, hessboost. All get the same rows and parameters: 100 trees of
31 leaves, rate 0.1, 255 bins, 20 rows a leaf (not XGBoost, which counts no rows), no penalty. Each
fit has a process of its own. Twice `--rows` are drawn: the first half is fitted, the second
predicted. A ratio is the median over the rounds of winback's figure by the other's figure of the
same round, followed by the least and the greatest.
`--busy` repeats each round while one more process keeps one core busy. LightGBM's contributions
take some 40 seconds per 100,000 rows; `--shap-rows-lightgbm` times fewer rows and scales.
"""

import argparse
import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from sklearn.metrics import log_loss, roc_auc_score

PARAMETERS = {
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
# The name of a figure in the JSON, its heading in the table, and what it is multiplied with there.
FIGURES = [
    ("fit_seconds", "fit s", 1),
    ("predict_seconds", "predict s", 1),
    ("row_nanoseconds", "one row us", 1e-3),
    ("shap_seconds", "shap s", 1),
    ("memory_mb", "memory MB", 1),
]


def parse():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--columns", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=3, help="fits whose median a round counts")
    parser.add_argument("--threads", default="1,2", help="numbers of threads, by commas")
    parser.add_argument("--hessboost", help="path of the program built in benches/hessboost")
    parser.add_argument("--learners", help="only these, by commas, winback first")
    parser.add_argument("--busy", action="store_true", help="also with one core kept busy")
    parser.add_argument("--shap", type=int, default=100_000, help="rows of contributions; 0: none")
    parser.add_argument("--shap-rows-lightgbm", type=int, help="rows LightGBM gets instead")
    args = parser.parse_args()
    args.threads = [int(threads) for threads in args.threads.split(",")]
    args.shap = min(args.shap, args.rows)
    args.shap_rows_lightgbm = min(args.shap_rows_lightgbm or args.shap, args.shap)
    return args


def dump(args, folder):
    """Write the rows to fit and those to predict; return the outcomes of the latter."""
    size = ["--rows", str(2 * args.rows), "--columns", str(args.columns)]
    subprocess.run([args.program, "--bench", *size, "--dump", folder], check=True)
    x = np.fromfile(folder / "x.f64").reshape(2 * args.rows, args.columns)
    y = np.fromfile(folder / "y.u8", dtype=np.uint8)
    x[: args.rows].tofile(folder / "x.f64")
    y[: args.rows].tofile(folder / "y.u8")
    x[args.rows :].tofile(folder / "x_test.f64")
    return y[args.rows :]


def commands(args, folder):
    """Return the command of each learner, by name; winback is the first."""
    common = ["--data", folder, "--columns", args.columns, "--runs", args.runs]
    shap = ["--shap", args.shap] if args.shap else []
    shap_lightgbm = ["--shap", args.shap_rows_lightgbm] if args.shap else []
    parameters = [part for key, value in PARAMETERS.items() for part in ("--set", f"{key}={value}")]
    rivals = [sys.executable, Path(__file__).with_name("rivals.py")]
    all_commands = {
        "winback": [args.program, "--bench", *common, *parameters, *shap],
        "LightGBM": [*rivals, "lightgbm", *common, *shap_lightgbm],
        "XGBoost": [*rivals, "xgboost", *common],
        "HistGB": [*rivals, "histgb", *common],
    }
    if args.hessboost:
        all_commands["hessboost"] = [args.hessboost, *common, *shap]
    wanted = args.learners.split(",") if args.learners else list(all_commands)
    return {name: [str(part) for part in all_commands[name]] for name in wanted}


def measure(command, threads, folder, y):
    """Run a learner once; return its line of JSON with AUC and log loss on the held-out half."""
    out = folder / "p.f64"
    environment = {"RAYON_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
    run = subprocess.run(
        [*command, "--out", str(out)],
        env={**os.environ, **environment},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    p = np.fromfile(out)
    out.unlink()
    return {**json.loads(run.stdout), "auc": roc_auc_score(y, p), "log_loss": log_loss(y, p)}


@contextlib.contextmanager
def other_work():
    """Keep one core's worth of other work running."""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def one_round(args, number, threads, learners, folder, y):
    """Run every learner once, each round beginning with another."""
    names = list(learners)
    start = number % len(names)
    results = {}
    for name in names[start:] + names[:start]:
        result = measure(learners[name], threads, folder, y)
        if name == "LightGBM" and "shap_seconds" in result:
            result["shap_seconds"] *= args.shap / args.shap_rows_lightgbm
        results[name] = result
    return results


def spread(values):
    """Write the median, the least and the greatest."""
    return f"{statistics.median(values):.3g} ({min(values):.3g}-{max(values):.3g})"


def figures(rounds, name, key):
    """Return one figure of one learner over the rounds; nothing if it has none."""
    return [results[name][key] for results in rounds if key in results[name]]


def table(rounds, names):
    """Print medians of each learner, then winback's ratios to the others."""
    print(f"  {'':20}" + "".join(f" {heading:>27}" for _, heading, _ in FIGURES), end="")
    print(f"{'AUC':>10}{'log loss':>10}{'trees':>7}")
    for name in names:
        last = rounds[-1][name]
        cells = [
            f"{statistics.median(values) * unit:.4g}" if values else "-"
            for values, unit in ((figures(rounds, name, key), unit) for key, _, unit in FIGURES)
        ]
        print(f"  {name:20}" + "".join(f" {cell:>27}" for cell in cells), end="")
        print(f"{last['auc']:>10.5f}{last['log_loss']:>10.5f}{last['trees']:>7}")
    ours, *rivals = names
    for name in rivals:
        cells = []
        for key, _, _ in FIGURES:
            pairs = zip(figures(rounds, ours, key), figures(rounds, name, key), strict=False)
            ratios = [a / b for a, b in pairs if b > 0]
            cells.append(spread(ratios) if ratios else "-")
        print(f"  {'ratio to ' + name:20}" + "".join(f" {cell:>27}" for cell in cells))


def slowdowns(quiet, busy, names):
    """Print how much longer each learner takes beside other work than alone."""
    print("  time with one core kept busy by the quiet time of the same round")
    for name in names:
        cells = []
        for key, _, _ in FIGURES[:4]:
            pairs = zip(figures(busy, name, key), figures(quiet, name, key), strict=True)
            ratios = [a / b for a, b in pairs]
            cells.append(spread(ratios) if ratios else "-")
        print(f"  {name:20}" + "".join(f" {cell:>27}" for cell in cells))


def main():
    """Run the rounds and print the tables."""
    args = parse()
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    print(f"{args.rows} rows x {args.columns} columns, {args.rounds} rounds of {args.runs} fits")
    print(f"{os.cpu_count()} cores, load before {load}, Python {platform.python_version()}")
    if args.shap:
        print(f"shap: contributions of {args.shap} rows", end="")
        if args.shap_rows_lightgbm < args.shap:
            print(f"; LightGBM's timed on {args.shap_rows_lightgbm} and scaled", end="")
        print()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        y = dump(args, folder)
        learners = commands(args, folder)
        for threads in args.threads:
            quiet, busy = [], []
            for number in range(args.rounds):
                quiet.append(one_round(args, number, threads, learners, folder, y))
                if args.busy:
                    with other_work():
                        busy.append(one_round(args, number, threads, learners, folder, y))
                both = [("", quiet), (" busy", busy)] if args.busy else [("", quiet)]
                for label, rounds in both:
                    seconds = (f"{key} {rounds[-1][key]['fit_seconds']:.3f} s" for key in learners)
                    line = f"round {number + 1}, threads {threads}{label}: fits of "
                    print(line + ", ".join(seconds), flush=True)
            print(f"\nthreads {threads}")
            table(quiet, list(learners))
            if args.busy:
                print(f"threads {threads}, one core kept busy")
                table(busy, list(learners))
                slowdowns(quiet, busy, list(learners))
            print(flush=True)
        versions = [result["version"] for result in quiet[-1].values() if "version" in result]
        print(f"winback: {args.program}; " + ", ".join([*versions, f"numpy {np.__version__}"]))


if __name__ == "__main__":
    main()
