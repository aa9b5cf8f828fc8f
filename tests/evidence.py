"""Attacks the project by its own commands and writes what came of it to docs/evidence.md.

    PYTHONPATH=python python tests/evidence.py [--only ATTACK ...] [--minutes M] [--seed N] ...

Each attack leaves a report in target/evidence, and the page is made of all that are there: attacks
can be run one after the other, and the fuzzer for another seed each time, whose cases add up. The
page is not written by hand, and not at all where something was found.
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
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "evidence.md"
REPORTS = ROOT / "target" / "evidence"
ATTACKS = ["comparisons", "faults", "fuzz", "mutants", "wheel", "sdist"]

TEXT = """# Evidence

What is promised is tried: by the tests that run with every change, and by attacks that go on for
longer. `make evidence` writes this page: what its last runs tried and found. A run that finds
anything writes no page; the finding becomes a test, and a file of the corpus in `fuzz/`.

The runs of {days} took {minutes} minutes in all, on {machine}.

## Damaged files

`make fuzz`, for {fuzz_minutes} minutes in all with the seeds {seeds}: files of every kind that
winback reads are damaged, with marks and checksums made right, and read; what could be read is
used. No case may panic, take more than two seconds, or take more memory than 20 times what it
unpacks to and 200 MB.

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

`tests/comparisons.py --seeds {shops}`: features, scores, candidates, cohorts and the model's own
file of simulated shops, each compared to the byte with that of one log on one thread.

| what differed | comparisons | differences |
|---|---|---|
{ways}

{code}{wheel}{sdist}## Platforms

The workflows run the tests of Rust on {systems} and those of Python under {pythons}, and build
wheels on {wheels}. These runs were on one machine.
"""

CODE = """## Faults in the code itself

`make mutants`: tests are worth what they see. In the code of cutoffs, of what was visible at them,
of purchases, labels and features there are {places:,} small changes to be made: another operator,
1 for 0, a function that always gives the same. Some (seed {seed}) are made, one at a time, and the
{tests} fast tests of Rust run; at least 95 % must be seen. {equivalent} others change nothing, each
for the reason in `tests/equivalent_mutants.json`.

| code | changed | seen |
|---|---|---|
{rooms}
{survivors}
"""

WHEEL = """## The same wheel

`.ci/same_wheel` builds the wheel of a commit twice, each time from nothing. Both were the
same {bytes:,} bytes, with the SHA-256 `{sha256}`.

"""

SDIST = """## Without a network

`.ci/offline_sdist` installs the source distribution where there is no network
({{doc}}`how <howto/offline>`), with {crates} crates that were fetched before. A model was
trained there and candidates listed.

