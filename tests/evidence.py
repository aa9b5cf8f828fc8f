"""Attacks the project by its own commands and writes what came of it to docs/evidence.md.

    PYTHONPATH=python python tests/evidence.py [--minutes M] [--every N] [--seeds N]

The page is what one run gave: cases of the fuzzer, failed and killed commands, and results compared
to the byte. It is not written by hand, and not at all where something was found.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "evidence.md"

TEXT = """# Evidence

What is promised is tried: by the tests that run with every change, and by attacks that go on for
longer. `make evidence` writes this page: what its last run tried and found. A run that finds
anything writes no page; the finding becomes a test, and a file of the corpus in `fuzz/`.

The run of {day} took {minutes} minutes on {machine}.

## Damaged files

`make fuzz MINUTES={fuzz_minutes:g} OPTIONS="--seed {seed}"`: files of every kind that winback reads
are damaged, with marks and checksums made right, and read; what could be read is used. No case may
panic, take more than two seconds, or take more memory than 20 times what it unpacks to and 200 MB.

| reader | cases | taken | kinds of refusals | longest, s | most memory, MB | findings |
|---|---|---|---|---|---|---|
{readers}

## Full disks and sudden ends

`make faults{every}`: each write, sync, rename, opened file, new folder and removal of a command
fails, or the process is killed there. The output must be the old file or the new one, a failure
must be told, and nothing be left behind.

| command | cases | of them killed | told as errors | faults |
|---|---|---|---|---|
{commands}

## The same result, whatever the way

`tests/comparisons.py --seeds {seeds}`: features, scores, candidates, cohorts and the model's own
file of simulated shops, each compared to the byte with that of one log on one thread.

| what differed | comparisons | differences |
|---|---|---|
{ways}

## Platforms

The workflows run the tests of Rust on {systems} and those of Python under {pythons}, and build
wheels on {wheels}. This run was on one machine.
"""


def run(*words: str | Path) -> None:
    print("$", *words, flush=True)
    done = subprocess.run([str(word) for word in words], cwd=ROOT, check=False)
    if done.returncode != 0:
        sys.exit(f"{words[0]} found something: the page stays as it was")


def table(rows: list[list[Any]]) -> str:
    """The rows of a table; of all together what was counted is added, of the rest the most told."""
    columns = list(zip(*rows, strict=True))[1:]
    together = [sum(cells) if isinstance(cells[0], int) else max(cells) for cells in columns]

    def shown(cell: str | int | float) -> str:
        return cell if isinstance(cell, str) else f"{cell:,}"

    lines = [map(shown, row) for row in [*rows, ["all", *together]]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def readers(report: dict[str, Any]) -> str:
    def figures(reader: dict[str, Any]) -> list[Any]:
        longest, memory = (
            round(reader["longest_seconds"], 2),
            round(reader["memory_bytes"] / 1e6, 1),
        )
        counts = [reader[key] for key in ("reader", "cases", "taken", "errors")]
        return [*counts, longest, memory, reader["findings"]]

    return table([figures(reader) for reader in report["readers"]])


def commands(report: dict[str, Any]) -> str:
    keys = ("cases", "kills", "failed", "faults")
    return table([[name, *(found[key] for key in keys)] for name, found in report.items()])


def ways(report: dict[str, Any]) -> str:
    return table([[way, *count.values()] for way, count in report.items()])


def platforms() -> dict[str, str]:
    """Where the workflows say that tests run, and for what wheels are built."""
    workflows = ROOT / ".github" / "workflows"
    ci, release = ((workflows / f"{name}.yml").read_text() for name in ("ci", "release"))
    systems, pythons = (re.search(rf"\b{key}: \[(.*)\]", ci) for key in ("os", "python"))
    assert systems and pythons
    wheels = re.findall(r"\{ os: ([\w.-]+), target: (\w+)(.*)\}", release)
    named = [f"{os} ({target}{', musl' * ('musl' in more)})" for os, target, more in wheels]
    return {
        "systems": systems[1],
        "pythons": pythons[1].replace('"', ""),
        "wheels": ", ".join(named),
    }


def machine() -> str:
    rust = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout
    return (
        f"{platform.system()} {platform.machine()} with {os.cpu_count()} cores, "
        f"Rust {rust.split()[1]} without optimisation, Python {platform.python_version()}"
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--minutes", type=float, default=30, help="of the fuzzer")
    arguments.add_argument("--seed", type=int, default=1, help="of the fuzzer")
    arguments.add_argument("--every", type=int, default=1, help="fail every N-th call only")
    arguments.add_argument("--seeds", type=int, default=10, help="shops to compare")
    given = arguments.parse_args()
    target = ROOT / "target" / "debug"
    program = target / "winback"
    start = datetime.datetime.now()
    with tempfile.TemporaryDirectory() as folder:
        fuzz, faults, compared = (Path(folder) / name for name in ("fuzz", "faults", "compared"))
        tests = ROOT / "tests"
        run(sys.executable, tests / "comparisons.py", program, "--seeds", str(given.seeds),
            "--report", compared)  # fmt: skip
        run(sys.executable, tests / "faults.py", program, "--every", str(given.every),
            "--report", faults)  # fmt: skip
        run(target / "fuzz", "--minutes", str(given.minutes), "--seed", str(given.seed),
            "--report", fuzz)  # fmt: skip
        reports = [json.loads(path.read_text()) for path in (fuzz, faults, compared)]
    took = (datetime.datetime.now() - start).total_seconds() / 60
    PAGE.write_text(
        TEXT.format(
            day=start.date(),
            minutes=round(took),
            machine=machine(),
            fuzz_minutes=given.minutes,
            seed=given.seed,
            readers=readers(reports[0]),
            every="" if given.every == 1 else f' OPTIONS="--every {given.every}"',
            commands=commands(reports[1]["commands"]),
            seeds=given.seeds,
            ways=ways(reports[2]),
            **platforms(),
        )
    )
    print(f"wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
