"""Names and values from the data that would act on a terminal, a page or the memory."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

import winback as wb

AT, UNTIL = "2024-10-01", "2025-01-01"
HOSTILE = [
    "\x1b[31mred",
    "\x1b]0;title\x07",
    "\u202eturned",
    "\x9b2J",
    "<script>",
    "[a](javascript:b)",
]
ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(scope="module")
def log() -> wb.EventLog:
    """A shop whose ids, categories and attributes are hostile."""
    shop = wb.simulate(customers=400)
    words = pl.Series(HOSTILE)
    orders = shop.transactions.to_polars().with_columns(
        customer_id=pl.col("customer_id").cast(pl.String) + HOSTILE[0] + HOSTILE[2],
        category=words.gather(pl.Series(range(len(shop.transactions))) % len(HOSTILE)),
    )
    customers = orders.select(pl.col("customer_id").unique(maintain_order=True)).with_columns(
        pl.Series(HOSTILE[0], ["a", "b"] * 200)[: orders["customer_id"].n_unique()],
        pl.Series(HOSTILE[4], ["a" + HOSTILE[1], "b"] * 200)[: orders["customer_id"].n_unique()],
    )
    return wb.EventLog(orders, customers=customers, observed_until=UNTIL)


def shown(result: Any) -> str:
    """All that print and a notebook would show."""
    texts = [repr(result), str(result)]
    for form in ("_repr_html_", "_repr_markdown_"):
        if hasattr(result, form):
            texts.append(getattr(result, form)() or "")
    return "\n".join([*texts, *getattr(result, "notes", [])])


def test_nothing_acts_in_what_is_shown(log: wb.EventLog) -> None:
    now, attributes = log.at(AT), [HOSTILE[0], HOSTILE[4]]
    model = wb.ChurnModel("boosting", attributes=attributes).fit(log, until=AT)
    state = "active"
    results = [
        now.features(),
        now.features(attributes=attributes),
        model,
        model.score(now, reasons=3),
        model.candidates(now, top=9, timing=True),
        model.explain(now),
        model.importances(),
        model.drift(now),
        log.check(),
        wb.segments.rfm(now),
        wb.segments.loyalty(now),
        wb.segments.clusters(now),
        wb.inactivity(now, group_by=HOSTILE[0]),
        wb.retention.rates(log, group_by=HOSTILE[4]),
        wb.campaign.assign(model.candidates(now, top=50), control_share=0.5),
    ]
    for result in results:
        text = shown(result)
        assert ACTING.search(text) is None, (type(result), ACTING.search(text), text[:2000])
        assert "<script>" not in (getattr(result, "_repr_html_", str)() or "")
    for text in (model.tree_text(state), model.graphviz(state)):
        assert ACTING.search(text) is None
    assert any("\\u{1b}[31mred" in shown(result) for result in results)


def test_a_card_is_markdown_and_no_more(log: wb.EventLog) -> None:
    attributes = [HOSTILE[0], HOSTILE[4]]
    model = wb.ChurnModel("logistic", attributes=attributes).fit(log, until="2024-07-01")
    card = shown(model.card(log, tests=1, draws=0))
    assert ACTING.search(card) is None
    assert "<script>" not in card
    assert "&lt;script&gt;" in card


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_pipes_are_no_models_or_plans(log: wb.EventLog, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    arms = pl.DataFrame({"customer_id": [1, 2], "arm": ["a", "b"], "y": [0.0, 1.0]})
    for read in (
        lambda: wb.ChurnModel.load(pipe),
        lambda: wb.timing.TimeToPurchase.load(pipe),
        lambda: wb.segments.RfmSegments.load(pipe),
        lambda: wb.campaign.effect(arms, metrics=["y"], plan=pipe),
    ):
        with pytest.raises(ValueError, match="is a pipe, a socket or a device"):
            read()


def test_encoded_columns_are_worth_their_memory() -> None:
    rows = 3_000
    days = pa.array(np.full(rows, 19_800, "int32")).cast(pa.date32())
    keys = pa.array(np.zeros(rows, "int32"))
    texts = pa.DictionaryArray.from_arrays(keys, pa.array(["x" * 1_000_000]))
    table = pa.table({"customer_id": texts, "time": days})
    with pytest.raises(ValueError, match="expanded_bytes"):
        wb.EventLog(table, observed_until=UNTIL)
    with pytest.raises(ValueError, match="expanded_bytes"):
        wb.check(table)
    longer = pa.DictionaryArray.from_arrays(keys[:2], pa.array(["x" * 2_000_000]))
    with pytest.raises(ValueError, match="cell_bytes"):
        wb.EventLog(pa.table({"customer_id": longer, "time": days[:2]}), observed_until=UNTIL)
    runs = pa.RunEndEncodedArray.from_arrays
    ends = pa.array([2_000_000_000], pa.int64())
    table = pa.table({"customer_id": runs(ends, [1]), "time": runs(ends, ["2024-01-01"])})
    with pytest.raises(ValueError, match="expanded_bytes"):
        wb.EventLog(table, observed_until=UNTIL)


def test_real_encoded_columns_are_read() -> None:
    rows = 20_000
    ids = pa.DictionaryArray.from_arrays(
        pa.array(np.arange(rows, dtype="int32") % 500), pa.array([f"c{i}" * 20 for i in range(500)])
    )
    days = pa.array(np.full(rows, 19_800, "int32")).cast(pa.date32())
    kind = pa.RunEndEncodedArray.from_arrays(pa.array([rows], pa.int32()), ["web"])
    table = pa.table({"customer_id": ids, "time": days, "channel": kind})
    assert wb.EventLog(table, observed_until=UNTIL).n_customers == 500


def test_shares_are_those_of_the_draw() -> None:
    listed = pl.DataFrame({"customer_id": list(range(500))})
    drawn = wb.campaign.assign(listed, control_share=0.3, salt="spring")
    shares = wb.campaign.share(drawn["customer_id"], salt="spring")
    assert [share < 0.3 for share in shares] == [arm == "control" for arm in drawn["arm"]]
    assert wb.campaign.share([7]) == wb.campaign.share(["7"])
    with pytest.raises(TypeError, match="customer_ids"):
        wb.campaign.share([1, "a"])
    with pytest.raises(TypeError, match="salt"):
        wb.campaign.share([1], salt=5)  # type: ignore[arg-type]
