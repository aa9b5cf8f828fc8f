"""The rows of the groups to draw, of a table with ``grouping`` and ``group``."""

from __future__ import annotations

from collections.abc import Sequence

from winback._arguments import expect_one_of, refusal, to_names, to_str
from winback.plot._style import COLORS
from winback.table import Table


def rows_by_group(
    table: Table, weight: str, grouping: str, groups: Sequence[str] | None
) -> dict[str, list[int]]:
    """Rows by group: the groups named, or those with most of ``weight`` in the table's order."""
    most = len(COLORS)
    kinds = table["grouping"]
    expect_one_of("grouping", to_str("grouping", grouping), dict.fromkeys(kinds))
    rows: dict[str, list[int]] = {}
    for row, (kind, group) in enumerate(zip(kinds, table["group"], strict=True)):
        if kind == grouping:
            rows.setdefault(group, []).append(row)
    if groups is None:
        weights = table[weight]
        largest = sorted(rows, key=lambda group: -sum(weights[row] for row in rows[group]))
        return {group: rows[group] for group in rows if group in largest[:most]}
    chosen = to_names("groups", groups)
    for group in chosen:
        expect_one_of("groups", group, rows)
    if not 1 <= len(set(chosen)) <= most:
        raise refusal(ValueError, "groups", f"1 to {most} of them", chosen)
    return {group: rows[group] for group in chosen}
