"""Numbers by name, as the core takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from winback._arguments import of_type, refusal, to_float


def by_name(name: str, value: Mapping[str, float] | float | None) -> Any:
    """A dict as the text that the command line takes; a number as it is."""
    if value is None:
        return None
    if not isinstance(value, Mapping):
        return to_float(name, value)
    for key in value:
        if not isinstance(key, str):
            raise refusal(TypeError, name, "names that are texts", of_type(key))
        if not key.strip() or "," in key:
            raise refusal(ValueError, name, "names without commas", repr(key))
    pairs = ((key, to_float(f"{name}[{key!r}]", number)) for key, number in value.items())
    return ",".join(f"{key}={number!r}" for key, number in pairs)


def shares(name: str, value: Mapping[str, float] | None) -> Any:
    """Arms and their shares."""
    if value is not None and not isinstance(value, Mapping):
        raise refusal(TypeError, name, "a dict of arms and their shares", of_type(value))
    return by_name(name, value)
