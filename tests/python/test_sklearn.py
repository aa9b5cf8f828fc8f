"""The estimators as scikit-learn's: its own checks, agreement with others, wrong inputs."""

from __future__ import annotations

import copy
import io
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import sklearn
from scipy import sparse
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.validation import check_is_fitted

import winback as wb
from winback import _core
from winback.sklearn import BoostingClassifier, LogisticClassifier, Preprocess, TreeClassifier

OUTCOME = ["purchased", "days_to_purchase", "days_observed"]

# The checks train on as few as 20 rows and want both classes told apart.
SMALL_TREE = TreeClassifier(min_child_samples=1, min_gain=0.0)
SMALL_BOOSTING = BoostingClassifier(min_child_samples=1, min_split_gain=0.0, n_estimators=20)
ALL: list[Any] = [LogisticClassifier(), SMALL_TREE, SMALL_BOOSTING]


@parametrize_with_checks(
    [
        LogisticClassifier(),
        LogisticClassifier(C=100, solver="newton-cholesky", tol=1e-9),
        SMALL_TREE,
        SMALL_BOOSTING,
        BoostingClassifier(min_child_samples=1, colsample_bytree=0.9, num_leaves=5, lambda_l2=1),
        Preprocess(),
        Preprocess(skewed=None),
    ]
)
def test_the_checks_of_scikit_learn(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)


def table(rows: int = 400, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Numbers, labels that lean on them, and weights."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, 4))
    y = np.where(X[:, 0] - 0.5 * X[:, 1] + rng.normal(size=rows) > 0.3, "left", "stayed")
    return X, y, rng.integers(0, 4, size=rows).astype(float)


@pytest.mark.parametrize("C", [0.01, 1.0, 100.0, np.inf])
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("class_weight", [None, "balanced", {"left": 3, "stayed": 0.5}])
def test_the_coefficients_are_those_of_scikit_learn(
    C: float, fit_intercept: bool, class_weight: Any
) -> None:
    X, y, weights = table()
    options: dict[str, Any] = {"C": C, "fit_intercept": fit_intercept, "class_weight": class_weight}
    ours = LogisticClassifier(**options).fit(X, y, weights)
    if class_weight == "balanced":  # of the weights, which scikit-learn does since 1.7
        sums = {label: weights[y == label].sum() for label in ("left", "stayed")}
        options["class_weight"] = {label: weights.sum() / (2 * own) for label, own in sums.items()}
    options["C"] = min(C, 1e12)  # with infinity scikit-learn warns in some versions
    theirs = LogisticRegression(**options, solver="newton-cholesky", tol=1e-12).fit(X, y, weights)
    assert ours.classes_.tolist() == theirs.classes_.tolist() == ["left", "stayed"]
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-7)
    assert ours.n_iter_[0] >= 1


def test_both_solvers_agree() -> None:
    X, y, _ = table()
    exact, wide = (LogisticClassifier(solver=s).fit(X, y) for s in ("newton-cholesky", "lbfgs"))
    np.testing.assert_allclose(exact.coef_, wide.coef_, atol=1e-4)
    assert not hasattr(wide, "n_iter_")


def test_defaults_are_those_of_rust() -> None:
    X, y, weights = table(6000)  # enough for trees of 31 leaves
    X[::7, 0] = np.nan
    rows = {"x": X, "y": y == "stayed", "weights": weights}
    for later in (np.array([], dtype=bool), np.arange(6000) > 4000):
        boosted = _core.TreeEnsemble.fit_boosting({}, rows, [], [], later)
        ours = BoostingClassifier().fit(X, y, weights, held_out=later if len(later) else None)
        assert same(ours._model, boosted)
    assert same(
        TreeClassifier().fit(X, y, weights)._model, _core.TreeEnsemble.fit_tree({}, rows, [])
    )
    rows["x"] = X[:, 1:]
    logistic = LogisticClassifier().fit(X[:, 1:], y, weights)
    assert same(logistic._model, _core.FittedLogistic.fit({}, rows))


def same(one: Any, other: Any) -> bool:
    return bool(pickle.dumps(one) == pickle.dumps(other))


@pytest.fixture(scope="module")
def log() -> wb.EventLog:
    return wb.simulate(customers=1500, seed=3).event_log()


@pytest.mark.parametrize("name", ["logistic", "tree", "boosting"])
def test_a_churn_model_is_these_estimators(name: Any, log: wb.EventLog) -> None:
    params = {"early_stopping_rounds": 0} if name == "boosting" else {}
    options = {"attributes": ["segment"], "monotone": False}
    model = wb.ChurnModel(name, params=params, **options).fit(log, until="2024-10-01", cutoffs=3)
    estimator = {
        "logistic": make_pipeline(Preprocess(), LogisticClassifier(C=0.1)),
        "tree": TreeClassifier(),
        "boosting": BoostingClassifier(
            n_estimators=200,
            learning_rate=0.05,
            num_leaves=15,
            min_split_gain=2,
            lambda_l2=5,
            colsample_bytree=0.5,
        ),
    }[name]

    def active(at: Any) -> tuple[pl.DataFrame, pl.DataFrame]:
        panel = log.panel(at=at, until="2024-10-01", attributes=["segment"]).to_polars()
        panel = panel.filter(pl.col("state") == "active")
        # What was learned of all customers is in the model's own table only.
        cutoffs = panel["cutoff"].unique(maintain_order=True)
        read = [model.features(log.at(cutoff)).to_polars() for cutoff in cutoffs]
        read = [
            table.with_columns(cutoff=cutoff) for cutoff, table in zip(cutoffs, read, strict=True)
        ]
        known = pl.concat(read).cast({"cutoff": panel.schema["cutoff"]})
        rows = panel.select("cutoff", "customer_id")
        X = rows.join(known, on=rows.columns, how="left", maintain_order="left")
        return panel, X.select(model.columns_)

    cutoffs = [cutoff["cutoff"] for cutoff in model.training_["cutoffs"]]
    panel, X = active(cutoffs)
    estimator.fit(X, panel["purchased"])
    panel, X = active("2024-10-01")
    scores = model.score(log.at("2024-10-01")).to_polars().filter(pl.col("state") == "active")
    assert scores["customer_id"].to_list() == panel["customer_id"].to_list()
    expected = scores["purchase_probability"].to_numpy()
    assert np.array_equal(estimator.predict_proba(X)[:, 1], expected)


