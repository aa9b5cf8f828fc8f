"""Puts faults into the code, one at a time, and looks whether the fast tests of Rust see them.

    .venv/mutants/bin/python tests/mutants.py [--count N] [--seed N] [--report FILE]

A seeded sample of small changes (`<` for `<=`, `-` for `+`, a function that always gives None) is
written into a copy of the code, each behind a switch, so that all are compiled once. Each test is
run once to see which changes it comes by; then each change is switched on and those tests run, the
quickest first, until one fails. A change that all tests pass has survived: it is a gap in the
tests, or it changes nothing and is named with the reason in equivalent_mutants.json.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import mutations
from mutations import Change

ROOT = Path(__file__).parents[1]
EQUIVALENT = ROOT / "tests" / "equivalent_mutants.json"

# Cutoffs, what was visible at them, purchases, labels and features.
FILES = [
    "src/features/*.rs",
    "src/labels.rs",
    "src/log/activity.rs",
    "src/log/customer_history/*.rs",
    "src/log/store/contract_ends.rs",
    "src/log/store/event_columns.rs",
    "src/log/store/event_roles.rs",
    "src/log/store/events.rs",
    "src/log/store/group.rs",
    "src/log/store/history.rs",
    "src/log/store/placed.rs",
    "src/log/store/purchases.rs",
    "src/log/store/shard.rs",
    "src/log/store/surveys.rs",
    "src/log/store/tickets.rs",
    "src/log/store/transactions.rs",
    "src/panel/*.rs",
    "src/periods.rs",
    "src/snapshot.rs",
    "src/time.rs",
    "src/time/calendar.rs",
]
CARGO = ["--locked", "--workspace", "--features", "cli", "--lib"]
# The tests from outside that concern these rooms.
OUTSIDE = ["activity", "append", "customer_bytes", "customer_history", "events", "feature_values"]
OUTSIDE += ["exact_counts", "exact_cutoffs", "exact_edges", "exact_features", "exact_histories"]
OUTSIDE += ["exact_tables", "leakage", "orders", "panel", "renewals", "retention", "service"]
OUTSIDE += ["snapshot", "surveys", "times_and_numbers"]
# Seconds after which a test is not a fast one.
FAST = 10
# Tests that run in one go: as many as take about so many seconds.
TOGETHER = 2
AT_ONCE = 2
# Kilobytes of a test; a change that lets it take more is caught.
MEMORY = 4_000_000
# Random tests draw the same cases every time, and do not look for smaller ones.
SAME_CASES = {
    "PROPTEST_RNG_SEED": "1",
    "PROPTEST_MAX_SHRINK_ITERS": "0",
    "PROPTEST_DISABLE_FAILURE_PERSISTENCE": "1",
}


@dataclass
class Test:
    program: Path
    name: str
    seconds: float = 0.0
    seen: set[int] = field(default_factory=set)


def all_changes() -> list[Change]:
    """All changes of the files, by file and place."""
    files = sorted({path for pattern in FILES for path in ROOT.glob(pattern)})
    names = [str(path.relative_to(ROOT)) for path in files if path.name != "tests.rs"]
    return [change for name in names for change in mutations.changes(ROOT, name)]


def shuffled(found: list[Change], seed: int) -> list[Change]:
    """In an order that code which is edited leaves as it is elsewhere."""
    before: Counter[tuple[str, ...]] = Counter()
    keyed = []
    for change in found:
        words = repr((seed, change.key, before[change.key]))
        before[change.key] += 1
        keyed.append((hashlib.md5(words.encode()).hexdigest(), change))
    return [change for _, change in sorted(keyed, key=lambda pair: pair[0])]


def equivalent(found: list[Change]) -> dict[tuple[str, ...], str]:
    """The reasons of changes that change nothing; all of them can be made."""
    listed = json.loads(EQUIVALENT.read_text(encoding="utf-8"))
    names = ("file", "function", "before", "after")
    reasons = {tuple(entry[name] for name in names): entry["reason"] for entry in listed}
    unknown = set(reasons) - {change.key for change in found}
    if unknown:
        sys.exit(f"{EQUIVALENT.name} names what is not in the code: {sorted(unknown)}")
    return reasons


def only_these(code: dict[str, bytes], modules: list[str]) -> bytes:
    """The program of tests from outside with these modules and those that they use."""
    wanted, left = set(), list(modules)
    while left:
        name = left.pop()
        if name not in wanted and f"tests/it/{name}.rs" in code:
            wanted.add(name)
            used = re.findall(rb"\b(?:crate|super)::(\w+)", code[f"tests/it/{name}.rs"])
            left += [word.decode() for word in used]
    lines = ["#![allow(dead_code)]", *(f"mod {name};" for name in sorted(wanted))]
    return "\n".join(lines).encode() + b"\n"


class Copy:
    """A copy of the project with changes in its code."""

    def __init__(self, folder: Path) -> None:
        self.tree = folder / "tree"
        self.target = folder / "target"

    def lay(self, drawn: list[Change]) -> dict[str, bytes]:
        """The project with changes, each with its place in the list as its number.

        Gives the files that have some, as they are then. Those that stay as they were keep their
        times.
        """
        listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True).stdout
        names = [name for name in listed.decode().split("\0") if (ROOT / name).is_file()]
        code = {name: (ROOT / name).read_bytes() for name in names}
        code["src/lib.rs"] += b"\nmod mutants;\n"
        code["src/mutants.rs"] = mutations.SWITCH.replace("{count}", str(len(drawn))).encode()
        # What is not asked is not compiled: the bindings, and other tests from outside.
        code["python/src/lib.rs"] = b""
        code["tests/it/main.rs"] = only_these(code, OUTSIDE)
        by_file: dict[str, list[tuple[int, Change]]] = {}
        for number, change in enumerate(drawn):
            by_file.setdefault(change.file, []).append((number, change))
        for name, inside in by_file.items():
            code[name] = mutations.written(code[name], inside)
        for path in self.tree.rglob("*"):
            if path.is_file() and str(path.relative_to(self.tree)) not in code:
                path.unlink()
        for name, content in code.items():
            path = self.tree / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists() or path.read_bytes() != content:
                path.write_bytes(content)
                if (ROOT / name).exists():
                    shutil.copymode(ROOT / name, path)
        return {name: code[name] for name in by_file}

    def cargo(self, *words: str) -> list[dict[str, Any]]:
        """What cargo and the compiler say."""
        done = subprocess.run(
            ["cargo", *words, *CARGO, "--message-format=json"],
            cwd=self.tree,
            env=os.environ
            | {"CARGO_TARGET_DIR": str(self.target), "CARGO_PROFILE_DEV_DEBUG": "false"},
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    def refused(self, code: dict[str, bytes]) -> set[int]:
        """The numbers of changes that the compiler does not take."""
        numbers: set[int] = set()
        for said in self.cargo("check"):
            message = said.get("message", {})
            if said["reason"] != "compiler-message" or message["level"] != "error":
                continue
            spans = sorted(message["spans"], key=lambda span: not span["is_primary"])
            inside = [span for span in spans if span["file_name"] in code]
            if spans and not inside:
                sys.exit(message["rendered"])
            for span in inside[:1]:
                number = mutations.at_byte(code[span["file_name"]], span["byte_start"])
                if number is not None:
                    numbers.add(number)
        return numbers

    def programs(self) -> list[Path]:
        """The built programs of tests: those of the library, then those from outside."""
        said = self.cargo("test", "--test", "it", "--no-run")
        made = [one for one in said if one["reason"] == "compiler-artifact" and one["executable"]]
        tests = [one for one in made if one["profile"]["test"]]
        inside = [one for one in tests if one["target"]["name"] == "winback"]
        outside = [one for one in tests if one["target"]["name"] == "it"]
        if not (inside and outside):
            sys.exit("the tests are not built; `cargo test` in the copy says why")
        return [Path(one["executable"]) for one in (inside[0], outside[0])]

    def run(
        self, program: Path, names: list[str], limit: float, **variables: str
    ) -> subprocess.CompletedProcess[str] | None:
        """Tests run to their end, or None where they do not come to one."""
        words = ["--exact", "--test-threads=1", *names]
        limited = ["sh", "-c", f'ulimit -v {MEMORY}; exec "$0" "$@"', str(program), *words]
        try:
            return subprocess.run(
                limited,
                cwd=self.tree,
                env=os.environ | SAME_CASES | variables,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=limit,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None


def drawn_changes(copy: Copy, order: list[Change], count: int) -> list[Change]:
    """The first changes of an order that compile."""
    waiting = iter(order)
    drawn = list(islice(waiting, count))
    while True:
        refused = copy.refused(copy.lay(drawn))
        if not refused:
            return drawn
        print(f"{len(refused)} changes do not compile, others are drawn", flush=True)
        kept = [change for number, change in enumerate(drawn) if number not in refused]
        drawn = kept + list(islice(waiting, len(refused)))


def names_of(program: Path, modules: list[str] | None = None) -> list[str]:
    """The tests of a program, of these modules if any are named, but those of real data."""

    def listed(*words: str) -> set[str]:
        listing = [program, "--list", "--format", "terse", *words]
        said = subprocess.run(listing, capture_output=True, text=True, check=True).stdout
        return {line[:-6] for line in said.splitlines() if line.endswith(": test")}

    names = sorted(listed() - listed("--ignored"))
    return [name for name in names if modules is None or name.split("::")[0] in modules]


def fast_tests(copy: Copy, programs: list[Path], count: int) -> list[Test]:
    """The tests that pass quickly, each with the changes that it comes by."""

    def tried(numbered: tuple[int, Test]) -> Test | None:
        number, test = numbered
        seen = copy.target / f"seen-{number}"
        seen.unlink(missing_ok=True)
        start = time.monotonic()
        done = copy.run(
            test.program,
            [test.name],
            FAST,
            WINBACK_MUTANT=str(count),
            WINBACK_MUTANTS_SEEN=str(seen),
        )
        test.seconds = time.monotonic() - start
        if seen.exists():
            test.seen = {int(line) for line in seen.read_text().split()}
            seen.unlink()
        if done is None:
            return None
        if done.returncode != 0:
            print(f"{test.name} fails where nothing is changed\n{done.stdout[-2000:]}", flush=True)
            return None
        return test

    inside, outside = programs
    tests = [Test(inside, name) for name in names_of(inside)]
    tests += [Test(outside, name) for name in names_of(outside, OUTSIDE)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = [test for test in pool.map(tried, enumerate(tests)) if test]
    print(f"{len(found)} of {len(tests)} tests are fast", flush=True)
    return found


def batches(tests: list[Test]) -> list[list[Test]]:
    """Tests of one program that run in one go, the quickest first."""
    filled: list[list[Test]] = []
    last: dict[Path, list[Test]] = {}
    for test in sorted(tests, key=lambda test: test.seconds):
        batch = last.get(test.program)
        if batch is None or sum(one.seconds for one in batch) + test.seconds > TOGETHER:
            batch = last[test.program] = []
            filled.append(batch)
        batch.append(test)
    return sorted(filled, key=lambda batch: sum(test.seconds for test in batch))


def fate(copy: Copy, number: int, tests: list[Test]) -> str:
    """What becomes of a change."""
    passing_by = [test for test in tests if number in test.seen]
    if not passing_by:
        return "no test comes by"
    for batch in batches(passing_by):
        limit = 10 + 10 * sum(test.seconds for test in batch)
        names = [test.name for test in batch]
        done = copy.run(batch[0].program, names, limit, WINBACK_MUTANT=str(number))
        if done is None:
            return "no end"
        if done.returncode != 0:
            return "caught"
    return f"survived {len(passing_by)} tests"


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--count", type=int, default=200, help="changes to draw")
    arguments.add_argument("--seed", type=int, default=1, help="other changes for every seed")
    arguments.add_argument(
        "--folder",
        type=Path,
        default=ROOT / "target" / "mutants",
        help="for the copy and its build",
    )
    arguments.add_argument("--least", type=float, default=0.95, help="share that must be caught")
    arguments.add_argument("--report", type=Path, help="what came of each, as JSON")
    given = arguments.parse_args()

    found = all_changes()
    reasons = equivalent(found)
    order = shuffled(found, given.seed)
    print(f"{len(found)} changes can be made", flush=True)
    copy = Copy(given.folder.resolve())
    drawn = drawn_changes(copy, [one for one in order if one.key not in reasons], given.count)
    tests = fast_tests(copy, copy.programs(), len(drawn))

    def judged(number: int) -> str:
        became = fate(copy, number, tests)
        if became not in ("caught", "no end"):
            one = drawn[number]
            print(f"{one.file}:{one.line} in {one.function}: {became}", flush=True)
            print(f"    {one.before}\n    {one.after}", flush=True)
        return became

    with ThreadPoolExecutor(AT_ONCE) as pool:
        fates = list(pool.map(judged, range(len(drawn))))
    caught = sum(one in ("caught", "no end") for one in fates)
    print(f"{caught} of {len(drawn)} changes are caught ({caught / len(drawn):.1%})")
    if given.report:
        names = ("file", "function", "line", "before", "after")
        told = [
            {name: getattr(one, name) for name in names} | {"fate": became}
            for one, became in zip(drawn, fates, strict=True)
        ]
        report = {"seed": given.seed, "places": len(found), "tests": len(tests)}
        report |= {"equivalent": len(reasons), "drawn": told}
        given.report.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0 if caught >= given.least * len(drawn) else 1


if __name__ == "__main__":
    sys.exit(main())
