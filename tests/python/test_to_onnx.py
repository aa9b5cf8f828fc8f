"""A churn model as ONNX scores as the model does."""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import polars as pl
import pytest

import winback as wb

UNTIL = "2024-07-01"
AT = "2024-10-01"
SHOP = wb.simulate(customers=1500, seed=11)
ATTRIBUTES = ["segment", "age", "town"]


def log_of(unseen: bool) -> wb.EventLog:
    """A log with two texts and a number per customer, missing for some, and on demand new texts."""
    customers = SHOP.customers.to_polars()
    ids = pl.int_range(pl.len())
    towns = pl.concat_str(pl.lit("Öz "), ids % 300)
    new = pl.lit(unseen) & (ids % 7 == 0)
    customers = customers.with_columns(
        segment=pl.when(ids % 5 == 0).then(None).when(new).then(pl.lit("new")).otherwise("segment"),
        town=pl.when(ids % 11 == 0).then(None).when(new).then(pl.lit("Zug")).otherwise(towns),
        age=pl.when(ids % 3 == 0).then(None).otherwise("age"),
    )
    return wb.EventLog(
        SHOP.transactions,
        tickets=SHOP.tickets,
        surveys=SHOP.surveys,
        customers=customers,
        observed_until="2025-01-01",
    )


LOG = log_of(unseen=False)
LATER = log_of(unseen=True)


def fitted(estimator: Any, **options: Any) -> wb.ChurnModel:
    return wb.ChurnModel(estimator, attributes=ATTRIBUTES, **options).fit(
        LOG, until=UNTIL, cutoffs=6
    )


def session_of(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )


def matrix(
    model: wb.ChurnModel, log: wb.EventLog, metadata: dict[str, str]
) -> npt.NDArray[np.float64]:
    """What the model reads of all customers, as the metadata say."""
    table = model.features(log.at(AT))
    categories = json.loads(metadata["categories"])
    columns = []
    for name in json.loads(metadata["columns"]):
        values: list[Any] = table[name]
        if name in categories:
            codes = {text: float(code) for code, text in enumerate(categories[name])}
            other = float(len(codes))
            values = [None if text is None else codes.get(text, other) for text in values]
        columns.append(np.array(values, dtype=float))
    return np.column_stack(columns)


def probabilities(
    session: onnxruntime.InferenceSession, rows: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    label, probabilities = session.run(None, {"features": rows})
    np.testing.assert_array_equal(label, probabilities[:, 1] >= 0.5)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-15)
    return np.asarray(probabilities[:, 1])


@pytest.mark.parametrize("log", [LOG, LATER], ids=["seen texts", "unseen texts"])
@pytest.mark.parametrize("limits", [{}, {"lapsed_after": "1mo", "lost_after": "2mo"}], ids=str)
@pytest.mark.parametrize("estimator", ["tree", "boosting", "logistic", "average"])
def test_onnxruntime_scores_as_the_model(
    estimator: str, limits: dict[str, str], log: wb.EventLog
) -> None:
    model = fitted(estimator, **limits)
    scores = model.score(log.at(AT)).to_polars()
    for state in ("active", "lapsed", "lost"):
        session = session_of(model.to_onnx(state))  # type: ignore[arg-type]
        rows = matrix(model, log, session.get_modelmeta().custom_metadata_map)
        chosen = (scores["state"] == state).to_numpy()
        assert chosen.sum() > 50 and np.isnan(rows[chosen]).any()
        expected = scores["purchase_probability"].to_numpy()[chosen]
        # A regression sums its terms in another order.
        rtol = 1e-13 if estimator in ("tree", "boosting") else 1e-11
        np.testing.assert_allclose(probabilities(session, rows[chosen]), expected, rtol=rtol)


def test_the_trees_asked_about_texts() -> None:
    """Or else the test above would prove little."""
    used = fitted("boosting").importances().to_polars().filter(pl.col("splits") > 0)
    assert {"segment", "age", "town"} <= set(used["feature"])


@pytest.mark.parametrize("method", ["platt", "isotonic", "beta"])
@pytest.mark.parametrize("estimator", ["boosting", "average"])
def test_calibrated_models_score_as_the_model(estimator: str, method: Any) -> None:
    model = fitted(estimator, calibration=method)
    scores = model.score(LATER.at(AT)).to_polars()
    for state in ("active", "lapsed", "lost"):
        onnx_model = model.to_onnx(state)  # type: ignore[arg-type]
        session = session_of(onnx_model)
        rows = matrix(model, LATER, session.get_modelmeta().custom_metadata_map)
        chosen = (scores["state"] == state).to_numpy()
        _, probabilities = session.run(None, {"features": rows[chosen]})
        expected = scores["purchase_probability"].to_numpy()[chosen]
        np.testing.assert_allclose(probabilities[:, 1], expected, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-12)


def test_metadata() -> None:
    model = fitted("tree", horizon="60d", lead="7d")
    given = model.to_onnx("active")
    model.set_params(horizon="1mo", lead="0d")
    metadata = session_of(model.to_onnx("active")).get_modelmeta().custom_metadata_map
    categories = json.loads(metadata.pop("categories"))
    assert list(categories) == ["segment", "town"]
    segments = set(LOG.at("2024-06-01").features(attributes=["segment"])["segment"]) - {None}
    assert set(categories["segment"]) == segments and "Öz 7" in categories["town"]
    assert json.loads(metadata.pop("columns")) == model.columns_
    assert metadata.pop("winback_version") == given.producer_version
    assert metadata == {
        "state": "active",
        "horizon": "60d",
        "lead": "7d",
        "trained_until": "2024-07-01T00:00:00",
    }
    assert given.producer_name == "winback"
    assert {entry.key: entry.value for entry in model.to_onnx().metadata_props}["state"] == "lapsed"


def test_the_regressions_read_texts_and_missing_values() -> None:
    """Or else the first test would prove little of them."""
    names = set(fitted("logistic").coefficients()["feature"])
    assert {"segment=family", "segment_missing", "age", "age_missing"} <= names


def test_the_same_model_gives_the_same_bytes() -> None:
    model = fitted("average")
    once, again = (model.to_onnx("active").SerializeToString(deterministic=True) for _ in "12")
    assert once == again


@pytest.mark.parametrize("state", ["active", "lapsed"])
def test_monotone_models_keep_to_the_expected_signs(state: Any) -> None:
    """The chance at ten rising values of a feature, all else as it is."""
    signs = wb.catalogue().to_polars().filter(pl.col("expected_sign") != 0)
    # The log has no events, and six cutoffs do not cover the seasons.
    absent = ["activity", "paths", "contacts", "season"]
    signs = signs.filter(~pl.col("family").is_in(absent))
    broken = {}
    for monotone in (True, False):
        model = fitted("boosting", monotone=monotone)
        session = session_of(model.to_onnx(state))
        rows = matrix(model, LOG, session.get_modelmeta().custom_metadata_map)
        broken[monotone] = 0
        for name, sign in signs.select("name", "expected_sign").iter_rows():
            column = model.columns_.index(name)
            values = np.nanquantile(rows[:, column], np.linspace(0, 1, 10))
            grid = np.repeat(rows[:200], 10, axis=0)
            grid[:, column] = np.tile(values, 200)
            steps = np.diff(probabilities(session, grid).reshape(200, 10), axis=1) * sign
            broken[monotone] += int((steps < -1e-12).sum())
    assert broken[True] == 0 < broken[False]


def test_without_onnx_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r'pip install "winback\[onnx\]"'):
        fitted("tree").to_onnx()
    with pytest.raises(wb.NotFittedError):
        wb.ChurnModel("tree").to_onnx()