@pytest.mark.parametrize("estimator", ALL, ids=lambda e: type(e).__name__)
def test_pickles_are_checked_bytes_and_predict_the_same(estimator: Any) -> None:
    X, y, _ = table()
    fitted = clone(estimator).fit(pd.DataFrame(X, columns=list("abcd")), y)
    X = pd.DataFrame(table(seed=1)[0], columns=list("abcd"))
    expected = fitted.predict_proba(X)
    file = io.BytesIO()
    joblib.dump(fitted, file)
    for again in (pickle.loads(pickle.dumps(fitted)), joblib.load(file), copy.deepcopy(fitted)):
        assert np.array_equal(again.predict_proba(X), expected)
        assert again.classes_.tolist() == ["left", "stayed"]
        assert again.feature_names_in_.tolist() == list("abcd")
        assert same(again._model, fitted._model)
    rebuilt, (kept,) = fitted._model.__reduce__()
    assert rebuilt is type(fitted._model) and kept.startswith(b'{"format":"winback ')
    place = kept.index(b"\n") + 30
    for damaged in (kept[:-1], kept[:place] + b"7" + kept[place + 1 :], b"", b"{}\n", b"\x80\x04"):
        if damaged != kept:
            with pytest.raises(ValueError, match="model file: "):
                rebuilt(damaged)


def test_pickles_of_another_kind_are_refused() -> None:
    X, y, _ = table()
    (kept,) = LogisticClassifier().fit(X, y)._model.__reduce__()[1]
    with pytest.raises(ValueError, match="model file: not a winback trees"):
        _core.TreeEnsemble(kept)


@pytest.mark.parametrize("estimator", ALL, ids=lambda e: type(e).__name__)
def test_in_the_company_of_scikit_learn(estimator: Any) -> None:
    X, y, weights = table(600)
    pipeline = make_pipeline(Preprocess(), clone(estimator)).set_output(transform="pandas")
    assert cross_val_score(pipeline, X, y, scoring="roc_auc", n_jobs=2).min() > 0.75
    for method in ("sigmoid", "isotonic"):
        calibrated = CalibratedClassifierCV(clone(estimator), method=method)
        calibrated.fit(X, y, sample_weight=weights)
        loss = -np.log(calibrated.predict_proba(X)[np.arange(600), (y == "stayed").astype(int)])
        assert loss.mean() < 0.55
    name = "C" if isinstance(estimator, LogisticClassifier) else "min_child_samples"
    search = GridSearchCV(clone(estimator), {name: [1, 10, 40]}, scoring="neg_log_loss")
    search.fit(X, y, sample_weight=weights)
    assert search.best_params_[name] in (1, 10, 40) and search.best_score_ > -0.6


def test_scikit_learn_sees_whether_a_model_of_a_log_is_fitted(log: wb.EventLog) -> None:
    with pytest.raises(NotFittedError):
        check_is_fitted(wb.ChurnModel("logistic"))
    check_is_fitted(wb.ChurnModel("logistic").fit(log, until="2024-10-01"))


def test_a_grid_on_telco(read_data: Callable[[str], pl.DataFrame]) -> None:
    data = read_data("telco_ibm/telco_basic")
    X, y = data.drop("customer_id", "churn"), data["churn"]
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    skewed = ["tenure", "monthly_charges", "total_charges"]
    found = {}
    for name, estimator, grid in [
        (
            "logistic",
            make_pipeline(Preprocess(skewed=skewed), LogisticClassifier()),
            {"logisticclassifier__C": [0.001, 0.1, 1], "preprocess__skewed": [None, skewed]},
        ),
        ("tree", TreeClassifier(), {"max_depth": [3, 6], "min_gain": [0.0, 4.0]}),
        (
            "boosting",
            BoostingClassifier(learning_rate=0.05),
            {"num_leaves": [4, 31], "min_split_gain": [0.3, 3]},
        ),
    ]:
        search = GridSearchCV(estimator, grid, cv=folds, scoring="roc_auc", error_score="raise")
        found[name] = search.fit(X, y)
    best = found["logistic"].best_params_
    theirs = make_pipeline(
        Preprocess(skewed=best["preprocess__skewed"]),
        LogisticRegression(C=best["logisticclassifier__C"], solver="newton-cholesky", tol=1e-10),
    )
    expected = cross_val_score(theirs, X, y, cv=folds, scoring="roc_auc").mean()
    assert found["logistic"].best_score_ == pytest.approx(expected, abs=1e-6)
    assert found["logistic"].best_score_ == pytest.approx(0.851, abs=0.002)
    assert found["tree"].best_score_ == pytest.approx(0.835, abs=0.002)
    assert found["boosting"].best_score_ == pytest.approx(0.848, abs=0.002)
    assert found["boosting"].best_params_["num_leaves"] == 4
    importances = found["boosting"].best_estimator_.feature_importances_
    assert X.columns[int(importances.argmax())] == "contract"


