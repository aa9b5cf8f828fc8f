"""Long work shows how far it is, and Ctrl-C ends it with everything intact."""

from __future__ import annotations

import copy
import io
import os
import pickle
import signal
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import nbclient
import nbformat
import numpy as np
import pytest

import winback as wb
from winback._progress import ProgressLine, teller

LOG = wb.simulate(customers=3_000).event_log()
AT = "2024-10-01"


def test_a_function_is_called_and_its_error_ends_the_work() -> None:
    told: list[tuple[str, int, int]] = []
    model = wb.ChurnModel("boosting", progress=lambda *step: told.append(step))
    model.fit(LOG, until=AT)
    assert told
    assert all(isinstance(what, str) and done <= of for what, done, of in told)

    def broken(what: str, done: int, of: int) -> None:
        raise ZeroDivisionError(what)

    scores = model.score(LOG.at(AT))
    model.progress = broken
    with pytest.raises(ZeroDivisionError):
        model.score(LOG.at(AT))
    with pytest.raises(ZeroDivisionError):
        model.backtest(LOG, tests=2, draws=0)
    with pytest.raises(ZeroDivisionError):
        model.fit(LOG, until=AT)
    # What was fitted before is still there.
    model.progress = False
    assert model.score(LOG.at(AT)).to_polars().equals(scores.to_polars())


def test_calls_that_share_a_model_are_ended_each_on_its_own() -> None:
    def broken(what: str, done: int, of: int) -> None:
        raise ZeroDivisionError(what)

    model = wb.ChurnModel("logistic", progress=False).fit(LOG, until=AT)
    expected = model.score(LOG.at(AT)).to_polars()
    other = copy.copy(model)
    other.progress = broken
    found: list[object] = []

    def ask(asked: wb.ChurnModel) -> None:
        try:
            found.append(asked.score(LOG.at(AT)).to_polars().equals(expected))
        except ZeroDivisionError:
            found.append("ended")

    threads = [threading.Thread(target=ask, args=[each]) for each in [model, other] * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found.count(True) == found.count("ended") == 4


def test_progress_is_a_parameter() -> None:
    assert wb.ChurnModel().get_params()["progress"] is None
    assert wb.ChurnModel(progress=False).get_params()["progress"] is False
    model = wb.ChurnModel(progress=False).fit(LOG, until=AT)
    assert pickle.loads(pickle.dumps(model)).progress is False
    for wrong in ["yes", 1]:
        with pytest.raises(TypeError, match="progress: expected a bool, None or what"):
            wb.ChurnModel(progress=wrong).fit(LOG, until=AT)  # type: ignore[arg-type]


def test_ctrl_c_ends_the_work_within_a_second(tmp_path: Path) -> None:
    shop = wb.simulate(customers=20_000)
    log = shop.event_log()
    shop.transactions.write(tmp_path / "orders.csv")
    cutoffs = [f"20{year}-{month:02}-01" for year in (22, 23, 24) for month in range(2, 13)]
    model = wb.ChurnModel("boosting", params={"n_estimators": 30}, progress=False)
    model.fit(log, until=AT)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    rng = np.random.default_rng(0)
    x, score, arm = rng.random((4_000, 5)), rng.random(4_000), np.arange(4_000) % 2
    y = (rng.random(4_000) < 0.3).astype(float)
    slow = {"n_estimators": 10_000, "early_stopping_rounds": 0, "learning_rate": 0.001}
    for work in [
        lambda: wb.ChurnModel("boosting", params=slow).fit(log, until=AT),
        lambda: wb.ChurnModel("boosting", params=slow).backtest(log, tests=3),
        lambda: wb.ChurnModel().backtest(log, tests=3, draws=100_000),
        lambda: wb.simulate(customers=10_000_000),
        lambda: wb.campaign.Uplift(estimator="boosting", params=slow).fit(x, arm, y),
        lambda: wb.metrics.uplift_intervals(y, score, arm, bootstraps=1_000_000),
        lambda: [wb.timing.ParetoNBD().fit(log.at(AT)) for _ in range(100)],
        lambda: [wb.timing.forecast(log.at(AT), model="pareto_nbd") for _ in range(100)],
        lambda: [wb.timing.backtest(log.at("2024-04-01")) for _ in range(100)],
        lambda: [wb.segments.clusters(log.at(AT)) for _ in range(100)],
        lambda: [log.panel(at=cutoffs) for _ in range(100)],
        lambda: [shop.transactions.write(tmp_path / "again.csv") for _ in range(100)],
        lambda: [wb.EventLog(tmp_path / "orders.csv", observed_until=AT) for _ in range(100)],
    ]:
        begun: list[float] = []

        def interrupt(begun: list[float] = begun) -> None:
            begun.append(time.monotonic())
            os.kill(os.getpid(), signal.SIGINT)

        try:
            threading.Timer(0.7, interrupt).start()
            with pytest.raises(KeyboardInterrupt):
                work()
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        # A second on a quiet machine.
        assert time.monotonic() - begun[0] < 5
    signal.signal(signal.SIGINT, before)
    assert len(model.score(log.at(AT))) > 0


def test_the_environment_turns_the_line_off(monkeypatch: pytest.MonkeyPatch) -> None:
    shell = SimpleNamespace(kernel=None)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    assert isinstance(teller(None), ProgressLine)
    monkeypatch.setenv("WINBACK_PROGRESS", "0")
    assert teller(None) is None
    assert isinstance(teller(True), ProgressLine)


def test_a_line_is_written_over_and_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    line = ProgressLine()
    line("too soon", 1, 2)
    line.end()
    assert stream.getvalue() == ""
    line._begun -= 2
    line("computing features", 1, 4)
    line("computing features", 0, 0)
    line("learning", 0, 0)
    line.end()
    parts = stream.getvalue().split("\r")
    assert parts[1:3] == ["computing features  25%, 2 s"] * 2
    assert parts[3].rstrip() == "learning, 2 s" and len(parts[3]) == len(parts[2])
    assert parts[4].strip() == "" and parts[-1] == ""


def test_a_notebook_keeps_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WINBACK_PROGRESS", raising=False)
    cell = nbformat.v4.new_code_cell(
        "import time, winback._progress as p\n"
        "line = p.teller(None)\n"
        "line._begun -= 2\n"
        "line('learning', 1, 4); time.sleep(.2); line('learning', 4, 4); line.end()\n"
        "type(line).__name__"
    )
    notebook = nbformat.v4.new_notebook(cells=[cell])
    nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    shown, name = notebook.cells[0].outputs
    assert shown["output_type"] == "display_data" and shown["data"] == {"text/plain": ""}
    assert name["data"]["text/plain"] == "'ProgressCell'"


def test_nothing_is_shown_where_nobody_looks(capfd: pytest.CaptureFixture[str]) -> None:
    wb.ChurnModel().fit(LOG, until=AT).score(LOG.at(AT))
    assert capfd.readouterr() == ("", "")
