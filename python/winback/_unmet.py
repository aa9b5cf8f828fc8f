"""Warnings of tables whose customers are not those of the transactions."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any


def warn_of_unmet_ids(report: Mapping[str, Any]) -> None:
    """Warns the caller's caller of all that a log's report tells of."""
    for text in report["unmet_ids"]:
        warnings.warn(text, UserWarning, stacklevel=3)
