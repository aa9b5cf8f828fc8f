"""Measures of uplift, effects learned from a test, and lists within a budget."""

from __future__ import annotations

import pickle
import random
from typing import Any

import numpy as np
import polars as pl
import pytest

import winback as wb
from winback import metrics

Y = [1.0, 0.0, 1.0, 0.0, 0.0, 1.0]
SCORE = [0.9, 0.8, 0.7, 0.3, 0.2, 0.1]
TREATED = [True, False, True, False, True, False]


def made(n: int, arms: int = 2) -> tuple[Any, Any, Any]:
    """Customers of whom the first column decides how much arm 1 does."""
    draw = np.random.default_rng(3)
    x, arm = draw.uniform(size=(n, 3)), draw.integers(0, arms, n)
    chance = 0.3 + 0.2 * x[:, 1] + np.where(arm == 1, 0.4 * (x[:, 0] - 0.5), 0)
    return x, arm, (draw.uniform(size=n) < chance).astype(float)


def slow_curve(y: Any, score: Any, treated: Any) -> list[tuple[float, float, float]]:
    """The curves by counting all customers above each score."""
    rows = list(zip(y, score, treated, strict=True))
    points = [(0.0, 0.0, 0.0)]
    for least in sorted(set(score), reverse=True):
        ours = [y for y, s, t in rows if s >= least and t]
        theirs = [y for y, s, t in rows if s >= least and not t]
        means = [sum(arm) / len(arm) if arm else 0.0 for arm in (ours, theirs)]
        ratio = len(ours) / len(theirs) if theirs else 0.0
        n = len(ours) + len(theirs)
        points.append((n, (means[0] - means[1]) * n, sum(ours) - sum(theirs) * ratio))
    return points


def test_a_table_without_customers_has_no_arms() -> None:
    with pytest.raises(ValueError, match="treatment: expected the arms of customers, got none"):
        wb.campaign.Uplift().fit(pl.DataFrame({"a": pl.Series([], dtype=pl.Float64)}), [], [])


def test_curves_are_those_of_counting() -> None:
    draw = random.Random(5)
    for _ in range(20):
        n = draw.randint(5, 60)
        y = [draw.randint(0, 1) for _ in range(n)]
        score = [draw.randint(0, 6) for _ in range(n)]
        treated = [1, 0, *(draw.randint(0, 1) for _ in range(n - 2))]
        curve = metrics.uplift_curve(y, score, treated)
        found = zip(curve["customers"], curve["uplift"], curve["qini"], strict=True)
        for point, expected in zip(found, slow_curve(y, score, treated), strict=True):
            assert point == pytest.approx(expected)


@pytest.mark.parametrize(
    "as_column",
    [list, tuple, np.asarray, pl.Series, lambda values: pl.Series(values).to_arrow()],
)
def test_columns_of_any_kind_are_read(as_column: Any) -> None:
    columns = (as_column(Y), as_column(SCORE), as_column(TREATED))
    assert metrics.qini(*columns) == pytest.approx(0.8461538461538461)  # of scikit-uplift
    assert metrics.auuc(*columns) == 1.0
    assert metrics.uplift_at_k(*columns, k=0.5) == 1.0


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="y_true has 6 values, but uplift has 5"):
        metrics.qini(Y, SCORE[1:], TREATED)
    with pytest.raises(ValueError, match="of 6 customers 6 were treated"):
        metrics.qini(Y, SCORE, [True] * 6)
    with pytest.raises(ValueError, match="NaN at index 0"):
        metrics.qini(Y, [float("nan"), *SCORE[1:]], TREATED)
    with pytest.raises(ValueError, match="for amounts there is Radcliffe's Q"):
        metrics.qini([2.5, *Y[1:]], SCORE, TREATED)
    with pytest.raises(ValueError, match="k: expected above 0"):
        metrics.uplift_at_k(Y, SCORE, TREATED, k=0)
    with pytest.raises(ValueError, match="bootstraps: expected 2 to"):
        metrics.uplift_intervals(Y, SCORE, TREATED, bootstraps=1)
    with pytest.raises(ValueError, match="propensity: expected above 0 and below 1"):
        metrics.policy_values(Y, SCORE, TREATED, propensity=1)
    with pytest.raises(ValueError, match="given together"):
        metrics.policy_values(Y, SCORE, TREATED, propensity=0.5, expected_control=Y)
    with pytest.raises(TypeError, match="treatment"):
        metrics.qini(Y, SCORE, ["mail", "none"] * 3)  # type: ignore[list-item]


