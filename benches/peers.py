"""Times winback beside the libraries of its field and writes the ratios to docs/reference/speed.md.

    make bench-peers
    python benches/peers.py [--rounds 5] [--only trees,features] [--small]

The Python package must be one built for speed (`make release`). Needs the libraries of the group
`peers` in pyproject.toml. Both sides of a pair get the same data, each run in a process of its own
and in turn; results are compared first where both give the same. `--small` takes a hundredth of the
rows, to see that everything runs; with it, or with `--only`, the tables are printed and no page is
written.
"""

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import tomllib

import compare_boosting
import compare_features

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "speed.md"
WORK = str(Path(__file__).with_name("peers_work.py"))

TEXT = """# Speed

`make bench-peers` writes this page. A ratio is the median, over {rounds} rounds, of winback's time
by the other library's in the same round, with the least and the greatest: below 1 winback is
faster. Both get the same data, each run in a process of its own and in turn. Times are medians.

{tables}

Of {day}: {machine}, {versions}.
"""


class Row(NamedTuple):
    """What was done, and how long it took winback and, by name, a peer in each round."""

    what: str
    ours: list
    peer: str = ""
    theirs: list = []

    def cells(self):
        """The cells of its line."""
        if not self.theirs:
            return [self.what, shown(self.ours), "", ""]
        ratios = sorted(a / b for a, b in zip(self.ours, self.theirs, strict=True))
        ratio = f"**{statistics.median(ratios):.2g}** ({ratios[0]:.2g}-{ratios[-1]:.2g})"
        return [self.what, shown(self.ours), f"{self.peer} {shown(self.theirs)}", ratio]


def shown(seconds):
    """The median of some times, in the unit that suits it."""
    median = statistics.median(seconds)
    unit, size = next(
        ((unit, size) for unit, size in (("s", 1), ("ms", 1e-3)) if median >= size), ("µs", 1e-6)
    )
    return f"{median / size:.3g} {unit}"


