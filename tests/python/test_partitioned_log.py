"""Logs larger than memory: what is written equals what one log gives."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

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
    shop.customers.write(path / "customers.parquet")
    return path


def tables(folder: Path) -> dict[str, Path]:
    return {name: folder / f"{name}.parquet" for name in ("tickets", "customers")}


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
    whole: wb.EventLog, parts: wb.PartitionedLog
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
    assert parts.report == whole.report
    with pytest.raises(ValueError, match="after: expected a snapshot of the log"):
        wb.retention.migration(whole.at("2024-01-01"), parts.at("2024-07-01"))
    with pytest.raises(TypeError, match=r"log: expected a winback\.EventLog or"):
        wb.retention.rates(None)  # type: ignore[arg-type]


def test_parts_of_other_processes_are_finished_in_any_order(
    whole: wb.EventLog, parts: wb.PartitionedLog
) -> None:
    logs = [parts.part(number)._log for number in range(parts.n_parts)]
    snapshots = [log.at(UNTIL) for log in logs]

    def finished(analysis: str, of: list[Any], options: dict[str, Any]) -> Any:
        found: Any = None
        while found is None or isinstance(found, bytes):
            gathered = [_core.part(analysis, one, options, found) for one in of]
            found = _core.finish(gathered[::-1])
        return found

    def same_as(answer: wb.Answer, analysis: str, of: list[Any], options: dict[str, Any]) -> None:
        found = wb.Answer(finished(analysis, of, options))
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
    same_as(wb.segments.concentration(now), "concentration", snapshots, {})
    fitted = finished("rfm", snapshots, {"segments": "common", "other": None})
    assert fitted.cuts() == wb.segments.RfmSegments().fit(now).cuts_

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
