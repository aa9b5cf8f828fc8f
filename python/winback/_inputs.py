"""Which files the logs in memory were read from: none is written over."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterable
from typing import Any

from winback import _core
from winback._arguments import Path, to_path

_INPUTS: weakref.WeakKeyDictionary[Any, list[str]] = weakref.WeakKeyDictionary()


def keep(log: object, tables: Iterable[object], earlier: object = None) -> None:
    """Notes the paths among the tables that a log was read from, and those of an earlier log."""
    paths = [os.fspath(table) for table in tables if isinstance(table, (str, os.PathLike))]
    _INPUTS[log] = paths if earlier is None else [*paths, *_INPUTS.get(earlier, [])]


def to_output(path: Path) -> str:
    """A path to write to, which is no input of a log in memory."""
    text = to_path("path", path)
    _core.check_spared(text, sorted({kept for inputs in _INPUTS.values() for kept in inputs}))
    return text
