"""The churn model through Python."""

from __future__ import annotations

import ast
import copy
import math
import pickle
import re
from datetime import date, datetime
from hashlib import md5
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest
import sklearn.base
import sklearn.metrics

import winback as wb
from winback.sklearn import BoostingClassifier

SHOP = wb.simulate(customers=1500, seed=11)
LOG = SHOP.event_log()
UNTIL = "2024-07-01"
AT = "2024-10-01"
ESTIMATORS = ["average", "logistic", "tree", "boosting"]


def text_of(error: BaseException) -> str:
    """The message with its notes, in which some type errors name the argument (Python 3.11)."""
    return "\n".join([str(error), *getattr(error, "__notes__", [])])


def fitted(estimator: Any = "logistic", **options: Any) -> wb.ChurnModel:
    return wb.ChurnModel(estimator, **options).fit(LOG, until=UNTIL)


@pytest.fixture(scope="module", params=ESTIMATORS)
def model(request: pytest.FixtureRequest) -> wb.ChurnModel:
    return fitted(request.param, attributes=["segment", "age"])


def test_scores(model: wb.ChurnModel) -> None:
    scores = model.score(LOG.at(AT)).to_polars()
    features = LOG.at(AT).features().to_polars()
    assert scores.columns == [
        "customer_id",
        "state",
        "days_since_last_purchase",
        "purchase_count",
        "average_check",
        "purchase_probability",
        "churn_probability",
    ]
    assert scores["customer_id"].equals(features["customer_id"])
    assert scores["days_since_last_purchase"].equals(features["days_since_last_purchase"])
    assert scores["average_check"].equals(features["average_check"])
    assert scores["purchase_count"].cast(float).equals(features["purchase_count"])
    assert set(scores["state"]) == {"active", "lapsed", "lost"}
    probability = scores["purchase_probability"]
    assert probability.is_between(0, 1).all() and probability.n_unique() > 5
    assert (1 - probability).equals(scores["churn_probability"].rename(probability.name))


def test_candidates(model: wb.ChurnModel) -> None:
    candidates = model.candidates(LOG.at(AT), control_share=0.25).to_polars()
    scores = model.score(LOG.at(AT)).to_polars().filter(pl.col("state") == "lapsed")
    assert candidates.columns == [
        "customer_id",
        "rank",
        "last_purchase",
        "days_since_last_purchase",
        "purchase_count",
        "average_check",
        "return_probability",
        "purchases_if_any",
        "expected_check",
        "expected_value",
        "arm",
        "reason_1",
        "reason_2",
        "reason_3",
    ]
    assert candidates["rank"].to_list() == list(range(1, scores.height + 1))
    assert candidates["expected_value"].is_sorted(descending=True)
    value = candidates["purchases_if_any"] * candidates["expected_check"]
    product = candidates["return_probability"] * value
    assert product.equals(candidates["expected_value"].rename(product.name))
    pairs = candidates.join(scores, on="customer_id")
    assert pairs["return_probability"].equals(
        pairs["purchase_probability"].rename("return_probability")
    )
    assert pairs.height == scores.height == candidates.height > 50
    # Lapsed: silent from 1 July back to 1 April, the first instants included and excluded.
    assert candidates["last_purchase"].max() <= datetime(2024, 7, 1)
    assert candidates["last_purchase"].min() > datetime(2024, 4, 1)
    share = (candidates["arm"] == "control").mean()
    assert abs(share - 0.25) < 5 * math.sqrt(0.25 * 0.75 / candidates.height)
    assert candidates["reason_1"].str.contains("(raises|lowers) the chance of a purchase$").all()

    top = model.candidates(LOG.at(AT), top=5, control_share=0.25).to_polars()
    assert top.equals(candidates.head(5))
    other = model.candidates(LOG.at(AT), control_share=0.25, salt="spring").to_polars()
    assert not other["arm"].equals(candidates["arm"])
    assert set(model.candidates(LOG.at(AT))["arm"]) == {"contact"}


