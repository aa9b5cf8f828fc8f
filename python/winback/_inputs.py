"""Which files something was read from or made of: none is written over."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterable
from typing import Any

from winback import _core
from winback._arguments import Path, to_path

# Of all that files were read for, for as long as it lives.
_OF: weakref.WeakKeyDictionary[Any, set[str]] = weakref.WeakKeyDictionary()
# Logs and snapshots, whose files nothing may replace, whatever it is made of.
_LOGS: weakref.WeakSet[Any] = weakref.WeakSet()


def keep(made: object, *made_of: object) -> None:
    """Notes the files that something was made of: logs, tables, models and paths."""
    files = _files_of(made_of)
    if files:
        _OF[made] = files
    else:
        _OF.pop(made, None)


def keep_log(log: object, *made_of: object) -> None:
    """The same of a log or a snapshot."""
    keep(log, *made_of)
    _LOGS.add(log)


def to_output(path: Path, *made_of: object, name: str = "path") -> str:
    """A path to write to, which is no input of a log in memory and of nothing that is written."""
    text = to_path(name, path)
    _core.check_spared(text, sorted(_files_of(_LOGS) | _files_of(made_of)))
    return text


def _files_of(made: Iterable[object]) -> set[str]:
    """Absolute and without links, as the paths are at this time."""
    files: set[str] = set()
    for each in made:
        if isinstance(each, (str, os.PathLike)):
            files.add(os.path.realpath(os.fspath(each)))
        else:
            files |= _kept(each)
    return files


def _kept(made: object) -> set[str]:
    try:
        return _OF.get(made, set())
    except TypeError:  # What has no place in such a dict was not made here.
        return set()
