"""Models as ONNX: onnxruntime answers as a plain walk through trees and a sum of terms do."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest

from winback._onnx import models_to_onnx

Ensemble = dict[str, Any]
Floats = npt.NDArray[np.float64]

LOWEST = -sys.float_info.max  # as a threshold: only missing values go left
NAN = math.nan

# onnxruntime works differently on one row, on up to 50, and on more, where it also matters
# whether there are over 80 trees, over 128 rows and over 4096.
BATCHES = [1, 2, 50, 51, 129, 1000, 5000]
TREES = [1, 7, 80, 81, 200]


# The slow twin.


def log_odds(ensemble: Ensemble, row: Sequence[float]) -> float:
    return ensemble["start"] + sum(leaf_value(ensemble, tree, row) for tree in ensemble["trees"])


def leaf_value(ensemble: Ensemble, tree: Ensemble, row: Sequence[float]) -> float:
    i = 0
    while "Leaf" not in tree["nodes"][i]:
        [(kind, node)] = tree["nodes"][i].items()
        value = row[node["column"]]
        if kind == "Number":
            goes_left = node["missing_left"] if math.isnan(value) else value < node["threshold"]
        else:
            levels = ensemble["schema"]["categories"][node["category"]][1]
            bin_ = levels.index(value) if value in levels else 255
            goes_left = tree["sets"][node["set"]][bin_ >> 6] >> (bin_ & 63) & 1 == 1
        i = node["left"] if goes_left else node["left"] + 1
    return float(tree["nodes"][i]["Leaf"]["value"])


def both_probabilities(log_odds: float) -> list[float]:
    return [1 / (1 + math.exp(log_odds)), 1 / (1 + math.exp(-log_odds))]


# Ensembles by hand and by chance.


def words(bins: Sequence[int]) -> list[int]:
    return [sum(1 << (bin_ & 63) for bin_ in set(bins) if bin_ >> 6 == word) for word in range(4)]


def leaf(value: float) -> Ensemble:
    return {"Leaf": {"value": value}}


def number(column: int, threshold: float, left: int, missing_left: bool = False) -> Ensemble:
    fields = {"column": column, "missing_left": missing_left, "left": left}
    return {"Number": fields | {"threshold": threshold}}


def category(column: int, set_: int, left: int, category: int = 0) -> Ensemble:
    return {"Category": {"column": column, "category": category, "set": set_, "left": left}}


def tree(nodes: list[Ensemble], sets: Sequence[Sequence[int]] = ()) -> Ensemble:
    counts = [1.0] * len(nodes)
    return {"nodes": nodes, "sets": list(map(words, sets)), "cover": counts, "gain": counts}


def ensemble_of(
    *trees: Ensemble,
    columns: int = 1,
    categories: Sequence[tuple[int, Sequence[int]]] = (),
    start: float = 0.0,
) -> Ensemble:
    schema = {"columns": columns, "categories": [list(pair) for pair in categories]}
    return {"schema": schema, "start": start, "trees": list(trees)}


def random_ensemble(rng: np.random.Generator, trees: int) -> Ensemble:
    """Numbers in the columns 0, 2, 3 and 5, levels in 1, 4 and 6: some, as many as can be, one."""
    categories = [
        (1, sorted(rng.choice(40, 7, replace=False).tolist())),
        (4, sorted(rng.choice(2000, 255, replace=False).tolist())),
        (6, [3]),
    ]
    made = [random_tree(rng, categories, int(rng.integers(0, 7))) for _ in range(trees)]
    return ensemble_of(*made, columns=7, categories=categories, start=float(rng.normal()))


def random_tree(
    rng: np.random.Generator, categories: list[tuple[int, list[int]]], depth: int
) -> Ensemble:
    nodes: list[Ensemble] = [{}]
    sets: list[list[int]] = []
    open_: list[tuple[int, int]] = [(0, 0)]
    while open_:
        # Any order, as trees that grow by gain have.
        i, level = open_.pop(int(rng.integers(len(open_))))
        if level == depth or (level > 0 and rng.random() < 0.15):
            nodes[i] = leaf(float(rng.normal() / 10))
            continue
        left = len(nodes)
        nodes += [{}, {}]
        open_ += [(left, level + 1), (left + 1, level + 1)]
        if rng.random() < 0.4:
            which = int(rng.integers(len(categories)))
            column, levels = categories[which]
            bins = np.flatnonzero(rng.random(len(levels)) < rng.choice([0.05, 0.5, 0.95])).tolist()
            sets.append(bins + [255] * bool(rng.random() < 0.5))
            nodes[i] = category(column, len(sets) - 1, left, which)
        else:
            column = int(rng.choice([0, 2, 3, 5]))
            missing_left = bool(rng.random() < 0.5)
            nodes[i] = number(column, random_number(rng), left, missing_left)
            if rng.random() < 0.05:
                nodes[i] = number(column, LOWEST, left, missing_left=True)
    return tree(nodes, sets)


def random_number(rng: np.random.Generator) -> float:
    """Of few values in all, so that rows meet thresholds, which float32 does not hold."""
    return float(rng.integers(-20, 20)) / 10 + 0.01


def random_rows(rng: np.random.Generator, ensemble: Ensemble, rows: int) -> Floats:
    """Rows with values at thresholds and right beside them, missing ones and unknown levels."""
    made = np.empty((rows, ensemble["schema"]["columns"]))
    levels_of = dict(ensemble["schema"]["categories"])
    for column in range(made.shape[1]):
        for row in range(rows):
            if column in levels_of:
                level = float(rng.choice(levels_of[column]))
                odd = [NAN, level + 1, level + 0.5, -level, -1.0, 1e6, -0.0, 5e9]
                made[row, column] = rng.choice(odd) if rng.random() < 0.3 else level
            else:
                value = random_number(rng)
                beside = [
                    NAN,
                    np.nextafter(value, -9),
                    np.nextafter(value, 9),
                    float(np.float32(value)),
                ]
                made[row, column] = rng.choice(beside) if rng.random() < 0.6 else value
    return made


# What onnxruntime answers.


def to_model(ensemble: Ensemble) -> onnx.ModelProto:
    names = [f"x{column}" for column in range(ensemble["schema"]["columns"])]
    return models_to_onnx([{"tree": ensemble}], names=names, producer_version="1.2.3", metadata={})


def session_of(ensemble: Ensemble, threads: int = 0) -> onnxruntime.InferenceSession:
    # As read from a file, so that the numbers are those that JSON keeps.
    model = to_model(json.loads(json.dumps(ensemble)))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def run(
    session: onnxruntime.InferenceSession, rows: Floats
) -> tuple[npt.NDArray[np.int64], Floats]:
    label, probabilities = session.run(["label", "probabilities"], {"features": rows})
    assert label.dtype == np.int64 and label.shape == (len(rows),)
    assert probabilities.dtype == np.float64 and probabilities.shape == (len(rows), 2)
    return label, probabilities


def sums(ensemble: Ensemble, values: Sequence[float]) -> list[float]:
    """The log-odds of rows of one column, back from their probabilities, all in one batch."""
    _, probabilities = run(session_of(ensemble), np.array(values, dtype=float).reshape(-1, 1))
    return np.log(probabilities[:, 1] / probabilities[:, 0]).round(9).tolist()


@pytest.mark.parametrize("trees", TREES)
@pytest.mark.parametrize("threads", [1, 2])
def test_random_ensembles_are_answered_as_by_the_twin(trees: int, threads: int) -> None:
    rng = np.random.default_rng([trees, threads])
    for _ in range(8 if trees < 10 else 2):
        ensemble = random_ensemble(rng, trees)
        known = random_rows(rng, ensemble, 150)
        expected = np.array([both_probabilities(log_odds(ensemble, row)) for row in known.tolist()])
        session = session_of(ensemble, threads)
        for batch in BATCHES:
            picked = rng.integers(0, len(known), batch)
            label, probabilities = run(session, known[picked])
            np.testing.assert_allclose(probabilities, expected[picked], rtol=1e-13, atol=0)
            assert (label == (probabilities[:, 1] >= 0.5)).all()


def test_every_row_alone_is_answered_as_in_a_batch() -> None:
    rng = np.random.default_rng(5)
    for trees in (3, 90):
        ensemble = random_ensemble(rng, trees)
        rows = random_rows(rng, ensemble, 60)
        session = session_of(ensemble)
        alone = np.concatenate([run(session, row[np.newaxis])[1] for row in rows])
        np.testing.assert_allclose(alone, run(session, rows)[1], rtol=1e-13, atol=0)


def test_thresholds_are_exact_and_belong_to_the_right() -> None:
    threshold = 0.1  # the nearest float32 is 1.5e-9 above
    ensemble = ensemble_of(tree([number(0, threshold, 1), leaf(-1.0), leaf(1.0)]))
    values = [threshold, np.nextafter(threshold, 0), np.nextafter(threshold, 1), -1e300, 1e300]
    assert sums(ensemble, values) == [1.0, -1.0, 1.0, -1.0, 1.0]


@pytest.mark.parametrize("missing_left", [False, True])
def test_missing_values_go_where_the_node_says(missing_left: bool) -> None:
    nodes = [number(0, 5.0, 1, missing_left), leaf(-1.0), number(0, 7.0, 3, not missing_left)]
    ensemble = ensemble_of(tree([*nodes, leaf(1.0), leaf(2.0)]))
    assert sums(ensemble, [NAN, 4.0, 6.0, 8.0]) == [-1.0 if missing_left else 1.0, -1.0, 1.0, 2.0]


def test_a_split_of_missing_values_alone() -> None:
    ensemble = ensemble_of(tree([number(0, LOWEST, 1, missing_left=True), leaf(-1.0), leaf(1.0)]))
    assert sums(ensemble, [NAN, -1e308, LOWEST, 0.0]) == [-1.0, 1.0, 1.0, 1.0]


@pytest.mark.parametrize("unknown_left", [False, True])
def test_values_that_are_no_kept_level_go_together(unknown_left: bool) -> None:
    levels = list(range(0, 500, 2))
    members = [0, 1, 63, 64, 128, 249]
    bins = [*members, 255] if unknown_left else members
    nodes = [category(0, 0, 1), leaf(-1.0), leaf(1.0)]
    ensemble = ensemble_of(tree(nodes, [bins]), categories=[(0, levels)])
    expected = [-1.0 if bin_ in members else 1.0 for bin_ in range(len(levels))]
    assert sums(ensemble, levels) == expected
    strange = [NAN, 1.0, 0.5, 2.5, 125.999, -1.0, -2.0, 500.0, 1e300]
    assert sums(ensemble, strange) == [-1.0 if unknown_left else 1.0] * len(strange)
    assert sums(ensemble, [-0.0]) == [-1.0]


def test_a_category_without_levels() -> None:
    ensemble = ensemble_of(
        tree([category(0, 0, 1), leaf(-1.0), leaf(1.0)], [[0, 255]]), categories=[(0, [])]
    )
    assert sums(ensemble, [NAN, 0.0, 1.0]) == [-1.0, -1.0, -1.0]


def test_bins_without_a_level_make_no_difference() -> None:
    nodes = [category(0, 0, 1), leaf(1.0), category(0, 1, 3), leaf(2.0), leaf(3.0)]
    sets = [[0], [1, 200]]
    with_more = [[0, 7, 254], [1]]
    one, other = (
        ensemble_of(tree(nodes, each), categories=[(0, [4, 5, 6])]) for each in (sets, with_more)
    )
    assert sums(one, [4, 5, 6, 7]) == sums(other, [4, 5, 6, 7]) == [1.0, 2.0, 3.0, 3.0]
    assert to_model(one) == to_model(other)


def test_a_leaf_alone_and_no_tree_at_all() -> None:
    alone, none = [NAN, 0.0, 9.0], ensemble_of(start=-0.75)
    assert sums(ensemble_of(tree([leaf(0.5)])), alone) == [0.5] * 3
    assert sums(none, alone) == [-0.75] * 3
    split = tree([number(0, 1.0, 1), leaf(-1.0), leaf(1.0)])
    mixed = ensemble_of(tree([leaf(0.5)]), split, tree([leaf(0.25)]), split, start=3.0)
    assert sums(mixed, alone) == [5.75, 1.75, 5.75]


def test_roots_with_one_leaf_stay_roots() -> None:
    """Where numbers of nodes and leaves meet, onnxruntime may take such a root for a leaf."""
    left_leaf = tree([number(0, 0.0, 1), leaf(1.0), number(0, 1.0, 3), leaf(2.0), leaf(3.0)])
    right_leaf = tree([number(0, 0.0, 1), number(0, -1.0, 3), leaf(3.0), leaf(1.0), leaf(2.0)])
    expected = {id(left_leaf): [1.0, 1.0, 2.0, 3.0], id(right_leaf): [1.0, 2.0, 3.0, 3.0]}
    for before in range(4):
        for last in (left_leaf, right_leaf):
            ensemble = ensemble_of(*[tree([leaf(0.0)])] * before, left_leaf, right_leaf, last)
            both = [2.0, 3.0, 5.0, 6.0]
            total = [a + b for a, b in zip(both, expected[id(last)], strict=True)]
            assert sums(ensemble, [-2.0, -0.5, 0.5, 2.0]) == total


def test_sets_in_sets_keep_the_model_small() -> None:
    """Written as comparisons with every member, such a path would need 100 ** 12 nodes."""
    depth, members = 12, list(range(100))
    nodes = [category(0, 0, 1)]
    for level in range(1, depth):
        nodes += [category(0, level, 2 * level + 1), leaf(float(level - 1))]
    nodes += [leaf(99.0), leaf(float(depth - 1))]
    sets = [[bin_ for bin_ in members if bin_ != level] for level in range(depth)]
    ensemble = ensemble_of(tree(nodes, sets), categories=[(0, list(range(200)))])
    assert sums(ensemble, [0, 5, 11, 50, 150]) == [0.0, 5.0, 11.0, 99.0, 0.0]
    assert to_model(ensemble).ByteSize() < 10_000


def test_extreme_log_odds_give_probabilities() -> None:
    for start in (-800.0, -700.0, 700.0, 800.0):
        label, probabilities = run(session_of(ensemble_of(start=start)), np.zeros((3, 1)))
        assert label.tolist() == [int(start > 0)] * 3
        assert (probabilities >= 0).all() and (probabilities.sum(axis=1) == 1).all()
    _, probabilities = run(session_of(ensemble_of(start=50.0)), np.zeros((1, 1)))
    np.testing.assert_allclose(probabilities[0, 0], math.exp(-50), rtol=1e-13)


def test_even_odds_are_labelled_1_and_no_rows_are_no_error() -> None:
    session = session_of(ensemble_of())
    label, probabilities = run(session, np.zeros((2, 1)))
    assert label.tolist() == [1, 1] and probabilities.tolist() == [[0.5, 0.5]] * 2
    run(session, np.zeros((0, 1)))
    run(session_of(random_ensemble(np.random.default_rng(1), 5)), np.zeros((0, 7)))


def test_the_model_tells_where_it_is_from() -> None:
    names = ["purchase_count", "región"]
    model = models_to_onnx(
        [{"tree": ensemble_of(columns=2)}],
        names=names,
        producer_version="1.2.3",
        metadata={"horizon": "3mo"},
    )
    assert (model.producer_name, model.producer_version) == ("winback", "1.2.3")
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    metadata = session.get_modelmeta().custom_metadata_map
    assert metadata["horizon"] == "3mo"
    assert json.loads(metadata["columns"]) == names
    [features] = session.get_inputs()
    assert (features.name, features.type, features.shape) == (
        "features",
        "tensor(double)",
        ["rows", 2],
    )
    assert [output.name for output in session.get_outputs()] == ["label", "probabilities"]


def test_the_same_ensemble_gives_the_same_bytes() -> None:
    ensemble = random_ensemble(np.random.default_rng(2), 20)
    once, again = (to_model(ensemble).SerializeToString(deterministic=True) for _ in range(2))
    assert once == again


def test_names_must_match_the_columns() -> None:
    with pytest.raises(ValueError, match="1 names for 2 columns"):
        models_to_onnx(
            [{"tree": ensemble_of(columns=2)}], names=["a"], producer_version="1", metadata={}
        )


def test_without_onnx_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r'needs the package onnx: pip install "winback\[onnx\]"'):
        to_model(ensemble_of())


# Regressions, and the mean of several models.

REGRESSION = {
    "preprocess": {
        "columns": [
            {
                "name": "spend",
                "missing_seen": True,
                "encoding": {"number": {"skewed": True, "median": 1.3, "mean": 1.0, "scale": 2.0}},
            },
            {
                "name": "share",
                "missing_seen": False,
                "encoding": {
                    "number": {"skewed": False, "median": -1.3, "mean": 0.5, "scale": 0.3}
                },
            },
            {
                "name": "city",
                "missing_seen": True,
                "encoding": {"category": {"levels": ["a", "b", "c"], "shown": [0, 2]}},
            },
        ]
    },
    "logistic": {"coefficients": [0.5, 0.7, -1.1, 2.0, 3.0, -0.4], "intercept": 0.25},
}


def regression_log_odds(spend: float, share: float, city: float) -> float:
    """What `REGRESSION` says, written out."""
    short = 1.3 if math.isnan(spend) else math.copysign(math.log1p(abs(spend)), spend)
    total = 0.25 + 0.5 * (short - 1.0) / 2.0 + 0.7 * math.isnan(spend)
    total += -1.1 * ((-1.3 if math.isnan(share) else share) - 0.5) / 0.3
    return total + 2.0 * (city == 0) + 3.0 * (city == 2) - 0.4 * math.isnan(city)


def averaged(models: list[Ensemble], rows: Floats, weights: list[float] | None = None) -> Floats:
    names = ["spend", "share", "city"]
    model = models_to_onnx(models, names=names, weights=weights, producer_version="1", metadata={})
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    _, probabilities = run(session, rows)
    log_odds: Floats = np.log(probabilities[:, 1] / probabilities[:, 0])
    return log_odds


def test_regressions_and_averages_are_answered_as_written_out() -> None:
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(400, 3)) * 10
    rows[:, 2] = rng.integers(-1, 4, len(rows))  # -1 and 3: texts that training did not see
    rows[rng.random(rows.shape) < 0.2] = NAN
    alone = np.array([regression_log_odds(*row) for row in rows.tolist()])
    np.testing.assert_allclose(averaged([{"logistic": REGRESSION}], rows), alone, atol=1e-11)
    split = tree([number(0, 1.0, 1), leaf(-1.0), leaf(1.0)])
    trees = ensemble_of(split, columns=3, start=0.5)
    both = [{"logistic": REGRESSION}, {"boosting": trees}, {"logistic": REGRESSION}]
    of_trees = np.array([log_odds(trees, row) for row in rows.tolist()])
    np.testing.assert_allclose(averaged(both, rows), (2 * alone + of_trees) / 3, atol=1e-11)
    mean = (0.5 * alone + 2.5 * of_trees) / 3
    np.testing.assert_allclose(averaged(both[:2], rows, [0.5, 2.5]), mean, atol=1e-11)
    with pytest.raises(ValueError, match="1 names for 3 columns"):
        models_to_onnx([{"logistic": REGRESSION}], names=["a"], producer_version="1", metadata={})
