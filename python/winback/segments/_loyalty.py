"""Loyal, neutral and vulnerable customers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from winback import _core
from winback._arguments import of_type, refusal, to_str
from winback._options import documented, to_options
from winback._parts import core_snapshots
from winback.answer import Answer
from winback.churn import ChurnModel
from winback.snapshot import PartitionedSnapshot, Snapshot


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
    ``print(wb.segments.LoyaltyRules())`` shows all limits.

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
        >>> rules = wb.segments.LoyaltyRules()
        >>> rules.rules[5]
        {'name': 'long overdue', 'group': 'vulnerable', 'when': ['overdue_ratio >= 2']}
        >>> rules.rules[5]["when"] = ["overdue_ratio >= 3"]
        >>> now = wb.simulate(customers=300).event_log().at("2024-10-01")
        >>> wb.segments.loyalty(now, rules=rules).tables["groups"]["group"]
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
            self.otherwise: str = to_str("otherwise", otherwise)
            return
        if isinstance(rules, (str, Mapping)) or not isinstance(rules, Sequence):
            raise refusal(TypeError, "rules", "a list of dicts", of_type(rules))
        for i, rule in enumerate(rules):
            if not isinstance(rule, Mapping):
                raise refusal(TypeError, f"rules[{i}]", "a dict", of_type(rule))
        self.rules = [dict(rule) for rule in rules]
        self.otherwise = to_str("otherwise", otherwise)
        self.rules = _core.loyalty_rules(self.to_json())["rules"]

    def to_json(self) -> str:
        """The rules as JSON, as the command line takes them.

        Returns:
            An object with ``rules`` and ``otherwise``.

        Examples:
            >>> import winback as wb
            >>> import json
            >>> sorted(json.loads(wb.segments.LoyaltyRules().to_json()))
            ['otherwise', 'rules']
        """
        return json.dumps({"rules": self.rules, "otherwise": self.otherwise}, indent=2)

    @documented("MigrationOptions")
    def migration(
        self,
        before: Snapshot | PartitionedSnapshot,
        after: Snapshot | PartitionedSnapshot,
        *,
        model: ChurnModel | None = None,
        vulnerable: Sequence[str] = (),
        min_customers: int = 30,
        level: float = 0.01,
    ) -> Answer:
        """Where the customers of each loyalty group at one cutoff stand at another.

        Args:
            before: The log at the first cutoff, in memory or in parts.
            after: The same log at a later cutoff, likewise.
            model: A fitted model, whose ``churn_probability`` rules may read at both cutoffs; it
                should not have learned from what came after the first.

        Returns:
            As :func:`winback.retention.label_migration`, with net spend from the first cutoff to
            the second.

        Raises:
            ValueError: A second cutoff that is not later or of another log, an unknown label, a
                level outside 0 to 1, rules that are not allowed.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=500).event_log()
            >>> rules = wb.segments.LoyaltyRules()
            >>> moved = rules.migration(log.at("2024-07-01"), log.at("2024-10-01"))
            >>> moved["from_label"][:3], moved["to_label"][:3]
            (['loyal', 'loyal', 'loyal'], ['loyal', 'neutral', 'vulnerable'])
        """
        options = to_options(vulnerable=vulnerable, min_customers=min_customers, level=level)
        first, second = core_snapshots(before, "before"), core_snapshots(after, "after")
        rules = self.to_json()
        return Answer(
            _core.loyalty_migration(first, second, rules, core_model(model), options),
            before,
            after,
            model,
        )

    def __repr__(self) -> str:
        lines = [
            f"  {rule['group']:<10}  {rule['name']}: {' and '.join(rule['when'])}"
            for rule in self.rules
        ]
        text = "\n".join(["LoyaltyRules", *lines, f"  {self.otherwise:<10}  otherwise"])
        return _core.for_people(text)


def loyalty(
    now: Snapshot | PartitionedSnapshot,
    *,
    rules: LoyaltyRules | Sequence[Mapping[str, Any]] | None = None,
    model: ChurnModel | None = None,
) -> Answer:
    """Which customers are loyal, neutral or vulnerable, and by which rule.

    Args:
        now: The log at a cutoff, in memory or in parts.
        rules: The rules, of which the first that fits decides; by default those of
            :class:`LoyaltyRules`. Rules that read what the log has not (tickets, surveys), or a
            churn probability without a model, are left out, and named.
        model: A fitted model, whose ``churn_probability`` rules may read.

    Returns:
        ``customers``: a row a customer with a purchase before the cutoff, by ascending id:
        ``customer_id``, ``group``, ``rule`` (the one that decided), ``conditions`` (of that rule),
        then what the rules read (NaN where not defined). ``groups``: ``group``, ``customers``,
        ``share``, ``revenue_share`` (None without amounts). ``rules``, in their order: ``rule``,
        ``group``, ``conditions``, ``customers`` on whom it decided (None for a rule that was left
        out), ``lacks`` (what is missing for it).

    Raises:
        ValueError: Rules that are not allowed, or a model that cannot score this log.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> now = wb.simulate(customers=500).event_log().at("2024-10-01")
        >>> found = wb.segments.loyalty(now)
        >>> found.column_names[:4]
        ['customer_id', 'group', 'rule', 'conditions']
        >>> sum(found.tables["groups"]["customers"]) == len(found)
        True
    """
    return Answer(
        _core.loyalty(core_snapshots(now), to_rules(rules).to_json(), core_model(model)), now, model
    )


def to_rules(rules: LoyaltyRules | Sequence[Mapping[str, Any]] | None) -> LoyaltyRules:
    """Rules as they may be given."""
    return rules if isinstance(rules, LoyaltyRules) else LoyaltyRules(rules)


def core_model(model: ChurnModel | None) -> _core.ChurnModel | None:
    """The core's model, if there is one."""
    if model is not None and not isinstance(model, ChurnModel):
        raise refusal(TypeError, "model", "a winback.ChurnModel", of_type(model))
    return None if model is None else model._fitted()