def test_the_arms_are_those_that_a_database_draws() -> None:
    model = wb.ChurnModel().fit(LOG, until=UNTIL)
    candidates = model.candidates(LOG.at(AT), control_share=0.25).to_polars()
    arms = duckdb.sql(
        r"""
        SELECT customer_id, arm,
            ('0x' || left(
                md5(encode('winback') || '\xFF'::BLOB || encode(customer_id::VARCHAR)), 13
            ))::BIGINT / 4503599627370496 AS share
        FROM candidates
        """
    ).pl()
    assert arms.height == candidates.height > 50
    assert ((arms["share"] < 0.25) == (arms["arm"] == "control")).all()
    assert 0 < (arms["arm"] == "control").sum() < arms.height
    for customer_id, share in arms.select("customer_id", "share").rows():
        digest = md5(b"winback" + b"\xff" + str(customer_id).encode()).hexdigest()
        assert share == int(digest[:13], 16) / 2**52


def test_quality_is_that_of_scikit_learn(model: wb.ChurnModel) -> None:
    report = model.evaluate(LOG.at(AT))
    table = report.to_polars().filter(pl.col("score") == "model")
    scores = model.score(LOG.at(AT)).to_polars()
    panel = LOG.panel(at=AT).to_polars().select("customer_id", "purchased")
    joined = scores.join(panel, on="customer_id")
    assert table["state"].to_list()[:2] == ["active", "lapsed"]
    for row in table.iter_rows(named=True):
        group = joined.filter(pl.col("state") == row["state"])
        churn = row["state"] == "active"
        y = (~group["purchased"] if churn else group["purchased"]).to_numpy()
        p = group["churn_probability" if churn else "purchase_probability"].to_numpy()
        assert row["outcome"] == ("churned" if churn else "returned")
        assert row["customers"] == len(y)
        assert row["base_rate"] == pytest.approx(y.mean(), rel=1e-12)
        for name, measure in [
            ("roc_auc", sklearn.metrics.roc_auc_score),
            ("average_precision", sklearn.metrics.average_precision_score),
            ("brier_score", sklearn.metrics.brier_score_loss),
            ("log_loss", sklearn.metrics.log_loss),
        ]:
            assert row[name] == pytest.approx(measure(y, p), rel=1e-9), name


def test_the_quality_report(model: wb.ChurnModel) -> None:
    report = model.evaluate(LOG.at(date(2024, 10, 1)))
    values = report.figures
    assert values["at"] == values["outcome_from"] == "2024-10-01"
    assert values["outcome_until"] == "2025-01-01"
    assert values["trained_until"] == "2024-07-01"
    assert values["estimator"] == model.estimator
    assert values["groups"][0]["model"]["roc_auc"] == report["roc_auc"][0]
    report.to_dict()["figures"]["groups"].clear()
    assert report.figures["groups"]
    assert repr(report).startswith(f"Quality of the {model.estimator} model at 2024-10-01")
    assert "days since last purchase" in report._repr_html_()


def test_the_active_model_is_better_than_chance() -> None:
    table = fitted().evaluate(LOG.at(AT))
    assert table["roc_auc"][0] > 0.65


def test_training(model: wb.ChurnModel) -> None:
    training = model.training_
    assert training["until"] == datetime(2024, 7, 1)
    cutoffs = [cutoff["cutoff"] for cutoff in training["cutoffs"]]
    assert len(cutoffs) == 24 and cutoffs == sorted(cutoffs)
    assert cutoffs[-1] == datetime(2024, 4, 1) and cutoffs[0] == datetime(2022, 5, 12)
    panel = LOG.panel(at="2024-04-01", until=UNTIL).to_polars()
    active = panel.filter(pl.col("state") == "active")["purchased"]
    assert training["cutoffs"][-1]["active"] == {
        "purchased": active.sum(),
        "not_purchased": (~active).sum(),
    }
    lost = panel.filter(pl.col("state") == "lost")["purchased"]
    assert sum(training["cutoffs"][-1]["lost"].values()) == lost.len()
    learned = ["mbg_nbd_log_odds", "silence_end_log_odds", "log_gap_z"]
    learned += ["season_sine", "season_cosine"]
    assert model.columns_[-7:] == ["segment", "age", *learned]
    # The log has no events and no contracts.
    of_events = ("activity", "paths", "contacts", "contract")
    names, families = wb.catalogue()["name"], wb.catalogue()["family"]
    read = [name for name, of in zip(names, families, strict=True) if of not in of_events]
    assert model.columns_[:-7] == read


