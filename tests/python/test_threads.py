"""Winback's threads: their number changes no result, and a forked child has its own."""

from __future__ import annotations

import multiprocessing
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest

import winback as wb

AT = "2024-10-01"
# A child that hangs is ended by the test.
PATIENCE = 120


@pytest.fixture(autouse=True)
def _all_threads() -> Iterator[None]:
    yield
    wb.set_threads(None)


def computed() -> list[Any]:
    """What is computed on several threads: reading, features, a fit, scores, sums by period."""
    shop = wb.simulate(customers=1500)
    log = shop.event_log()
    model = wb.ChurnModel("boosting").fit(log, until=AT)
    return [
        log.at(AT).features().to_polars(),
        model.score(log.at(AT)).to_polars(),
        wb.retention.cohorts(log).to_polars(),
        wb.retention.rates(log).to_polars(),
    ]


def test_the_number_of_threads_changes_nothing() -> None:
    results = []
    for threads in [1, 2, 5]:
        wb.set_threads(threads)
        results.append(computed())
    for other in results[1:]:
        assert all(map(pl.DataFrame.equals, results[0], other))
    assert all(len(table) > 1 for table in results[0])


@pytest.mark.skipif(sys.platform != "linux", reason="threads are listed by Linux")
def test_as_many_threads_as_asked_for() -> None:
    code = """
import sys, time
import winback as wb
from pathlib import Path
asked, expected = sys.argv[1:]
if asked != "-":
    wb.set_threads(int(asked))
wb.simulate(customers=50)
# A thread that has just begun may not have its name yet.
for _ in range(200):
    names = [task.read_text().strip() for task in Path("/proc/self/task").glob("*/comm")]
    found = sum(name.startswith("winback-") for name in names)
    if found >= int(expected):
        break
    time.sleep(0.02)
print(found)
"""

    def count(argument: str, variable: str, expected: int) -> int:
        command = [sys.executable, "-c", code, argument, str(expected)]
        environment = os.environ | {"WINBACK_THREADS": variable}
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True, timeout=PATIENCE
        )
        return int(done.stdout)

    assert count("3", "7", 3) == 3
    assert count("-", "7", 7) == 7


def test_a_number_of_threads_that_is_none() -> None:
    for threads in [0, 65_536]:
        with pytest.raises(ValueError, match=f"threads: expected .*, got {threads}"):
            wb.set_threads(threads)
    with pytest.raises(ValueError, match="threads: expected .*, got -1"):
        wb.set_threads(-1)
    with pytest.raises(TypeError, match="threads: expected an int"):
        wb.set_threads("2")  # type: ignore[arg-type]
    code = "import winback as wb; wb.simulate(customers=5)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"WINBACK_THREADS": "many"},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 1 and re.search("threads: expected .*, got many", done.stderr)


def in_child(model: wb.ChurnModel, log: wb.EventLog, sender: Any) -> None:
    scores = model.score(log.at(AT)).to_arrow()
    again = wb.ChurnModel("boosting").fit(log, until=AT).score(log.at(AT)).to_arrow()
    sender.send([scores.to_pydict(), again.to_pydict()])
    sender.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_that_was_forked_after_use_computes_the_same() -> None:
    log = wb.simulate(customers=1500).event_log()
    model = wb.ChurnModel("boosting").fit(log, until=AT)
    expected = model.score(log.at(AT)).to_arrow().to_pydict()
    context = multiprocessing.get_context("fork")
    for _ in range(2):
        receiver, sender = context.Pipe(duplex=False)
        child = context.Process(target=in_child, args=(model, log, sender))
        child.start()
        sender.close()
        try:
            assert receiver.poll(PATIENCE), "the child does not answer"
            assert receiver.recv() == [expected, expected]
            child.join(PATIENCE)
            assert child.exitcode == 0
        finally:
            child.kill()
    # The parent goes on with its own.
    assert model.score(log.at(AT)).to_arrow().to_pydict() == expected
