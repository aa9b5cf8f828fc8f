"""The splitter by cutoff: a slow twin, laws, and wrong inputs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timezone
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline

import winback as wb
from winback.sklearn import CutoffSplit, LogisticClassifier, Preprocess, TreeClassifier

OUTCOME = ["purchased", "days_to_purchase", "days_observed"]

Folds = list[tuple[list[int], list[int]]]


def folds(split: CutoffSplit, groups: Any) -> Folds:
    rows = np.zeros((len(groups), 1))
    found = [(train.tolist(), test.tolist()) for train, test in split.split(rows, groups=groups)]
    assert split.get_n_splits(rows, None, groups) == len(found)
    return found


def twin(days: list[date], months: int, lead: int) -> Folds:
    """Row by row, with pandas' calendar."""
    at = [pd.Timestamp(day) for day in days]
    ends = [t + pd.Timedelta(days=lead) + pd.DateOffset(months=months) for t in at]
    found = []
    for cutoff in sorted(set(at)):
        train = [i for i in range(len(at)) if ends[i] <= cutoff]
        if train:
            found.append((train, [i for i in range(len(at)) if at[i] == cutoff]))
    return found


# Few distinct days, with month's ends among them.
DAYS = st.sampled_from(
    [date(2023, m, d) for m in (1, 2, 3, 6) for d in (1, 28)]
    + [date(2023, 1, 31), date(2023, 3, 31), date(2024, 2, 29), date(2024, 5, 29)]
)


@settings(max_examples=150, deadline=None)
@given(
    days=st.lists(DAYS, min_size=1, max_size=12),
    months=st.integers(1, 4),
    lead=st.integers(0, 9),
)
def test_prop_folds_are_those_of_the_twin(days: list[date], months: int, lead: int) -> None:
    split = CutoffSplit(f"{months}mo", lead=f"{lead}d")
    expected = twin(days, months, lead)
    if not expected:
        with pytest.raises(ValueError, match="^no cutoff can be tested: none of "):
            split.split(np.zeros((len(days), 1)), groups=days)
        return
    assert folds(split, days) == expected
    tests = len(expected)
    assert folds(CutoffSplit(f"{months}mo", lead=f"{lead}d", tests=1), days) == expected[-1:]
    with pytest.raises(ValueError, match=f"^tests: expected at most {tests}, .* got {tests + 1}"):
        CutoffSplit(f"{months}mo", lead=f"{lead}d", tests=tests + 1).get_n_splits(groups=days)
    for most in (1, 2):
        fewer = folds(CutoffSplit(f"{months}mo", lead=f"{lead}d", max_train_cutoffs=most), days)
        for (train, test), (all_train, all_test) in zip(fewer, expected, strict=True):
            latest = sorted({days[i] for i in all_train})[-most:]
            assert train == [i for i in all_train if days[i] in latest] and test == all_test


def test_the_edge_of_a_window() -> None:
    # The window [2024-01-31, 2024-02-29) has just ended; one more microsecond is too much.
    assert folds(CutoffSplit("1mo"), ["2024-01-31", "2024-02-29"]) == [([0], [1])]
    with pytest.raises(ValueError, match="no cutoff can be tested"):
        folds(CutoffSplit("1mo"), ["2024-01-31T00:00:00.000001", "2024-02-29"])
    with pytest.raises(ValueError, match="no cutoff can be tested"):
        folds(CutoffSplit("1mo", lead="1d"), ["2024-01-31", "2024-02-29"])


TIMES = [datetime(2024, month, 1) for month in (4, 1, 1, 7, 4)]
EXPECTED: Folds = [([1, 2], [0, 4]), ([0, 1, 2, 4], [3])]


@pytest.mark.parametrize(
    "groups",
    [
        TIMES,
        tuple(TIMES),
        [t.date() for t in TIMES],
        [t.isoformat() for t in TIMES],
        [TIMES[0].isoformat(), *TIMES[1:]],
        np.array(TIMES, dtype="datetime64[D]"),
        np.array(TIMES, dtype="datetime64[ns]"),
        np.array(TIMES, dtype=object),
        pd.Series(TIMES, index=list("abcde")),
        pd.Series(TIMES).dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo"),
        pd.DatetimeIndex(TIMES),
        pl.Series(TIMES),
        pl.Series(TIMES).dt.replace_time_zone("UTC"),
        pl.Series([t.date() for t in TIMES]),
        [t.replace(tzinfo=timezone.utc) for t in TIMES],
    ],
    ids=lambda groups: type(groups).__name__,
)
def test_cutoffs_of_many_kinds(groups: Any) -> None:
    assert folds(CutoffSplit("3mo"), groups) == EXPECTED