# The same frame in two libraries and as categories.
FRAMES: dict[str, Callable[[dict[str, list[Any]]], Any]] = {
    "pandas": pd.DataFrame,
    "pandas categories": lambda columns: pd.DataFrame(columns).astype({"plan": "category"}),
    "pandas arrow": lambda columns: pd.DataFrame(columns).convert_dtypes(dtype_backend="pyarrow"),
    "polars": lambda columns: pl.DataFrame(columns, strict=False),
    "polars categories": lambda columns: pl.DataFrame(
        columns, schema_overrides={"plan": pl.Categorical}, strict=False
    ),
    "polars enum": lambda columns: pl.DataFrame(
        columns, schema_overrides={"plan": pl.Enum(["d", "c", "b", "a", "e"])}, strict=False
    ),
}


@pytest.mark.parametrize("frame", FRAMES)
def test_columns_of_texts(frame: str) -> None:
    make = FRAMES[frame]
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 4, size=300)
    plans = [None if i % 11 == 0 else "abcd"[code] for i, code in enumerate(codes)]
    spend = rng.normal(size=300)
    y = (codes % 2 == 0) ^ (rng.random(300) < 0.1)
    X = make({"plan": plans, "spend": spend.tolist(), "paid": [True, False, None] * 100})
    new = make({"plan": ["a", "b", "e", None], "spend": [0.0] * 4, "paid": [True] * 4})
    texts = np.array([np.nan if p is None else "abcd".index(p) for p in plans])
    paid = np.array([1.0, 0.0, np.nan] * 100)
    for params in (SMALL_TREE, SMALL_BOOSTING):
        model = clone(params).fit(X, y)
        assert model.feature_names_in_.tolist() == ["plan", "spend", "paid"]
        # As the core is told by numbers.
        rows = {"x": np.column_stack([texts, spend, paid]), "y": y, "weights": None}
        expected = clone(params)
        expected._levels = [list("abcd"), None, None]
        assert same(model._model, expected._learn(rows, None))
        p = model.predict_proba(new)[:, 1]
        assert p[0] > 0.5 > p[1] and p[2] == p[3]
    prepared = Preprocess().fit(X)
    names = prepared.get_feature_names_out().tolist()
    assert names[-4:] == ["plan_missing", "spend", "paid", "paid_missing"]
    assert len(names) == 7 and all(name in [f"plan={v}" for v in "abcd"] for name in names[:3])
    out = prepared.transform(new)
    assert out[2, :4].tolist() == [0, 0, 0, 0] and out[3, :4].tolist() == [0, 0, 0, 1]


def some_customers() -> tuple[pd.DataFrame, np.ndarray]:
    """A number and a text, on which labels lean, with gaps in both."""
    rng = np.random.default_rng(2)
    codes = rng.integers(0, 3, size=200)
    plans = [None if i % 9 == 0 else "abc"[code] for i, code in enumerate(codes)]
    silence = np.where(rng.random(200) < 0.1, np.nan, rng.normal(size=200))
    y = np.nan_to_num(silence) + codes + rng.normal(size=200) > 1
    return pd.DataFrame({"silence": silence, "plan": plans}), y


WITH_TEXTS: list[Any] = [
    SMALL_TREE,
    SMALL_BOOSTING,
    make_pipeline(Preprocess(), LogisticClassifier()),
]
NOTHING: list[Callable[[Any], Any]] = [
    lambda rows: pd.DataFrame(rows),
    lambda rows: pd.DataFrame(rows).fillna(np.nan),
    lambda rows: pd.DataFrame(rows).astype({"plan": "string", "silence": "string"}),
    lambda rows: pd.DataFrame(rows).convert_dtypes(dtype_backend="pyarrow"),
    lambda rows: pl.DataFrame(rows),
    lambda rows: pl.DataFrame(rows, schema={"silence": pl.Float64, "plan": pl.Float32}),
    lambda rows: pl.DataFrame(rows).with_columns(plan=pl.lit(float("nan"))),
    lambda rows: pl.DataFrame(rows, schema={"silence": pl.String, "plan": pl.String}),
]


@pytest.mark.parametrize("model", WITH_TEXTS, ids=lambda e: type(e).__name__)
def test_a_column_without_values_is_of_the_kind_of_the_fit(model: Any) -> None:
    X, y = some_customers()
    model = clone(model).fit(X, y)
    gaps = [{"silence": None, "plan": None}]
    # The same row, where other rows tell the kind of each column.
    expected = model.predict_proba(pd.concat([X, pd.DataFrame(gaps)]).astype(X.dtypes))[-1:]
    for make in NOTHING:
        assert np.array_equal(model.predict_proba(make(gaps)), expected)
    alone = model.predict_proba(pd.DataFrame([{"silence": 0.5, "plan": None}]))
    assert not np.array_equal(alone, expected)


@pytest.mark.parametrize("model", WITH_TEXTS, ids=lambda e: type(e).__name__)
def test_texts_where_the_fit_had_none(model: Any) -> None:
    X, y = some_customers()
    for frame in (X, pl.from_pandas(X)):
        nothing = frame.assign(plan=None) if frame is X else frame.with_columns(plan=None)
        for other in (nothing, nothing[["silence"]]):
            fitted = clone(model).fit(other, y)
            assert np.array_equal(
                fitted.predict_proba(other), fitted.predict_proba(nothing[other.columns])
            )
        fitted = clone(model).fit(nothing, y)
        with pytest.raises(
            ValueError, match="^column 'plan' of X holds texts; in fit, numbers or no"
        ):
            fitted.predict_proba(frame)
    # Where the type tells that these were to be texts, others are levels that the fit has not seen.
    empty = pl.from_pandas(X).with_columns(plan=pl.lit(None, dtype=pl.String))
    fitted = clone(model).fit(empty, y)
    assert np.isfinite(fitted.predict_proba(X)).all()


