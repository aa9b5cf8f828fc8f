"""Times winback's decision tree and scikit-learn's in turn, on the same data, and prints the ratio.

    cargo bench --bench boosting --no-run       # prints the path of the program
    python benches/compare_trees.py PROGRAM [--rows 200000] [--columns 30] [--rounds 5]

scikit-learn gets a C-contiguous float32 matrix, so that no conversion is in its time. The number of
threads of winback is set by RAYON_NUM_THREADS; scikit-learn's tree uses one.
"""

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.tree import DecisionTreeClassifier

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("program")
parser.add_argument("--rows", type=int, default=200_000)
parser.add_argument("--columns", type=int, default=30)
parser.add_argument("--rounds", type=int, default=5)
args = parser.parse_args()

program = [args.program, "--bench", "--rows", str(args.rows), "--columns", str(args.columns)]
with tempfile.TemporaryDirectory() as folder:
    subprocess.run([*program, "--dump", folder], check=True)
    x = np.fromfile(Path(folder) / "x.f64").reshape(args.rows, args.columns).astype(np.float32)
    y = np.fromfile(Path(folder) / "y.u8", dtype=np.uint8)

tree_of_depth_6 = ["--estimator", "tree", "--set", "max_depth=6"]
ours, theirs = [], []
for _ in range(args.rounds):
    run = subprocess.run(
        [*program, *tree_of_depth_6, "--runs", "3"], check=True, capture_output=True, text=True
    )
    ours.append(json.loads(run.stdout)["fit_seconds"])
    tree = DecisionTreeClassifier(max_depth=6, min_samples_leaf=20, random_state=0)
    start = time.perf_counter()
    tree.fit(x, y)
    theirs.append(time.perf_counter() - start)
    print(f"winback {ours[-1]:.4f} s, scikit-learn {theirs[-1]:.4f} s", flush=True)

p = tree.predict_proba(x)[:, 1]
print(f"scikit-learn on its own rows: AUC {roc_auc_score(y, p):.4f}, log loss {log_loss(y, p):.4f}")
print(f"median ratio {statistics.median(a / b for a, b in zip(ours, theirs, strict=True)):.4f}")