def test_policies_differ_by_what_their_difference_says() -> None:
    x, arm, y = made(3_000)
    found = metrics.policy_values(y, x[:, 0], arm, propensity=0.5, shares=[0, 0.4, 1], cost=0.01)
    nobody, some, everybody = found["dr"]
    assert found["over_nobody"][1] == pytest.approx(some - nobody)
    assert found["over_everybody"][1] == pytest.approx(some - everybody)
    assert found["over_random"][1] > 3 * found["over_random_se"][1]


@pytest.mark.parametrize("estimator", ["logistic", "boosting", "average"])
@pytest.mark.parametrize("learner", ["s", "t", "x", "dr", "class"])
def test_effects_of_several_offers(learner: str, estimator: str) -> None:
    x, arm, y = made(6_000, arms=3)
    labels = np.array(["none", "letter", "call"])[arm]
    model = wb.campaign.Uplift(learner, estimator, folds=2, cross_fit=False)
    model.fit(pl.DataFrame(x, schema=["a", "b", "c"]), labels, y, control="none")
    assert (model.control_, model.arms_) == ("none", ["call", "letter"])
    effects = model.predict(pl.DataFrame(x, schema=["a", "b", "c"]))
    assert effects.shape == model.uplift_.shape == (6_000, 2)
    assert model.expected_.shape == (6_000, 3)
    assert np.corrcoef(effects[:, 1], x[:, 0])[0, 1] > 0.6
    again = pickle.loads(pickle.dumps(model))
    assert (again.predict(x) == effects).all()
    assert str(again.recommend(margin=3)) == str(model.recommend(margin=3))
    with pytest.raises(ValueError, match="X has the columns"):
        model.predict(pl.DataFrame(x, schema=["a", "c", "b"]))


def test_a_known_chance_is_taken_in_any_form() -> None:
    x, arm, y = made(800)
    fits = [
        wb.campaign.Uplift("class", folds=1).fit(x, arm, y, propensity=propensity).predict(x)
        for propensity in (0.5, {0: 0.5, 1: 0.5}, [0.5] * 800, np.full((800, 2), 0.5))
    ]
    for fit in fits[1:]:
        assert (fit == fits[0]).all()


def test_a_list_is_recommended_only_where_it_pays() -> None:
    x, arm, y = made(8_000)
    model = wb.campaign.Uplift().fit(x, arm, y)
    found = model.recommend()
    assert found.figures["recommended"] and found.figures["gain_low"] > 0
    assert found["policy"] == ["nobody", "everybody: 1", "targeted"]
    assert "A targeted list is recommended" in str(found)
    idle = np.random.default_rng(4).integers(0, 2, 8_000)
    refused = wb.campaign.Uplift().fit(x, idle, y).recommend(costs=0.01)
    assert not refused.figures["recommended"]
    assert "No targeted list is recommended" in refused.figures["advice"]


def test_bad_tests_are_refused() -> None:
    x, arm, y = made(400)
    model = wb.campaign.Uplift()
    with pytest.raises(wb.NotFittedError):
        model.predict(x)
    for arguments, message in [
        ((x, np.where(arm == 1, "mail", "none"), y), "control: expected the label"),
        ((x, arm[1:], y), "treatment has 399"),
        ((x, arm * 0, y), "control and 1 to 99 other arms"),
        ((np.where(x > 0.9, np.nan, x), arm, y), "regressions need finite numbers"),
        ((x[:, 0], arm, y), "X: expected customers x columns"),
    ]:
        with pytest.raises(ValueError, match=message):
            model.fit(*arguments)
    with pytest.raises(ValueError, match="propensity: expected chances above 0"):
        model.fit(x, arm, y, propensity=0)
    with pytest.raises(ValueError, match="learner"):
        wb.campaign.Uplift("r").fit(x, arm, y)
    with pytest.raises(ValueError, match="estimator: expected logistic, boosting or average"):
        wb.campaign.Uplift(estimator="tree").fit(x, arm, y)
    with pytest.raises(ValueError, match="folds"):
        wb.campaign.Uplift(folds=0).fit(x, arm, y)
    alone = wb.campaign.Uplift(folds=1).fit(x, arm, y)
    with pytest.raises(AttributeError, match="folds=1"):
        _ = alone.uplift_
    with pytest.raises(ValueError, match="folds: expected 2 or more"):
        alone.recommend()
    fitted = model.fit(x, arm, y)
    with pytest.raises(ValueError, match="costs: expected 0 or more"):
        fitted.recommend(costs=-1)
    with pytest.raises(ValueError, match="costs: expected costs of 1"):
        fitted.recommend(costs={"mail": 1})