@pytest.fixture(scope="module")
def panel() -> pl.DataFrame:
    log = wb.simulate(customers=800, seed=5).event_log()
    cutoffs = ["2024-01-01", "2024-03-01", "2024-05-01", "2024-07-01", "2024-09-01"]
    panel = log.panel(at=cutoffs, horizon="2mo").to_polars()
    return panel.filter(pl.col("state") == "active").sample(fraction=1, shuffle=True, seed=1)


def test_in_the_company_of_scikit_learn(panel: pl.DataFrame) -> None:
    X = panel.drop("cutoff", "customer_id", "state", *OUTCOME)
    y, groups = panel["purchased"], panel["cutoff"]
    split = CutoffSplit("2mo", tests=3)
    model = make_pipeline(Preprocess(), LogisticClassifier())
    scores = cross_val_score(model, X, y, groups=groups, cv=split, scoring="roc_auc")
    by_hand = []
    for train, test in folds(split, groups):
        fitted = model.fit(X[train], y[train])
        by_hand.append(roc_auc_score(y[test], fitted.predict_proba(X[test])[:, 1]))
    assert scores.tolist() == by_hand and len(scores) == 3
    search = GridSearchCV(TreeClassifier(), {"max_depth": [0, 3]}, cv=split, scoring="roc_auc")
    search.fit(X, y, groups=groups)
    assert search.n_splits_ == 3 and search.best_params_ == {"max_depth": 3}
    with sklearn.config_context(enable_metadata_routing=True):
        routed = cross_val_score(model, X, y, params={"groups": groups}, cv=split)
    assert len(routed) == 3
    # Not every row is tested, and scikit-learn says so.
    with pytest.raises(ValueError, match="only works for partitions"):
        cross_val_predict(model, X, y, groups=groups, cv=split)


def test_it_is_shown_with_its_parameters() -> None:
    shown = repr(CutoffSplit("1y", lead="7d", tests=2))
    assert shown == "CutoffSplit(horizon='1y', lead='7d', max_train_cutoffs=None, tests=2)"


OK = ["2024-01-01", "2024-06-01"]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: CutoffSplit().split(OK), ValueError, "'groups' parameter should not be None"),
        (lambda: CutoffSplit().get_n_splits(), ValueError, "'groups' parameter should not be N"),
        (lambda: CutoffSplit().split([1], groups=OK), ValueError, "inconsistent numbers of samp"),
        (
            lambda: CutoffSplit("0d").split(OK, groups=OK),
            ValueError,
            "^horizon: expected .*, got 0d",
        ),
        (lambda: CutoffSplit("soon").split(OK, groups=OK), ValueError, "^horizon: expected "),
        (lambda: CutoffSplit(lead="-1d").split(OK, groups=OK), ValueError, "^lead: expected "),
        (
            lambda: CutoffSplit(3).split(OK, groups=OK),
            TypeError,
            "^horizon: expected a str, got int",
        ),  # type: ignore[arg-type]
        (
            lambda: CutoffSplit(tests=0).split(OK, groups=OK),
            ValueError,
            "^tests: expected .*, got 0",
        ),
        (lambda: CutoffSplit(tests=1.5).split(OK, groups=OK), TypeError, "^tests: expected an int"),  # type: ignore[arg-type]
        (
            lambda: CutoffSplit(max_train_cutoffs=0).split(OK, groups=OK),
            ValueError,
            "^max_train_cutoffs: expected 1 or more, or None.*, got 0",
        ),
        (
            lambda: CutoffSplit().split(OK, groups=[1, 2]),
            TypeError,
            "^groups: expected a str, a dat",
        ),
        (
            lambda: CutoffSplit().split(OK, groups=["2024-01-01", None]),
            TypeError,
            "^groups: expected",
        ),
        (
            lambda: CutoffSplit().split(OK, groups=["2024-01-01", "x"]),
            ValueError,
            "^groups: expected ",
        ),
        (
            lambda: CutoffSplit().split(OK, groups=pd.to_datetime(pd.Series([OK[0], None]))),
            ValueError,
            "^groups: a cutoff is missing",
        ),
        (lambda: CutoffSplit().split(OK, groups=[OK, OK]), ValueError, "^groups: expected one col"),
        (
            lambda: CutoffSplit("6mo").split(OK, groups=OK),
            ValueError,
            r"^no cutoff can be tested: none of 2, from 2024-01-01 to 2024-06-01, comes after the "
            r"outcome window of an earlier one \(lead 0d, horizon 6mo\); take a panel with more",
        ),
        (lambda: CutoffSplit().split([], groups=[]), ValueError, "^groups are empty"),
    ],
)
def test_wrong_inputs(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
