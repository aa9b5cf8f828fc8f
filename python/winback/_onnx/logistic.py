"""A logistic regression on prepared columns as nodes of an ONNX model."""

from __future__ import annotations

from typing import Any

from winback._onnx.part import Part, doubles


def logistic_part(fitted: dict[str, Any], name: str) -> Part:
    """What makes the log-odds of ``features``, all as read from the JSON of what was fitted."""
    from onnx import TensorProto, helper

    coefficients = iter(fitted["logistic"]["coefficients"])
    part = Part([], [doubles(f"{name}_intercept", [fitted["logistic"]["intercept"]])], "")
    terms = [f"{name}_intercept"]
    numbers: list[tuple[int, dict[str, Any], float]] = []
    # Of every column the coefficient of whether its value is missing; 0 where none ever was.
    if_missing: list[float] = []
    for place, column in enumerate(fitted["preprocess"]["columns"]):
        [(kind, encoding)] = column["encoding"].items()
        if kind == "number":
            numbers.append((place, encoding, next(coefficients)))
        elif encoding["shown"]:
            of_level = [next(coefficients) for _ in encoding["shown"]]
            terms.append(_levels(part, f"{name}_column_{place}", place, encoding, of_level))
        if_missing.append(next(coefficients) if column["missing_seen"] else 0.0)
    missing = f"{name}_missing"
    part.nodes.append(helper.make_node("IsNaN", ["features"], [missing]))
    if any(if_missing):
        part.nodes.append(
            helper.make_node("Cast", [missing], [f"{missing}_number"], to=TensorProto.DOUBLE)
        )
        terms.append(_weighted(part, f"{missing}_number", if_missing))
    if numbers:
        terms.append(_numbers(part, f"{name}_numbers", missing, numbers))
    part.nodes.append(helper.make_node("Sum", terms, [f"{name}_log_odds"]))
    return part._replace(output=f"{name}_log_odds")


def _numbers(
    part: Part, name: str, missing: str, numbers: list[tuple[int, dict[str, Any], float]]
) -> str:
    """The sum of all numbers, shortened where skewed, the median where missing, standardised."""
    from onnx import TensorProto, helper

    def made(what: str) -> str:
        return f"{name}_{what}"

    places = [place for place, _, _ in numbers]
    encodings = [encoding for _, encoding, _ in numbers]
    skewed = [encoding["skewed"] for encoding in encodings]
    part.constants.extend(
        [
            helper.make_tensor(made("places"), TensorProto.INT64, [len(places)], places),
            helper.make_tensor(made("skewed"), TensorProto.BOOL, [len(skewed)], skewed),
            doubles(made("one"), [1.0]),
            *(
                doubles(made(f"{what}s"), [encoding[what] for encoding in encodings])
                for what in ("median", "mean", "scale")
            ),
        ]
    )
    part.nodes.extend(
        [
            helper.make_node("Gather", ["features", made("places")], [made("value")], axis=1),
            helper.make_node("Gather", [missing, made("places")], [made("is_missing")], axis=1),
            # sign(v) ln(1 + |v|)
            helper.make_node("Abs", [made("value")], [made("size")]),
            helper.make_node("Add", [made("size"), made("one")], [made("size_and_one")]),
            helper.make_node("Log", [made("size_and_one")], [made("logarithm")]),
            helper.make_node("Sign", [made("value")], [made("sign")]),
            helper.make_node("Mul", [made("sign"), made("logarithm")], [made("short")]),
            helper.make_node(
                "Where", [made("skewed"), made("short"), made("value")], [made("present")]
            ),
            helper.make_node(
                "Where", [made("is_missing"), made("medians"), made("present")], [made("filled")]
            ),
            helper.make_node("Sub", [made("filled"), made("means")], [made("centred")]),
            helper.make_node("Div", [made("centred"), made("scales")], [made("standardised")]),
        ]
    )
    return _weighted(part, made("standardised"), [coefficient for _, _, coefficient in numbers])


def _levels(
    part: Part, name: str, place: int, encoding: dict[str, Any], coefficients: list[float]
) -> str:
    """The coefficient of the level of a category; 0 for the reference and for unknown levels."""
    from onnx import TensorProto, helper

    part.constants.extend(
        [
            helper.make_tensor(name, TensorProto.INT64, [1], [place]),
            doubles(f"{name}_levels", encoding["shown"]),
        ]
    )
    part.nodes.extend(
        [
            helper.make_node("Gather", ["features", name], [f"{name}_value"], axis=1),
            helper.make_node("Equal", [f"{name}_value", f"{name}_levels"], [f"{name}_is"]),
            helper.make_node("Cast", [f"{name}_is"], [f"{name}_one"], to=TensorProto.DOUBLE),
        ]
    )
    return _weighted(part, f"{name}_one", coefficients)


def _weighted(part: Part, columns: str, coefficients: list[float]) -> str:
    """The weighted sum of columns, as one column."""
    from onnx import TensorProto, helper

    weights, result = f"{columns}_coefficients", f"{columns}_sum"
    shape = [len(coefficients), 1]
    part.constants.append(helper.make_tensor(weights, TensorProto.DOUBLE, shape, coefficients))
    part.nodes.append(helper.make_node("MatMul", [columns, weights], [result]))
    return result
