"""Lets every write, sync, rename and opened file of a command fail in turn, and kills it there.

    python3 tests/faults.py PROGRAM [--every N]

Each command first runs undisturbed, counted by strace. Then, for the n-th system call of each kind
and for every n (or every N-th), it runs once with that call failing as on a full disk, and once
with the process killed at it. The output must then be the old file or the new one to the byte, and
a command that failed must say so, with an exit code and no panic, and leave nothing behind. What a
killed one left, the next run removes. Linux only.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

# Kinds of system calls, and the error that each could meet.
CALLS = {
    "write": "ENOSPC",
    "pwrite64": "ENOSPC",
    "fsync": "EIO",
    "rename,renameat,renameat2": "EIO",
    "openat": "EMFILE",
    "fchmod": "EPERM",
    "mkdir,mkdirat": "ENOSPC",
    "unlink,unlinkat": "EIO",
}
ONE_THREAD = {**os.environ, "WINBACK_THREADS": "1", "RAYON_NUM_THREADS": "1"}
OLD = b"what was here before\n"


@dataclass
class Command:
    name: str
    words: list[str]
    output: str


@dataclass
class Found:
    cases: int = 0
    failed: int = 0
    faults: int = 0

    def fault(self, what: str) -> None:
        self.faults += 1
        print(f"  FAULT {what}", flush=True)


class Bench:
    """A folder with inputs, and the folder that the command under test writes to."""

    def __init__(self, program: Path, root: Path) -> None:
        self.program, self.root = program, root
        self.out, self.temp = root / "out", root / "temp"

    def run(self, command: Command, *strace: str) -> subprocess.CompletedProcess[str]:
        words = [str(self.program), *command.words, "-o", str(self.out / command.output)]
        environment = {**ONE_THREAD, "TMPDIR": str(self.temp)}
        before = ["strace", "-f", "-qq", *strace] if strace else []
        return subprocess.run(
            [*before, *words],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def clear(self, command: Command) -> None:
        for folder in (self.out, self.temp):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        (self.out / command.output).write_bytes(OLD)

    def left(self, command: Command) -> list[str]:
        files = [path.name for path in self.out.iterdir() if path.name != command.output]
        return sorted(files + [path.name for path in self.temp.iterdir()])


def count(bench: Bench, command: Command, calls: str) -> int:
    """How many of these calls there are; several threads may make them."""
    trace = bench.root / "trace"
    bench.clear(command)
    bench.run(command, "-e", f"trace={calls}", "-o", str(trace))
    lines = trace.read_text(errors="replace").splitlines()
    trace.unlink()
    names = "|".join(calls.split(","))
    per_thread: dict[str, int] = {}
    for line in lines:
        if re.match(rf"(\d+ +)?({names})\(", line):
            thread = line.split(" ", 1)[0] if line[0].isdigit() else ""
            per_thread[thread] = per_thread.get(thread, 0) + 1
    return max(per_thread.values(), default=0)


def fail(bench: Bench, command: Command, calls: str, n: int, new: bytes, found: Found) -> None:
    bench.clear(command)
    inject = f"inject={calls}:error={CALLS[calls]}:when={n}"
    done = bench.run(command, "-o", "/dev/null", "-e", f"trace={calls}", "-e", inject)
    now = (bench.out / command.output).read_bytes()
    what = f"{command.name}: {calls} {n} fails"
    found.cases += 1
    found.failed += done.returncode != 0
    if now not in (OLD, new):
        found.fault(f"{what}: the output is neither the old nor the new one")
    if done.returncode == 0 and now != new:
        found.fault(f"{what}: it says that all went well")
    if "panicked" in done.stderr or done.returncode < 0 or done.returncode == 101:
        found.fault(f"{what}: {done.returncode}: {done.stderr[-300:]}")
    # What cannot be removed is left.
    if not calls.startswith("unlink") and (left := bench.left(command)):
        found.fault(f"{what}: {left} left behind")


def kill(bench: Bench, command: Command, calls: str, n: int, new: bytes, found: Found) -> None:
    bench.clear(command)
    inject = f"inject={calls}:signal=SIGKILL:when={n}"
    bench.run(command, "-o", "/dev/null", "-e", f"trace={calls}", "-e", inject)
    now = (bench.out / command.output).read_bytes()
    what = f"{command.name}: killed at {calls} {n}"
    found.cases += 1
    if now not in (OLD, new):
        found.fault(f"{what}: the output is neither the old nor the new one")
    again = bench.run(command)
    if again.returncode != 0 or (bench.out / command.output).read_bytes() != new:
        found.fault(f"{what}: the next run gives another result: {again.stderr[-300:]}")
    if left := bench.left(command):
        found.fault(f"{what}: {left} left behind after the next run")


def prepare(program: Path, root: Path) -> list[Command]:
    """Inputs of 400 simulated customers, and the commands that are disturbed."""

    def run(*words: str) -> None:
        subprocess.run([str(program), *words], cwd=root, check=True, capture_output=True)

    run("simulate", "--customers-count", "400", "-o", "shop", "--format", "parquet")
    table = ["--transactions", "shop/transactions.parquet", "--observed-until", "2025-01-01"]
    train = ["--until", "2024-10-01", "--estimator", "logistic", "--cutoffs", "3"]
    run("fit", *table, *train, "-o", "model")
    now = [*table, "--at", "2025-01-01"]
    parts = ["--memory", "256MiB", "--temp-folder", str(root / "temp")]
    return [
        Command("candidates", ["candidates", *now, "--model", "model"], "candidates.csv"),
        Command("fit", ["fit", *table, *train], "model.winback"),
        Command("features", ["features", *now], "features.parquet"),
        Command("report", ["report", *now, "--model", "model"], "report.html"),
        Command("score in parts", ["score", *now, "--model", "model", *parts], "score.csv"),
    ]


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("program", type=Path, help="the built command line")
    arguments.add_argument("--every", type=int, default=1, help="try every N-th call only")
    given = arguments.parse_args()
    if shutil.which("strace") is None:
        print("strace is needed", file=sys.stderr)
        return 2
    all_found = Found()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(given.program.resolve(), Path(folder))
        bench.temp.mkdir()
        for command in prepare(bench.program, bench.root):
            bench.clear(command)
            done = bench.run(command)
            if done.returncode != 0:
                print(f"{command.name}: {done.stderr}", file=sys.stderr)
                return 2
            new = (bench.out / command.output).read_bytes()
            found = Found()
            for calls in CALLS:
                for n in range(1, count(bench, command, calls) + 1, given.every):
                    fail(bench, command, calls, n, new, found)
                    kill(bench, command, calls, n, new, found)
            print(
                f"{command.name}: {found.cases} cases, {found.failed} of them told as errors, "
                f"{found.faults} faults",
                flush=True,
            )
            all_found.cases += found.cases
            all_found.faults += found.faults
    print(f"{all_found.cases} cases, {all_found.faults} faults")
    return 1 if all_found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
