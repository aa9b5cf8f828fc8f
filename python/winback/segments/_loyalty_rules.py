"""Rules that part customers into loyal, neutral and vulnerable ones."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from winback import _core
from winback._arguments import to_count, to_float, to_names
from winback._fitted_model import core_log
from winback._time import Instant, to_text
from winback.churn import ChurnModel
from winback.event_log import EventLog
from winback.retention import Migration


class LoyaltyRules:
    """Rules that part customers into loyal, neutral and vulnerable ones; the first to fit decides.

    A rule has a ``name``, a ``group`` (``loyal``, ``neutral`` or ``vulnerable``) and, as ``when``,
    a list of conditions that must all hold: a feature of :func:`winback.catalogue` or
    ``churn_probability``, one of ``>= <= > <``, and a number. A value that is not defined for a
    customer meets no condition. The default rules are conventions to start from: detractors (NPS
    answers up to 6), customers who wait for help or were helped badly, customers silent for twice
    their usual gap, with a churn probability of 0.8 or more, or who buy half as often are
    vulnerable; promoters, customers who buy often and on time or who have a churn probability up to
    0.2 are loyal.
    ``print(wb.LoyaltyRules())`` shows all limits.

    Args:
        rules: The rules as dicts; by default those above.
        otherwise: The group of a customer whom no rule fits.

    Attributes:
        rules: The rules as a list of dicts, to be changed.
        otherwise: As the argument.

    Raises:
        ValueError: Rules that are not allowed.

    Examples:
        >>> import winback as wb
        >>> rules = wb.LoyaltyRules()
        >>> rules.rules[5]
        {'name': 'long overdue', 'group': 'vulnerable', 'when': ['overdue_ratio >= 2']}
        >>> rules.rules[5]["when"] = ["overdue_ratio >= 3"]
        >>> groups = wb.simulate(customers=300).event_log().loyalty(at="2024-10-01", rules=rules)
        >>> groups.summary["group"]
        ['loyal', 'neutral', 'vulnerable']
    """

    def __init__(
        self,
        rules: Sequence[Mapping[str, Any]] | None = None,
        *,
        otherwise: Literal["loyal", "neutral", "vulnerable"] = "neutral",
    ) -> None:
        if rules is None:
            self.rules: list[dict[str, Any]] = _core.loyalty_rules(None)["rules"]
            self.otherwise: str = otherwise
            return
        if isinstance(rules, (str, Mapping)) or not isinstance(rules, Sequence):
            raise TypeError(f"rules must be a list of dicts, not {type(rules).__name__}")
        self.rules = [dict(rule) for rule in rules]
        self.otherwise = otherwise
        self.rules = _core.loyalty_rules(self.to_json())["rules"]

    def to_json(self) -> str:
        """The rules as JSON, as the command line takes them.

        Returns:
            An object with ``rules`` and ``otherwise``.

        Examples:
            >>> import winback as wb
            >>> import json
            >>> sorted(json.loads(wb.LoyaltyRules().to_json()))
            ['otherwise', 'rules']
        """
        return json.dumps({"rules": self.rules, "otherwise": self.otherwise}, indent=2)

    def migration(
        self,
        log: EventLog,
        start: Instant,
        end: Instant,
        *,
        model: ChurnModel | None = None,
        vulnerable: Sequence[str] = ("vulnerable",),
        min_customers: int = 30,
        level: float = 0.01,
    ) -> Migration:
        """Where the customers of each loyalty group at one cutoff stand at another.

        Args:
            log: The event log.
            start: The first cutoff.
            end: The second cutoff.
            model: A fitted model, whose ``churn_probability`` rules may read at both cutoffs; it
                should not have learned from what came after the first.
            vulnerable: Groups whose share rings the alarm when it rises.
            min_customers: Rows with fewer are marked as too thin to judge.
            level: Level of the alarm's test, see :func:`winback.migration`.

        Returns:
            As :func:`winback.migration`, with net spend from the first cutoff to the second.

        Raises:
            ValueError: A cutoff outside the log, an end not after the start, an unknown label, a
                level outside 0 to 1, rules that are not allowed.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=500).event_log()
            >>> moved = wb.LoyaltyRules().migration(log, "2024-07-01", "2024-10-01")
            >>> moved["from_label"][:3], moved["to_label"][:3]
            (['loyal', 'loyal', 'loyal'], ['loyal', 'neutral', 'vulnerable'])
        """
        moved = _core.loyalty_migration(
            core_log(log),
            to_text("start", start),
            to_text("end", end),
            rules=self.to_json(),
            model=core_model(model),
            vulnerable=to_names("vulnerable", vulnerable),
            min_customers=to_count("min_customers", min_customers),
            level=to_float("level", level),
        )
        return Migration(*moved)

    def __repr__(self) -> str:
        lines = [
            f"  {rule['group']:<10}  {rule['name']}: {' and '.join(rule['when'])}"
            for rule in self.rules
        ]
        return "\n".join(["LoyaltyRules", *lines, f"  {self.otherwise:<10}  otherwise"])


def core_model(model: ChurnModel | None) -> _core.ChurnModel | None:
    if model is not None and not isinstance(model, ChurnModel):
        raise TypeError(f"model must be a winback.ChurnModel, not {type(model).__name__}")
    return None if model is None else model._fitted()
