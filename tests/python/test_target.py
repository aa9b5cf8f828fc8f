"""Whom to contact with which offer."""

from __future__ import annotations

import itertools
import random
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import winback as wb

target = wb.campaign.target


def best(gain: Any, cost: Any, budget: float, capacity: int) -> float:
    """The most that any list brings, by trying all."""
    customers = range(len(next(iter(gain.values()))))
    offers = [None, *gain]
    most = 0.0
    for choice in itertools.product(offers, repeat=len(customers)):
        made = [(i, offer) for i, offer in enumerate(choice) if offer is not None]
        spend = sum(cost[offer][i] for i, offer in made)
        if spend <= budget and len(made) <= capacity:
            most = max(most, sum(gain[offer][i] for i, offer in made) - spend)
    return most


def test_lists_are_within_an_offer_of_the_best() -> None:
    draw = random.Random(2)
    exact = 0
    for _ in range(60):
        n = draw.randint(1, 5)
        gain = {name: [draw.randint(-3, 30) for _ in range(n)] for name in ("letter", "call")}
        cost = {name: [draw.randint(0, 9) for _ in range(n)] for name in gain}
        budget, capacity = draw.randint(0, 25), draw.randint(0, 5)
        found = target(range(n), gain, cost, budget=budget, capacity=capacity).figures
        most = best(gain, cost, budget, capacity)
        assert found["spend"] <= budget and found["contacted"] <= capacity
        assert most / 2 <= found["profit"] <= most + 1e-9 <= found["bound"] + 2e-9
        exact += found["profit"] == pytest.approx(most)
    assert exact > 50


def test_the_order_of_customers_changes_nothing() -> None:
    draw = np.random.default_rng(1)
    ids = [f"c{i}" for i in range(500)]
    gain = {"letter": draw.gamma(2, 2, 500).round(1), "call": draw.gamma(3, 2, 500).round(1)}
    cost: dict[str, Any] = {"letter": 1, "call": draw.uniform(1, 4, 500).round(1)}
    options: dict[str, Any] = {"budget": 200, "control_share": 0.2}
    one = target(ids, gain, cost, **options)
    order = draw.permutation(500)
    moved = {name: values[order] for name, values in gain.items()}
    other = target(
        [ids[i] for i in order], moved, {"letter": 1, "call": cost["call"][order]}, **options
    )
    assert one.to_dict() == other.to_dict()
    assert str(one) == str(other)
    arms = dict(zip(one["customer_id"], one["arm"], strict=True))
    assert set(arms.values()) == {"contact", "control"}
    assert one.figures["control"] == list(arms.values()).count("control")
    assert one.figures["contacted"] == list(arms.values()).count("contact")


def test_figures_and_tables_say_the_same() -> None:
    draw = np.random.default_rng(2)
    found = target(range(300), draw.uniform(0, 10, 300), draw.uniform(1, 4, 300), budget=150)
    figures, offers, curve = found.figures, found.tables["offers"], found.tables["curve"]
    assert sum(found["cost"]) == pytest.approx(figures["spend"]) == sum(offers["spend"])
    assert sum(found["profit"]) == pytest.approx(figures["profit"])
    assert figures["gap"] == figures["bound"] - figures["profit"] >= 0
    assert curve["spend"] == sorted(curve["spend"]) and curve["spend"][0] == 0
    assert (figures["spend"], figures["profit"]) in zip(
        curve["spend"], curve["profit"], strict=True
    )
    more = target(range(300), draw.uniform(0, 10, 300), 1, budget=100, more=0)
    assert more.figures["profit_of_more"] == 0


def test_what_more_money_would_buy_is_what_it_buys() -> None:
    gain, cost = [9.0, 5.0, 4.0, 3.0], 2.0
    few = target(range(4), gain, cost, budget=4, more=2)
    more = target(range(4), gain, cost, budget=6)
    assert few.figures["profit_of_more"] == more.figures["profit"] - few.figures["profit"] == 2
    assert few.figures["customers_of_more"] == 1
    assert few.figures["price"] == 1.0  # 2 of profit for 2 of money


