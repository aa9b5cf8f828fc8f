"""What is learned and judged from the whole log is what one process has, to the bit."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

import winback as wb
from shops import Shop, simulated, tables_of
from winback import spark

AT = "2024-10-01"


def test_a_fitted_model(shop: Shop) -> None:
    chosen = {"until": AT, "cutoffs": 3}
    model = wb.ChurnModel("logistic", attributes=["segment"])
    one = model.fit(shop.log, **chosen)._fitted()
    found = spark.fit(
        wb.ChurnModel("logistic", attributes=["segment"]),
        shop.orders,
        partitions=3,
        **chosen,
        **shop.spark,
    )
    assert found._fitted().__reduce__() == one.__reduce__()


def test_a_model_of_a_share_of_the_customers(shop: Shop) -> None:
    chosen = {"until": AT, "cutoffs": 3}
    found = spark.fit(wb.ChurnModel("logistic"), shop.orders, share=0.8, **chosen, **shop.spark)
    ids = {"customer_id": sorted(set(shop.tables["transactions"]["customer_id"].to_pylist()))}
    drawn = wb.campaign.assign(pa.table(ids), control_share=0.8, salt="winback/training")
    chosen_ids = [
        id for id, arm in zip(drawn["customer_id"], drawn["arm"], strict=True) if arm == "control"
    ]
    tables = {
        name: table.filter(pc.is_in(table["customer_id"], value_set=pa.array(chosen_ids)))
        for name, table in shop.tables.items()
    }
    log = wb.EventLog(**tables, **shop.options)
    assert 0.6 < len(chosen_ids) / len(ids["customer_id"]) < 0.95
    one = wb.ChurnModel("logistic").fit(log, **chosen)
    assert found._fitted().__reduce__() == one._fitted().__reduce__()


def test_quality_drift_and_checks(shop: Shop, model: wb.ChurnModel) -> None:
    quality = spark.evaluate(model, shop.orders, at=AT, **shop.spark)
    one = model.evaluate(shop.log.at(AT))
    assert (quality.to_dict(), quality.figures, str(quality)) == (
        one.to_dict(),
        one.figures,
        str(one),
    )
    share = spark.evaluate(model, shop.orders, at=AT, share=0.8, **shop.spark)
    assert share["customers"][0] < quality["customers"][0]
    assert "a share of 0.8 of the customers" in share.notes[-1]
    drift = spark.drift(model, shop.orders, at=AT, **shop.spark)
    assert drift.to_dict() == model.drift(shop.log.at(AT)).to_dict()
    assert spark.check(shop.orders, **shop.spark).to_dict() == shop.log.check().to_dict()


def test_a_check_counts_what_no_customer_has(session: Any) -> None:
    tables = tables_of(simulated(200))
    orders, tickets = tables["transactions"], tables["tickets"]
    ids = pc.cast(orders["customer_id"], pa.string())
    missing = pc.if_else(pc.equal(ids, ids[0]), None, ids)
    strangers = pc.binary_join_element_wise("c-", pc.cast(tickets["customer_id"], pa.string()), "")
    shop = Shop(
        session,
        {
            "transactions": orders.set_column(0, "customer_id", missing),
            "tickets": tickets.set_column(0, "customer_id", strangers),
        },
        observed_until="2025-01-01",
        missing_ids="drop",
    )
    with pytest.warns(UserWarning, match="tickets: none of "):
        one = shop.log.check()
    found = spark.check(shop.orders, **shop.spark)
    assert "ticket-strangers" in found["check"]
    assert found.to_dict() == one.to_dict()
    assert found.notes == one.notes


def test_a_backtest(large: Shop) -> None:
    chosen = {"tests": 1, "draws": 0, "cutoffs": 2}
    found = spark.backtest(wb.ChurnModel("logistic"), large.orders, **chosen, **large.spark)
    assert str(found) == str(wb.ChurnModel("logistic").backtest(large.log, **chosen))


def test_the_base_over_time(shop: Shop) -> None:
    for name in ("rates", "cohorts", "flow"):
        found = getattr(spark.retention, name)(shop.orders, "1q", **shop.spark)
        assert found.to_dict() == getattr(wb.retention, name)(shop.log, "1q").to_dict(), name


def test_segments(shop: Shop) -> None:
    for name in ("rfm", "loyalty", "concentration"):
        found = getattr(spark.segments, name)(shop.orders, at=AT, **shop.spark)
        assert str(found.to_dict()) == str(getattr(wb.segments, name)(shop.log.at(AT)).to_dict())


def test_silences_answers_and_tickets(shop: Shop) -> None:
    one = shop.log.at(AT)
    for found, expected in [
        (spark.inactivity(shop.orders, at=AT, **shop.spark), wb.inactivity(one)),
        (
            spark.surveys.nps(shop.orders, at=AT, group_by="segment", partitions=7, **shop.spark),
            wb.surveys.nps(one, group_by="segment"),
        ),
        (spark.service(shop.orders, at=AT, partitions=7, **shop.spark), wb.service(one)),
    ]:
        assert (str(found), found.figures) == (str(expected), expected.figures)
        for name, table in expected.tables.items():
            assert found.tables[name].to_arrow().equals(table.to_arrow()), name
