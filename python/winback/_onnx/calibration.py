"""What makes probabilities of log-odds, as nodes of an ONNX model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winback._onnx.part import doubles

if TYPE_CHECKING:
    import onnx


def probabilities(
    calibrator: dict[str, dict[str, Any]] | None,
) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """What makes ``probabilities`` of ``log_odds``, mended by the calibrator."""
    from onnx import TensorProto, helper

    [(method, map_)] = (calibrator or {"none": {}}).items()
    if method == "none":
        return _sigmoids("log_odds", "probabilities"), []
    if method == "platt":
        constants = [doubles("platt_a", [map_["a"]]), doubles("platt_b", [map_["b"]])]
        nodes = [
            helper.make_node("Mul", ["log_odds", "platt_a"], ["scaled"]),
            helper.make_node("Add", ["scaled", "platt_b"], ["calibrated"]),
        ]
        return nodes + _sigmoids("calibrated", "probabilities"), constants
    if method == "beta":
        # a ln p - b ln(1 - p) + c, from the logarithms of the columns 1 - p and p.
        constants = [doubles("beta_ba", [-map_["b"], map_["a"]]), doubles("beta_c", [map_["c"]])]
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
        doubles("starts", [p for p, _, _, _ in ends]),
        doubles("lengths", [p1 - p for p, p1, _, _ in ends]),
        doubles("slopes", [(q1 - q) / (p1 - p) for p, p1, q, q1 in ends]),
        doubles("first_height", heights[:1]),
        doubles("zero", [0.0]),
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
