"""One customer in a service: the same as in a batch, to the bit."""

from __future__ import annotations

import math
import pickle
import random
from datetime import datetime
from typing import Any

import polars as pl
import pytest

import winback as wb

AT = "2024-10-01"
SHOP = wb.simulate(customers=400, seed=5)
LOG = SHOP.event_log()
TABLES = {
    "transactions": SHOP.transactions.to_polars(),
    "tickets": SHOP.tickets.to_polars(),
    "surveys": SHOP.surveys.to_polars().drop("topic"),
}


@pytest.fixture(scope="module", params=["average", "logistic", "tree", "boosting"])
def model(request: Any) -> wb.ChurnModel:
    return wb.ChurnModel(request.param, attributes=["segment"]).fit(LOG, until="2024-07-01")


def history_of(model: wb.ChurnModel, customer_id: object) -> wb.CustomerHistory:
    """The customer's events in a random order."""
    customer = model.customer_history()
    of_customer = pl.col("customer_id") == customer_id
    pushes = []
    for name, push in [
        ("transactions", customer.push_transaction),
        ("tickets", customer.push_ticket),
        ("surveys", customer.push_answer),
    ]:
        rows = TABLES[name].filter(of_customer).drop("customer_id").to_dicts()
        pushes += [(push, row) for row in rows]
    random.Random(str(customer_id)).shuffle(pushes)
    for push, row in pushes:
        push(**row)
    attributes = SHOP.customers.to_polars().filter(of_customer).to_dicts()
    customer.set_attribute("segment", attributes[0]["segment"])
    return customer


def test_scores_and_features_are_those_of_the_batch(model: wb.ChurnModel) -> None:
    scores = model.score(LOG.at(AT)).to_polars().to_dicts()
    features = LOG.at(AT).features().to_polars().to_dicts()
    states = set()
    for score, row in list(zip(scores, features, strict=True))[:120]:
        customer = history_of(model, score.pop("customer_id"))
        assert model.score_customer(customer, at=AT) == score
        row.pop("customer_id")
        mine = customer.features(at=AT)
        assert mine.keys() == row.keys()
        for name, value in mine.items():
            assert value == row[name] or (math.isnan(value) and math.isnan(row[name])), name
        states.add(score["state"])
    assert states == {"active", "lapsed", "lost"}


def test_nobody_has_no_score(model: wb.ChurnModel) -> None:
    customer = model.customer_history()
    assert model.score_customer(customer, at=AT) is None
    customer.push_transaction(datetime(2024, 10, 1), amount=5.0)
    assert model.score_customer(customer, at=AT) is None
    assert model.score_customer(customer, at="2024-10-02") is not None


def test_wrong_events_are_refused_and_leave_nothing_behind(model: wb.ChurnModel) -> None:
    customer = model.customer_history()
    for push, arguments, error, what in [
        (customer.push_transaction, {"time": "soon", "amount": 1.0}, ValueError, "time: expected "),
        (customer.push_transaction, {"time": 5, "amount": 1.0}, TypeError, "time: expected a str"),
        (
            customer.push_transaction,
            {"time": AT},
            ValueError,
            "amount: expected a finite number, got",
        ),
        (
            customer.push_transaction,
            {"time": AT, "amount": math.inf},
            ValueError,
            "amount: expected .*, got inf",
        ),
        (
            customer.push_ticket,
            {"opened_at": AT, "resolved_at": "2024-09-01"},
            ValueError,
            "resolved_at: expected ",
        ),
        (customer.push_answer, {"time": AT, "score": 11}, ValueError, "score: expected .*, got 11"),
        (customer.push_answer, {"time": AT, "score": "good"}, TypeError, "score"),
    ]:
        with pytest.raises(error, match=what):
            push(**arguments)
    features = customer.features(at="2025-01-01")
    assert features["purchase_count"] == features["ticket_count"] == 0
    with pytest.raises(TypeError, match=r"customer: expected a winback\.CustomerHistory, got dict"):
        model.score_customer({}, at=AT)  # type: ignore[arg-type]
    customer.push_transaction(AT, amount=1.0)
    customer.set_attribute("segment", 3.0)
    with pytest.raises(ValueError, match=r"customers\.segment: the model was trained on texts"):
        model.score_customer(customer, at="2025-01-01")
    with pytest.raises(wb.NotFittedError):
        wb.ChurnModel().customer_history()


def test_rows_with_keys_are_one_and_can_be_taken_out(model: wb.ChurnModel) -> None:
    customer = model.customer_history()
    for _ in range(2):
        customer.push_transaction("2024-09-01", amount=20.0, key="line 1")
        customer.push_ticket("2024-09-02", topic="delivery", id="T-1")
        customer.push_answer("2024-09-03", 9, topic="price", id="A-1")
    customer.push_transaction("2024-09-04", amount=0.0)
    assert len(customer) == 3
    assert customer.zero_amounts == 1
    customer.push_ticket("2024-09-02", resolved_at="2024-09-05", id="T-1")
    assert customer.features(at=AT)["open_ticket_count"] == 0
    assert customer.remove_ticket("T-1")
    assert not customer.remove_ticket("T-1")
    assert customer.remove_answer("A-1")
    assert customer.remove_transaction("line 1")
    assert len(customer) == 0


def test_what_was_saved_scores_as_before(model: wb.ChurnModel) -> None:
    for customer_id in SHOP.customers.to_polars()["customer_id"].head(40):
        customer = history_of(model, customer_id)
        same = wb.CustomerHistory.from_bytes(customer.to_bytes())
        assert same.to_bytes() == customer.to_bytes()
        copied = pickle.loads(pickle.dumps(customer))
        score = model.score_customer(customer, at=AT)
        assert model.score_customer(same, at=AT) == score
        assert model.score_customer(copied, at=AT) == score
    for data in [b"", b"nothing", customer.to_bytes()[:-1]]:
        with pytest.raises(ValueError, match="bytes: expected what to_bytes gave"):
            wb.CustomerHistory.from_bytes(data)


def test_a_score_of_what_was_forgotten_is_refused(model: wb.ChurnModel) -> None:
    customer = model.customer_history()
    customer.push_transaction("2019-01-01", amount=20.0)
    customer.push_transaction("2024-09-01", amount=20.0)
    assert customer.forget_before("2018-01-01") == 0
    assert model.score_customer(customer, at=AT) is not None
    assert customer.forget_before("2024-01-01") == 1
    with pytest.raises(ValueError, match="rows before 2024-01-01 are forgotten"):
        model.score_customer(customer, at=AT)


def test_unknown_attributes_are_refused(model: wb.ChurnModel) -> None:
    with pytest.raises(ValueError, match=r"name: expected one that the model reads, segment, got"):
        model.customer_history().set_attribute("sgement", "family")
