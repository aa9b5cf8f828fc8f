"""Every argument of every function, given what it cannot be: the error says which one it was."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import winback as wb

AT = "2024-10-01"
MODULES = ["", ".campaign", ".events", ".metrics", ".retention", ".segments", ".surveys", ".timing"]
# Of what is given by itself, not by the arguments' names.
APART = {
    "winback.set_threads",
    "winback.campaign.report",
    "winback.campaign.write",
}


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A right value for the arguments that need one, by their names."""
    shop = wb.simulate(customers=120, events=True)
    log = shop.event_log()
    rng = np.random.default_rng(0)
    y = (rng.random(100) < 0.3).astype(float)
    now = log.at(AT)
    model = wb.ChurnModel("tree").fit(wb.simulate(customers=400).event_log(), until=AT)
    customer = model.customer_history()
    customer.push_transaction("2024-01-01", amount=3.0)
    arms = pl.DataFrame({"customer_id": range(1, 101), "arm": ["control", "offer"] * 50})
    nps = wb.surveys.nps_of_counts(50, 30, 20)
    folder = tmp_path_factory.mktemp("wrong")
    return {
        "now": now,
        "log": log,
        "before": log.at("2024-04-01"),
        "after": now,
        "transactions": shop.transactions,
        "observed_until": "2025-01-01",
        "data": now,
        "table": shop.transactions,
        "y_true": y,
        "y_score": rng.random(100),
        "uplift": rng.random(100),
        "treatment": np.arange(100) % 2,
        "clv": 100.0,
        "incentive_cost": 1.0,
        "contact_cost": 0.1,
        "accept_rate": 0.3,
        "alpha": 6.0,
        "beta": 14.0,
        "propensity": 0.5,
        "customer_ids": list(range(100)),
        "gain": rng.random(100),
        "cost": 1.0,
        "customer_list": pl.DataFrame({"customer_id": range(1, 101)}),
        "arms": arms,
        "baseline": 0.1,
        "effect": 0.05,
        "groups": wb.segments.rfm(now),
        "group": "at risk",
        "customers": 20,
        "scores": [9, 10, 3],
        "one": nps,
        "other": nps,
        "n": 100,
        "variance": 0.5,
        "promoters": 5,
        "passives": 3,
        "detractors": 2,
        "customer_id_col": "customer_id",
        "datetime_col": "time",
        "path": folder / "out.csv",
        "customer": customer,
        "time": "2024-02-01",
        "score": 5.0,
        "opened_at": "2024-02-01",
        "kind": "visit",
        "id": "a",
        "key": "k",
        "name": "segment",
        "value": 1.0,
        "at": AT,
    }


def values() -> list[Any]:
    return [
        None,
        -1,
        2**63,
        2.5,
        float("nan"),
        True,
        "x",
        b"x",
        "\ud800",
        [None],
        [5],
        {"x": 5},
        object(),
        complex(1, 2),
        np.array([1, 2]),
        np.datetime64("NaT"),
        pd.NaT,
        pl.DataFrame({"x": [1]}),
        date(2024, 1, 1),
    ]


def functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    for suffix in MODULES:
        module = importlib.import_module(f"winback{suffix}")
        for name in module.__all__:
            value, whole = getattr(module, name), f"{module.__name__}.{name}"
            if whole not in APART and inspect.isfunction(value):
                yield whole, value


def complaint(call: Callable[..., Any], given: dict[str, Any], name: str, value: Any) -> str | None:
    """What is wrong with the answer to a wrong value, if anything."""
    try:
        call(**given | {name: value})
    except (TypeError, ValueError, OSError) as error:
        # An error of ours says what is wrong, be it with another argument or with the data.
        is_ours = hasattr(error, "code") or name in str(error)
        return (
            None
            if is_ours and not isinstance(error, UnicodeError)
            else f"{type(error).__name__}: {error}"
        )
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


def complaints(
    call: Callable[..., Any], known: dict[str, Any], whole: str, *, only: set[str] | None = None
) -> list[str]:
    parameters = inspect.signature(call).parameters
    needed = {
        name: known.get(name) for name, taken in parameters.items() if taken.default is taken.empty
    }
    found = []
    for name in parameters if only is None else only:
        for value in values():
            wrong = complaint(call, needed, name, value)
            if wrong is not None:
                found.append(f"{whole}({name}={value!r:.40}): {wrong:.160}")
    return found