def test_coefficients() -> None:
    table = fitted().coefficients().to_polars()
    assert table.columns == ["state", "feature", "coefficient", "standard_error", "odds_ratio"]
    assert table["state"].unique(maintain_order=True).to_list() == ["active", "lapsed", "lost"]
    # Those who are silent share a model.
    silent = [table.filter(pl.col("state") == state).drop("state") for state in ("lapsed", "lost")]
    assert silent[0].equals(silent[1])
    assert table.filter(pl.col("feature") == "(intercept)").height == 3
    odds = table["coefficient"].exp() / table["odds_ratio"]
    assert (odds - 1).abs().max() < 1e-12
    for other in ("tree", "boosting"):
        with pytest.raises(ValueError, match="only logistic"):
            fitted(other).coefficients()


def test_the_fit_is_the_same_again(model: wb.ChurnModel) -> None:
    shuffled = SHOP.transactions.to_polars().sample(fraction=1, shuffle=True, seed=2)
    log = wb.EventLog(
        shuffled,
        tickets=SHOP.tickets,
        surveys=SHOP.surveys,
        customers=SHOP.customers,
        observed_until="2025-01-01",
    )
    again = sklearn.base.clone(model).fit(log, until=UNTIL)
    assert again.score(log.at(AT)).to_polars().equals(model.score(LOG.at(AT)).to_polars())


# Files


def test_a_saved_model_scores_equally(model: wb.ChurnModel, tmp_path: Path) -> None:
    path = tmp_path / "churn.winback"
    model.save(path)
    loaded = wb.ChurnModel.load(str(path))
    assert loaded.score(LOG.at(AT)).to_polars().equals(model.score(LOG.at(AT)).to_polars())
    assert loaded.training_ == model.training_
    parameters = loaded.get_params()
    assert parameters.pop("attributes") == ("segment", "age")
    expected = model.get_params()
    expected.pop("attributes")
    assert parameters == expected
    loaded.save(tmp_path / "again.winback")
    assert path.read_bytes() == (tmp_path / "again.winback").read_bytes()
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    ("estimator", "params"),
    [
        ("logistic", {"c": 0.5, "fit_intercept": False, "solver": "newton-cholesky"}),
        ("logistic", {"tol": 1e-6, "max_iter": 50, "c": 10.0}),
        ("tree", {"max_depth": 3, "min_child_samples": 50, "min_gain": 1.0}),
        ("tree", {"max_bin": 31, "smoothing": 5.0}),
        ("boosting", {"n_estimators": 20, "learning_rate": 0.2, "num_leaves": 6, "max_depth": 4}),
        ("boosting", {"min_child_samples": 9, "min_child_weight": 0.5, "min_split_gain": 0.0}),
        ("boosting", {"lambda_l2": 1.5, "max_bin": 63, "subsample": 0.7, "seed": 2**64 - 1}),
        ("boosting", {"colsample_bytree": 0.9, "early_stopping_rounds": 0, "n_estimators": 5}),
    ],
)
def test_a_loaded_model_has_its_parameters(
    estimator: str, params: dict[str, Any], tmp_path: Path
) -> None:
    spans = {"horizon": "60d", "lead": "7d", "lapsed_after": "2mo", "lost_after": "9mo"}
    model = fitted(estimator, params=params, monotone=False, **spans)
    model.save(tmp_path / "m")
    assert wb.ChurnModel.load(tmp_path / "m").get_params() == model.get_params()


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_documented_defaults_are_those_of_the_core(estimator: str, tmp_path: Path) -> None:
    parts = re.split(r'Of ``"(\w+)"``', str(wb.ChurnModel.__doc__))
    text = dict(zip(parts[1::2], parts[2::2], strict=True))[estimator]
    documented = {
        name: ast.literal_eval(value) for name, value in re.findall(r"``(\w+)=([^`]+)``", text)
    }
    with pytest.raises(ValueError, match="one of ") as error:
        fitted(estimator, params={"no such name": 1})
    named = str(error.value).split("one of ")[1].split(", got ")[0].split(", ")
    assert sorted(documented) == sorted(named)
    # A file keeps parameters in so far as they are not the defaults.
    fitted(estimator, params=documented).save(tmp_path / "m")
    assert wb.ChurnModel.load(tmp_path / "m").params is None


def test_no_limit_of_the_depth_as_lightgbm_writes_it(tmp_path: Path) -> None:
    model = fitted("boosting", params={"max_depth": -1})
    model.save(tmp_path / "m")
    assert wb.ChurnModel.load(tmp_path / "m").params is None
    same = fitted("boosting", params={"max_depth": 64})
    assert model.score(LOG.at(AT)).to_polars().equals(same.score(LOG.at(AT)).to_polars())


