"""The loyalty group of every customer at one cutoff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from winback import _core
from winback._base_over_time import BaseOverTime
from winback._time import Instant, to_text
from winback.churn import ChurnModel
from winback.segments._group_profile import GroupProfile
from winback.segments._grouped import Grouped
from winback.segments._loyalty_rules import LoyaltyRules, core_model
from winback.table import Table


class LoyaltyGroups(Grouped):
    """The loyalty group of every customer at a cutoff, with the rule that decided.

    One row a customer, by ascending id: ``customer_id``, ``group``, ``rule`` (which decided),
    ``conditions`` (of that rule), then what the rules read (NaN where not defined).

    Attributes:
        summary: The groups: ``group``, ``customers``, ``share``, ``revenue_share`` (None without
            amounts).
        rules: The rules in their order: ``rule``, ``group``, ``conditions``, ``customers`` on whom
            it decided (None for a rule that was left out), ``lacks`` (what is missing for it).
        notes: What a reader should know.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=300).event_log()
        >>> groups = log.loyalty(at="2025-01-01")
        >>> groups.column_names[:4]
        ['customer_id', 'group', 'rule', 'conditions']
        >>> sum(groups.summary["customers"]) == len(groups)
        True
    """

    def __init__(self, groups: _core.LoyaltyGroups, log: BaseOverTime) -> None:
        super().__init__(groups, log._log)
        self.rules = Table(groups.rules())
        self.notes = groups.notes()

    def profile(
        self,
        group: Literal["loyal", "neutral", "vulnerable"],
        *,
        attributes: Sequence[str] = (),
    ) -> GroupProfile:
        """What the customers of a group have in common against all others.

        Args:
            group: The group.
            attributes: Attributes of the customers table to compare too.

        Returns:
            The differences, the largest first.

        Raises:
            ValueError: An unknown group or attribute; a group of nobody, or of everybody.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=300).event_log()
            >>> profile = log.loyalty(at="2025-01-01").profile("vulnerable")
            >>> profile.table.column_names[:3]
            ['column', 'level', 'unit']
        """
        return self._profile("group", group, attributes)


def loyalty_of(
    log: BaseOverTime,
    at: Instant,
    rules: LoyaltyRules | Sequence[Mapping[str, Any]] | None,
    model: ChurnModel | None,
) -> LoyaltyGroups:
    """The loyalty groups of a log; :meth:`winback.EventLog.loyalty` documents it."""
    if rules is None or isinstance(rules, (str, Mapping, Sequence)):
        rules = LoyaltyRules(rules)
    groups = _core.loyalty(log._log, to_text("at", at), rules.to_json(), core_model(model))
    return LoyaltyGroups(groups, log)