def test_a_list_of_nobody_says_why() -> None:
    poor = target([1, 2], [5, 6], 3, budget=2)
    assert len(poor) == 0
    assert any("the cheapest offer that pays costs 3" in note for note in poor.notes)
    idle = target([1, 2], [1, 2], 3)
    assert any("no offer brings more than it costs" in note for note in idle.notes)
    assert idle.figures["profit"] == 0


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([1, 2], [1, 2], -1), {}, "cost: expected 0 or more"),
        (([1, 2], [1, float("nan")], 1), {}, "gain: expected finite amounts"),
        (([1, 2], [1, 2], [1, float("inf")]), {}, "cost: expected 0 or more"),
        (([1, 1], [1, 2], 1), {}, "customer_ids: expected each customer once"),
        (([], [], 1), {}, "there are no customers"),
        (([1, 2], [1, 2, 3], 1), {}, "2 customers and 3 gains of offer"),
        (([1, 2], [1, 2], [1]), {}, "2 customers and 1 costs of offer"),
        (([1, 2], {}, 1), {}, "gain: expected 1 to 1000 offers"),
        (([1, 2], {"a": [1, 2]}, {"b": 1}), {}, "cost: expected costs of the offers"),
        (([1, 2], [1, 2], 1), {"budget": -1}, "budget: expected 0 or more"),
        (([1, 2], [1, 2], 1), {"control_share": 1}, "control_share: expected from 0"),
        (([1, 2], [1, 2], 1), {"more": -1}, "more: expected 0 or more"),
    ],
)
def test_bad_input_is_refused(arguments: Any, options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        target(*arguments, **options)


def test_ids_of_two_kinds_are_refused() -> None:
    with pytest.raises(TypeError, match="customer_ids: expected whole numbers, or texts"):
        target([1, "b"], [1, 2], 1)


def test_the_command_line_chooses_the_same(program: Path, tmp_path: Path) -> None:
    draw = np.random.default_rng(4)
    frame = pl.DataFrame(
        {
            "customer_id": range(200),
            "by_letter": draw.uniform(0, 5, 200),
            "by_call": draw.uniform(0, 9, 200),
            "minutes": draw.uniform(1, 4, 200),
        }
    )
    frame.write_csv(tmp_path / "gains.csv")
    command = [
        str(program),
        "campaign",
        "target",
        "--customer-list",
        "gains.csv",
        "--budget",
        "150",
    ]
    command += ["--gain", "letter=by_letter", "--cost", "letter=1", "--control-share", "0.2"]
    command += ["--gain", "call=by_call", "--cost", "call=minutes", "-o", "list.csv"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    gain = {"letter": frame["by_letter"], "call": frame["by_call"]}
    cost: dict[str, Any] = {"letter": 1, "call": frame["minutes"]}
    found = target(frame["customer_id"], gain, cost, budget=150, control_share=0.2)
    assert done.stdout.splitlines()[0] in str(found)
    written = pl.read_csv(tmp_path / "list.csv")
    assert written["customer_id"].to_list() == found["customer_id"]
    assert written["offer"].to_list() == found["offer"]
    assert written["profit"].to_list() == pytest.approx(found["profit"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--gain", "a=gain", "--cost", "b=1"], "--cost: expected costs of the offers of --gain"),
        (["--gain", "a=gain", "--cost", "a=1", "--cost", "a=2"], "--cost: expected one cost"),
        (["--gain", "gain", "--cost", "a=1"], "expected an offer and its figure"),
        (["--gain", "a=other", "--cost", "a=1"], "customer_list.other: no such column"),
        (["--gain", "a=gain", "--cost", "a=-1"], "--cost: expected 0 or more"),
    ],
)
def test_bad_options_are_refused(
    program: Path, tmp_path: Path, options: list[str], message: str
) -> None:
    (tmp_path / "gains.csv").write_text("customer_id,gain\n1,5\n2,6\n")
    command = [str(program), "campaign", "target", "--customer-list", "gains.csv", *options]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0 and message in done.stderr, done.stderr


@pytest.mark.parametrize(
    ("cost", "budget", "customers"),
    [
        (0.55, 55, 100),
        (0.07, 3.5, 50),
        (0.14, 7, 50),
        (0.1, 0.3, 3),
        (0.1, 70, 700),
        (0.34, 3.4, 10),
    ],
)
def test_a_budget_that_costs_make_up_is_spent(cost: float, budget: float, customers: int) -> None:
    for gains in ([5.0], [2.0, 3.0, 5.0], [float(i) for i in range(2, 90)]):
        gain = list(itertools.islice(itertools.cycle(gains), customers * 3))
        found = target(range(len(gain)), gain=gain, cost=cost, budget=budget).figures
        assert found["contacted"] == customers
        assert found["spend"] <= budget
        best = sum(sorted(gain, reverse=True)[:customers]) - customers * cost
        assert found["profit"] == pytest.approx(best)


def test_two_offers_whose_costs_make_up_the_budget_miss_the_bound_by_an_offer() -> None:
    gain = {"sms": [2.0, 3.0, 5.0] * 100, "call": [2.4, 3.6, 6.0] * 100}
    found = target(range(300), gain=gain, cost={"sms": 0.07, "call": 0.15}, budget=10.5).figures
    assert found["bound"] - found["profit"] < 6 + 1e-9
