"""Which files the logs in memory were read from: none is written over."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterable
from typing import Any

from winback import _core
from winback._arguments import Path, to_path

_INPUTS: weakref.WeakKeyDictionary[Any, set[str]] = weakref.WeakKeyDictionary()


def keep(log: object, tables: Iterable[object], earlier: object = None) -> None:
    """Notes the paths among the tables that a log was read from, and those of an earlier log."""
    paths = _paths(tables)
    _INPUTS[log] = paths if earlier is None else paths | _INPUTS.get(earlier, set())


def to_output(path: Path, tables: Iterable[object] = ()) -> str:
    """A path to write to, which is no input of a log in memory and none of these tables."""
    text = to_path("path", path)
    inputs = {kept for inputs in _INPUTS.values() for kept in inputs} | _paths(tables)
    _core.check_spared(text, sorted(inputs))
    return text


def _paths(tables: Iterable[object]) -> set[str]:
    return {os.fspath(table) for table in tables if isinstance(table, (str, os.PathLike))}
