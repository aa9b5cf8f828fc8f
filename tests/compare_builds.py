"""Runs two builds of the command line over the same logs and compares every figure.

    python3 tests/compare_builds.py BASE            # a commit, or the path of a built program

BASE is built in a worktree of its own below target/compare. Every command runs in both builds;
tables are compared cell by cell (numbers are written so that they read back to the same bits),
texts by the numbers in them. Of two simulated logs one has whole amounts: what only rounds
otherwise differs in the other one alone. It ends with 1 when a figure differs or a command works in
one build only; a change of wording alone is told, and is no failure. The logs are simulated ones
and, where WINBACK_DATA names the folder of real data, real ones. Results stay in target/compare.
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "target" / "compare"
NUMBER = re.compile(r"-?\d+(?:[.,]\d+)*(?:e-?\d+)?")


class Log:
    """A log and the instants at which it is looked at."""

    def __init__(self, name: str, tables: list[str], until: str, at: str, *, fit: str = "") -> None:
        self.name, self.tables, self.until, self.at = name, tables, until, at
        self.fit = fit.split()


def real_logs(data: Path) -> list[Log]:
    saas = data / "ravenstack_saas_synthetic"
    return [
        Log(
            "cdnow",
            f"--transactions {data}/cdnow/cdnow_master.parquet --column transactions.time=date "
            "--column transactions.amount=dollar_value --purchase-by day "
            "--observed-until 1998-07-01".split(),
            "1998-04-01",
            "1998-07-01",
        ),
        Log(
            "online_retail",
            f"--transactions {data}/online_retail/year_2010_2011.parquet "
            "--column transactions.time=invoice_date --column transactions.order_id=invoice "
            "--column transactions.amount=price --column transactions.category=country "
            "--missing-ids drop --observed-until 2011-12-09".split(),
            "2011-09-01",
            "2011-12-09",
        ),
        Log(
            "donations_2005_2015",
            f"--transactions {data}/donations_2005_2015/purchases.parquet "
            "--column transactions.time=date_of_purchase "
            "--column transactions.amount=purchase_amount --observed-until 2016-01-01".split(),
            "2014-12-31",
            "2015-12-31",
            fit="--horizon 1y --lapsed-after 1y --lost-after 2y --stride 90d",
        ),
        Log(
            "ravenstack_saas_synthetic",
            f"--transactions {saas}/subscriptions.parquet "
            "--column transactions.customer_id=account_id --column transactions.time=start_date "
            "--column transactions.amount=mrr_amount --column transactions.category=plan_tier "
            f"--tickets {saas}/support_tickets.parquet --column tickets.customer_id=account_id "
            "--column tickets.opened_at=submitted_at --column tickets.resolved_at=closed_at "
            "--column tickets.satisfaction=satisfaction_score "
            f"--customers {saas}/accounts.parquet --column customers.customer_id=account_id "
            "--observed-until 2025-01-01".split(),
            "2024-10-01",
            "2024-12-31",
        ),
    ]


def with_whole_amounts(folder: Path, whole: Path) -> None:
    """The same log with amounts of whole numbers, whose sums no order can change."""
    shutil.copytree(folder, whole)
    with (folder / "transactions.csv").open(newline="") as read:
        rows = list(csv.DictReader(read))
    with (whole / "transactions.csv").open("w", newline="") as out:
        written = csv.DictWriter(out, list(rows[0]))
        written.writeheader()
        for row in rows:
            for name in ("amount", "discount"):
                row[name] = str(round(float(row[name]))) if row[name] else ""
            written.writerow(row)


def simulated_log(folder: Path) -> Log:
    tables = [
        part
        for table in ["transactions", "tickets", "surveys", "customers"]
        for part in (f"--{table}", str(folder / f"{table}.csv"))
    ]
    return Log(folder.name, [*tables, "--observed-until", "2025-01-01"], "2024-10-01", "2025-01-01")


# The name of a step, the command and its own options: {at}, {until}, {model} as of the log. Of
# several texts the first that a build takes is run: options that were renamed.
STEPS: list[tuple[str, list[str]]] = [
    ("features", ["features --at {at} --at {until} -o features.csv"]),
    ("score", ["score --model {model} --at {at} --reasons 3 --drift -o score.csv"]),
    ("candidates", ["candidates --model {model} --at {at} --control-share 0.2 -o candidates.csv"]),
    ("candidates_ru", ["candidates --model {model} --at {at} --language ru -o candidates_ru.csv"]),
    (
        "explain",
        [
            "explain --model {model} --at {at} -o reasons.csv --contributions contributions.csv "
            "--groups groups.csv --importance importance.csv --main-reasons main.csv",
            "explain --model {model} --at {at} -o reasons.csv "
            "--table contributions=contributions.csv --table groups=groups.csv "
            "--table importance=importance.csv --table main_reasons=main.csv",
        ],
    ),
    ("evaluate", ["evaluate --model {model} --at {until} -o evaluate.json"]),
    ("drift", ["drift --model {model} --at {at} -o drift.csv"]),
    ("card", ["card --model {model} --tests 2 --draws 50 -o card.json"]),
    (
        "profit",
        [
            "profit --model {model} --at {until} --clv 200 --incentive-cost 10 --contact-cost 1 "
            "--accept-rate 0.3 -o profit.csv"
        ],
    ),
    (
        "report",
        ["report --model {model} --at {at} --tests 1 --draws 50 -o report.html"],
    ),
    (
        "report_ru",
        ["report --model {model} --at {at} --tests 0 --language ru -o report_ru.html"],
    ),
    ("retention", ["retention --every 1q -o retention.csv"]),
    ("retention_curve", ["retention-curve --silent-for 90d -o curve.csv"]),
    ("cohorts", ["cohorts --every 1q -o cohorts.csv"]),
    ("flow", ["flow --every 1q -o flow.csv"]),
    ("migration", ["migration --start {until} --end {at} -o migration.csv"]),
    (
        "migration_segments",
        ["migration --start {until} --end {at} --of segments --vulnerable lost -o segments.csv"],
    ),
    ("segments", ["segments --at {at} -o segments.csv"]),
    ("loyalty", ["loyalty --at {at} --profile vulnerable -o loyalty.csv"]),
    ("concentration", ["concentration --at {at} -o vip.csv"]),
    (
        "inactivity",
        ["inactivity --until {at} -o inactivity.csv", "inactivity --at {at} -o inactivity.csv"],
    ),
    ("nps", ["nps --until {at} -o nps.csv", "nps --at {at} -o nps.csv"]),
    (
        "survey_plan",
        [
            "survey-plan --day {at} --share 0.1 -o ask.csv",
            "survey-plan --at {at} --share 0.1 -o ask.csv",
        ],
    ),
    ("service", ["service --until {at} -o service.csv", "service --at {at} -o service.csv"]),
]


def run(program: Path, folder: Path, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(program), *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def run_log(program: Path, log: Log, folder: Path) -> None:
    """Runs all commands on a log; what each printed stands beside the files that it wrote."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    models = [
        ("logistic", "logistic", STEPS),
        ("average", "average", STEPS[1:7]),
        ("boosting", "boosting", STEPS[1:7]),
        ("tree", "tree", STEPS[1:3]),
    ]
    for model, estimator, steps in models:
        fit = ["fit", *log.tables, "--until", log.until, "--estimator", estimator, *log.fit]
        fitted = run(program, folder, [*fit, "-o", f"{model}.winback"])
        (folder / f"fit_{model}.txt").write_text(fitted.stdout)
        for name, texts in steps:
            inside = folder / model / name
            inside.mkdir(parents=True)
            for text in texts:
                values = {"at": log.at, "until": log.until, "model": f"../../{model}.winback"}
                words = text.format(**values).split()
                done = run(program, inside, [words[0], *log.tables, *words[1:]])
                if done.returncode != 2:
                    break
            (inside / "exit.txt").write_text(f"{done.returncode}\n")
            (inside / "stdout.txt").write_text(done.stdout)
            (inside / "stderr.txt").write_text(done.stderr)
    backtest = ["backtest", *log.tables, *log.fit, "--tests", "2", "--draws", "50"]
    for estimator in ["average", "logistic", "boosting"]:
        table = f"backtest_{estimator}.csv"
        done = run(program, folder, [*backtest, "--estimator", estimator, "-o", table])
        (folder / f"backtest_{estimator}.txt").write_text(done.stdout)


