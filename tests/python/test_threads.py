"""Winback's threads: their number changes no result, and a forked child has its own."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import re
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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


forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system does not fork")
tolerant = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


def service() -> tuple[wb.ChurnModel, wb.EventLog, list[float]]:
    """A model as a service loads it before it forks, what it reads, and the right scores."""
    log = wb.simulate(customers=600).event_log()
    model = wb.ChurnModel("boosting").fit(log, until=AT)
    return model, log, scores_of(model, log)


def scores_of(model: wb.ChurnModel, log: wb.EventLog) -> list[float]:
    return list(model.score(log.at(AT)).to_polars()["churn_probability"])


PRELOADED: list[Any] = []


def in_worker(seed: int) -> tuple[int, list[float]]:
    """What a worker computes: of a shop of its own, and by what was there before the fork."""
    own = len(wb.simulate(customers=50, seed=seed).event_log().at(AT).features())
    return own, scores_of(*PRELOADED) if PRELOADED else []


@pytest.mark.parametrize("method", [pytest.param("fork", marks=forks), "spawn"])
@tolerant
def test_a_pool_of_processes_computes_the_same(method: str) -> None:
    model, log, expected = service()
    expected_own = [in_worker(seed)[0] for seed in range(6)]
    # Forked workers have what their parent loaded, as with gunicorn's preloading.
    PRELOADED[:] = [model, log] if method == "fork" else []
    try:
        with multiprocessing.get_context(method).Pool(2) as pool:
            found = pool.map_async(in_worker, range(6)).get(PATIENCE)
    finally:
        PRELOADED.clear()
    assert [own for own, _ in found] == expected_own
    assert all(scores == (expected if method == "fork" else []) for _, scores in found)


def answer_of_fork(model: wb.ChurnModel, log: wb.EventLog) -> list[float]:
    """The scores by a child that is forked here and now."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(write, repr(scores_of(model, log)).encode())
        finally:
            os._exit(0)
    os.close(write)
    try:
        text = b""
        while select.select([read], [], [], PATIENCE)[0] and (more := os.read(read, 1 << 16)):
            text += more
        assert text, "the child does not answer"
        return [float(score) for score in text.decode().strip("[]").split(", ")]
    finally:
        os.close(read)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


@forks
@tolerant
def test_a_child_forked_by_a_thread_computes_the_same() -> None:
    model, log, expected = service()
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(lambda _: answer_of_fork(model, log), range(4)))
    assert found == [expected] * 4


@forks
@tolerant
def test_a_child_forked_during_a_fit_computes_the_same() -> None:
    model, log, expected = service()
    fitting = threading.Event()
    forked = threading.Event()

    def tell(step: str, done: int, total: int) -> None:
        fitting.set()
        forked.wait(PATIENCE)

    again = wb.ChurnModel("boosting", progress=tell)
    thread = threading.Thread(target=lambda: again.fit(log, until=AT))
    thread.start()
    try:
        assert fitting.wait(PATIENCE)
        # The pool works for the fit, and its threads are not there in the child.
        assert answer_of_fork(model, log) == expected
    finally:
        forked.set()
        thread.join(PATIENCE)
    assert not thread.is_alive()
    assert scores_of(again, log) == expected


def test_an_event_loop_goes_on_while_winback_computes() -> None:
    model, log, expected = service()

    async def serve() -> tuple[list[list[float]], int]:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0.001)

        ticking = asyncio.create_task(tick())
        found = await asyncio.gather(
            *(asyncio.to_thread(scores_of, model, log) for _ in range(6)),
            asyncio.to_thread(lambda: scores_of(wb.ChurnModel("boosting").fit(log, until=AT), log)),
        )
        ticking.cancel()
        return found, ticks

    found, ticks = asyncio.run(serve())
    assert found == [expected] * 7
    assert ticks > 5