def test_chances_by_which_arms_were_not_drawn_are_refused() -> None:
    rng = np.random.default_rng(3)
    x, arm = rng.normal(size=(2_000, 2)), rng.integers(0, 2, 2_000)
    y = rng.integers(0, 2, 2_000).astype(float)
    with pytest.raises(ValueError, match="sample-ratio mismatch"):
        wb.campaign.Uplift("t").fit(x, arm, y, propensity=0.9)
    with pytest.raises(ValueError, match="sample-ratio mismatch"):
        wb.metrics.policy_values(y, x[:, 0], arm, propensity=0.05)
    wb.metrics.policy_values(y, x[:, 0], arm, propensity=0.5)


def test_columns_of_texts_are_named() -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"age": [1.0, 2.0], "city": ["Rome", "Oslo"]})
    for given in (table, pl.from_pandas(table)):
        with pytest.raises(TypeError, match="X: expected columns of numbers.*Preprocess.*got city"):
            wb.campaign.Uplift().fit(given, [0, 1], [0, 1])
    with pytest.raises(TypeError, match="X: expected columns of numbers"):
        wb.campaign.Uplift().fit([["a"], ["b"]], [0, 1], [0, 1])


def test_chances_that_nobody_knows_are_learned() -> None:
    draw = np.random.default_rng(3)
    x = draw.uniform(-1, 1, size=(20_000, 2))
    treated = draw.uniform(size=20_000) < 1 / (1 + np.exp(-2 * x[:, 0]))
    bought = draw.uniform(size=20_000) < 0.4 + 0.3 * x[:, 0] + 0.1 * treated
    model = wb.campaign.Uplift("dr").fit(x, treated, bought, propensity="estimated")
    found = model.recommend()
    assert found["over_nobody_low"][1] < 0.1 < found["over_nobody_high"][1]
    assert found.figures["overlap"]["outside"] == 0
    assert "were not known" in str(found) and model.propensity_ is not None
    values = wb.metrics.policy_values(
        bought, model.uplift_, treated, propensity=model.propensity_[:, 1], shares=[1]
    )
    assert abs(values["over_nobody"][0] - 0.1) < 4 * values["over_nobody_se"][0]
    # Taken for a test it would promise too much.
    naive = wb.campaign.Uplift("dr").fit(x[:, 1:], treated, bought).recommend()
    assert naive["over_nobody_low"][1] > 0.15
    with pytest.raises(ValueError, match="hardly overlap"):
        wb.campaign.Uplift().fit(x, x[:, 0] > 0, bought, propensity="estimated")
    with pytest.raises(ValueError, match="propensity: expected chances"):
        wb.campaign.Uplift().fit(x, treated, bought, propensity="shares")


def test_the_curve_of_gain_goes_from_nobody_to_everybody() -> None:
    draw = np.random.default_rng(4)
    x, arm = draw.uniform(size=(6_000, 2)), draw.integers(0, 2, 6_000)
    bought = draw.uniform(size=6_000) < 0.2 + arm * (0.4 * x[:, 0] - 0.1)
    found = wb.campaign.Uplift("t").fit(x, arm, bought).recommend(margin=10, costs=1)
    curve, policies = found.tables["curve"], found.tables["policies"]
    assert curve["share"][0] == 0 and curve["share"][-1] == 1 and curve["spend"][-1] == 1
    everybody = policies["policy"].index("everybody: 1")
    assert curve["gain"][-1] - 1 == pytest.approx(policies["over_nobody"][everybody])
    low, high = curve["gain_low"][-1], policies["over_nobody_low"][everybody]
    assert low - 1 == pytest.approx(high)
    middle = min(range(len(curve)), key=lambda i: abs(curve["share"][i] - 0.5))
    assert curve["over_random_low"][middle] > 0
    assert curve["gain"][middle] == pytest.approx(
        curve["at_random"][middle] + curve["over_random"][middle]
    )


def test_offers_that_a_test_does_not_tell_apart_are_told() -> None:
    draw = np.random.default_rng(5)
    x, arm = draw.uniform(size=(9_000, 2)), draw.integers(0, 3, 9_000)
    for effects, alike in (([0, 0.2, 0.2], True), ([0, 0.2, 0.4], False)):
        bought = draw.uniform(size=9_000) < 0.3 + np.array(effects)[arm]
        model = wb.campaign.Uplift("t").fit(x, arm, bought, control=0)
        figures = model.recommend(margin=10).figures
        other = {"everybody: 1", "everybody: 2"} - {figures["better"]}
        assert figures["like_better"] == (list(other) if alike else [])
        if not figures["recommended"]:
            assert ("does not tell" in figures["advice"]) == alike