class OnlyAStream:
    """What has Arrow's interface and nothing else."""

    def __init__(self, source: pa.Table) -> None:
        self._source = source

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._source.__arrow_c_stream__(requested_schema)


@pytest.mark.parametrize("without_polars", [False, True])
@pytest.mark.parametrize("model", WITH_TEXTS, ids=lambda e: type(e).__name__)
def test_tables_of_arrow(model: Any, without_polars: bool, monkeypatch: Any) -> None:
    X, y = some_customers()
    expected = clone(model).fit(X, y).predict_proba(X)
    source = pa.table(pl.from_pandas(X).with_columns(pl.col("plan").cast(pl.Categorical)))
    if without_polars:
        monkeypatch.setitem(sys.modules, "polars", None)
    for rows in (source, source.to_batches()[0], OnlyAStream(source)):
        fitted = clone(model).fit(rows, y)
        assert fitted.feature_names_in_.tolist() == ["silence", "plan"]
        for again in (rows, X):
            assert np.array_equal(fitted.predict_proba(again), expected)
    with pytest.raises(ValueError, match="^The feature names should match"):
        fitted.predict(source.select(["plan", "silence"]))


def test_a_table_of_winback(log: wb.EventLog, monkeypatch: Any) -> None:
    features = ["days_since_last_purchase", "purchase_count", "average_check"]
    X = log.at("2024-07-01").features(features=features, attributes=["segment"])
    y = np.array(X["days_since_last_purchase"]) > 60
    for model in WITH_TEXTS:
        fitted = clone(model).fit(X, y)
        assert fitted.feature_names_in_.tolist() == ["customer_id", *features, "segment"]
        expected = clone(model).fit(X.to_pandas(), y).predict_proba(X.to_pandas())
        assert np.array_equal(fitted.predict_proba(X), expected)
    monkeypatch.setitem(sys.modules, "polars", None)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match="^X is a Table, which is read by polars or by pandas"):
        fitted.predict(X)


@pytest.mark.parametrize("kind", [int, float, bool])
@pytest.mark.parametrize("model", WITH_TEXTS, ids=lambda e: type(e).__name__)
def test_categories_of_whole_numbers_are_their_texts(model: Any, kind: type) -> None:
    X, y = some_customers()
    numbers = {"a": kind(0), "b": kind(1), "c": kind(1 if kind is bool else 12), None: None}
    plans = [numbers[plan if isinstance(plan, str) else None] for plan in X["plan"]]
    texts = [None if n is None else str(n if kind is bool else int(n)) for n in plans]
    as_numbers, as_texts = (
        X.assign(plan=pd.Categorical(values, categories=sorted({*values} - {None})))
        for values in (plans, texts)
    )
    fitted = clone(model).fit(as_numbers, y)
    expected = clone(model).fit(as_texts, y).predict_proba(as_texts)
    assert np.array_equal(fitted.predict_proba(as_numbers), expected)
    # Of rows without gaps the values are of another type of pandas'.
    whole = as_numbers["plan"].notna()
    for rows in (as_numbers, as_texts):
        assert np.array_equal(fitted.predict_proba(rows[whole]), expected[whole])
    assert len(np.unique(expected[X["silence"].isna()], axis=0)) > 1


def test_no_limit_of_depth() -> None:
    X, y, _ = table()
    for model in (SMALL_TREE, SMALL_BOOSTING):
        deep, limit, shallow = (
            clone(model).set_params(max_depth=depth).fit(X, y).decision_function(X)
            for depth in (None, 64, 2)
        )
        assert np.array_equal(deep, limit) and not np.array_equal(deep, shallow)
    lightgbm = clone(SMALL_BOOSTING).set_params(max_depth=-1).fit(X, y)
    assert np.array_equal(lightgbm.decision_function(X), deep)


def test_signs_may_be_whole_floats() -> None:
    X, y, _ = table()
    models = [
        clone(SMALL_BOOSTING).set_params(monotone_constraints=signs).fit(X, y)
        for signs in ([-1, 0, 0, 1], [-1.0, 0, 0, 1.0], np.array([-1.0, 0, 0, 1]))
    ]
    assert all(same(model._model, models[0]._model) for model in models)


def test_preprocessing_by_hand() -> None:
    X = pd.DataFrame({"average_check": [1.0, 9.0, np.nan, 3.0], "age": [20.0, 30, 40, 70]})
    out = Preprocess().set_output(transform="polars").fit_transform(X)
    assert out.columns == ["average_check", "average_check_missing", "age"]
    check = np.log1p([1.0, 9.0, 3.0, 3.0])  # the median of three is 3
    np.testing.assert_allclose(
        out["average_check"], ((check - check.mean()) / check.std())[[0, 1, 2, 3]], rtol=1e-12
    )
    np.testing.assert_allclose(out["age"], (X["age"] - 40) / X["age"].std(ddof=0), rtol=1e-12)
    assert out["average_check_missing"].to_list() == [0, 0, 1, 0]
    positions = Preprocess(skewed=[0]).fit(X.to_numpy())
    assert positions.get_feature_names_out().tolist() == ["x0", "x0_missing", "x1"]
    assert positions.get_feature_names_out(["a", "b"]).tolist() == ["a", "a_missing", "b"]
    assert np.array_equal(positions.transform(X.to_numpy()), out.to_numpy())
    twice = Preprocess().fit(X, sample_weight=[2, 1, 0, 1])
    rows = Preprocess().fit(X.iloc[[0, 0, 1, 3]])
    np.testing.assert_allclose(twice.transform(X), rows.transform(X), rtol=1e-12)


