"""The page on a campaign in Python: the figures of the answers, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import winback as wb
from test_report import Browse, browse, chromium, requests, seen

__all__ = ["browse", "chromium"]  # fixtures

START = "2024-10-01"


@pytest.fixture(scope="module")
def shop() -> Any:
    return wb.simulate(
        customers=3_000, seed=5, campaign={"start": START, "window": "30d", "persuaded": 0.6}
    )


@pytest.fixture(scope="module")
def found(shop: Any, tmp_path_factory: pytest.TempPathFactory) -> wb.Answer:
    folder = tmp_path_factory.mktemp("campaign")
    early = wb.EventLog(shop.transactions, tickets=shop.tickets, observed_until=START)
    listed = early.at(START).features(features=["purchase_count", "total_spend"])
    known = early.at(START)
    drawn = wb.campaign.assign(
        listed, known, control_share=0.5, start=START, skip_open_tickets=True,
        plan=folder / "plan.json",
    )  # fmt: skip
    log = shop.event_log()
    return wb.campaign.effect(
        drawn, log, plan=folder / "plan.json", margin=0.4, contact_cost=0.5, looks=10,
        covariates=["spend_before"],
    )  # fmt: skip


@pytest.fixture(scope="module")
def beside() -> dict[str, Any]:
    draw = np.random.default_rng(7)
    x, arm = draw.uniform(size=(4_000, 2)), draw.integers(0, 3, 4_000)
    effect = np.choose(arm, [0, 0.4 * x[:, 0] - 0.1, 0.2 * x[:, 1] - 0.1])
    bought = draw.uniform(size=4_000) < 0.3 + effect
    names = np.array(["none", "letter", "call <b>"])
    model = wb.campaign.Uplift("t").fit(x, list(names[arm]), bought, control="none")
    gains = 20 * model.predict(x[:1_000])
    targets = wb.campaign.target(
        range(1_000),
        gain=dict(zip(model.arms_, gains.T, strict=True)),
        cost={"letter": 1.0, "call <b>": 2.0},
        budget=300,
        control_share=0.1,
    )
    costs = {"letter": 1.0, "call <b>": 2.0}
    return {"recommendation": model.recommend(margin=20, costs=costs), "targets": targets}


def exact(page: Path) -> set[float]:
    return {float(v) for v in re.findall(r'<data value="([^"]+)">', page.read_text("utf-8"))}


def test_all_figures_are_those_of_the_answers(
    found: wb.Answer, beside: dict[str, Any], tmp_path: Path
) -> None:
    page = tmp_path / "result.html"
    wb.campaign.report(page, found, **beside, name="Autumn", currency="EUR")
    shown = exact(page)
    policies = beside["recommendation"].tables["policies"]
    offers = beside["targets"].tables["offers"]
    looked_at = 0
    for table, columns in [
        (found, ["mean", "control_mean", "difference", "difference_low", "difference_high"]),
        (found, ["relative_lift", "p_adjusted"]),
        (found.tables["money"], ["incremental_revenue", "profit", "profit_low", "paid_chance"]),
        (found.tables["arms"], ["customers", "share", "drawn_share"]),
        (policies, ["share", "value", "over_nobody", "targeted_gain", "targeted_gain_low"]),
        (offers, ["customers", "spend", "profit"]),
    ]:
        for column in columns:
            for value in table[column]:
                assert value is None or value in shown, (column, value)
                looked_at += 1
    assert looked_at > 60
    text = page.read_text("utf-8")
    open_tickets = found.figures["plan"]["excluded"]["open_ticket"]
    assert open_tickets > 0 and open_tickets in shown
    assert "What the campaign changed: Autumn" in text
    assert "would have bought anyway" in text and "saved" not in text
    assert "call &lt;b&gt;" in text and "<b> " not in text


def test_the_page_is_the_same_again_in_two_languages(
    found: wb.Answer, beside: dict[str, Any], tmp_path: Path
) -> None:
    one, other = tmp_path / "one.html", tmp_path / "other.htm"
    for path in (one, other):
        wb.campaign.report(path, found, **beside, language="ru")
    assert one.read_bytes() == other.read_bytes()
    assert "Сработало ли?" in one.read_text("utf-8")


def test_a_window_that_is_not_over_gets_no_verdict(shop: Any, tmp_path: Path) -> None:
    log = wb.EventLog(shop.transactions, observed_until="2024-10-12")
    found = wb.campaign.effect(
        shop.campaign, log, start=START, margin=0.4, contact_cost=0.5, looks=5
    )
    page = tmp_path / "result.html"
    wb.campaign.report(page, found)
    text = page.read_text("utf-8")
    assert "This is an interim result" in text and "Wait for" in text
    assert "repeat it" not in text and "recommendation." not in text
    assert found.tables["over_time"]["until"][-1].isoformat().startswith("2024-10-12")


def test_what_cannot_be_is_refused(found: wb.Answer, tmp_path: Path) -> None:
    path = tmp_path / "result.html"
    refused: list[tuple[tuple[Any, ...], dict[str, Any], type[Exception], str]] = [
        ((path, found.tables["money"]), {}, TypeError, "found: expected a winback.Answer"),
        ((tmp_path / "result.csv", found), {}, ValueError, "ending in .html"),
        ((path, found), {"recommendation": found}, ValueError, "recommendation: expected what"),
        ((path, found), {"targets": found}, ValueError, "targets: expected what"),
        ((path, found), {"language": "de"}, ValueError, "language"),
        ((path, found), {"name": 3}, TypeError, "name: expected a str"),
        ((path, found), {"currency": " "}, ValueError, "currency"),
    ]
    for arguments, options, error, message in refused:
        with pytest.raises(error, match=re.escape(message)):
            wb.campaign.report(*arguments, **options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wider_than_the_screen(
    found: wb.Answer,
    beside: dict[str, Any],
    browse: Browse,
    tmp_path: Path,
    width: int,
    language: Any,
) -> None:
    page = tmp_path / "result.html"
    wb.campaign.report(page, found, **beside, language=language)
    values = seen(browse, page, width, tmp_path)
    assert values["wide"] == []
    assert values["width"] <= width
    assert len(values["headings"]) == 10
    assert len(values["pictures"]) >= 5
    assert values["small"] == 0 and values["cut"] == []


def test_the_page_can_be_seen_and_asks_for_nothing(
    found: wb.Answer, beside: dict[str, Any], browse: Browse, tmp_path: Path
) -> None:
    page, picture = tmp_path / "result.html", tmp_path / "result.png"
    wb.campaign.report(page, found, **beside)
    logged = f"--log-net-log={tmp_path / 'net.json'}"
    opened = browse(page, f"--screenshot={picture}", "--window-size=1280,3000", logged)
    assert "CONSOLE" not in opened.stderr
    assert requests(tmp_path / "net.json") == set()
    assert picture.read_bytes().startswith(b"\x89PNG") and picture.stat().st_size > 20_000


def test_a_table_of_another_system_has_a_page_too(tmp_path: Path) -> None:
    table = pd.DataFrame({"arm": ["control", "a", "b"] * 200, "visits": range(600)})
    found = wb.campaign.effect(table, metrics=["visits"])
    wb.campaign.report(tmp_path / "result.html", found)
    text = (tmp_path / "result.html").read_text("utf-8")
    assert "No file of a plan was given" in text and "No outcome of this campaign is money" in text


def test_nothing_is_recommended_by_chance_or_without_a_draw(tmp_path: Path) -> None:
    draw = np.random.default_rng(2)
    table = pd.DataFrame({"arm": np.repeat(["control", *(f"o{i}" for i in range(8))], 300)})
    table["spend"] = draw.gamma(1, 20, len(table))
    found = wb.campaign.effect(table, metrics=["spend"], margin=1, contact_cost=0)
    money = found.tables["money"].to_polars().to_dicts()
    by_chance = [row for row in money if row["profit_low"] > 0 and row["p_adjusted"] > 0.05]
    assert by_chance
    page = tmp_path / "page.html"
    wb.campaign.report(page, found)
    assert "repeat it" not in page.read_text("utf-8")
    assert "one can look so by chance" in page.read_text("utf-8")

    # Who was mailed had bought more before.
    table = pd.DataFrame({"arm": np.repeat(["control", "mailed"], 2_000)})
    before = draw.gamma(1, 20, len(table)) + np.where(table.arm == "mailed", 15, 0)
    table["before"], table["spend"] = before, before + draw.gamma(1, 20, len(table))
    found = wb.campaign.effect(table, metrics=["spend"], covariates=["before"], margin=1)
    assert found.figures["unlike_arms"] == ["mailed"]
    wb.campaign.report(page, found)
    text = page.read_text("utf-8")
    assert "The arms were not drawn at random" in text
    assert "It paid" not in text and "paid for itself" not in text