def test_boosting_has_the_parameters_of_lightgbm_by_name(tmp_path: Path) -> None:
    named = fitted("boosting", params="lightgbm")
    named.save(tmp_path / "m")
    assert wb.ChurnModel.load(tmp_path / "m").params == "lightgbm"
    params = BoostingClassifier().get_params()
    for name in ("monotone_constraints", "class_weight"):
        del params[name]
    scores = named.score(LOG.at(AT)).to_polars()
    assert scores.equals(fitted("boosting", params=params).score(LOG.at(AT)).to_polars())
    assert not scores.equals(fitted("boosting").score(LOG.at(AT)).to_polars())
    with pytest.raises(ValueError, match='^params: expected "lightgbm".*, got "seed=1"'):
        fitted("boosting", params="seed=1")
    with pytest.raises(ValueError, match='^params: expected .*"boosting".*, got "lightgbm"'):
        fitted("logistic", params="lightgbm")


def test_an_infinite_parameter_survives(tmp_path: Path) -> None:
    frame = SHOP.transactions.to_polars().select("customer_id", "time")
    log = wb.EventLog(frame, observed_until="2025-01-01")
    model = wb.ChurnModel("logistic", params={"c": math.inf}).fit(log, until=UNTIL, cutoffs=6)
    model.save(tmp_path / "m")
    assert wb.ChurnModel.load(tmp_path / "m").params == {"c": math.inf}


def test_pickle_and_copies(model: wb.ChurnModel) -> None:
    scores = model.score(LOG.at(AT)).to_polars()
    for other in [pickle.loads(pickle.dumps(model)), copy.deepcopy(model), copy.copy(model)]:
        assert other.get_params() == model.get_params()
        assert other.score(LOG.at(AT)).to_polars().equals(scores)
    unfitted = pickle.loads(pickle.dumps(wb.ChurnModel("tree")))
    assert unfitted.estimator == "tree"
    with pytest.raises(wb.NotFittedError):
        unfitted.score(LOG.at(AT))


