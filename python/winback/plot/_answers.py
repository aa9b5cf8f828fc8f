"""Answers of a model that plots are drawn of."""

from __future__ import annotations

from winback._arguments import of_type, refusal
from winback.answer import Answer


def expect_answer(name: str, value: object, table: str, columns: set[str], how: str) -> Answer:
    """The value, if it is the answer that is to be drawn: it has this table with these columns."""
    is_it = isinstance(value, Answer) and table in value.tables
    if isinstance(value, Answer) and is_it and columns <= set(value.tables[table].column_names):
        return value
    got = "another answer" if isinstance(value, Answer) else of_type(value)
    raise refusal(TypeError, name, f"what {how} gives", got)
