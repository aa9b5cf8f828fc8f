"""Logs larger than memory: what is written equals what one log gives."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import winback as wb
from winback import _core

UNTIL = "2025-01-01"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop in Parquet: orders as a folder hive style, written by polars and by pandas."""
    path = tmp_path_factory.mktemp("shop")
    shop = wb.simulate(customers=600)
    orders = shop.transactions.to_polars()
    for number, rows in enumerate(orders.iter_slices(len(orders) // 3 + 1)):
        part = path / "orders" / f"third={number}"
        part.mkdir(parents=True)
        if number == 1:
            rows.to_pandas().astype({"category": "category"}).to_parquet(part / "a.parquet")
        else:
            rows.write_parquet(part / "a.parquet")
    shop.tickets.write(path / "tickets.parquet")
    shop.surveys.write(path / "surveys.parquet")
    shop.customers.write(path / "customers.parquet")
    return path


def tables(folder: Path) -> dict[str, Path]:
    return {name: folder / f"{name}.parquet" for name in ("tickets", "surveys", "customers")}


@pytest.fixture(scope="module")
def whole(folder: Path) -> wb.EventLog:
    return wb.EventLog(folder / "orders", **tables(folder), observed_until=UNTIL)


@pytest.fixture(scope="module")
def parts(folder: Path) -> wb.PartitionedLog:
    return wb.PartitionedLog(
        str(folder / "orders"), **tables(folder), observed_until=UNTIL, memory="1GB", least_parts=5
    )


@pytest.fixture(scope="module")
def model(whole: wb.EventLog) -> wb.ChurnModel:
    return wb.ChurnModel("boosting", attributes=["segment"]).fit(whole, until="2024-10-01")


def same(path: Path, table: wb.Table) -> None:
    written = pl.read_parquet(path)
    expected = table.to_polars()
    assert written.columns == expected.columns
    plain = [pl.col(pl.Categorical).cast(pl.String), pl.col(pl.Enum).cast(pl.String)]
    assert written.with_columns(plain).equals(expected.with_columns(plain), null_equal=True)


def test_parts_hold_all_customers_by_id(whole: wb.EventLog, parts: wb.PartitionedLog) -> None:
    assert parts.n_parts == 5
    ids = [parts.part(i).at(UNTIL).features()["customer_id"] for i in range(parts.n_parts)]
    assert sum(ids, []) == whole.at(UNTIL).features()["customer_id"]
    assert (parts.first_event, parts.last_event) == (whole.first_event, whole.last_event)
    assert parts.observed_until == whole.observed_until
    assert repr(parts).startswith("PartitionedLog: 5 parts\nfrom 2022-01-01")
    for number in (-1, 5):
        with pytest.raises(IndexError, match="5 parts"):
            parts.part(number)


def test_features_are_those_of_one_log(
    whole: wb.EventLog, parts: wb.PartitionedLog, tmp_path: Path
) -> None:
    path = tmp_path / "features.parquet"
    for cutoff in ["2023-01-01", UNTIL]:
        written = parts.at(cutoff).write_features(path, attributes=["segment"])
        table = whole.at(cutoff).features(attributes=["segment"])
        same(path, table)
        rows, columns = table.shape
        assert written == {"rows": rows, "columns": columns - 1, "log": whole.report}
    parts.at(UNTIL).write_features(path, features=["purchase_count"])
    same(path, whole.at(UNTIL).features(features=["purchase_count"]))


def test_scores_and_candidates_are_those_of_one_log(
    whole: wb.EventLog, parts: wb.PartitionedLog, model: wb.ChurnModel, tmp_path: Path
) -> None:
    path = tmp_path / "result.parquet"
    written = model.write_scores(parts.at(UNTIL), path)
    scores = model.score(whole.at(UNTIL))
    same(path, scores)
    assert written == scores.figures | {"log": whole.report}
    written = model.write_candidates(parts.at(UNTIL), path, top=40, control_share=0.25)
    candidates = model.candidates(whole.at(UNTIL), top=40, control_share=0.25)
    same(path, candidates)
    control = candidates["arm"].count("control")
    counts = {"candidates": 40, "control": control, "log": whole.report}
    assert written == candidates.figures | counts | {"lapsed": scores.figures["lapsed"]}


def test_analyses_of_all_customers_are_those_of_one_log(
    whole: wb.EventLog, parts: wb.PartitionedLog, model: wb.ChurnModel
) -> None:
    def same_answer(one: wb.Answer, other: wb.Answer) -> None:
        assert str(one) == str(other)
        assert (one.figures, one.notes) == (other.figures, other.notes)
        assert one.tables.keys() == other.tables.keys()
        for name, table in one.tables.items():
            assert table.to_polars().equals(other.tables[name].to_polars(), null_equal=True)

    for by in (None, "segment", "channel"):
        rates = [wb.retention.rates(log, "1q", group_by=by) for log in (whole, parts)]
        same_answer(*rates)
        curves = [wb.retention.curve(log, "90d", group_by=by) for log in (whole, parts)]
        same_answer(*curves)
        same_answer(*(wb.inactivity(log.at(UNTIL), group_by=by) for log in (whole, parts)))
        same_answer(*(wb.surveys.nps(log.at(UNTIL), group_by=by) for log in (whole, parts)))
    same_answer(*(wb.retention.cohorts(log, "1q") for log in (whole, parts)))
    same_answer(*(wb.retention.flow(log, "1q") for log in (whole, parts)))
    same_answer(
        *(
            wb.retention.migration(log.at("2024-01-01"), log.at("2024-07-01"))
            for log in (whole, parts)
        )
    )
    same_answer(*(wb.segments.concentration(log.at(UNTIL)) for log in (whole, parts)))
    fitted = [wb.segments.RfmSegments().fit(log.at(UNTIL)) for log in (whole, parts)]
    assert fitted[0].cuts_ == fitted[1].cuts_
    same_answer(*(wb.segments.rfm(log.at(UNTIL), "pymc-marketing") for log in (whole, parts)))
    rules = wb.segments.LoyaltyRules()
    for by in (None, model):
        same_answer(*(wb.segments.loyalty(log.at(UNTIL), model=by) for log in (whole, parts)))
        same_answer(
            *(
                rules.migration(log.at("2024-01-01"), log.at("2024-07-01"), model=by)
                for log in (whole, parts)
            )
        )
    same_answer(
        *(
            fitted[0].migration(log.at("2024-01-01"), log.at("2024-07-01"), vulnerable=["lost"])
            for log in (whole, parts)
        )
    )
    same_answer(*(model.drift(log.at(UNTIL)) for log in (whole, parts)))
    assert parts.report == whole.report
    with pytest.raises(ValueError, match="after: expected a snapshot of the log"):
        wb.retention.migration(whole.at("2024-01-01"), parts.at("2024-07-01"))
    with pytest.raises(TypeError, match=r"log: expected a winback\.EventLog or"):
        wb.retention.rates(None)  # type: ignore[arg-type]


def test_models_of_parts_are_those_of_one_log(
    whole: wb.EventLog, parts: wb.PartitionedLog, model: wb.ChurnModel
) -> None:
    for share in (None, 1.0):
        fitted = wb.ChurnModel("boosting", attributes=["segment"])
        fitted.fit(parts, until="2024-10-01", share=share)
        assert fitted.to_bytes() == model.to_bytes()
        assert fitted.training_["share"] == 1.0
    now = [log.at("2024-10-01") for log in (whole, parts)]
    assert str(model.evaluate(now[1])) == str(model.evaluate(now[0]))
    tests = {"tests": 1, "draws": 0, "cutoffs": 3}
    tree = wb.ChurnModel("tree")
    assert str(tree.backtest(parts, **tests)) == str(tree.backtest(whole, **tests))
    times = [
        wb.timing.TimeToPurchase("logistic").fit(log, until="2024-10-01", cutoffs=12)
        for log in (whole, parts)
    ]
    assert times[0].to_bytes() == times[1].to_bytes()


def test_a_share_is_that_of_a_control_group_of_the_training(
    whole: wb.EventLog, parts: wb.PartitionedLog
) -> None:
    for salt in ("winback", "Zoë"):
        sample = parts.sample(0.4, salt=salt)
        ids = sample.at(UNTIL).features(features=["purchase_count"])["customer_id"]
        everybody = whole.at(UNTIL).features().to_polars().select("customer_id")
        drawn = wb.campaign.assign(everybody, control_share=0.4, salt=f"{salt}/training")
        control = {
            customer
            for customer, arm in zip(drawn["customer_id"], drawn["arm"], strict=True)
            if arm == "control"
        }
        assert set(ids) == control
        assert (sample.share, whole.share) == (0.4, 1.0)
        assert sample.observed_until == whole.observed_until
        fitted = wb.ChurnModel("tree").fit(parts, until="2024-10-01", share=0.4, salt=salt)
        assert fitted.training_["share"] == 0.4
        of_sample = wb.ChurnModel("tree").fit(sample, until="2024-10-01")
        assert fitted.to_bytes() == of_sample.to_bytes()
        quality = fitted.evaluate(sample.at("2024-10-01"))
        assert any("a share of 0.4 of the customers" in note for note in quality.notes)


def test_wrong_shares_are_refused(whole: wb.EventLog, parts: wb.PartitionedLog) -> None:
    learner = wb.ChurnModel("tree")
    for refused in (
        lambda: learner.fit(whole, until="2024-10-01", share=0.5),
        lambda: learner.backtest(whole, share=1.0),
        lambda: wb.timing.TimeToPurchase().fit(whole, until="2024-10-01", share=0.5),
    ):
        with pytest.raises(ValueError, match=r"share: expected none, for only of a winback\.Part"):
            refused()
    for share in (0.0, 1.5, float("nan")):
        with pytest.raises(ValueError, match="share: expected above 0, and 1 or less, got "):
            learner.fit(parts, until="2024-10-01", share=share)
        with pytest.raises(ValueError, match="share: expected above 0, and 1 or less, got "):
            parts.sample(share)
    with pytest.raises(TypeError, match="share: expected a number, got str"):
        parts.sample("1")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="salt: expected a str, got int"):
        learner.fit(parts, until="2024-10-01", salt=1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="oracle: expected None for a log in parts"):
        learner.backtest(parts, oracle=wb.simulate(customers=50))
    with pytest.raises(TypeError, match=r"log: expected a winback\.EventLog or"):
        learner.fit(None, until="2024-10-01")  # type: ignore[arg-type]


def test_parts_of_other_processes_are_finished_in_any_order(
    whole: wb.EventLog, parts: wb.PartitionedLog, model: wb.ChurnModel
) -> None:
    logs = [parts.part(number)._log for number in range(parts.n_parts)]
    snapshots = [log.at(UNTIL) for log in logs]

    def finished(analysis: str, of: list[Any], options: dict[str, Any], *more: Any) -> Any:
        found: Any = more[0] if more else None
        while True:
            gathered = [_core.part(analysis, one, options, found, *more[1:]) for one in of]
            found = _core.finish(gathered[::-1])
            if not isinstance(found, bytes):
                return found

    def same_as(
        answer: wb.Answer, analysis: str, of: list[Any], options: dict[str, Any], *more: Any
    ) -> None:
        found = wb.Answer(finished(analysis, of, options, *more))
        assert str(found) == str(answer)
        assert found.figures == answer.figures
        for name, table in answer.tables.items():
            assert table.to_polars().equals(found.tables[name].to_polars(), null_equal=True)

    now = whole.at(UNTIL)
    by = {"group_by": "segment"}
    same_as(wb.retention.rates(whole, "1q"), "retention_rates", logs, {"every": "1q"})
    same_as(wb.retention.rates(whole, group_by="segment"), "retention_rates", logs, by)
    same_as(wb.retention.curve(whole), "retention_curve", logs, {})
    same_as(wb.retention.cohorts(whole), "cohorts", logs, {})
    same_as(wb.retention.flow(whole), "flow", logs, {})
    cutoffs = {"before": "2024-01-01", "after": "2024-07-01"}
    moved = wb.retention.migration(whole.at("2024-01-01"), whole.at("2024-07-01"))
    same_as(moved, "lifecycle_migration", logs, cutoffs)
    same_as(wb.inactivity(now), "inactivity", snapshots, {})
    same_as(wb.inactivity(now, group_by="segment"), "inactivity", snapshots, by)
    same_as(wb.surveys.nps(now, group_by="segment"), "nps", snapshots, by)
    same_as(wb.service(now), "service", snapshots, {})
    same_as(wb.segments.concentration(now), "concentration", snapshots, {})
    fitted = finished("rfm", snapshots, {"segments": "common", "other": None})
    assert fitted.cuts() == wb.segments.RfmSegments().fit(now).cuts_
    same_as(wb.segments.rfm(now), "rfm_scores", snapshots, {}, fitted.to_bytes())
    rules = {"rules": wb.segments.LoyaltyRules().to_json()}
    same_as(wb.segments.loyalty(now), "loyalty", snapshots, rules)
    same_as(
        wb.segments.loyalty(now, model=model), "loyalty", snapshots, rules, None, model._fitted()
    )
    same_as(model.drift(now), "drift", snapshots, {"level": 0.01}, None, model._fitted())

    one = _core.part("flow", logs[0], {})
    for wrong, message in [
        ([], "parts: expected the parts of all customers"),
        ([b"no"], "not a winback part"),
        ([one[:-9]], "damaged or cut short"),
        ([one, _core.part("flow", logs[1], {"every": "1q"})], "their options differ"),
        ([one, _core.part("cohorts", logs[1], {})], "not a winback part of flow"),
    ]:
        with pytest.raises(ValueError, match=message):
            _core.finish(wrong)
    with pytest.raises(ValueError, match="analysis: expected one of retention_rates"):
        _core.part("profit", logs[0], {})
    with pytest.raises(ValueError, match="of: expected an event log"):
        _core.part("flow", snapshots[0], {})
    with pytest.raises(ValueError, match="model: expected a fitted model"):
        _core.part("drift", snapshots[0], {"level": 0.01})
    with pytest.raises(ValueError, match="first: expected the bytes of fitted segments"):
        _core.part("rfm_scores", snapshots[0], {})


def test_the_best_of_parts_are_those_of_one_log(
    whole: wb.EventLog, parts: wb.PartitionedLog, model: wb.ChurnModel
) -> None:
    one = model.candidates(whole.at(UNTIL), top=25, control_share=0.2)
    found = [
        model.candidates(parts.part(number).at(UNTIL), top=25, control_share=0.2).to_polars()
        for number in range(parts.n_parts)
    ]
    together = pl.concat(found[::-1])
    best = _core.best_candidates(together, 25)
    assert pl.DataFrame(best).equals(one.to_polars(), null_equal=True)
    assert len(pl.DataFrame(_core.best_candidates(together.clear(), 25))) == 0
    with pytest.raises(ValueError, match="candidates: expected tables of candidates"):
        _core.best_candidates(together.drop("rank"), 25)
    with pytest.raises(ValueError, match="numbers to rank them by"):
        _core.best_candidates(together.with_columns(expected_value=pl.lit("a")), 25)


def test_progress_is_told_and_its_error_ends_the_work(folder: Path, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    orders = folder / "orders"
    log = wb.PartitionedLog(
        orders, observed_until=UNTIL, memory=2**30, progress=lambda *step: told.append(step)
    )
    log.at(UNTIL).write_features(tmp_path / "f.csv")
    assert [what for what, done, of in told if done == of] == [
        "customer ids",
        "transactions",
        "rows in parts",
    ]

    def broken(what: str, done: int, of: int) -> None:
        raise ZeroDivisionError(what)

    with pytest.raises(ZeroDivisionError, match="customer ids"):
        wb.PartitionedLog(orders, observed_until=UNTIL, memory=2**30, progress=broken)


def test_ctrl_c_ends_the_work_and_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    slow = [False]

    def wait(what: str, done: int, of: int) -> None:
        if slow[0]:
            time.sleep(0.1)

    log = wb.PartitionedLog(
        folder / "orders", observed_until=UNTIL, memory=2**30, least_parts=100, progress=wait
    )
    path = tmp_path / "f.csv"
    slow[0] = True
    # Where these tests run in the background, the signal may be ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        begin = time.monotonic()
        threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            log.at(UNTIL).write_features(path)
    finally:
        signal.signal(signal.SIGINT, before)
    assert time.monotonic() - begin < 5
    assert list(tmp_path.iterdir()) == []
    slow[0] = False
    log.at(UNTIL).write_features(path)
    assert [p.name for p in tmp_path.iterdir()] == ["f.csv"]


def test_wrong_arguments_are_refused(
    folder: Path, parts: wb.PartitionedLog, whole: wb.EventLog, model: wb.ChurnModel, tmp_path: Path
) -> None:
    orders = folder / "orders"

    def log(path: object = orders, **arguments: object) -> wb.PartitionedLog:
        given = {"observed_until": UNTIL, "memory": "1GB"} | arguments
        return wb.PartitionedLog(path, **given)  # type: ignore[arg-type]

    for memory, error, message in [
        ("2 apples", ValueError, "as 2GB, 512MB or 1.5GiB"),
        (1000, ValueError, "memory: expected at least 268435456.*, got 1000"),
        (1.5e9, TypeError, "memory: expected an int or a str such as '2GB', got float"),
    ]:
        with pytest.raises(error, match=message):
            log(memory=memory)
    with pytest.raises(TypeError, match="transactions: expected a path, got DataFrame"):
        log(pl.DataFrame())
    with pytest.raises(TypeError, match="progress: expected what can be called"):
        log(progress=1)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        log(temp_folder=tmp_path / "nowhere")
    with pytest.raises(ValueError, match="least_parts: expected .*, got 0"):
        log(least_parts=0)
    (tmp_path / "x").mkdir()
    with pytest.raises(ValueError, match=r"x: the folder holds no \.parquet and no \.csv file"):
        log(tmp_path / "x")
    with pytest.raises(ValueError, match="Parquet"):
        csv = tmp_path / "orders.csv"
        csv.write_text("customer_id,time\n1,2024-01-01\n")
        log(csv)
    with pytest.raises(ValueError, match=r"ending in \.parquet or \.csv"):
        parts.at(UNTIL).write_features(tmp_path / "f.xlsx")
    with pytest.raises(ValueError, match="at: expected .*, got 2026-01-01"):
        parts.at("2026-01-01").write_features(tmp_path / "f.csv")
    with pytest.raises(TypeError, match=r"expected a winback\.PartitionedSnapshot.*, got Snapshot"):
        model.write_scores(whole.at(UNTIL), tmp_path / "f.csv")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"expected a winback\.Snapshot.*, got PartitionedSnapshot"):
        model.score(parts.at(UNTIL))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="top"):
        model.write_candidates(parts.at(UNTIL), tmp_path / "f.csv", top=0)


