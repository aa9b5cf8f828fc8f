"""Where the tests find the real data and the command line, and what the tests of plots draw."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import winback as wb
from documents import ROOT


def skip_or_fail(reason: str) -> None:
    """Skips the test, or fails it when WINBACK_REQUIRE_DATA=1."""
    if os.environ.get("WINBACK_REQUIRE_DATA") == "1":
        pytest.fail(f"{reason} (and WINBACK_REQUIRE_DATA=1)")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real data."""
    name = os.environ.get("WINBACK_DATA")
    if not name:
        skip_or_fail("no real data: the environment variable WINBACK_DATA names no folder")
    folder = Path(str(name))
    if not folder.is_dir():
        skip_or_fail(f"no real data: WINBACK_DATA names {folder}, which is not a folder")
    return folder


@pytest.fixture(scope="session")
def read_data(data_folder: Path) -> Callable[[str], pl.DataFrame]:
    """Reads one Parquet file of the data folder, named as in `cdnow/cdnow_master`, once."""

    @cache
    def read(name: str) -> pl.DataFrame:
        path = data_folder / f"{name}.parquet"
        if not path.is_file():
            skip_or_fail(f"no real data: {path} is missing")
        return pl.read_parquet(path)

    return read


@pytest.fixture(scope="session")
def simulated_log() -> wb.EventLog:
    """Of the tests of plots."""
    return wb.simulate(customers=1000).event_log()


@pytest.fixture(scope="session")
def fitted_model(simulated_log: wb.EventLog) -> wb.ChurnModel:
    """Fitted until 2024-10-01."""
    return wb.ChurnModel().fit(simulated_log, until="2024-10-01")


def campaign_on(log: wb.EventLog) -> wb.Answer:
    """Two offers that nobody heard of."""
    customers = log.at("2024-10-01").features(features=["purchase_count"])
    drawn = wb.campaign.assign(customers, arms={"control": 2, "offer_a": 1, "offer_b": 1})
    groups = pl.col("customer_id") % 3
    arms = drawn.to_polars().with_columns(third=groups.cast(pl.String))
    return wb.campaign.effect(
        arms,
        log,
        start="2024-10-01",
        shares={"control": 2, "offer_a": 1, "offer_b": 1},
        segments=["third"],
        margin=0.3,
        contact_cost=0.1,
        looks=8,
    )


@pytest.fixture(scope="session")
def results(simulated_log: wb.EventLog, fitted_model: wb.ChurnModel) -> dict[str, Any]:
    """The first argument of every plot but the curves of a score, of some plots all of them."""
    explanation = fitted_model.explain(simulated_log.at("2025-01-01"))
    costs = {"clv": "0.3*total_spend_365d", "incentive_cost": 5, "contact_cost": 0.5}
    purchases = wb.timing.ModifiedBetaGeo().fit(simulated_log.at("2025-01-01"))
    campaign = campaign_on(simulated_log)
    early = simulated_log.at("2024-01-01")
    told = wb.timing.ModifiedBetaGeo().fit(early).next_purchase(early)
    visited = wb.simulate(customers=300, events=True).event_log()
    return {
        "activity": wb.events.summary(visited),
        "backtest": wb.ChurnModel().backtest(simulated_log, tests=3, draws=50),
        "balance": campaign,
        "beeswarm": explanation,
        "budget_curve": wb.campaign.target(
            range(500), [i * 37 % 101 / 10 for i in range(500)], 3, budget=600
        ),
        "cohorts": wb.retention.cohorts(simulated_log, "1q"),
        "coverage": (told, simulated_log.panel(at="2024-01-01")),
        "drift": fitted_model.drift(simulated_log.at("2025-01-01")),
        "effect": campaign,
        "effect_over_time": campaign,
        "flow": wb.retention.flow(simulated_log, "1q"),
        "frequency_recency": purchases,
        "gap_distribution": wb.inactivity(simulated_log.at("2025-01-01")),
        "lorenz_curve": wb.segments.concentration(simulated_log.at("2025-01-01")),
        "migration": wb.retention.migration(
            simulated_log.at("2024-07-01"), simulated_log.at("2025-01-01")
        ),
        "nps": wb.surveys.nps(simulated_log.at("2024-12-15")),
        "p_alive": purchases,
        "profit_curve": fitted_model.profit(
            simulated_log.at("2024-10-01"), accept_rate=0.3, **costs
        ),
        "qini_curve": wb.metrics.uplift_curve(
            [i * 31 % 7 < 3 for i in range(500)],
            [i * 13 % 17 for i in range(500)],
            [i * 7 % 3 == 0 for i in range(500)],
        ),
        "return_curve": wb.inactivity(simulated_log.at("2025-01-01")),
        "shares": wb.segments.rfm(simulated_log.at("2025-01-01")),
        "tracking": wb.timing.backtest(simulated_log.at("2024-07-01")),
        "waterfall": fitted_model.explain(simulated_log.at("2025-01-01"), customer_id=17),
    }


@pytest.fixture
def program() -> Path:
    """The command line tool, which `make test` builds."""
    path = Path(os.environ.get("WINBACK_CLI", ROOT / "target/debug/winback"))
    if not path.exists():
        assert "WINBACK_REQUIRE_DATA" not in os.environ, f"{path} is not there"
        pytest.skip(f"{path} is not there: cargo build --features cli")
    return path