@pytest.mark.parametrize("estimator", ["tree", "boosting"])
def test_damaged_files(estimator: str, tmp_path: Path) -> None:
    model = fitted(estimator)
    path = tmp_path / "m"
    model.save(path)
    whole = path.read_bytes()
    for damaged in [b"", b"{}", b"\n", whole[:-1], whole[:500], whole + b" ", whole[::-1]]:
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"\bm: "):
            wb.ChurnModel.load(path)
    for place in range(0, len(whole), len(whole) // 40):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"\bm: "):
            wb.ChurnModel.load(path)


def test_places_that_cannot_be_read_or_written(tmp_path: Path) -> None:
    model = fitted("tree")
    with pytest.raises(FileNotFoundError):
        wb.ChurnModel.load(tmp_path / "no")
    with pytest.raises(FileNotFoundError):
        model.save(tmp_path / "no" / "m")
    with pytest.raises(OSError):
        model.save(tmp_path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(TypeError):
        model.save(3)  # type: ignore[arg-type]


# scikit-learn's conventions


def test_arguments_are_stored_as_they_are() -> None:
    attributes, params = ["segment"], {"c": 2.0}
    model = wb.ChurnModel("nonsense", horizon="x", attributes=attributes, params=params)  # type: ignore[arg-type]
    assert model.attributes is attributes and model.params is params
    clone = sklearn.base.clone(model)
    assert clone.get_params() == model.get_params() and clone is not model
    assert model.set_params(estimator="tree", horizon="1mo") is model
    assert (model.estimator, model.horizon) == ("tree", "1mo")
    assert model.monotone and not model.set_params(monotone=False).monotone
    assert not sklearn.base.clone(model).monotone
    with pytest.raises(ValueError, match="no parameter of ChurnModel"):
        model.set_params(depth=3)


def test_an_unfitted_model_says_so() -> None:
    model = wb.ChurnModel()
    for act in [
        lambda: model.score(LOG.at(AT)),
        lambda: model.candidates(LOG.at(AT)),
        lambda: model.evaluate(LOG.at(AT)),
        lambda: model.save("nowhere"),
        model.coefficients,
        model.importances,
        model.tree_text,
        model.graphviz,
        model.to_onnx,
        lambda: model.training_,
        lambda: model.columns_,
    ]:
        with pytest.raises(wb.NotFittedError, match=r"call fit\(log, until=\.\.\.\) first"):
            act()
    assert issubclass(wb.NotFittedError, ValueError) and issubclass(
        wb.NotFittedError, AttributeError
    )
    assert not hasattr(model, "training_")


def test_repr() -> None:
    assert repr(wb.ChurnModel()) == "ChurnModel()"
    assert repr(wb.ChurnModel("tree", lead="7d")) == "ChurnModel(estimator='tree', lead='7d')"
    assert repr(wb.ChurnModel(monotone=False)) == "ChurnModel(monotone=False)"
    text = repr(fitted("tree"))
    assert text.startswith("ChurnModel(estimator='tree')\n") and "trained at 24 cutoffs" in text


@pytest.mark.parametrize(
    ("options", "kind", "what"),
    [
        ({"estimator": "forest"}, ValueError, "estimator: expected "),
        ({"horizon": "3m"}, ValueError, "horizon: expected "),
        ({"horizon": 90}, TypeError, "horizon"),
        ({"horizon": "0d"}, ValueError, "horizon: expected "),
        ({"horizon": "9y"}, ValueError, "until: expected "),
        ({"lead": "later"}, ValueError, "lead: expected "),
        ({"lost_after": "1mo"}, ValueError, "lost_after: expected "),
        ({"attributes": ["tier"]}, ValueError, "attributes: expected "),
        ({"attributes": "segment"}, TypeError, "attributes: expected a list"),
        ({"params": {"depth": 3}}, ValueError, 'params: expected one of c, .*, got "depth"'),
        ({"params": {"c": "much"}}, TypeError, "params: c: "),
        ({"params": {"c": 0}}, ValueError, "c: expected .*, got 0"),
        ({"params": {"c": math.nan}}, ValueError, "c: expected .*, got NaN"),
        (
            {"params": {"max_iter": -1}},
            ValueError,
            "params: expected a number of 0 or more, .*max_iter = -1",
        ),
        ({"params": {"max_iter": 1.5}}, TypeError, "params: max_iter: "),
        ({"params": {"solver": "saga"}}, ValueError, 'solver: expected .*, got "saga"'),
        ({"params": {1: 2}}, TypeError, "params: "),
        ({"estimator": "tree", "params": {"c": 1.0}}, ValueError, "one of max_depth, "),
        (
            {"estimator": "tree", "params": {"max_depth": 65}},
            ValueError,
            "max_depth: expected .*, got 65",
        ),
        (
            {"estimator": "tree", "params": {"max_bin": 2**70}},
            ValueError,
            "params: expected .*, got max_bin = 1",
        ),
        ({"monotone": "yes"}, TypeError, "monotone"),
        ({"monotone": None}, TypeError, "monotone"),
    ],
    ids=str,
)
def test_bad_arguments_are_found_by_fit(
    options: dict[str, Any], kind: type[Exception], what: str
) -> None:
    model = wb.ChurnModel(**options)
    with pytest.raises(kind) as error:
        model.fit(LOG, until=UNTIL)
    assert re.search(what, text_of(error.value))
    assert not hasattr(model, "training_")


@pytest.mark.parametrize(
    ("name", "value", "kind", "what"),
    [
        ("c", 1.0, ValueError, 'params: expected one of n_estimators, learning_.*, got "c"'),
        (
            "reg_lambda",
            1.0,
            ValueError,
            'params: expected lambda_l2, its name here.*, got "reg_lambda"',
        ),
        (
            "monotone_constraints",
            [1],
            ValueError,
            'params: expected .*, got "monotone_constraints"',
        ),
        ("n_estimators", 0, ValueError, "n_estimators: expected 1 to 100000.*, got 0"),
        ("n_estimators", -1, ValueError, "params: expected a number .* n_estimators = -1"),
        ("n_estimators", 10.0, TypeError, "params: n_estimators: "),
        ("learning_rate", 0, ValueError, "learning_rate: expected above 0 to 1, got 0"),
        ("learning_rate", math.nan, ValueError, "learning_rate: expected above 0.*, got NaN"),
        ("learning_rate", "fast", TypeError, "params: learning_rate: "),
        ("learning_rate", 10**400, ValueError, "params: expected .*, got learning_rate = 1000"),
        ("num_leaves", 1, ValueError, "num_leaves: expected 2 to 65536.*, got 1"),
        ("num_leaves", None, TypeError, "params: num_leaves: "),
        ("max_depth", 0, ValueError, "max_depth: expected 1 to 64.*, got 0"),
        ("max_depth", -2, ValueError, "params: expected a .* max_depth = -2"),
        ("max_depth", -1.0, TypeError, "params: max_depth: "),
        ("max_depth", 65, ValueError, "max_depth: expected 1 to 64.*, got 65"),
        ("min_child_samples", 0, ValueError, "min_child_samples: expected 1 to .*, got 0"),
        ("min_child_weight", -0.1, ValueError, "min_child_weight: expected 0 or.*, got -0.1"),
        ("min_split_gain", math.inf, ValueError, "min_split_gain: expected 0 or.*, got inf"),
        ("lambda_l2", -1, ValueError, "lambda_l2: expected 0 or more.*, got -1"),
        ("max_bin", 256, ValueError, "max_bin: expected 2 to 255.*, got 256"),
        ("subsample", 0.0, ValueError, "subsample: expected above 0 to 1, got 0"),
        ("colsample_bytree", 1.1, ValueError, "colsample_bytree: expected above 0.*, got 1.1"),
        (
            "early_stopping_rounds",
            -1,
            ValueError,
            "params: expected .*, got early_stopping_rounds = -1",
        ),
        ("seed", -1, ValueError, "params: expected a number of 0 or more, .*seed = -1"),
        ("seed", 2**64, ValueError, "params: expected .* seed = 18446744073709551616"),
        ("seed", "lucky", TypeError, "params: seed: "),
    ],
    ids=str,
)
def test_bad_parameters_of_boosting(
    name: str, value: Any, kind: type[Exception], what: str
) -> None:
    with pytest.raises(kind) as error:
        fitted("boosting", params={name: value})
    assert re.search(what, text_of(error.value))


@pytest.mark.parametrize(
    ("options", "kind", "what"),
    [
        ({"until": "2025-02-01"}, ValueError, "observed_until"),
        ({"until": "2022-02-01"}, ValueError, "until: expected "),
        ({"until": "2021-02-01"}, ValueError, "until: expected "),
        ({"until": "someday"}, ValueError, "until: expected "),
        ({"until": 2024}, TypeError, "until: expected a str"),
        ({"until": UNTIL, "cutoffs": 0}, ValueError, "cutoffs: expected .*, got 0"),
        ({"until": UNTIL, "cutoffs": -1}, ValueError, "cutoffs: expected .*, got -1"),
        ({"until": UNTIL, "cutoffs": 2**40}, ValueError, "cutoffs: expected "),
        ({"until": UNTIL, "cutoffs": 2.0}, TypeError, "cutoffs: expected an int"),
        ({"until": UNTIL, "stride": "0d"}, ValueError, "stride: expected "),
        ({"until": UNTIL, "stride": "often"}, ValueError, "stride: expected "),
    ],
    ids=str,
)
def test_bad_arguments_of_fit(options: dict[str, Any], kind: type[Exception], what: str) -> None:
    with pytest.raises(kind) as error:
        wb.ChurnModel().fit(LOG, **options)
    assert re.search(what, text_of(error.value))


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"monotone": 1}, "monotone: expected a bool, got int"),
        ({"monotone": "yes"}, "monotone: expected a bool, got str"),
        ({"params": [1]}, "params: expected a dict of names and values, got list"),
    ],
    ids=str,
)
def test_options_of_a_wrong_type(options: dict[str, Any], what: str) -> None:
    with pytest.raises(TypeError, match=what):
        wb.ChurnModel("boosting", **options).fit(LOG, until=UNTIL)