def table_difference(one: Path, other: Path) -> str:
    """What differs between two CSV files, by column; empty where nothing does."""
    with one.open(newline="") as a, other.open(newline="") as b:
        left, right = list(csv.reader(a)), list(csv.reader(b))
    if not left or not right or len(left) != len(right):
        return f"{len(left)} and {len(right)} rows"
    found = []
    if left[0] != right[0]:
        only = [sorted(set(left[0]) - set(right[0])), sorted(set(right[0]) - set(left[0]))]
        found.append(f"columns: only before {only[0]}, only now {only[1]}")
    for name in left[0]:
        if name not in right[0]:
            continue
        a, b = left[0].index(name), right[0].index(name)
        pairs = [(x[a], y[b]) for x, y in zip(left[1:], right[1:], strict=True)]
        differing = [pair for pair in pairs if pair[0] != pair[1]]
        if differing:
            found.append(f"{name}: {len(differing)} of {len(pairs)} cells{largest(differing)}")
    return "; ".join(found)


def largest(pairs: list[tuple[str, str]]) -> str:
    """The largest relative difference of pairs of numbers."""
    try:
        numbers = [(float(a), float(b)) for a, b in pairs]
    except ValueError:
        return f", as {pairs[0][0]!r} and {pairs[0][1]!r}"
    most = max(abs(a - b) / max(abs(a), abs(b), 1e-300) for a, b in numbers)
    return f", by {most:.1e} at most"


