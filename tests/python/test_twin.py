"""The twin itself, against published and outside values and against a case worked by hand."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import polars as pl
import pytest

from twin import features

START = datetime(2020, 1, 1)


def purchases_on(days: list[int]) -> pl.DataFrame:
    return pl.DataFrame(
        {"customer_id": [1] * len(days), "time": [START + timedelta(days=d) for d in days]}
    )


# Zhang, Bradlow, Small (2015): event days in N = 99; the first purchase is day 0.
CLUMPINESS = [
    (list(range(10, 100, 10)), 0.0),
    (list(range(1, 10)), 0.7827276670),
    ([10, 11, 12, 70, 71, 72], 0.4414760269),
]


@pytest.mark.parametrize(("event_days", "expected"), CLUMPINESS)
@pytest.mark.parametrize("at", [START + timedelta(days=100), START + timedelta(days=99.5)])
def test_clumpiness_of_the_paper(event_days: list[int], expected: float, at: datetime) -> None:
    row = features(purchases_on([0, *event_days]), at).row(0, named=True)
    assert row["clumpiness"] == pytest.approx(expected, abs=1e-9)


def cdnow(read_data) -> pl.DataFrame:
    frame = read_data("cdnow/cdnow_master")
    return frame.rename({"date": "time", "dollar_value": "amount"})


def test_cdnow_totals(read_data) -> None:
    table = features(cdnow(read_data), datetime(1998, 7, 1), purchase_by="day")
    assert table.height == 23_502
    assert table["purchase_count"].sum() == 67_511
    assert table["total_spend"].sum() == pytest.approx(2_500_315.63, abs=1e-6)


def test_cdnow_customers(read_data) -> None:
    table = features(cdnow(read_data), datetime(1998, 1, 1), purchase_by="day")
    names = ["days_since_last_purchase", "purchase_count", "average_check", "tenure_days"]
    for customer_id, expected in {
        "00001": (365, 1, 11.77, 365),
        "00004": (20, 4, 25.125, 365),
        "00021": (353, 2, 37.555, 365),
    }.items():
        row = table.filter(pl.col("customer_id") == customer_id).select(names).row(0)
        assert row == pytest.approx(expected, abs=1e-9)


def test_case_worked_by_hand() -> None:
    """One customer, one adjusted order, one cancelled order, one return, one late-known row."""

    def on(day: float) -> datetime:
        return START + timedelta(days=day)

    transactions = pl.DataFrame(
        [
            ("a", "x", on(0.0), 10.0, "tea", None),
            ("a", "x", on(0.0), 20.0, "cup", None),
            ("a", "x", on(5.0), -20.0, "cup", None),  # the cup comes back: an adjustment
            ("a", "y", on(10.25), 0.1, "tea", None),
            ("a", "y", on(10.25), 0.2, "tea", None),
            ("a", "y", on(10.25), -0.3, "tea", None),  # sums to 5.6e-17: no purchase
            ("a", None, on(40.5), 30.0, "tea", on(40.75)),
            ("a", "z", on(60.0), 99.0, "jam", on(100.0)),  # known at the cutoff: not before it
            ("a", None, on(100.0), 50.0, "jam", None),  # at the cutoff: after it
            ("b", None, on(1.0), -5.0, None, None),  # a return alone: not in the table
        ],
        schema=["customer_id", "order_id", "time", "amount", "category", "known_at"],
        orient="row",
    )
    tickets = pl.DataFrame(
        {
            "customer_id": ["a", "a", "c"],
            "opened_at": [on(10.0), on(95.0), on(1.0)],
            "resolved_at": [on(11.5), on(100.0), on(2.0)],
            "reopened_count": [1, 2, 3],
            "satisfaction": [4, 1, 1],
        }
    )
    surveys = pl.DataFrame(
        {"customer_id": ["a"] * 3, "time": [on(50)] * 2 + [on(20)], "score": [3, 9, 6]}
    )
    table = features(transactions, on(100.0), tickets, surveys)
    nan = math.nan
    assert table.to_dicts() == [
        pytest.approx(expected, abs=1e-9, nan_ok=True)
        for expected in [
            {
                "customer_id": "a",
                "days_since_last_purchase": 59.5,
                "purchase_count": 2,
                "average_check": 20.0,
                "total_spend": 40.0,
                "tenure_days": 100.0,
                "last_check": 30.0,
                "max_check": 30.0,
                "purchase_count_30d": 0,
                "purchase_count_90d": 1,
                "purchase_count_180d": 2,
                "purchase_count_365d": 2,
                "total_spend_30d": 0.0,
                "total_spend_90d": 30.0,
                "total_spend_180d": 40.0,
                "total_spend_365d": 40.0,
                "purchase_trend": 0.0,
                "check_trend": 0.0,
                "mean_gap_days": 40.0,
                "gap_cv": nan,
                "last_gap_ratio": 1.0,
                "overdue_ratio": 59.5 / 65,
                "clumpiness": 1 + (0.4 * math.log(0.4) + 0.6 * math.log(0.6)) / math.log(2),
                "last_gap_days": 40,
                "longest_gap_days": 40,
                "longest_gap_ratio": 59.5 / 40,
                "due_gap_share": 0.3,
                "days_until_due": 5.5,
                "active_months_365d": 2,
                "purchases_a_year_ago": nan,
                "season_year_share": 0.3,
                "season_purchase_share": 0.0,
                "anniversary_due": 0.0,
                "category_count": 2,
                "top_category_share": 4 / 5,
                "category_entropy": -(0.8 * math.log(0.8) + 0.2 * math.log(0.2)),
                "return_share": 20.3 / 60.3,
                "ticket_count": 2,
                "ticket_count_30d": 1,
                "ticket_count_90d": 2,
                "ticket_count_365d": 2,
                "open_ticket_count": 1,
                "days_since_last_ticket": 5.0,
                "mean_resolution_hours": 36.0,
                "reopened_ticket_count": 1,
                "tickets_per_purchase": 1.0,
                "last_ticket_satisfaction": 4,
                "longest_resolution_hours": 120.0,
                "lowest_ticket_satisfaction": 4,
                "last_survey_score": 9,
                "mean_survey_score": 6.0,
                "days_since_last_survey": 50.0,
                "lowest_survey_score": 3,
                "survey_score_change": 4.5,
            }
        ]
    ]
    assert list(table.columns)[:3] == ["customer_id", "days_since_last_purchase", "purchase_count"]
