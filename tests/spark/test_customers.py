"""What Spark says of each customer is what one process says, to the bit."""

from __future__ import annotations

import pytest

import winback as wb
from shops import Shop, rows
from winback import spark

AT = "2024-10-01"


@pytest.mark.parametrize("partitions", [1, 7, 64])
def test_scores_with_reasons(shop: Shop, model: wb.ChurnModel, partitions: int) -> None:
    found = spark.score(model, shop.orders, at=AT, reasons=3, partitions=partitions, **shop.spark)
    assert rows(found) == rows(model.score(shop.log.at(AT), reasons=3))


def test_features_with_attributes_and_kinds(shop: Shop) -> None:
    chosen = {"attributes": ["segment", "age"], "kinds": ["visit"]}
    found = spark.features(shop.orders, at=AT, partitions=3, **chosen, **shop.spark)
    assert rows(found) == rows(shop.log.at(AT).features(**chosen))


def test_a_panel(shop: Shop) -> None:
    found = spark.panel(shop.orders, until=AT, cutoffs=40, partitions=3, **shop.spark)
    assert rows(found) == rows(shop.log.panel(until=AT, cutoffs=40))


def test_explanations(shop: Shop, model: wb.ChurnModel) -> None:
    why = model.explain(shop.log.at(AT))
    for table in ("reasons", "contributions"):
        found = spark.explain(model, shop.orders, at=AT, table=table, partitions=2, **shop.spark)
        assert rows(found) == rows(why.tables[table])
    with pytest.raises(ValueError, match="table: expected one of reasons"):
        spark.explain(model, shop.orders, at=AT, table="importance", **shop.spark)


@pytest.mark.parametrize("top", [5, None])
def test_candidates(shop: Shop, model: wb.ChurnModel, top: int | None) -> None:
    chosen = {"top": top, "control_share": 0.3, "timing": True}
    found = spark.candidates(model, shop.orders, at=AT, partitions=4, **chosen, **shop.spark)
    one = model.candidates(shop.log.at(AT), **chosen)
    assert [found[name] for name in found] == [one[name] for name in one]
    assert len(found) > 0


def test_times_to_the_next_purchase(large: Shop) -> None:
    hazard = wb.timing.TimeToPurchase("logistic").fit(large.log, until="2024-07-01", cutoffs=3)
    found = spark.timing(hazard, large.orders, at=AT, partitions=2, within=["7d"], **large.spark)
    assert rows(found) == rows(hazard.score(large.log.at(AT), within=["7d"]))


def test_arms(shop: Shop) -> None:
    plan = wb.campaign.assign(shop.tables["customers"], control_share=0.3, salt="spring")
    drawn = spark.campaign.assign(shop.frames["customers"].select("customer_id"), plan)
    assert rows(drawn) == rows(plan)
    strata = wb.campaign.assign(shop.tables["customers"], control_share=0.3, strata=["segment"])
    with pytest.raises(ValueError, match="plan: expected one without strata and ranks"):
        spark.campaign.assign(shop.frames["customers"], strata)