def test_a_boosted_model_says_how_its_number_of_trees_came_about() -> None:
    few = wb.simulate(customers=400, seed=3).event_log()
    text = repr(wb.ChurnModel("boosting", params={"n_estimators": 7}).fit(few, until=UNTIL))
    assert "trees, a number not chosen: at the latest cutoff" in text
    params = {"early_stopping_rounds": 0, "n_estimators": 7}
    text = repr(fitted("boosting", params=params, calibration="none"))
    assert "; 7 trees\n" in text and "chosen" not in text
    assert "trees, a number chosen at the latest cutoff" in repr(fitted("boosting"))


def test_numpy_arguments() -> None:
    params = {"max_depth": np.int64(3), "min_gain": np.float64(1.5)}
    model = wb.ChurnModel("tree", params=params, attributes=np.array(["age"]))  # type: ignore[arg-type]
    model.fit(LOG, until=np.datetime64("2024-07-01").item(), cutoffs=np.int32(3))
    assert len(model.training_["cutoffs"]) == 3
    assert "age" in repr(model)
    params = {"n_estimators": np.int32(5), "learning_rate": np.float32(0.5), "seed": np.uint64(7)}
    wb.ChurnModel("boosting", params=params, monotone=np.bool_(False)).fit(LOG, until=UNTIL)  # type: ignore[arg-type]


