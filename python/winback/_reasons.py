"""Whose reasons are told, and which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, TypeAlias

from winback._arguments import refusal, to_count

Language: TypeAlias = Literal["en", "ru"]


def to_reasons(
    reasons: int, min_contribution: float, language: str, currency: str
) -> dict[str, Any]:
    """Which reasons are told, as the core takes it."""
    return {
        "count": to_count("reasons", reasons),
        "min_contribution": min_contribution,
        "language": language,
        "currency": currency,
    }


def to_customer_ids(customer_id: int | str | Sequence[int | str] | None) -> list[str] | None:
    """Ids of one customer or several, as texts; None: all."""
    if customer_id is None:
        return None
    if isinstance(customer_id, str) or not isinstance(customer_id, Iterable):
        customer_id = [customer_id]
    ids = [str(each) for each in customer_id]
    if not ids or len(set(ids)) < len(ids):
        raise refusal(ValueError, "customer_id", "one or more, each once", ids)
    return ids
