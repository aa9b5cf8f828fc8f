"""How far long work is: a line on stderr, or a function of the caller's."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import TypeAlias

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
        """Writes what is being done, and the share of it that is done where that is known."""
        if time.monotonic() - self._begun < _PATIENCE:
            return
        if what != self._what:
            self._what, self._share = what, ""
        if of:
            self._share = f" {done / of:4.0%}"
        self._write(f"{what}{self._share}")

    def end(self) -> None:
        """Clears the line."""
        if self._width:
            self._write("")

    def _write(self, text: str) -> None:
        sys.stderr.write(f"\r{text:<{self._width}}" + ("" if text else "\r"))
        sys.stderr.flush()
        self._width = len(text)


def teller(progress: bool | Progress | None) -> Progress | None:
    """Whom to tell; None asks whether a person is looking at a terminal or a notebook."""
    if progress is None and os.environ.get("WINBACK_PROGRESS") == "0":
        return None
    if progress is None:
        in_notebook = "ipykernel" in sys.modules
        progress = in_notebook or (sys.stderr is not None and sys.stderr.isatty())
    if isinstance(progress, bool):
        return ProgressLine() if progress else None
    if not callable(progress):
        raise TypeError(f"progress must be a bool, None or callable, not {type(progress).__name__}")
    return progress
