"""Compares results to the byte over ways that must not matter.

    PYTHONPATH=python python tests/comparisons.py PROGRAM [--seeds N] [--report FILE]

For every simulated shop the features, scores, candidates and cohorts are computed from one log on
one thread, and written. Then the rows are shuffled, the threads are others, the log is appended to,
read from CSV and Parquet, cut into parts, and asked by the command line: each result must be the
same file.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl

import winback as wb

UNTIL, AT = "2024-10-01", "2025-01-01"
TABLES = ("transactions", "tickets", "surveys", "customers")


class Shop:
    """A simulated shop as files, its model, and what one log on one thread gives."""

    def __init__(self, seed: int, folder: Path, program: Path) -> None:
        self.folder, self.program = folder, program
        shop = wb.simulate(customers=300 + 50 * seed, seed=seed)
        self.frames = {name: getattr(shop, name).to_polars() for name in TABLES}
        for name, frame in self.frames.items():
            frame.write_parquet(folder / f"{name}.parquet")
            frame.write_csv(folder / f"{name}.csv")
        wb.set_threads(1)
        log = self.log(self.frames)
        self.model = wb.ChurnModel("boosting").fit(log, until=UNTIL)
        self.model.save(folder / "model")
        self.expected = self.results(log, "expected")
        self.model_bytes = (folder / "model").read_bytes()

    def log(self, tables: dict[str, pl.DataFrame]) -> wb.EventLog:
        return wb.EventLog(**tables, observed_until=AT)

    def path(self, way: str, name: str) -> Path:
        return self.folder / f"{way.replace(' ', '-')}-{name}.csv"

    def results(self, log: wb.EventLog, way: str) -> dict[str, bytes]:
        now = log.at(AT)
        tables = {
            "features": now.features(),
            "scores": self.model.score(now),
            "candidates": self.model.candidates(now, top=50, control_share=0.1),
            "cohorts": wb.retention.cohorts(log, every="1q"),
        }
        for name, table in tables.items():
            table.write(self.path(way, name))
        return {name: self.path(way, name).read_bytes() for name in tables}

    def model_again(self, log: wb.EventLog, way: str) -> dict[str, bytes]:
        again = self.folder / f"{way.replace(' ', '-')}-model"
        wb.ChurnModel("boosting").fit(log, until=UNTIL).save(again)
        return {"model": again.read_bytes()}

    def appended(self) -> wb.EventLog:
        rows = self.frames["transactions"].sort("time")
        first = {**self.frames, "transactions": rows[: len(rows) // 2]}
        log = wb.EventLog(**first, observed_until=rows["time"][len(rows) // 2])
        return log.append(rows[len(rows) // 2 :], observed_until=AT)

    def in_parts(self, parts: int, way: str) -> dict[str, bytes]:
        paths = {name: self.folder / f"{name}.parquet" for name in TABLES}
        log = wb.PartitionedLog(**paths, observed_until=AT, memory="1GB", least_parts=parts)
        now = log.at(AT)
        now.write_features(self.path(way, "features"))
        self.model.write_scores(now, self.path(way, "scores"))
        options = {"top": 50, "control_share": 0.1}
        self.model.write_candidates(now, self.path(way, "candidates"), **options)
        wb.retention.cohorts(log, every="1q").write(self.path(way, "cohorts"))
        names = ("features", "scores", "candidates", "cohorts")
        return {name: self.path(way, name).read_bytes() for name in names}

    def by_program(self, ending: str, way: str) -> dict[str, bytes]:
        tables = [word for name in TABLES for word in (f"--{name}", f"{name}.{ending}")]
        common = [*tables, "--observed-until", AT]
        commands = {
            "features": ["features", *common, "--at", AT],
            "scores": ["score", *common, "--model", "model", "--at", AT],
            "candidates": ["candidates", *common, "--model", "model", "--at", AT, "--top", "50"]
            + ["--control-share", "0.1"],
            "cohorts": ["cohorts", *common, "--every", "1q"],
        }
        for name, words in commands.items():
            words = [str(self.program), *words, "-o", str(self.path(way, name))]
            subprocess.run(words, cwd=self.folder, check=True, capture_output=True)
        return {name: self.path(way, name).read_bytes() for name in commands}

    def ways(self, seed: int) -> Iterator[tuple[str, dict[str, bytes]]]:
        """What must be the same, way by way."""
        for threads in (1, 2, 3, 8):
            wb.set_threads(threads)
            way = "number of threads"
            yield way, self.results(self.log(self.frames), way)
            yield way, self.model_again(self.log(self.frames), way)
        for round_ in range(4):
            way = "order of rows"
            shuffled = {
                name: frame.sample(fraction=1, shuffle=True, seed=100 * seed + round_)
                for name, frame in self.frames.items()
            }
            yield way, self.results(self.log(shuffled), way)
            yield way, self.model_again(self.log(shuffled), way)
        yield "appended or built anew", self.results(self.appended(), "appended")
        for ending in ("csv", "parquet"):
            paths = {name: self.folder / f"{name}.{ending}" for name in TABLES}
            log = wb.EventLog(**paths, observed_until=AT)
            yield "frames, CSV or Parquet", self.results(log, ending)
            yield "Python or command line", self.by_program(ending, f"program {ending}")
        for parts in (1, 3, 17):
            yield "number of parts", self.in_parts(parts, f"{parts} parts")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("program", type=Path, help="the built command line")
    arguments.add_argument("--seeds", type=int, default=3, help="how many shops")
    arguments.add_argument("--report", type=Path, help="what was compared, as JSON")
    given = arguments.parse_args()
    counts: dict[str, dict[str, int]] = {}
    for seed in range(given.seeds):
        with tempfile.TemporaryDirectory() as folder:
            shop = Shop(seed, Path(folder), given.program.resolve())
            expected = shop.expected | {"model": shop.model_bytes}
            for way, found in shop.ways(seed):
                count = counts.setdefault(way, {"comparisons": 0, "differences": 0})
                for name, content in found.items():
                    count["comparisons"] += 1
                    if content != expected[name]:
                        count["differences"] += 1
                        print(f"shop {seed}: {name} differs by the {way}", file=sys.stderr)
    wb.set_threads(None)
    for way, count in counts.items():
        print(f"{way:24}{count['comparisons']:6} compared{count['differences']:6} differ")
    if given.report:
        report = {"seeds": given.seeds, "ways": counts}
        given.report.write_text(json.dumps(report, indent=2) + "\n")
    return int(any(count["differences"] for count in counts.values()))


if __name__ == "__main__":
    sys.exit(main())