FUNCTIONS = dict(functions())


@pytest.mark.parametrize("whole", FUNCTIONS)
@pytest.mark.filterwarnings("ignore")
def test_errors_of_functions_name_the_argument(
    whole: str, known: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # Some texts are paths to write to.
    assert complaints(FUNCTIONS[whole], known, whole) == []


@pytest.mark.filterwarnings("ignore")
def test_errors_of_customer_histories_name_the_argument(known: dict[str, Any]) -> None:
    customer = known["customer"]
    found = []
    for name in ("push_transaction", "push_ticket", "push_answer", "push_event", "set_attribute"):
        found += complaints(getattr(customer, name), known, name)
    for name in ("remove_transaction", "remove_ticket", "remove_answer", "forget_before"):
        found += complaints(getattr(customer, name), known, name)
    assert found == []


def test_yes_and_no_are_no_numbers_of_a_customer(known: dict[str, Any]) -> None:
    customer: wb.CustomerHistory = known["customer"]
    for wrong in [True, np.bool_(True)]:
        with pytest.raises(TypeError, match="amount: expected a number, got bool"):
            customer.push_transaction("2024-02-01", amount=wrong)
        with pytest.raises(TypeError, match="order_id: expected an int of 64 bits or a str"):
            customer.push_transaction("2024-02-01", amount=1.0, order_id=wrong)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="value: expected a number, a str or None"):
            customer.set_attribute("segment", wrong)
    with pytest.raises(ValueError, match="category: expected a text that UTF-8 can hold"):
        customer.push_transaction("2024-02-01", amount=1.0, category="\ud800")
    before = len(customer)
    customer.push_transaction("2024-02-01", amount=np.float32(2.5), order_id=np.int64(7))
    customer.push_transaction("2024-02-02", amount=3, order_id="a")
    assert len(customer) == before + 2


def test_what_is_loaded_is_named(known: dict[str, Any]) -> None:
    for made in (wb.ChurnModel, wb.timing.TimeToPurchase, wb.segments.RfmSegments):
        with pytest.raises(TypeError, match="path: expected a path, got None"):
            made.load(None)  # type: ignore[attr-defined]
    for made in (wb.ChurnModel, wb.timing.TimeToPurchase, wb.CustomerHistory):
        with pytest.raises(TypeError, match="data: expected bytes, got None"):
            made.from_bytes(None)  # type: ignore[attr-defined]
    parts: Any
    for parts, what in [
        (None, "parts: "),
        (b"x", "parts: "),
        ([None], r"parts\[0\]: expected bytes"),
    ]:
        with pytest.raises(TypeError, match=what):
            wb.EventLog.from_parts(parts)
    with pytest.raises(TypeError, match="otherwise: expected a str, got int"):
        wb.segments.LoyaltyRules(otherwise=5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="freq: expected one of"):
        wb.timing.summary_data_from_transaction_data(
            known["transactions"], "customer_id", "time", freq="x"
        )
    with pytest.raises(TypeError, match="freq_multiplier: expected a number, got str"):
        wb.timing.summary_data_from_transaction_data(
            known["transactions"],
            "customer_id",
            "time",
            freq_multiplier="x",  # type: ignore[arg-type]
        )


def test_numbers_and_parts_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="regularity: expected 0 to"):
        wb.simulate(customers=5, regularity=2**63)
    model = wb.timing.ModifiedBetaGeo().fit(wb.simulate(customers=300).event_log().at(AT))
    with pytest.raises(ValueError, match="max_frequency: expected 1 to 10000"):
        wb.plot.frequency_recency(model, max_frequency=2**63)
    path = tmp_path / "orders.parquet"
    wb.simulate(customers=50).transactions.write(path)
    parts = wb.PartitionedLog(path, observed_until="2025-01-01", memory="256MiB", least_parts=2)
    for wrong in (True, None, "0"):
        with pytest.raises(TypeError, match="number: expected an int"):
            parts.part(wrong)  # type: ignore[arg-type]
