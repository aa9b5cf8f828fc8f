"""Fitted trees as an ONNX model, for programs that know nothing of this package."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import onnx

# The first versions that have TreeEnsemble, the one operator of trees that gives doubles, and the
# version of the file format that came with them: any runtime that knows the operator also reads
# the file, however new the onnx that wrote it.
_OPSET = 21
_OPSET_ML = 5
_IR_VERSION = 10

_ML = "ai.onnx.ml"
_BRANCH_LT = 1
_MISSING_BIN = 255

# Whether unknown or missing levels, and then every kept level, are in a set.
_Members: TypeAlias = tuple[bool, ...]
_Indicators: TypeAlias = dict[int, dict[_Members, int]]


def tree_ensemble_to_onnx(
    ensemble: dict[str, Any],
    *,
    names: list[str],
    producer_version: str,
    metadata: dict[str, str],
    calibrator: dict[str, dict[str, Any]] | None = None,
) -> onnx.ModelProto:
    """An ensemble of trees for two classes as an ONNX model.

    The model takes ``features`` (doubles, one row a customer, NaN where missing) and gives
    ``label`` (int64, 1 where the probability of class 1 is at least 0.5) and ``probabilities``
    (doubles, a column for class 0 and one for class 1).

    Args:
        ensemble: The ensemble as read from its JSON.
        calibrator: What mends the probabilities, if anything, as read from its JSON.
        names: Names of the columns. The model's metadata has them as JSON, under ``columns``.
        producer_version: Version of this package.
        metadata: Further metadata of the model, texts by name.

    Raises:
        ImportError: onnx is not installed.
        ValueError: The number of names is not that of the columns.
    """
    try:
        import onnx
        from onnx import TensorProto, helper
    except ImportError as error:
        raise ImportError('to_onnx needs the package onnx: pip install "winback[onnx]"') from error

    columns = ensemble["schema"]["columns"]
    if len(names) != columns:
        raise ValueError(f"{len(names)} names for {columns} columns")

    indicators = _find_indicators(ensemble)
    nodes, constants = _look_up(indicators, ensemble["schema"])
    attributes = _tree_attributes(ensemble, indicators)
    nodes += [
        helper.make_node("TreeEnsemble", ["tree_input"], ["tree_sum"], domain=_ML, **attributes),
        helper.make_node("Add", ["tree_sum", "start"], ["log_odds"]),
    ]
    more_nodes, more_constants = _probabilities(calibrator)
    nodes += [
        *more_nodes,
        helper.make_node("Gather", ["probabilities", "class_1"], ["probability_1"], axis=1),
        helper.make_node("GreaterOrEqual", ["probability_1", "half"], ["is_1"]),
        helper.make_node("Cast", ["is_1"], ["label"], to=TensorProto.INT64),
    ]
    constants += [
        *more_constants,
        _doubles("start", [ensemble["start"]]),
        _doubles("one", [1.0]),
        _doubles("half", [0.5]),
        helper.make_tensor("class_1", TensorProto.INT64, [], [1]),
    ]
    graph = helper.make_graph(
        nodes,
        "winback",
        [helper.make_tensor_value_info("features", TensorProto.DOUBLE, ["rows", columns])],
        [
            helper.make_tensor_value_info("label", TensorProto.INT64, ["rows"]),
            helper.make_tensor_value_info("probabilities", TensorProto.DOUBLE, ["rows", 2]),
        ],
        constants,
    )
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(_ML, _OPSET_ML)],
        ir_version=_IR_VERSION,
        producer_name="winback",
        producer_version=producer_version,
    )
    helper.set_model_props(model, {**metadata, "columns": json.dumps(names, ensure_ascii=False)})
    onnx.checker.check_model(model, full_check=True)
    return model


def _probabilities(
    calibrator: dict[str, dict[str, Any]] | None,
) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """What makes ``probabilities`` of ``log_odds``, mended by the calibrator."""
    from onnx import TensorProto, helper

    [(method, map_)] = (calibrator or {"none": {}}).items()
    if method == "none":
        return _sigmoids("log_odds", "probabilities"), []
    if method == "platt":
        constants = [_doubles("platt_a", [map_["a"]]), _doubles("platt_b", [map_["b"]])]
        nodes = [
            helper.make_node("Mul", ["log_odds", "platt_a"], ["scaled"]),
            helper.make_node("Add", ["scaled", "platt_b"], ["calibrated"]),
        ]
        return nodes + _sigmoids("calibrated", "probabilities"), constants
    if method == "beta":
        # a ln p - b ln(1 - p) + c, from the logarithms of the columns 1 - p and p.
        constants = [_doubles("beta_ba", [-map_["b"], map_["a"]]), _doubles("beta_c", [map_["c"]])]
        constants.append(helper.make_tensor("columns", TensorProto.INT64, [1], [1]))
        nodes = [
            *_sigmoids("log_odds", "uncalibrated"),
            helper.make_node("Log", ["uncalibrated"], ["logarithms"]),
            helper.make_node("Mul", ["logarithms", "beta_ba"], ["terms"]),
            helper.make_node("ReduceSum", ["terms", "columns"], ["sum_of_terms"], keepdims=1),
            helper.make_node("Add", ["sum_of_terms", "beta_c"], ["calibrated"]),
        ]
        return nodes + _sigmoids("calibrated", "probabilities"), constants
    # Isotonic: the height of the first point and, of every stretch to the next, the part passed.
    points, heights = map_["p"], map_["q"]
    stretches = zip(points, points[1:], heights, heights[1:], strict=False)
    ends = list(stretches) or [(0.0, 1.0, heights[0], heights[0])]
    constants = [
        _doubles("starts", [p for p, _, _, _ in ends]),
        _doubles("lengths", [p1 - p for p, p1, _, _ in ends]),
        _doubles("slopes", [(q1 - q) / (p1 - p) for p, p1, q, q1 in ends]),
        _doubles("first_height", heights[:1]),
        _doubles("zero", [0.0]),
        helper.make_tensor("columns", TensorProto.INT64, [1], [1]),
        helper.make_tensor("second", TensorProto.INT64, [1], [1]),
    ]
    nodes = [
        *_sigmoids("log_odds", "uncalibrated"),
        helper.make_node("Gather", ["uncalibrated", "second"], ["p"], axis=1),
        helper.make_node("Sub", ["p", "starts"], ["beyond"]),
        helper.make_node("Max", ["beyond", "zero"], ["passed"]),
        helper.make_node("Min", ["passed", "lengths"], ["within"]),
        helper.make_node("Mul", ["within", "slopes"], ["rises"]),
        helper.make_node("ReduceSum", ["rises", "columns"], ["rise"], keepdims=1),
        helper.make_node("Add", ["rise", "first_height"], ["class_1_probability"]),
        helper.make_node("Sub", ["one", "class_1_probability"], ["class_0_probability"]),
        helper.make_node(
            "Concat", ["class_0_probability", "class_1_probability"], ["probabilities"], axis=1
        ),
    ]
    return nodes, constants


def _sigmoids(log_odds: str, probabilities: str) -> list[onnx.NodeProto]:
    """Nodes that make the probabilities of class 0 and class 1 of the log-odds of class 1."""
    from onnx import helper

    def made(name: str) -> str:
        return f"{probabilities}_{name}"

    # The operator Sigmoid would lose the digits of small probabilities, in onnxruntime.
    return [
        helper.make_node("Neg", [log_odds], [made("negative")]),
        helper.make_node("Concat", [log_odds, made("negative")], [made("log_odds")], axis=1),
        helper.make_node("Exp", [made("log_odds")], [made("others_odds")]),
        helper.make_node("Add", [made("others_odds"), "one"], [made("inverse")]),
        helper.make_node("Reciprocal", [made("inverse")], [probabilities]),
    ]


def _find_indicators(ensemble: dict[str, Any]) -> _Indicators:
    """The sets that the trees ask for, by column, each with its column in the trees' input.

    ONNX's own test for membership is of no use: in a large set with the member 1 onnxruntime finds
    1.5 as well, and before 1.23 it errs on other values too. So the model looks the sets up in a
    table, which gives 0 for members and 1 for all others, and its trees only compare numbers. Equal
    sets share a column.
    """
    levels_of = dict(ensemble["schema"]["categories"])
    indicators: _Indicators = {column: {} for column in levels_of}
    for tree in ensemble["trees"]:
        for kind, node in map(_kind_and_fields, tree["nodes"]):
            if kind == "Category":
                members = _members(tree["sets"][node["set"]], len(levels_of[node["column"]]))
                indicators[node["column"]].setdefault(members, 0)
    place = ensemble["schema"]["columns"]
    for sets in indicators.values():
        for members in sets:
            sets[members] = place
            place += 1
    return indicators


def _members(words: Sequence[int], levels: int) -> _Members:
    """Which bins are in a set of 256 bits, first that of unknown and missing levels."""
    return tuple(
        words[bin_ >> 6] >> (bin_ & 63) & 1 == 1 for bin_ in [_MISSING_BIN, *range(levels)]
    )


def _look_up(
    indicators: _Indicators, schema: dict[str, Any]
) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """What makes ``tree_input``: the features and behind them the indicators of all sets."""
    from onnx import TensorProto, helper

    nodes, constants, parts = [], [], ["features"]
    if any(indicators.values()):
        constants = [
            helper.make_tensor("no_row", TensorProto.INT64, [1], [0]),
            helper.make_tensor("second_axis", TensorProto.INT64, [1], [1]),
        ]
    for column, levels in schema["categories"]:
        sets = indicators[column]
        if not sets:
            continue
        # A level's row is its place from 1; a value that equals no level, such as NaN, has row 0.
        rows = range(len(levels) + 1)
        table = [not members[row] for row in rows for members in sets]
        key = f"column_{column}"
        constants += [
            helper.make_tensor(key, TensorProto.INT64, [1], [column]),
            _doubles(f"{key}_levels", levels),
            helper.make_tensor(f"{key}_rows", TensorProto.INT64, [len(levels)], rows[1:]),
            helper.make_tensor(f"{key}_table", TensorProto.BOOL, [len(rows), len(sets)], table),
        ]
        nodes += [
            helper.make_node("Gather", ["features", key], [f"{key}_value"], axis=1),
            helper.make_node("Equal", [f"{key}_value", f"{key}_levels"], [f"{key}_equal"]),
            helper.make_node("Where", [f"{key}_equal", f"{key}_rows", "no_row"], [f"{key}_hits"]),
            helper.make_node(
                "ReduceSum", [f"{key}_hits", "second_axis"], [f"{key}_row"], keepdims=0
            ),
            helper.make_node("Gather", [f"{key}_table", f"{key}_row"], [f"{key}_bits"]),
            helper.make_node("Cast", [f"{key}_bits"], [f"{key}_others"], to=TensorProto.DOUBLE),
        ]
        parts.append(f"{key}_others")
    nodes.append(helper.make_node("Concat", parts, ["tree_input"], axis=1))
    return nodes, constants


def _tree_attributes(ensemble: dict[str, Any], indicators: _Indicators) -> dict[str, Any]:
    """The trees as attributes of the operator, which numbers inner nodes and leaves apart."""
    from onnx import TensorProto, helper

    levels_of = dict(ensemble["schema"]["categories"])
    roots: list[int] = []
    features: list[int] = []
    splits: list[float] = []
    missing_left: list[int] = []
    children: list[tuple[tuple[bool, int], tuple[bool, int]]] = []
    weights: list[float] = []
    # The operator must have a tree; no trees at all sum up to 0.
    for tree in ensemble["trees"] or [{"nodes": [{"Leaf": {"value": 0.0}}]}]:
        nodes = [_kind_and_fields(node) for node in tree["nodes"]]
        if nodes[0][0] == "Leaf":
            # Every root must ask for something. Two equal leaves, not one on both sides, which
            # onnxruntime looks for at the number of the root (seen up to 1.26).
            question = {"column": 0, "missing_left": False, "left": 1, "threshold": 0.0}
            nodes = [("Number", question), nodes[0], nodes[0]]
        inner, leaves = _by_level(nodes)
        # Before 1.24 onnxruntime takes a root for a leaf where its two children, a leaf and an
        # inner node, happen to have the same number. Leaves numbered from the last to the first
        # prevent that: no fewer leaves than nodes come before a tree, the root's inner child is the
        # node right after the root, and at least two leaves come before the root's own.
        leaves.reverse()
        place = {i: (False, len(features) + n) for n, i in enumerate(inner)}
        place |= {i: (True, len(weights) + n) for n, i in enumerate(leaves)}
        roots.append(len(features))
        weights += [nodes[i][1]["value"] for i in leaves]
        for i in inner:
            kind, node = nodes[i]
            column = node["column"]
            if kind == "Number":
                features.append(column)
                splits.append(node["threshold"])
                missing_left.append(int(node["missing_left"]))
            else:
                members = _members(tree["sets"][node["set"]], len(levels_of[column]))
                features.append(indicators[column][members])
                splits.append(0.5)
                missing_left.append(0)
            children.append((place[node["left"]], place[node["left"] + 1]))
    return {
        "n_targets": 1,
        "tree_roots": roots,
        "nodes_featureids": features,
        "nodes_modes": helper.make_tensor(
            "nodes_modes", TensorProto.UINT8, [len(features)], [_BRANCH_LT] * len(features)
        ),
        "nodes_splits": _doubles("nodes_splits", splits),
        "nodes_missing_value_tracks_true": missing_left,
        "nodes_truenodeids": [number for (_, number), _ in children],
        "nodes_trueleafs": [int(is_leaf) for (is_leaf, _), _ in children],
        "nodes_falsenodeids": [number for _, (_, number) in children],
        "nodes_falseleafs": [int(is_leaf) for _, (is_leaf, _) in children],
        "leaf_targetids": [0] * len(weights),
        "leaf_weights": _doubles("leaf_weights", weights),
    }


def _by_level(nodes: list[tuple[str, dict[str, Any]]]) -> tuple[list[int], list[int]]:
    """The places of a tree's inner nodes and leaves, from the root down."""
    inner, leaves, seen = [], [], [0]
    for i in seen:  # grows on the way
        kind, node = nodes[i]
        if kind == "Leaf":
            leaves.append(i)
        else:
            inner.append(i)
            seen += [node["left"], node["left"] + 1]
    return inner, leaves


def _kind_and_fields(node: dict[str, dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    """What a node is and what it holds."""
    [(kind, fields)] = node.items()
    return kind, fields


def _doubles(name: str, values: Sequence[float]) -> onnx.TensorProto:
    """A vector of doubles."""
    from onnx import TensorProto, helper

    return helper.make_tensor(name, TensorProto.DOUBLE, [len(values)], values)
