"""Fitted trees as nodes of an ONNX model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from winback._onnx.part import Part, doubles

if TYPE_CHECKING:
    import onnx

ML = "ai.onnx.ml"
_BRANCH_LT = 1
_MISSING_BIN = 255

# Whether unknown or missing levels, and then every kept level, are in a set.
_Members: TypeAlias = tuple[bool, ...]
_Indicators: TypeAlias = dict[int, dict[_Members, int]]


def trees_part(ensemble: dict[str, Any], name: str) -> Part:
    """What makes the log-odds of ``features`` by an ensemble of trees, as read from its JSON."""
    from onnx import helper

    indicators = _find_indicators(ensemble)
    nodes, constants = _look_up(indicators, ensemble["schema"], name)
    attributes = _tree_attributes(ensemble, indicators)
    summed, start, log_odds = (f"{name}_{what}" for what in ("tree_sum", "start", "log_odds"))
    nodes += [
        helper.make_node("TreeEnsemble", [f"{name}_input"], [summed], domain=ML, **attributes),
        helper.make_node("Add", [summed, start], [log_odds]),
    ]
    return Part(nodes, [*constants, doubles(start, [ensemble["start"]])], log_odds)


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
    indicators: _Indicators, schema: dict[str, Any], name: str
) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """What makes the trees' input: the features and behind them the indicators of all sets."""
    from onnx import TensorProto, helper

    nodes, constants, parts = [], [], ["features"]
    if any(indicators.values()):
        constants = [
            helper.make_tensor(f"{name}_no_row", TensorProto.INT64, [1], [0]),
            helper.make_tensor(f"{name}_second_axis", TensorProto.INT64, [1], [1]),
        ]
    for column, levels in schema["categories"]:
        sets = indicators[column]
        if not sets:
            continue
        # A level's row is its place from 1; a value that equals no level, such as NaN, has row 0.
        rows = range(len(levels) + 1)
        table = [not members[row] for row in rows for members in sets]
        key = f"{name}_column_{column}"
        constants += [
            helper.make_tensor(key, TensorProto.INT64, [1], [column]),
            doubles(f"{key}_levels", levels),
            helper.make_tensor(f"{key}_rows", TensorProto.INT64, [len(levels)], rows[1:]),
            helper.make_tensor(f"{key}_table", TensorProto.BOOL, [len(rows), len(sets)], table),
        ]
        nodes += [
            helper.make_node("Gather", ["features", key], [f"{key}_value"], axis=1),
            helper.make_node("Equal", [f"{key}_value", f"{key}_levels"], [f"{key}_equal"]),
            helper.make_node(
                "Where", [f"{key}_equal", f"{key}_rows", f"{name}_no_row"], [f"{key}_hits"]
            ),
            helper.make_node(
                "ReduceSum", [f"{key}_hits", f"{name}_second_axis"], [f"{key}_row"], keepdims=0
            ),
            helper.make_node("Gather", [f"{key}_table", f"{key}_row"], [f"{key}_bits"]),
            helper.make_node("Cast", [f"{key}_bits"], [f"{key}_others"], to=TensorProto.DOUBLE),
        ]
        parts.append(f"{key}_others")
    nodes.append(helper.make_node("Concat", parts, [f"{name}_input"], axis=1))
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
        "nodes_splits": doubles("nodes_splits", splits),
        "nodes_missing_value_tracks_true": missing_left,
        "nodes_truenodeids": [number for (_, number), _ in children],
        "nodes_trueleafs": [int(is_leaf) for (is_leaf, _), _ in children],
        "nodes_falsenodeids": [number for _, (_, number) in children],
        "nodes_falseleafs": [int(is_leaf) for _, (is_leaf, _) in children],
        "leaf_targetids": [0] * len(weights),
        "leaf_weights": doubles("leaf_weights", weights),
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