"""


def run(name: str, *words: str | Path) -> None:
    """Runs an attack and keeps its report with the day and the time it took."""
    path = REPORTS / f"{name}.json"
    path.unlink(missing_ok=True)
    print("$", *words, flush=True)
    start = time.monotonic()
    written = [str(word) for word in (*words, "--report", path)]
    if subprocess.run(written, cwd=ROOT, check=False).returncode != 0:
        path.unlink(missing_ok=True)
        sys.exit(f"{words[0]} found something: the page stays as it was")
    kept = {
        "day": str(datetime.date.today()),
        "minutes": (time.monotonic() - start) / 60,
        "report": json.loads(path.read_text()),
    }
    path.write_text(json.dumps(kept, indent=2) + "\n")


def table(rows: list[list[Any]]) -> str:
    """The rows of a table; of all together what was counted is added, of the rest the most told."""
    columns = list(zip(*rows, strict=True))[1:]
    together = [sum(cells) if isinstance(cells[0], int) else max(cells) for cells in columns]

    def shown(cell: str | int | float) -> str:
        return cell if isinstance(cell, str) else f"{cell:,}"

    lines = [map(shown, row) for row in [*rows, ["all", *together]]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def readers(reports: list[dict[str, Any]]) -> str:
    """Of the fuzzer; cases of several runs add up."""
    together: dict[str, dict[str, Any]] = {}
    for reader in (reader for report in reports for reader in report["readers"]):
        sums = together.setdefault(reader["reader"], dict.fromkeys(reader, 0))
        for key in ("cases", "taken", "findings"):
            sums[key] += reader[key]
        for key in ("errors", "longest_seconds", "memory_bytes"):
            sums[key] = max(sums[key], reader[key])

    def figures(name: str, reader: dict[str, Any]) -> list[Any]:
        longest, memory = reader["longest_seconds"], reader["memory_bytes"] / 1e6
        counts = [reader[key] for key in ("cases", "taken", "errors")]
        return [name, *counts, round(longest, 2), round(memory, 1), reader["findings"]]

    return table([figures(name, reader) for name, reader in together.items()])


def commands(report: dict[str, Any]) -> str:
    keys = ("cases", "kills", "failed", "faults")
    return table([[name, *(found[key] for key in keys)] for name, found in report.items()])


def ways(report: dict[str, Any]) -> str:
    return table([[way, *count.values()] for way, count in report.items()])


def is_seen(change: dict[str, Any]) -> bool:
    return change["fate"] in ("caught", "no end")


def rooms(drawn: list[dict[str, Any]]) -> str:
    """Changes by the room of the code that they are in."""

    def room(change: dict[str, Any]) -> str:
        return f"`{Path(change['file']).with_suffix('').parts[1]}`"

    names = sorted({room(change) for change in drawn})
    of_room = [[change for change in drawn if room(change) == name] for name in names]
    pairs = zip(names, of_room, strict=True)
    return table([[name, len(own), sum(map(is_seen, own))] for name, own in pairs])


def survivors(drawn: list[dict[str, Any]]) -> str:
    """The changes that no test sees."""
    lines = [
        "- `{file}`, `{function}`: `{after}` for `{before}`".format(**change)
        for change in drawn
        if not is_seen(change)
    ]
    return "\n".join(["", "Not seen:", "", *lines, ""]) if lines else ""


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


def attacks(given: argparse.Namespace) -> dict[str, Callable[[], None]]:
    tests, target = ROOT / "tests", ROOT / "target" / "debug"
    python, program = Path(sys.executable), target / "winback"
    apart = ROOT / ".venv" / "mutants" / "bin" / "python"
    seeds, every = ("--seeds", str(given.seeds)), ("--every", str(given.every))
    fuzz = (target / "fuzz", "--minutes", str(given.minutes), "--seed", str(given.seed))
    return {
        "comparisons": lambda: run(
            "comparisons", python, tests / "comparisons.py", program, *seeds
        ),
        "faults": lambda: run("faults", python, tests / "faults.py", program, *every),
        "fuzz": lambda: run(f"fuzz-{given.seed}", *fuzz),
        "mutants": lambda: run("mutants", apart, tests / "mutants.py"),
        "wheel": lambda: run("wheel", ROOT / ".ci" / "same_wheel"),
        "sdist": lambda: run("sdist", ROOT / ".ci" / "offline_sdist"),
    }


def of_code(report: dict[str, Any]) -> str:
    drawn = report["drawn"]
    return CODE.format(**report | {"rooms": rooms(drawn), "survivors": survivors(drawn)})


def page() -> str | None:
    """The page of the reports that are there; none without those of the first three attacks."""
    kept = {path.stem: json.loads(path.read_text()) for path in sorted(REPORTS.glob("*.json"))}
    fuzzed = {int(name[5:]): one for name, one in kept.items() if name.startswith("fuzz-")}
    missing = [name for name in ATTACKS if name not in kept and not (name == "fuzz" and fuzzed)]
    if missing:
        print(f"there is no report of {', '.join(missing)}")
    if set(missing) & {"comparisons", "faults", "fuzz"}:
        return None
    report = {name: one["report"] for name, one in kept.items()}
    every = report["faults"]["every"]
    return TEXT.format(
        days=" and ".join(sorted({one["day"] for one in kept.values()})),
        minutes=round(sum(one["minutes"] for one in kept.values())),
        machine=machine(),
        fuzz_minutes=round(sum(one["minutes"] for one in fuzzed.values())),
        seeds=", ".join(map(str, sorted(fuzzed))),
        readers=readers([one["report"] for one in fuzzed.values()]),
        every="" if every == 1 else f' OPTIONS="--every {every}"',
        commands=commands(report["faults"]["commands"]),
        shops=report["comparisons"]["seeds"],
        ways=ways(report["comparisons"]["ways"]),
        code=of_code(report["mutants"]) if "mutants" in report else "",
        wheel=WHEEL.format(**report["wheel"]) if "wheel" in report else "",
        sdist=SDIST.format(**report["sdist"]) if "sdist" in report else "",
        **platforms(),
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument(
        "--only", nargs="*", choices=ATTACKS, default=ATTACKS, help="run these attacks, or none"
    )
    arguments.add_argument("--minutes", type=float, default=30, help="of the fuzzer")
    arguments.add_argument("--seed", type=int, default=1, help="of the fuzzer")
    arguments.add_argument("--every", type=int, default=1, help="fail every N-th call only")
    arguments.add_argument("--seeds", type=int, default=10, help="shops to compare")
    given = arguments.parse_args()
    REPORTS.mkdir(parents=True, exist_ok=True)
    for name, attack in attacks(given).items():
        if name in given.only:
            attack()
    if text := page():
        PAGE.write_text(text, encoding="utf-8")
        print(f"wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
