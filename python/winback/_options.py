"""Options of an analysis, as the core takes them."""

from __future__ import annotations

from datetime import date
from typing import Any

from winback._time import to_text


def to_options(**options: Any) -> dict[str, Any]:
    """The options by name, instants as text; the core checks the rest."""
    return {
        name: to_text(name, value) if isinstance(value, date) else value
        for name, value in options.items()
    }
