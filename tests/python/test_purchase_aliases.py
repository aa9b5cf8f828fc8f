"""The long names of lifetimes and PyMC-Marketing, against lifetimes 0.11.3."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

import winback as wb

KINDS = [wb.timing.BetaGeo, wb.timing.ModifiedBetaGeo, wb.timing.ParetoNBD]


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    """The 400 customers of test_purchase_models, in weeks."""
    counts = [0, 0, 0, 1, 0, 2, 1, 0, 4, 0, 1, 7, 0, 3, 0, 12]
    frequency = [float(counts[i * 7 % 16]) for i in range(400)]
    ends = [20.0 + i * 37 % 31 for i in range(400)]
    shares = [((i * 53 % 97) + 1) / 98 for i in range(400)]
    rows = zip(frequency, ends, shares, strict=True)
    recency = [round(end * share, 3) if x else 0.0 for x, end, share in rows]
    checks = [10.0 + i * 29 % 50 + 0.5 if x else 0.0 for i, x in enumerate(frequency)]
    columns = {"frequency": frequency, "recency": recency, "T": ends, "monetary_value": checks}
    return pl.DataFrame(columns)


def arrays(frame: pl.DataFrame) -> list[pl.Series]:
    return [frame[name] for name in ("frequency", "recency", "T")]


# lifetimes 0.11.3, penalizer_coef=0.01: probability_of_n_purchases_up_to_time(13, n), n = 0, 1, 3.
OF_NEW = {
    wb.timing.BetaGeo: [0.6091752107345251, 0.17935242177018107, 0.0386884706242562],
    wb.timing.ModifiedBetaGeo: [0.62762134389542, 0.14696007167374037, 0.04129683586951849],
}


@pytest.mark.parametrize("kind", OF_NEW)
def test_counts_of_a_new_customer_are_those_of_lifetimes(kind: Any, frame: pl.DataFrame) -> None:
    model = kind(penalty=0.01, time_unit="W").fit(frame)
    found = [model.probability_of_n_purchases_up_to_time(13, n) for n in (0, 1, 3)]
    assert found == pytest.approx(OF_NEW[kind], rel=1e-4)
    # Of the Pareto/NBD model lifetimes has the chance given a history only.
    assert not hasattr(wb.timing.ParetoNBD, "probability_of_n_purchases_up_to_time")
    assert not hasattr(model, "conditional_probability_of_n_purchases_up_to_time")


def test_figures_of_the_pareto_nbd_are_those_of_lifetimes(frame: pl.DataFrame) -> None:
    # lifetimes takes its penalty from the sum over customers, winback from their mean.
    model = wb.timing.ParetoNBD(penalty=0.01 / 400, time_unit="W").fit(frame)
    # penalizer_coef=0.01: its search ends early.
    params = [0.2741375745683905, 1.6394155507406034, 4.086563055285929, 115.01736841163795]
    assert list(model.params_.values()) == pytest.approx(params, rel=2e-5)
    once = model.conditional_probability_of_n_purchases_up_to_time(1, 13, *arrays(frame))
    assert isinstance(once, list)
    assert sum(once) == pytest.approx(21.866263306498908, rel=1e-5)
    predicted = model.predict(13, *arrays(frame))
    assert isinstance(predicted, list)
    assert sum(predicted) == pytest.approx(89.889312332216, rel=1e-5)
    one = model.conditional_probability_of_n_purchases_up_to_time(0, 0, 3, 10, 20)
    assert one == 1.0


def test_a_penalty_of_checks_is_that_of_lifetimes_in_units_of_the_mean_check(
    frame: pl.DataFrame,
) -> None:
    bought = frame.filter(pl.col("frequency") > 0)
    mean = bought["monetary_value"].mean()
    assert mean == 35.125
    in_means = bought.with_columns(pl.col("monetary_value") / mean)
    own = wb.timing.GammaGamma(penalty=0.001).fit(bought)
    scaled = wb.timing.GammaGamma(penalty=0.001).fit(in_means)
    params = list(own.params_.values())
    params[2] /= 35.125
    assert list(scaled.params_.values()) == pytest.approx(params, rel=1e-8)


@pytest.mark.parametrize("kind", KINDS)
def test_names_of_pymc_marketing_are_aliases(kind: Any, frame: pl.DataFrame) -> None:
    model = kind(penalty=0.01, time_unit="W").fit(frame)
    alive = model.conditional_probability_alive(*arrays(frame))
    assert model.expected_probability_alive(frame) == alive
    of_new = model.expected_number_of_purchases_up_to_time([1, 13])
    assert model.expected_purchases_new_customer(t=[1, 13]) == of_new
    found = model.purchase_probability(frame, within=13)["purchase_probability"]
    assert model.expected_probability_no_purchase(13, frame) == [1 - p for p in found]
    checks = wb.timing.GammaGamma().fit(frame)
    spend = checks.expected_check(frame)["expected_check"]
    assert checks.expected_customer_spend(frame) == spend
    assert checks.expected_new_customer_spend() == checks.population_mean_
    values = checks.expected_customer_lifetime_value(
        model, frame, future_t=6, discount_rate=0.01, time_unit="W"
    )
    own = checks.customer_lifetime_value(
        model, *arrays(frame), frame["monetary_value"], time=6, discount_rate=0.01, freq="W"
    )
    assert values == own
    with pytest.raises(ValueError, match="time_unit: expected the model's unit, W, got D"):
        checks.expected_customer_lifetime_value(model, frame)


def test_another_kind_of_model_is_refused(frame: pl.DataFrame) -> None:
    checks = wb.timing.GammaGamma().fit(frame)
    expected = "expected a fitted model of purchases of winback.timing, got GammaGamma"
    with pytest.raises(TypeError, match=f"transaction_prediction_model: {expected}"):
        checks.customer_lifetime_value(checks, 1, 2, 3, 4)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=f"transaction_model: {expected}"):
        checks.expected_customer_lifetime_value(checks, frame)  # type: ignore[arg-type]
    model = wb.timing.BetaGeo(penalty=0.01, time_unit="W").fit(frame)
    with pytest.raises(TypeError, match="checks: expected a fitted .*GammaGamma, got BetaGeo"):
        model.lifetime_value(frame, checks=model)  # type: ignore[arg-type]