@pytest.mark.parametrize("estimator", ALL[:2], ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("seed", range(5))
def test_prop_a_weight_of_two_is_a_row_twice(estimator: Any, seed: int) -> None:
    X, y, weights = table(120, seed)
    weighted = clone(estimator).fit(X, y, weights)
    repeated = clone(estimator).fit(
        X.repeat(weights.astype(int), axis=0), y.repeat(weights.astype(int))
    )
    np.testing.assert_allclose(weighted.predict_proba(X), repeated.predict_proba(X), atol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_prop_labels_are_only_names(seed: int) -> None:
    X, y, weights = table(200, seed)
    for estimator in ALL:
        p = clone(estimator).fit(X, y, weights).predict_proba(X)
        for names in ([0, 1], [-1.0, 1.0], [False, True], ["a", "b"]):
            other = clone(estimator).fit(X, np.array(names)[(y == "stayed").astype(int)], weights)
            assert np.array_equal(other.predict_proba(X), p)
            assert other.classes_.tolist() == names
            assert set(other.predict(X)) <= set(names)


@pytest.mark.parametrize("seed", range(5))
def test_prop_log_odds_and_probabilities_agree(seed: int) -> None:
    X, y, _ = table(200, seed)
    for estimator in ALL:
        model = clone(estimator).fit(X, y)
        z, p = model.decision_function(X), model.predict_proba(X)
        np.testing.assert_allclose(p[:, 1], 1 / (1 + np.exp(-z)), rtol=1e-12)
        assert np.array_equal(model.predict(X) == "stayed", z > 0)
        # Whatever the layout, and row by row.
        assert np.array_equal(model.decision_function(np.asfortranarray(X)), z)
        assert np.array_equal(model.decision_function(X[::-1])[::-1], z)
        assert model.decision_function(X[7:8])[0] == z[7]
        assert np.array_equal(model.decision_function(X.astype(">f8")), z)


def test_many_rows_are_predicted_in_parts() -> None:
    X, y, _ = table()
    for estimator in ALL:
        model = clone(estimator).fit(X, y)
        many = np.tile(X, (200, 1))  # more than one part
        assert np.array_equal(
            model.decision_function(many), np.tile(model.decision_function(X), 200)
        )
    prepared = Preprocess().fit(X)
    assert np.array_equal(prepared.transform(many), np.tile(prepared.transform(X), (200, 1)))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("as_dict", [False, True])
def test_prop_signs_are_kept(seed: int, as_dict: bool) -> None:
    X, y, _ = table(300, seed)
    frame = pd.DataFrame(X, columns=list("abcd"))
    signs: Any = {"a": -1, "d": 1} if as_dict else [-1, 0, 0, 1]
    model = clone(SMALL_BOOSTING).set_params(monotone_constraints=signs, n_estimators=60)
    model.fit(frame, y)
    free = clone(model).set_params(monotone_constraints=None).fit(frame, y)
    falls = []
    for fitted in (model, free):
        moved = [frame.assign(a=frame["a"] + step) for step in (0.0, 0.2, 0.7)]
        z = np.array([fitted.decision_function(rows) for rows in moved])
        falls.append(bool((np.diff(z, axis=0) <= 1e-12).all()))
    assert falls == [True, False]


def test_rows_held_out_tell_when_to_stop() -> None:
    X, y, _ = table(400)
    later = np.arange(400) >= 300
    model = clone(SMALL_BOOSTING).set_params(n_estimators=500, early_stopping_rounds=10)
    model.fit(X, y, held_out=later)
    assert 1 <= model.n_estimators_ < 400
    assert clone(model).fit(X, y).n_estimators_ == 500
    kept = clone(model).set_params(n_estimators=model.n_estimators_)
    kept.fit(X, y, sample_weight=np.where(later, 0.0, 1.0))
    assert np.array_equal(kept.decision_function(X), model.decision_function(X))


def test_class_weights_are_sample_weights() -> None:
    X, y, weights = table()
    for estimator in ALL:
        by_class = clone(estimator).set_params(class_weight={"left": 2.0, "stayed": 0.5})
        by_row = clone(estimator).fit(X, y, weights * np.where(y == "left", 2.0, 0.5))
        assert same(by_class.fit(X, y, weights)._model, by_row._model)
        balanced = clone(estimator).set_params(class_weight="balanced").fit(X, y)
        counts = {name: (y == name).sum() for name in ("left", "stayed")}
        by_hand = {name: 400 / (2 * count) for name, count in counts.items()}
        assert same(
            balanced._model, clone(estimator).set_params(class_weight=by_hand).fit(X, y)._model
        )


X, Y, _ = table(60)
NAN = np.where(np.arange(60)[:, None] == 3, np.nan, X)
INFINITE = np.where(np.arange(60)[:, None] == 3, np.inf, X)
TEXTS = pd.DataFrame({"plan": ["a", "b", None] * 20, "spend": 1.0})
TIMES = pd.DataFrame({"joined": pd.Timestamp("2024-01-01"), "spend": [1.0] * 60})
NUMBERS = pd.DataFrame({"plan": pd.Categorical([1.5, 2] * 30), "spend": 1.0})
DAYS = pd.DataFrame({"plan": pd.Categorical(pd.to_datetime(["2024-01-01", None] * 30))})
MIXED = pd.DataFrame({"spend": 1.0, "plan": ["a", 1, "b"] * 20})
LISTS = pd.DataFrame({"spend": 1.0, "plan": [[1], 1, None] * 20})
SIDES = (Y == "left").astype(int)
ALL_ROWS = np.ones(60, dtype=bool)
TREE, BOOSTING, LOGISTIC = TreeClassifier, BoostingClassifier, LogisticClassifier


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: LOGISTIC(C=0).fit(X, Y), ValueError, "^C: expected a number above 0.*, got 0"),
        (lambda: LOGISTIC(C="1").fit(X, Y), TypeError, "^C: expected a number, got str"),
        (lambda: LOGISTIC(tol=1).fit(X, Y), ValueError, "^tol: expected .*, got 1"),
        (lambda: LOGISTIC(max_iter=0).fit(X, Y), ValueError, "^max_iter: expected .*, got 0"),
        (lambda: LOGISTIC(max_iter=2.5).fit(X, Y), TypeError, "^max_iter: expected an int"),
        (lambda: LOGISTIC(solver="saga").fit(X, Y), ValueError, '^solver: expected .*, got "saga"'),
        (lambda: LOGISTIC(fit_intercept=1).fit(X, Y), TypeError, "^fit_intercept: expected a bool"),
        (
            lambda: LOGISTIC(solver="lbfgs", class_weight="balanced").fit(X, Y),
            ValueError,
            "^solver: expected newton-cholesky or auto where rows have unequal.*, got lbfgs",
        ),
        (
            lambda: LOGISTIC(class_weight="even").fit(X, Y),
            ValueError,
            "^class_weight: expected 'balanced', a dict of weights above 0 by label.*, got 'even'",
        ),
        (
            lambda: LOGISTIC(class_weight=[1, 2]).fit(X, Y),
            TypeError,
            "^class_weight: expected 'balanced', a dict .* or None, got list",
        ),
        (
            lambda: LOGISTIC(class_weight={0: -1, 1: 1}).fit(X, SIDES),
            ValueError,
            "^class_weight: expected 'balanced', a dict of weights above 0.*, got -1 of label 0",
        ),
        (
            lambda: TREE(class_weight={0: 1, np.int64(1): np.nan}).fit(X, SIDES),
            ValueError,
            "^class_weight: expected .*, got nan of label 1",
        ),
        (
            lambda: TREE(class_weight={"left": "1"}).fit(X, Y),
            TypeError,
            r"^class_weight\['left'\]: expected a number, got str",
        ),
        (lambda: TREE(class_weight={"gone": 1}).fit(X, Y), ValueError, "not in class_weight$"),
        (
            lambda: LOGISTIC(C=np.inf).fit(X, X[:, 0] > 0),
            ValueError,
            "separates the classes.* give a finite C ",
        ),
        (
            lambda: LOGISTIC().fit(NAN, Y),
            ValueError,
            "(?s)^Input X contains NaN.\nLogisticClassifier.*put winback.sklearn.Preprocess before",
        ),
        (
            lambda: LOGISTIC().fit(X, Y).predict(NAN),
            ValueError,
            "(?s)^Input X contains NaN.*put winback.sklearn.Preprocess before it",
        ),
        (
            lambda: LOGISTIC().fit(TEXTS, Y),
            TypeError,
            "^column 'plan' of X holds texts, which LogisticClassifier cannot take; put winback.sk",
        ),
        (lambda: TREE(max_depth=65).fit(X, Y), ValueError, "^max_depth: expected 0 to.*, got 65"),
        (
            lambda: TREE(max_depth=-1).fit(X, Y),
            ValueError,
            "^max_depth: expected 0 to 64, or None for no limit.*, got -1",
        ),
        (lambda: TREE(max_depth=2.0).fit(X, Y), TypeError, "^max_depth: expected an int or None"),
        (lambda: TREE(min_gain=np.nan).fit(X, Y), ValueError, "^min_gain: expected .*, got NaN"),
        (lambda: TREE(smoothing=-1).fit(X, Y), ValueError, "^smoothing: expected .*, got -1"),
        (lambda: TREE(max_bin=1).fit(X, Y), ValueError, "^max_bin: expected 2 to 255.*, got 1"),
        (lambda: TREE().fit(INFINITE, Y), ValueError, "^Input X contains infinity"),
        (lambda: TREE().fit(X, Y).predict(INFINITE), ValueError, "^Input X contains infinity"),
        (lambda: TREE().fit(X, Y).predict(X[:, :2]), ValueError, "^X has 2 features, but Tree"),
        (lambda: TREE().fit(X, np.arange(60) % 3), ValueError, "^Only binary classification is"),
        (lambda: TREE().fit(X, X[:, 0]), ValueError, "^Unknown label type: continuous"),
        (lambda: TREE().fit(X, ["a"] * 60), ValueError, "^all 60 rows are of class 'a'; rows of"),
        (
            lambda: TREE().fit(X, SIDES, SIDES),
            ValueError,
            r"^all \d+ rows with a sample_weight above 0 are of class 1; rows of two classes are",
        ),
        (lambda: TREE().fit(X, Y, np.zeros(60)), ValueError, "^sample_weight: .* non-zero"),
        (
            lambda: TREE().fit(X, Y, -np.ones(60)),
            ValueError,
            r"^sample_weight: expected finite numbers of 0 or more .*, got -1 \(row 0\)",
        ),
        (lambda: TREE().fit(X, Y, np.ones((60, 2))), ValueError, "^sample_weight: .*1D array"),
        (lambda: TREE().fit(X, Y, ["a"] * 60), ValueError, "^sample_weight: could not convert"),
        (lambda: TREE().fit(X, Y, [1.0, 2.0]), ValueError, "sample_weight.shape"),
        (lambda: TREE().fit(X, [True, None, False] * 20), ValueError, "^Input y contains missing"),
        (lambda: TREE().fit(TIMES, Y), TypeError, "^column 'joined' of X is of type datetime64"),
        (lambda: TREE().fit(pl.from_pandas(TIMES), Y), TypeError, "^column 'joined' of X is of"),
        (lambda: TREE().fit(NUMBERS, Y), TypeError, "^column 'plan' of X has categories that are"),
        (lambda: TREE().fit(DAYS, Y), TypeError, "^column 'plan' of X has categories that are nei"),
        (
            lambda: TREE().fit(MIXED, Y),
            TypeError,
            "^column 'plan' of X mixes texts and others, such as 'a' and 1; make all of them texts",
        ),
        (
            lambda: TREE().fit(MIXED[["spend"]].assign(plan=1.0), Y).predict(MIXED),
            TypeError,
            "^column 'plan' of X mixes texts and others",
        ),
        (lambda: TREE().fit(LISTS, Y), TypeError, "^column 'plan' of X is of type list; numbers"),
        (
            lambda: TREE().fit(MIXED.to_numpy(), Y),
            TypeError,
            "^column 1 of X holds texts, such as 'a'; texts need a frame, such as a DataFrame",
        ),
        (
            lambda: TREE().fit(np.array([["1", "b"]] * 60), Y),
            TypeError,
            "^column 1 of X holds texts, such as 'b'; texts need a frame",
        ),
        (lambda: LOGISTIC().fit([[1, "b"]] * 60, Y), TypeError, "^column 1 of X holds texts, such"),
        (
            lambda: TREE().fit(pl.from_pandas(TEXTS).lazy(), Y),
            TypeError,
            r"^X is a LazyFrame, which holds no rows yet; collect it first: \.collect\(\)",
        ),
        (
            lambda: TREE().fit(TEXTS, Y).predict(pl.from_pandas(TEXTS).lazy()),
            TypeError,
            "^X is a LazyFrame",
        ),
        (lambda: TREE().fit(pa.array(X[:, 0]), Y), ValueError, "^Expected 2D array, got 1D"),
        (lambda: TREE().fit(pl.Series(X[:, 0]), Y), ValueError, "^Expected 2D array, got 1D"),
        (lambda: TREE().fit(sparse.csr_array(X), Y), TypeError, "^Sparse data was passed for X"),
        (lambda: TREE().predict(X), NotFittedError, "^This TreeClassifier instance is not fitted"),
        (lambda: TREE().fit(TEXTS, Y).predict(X), ValueError, "X has 4 features, but"),
        (lambda: TREE().fit(TEXTS, Y).predict([["a", 1]]), TypeError, "^X must be a pandas or"),
        (
            lambda: TREE().fit(TEXTS, Y).predict(TEXTS.assign(plan=1.0)),
            ValueError,
            "^column 'plan' of X holds numbers; in fit, texts",
        ),
        (
            lambda: TREE().fit(TEXTS, Y).predict(TEXTS[["spend", "plan"]]),
            ValueError,
            "^The feature names should match those that were passed during fit",
        ),
        (
            lambda: BOOSTING(n_estimators=0).fit(X, Y),
            ValueError,
            "^n_estimators: expected .*, got 0",
        ),
        (lambda: BOOSTING(max_depth=0).fit(X, Y), ValueError, "^max_depth: expected 1.*, got 0"),
        (lambda: BOOSTING(max_depth=-2).fit(X, Y), ValueError, "^max_depth: expected .*, got -2"),
        (lambda: BOOSTING(subsample=1.5).fit(X, Y), ValueError, "^subsample: expected .*, got 1.5"),
        (lambda: BOOSTING(seed=None).fit(X, Y), TypeError, "^seed: expected an int, for every"),
        (
            lambda: BOOSTING(monotone_constraints=[1, 0]).fit(X, Y),
            ValueError,
            "^monotone_constraints: expected one number for each of 4 columns.*, got 2 numbers",
        ),
        (
            lambda: BOOSTING(monotone_constraints=[1, 0, 2, 0]).fit(X, Y),
            ValueError,
            r"^monotone_constraints: expected -1, 0 or 1.*, got 2 \(column 2\)",
        ),
        (
            lambda: BOOSTING(monotone_constraints={"age": 1}).fit(X, Y),
            ValueError,
            "^monotone_constraints: 'age' is no name of a column of X",
        ),
        (
            lambda: BOOSTING(monotone_constraints={"plan": 1}).fit(TEXTS, Y),
            ValueError,
            r"^monotone_constraints: expected 0 for texts and categori.*, got 1 \(column 'plan'\)",
        ),
        (
            lambda: BOOSTING(monotone_constraints={"spend": 2}).fit(TEXTS, Y),
            ValueError,
            r"^monotone_constraints: expected -1, 0 or 1.*, got 2 \(column 'spend'\)",
        ),
        (
            lambda: BOOSTING(monotone_constraints=np.array([0.5, 0, 0, 0])).fit(X, Y),
            ValueError,
            r"^monotone_constraints: expected -1, 0 or 1.*, got 0\.5 \(column 0\)",
        ),
        (
            lambda: BOOSTING(monotone_constraints=["1", 0, 0, 0]).fit(X, Y),
            ValueError,
            r"^monotone_constraints: expected -1, 0 or 1.*, got '1' \(column 0\)",
        ),
        (lambda: BOOSTING(monotone_constraints=1).fit(X, Y), TypeError, "^monotone_constraints: e"),
        (lambda: BOOSTING().fit(X, Y, held_out=[True]), ValueError, "1 marks of rows held out"),
        (lambda: BOOSTING().fit(X, Y, held_out=[1] * 60), TypeError, "^held_out: expected a sequ"),
        (
            lambda: BOOSTING().fit(X, Y, held_out=ALL_ROWS),
            ValueError,
            "^held_out leaves no rows to learn from; rows of two classes are needed",
        ),
        (
            lambda: BOOSTING().fit(X, SIDES, SIDES == 1, held_out=~ALL_ROWS),
            ValueError,
            "^all .* rows with a sample_weight above 0 are of class 1",
        ),
        (
            lambda: BOOSTING().fit(X, SIDES, held_out=SIDES == 1),
            ValueError,
            "^held_out leaves only rows of one class to learn from",
        ),
        (
            lambda: BOOSTING().fit(X, SIDES, np.arange(60) % 2, held_out=np.arange(60) % 2 == 1),
            ValueError,
            "^held_out leaves no rows to learn from",
        ),
        (lambda: Preprocess(skewed="all").fit(X), ValueError, "^skewed: expected .*, got 'all'"),
        (lambda: Preprocess(skewed=["a"]).fit(X), ValueError, "^skewed: 'a' is no name of a col"),
        (lambda: Preprocess(skewed=[4]).fit(X), ValueError, "^skewed: 4 is no position of 4"),
        (
            lambda: Preprocess(skewed=3).fit(X),
            TypeError,
            "^skewed: expected a list of names or positions of columns, 'catalogue' or None",
        ),
        (lambda: Preprocess(skewed=[1.0]).fit(X), TypeError, "^skewed: expected names or posit"),
        (lambda: Preprocess(skewed=["plan"]).fit(TEXTS), ValueError, "'plan' of X holds texts"),
        (lambda: Preprocess().fit(X * 1e305), ValueError, "NaN or a number up to 1e300 is needed"),
        (
            lambda: Preprocess().fit([[1.0], [1.25e305]]),
            ValueError,
            r"^x\[1, 0\] \(`x0`\) = 1\.25e305 \(row and column from 0\); NaN or a number up",
        ),
        (
            lambda: Preprocess().fit(X, sample_weight=-np.ones(60)),
            ValueError,
            r"^sample_weight: expected .*, got -1 \(row 0\)",
        ),
        (lambda: Preprocess().get_feature_names_out(), NotFittedError, "not fitted yet"),
    ],
)
@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
def test_wrong_inputs(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_what_is_not_fitted_has_no_coefficients() -> None:
    for name in ("coef_", "intercept_", "n_iter_"):
        assert not hasattr(LogisticClassifier(), name)
    assert not hasattr(TreeClassifier(), "feature_importances_")
    assert not hasattr(BoostingClassifier(), "n_estimators_")


def test_importances() -> None:
    X, y, _ = table()
    importances = BoostingClassifier().fit(X, y).feature_importances_
    assert importances.sum() == pytest.approx(1) and importances.argmax() == 0
    assert TreeClassifier(max_depth=0).fit(X, y).feature_importances_.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("name", ["boosting", "tree", "logistic", "preprocess"])
def test_ctrl_c_ends_a_fit(name: str) -> None:
    rng = np.random.default_rng(0)
    rows, columns = {"logistic": (60_000, 400), "boosting": (4_000, 20)}.get(name, (400_000, 60))
    X = rng.normal(size=(rows, columns))
    y = X[:, 0] + rng.normal(size=rows) > 0
    work: dict[str, Callable[[], Any]] = {
        "boosting": lambda: clone(SMALL_BOOSTING).set_params(n_estimators=100_000).fit(X, y),
        "tree": lambda: clone(SMALL_TREE).set_params(max_depth=64).fit(X, y),
        "logistic": lambda: LogisticClassifier(C=1e6, tol=1e-12).fit(X, y),
        "preprocess": lambda: Preprocess().fit(X),
    }
    # Where these tests run in the background, the signal may be ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    # The timer can run only when the fit has given up Python's lock.
    timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
    try:
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            while True:
                work[name]()
    finally:
        timer.join()
        signal.signal(signal.SIGINT, before)
    assert (
        roc_auc_score(y[:500], TreeClassifier().fit(X[:500], y[:500]).predict_proba(X[:500])[:, 1])
        > 0.5
    )


def test_threads_change_nothing() -> None:
    code = """
import hashlib, pickle, numpy as np
from winback.sklearn import *
rng = np.random.default_rng(0)
X = rng.normal(size=(70_000, 6)); y = X[:, 0] + rng.normal(size=70_000) > 0
X[::9, 1] = np.nan
prepared = Preprocess().fit(X)
models = [LogisticClassifier().fit(prepared.transform(X), y), TreeClassifier().fit(X, y)]
models.append(BoostingClassifier(n_estimators=5, subsample=0.7, colsample_bytree=0.7).fit(X, y))
digest = hashlib.sha256(pickle.dumps([prepared._model] + [m._model for m in models]))
for model in models[1:]:
    digest.update(model.predict_proba(X).tobytes())
print(digest.hexdigest())
"""
    digests = set()
    for threads in ("1", "2", "5"):
        run = [sys.executable, "-c", code]
        env = os.environ | {"RAYON_NUM_THREADS": threads}
        digests.add(subprocess.run(run, env=env, check=True, capture_output=True).stdout)
    assert len(digests) == 1 and len(digests.pop().strip()) == 64


def test_the_package_needs_neither_numpy_nor_scikit_learn() -> None:
    code = """
import sys
sys.modules["numpy"] = sys.modules["sklearn"] = None
import winback
winback.simulate(customers=20).event_log().at("2024-06-01").features()
try:
    import winback.sklearn
except ImportError as error:
    print(error)
"""
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert 'needs scikit-learn 1.6 or later: pip install "winback[sklearn]"' in run.stdout


def test_metadata_can_be_routed() -> None:
    X, y, weights = table()
    with sklearn.config_context(enable_metadata_routing=True):
        estimator = TreeClassifier().set_fit_request(sample_weight=True)
        estimator.set_score_request(sample_weight=False)
        search = GridSearchCV(estimator, {"max_depth": [1, 3]}).fit(X, y, sample_weight=weights)
    refitted = TreeClassifier(**search.best_params_).fit(X, y, weights)
    assert same(search.best_estimator_._model, refitted._model)
