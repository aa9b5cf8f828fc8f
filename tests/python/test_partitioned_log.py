"""Logs larger than memory: what is written equals what one log gives."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import polars as pl
import pytest

import winback as wb

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
