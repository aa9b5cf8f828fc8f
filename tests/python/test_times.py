"""Times of all kinds, zones of logs, and numbers by other signs."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pytest

import winback as wb

NEW_YORK = ZoneInfo("America/New_York")
LOG = wb.simulate(customers=60, seed=3).event_log()


def orders(times: Any) -> pl.DataFrame:
    return pl.DataFrame({"customer_id": [1] * len(times), "time": times})


@pytest.mark.parametrize(
    "cutoff",
    [
        "2024-09-01",
        date(2024, 9, 1),
        datetime(2024, 9, 1),
        datetime(2024, 9, 1, tzinfo=timezone.utc),
        datetime(2024, 9, 1, 3, tzinfo=timezone(timedelta(hours=3))),
        datetime(2024, 8, 31, 20, tzinfo=NEW_YORK),
        pd.Timestamp("2024-09-01"),
        pd.Timestamp("2024-09-01T02:00", tz="Europe/Berlin"),
        np.datetime64("2024-09-01"),
        np.datetime64("2024-09", "M"),
        np.datetime64("2024-09-01T00", "h"),
        np.datetime64("2024-09-01T00:00:00", "ns"),
    ],
)
def test_whatever_stands_for_a_time_is_that_time(cutoff: Any) -> None:
    assert LOG.at(cutoff).at == datetime(2024, 9, 1)
    assert wb.retention.rates(LOG, start=cutoff)["period"][0] == datetime(2024, 9, 1)
    assert set(LOG.panel(at=cutoff)["cutoff"]) == {datetime(2024, 9, 1)}


@pytest.mark.parametrize(
    "cutoffs",
    [
        ["2024-08-01", date(2024, 9, 1)],
        (datetime(2024, 8, 1), np.datetime64("2024-09-01")),
        pd.date_range("2024-08-01", periods=2, freq="MS"),
        pd.Series(pd.to_datetime(["2024-08-01", "2024-09-01"])),
        pl.Series([date(2024, 8, 1), date(2024, 9, 1)]),
        np.array(["2024-08-01", "2024-09-01"], dtype="datetime64[D]"),
        (date(2024, month, 1) for month in (8, 9)),
    ],
)
def test_several_times_come_in_any_container(cutoffs: Any) -> None:
    found = set(LOG.panel(at=cutoffs)["cutoff"])
    assert found == {datetime(2024, 8, 1), datetime(2024, 9, 1)}


@pytest.mark.parametrize("cutoff", [pd.NaT, np.datetime64("NaT"), "soon"])
def test_no_time_is_refused(cutoff: Any) -> None:
    with pytest.raises(ValueError, match="at: expected an ISO date or time"):
        LOG.at(cutoff)


@pytest.mark.parametrize("cutoff", [5, 1.5, None, b"2024-09-01"])
def test_other_types_are_refused(cutoff: Any) -> None:
    with pytest.raises(TypeError, match="at: expected a str, a date or a datetime, got"):
        LOG.at(cutoff)


def instants() -> list[datetime]:
    start = datetime(2024, 10, 30, tzinfo=timezone.utc)
    return [start + timedelta(hours=7 * step) for step in range(40)]


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "UTC"])
def test_a_log_goes_by_the_clock_of_its_zone(zone: str) -> None:
    local = [at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for at in instants()]
    by_zone = [at.astimezone(ZoneInfo("Europe/Berlin")) for at in instants()]
    until = instants()[-1] + timedelta(days=1)
    for times in (instants(), by_zone, local, [at.isoformat() for at in instants()]):
        log = wb.EventLog(orders(times), time_zone=zone, observed_until=until, purchase_by="day")
        assert log.time_zone == zone
        assert log.first_event == min(local)
        assert log.last_event == max(local)
        assert log.report["purchases"] == len({at.date() for at in local})
        assert log.observed_until == until.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert ("by the clock of" in repr(log)) == (zone != "UTC")
    frame = orders(instants()).to_pandas()
    log = wb.EventLog(frame, time_zone=ZoneInfo(zone), observed_until=until)  # type: ignore[arg-type]
    assert log.first_event == min(local)
    more = log.append(orders([until.isoformat()]), observed_until=until + timedelta(days=1))
    assert more.last_event == until.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def test_an_unknown_zone_is_refused() -> None:
    expected = 'time_zone: expected the name of a time zone, such as Europe/Berlin or .* "Mars"'
    with pytest.raises(ValueError, match=expected):
        wb.EventLog(orders(["2024-01-01"]), time_zone="Mars", observed_until="last_event")
    with pytest.raises(TypeError, match="time_zone: expected a str, got int"):
        wb.EventLog(orders(["2024-01-01"]), time_zone=3, observed_until="last_event")  # type: ignore[arg-type]


def test_models_and_customers_keep_the_zone() -> None:
    shop = wb.simulate(customers=400)
    berlin = wb.EventLog(shop.transactions, time_zone="Europe/Berlin", observed_until="2025-01-01")
    model = wb.ChurnModel().fit(berlin, until=datetime(2024, 9, 30, 22, tzinfo=timezone.utc))
    with pytest.raises(ValueError, match='time_zone: expected "Europe/Berlin", as in training'):
        model.score(shop.event_log().at("2025-01-01"))
    customer = model.customer_history()
    customer.push_transaction("2024-12-22T23:30:00Z", amount=20.0)
    days = customer.features(at="2024-12-25T00:00")["days_since_last_purchase"]
    assert days == pytest.approx(2 - 0.5 / 24)
    assert customer.features(at="2024-12-24T23:00:00Z")["days_since_last_purchase"] == days


def test_a_partitioned_log_has_a_zone_too(tmp_path: Path) -> None:
    path = tmp_path / "orders.parquet"
    orders(instants()).write_parquet(path)
    log = wb.PartitionedLog(
        path, time_zone="America/New_York", observed_until="last_event", memory="1GB"
    )
    assert log.time_zone == "America/New_York"
    assert log.first_event == datetime(2024, 10, 29, 20)
    assert "by the clock of America/New_York" in repr(log)


def test_formats_and_signs(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("customer_id;time;known_at;amount\n1;3/4/24;2024-03-05;1.234,50\n")
    short_years = {"transactions.time": "%m/%d/%y"}
    log = wb.EventLog(
        path,
        time_format=short_years,
        decimal=",",
        thousands=".",
        observed_until="2024-04-01",
    )
    assert log.first_event == datetime(2024, 3, 4)
    assert log.at("2024-04-01").features(features=["total_spend"])["total_spend"] == [1234.5]
    with pytest.raises(ValueError, match=r'row 1: "1.234,50" is not a number: decimal="," and'):
        wb.EventLog(path, time_format=short_years, observed_until="2024-04-01")
    with pytest.raises(ValueError, match="time_format: expected a format that gives year"):
        wb.EventLog(path, time_format="%d.%m.", observed_until="2024-04-01")
    with pytest.raises(ValueError, match="decimal: expected one character, got ',,'"):
        wb.EventLog(path, decimal=",,", observed_until="2024-04-01")
    # What is appended is read as the log was, unless it is said to be written otherwise.
    twice = log.append(path, observed_until="2024-05-01")
    assert twice.at("2024-05-01").features(features=["total_spend"])["total_spend"] == [2469.0]
    with pytest.raises(ValueError, match=r'"3/4/24" is not a time written as "%d.%m.%Y"'):
        log.append(path, time_format="%d.%m.%Y", observed_until="2024-05-01")


def test_scores_of_few_answers_have_no_difference_but_a_range() -> None:
    one, other = wb.surveys.nps_of_counts(1, 0, 0), wb.surveys.nps_of_counts(0, 0, 1)
    assert one.low < one.high
    change = wb.surveys.nps_difference(one, other)
    assert (change.difference, change.low, change.high, change.p_value) == (200, None, None, None)