def table(title, rows):
    """The rows as a table in Markdown."""
    lines = [[title, "winback", "peer", "ratio"], ["---", "---:", "---:", "---:"]]
    lines += [row.cells() for row in rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def trees(args):
    """Fits and predictions of the same rows with the same parameters."""
    rows = []
    for count in (1_000_000 // args.smaller, 200_000 // args.smaller):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            y, learners = learners_of(count, folder, ["winback", "LightGBM", "XGBoost"])
            for threads in (1, 2):
                rounds = [
                    compare_boosting.one_round(None, i, threads, learners, folder, y)
                    for i in range(args.rounds)
                ]
                rows += of_trees(rounds, count, threads)
    yield table("100 trees of 31 leaves, 30 columns", rows)


def program(name):
    """Build a bench and give the path of its program."""
    command = ["cargo", "bench", "--locked", "--workspace", "--features", "cli", "--bench", name]
    built = subprocess.run(
        [*command, "--no-run"], cwd=ROOT, check=True, stderr=subprocess.PIPE, text=True
    )
    return ROOT / built.stderr.rsplit("(", 1)[1].split(")", 1)[0]


def learners_of(rows, folder, names):
    """Write the data; give the outcomes to predict and the command of each learner."""
    asked = SimpleNamespace(
        program=program("boosting"),
        rows=rows,
        columns=30,
        runs=1,
        shap=0,
        shap_rows_lightgbm=0,
        hessboost=None,
        learners=",".join(names),
    )
    return compare_boosting.dump(asked, folder), compare_boosting.commands(asked, folder)


def of_trees(rounds, count, threads):
    """What some rounds of fits say."""
    on = f"{threads} thread{'s' * (threads > 1)}"
    for key, what in (("fit_seconds", "fit"), ("predict_seconds", "predict")):
        for peer in ("LightGBM", "XGBoost"):
            ours, theirs = ([r[name][key] for r in rounds] for name in ("winback", peer))
            yield Row(f"{what} {count:,} rows, {on}", ours, peer, theirs)
    if threads == 1:
        ours, theirs = (
            [r[name]["row_nanoseconds"] / 1e9 for r in rounds] for name in ("winback", "LightGBM")
        )
        yield Row(f"predict one row, {count:,} in training", ours, "LightGBM", theirs)


def explanations(args):
    """Contributions of every column, by the paths of the trees and against a background."""
    many, few = 200_000 // args.smaller, 10_000 // args.smaller
    found = {"many": [], "few": [], "peers": []}
    with tempfile.TemporaryDirectory() as name:
        y, learners = learners_of(many, Path(name), ["winback", "LightGBM"])
        own = [*learners["winback"], "--set", "num_leaves=15", "--shap"]
        commands = {
            "many": [*own, str(many), "--background", str(many)],
            "few": [*own, str(few)],
            "peers": [
                *[*learners["LightGBM"], "--leaves", "15"],
                *["--shap", str(few), "--woodelf", str(many)],
            ],
        }
        for _ in range(args.rounds):
            for who, command in commands.items():
                found[who].append(compare_boosting.measure(command, 2, Path(name), y))
    of = lambda who, key: [figures[key] for figures in found[who]]  # noqa: E731
    yield table(
        "TreeSHAP, 100 trees of 15 leaves, 30 columns, 2 threads",
        [
            Row(
                f"{many:,} rows against {many:,} rows",
                of("many", "interventional_seconds"),
                "woodelf",
                of("peers", "woodelf_interventional_seconds"),
            ),
            Row(
                f"{many:,} rows by the paths of the trees",
                of("many", "shap_seconds"),
                "woodelf",
                of("peers", "woodelf_seconds"),
            ),
            Row(
                f"{few:,} rows by the paths of the trees",
                of("few", "shap_seconds"),
                "LightGBM",
                of("peers", "shap_seconds"),
            ),
        ],
    )


def features(args):
    """The event log and its features, from rows in memory."""
    rows, tools = 5_000_000 // args.smaller, ["winback", "winback all", "DuckDB", "polars"]
    with compare_features.measuring(rows) as measured:
        compare_features.check_tools(measured, ["winback", "DuckDB", "polars"])
        found = [{tool: measured(tool)["seconds"] for tool in tools} for _ in range(args.rounds)]
    of = {tool: [seconds[tool] for seconds in found] for tool in tools}
    yield table(
        f"{rows:,} rows in memory, {rows // 10:,} customers, 2 threads",
        [
            Row("log and twelve features", of["winback"], "DuckDB", of["DuckDB"]),
            Row("log and twelve features", of["winback"], "polars", of["polars"]),
            Row("log and all features; twelve", of["winback all"], "DuckDB", of["DuckDB"]),
        ],
    )
    command = [program("event_log"), "--bench", "--rows", str(rows)]
    outs = [json.loads(subprocess.check_output(command)) for _ in range(args.rounds)]
    one, six = ([out[key] for out in outs] for key in ("all", "six_cutoffs"))
    yield table("On a built log", [Row("all features at six cutoffs; at one", six, "winback", one)])


def files(args):
    """A log from a file, beside the reader of polars alone."""
    rows, found = 5_000_000 // args.smaller, []
    with tempfile.TemporaryDirectory() as folder:
        work("write", folder, str(rows))
        for _ in range(args.rounds):
            found.append(
                {
                    (who, kind): work(f"read_{who}", f"{folder}/orders.{kind}")["seconds"]
                    for kind in ("csv", "parquet")
                    for who in ("winback", "polars")
                }
            )
    yield table(
        f"File of {rows:,} rows and three columns, 2 threads",
        [
            Row(
                f"log from {kind}; reading alone",
                [seconds["winback", kind] for seconds in found],
                "polars",
                [seconds["polars", kind] for seconds in found],
            )
            for kind in ("csv", "parquet")
        ],
    )


def churn(args):
    """Models of simulated customers with tickets: computing time, and the whole way from files."""
    customers, found = 300_000 // args.smaller, []
    with tempfile.TemporaryDirectory() as folder:
        work("simulate", folder, str(customers))
        for _ in range(min(args.rounds, 3)):
            found.append({who: work(who, folder) for who in ("logistic", "boosting", "by_hand")})
    of = lambda who, key: [figures[who][key] for figures in found]  # noqa: E731
    yield table(
        f"{customers:,} simulated customers with tickets, six cutoffs, computing time",
        [
            Row("fit, logistic", of("logistic", "fit")),
            Row(
                "fit, boosting; polars and LightGBM with early stopping, twelve features",
                of("boosting", "fit"),
                "by hand",
                of("by_hand", "fit"),
            ),
            Row("score with three reasons, boosting", of("boosting", "score")),
        ],
    )


PARTS = [trees, explanations, features, files, churn]


def work(*words):
    """What `peers_work.py` prints."""
    limits = {"RAYON_NUM_THREADS": "2", "POLARS_MAX_THREADS": "2", "OMP_NUM_THREADS": "2"}
    command = [sys.executable, WORK, *words]
    return json.loads(subprocess.check_output(command, env=os.environ | limits, text=True))


def main():
    """Run everything and write the page."""
    names = [part.__name__ for part in PARTS]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default=",".join(names), help=", ".join(names))
    parser.add_argument("--small", action="store_true")
    args = parser.parse_args()
    args.smaller = 100 if args.small else 1
    tables = []
    for part in PARTS:
        if part.__name__ in args.only.split(","):
            for found in part(args):
                tables.append(found)
                print(found, flush=True)
    if args.small or len(args.only.split(",")) < len(PARTS):
        return
    told = Path("/proc/cpuinfo").read_text().splitlines()
    cpu = next((line.split(":")[1].strip() for line in told if "model name" in line), "")
    libraries = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["peers"]
    text = TEXT.format(
        rounds=args.rounds,
        tables="\n\n".join(tables),
        day=datetime.date.today().isoformat(),
        machine=f"{os.cpu_count()} cores ({cpu}), Python {platform.python_version()}",
        versions=", ".join(f"{name} {importlib.metadata.version(name)}" for name in libraries),
    )
    PAGE.write_text(text)


if __name__ == "__main__":
    main()
