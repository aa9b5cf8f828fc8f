"""What to offer next, against values computed outside winback."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

import winback as wb

ReadData = Callable[[str], pl.DataFrame]


def test_online_retail_agrees_with_reference_values(read_data: ReadData) -> None:
    rows = read_data("online_retail/year_2010_2011")
    rows = rows.filter(
        pl.col("customer_id").is_not_null()
        & (pl.col("quantity") > 0)
        & (pl.col("price") > 0)
        & pl.col("stock_code").str.contains("^[0-9]{5}")
    ).with_columns(amount=pl.col("quantity") * pl.col("price"))
    log = wb.EventLog(
        rows,
        columns={
            "transactions": {
                "time": "invoice_date",
                "order_id": "invoice",
                "category": "stock_code",
            }
        },
        observed_until="2011-12-10",
    )
    found = wb.campaign.offers(log.at("2011-12-01"))
    popularity, cosine = found.tables["quality"].to_polars().iter_rows(named=True)
    assert (popularity["customers"], popularity["hits"], cosine["hits"]) == (1792, 391, 612)
    assert popularity["precision"] == pytest.approx(0.0525669643, abs=1e-9)
    assert popularity["recall"] == pytest.approx(0.0119542518, abs=1e-9)
    assert cosine["precision"] == pytest.approx(0.1034598214, abs=1e-9)
    assert cosine["recall"] == pytest.approx(0.0268275634, abs=1e-9)
    assert found.figures["z"] == pytest.approx(9.572573, abs=1e-6)
    assert found.figures["method"] == "cosine"

    then = wb.campaign.offers(log.at("2011-09-01"), min_purchases=200)
    pairs = then.tables["pairs"].to_polars()
    are_these = (pl.col("category") == "22745") & (pl.col("with_category") == "22748")
    pair = pairs.row(by_predicate=are_these, named=True)
    assert pair["together"] == 168
    assert (pair["purchases"], pair["with_purchases"]) == (210, 226)
    assert pair["lift"] == pytest.approx(40.1486725664, rel=1e-9)
    assert pair["lift_low"] == pytest.approx(35.60377993, rel=1e-7)
    assert pair["lift_high"] == pytest.approx(45.27372970, rel=1e-7)


def plain_log(rows: list[tuple[int, str, str]]) -> wb.EventLog:
    table = pl.DataFrame(rows, schema=["customer_id", "time", "category"], orient="row")
    return wb.EventLog(
        table.with_columns(pl.col("time").str.to_datetime()), observed_until="2024-12-01"
    )


def test_offers_are_what_a_plain_computation_gives() -> None:
    rng = np.random.default_rng(4)
    rows = [
        (int(customer), f"2024-{1 + int(month):02}-05", "abcdefgh"[int(item)])
        for customer, month, item in zip(
            rng.integers(0, 60, 400),
            rng.integers(0, 9, 400),
            np.minimum(rng.integers(0, 8, 400), rng.integers(0, 8, 400)),
            strict=True,
        )
    ]
    now = plain_log(rows).at("2024-12-01")
    found = wb.campaign.offers(now, by="cosine", count=3).to_polars()
    sets: dict[int, set[str]] = {}
    for customer, _, item in rows:
        sets.setdefault(customer, set()).add(item)
    buyers = {item: {c for c, own in sets.items() if item in own} for item in "abcdefgh"}
    order = sorted(buyers, key=lambda item: (-len(buyers[item]), item))
    for row in found.iter_rows(named=True):
        own = sets[row["customer_id"]]

        def score(item: str, own: set[str] = own) -> float:
            both = [len(buyers[item] & buyers[o]) for o in own]
            sizes = [len(buyers[item]) * len(buyers[o]) for o in own]
            return sum(b / s**0.5 for b, s in zip(both, sizes, strict=True))

        new = [item for item in order if item not in own]
        expected = sorted(new, key=lambda item: (-round(score(item), 5), order.index(item)))[:3]
        offered = [row[f"offer_{i}"] for i in (1, 2, 3) if row[f"offer_{i}"] is not None]
        assert [round(score(item), 4) for item in offered] == [
            round(score(item), 4) for item in expected
        ]
    popular = wb.campaign.offers(now, by="popularity", count=1).to_polars()
    for row in popular.iter_rows(named=True):
        new = [item for item in order if item not in sets[row["customer_id"]]]
        assert row["offer_1"] == (new[0] if new else None)


def test_what_is_wrong_is_refused() -> None:
    now = wb.simulate(customers=200).event_log().at("2025-01-01")
    for arguments, message in [
        ({"count": 0}, "count: expected 1 to 100, got 0"),
        ({"by": "lift"}, "by: expected"),
        ({"horizon": "soon"}, "horizon"),
    ]:
        with pytest.raises(ValueError, match=message):
            wb.campaign.offers(now, **arguments)
    one = plain_log([(1, "2024-01-05", "a"), (2, "2024-02-05", "a")]).at("2024-12-01")
    with pytest.raises(ValueError, match="nothing to offer next"):
        wb.campaign.offers(one)
    table = pl.DataFrame({"customer_id": [1, 2], "time": ["2024-01-01", "2024-02-01"]})
    bare = wb.EventLog(
        table.with_columns(pl.col("time").str.to_datetime()), observed_until="2024-12-01"
    )
    with pytest.raises(ValueError, match="category"):
        wb.campaign.offers(bare.at("2024-12-01"))
    two = plain_log([(1, "2024-01-05", "a"), (2, "2024-02-05", "b")]).at("2024-12-01")
    found = wb.campaign.offers(two)
    assert found.figures["method"] == "popularity" and found.figures["z"] is None
    assert any("how good the offers are is not known" in note for note in found.notes)
