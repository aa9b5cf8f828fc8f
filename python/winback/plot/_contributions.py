"""What plots of explanations read off their tables."""

from __future__ import annotations

from typing import Any, Literal

from winback._arguments import of_type, refusal
from winback.answer import Answer
from winback.plot._answers import expect_answer
from winback.table import Table

By = Literal["group", "feature"]
_PREFIX = "contribution_"


def groups_of(explanation: object) -> Table:
    """The contributions by group, if it is an explanation."""
    return expect_answer("explanation", explanation, "groups", {"log_odds"}, "explain()").tables[
        "groups"
    ]


def contributions_by(explanation: Answer, by: By) -> dict[str, list[float]]:
    """Contributions by group or column."""
    table = explanation.tables["groups" if by == "group" else "contributions"]
    return {
        name.removeprefix(_PREFIX): table[name]
        for name in table.column_names
        if name.startswith(_PREFIX)
    }


def check_features(by: By) -> None:
    """Refuses values of features beside groups."""
    if by != "feature":
        raise refusal(ValueError, "by", '"feature" beside features', repr(by))


def row_by_customer(features: Table) -> dict[Any, int]:
    """The row of each customer."""
    if not isinstance(features, Table):
        raise refusal(
            TypeError, "features", "a table, as Snapshot.features() gives it", of_type(features)
        )
    if "customer_id" not in features.column_names:
        raise ValueError("features have no column customer_id")
    customers = features["customer_id"]
    if len(set(customers)) < len(customers):
        raise ValueError("features hold a customer twice: give those of one cutoff")
    return {customer: row for row, customer in enumerate(customers)}
