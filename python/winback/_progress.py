"""How far long work is: a line in a terminal or below a notebook's cell, or a caller's function."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeAlias

from winback._arguments import of_type, refusal

Progress: TypeAlias = Callable[[str, int, int], object]
"""Called with what is being done, how much of it is done, and how much there is (0: not known)."""

# Work that is over sooner needs no line.
_PATIENCE = 1.0


class ProgressLine:
    """A line on stderr that is written over while work goes on, and gone when it has ended."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._what = ""
        self._share = ""
        self._width = 0

    def __call__(self, what: str, done: int, of: int) -> None:
        """Writes what is being done, the share of it that is done where known, and since when."""
        seconds = time.monotonic() - self._begun
        if seconds < _PATIENCE:
            return
        if what != self._what:
            self._what, self._share = what, ""
        if of:
            self._share = f" {done / of:4.0%}"
        self._write(f"{what}{self._share}, {seconds:.0f} s")

    def end(self) -> None:
        """Clears the line."""
        if self._width:
            self._write("")

    def _write(self, text: str) -> None:
        sys.stderr.write(f"\r{text:<{self._width}}" + ("" if text else "\r"))
        sys.stderr.flush()
        self._width = len(text)


class ProgressCell(ProgressLine):
    """The same below a notebook's cell; what is kept of it in the notebook is empty."""

    _shown: Any = None
    _last = ""

    def _write(self, text: str) -> None:
        if text == self._last:
            return
        self._last = text
        if self._shown is None:
            display = import_module("IPython.display").display
            self._shown = display({"text/plain": text}, raw=True, display_id=True)
        else:
            self._shown.update({"text/plain": text}, raw=True)
        self._width = len(text)


def _in_notebook() -> bool:
    """Whether this process runs cells; some processes that run none import IPython's modules."""
    module = sys.modules.get("IPython")
    return module is not None and hasattr(module.get_ipython(), "kernel")


def teller(progress: bool | Progress | None) -> Progress | None:
    """Whom to tell; None asks whether a person is looking at a terminal or a notebook."""
    if progress is None and os.environ.get("WINBACK_PROGRESS") == "0":
        return None
    in_notebook = _in_notebook()
    if progress is None:
        progress = in_notebook or (sys.stderr is not None and sys.stderr.isatty())
    if isinstance(progress, bool):
        line = ProgressCell if in_notebook else ProgressLine
        return line() if progress else None
    if not callable(progress):
        expected = "a bool, None or what can be called"
        raise refusal(TypeError, "progress", expected, of_type(progress))
    return progress
