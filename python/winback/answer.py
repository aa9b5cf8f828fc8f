"""What every analysis returns."""

from __future__ import annotations

import copy
from typing import Any

from winback import _core, _html
from winback.table import Table


class Answer(Table):
    """The result of an analysis: tables by name, figures, notes and a readable form.

    It is itself its main table, the first of ``tables``, with all that a :class:`winback.Table`
    has: ``answer["column"]``, :meth:`to_polars`, :meth:`to_pandas`, :meth:`write`. ``print`` shows
    the readable form, of a list of customers after its first rows.

    Attributes:
        tables: The tables by name, the main one first.
        figures: Figures that stand in no table, by name.
        notes: What a reader must know.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=500).event_log()
        >>> found = wb.segments.concentration(log.at("2025-01-01"))
        >>> list(found.tables)
        ['vip', 'top', 'lorenz']
        >>> found.figures["customers"] <= 500
        True
        >>> found.tables["top"]["customers"] == found.to_dict()["tables"]["top"]["customers"]
        True
    """

    def __init__(self, answer: _core.Answer, *made_of: object, is_markdown: bool = False) -> None:
        self._answer = answer
        tables = answer.tables
        self.tables = {name: Table(table, *made_of) for name, table in tables.items()}
        self.figures: dict[str, Any] = answer.figures
        self.notes: list[str] = answer.notes
        super().__init__(next(iter(tables.values())), *made_of)
        self._text = answer.text
        self._has_rows = not answer.is_report and "customer_id" in self.column_names
        self._is_markdown = is_markdown
        # Of a log of activity in place of purchases, texts say activity.
        self._worded = answer.worded

    def to_dict(self) -> dict[str, Any]:
        """All of it as a dict.

        Returns:
            ``tables`` (of each its columns' values by name), ``figures`` and ``notes``.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=500).event_log()
            >>> sorted(wb.segments.concentration(log.at("2025-01-01")).to_dict())
            ['figures', 'notes', 'tables']
        """
        tables = {
            name: {column: table[column] for column in table} for name, table in self.tables.items()
        }
        return {
            "tables": tables,
            "figures": copy.deepcopy(self.figures),
            "notes": list(self.notes),
        }

    def __repr__(self) -> str:
        if self._text is None:
            return "\n".join([super().__repr__(), *(f"note: {note}" for note in self.notes)])
        # A list of customers is shown with what its text says of it.
        rows = f"{super().__repr__()}\n" if self._has_rows else ""
        return rows + self._text.rstrip()

    def _repr_markdown_(self) -> str | None:
        return self._text if self._is_markdown else None

    def _repr_html_(self) -> str | None:  # type: ignore[override]
        if self._is_markdown:
            return None
        if self._text is not None:
            rows = super()._repr_html_() if self._has_rows else ""
            return rows + _html.report(self._text.rstrip())
        notes = "".join(f"<p>note: {_core.for_html(note)}</p>" for note in self.notes)
        return super()._repr_html_() + notes
