"""Logistic regression against scikit-learn's default, in turn, on the same kind of table.

    RAYON_NUM_THREADS=2 OMP_NUM_THREADS=2 python benches/compare_logistic.py [pairs]

Each pair is one fit of the Rust bench program and one of `LogisticRegression()` on 200,000 rows of
30 standard normal columns, about a quarter of them positive. Prints both medians and their ratio.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

ROWS, COLUMNS = 200_000, 30
ROOT = Path(__file__).resolve().parent.parent


def bench_program() -> str:
    """Build the bench and return the path of its program."""
    build = subprocess.run(
        ["cargo", "bench", "--bench", "logistic", "--no-run"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    path = build.stderr.rsplit("(", 1)[1].split(")", 1)[0]
    return str(ROOT / path)


def main() -> None:
    """Time both in turn and print the ratio of medians."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    program = bench_program()
    random = np.random.default_rng(1)
    x = random.standard_normal((ROWS, COLUMNS))
    slope = random.standard_normal(COLUMNS) * 1.6 / COLUMNS**0.5
    y = random.random(ROWS) < 1 / (1 + np.exp(-(x @ slope - 1.6)))
    ours, theirs = [], []
    for _ in range(pairs):
        run = subprocess.run([program, "1"], check=True, capture_output=True, text=True)
        ours.append(float(run.stdout))
        start = time.perf_counter()
        LogisticRegression().fit(x, y)
        theirs.append(time.perf_counter() - start)
    mine, other = statistics.median(ours), statistics.median(theirs)
    print(f"positives {y.mean():.3f}; winback {mine:.3f} s, scikit-learn {other:.3f} s")
    print(f"ratio {mine / other:.2f} (medians of {pairs} pairs)")


if __name__ == "__main__":
    main()