def orders_of(ids: np.ndarray, order_bytes: int, start: int = 0) -> pl.DataFrame:
    """Orders of these customers with order ids of so many bytes that nothing can compress."""
    random = np.random.default_rng(start)
    seconds = random.integers(0, 366 * 86_400, len(ids))
    columns = {
        "customer_id": pl.Series(ids).cast(pl.Int64, strict=False),
        "time": pl.Series(seconds * 1_000_000 + 1_704_067_200_000_000).cast(pl.Datetime("us")),
        "amount": random.integers(1, 9_000, len(ids)) / 100,
    }
    if order_bytes:
        orders = (random.bytes(order_bytes // 2).hex() for _ in ids)
        columns["order_id"] = pl.Series(orders, dtype=pl.String)
    return pl.DataFrame(columns)


# Its own report of the most memory it ever held.
PEAK = """
import sys
import winback as wb
from pathlib import Path
try:
    log = wb.PartitionedLog(
        "orders", observed_until="2025-01-01", memory="256MiB", missing_ids="drop", temp_folder="."
    )
    print(log.at("2025-01-01").write_features("features.parquet")["rows"])
except ValueError as error:
    print(error)
status = Path("/proc/self/status").read_text().splitlines()
print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells the peak of a process")
@pytest.mark.parametrize("case", ["heavy", "wide", "missing"])
def test_memory_is_kept_to_or_refused(case: str, tmp_path: Path) -> None:
    (tmp_path / "orders").mkdir()
    random = np.random.default_rng(7)
    customers = random.integers(0, 50_000, 1_500_000)
    if case == "heavy":
        files = [orders_of(np.where(customers < 45_000, 17, customers), 0)]
    elif case == "wide":
        files = [
            orders_of(customers[:20_000], 4),
            orders_of(customers[:150_000], 400, 1),
            orders_of(customers[:15_000], 8_000, 2),
        ]
    else:
        files = [orders_of(np.where(customers < 45_000, np.nan, customers), 0)]
    for number, rows in enumerate(files):
        rows.write_parquet(tmp_path / "orders" / f"{number}.parquet")
    del files
    done = subprocess.run(
        [sys.executable, "-c", PEAK],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(wb.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    said, peak = done.stdout.splitlines()
    if case == "heavy":
        expected = r"memory: expected at least \d+ bytes, for the \d+ bytes of rows of customer 17 "
        assert re.match(expected, said)
    else:
        kept = customers[customers >= 45_000] if case == "missing" else customers[:150_000]
        assert int(said) == len(np.unique(kept))
    assert int(peak) << 10 <= 256 << 20


TRAINED = """
import sys
import warnings
import winback as wb
from pathlib import Path
estimator, memory, cutoffs = sys.argv[1:]
log = wb.PartitionedLog(
    "orders.parquet", observed_until="2025-01-01", memory=memory, temp_folder="."
)
model = wb.ChurnModel(estimator)
try:
    model.fit(log, until="2024-10-01", cutoffs=int(cutoffs), share=1.0)
except ValueError as error:
    print(error)
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    model.fit(log, until="2024-10-01", cutoffs=int(cutoffs))
print(*(warning.message for warning in told))
print(model.training_["share"])
print(model.backtest(log, tests=1, draws=0, cutoffs=int(cutoffs)).notes[-1])
status = Path("/proc/self/status").read_text().splitlines()
print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells the peak of a process")
@pytest.mark.parametrize("estimator", ["average", "logistic", "boosting"])
def test_training_keeps_to_the_memory(estimator: str, tmp_path: Path) -> None:
    wb.simulate(customers=12_000).transactions.write(tmp_path / "orders.parquet")
    memory = 288 << 20
    done = subprocess.run(
        [sys.executable, "-c", TRAINED, estimator, str(memory), "24"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(wb.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    refused, warned, share, noted, peak = done.stdout.splitlines()
    expected = r"memory: expected at least [\d,]+ bytes to train on a share of 1 of the customers; "
    assert re.match(expected + rf"a share of {share} fits, got {memory}$", refused)
    assert warned.startswith(f"trained on a share of {share} of the customers, for whom the memory")
    assert 0.05 < float(share) < 1.0
    assert noted.startswith("the log holds a share of 0.")
    # Not more than is allowed, and not much less than could be.
    assert 0.5 * memory < int(peak) << 10 <= memory
