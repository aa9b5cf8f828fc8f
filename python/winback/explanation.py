"""Why a model says what it says, whether it still may, and its card."""

from __future__ import annotations

import copy
from typing import Any

from winback import _html
from winback.table import Table


class Explanation:
    """What moves customers' chance of a purchase.

    Of every customer, ``base`` plus the sum of the contributions is ``log_odds``, the model's
    log-odds of a purchase. ``purchase_probability`` is that of these log-odds, or their calibrated
    one where the model is calibrated.

    Attributes:
        contributions: A row a customer: ``customer_id``, ``state``, ``purchase_probability``,
            ``base``, ``log_odds``, then ``contribution_<column>`` of every column.
        groups: The same by group of columns that tell of the same thing: ``recency``,
            ``frequency``, ``check``, ``rhythm``, ``basket``, ``returns``,
            ``discounts``, ``tickets``, ``service``, ``surveys``, and every attribute for itself.
        reasons: A row a reason: ``customer_id``, ``state``, ``purchase_probability``,
            ``direction`` (``up`` or ``down``), ``rank`` (from 1 in each direction), ``group``,
            ``feature`` (that column of the group which moves the chance most in its direction, is
            not at its typical value and does not contradict ``expected_sign`` of
            :func:`winback.catalogue`; a group without one is no reason), ``value``, ``typical``
            (median of the training rows of the state, for texts the most frequent one),
            ``contribution`` (of the group), ``reason`` (the sentence).
        importance: What matters over all customers of a ``state``: ``group``, ``feature`` (None:
            the group as a whole), ``mean_abs_contribution`` and ``mean_contribution``, in log-odds.
        main_reasons: The customers of each ``state`` by what holds them back most: ``group`` (None:
            nothing of the stated size), ``label`` (in words), ``customers``, ``share``,
            ``mean_contribution``, ``mean_purchase_probability``.
        report: As that of :class:`winback.Scores`.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=1000).event_log()
        >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
        >>> why = model.explain(log, at="2025-01-01", reasons=1)
        >>> row = why.groups.to_polars().row(0, named=True)
        >>> parts = [value for name, value in row.items() if name.startswith("contribution_")]
        >>> abs(row["base"] + sum(parts) - row["log_odds"]) < 1e-9
        True
    """

    def __init__(self, tables: list[Table], report: dict[str, Any], text: str) -> None:
        self.contributions, self.groups, self.reasons, self.importance, self.main_reasons = tables
        self.report = report
        self._text = text

    def __repr__(self) -> str:
        return self._text

    def _repr_html_(self) -> str:
        return _html.report(repr(self))


class Drift:
    """How far customers have moved from those a model was trained on.

    Attributes:
        table: A row a column, by falling index, last the score ``purchase_probability``:
            ``column``, ``psi`` (population stability index), ``critical_value`` (what it stays
            below by chance), ``stability`` (``stable``, ``moderate``, ``major``),
            ``training_median``, ``median`` (None for texts), ``training_missing_share``,
            ``missing_share``.
        moved: The columns that are not stable.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=1000).event_log()
        >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
        >>> drift = model.drift(log, at="2025-01-01")
        >>> set(drift.moved) <= set(drift.table["column"])
        True
    """

    def __init__(self, table: Table, moved: list[str], text: str) -> None:
        self.table = table
        self.moved = moved
        self._text = text

    def __repr__(self) -> str:
        return self._text

    def _repr_html_(self) -> str:
        return _html.report(repr(self))


class ModelCard:
    """What a model is, from what it learned, how good it is and where its limits are.

    ``str(card)`` is Markdown.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=1000).event_log()
        >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
        >>> card = model.card(log, tests=1, draws=0)
        >>> str(card).splitlines()[0]
        '# Churn model: logistic'
    """

    def __init__(self, values: dict[str, Any], text: str) -> None:
        self._values = values
        self._text = text

    def to_dict(self) -> dict[str, Any]:
        """All of the card as a dict.

        Returns:
            ``winback_version``, ``model_file_version``, ``estimator`` (name and parameters),
            ``monotone``, ``data`` (``first_event``, ``until``, ``customers``, ``purchase_rules``,
            ``data_hash``, ``cutoffs``), ``eligibility``, ``label``, ``horizon``, ``lead``,
            ``limits``, ``columns``, ``calibration``, ``calibration_choice``, ``tested_at``,
            ``draws``, ``metrics`` (a list of dicts with ``state``, ``outcome``, ``score``,
            ``measure``, ``mean``, ``low``, ``high``, ``worst``) and ``limitations``. Instants are
            texts in ISO 8601.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> card = model.card(log, tests=1, draws=0).to_dict()
            >>> card["horizon"], card["monotone"], len(card["tested_at"])
            ('3mo', True, 1)
        """
        return copy.deepcopy(self._values)

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return self._text

    def _repr_markdown_(self) -> str:
        return self._text