def test_too_little_data() -> None:
    log = wb.simulate(customers=20).event_log()
    with pytest.raises(ValueError, match="too little data: .* at least 30 of each"):
        wb.ChurnModel().fit(log, until=UNTIL)


@pytest.mark.parametrize(
    ("options", "kind", "what"),
    [
        ({"top": 0}, ValueError, "top: expected .*, got 0"),
        ({"top": -3}, ValueError, "top: expected .*, got -3"),
        ({"top": "all"}, TypeError, "top: expected an int"),
        ({"control_share": 1.0}, ValueError, "control_share: expected .*, got 1"),
        ({"control_share": -0.1}, ValueError, "control_share: expected "),
        ({"control_share": math.nan}, ValueError, "control_share: expected "),
        ({"salt": None}, TypeError, "salt"),
    ],
    ids=str,
)
def test_bad_arguments_of_candidates(
    options: dict[str, Any], kind: type[Exception], what: str
) -> None:
    with pytest.raises(kind) as error:
        fitted("tree").candidates(LOG.at(AT), **options)
    assert re.search(what, text_of(error.value))


def test_what_cannot_be_judged() -> None:
    model = fitted("tree")
    with pytest.raises(
        ValueError, match="at: expected a time from 2024-07-01 on, up to which the training saw"
    ):
        model.evaluate(LOG.at("2024-06-30"))
    with pytest.raises(ValueError, match="whose outcome window ends by 2025-01-01"):
        model.evaluate(LOG.at("2024-10-02"))


def test_other_logs() -> None:
    model = fitted("tree")
    with pytest.raises(TypeError, match="now: expected a winback.Snapshot.*, got DataFrame"):
        model.score(SHOP.transactions.to_polars())  # type: ignore[arg-type]
    fewer = wb.EventLog(SHOP.transactions, observed_until="2025-01-01")
    with pytest.raises(ValueError, match="ticket"):
        model.score(fewer.at(AT))
    by_day = wb.EventLog(
        SHOP.transactions,
        tickets=SHOP.tickets,
        surveys=SHOP.surveys,
        purchase_by="day",
        observed_until="2025-01-01",
    )
    with pytest.raises(ValueError, match="purchase_by"):
        model.score(by_day.at(AT))


def test_a_log_without_amounts() -> None:
    frame = SHOP.transactions.to_polars().select("customer_id", "time")
    log = wb.EventLog(frame, observed_until="2025-01-01")
    model = wb.ChurnModel().fit(log, until=UNTIL)
    assert "average_check" not in model.score(log.at(AT))
    candidates = model.candidates(log.at(AT)).to_polars()
    assert "expected_value" not in candidates.columns
    assert candidates["return_probability"].is_sorted(descending=True)


def test_values_by_expected_spend_by_number_and_by_column(model: wb.ChurnModel) -> None:
    now = LOG.at(AT)
    scores = model.score(now, value="expected_spend").to_polars()
    chance = scores["purchase_probability"]
    parts = scores["purchases_if_any"] * scores["expected_check"]
    assert (chance * parts).equals(scores["expected_value"].rename(chance.name))
    by_number = model.score(now, value=25).to_polars()
    assert by_number["expected_value"].equals((chance * 25).rename("expected_value"))
    old = model.candidates(now, value="average_check").to_polars()
    product = old["return_probability"] * old["average_check"]
    assert product.equals(old["expected_value"].rename(product.name))
    assert "expected_check" not in old.columns
    for wrong in (0, -1.0, math.nan, "", "no_such_column"):
        with pytest.raises(ValueError, match="value: expected expected_spend, a number above 0"):
            model.candidates(now, value=wrong)
    customer = model.customer_history()
    customer.push_transaction("2024-05-01", amount=30.0)
    with pytest.raises(ValueError, match="one that the model reads, segment, age, got"):
        customer.set_attribute("margin", 12.0)
    plain = model.score_customer(customer, at=AT)
    assert plain is not None and "expected_value" not in plain
    valued = model.score_customer(customer, at=AT, value=12.0)
    assert valued is not None
    assert valued["expected_value"] == plain["purchase_probability"] * 12.0