def compare(one: Path, other: Path) -> tuple[list[str], list[str]]:
    """Figures that differ, and texts of which only the wording does."""
    figures, wording = [], []
    names = {
        path.relative_to(folder)
        for folder in (one, other)
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".winback" and path.name != "stderr.txt"
    }
    for name in sorted(names):
        a, b = one / name, other / name
        if not a.exists() or not b.exists():
            figures.append(f"{name}: only {'now' if b.exists() else 'before'}")
        elif a.read_bytes() != b.read_bytes():
            if a.suffix == ".csv":
                if difference := table_difference(a, b):
                    figures.append(f"{name}: {difference}")
            elif NUMBER.findall(a.read_text()) == NUMBER.findall(b.read_text()):
                wording.append(str(name))
            else:
                figures.append(f"{name}: other numbers in the text")
    return figures, wording


def built(base: str) -> Path:
    """The program of a commit, built in a worktree below target/compare."""
    if Path(base).is_file():
        return Path(base).resolve()
    tree = WORK / "base"
    if tree.exists():
        subprocess.run(["git", "checkout", "-q", "--detach", base], cwd=tree, check=True)
    else:
        subprocess.run(["git", "worktree", "prune"], cwd=ROOT, check=True)
        add = ["git", "worktree", "add", "-q", "--detach", "--force", str(tree), base]
        subprocess.run(add, cwd=ROOT, check=True)
    return cargo_build(tree, WORK / "base-target")


def cargo_build(tree: Path, target: Path) -> Path:
    command = ["cargo", "build", "--locked", "--features", "cli", "--target-dir", str(target)]
    subprocess.run(command, cwd=tree, check=True)
    return target / "debug" / "winback"


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("base", help="a commit, or the path of a built program")
    arguments.add_argument("--program", type=Path, help="the program to compare [default: built]")
    arguments.add_argument("--log", action="append", help="only this log; may be repeated")
    arguments.add_argument("--keep-base", action="store_true", help="take its earlier results")
    options = arguments.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    programs = {"before": built(options.base)}
    programs["now"] = (options.program or cargo_build(ROOT, ROOT / "target")).resolve()

    shop, whole = WORK / "simulated", WORK / "simulated_whole"
    for folder in (shop, whole):
        shutil.rmtree(folder, ignore_errors=True)
    simulate = ["simulate", "--customers-count", "3000", "-o", str(shop)]
    subprocess.run([str(programs["before"]), *simulate], check=True, capture_output=True)
    with_whole_amounts(shop, whole)
    logs = [simulated_log(shop), simulated_log(whole)]
    if data := os.environ.get("WINBACK_DATA"):
        logs += real_logs(Path(data))
    logs = [log for log in logs if not options.log or log.name in options.log]

    jobs = [
        (programs[side], log, WORK / side / log.name)
        for log in logs
        for side in ("before", "now")
        if not (side == "before" and options.keep_base and (WORK / side / log.name).exists())
    ]
    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(lambda job: run_log(*job), jobs))
    failed = False
    for log in logs:
        figures, wording = compare(WORK / "before" / log.name, WORK / "now" / log.name)
        failed |= bool(figures)
        print(f"{log.name}: {len(figures)} with other figures, {len(wording)} with other words")
        for line in figures:
            print(f"  {line}")
        for line in wording:
            print(f"  {line}: wording only")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
