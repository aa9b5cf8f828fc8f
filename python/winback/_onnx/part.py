"""A part of an ONNX model: the nodes that make the log-odds of one of the models it averages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import onnx


class Part(NamedTuple):
    """Nodes with their constants, and the name of what they make."""

    nodes: list[onnx.NodeProto]
    constants: list[onnx.TensorProto]
    output: str


def doubles(name: str, values: Sequence[float]) -> onnx.TensorProto:
    """A vector of doubles."""
    from onnx import TensorProto, helper

    return helper.make_tensor(name, TensorProto.DOUBLE, [len(values)], values)