def test_a_cutoff_without_lapsed_customers() -> None:
    start = "2022-02-01"
    assert len(fitted("tree").candidates(LOG.at(start))) == 0


def test_candidates_worth_nothing_are_told() -> None:
    at = pl.Series([datetime(2024, 8, 20), datetime(2024, 8, 25)])
    back = pl.DataFrame({"customer_id": [999_999] * 2, "time": at, "amount": [10.0, -10.0]})
    orders = SHOP.transactions.to_polars().select(back.columns)
    log = wb.EventLog(
        pl.concat([orders, back.cast(orders.schema)]),
        observed_until="2025-01-01",
    )
    model = wb.ChurnModel().fit(log, until="2024-10-01")
    candidates = model.candidates(log.at("2025-01-01"), value="average_check")
    worthless = candidates.to_polars().filter(pl.col("expected_value") <= 0)
    assert 999_999 in worthless["customer_id"]
    assert f"note: {len(worthless)} candidates are worth nothing" in repr(candidates)
    assert "note:" not in repr(model.candidates(log.at("2025-01-01"), value="average_check", top=5))


def test_purchases_returned_in_full_count_only_where_they_are_asked_for() -> None:
    shop = wb.simulate(customers=1200, return_share=0.4, purchases_per_year=6)
    log = shop.event_log()
    at = datetime(2024, 4, 1)
    end = datetime(2024, 7, 1)
    rows = shop.transactions.to_polars().filter(pl.col("time") < end)
    orders = rows.group_by("customer_id", "order_id").agg(
        pl.col("time").min(),
        kept=pl.col("amount").sum() > 0.005,
        bought=pl.col("amount")
        .filter(pl.col("time") - pl.col("time").min() < pl.duration(days=1))
        .sum()
        > 0.005,
    )
    inside = orders.filter((pl.col("time") >= at) & pl.col("bought"))
    found = {}
    for label, kept in (("purchase", inside), ("kept_purchase", inside.filter("kept"))):
        panel = log.panel(at=[at], label=label).to_polars()
        expected = panel["customer_id"].is_in(kept["customer_id"].unique().implode())
        assert panel["purchased"].equals(expected), label
        found[label] = panel["purchased"].sum()
        # What is known later does not change it.
        early = log.panel(at=[at], label=label, until=end).to_polars()
        assert early["purchased"].equals(panel["purchased"])
    assert found["kept_purchase"] < found["purchase"]
    model = wb.ChurnModel("logistic", label="kept_purchase").fit(log, until="2024-04-01")
    assert "returned in full" in str(model)
    quality = model.evaluate(log.at("2024-04-01")).to_polars()
    rates = quality.filter((pl.col("state") == "active") & (pl.col("score") == "model"))
    panel = log.panel(at=[at], label="kept_purchase").to_polars()
    active = panel.filter(pl.col("state") == "active")["purchased"]
    assert rates["base_rate"][0] == pytest.approx(1 - active.mean())
    assert pickle.loads(pickle.dumps(model)).label == "kept_purchase"
    told = "no order of the log was returned in full"
    assert not any(told in note for note in model.evaluate(log.at("2024-04-01")).notes)
    # Returns that do not say of which order they are.
    nameless = shop.transactions.to_polars().with_columns(
        order_id=pl.when(pl.col("amount") > 0).then("order_id")
    )
    silent = wb.EventLog(
        nameless, tickets=shop.tickets, surveys=shop.surveys, observed_until=shop.end
    )
    assert any(told in note for note in model.evaluate(silent.at("2024-04-01")).notes)
    backtest = wb.ChurnModel("logistic", label="kept_purchase").backtest(
        silent, at=["2024-04-01"], draws=0
    )
    assert sum(told in note for note in backtest.notes) == 1
    without = wb.EventLog(shop.transactions.to_polars().drop("order_id"), observed_until=shop.end)
    with pytest.raises(ValueError, match='label: expected "purchase": which ones were returned'):
        wb.ChurnModel(label="kept_purchase").fit(without, until="2024-04-01")
    with pytest.raises(ValueError, match="label: expected one of purchase, kept_purchase"):
        wb.ChurnModel(label="kept").fit(log, until="2024-04-01")  # type: ignore[arg-type]
