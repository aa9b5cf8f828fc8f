"""Who is compensated for what, and what they did afterwards."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest

import winback as wb

AT = datetime(2024, 7, 1)


def day(before: float) -> datetime:
    return AT - timedelta(days=before)


ORDERS = pl.DataFrame(
    {
        "customer_id": [1, 2, 3, 4, 5, 6, 6, 7],
        "time": [day(n) for n in (400, 100, 100, 50, 30, 20, 10, 60)],
        "amount": [500.0, 80.0, 70.0, 60.0, 50.0, 40.0, -40.0, 30.0],
    }
)
TICKETS = pl.DataFrame(
    {
        "customer_id": [1, 2, 3, 4, 7, 7],
        "opened_at": [day(n) for n in (200, 20, 15, 5, 100, 3)],
        "first_response_at": [day(199), day(19.5), day(10), None, day(99.9), None],
        "resolved_at": [None, day(19), day(9), None, day(99), None],
        "reopened_count": [None, 2, 0, None, 1, None],
        "satisfaction": [None, 4.0, 1.0, None, 1.0, None],
    }
)
SURVEYS = pl.DataFrame(
    {
        "customer_id": [5, 5, 2],
        "time": [day(40), day(3), day(200)],
        "score": [9.0, 3.0, 0.0],
    }
)


def log(**tables: Any) -> wb.EventLog:
    return wb.EventLog(ORDERS, **tables, observed_until="2024-12-01")


NOW = log(tickets=TICKETS, surveys=SURVEYS).at(AT)
ALL: dict[str, float] = {
    "unresolved": 20,
    "reopened": 10,
    "slow": 5,
    "badly_rated": 15,
    "low_score": 8,
    "returned": 3,
}


def found(**options: Any) -> dict[int, dict[str, Any]]:
    rows = wb.campaign.compensation(NOW, **options).to_polars().iter_rows(named=True)
    return {row["customer_id"]: row for row in rows}


@pytest.mark.parametrize(
    ("harm", "customers"),
    [
        # An old ticket that is still open counts; one of five days is not open for long.
        ("unresolved", {1: "a ticket open for 200 days"}),
        ("reopened", {2: "a ticket reopened, times: 2"}),
        (
            "slow",
            dict.fromkeys((3, 4, 7), "first answer to a ticket not within 48 hours"),
        ),
        ("badly_rated", {3: "a ticket rated 1"}),
        ("low_score", {5: "3 in the latest survey answer"}),
        ("returned", {6: "goods for 40 came back"}),
    ],
)
def test_each_harm_by_hand(harm: str, customers: dict[int, str]) -> None:
    rows = found(**{harm: 7})
    assert {id: row["reasons"] for id, row in rows.items()} == customers
    assert all(row["compensation"] == 7 and row["by"] == harm for row in rows.values())


def test_hours_matter_for_a_first_answer() -> None:
    # Answered after 2.4 hours, half a day, a day and five; two have no answer yet.
    assert found(slow=7, slow_hours=11.9, since="300d").keys() == {1, 2, 3, 4, 7}
    assert found(slow=7, slow_hours=12, since="300d").keys() == {1, 3, 4, 7}
    assert found(slow=7, slow_hours=0.5)[7]["reasons"].endswith("within 0.5 hours")
    for hours in (0, -1, float("nan"), 1e7):
        with pytest.raises(ValueError, match="slow_hours: expected above 0"):
            found(slow=7, slow_hours=hours)


def test_a_bad_rating_is_one_of_the_scale_of_the_ratings() -> None:
    assert wb.campaign.compensation(NOW, badly_rated=5).figures["ratings"] == [1, 4]
    for rating in (4, 5):
        with pytest.raises(ValueError, match="bad_rating: expected below 4, the best"):
            found(badly_rated=5, bad_rating=rating)
    low = wb.campaign.compensation(NOW, badly_rated=5, bad_rating=0.5)
    assert len(low) == 0 and "ratings go from 1 to 4" in str(low)
    with pytest.raises(ValueError, match="bad_score: expected from 0 to below 10"):
        found(low_score=5, bad_score=10)


def test_a_list_that_is_not_the_best_says_so() -> None:
    now = wb.simulate(customers=2_000).event_log().at("2024-07-01")
    owed = wb.campaign.compensation(now, unresolved=20, badly_rated=11, low_score=7, fund=500)
    assert 0 <= owed.figures["gap"] < 0.05
    assert ("at most" in str(owed)) == (owed.figures["gap"] > 1e-12)
    assert wb.campaign.compensation(now, unresolved=20).figures["gap"] == 0


def test_a_customer_gets_the_highest_that_he_is_owed() -> None:
    rows = found(**ALL)
    assert {id: row["compensation"] for id, row in rows.items()} == {
        1: 20, 2: 10, 3: 15, 4: 5, 5: 8, 6: 3, 7: 5,
    }  # fmt: skip
    assert rows[3]["harms"] == 2
    assert rows[3]["reasons"].count(";") == 1
    # By what they bought for within the year.
    assert list(rows) == [2, 3, 4, 5, 7, 1, 6]
    assert found(**ALL, since="10d").keys() == {1, 4, 5, 6, 7}


def test_a_fund_goes_to_those_who_bought_for_most() -> None:
    owed = wb.campaign.compensation(NOW, slow=5, badly_rated=5, unresolved=5, returned=5, fund=10)
    assert owed["customer_id"] == [3, 4]
    assert owed.figures["cost"] == 10
    assert owed.figures["beyond_fund"] == 3
    assert owed.tables["beyond_fund"]["arm"] == ["beyond_fund"] * 3
    assert "the fund does not reach 3" in str(owed)
    nothing = wb.campaign.compensation(NOW, slow=5, fund=0)
    assert nothing.figures["compensated"] == 0


def test_control_is_drawn_by_id_and_gets_nothing() -> None:
    now = wb.simulate(customers=3_000).event_log().at("2024-07-01")
    owed = wb.campaign.compensation(now, badly_rated=5, control_share=0.3, salt="x")
    counts = dict(owed.to_polars().group_by("arm").len().rows())
    assert 0.2 < counts["control"] / sum(counts.values()) < 0.4
    assert owed.figures["cost"] == 5 * counts["compensate"]
    again = wb.campaign.compensation(now, badly_rated=5, control_share=0.3, salt="x", fund=1e6)
    assert again.to_polars().equals(owed.to_polars())
    everybody = wb.campaign.compensation(now, badly_rated=5)
    assert set(everybody["customer_id"]) == set(owed["customer_id"])


def test_later_rows_change_nothing() -> None:
    late = TICKETS.with_columns(
        resolved_at=pl.col("resolved_at").fill_null(AT + timedelta(days=1)),
        satisfaction=pl.col("satisfaction").fill_null(1.0),
        reopened_count=pl.col("reopened_count").fill_null(3),
    )
    options: dict[str, Any] = {**ALL, "fund": 40.0}
    known = wb.campaign.compensation(NOW, **options)
    later = wb.campaign.compensation(log(tickets=late, surveys=SURVEYS).at(AT), **options)
    assert known.to_polars().equals(later.to_polars())


def test_reasons_in_russian() -> None:
    assert found(unresolved=5, language="ru")[1]["reasons"] == "обращение открыто уже 200 дней"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "unresolved: expected an amount for it or for one of reopened"),
        ({"unresolved": 0}, "unresolved: expected above 0"),
        ({"slow": float("nan")}, "slow"),
        ({"slow": 5, "slow_hours": 0}, "slow_hours"),
        ({"slow": 5, "since": "0d"}, "since"),
        ({"slow": 5, "fund": -1}, "fund"),
        ({"slow": 5, "control_share": 1}, "control_share"),
        ({"badly_rated": 5, "bad_rating": float("inf")}, "bad_rating"),
        ({"slow": 5, "language": "de"}, "language"),
    ],
    ids=str,
)
def test_bad_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        wb.campaign.compensation(NOW, **options)


def test_harm_that_a_log_cannot_tell_is_refused() -> None:
    plain = log().at(AT)
    for harm, needs in [("unresolved", "resolved_at"), ("low_score", "survey answers")]:
        with pytest.raises(ValueError, match=f"{harm}: expected nothing, for the log has no"):
            wb.campaign.compensation(plain, **{harm: 5.0})
        assert needs
    assert wb.campaign.compensation(plain, returned=5)["customer_id"] == [6]


def test_outcomes_are_told_as_an_observation() -> None:
    arms = pl.DataFrame({"customer_id": [1, 2, 5, 6], "arm": ["paid", "paid", "not", "not"]})
    orders = pl.concat(
        [
            ORDERS,
            pl.DataFrame(
                {
                    "customer_id": [1, 6],
                    "time": [AT + timedelta(days=5), AT + timedelta(days=95)],
                    "amount": [12.0, 9.0],
                }
            ),
        ]
    )
    whole = wb.EventLog(orders, tickets=TICKETS, observed_until="2024-12-01")
    after = wb.campaign.compensation_outcomes(arms, whole, start=AT)
    rows = {row["arm"]: row for row in after.to_polars().iter_rows(named=True)}
    assert rows["paid"]["purchased"] == 0.5
    assert rows["paid"]["spend"] == 6.0
    assert rows["paid"]["tickets_before"] == 0.5
    assert rows["not"]["purchased"] == 0.0
    assert rows["not"]["purchased_before"] == 1.0
    assert "observed, not caused" in str(after)
    early = wb.campaign.compensation_outcomes(arms, whole, start="2024-11-01")
    assert early.figures["is_over"] is False
    with pytest.raises(ValueError, match="start"):
        wb.campaign.compensation_outcomes(arms, whole)
    with pytest.raises(ValueError, match="knows none"):
        wb.campaign.compensation_outcomes(
            arms.with_columns(pl.col("customer_id") + 90), whole, start=AT
        )


def test_of_what_was_drawn_effect_tells() -> None:
    whole = wb.simulate(customers=3_000).event_log()
    owed = wb.campaign.compensation(whole.at("2024-07-01"), badly_rated=5, control_share=0.5)
    shares = {"control": 0.5, "compensate": 0.5}
    told = wb.campaign.effect(owed, whole, start="2024-07-01", shares=shares)
    assert told["arm"][0] == "compensate"
    after = wb.campaign.compensation_outcomes(owed, whole, start="2024-07-01", window="30d")
    means = dict(after.to_polars().select("arm", "purchased").rows())
    row = told.to_polars().row(by_predicate=pl.col("metric") == "purchased", named=True)
    assert means == pytest.approx({"compensate": row["mean"], "control": row["control_mean"]})
    assert "effect says" in str(after)
