"""What a churn model has learned as an ONNX model, for programs that know nothing of winback."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from winback._onnx.calibration import probabilities
from winback._onnx.logistic import logistic_part
from winback._onnx.part import Part, doubles
from winback._onnx.trees import ML, trees_part

if TYPE_CHECKING:
    import onnx

# The first versions that have TreeEnsemble, the one operator of trees that gives doubles, and the
# version of the file format that came with them: any runtime that knows the operator also reads
# the file, however new the onnx that wrote it.
_OPSET = 21
_OPSET_ML = 5
_IR_VERSION = 10


def models_to_onnx(
    models: Sequence[dict[str, Any]],
    *,
    names: list[str],
    producer_version: str,
    metadata: dict[str, str],
    weights: Sequence[float] | None = None,
    calibrator: dict[str, dict[str, Any]] | None = None,
) -> onnx.ModelProto:
    """Models for two classes, whose log-odds are averaged, as an ONNX model.

    The model takes ``features`` (doubles, one row a customer, NaN where missing) and gives
    ``label`` (int64, 1 where the probability of class 1 is at least 0.5) and ``probabilities``
    (doubles, a column for class 0 and one for class 1).

    Args:
        models: Each as read from its JSON, by its kind: ``{"tree": ...}``, ``{"boosting": ...}``,
            ``{"logistic": ...}`` or ``{"column": ...}``, whose log-odds are a column.
        weights: How much each counts in the mean; the same by default.
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

    parts = [_part(model, f"model_{i}", len(names)) for i, model in enumerate(models)]
    weights = [1.0] * len(parts) if weights is None else list(weights)
    more_nodes, more_constants = probabilities(calibrator)
    nodes = [
        *(node for part in parts for node in part.nodes),
        *(
            helper.make_node("Mul", [part.output, f"weight_{i}"], [f"weighted_{i}"])
            for i, part in enumerate(parts)
        ),
        helper.make_node("Sum", [f"weighted_{i}" for i in range(len(parts))], ["sum_of_log_odds"]),
        helper.make_node("Div", ["sum_of_log_odds", "models"], ["log_odds"]),
        *more_nodes,
        helper.make_node("Gather", ["probabilities", "class_1"], ["probability_1"], axis=1),
        helper.make_node("GreaterOrEqual", ["probability_1", "half"], ["is_1"]),
        helper.make_node("Cast", ["is_1"], ["label"], to=TensorProto.INT64),
    ]
    constants = [
        *(constant for part in parts for constant in part.constants),
        *more_constants,
        *(doubles(f"weight_{i}", [weight]) for i, weight in enumerate(weights)),
        doubles("models", [sum(weights)]),
        doubles("one", [1.0]),
        doubles("half", [0.5]),
        helper.make_tensor("class_1", TensorProto.INT64, [], [1]),
    ]
    graph = helper.make_graph(
        nodes,
        "winback",
        [helper.make_tensor_value_info("features", TensorProto.DOUBLE, ["rows", len(names)])],
        [
            helper.make_tensor_value_info("label", TensorProto.INT64, ["rows"]),
            helper.make_tensor_value_info("probabilities", TensorProto.DOUBLE, ["rows", 2]),
        ],
        constants,
    )
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(ML, _OPSET_ML)],
        ir_version=_IR_VERSION,
        producer_name="winback",
        producer_version=producer_version,
    )
    helper.set_model_props(model, {**metadata, "columns": json.dumps(names, ensure_ascii=False)})
    onnx.checker.check_model(model, full_check=True)
    return model


def _part(model: dict[str, Any], name: str, names: int) -> Part:
    """The log-odds of one model, which must read so many columns."""
    [(kind, fitted)] = model.items()
    if kind == "column":
        return _column_part(fitted, name)
    is_logistic = kind == "logistic"
    columns = len(fitted["preprocess"]["columns"]) if is_logistic else fitted["schema"]["columns"]
    if columns != names:
        raise ValueError(f"{names} names for {columns} columns")
    return logistic_part(fitted, name) if is_logistic else trees_part(fitted, name)


def _column_part(fitted: dict[str, Any], name: str) -> Part:
    """The log-odds that a column holds, 0 where it is missing."""
    from onnx import TensorProto, helper

    def made(what: str) -> str:
        return f"{name}_{what}"

    return Part(
        [
            helper.make_node("Gather", ["features", made("place")], [made("column")], axis=1),
            helper.make_node("IsNaN", [made("column")], [made("missing")]),
            helper.make_node(
                "Where", [made("missing"), made("none"), made("column")], [made("log_odds")]
            ),
        ],
        [
            helper.make_tensor(made("place"), TensorProto.INT64, [1], [fitted["column"]]),
            doubles(made("none"), [0.0]),
        ],
        made("log_odds"),
    )
