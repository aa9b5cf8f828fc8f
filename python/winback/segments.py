"""Which customers belong together: RFM segments, loyalty groups, concentration of revenue."""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias, TypeVar

from winback import _core, _html
from winback._arguments import to_count, to_float, to_floats, to_names, to_str
from winback._base_over_time import BaseOverTime
from winback._fitted_model import NotFittedError
from winback._time import Instant, from_micros, to_text
from winback.churn import ChurnModel
from winback.event_log import EventLog
from winback.retention import Migration
from winback.table import Table

SegmentConfig: TypeAlias = str | Sequence[Mapping[str, Any]] | Mapping[str, Sequence[str]]
"""A preset, a list of rules, or scores by segment as PyMC-Marketing has them."""

_Segments = TypeVar("_Segments", bound="RfmSegments")


class RfmSegments:
    """RFM scores and segments, fitted at one cutoff and applied at later ones.

    Recency is ``days_since_last_purchase``, frequency ``purchase_count``, monetary value
    ``total_spend`` or ``average_check``, of all customers with a purchase before the cutoff. With
    thresholds c1 <= ... a value lies in the interval number 1 + the number of thresholds below it
    (closed on the right, as ``pandas.qcut``); that is the score, of recency counted from the other
    end. Equal customers always get equal scores; where many share a value, some scores are given
    to nobody. The thresholds stay those of the fit, so that a score changes only when the customer
    does.

    Args:
        segments: Which scores make which segment. ``"common"``: champions, loyal customers,
            potential loyalists, new customers, promising, need attention, about to sleep, at risk,
            cannot lose them, hibernating, lost, of scores from 1 to 5, as widely published.
            ``"pymc-marketing"``: the segments of PyMC-Marketing 0.19.2, of scores from 1 to 4 (it
            takes ``monetary="average_check"``, and numbers scores anew where many share a value).
            Or rules, of which the first that fits decides, as
            ``[{"name": "best", "r": [4, 5], "m": [5, 5]}]``; or scores by segment, as
            ``{"best": ["555", "554"]}``.
        other: Name of the segment of all others; by default ``other`` or that of the preset.
        quantiles: Into how many scores of as many customers each a figure is parted, 2 to 9; by
            default 5, or 4 with ``"pymc-marketing"``.
        recency_cuts: Thresholds in days in place of quantiles, rising.
        frequency_cuts: Thresholds of the number of purchases.
        monetary_cuts: Thresholds of the monetary value.
        monetary: ``"total_spend"`` or ``"average_check"``.

    Attributes:
        cuts_: The thresholds: ``recency``, ``frequency``, ``monetary``.
        fitted_at_: The cutoff of the fit, a naive datetime in UTC.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=500).event_log()
        >>> segments = wb.RfmSegments().fit(log, at="2024-07-01")
        >>> scores = segments.transform(log, at="2025-01-01")
        >>> scores.column_names[:4]
        ['customer_id', 'recency', 'frequency', 'monetary']
        >>> scores.column_names[4:]
        ['r_score', 'f_score', 'm_score', 'rfm_score', 'segment']
        >>> scores.summary["segment"][0]
        'champions'
        >>> scores.profile("champions").words[0].split(" is ")[0] in wb.catalogue()["name"]
        True
        >>> wb.RfmSegments(quantiles=1).fit(log, at="2024-07-01")
        Traceback (most recent call last):
        ValueError: quantiles = 1 is not allowed: 2 to 9
    """

    _model: _core.RfmSegments | None = None

    def __init__(
        self,
        segments: SegmentConfig = "common",
        *,
        other: str | None = None,
        quantiles: int | None = None,
        recency_cuts: Sequence[float] | None = None,
        frequency_cuts: Sequence[float] | None = None,
        monetary_cuts: Sequence[float] | None = None,
        monetary: Literal["total_spend", "average_check"] = "total_spend",
    ) -> None:
        self.segments = segments
        self.other = other
        self.quantiles = quantiles
        self.recency_cuts = recency_cuts
        self.frequency_cuts = frequency_cuts
        self.monetary_cuts = monetary_cuts
        self.monetary = monetary

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The constructor's arguments.

        Args:
            deep: Of no effect; it is there for scikit-learn.

        Returns:
            Argument names and their values.

        Examples:
            >>> import winback as wb
            >>> wb.RfmSegments().get_params()["monetary"]
            'total_spend'
        """
        return {name: getattr(self, name) for name in _PARAMETERS}

    def set_params(self: _Segments, **params: Any) -> _Segments:
        """Changes arguments of the constructor; what is fitted changes with the next fit.

        Args:
            **params: Argument names and their new values.

        Returns:
            The object itself.

        Raises:
            ValueError: There is no such argument.

        Examples:
            >>> import winback as wb
            >>> wb.RfmSegments().set_params(quantiles=4).quantiles
            4
        """
        for name, value in params.items():
            if name not in _PARAMETERS:
                raise ValueError(
                    f"{name!r} is no parameter of RfmSegments: {', '.join(_PARAMETERS)}"
                )
            setattr(self, name, value)
        return self

    def fit(self: _Segments, log: EventLog, *, at: Instant) -> _Segments:
        """Finds the thresholds among the customers with a purchase before a cutoff.

        Args:
            log: The event log.
            at: The cutoff.

        Returns:
            The object itself.

        Raises:
            ValueError: An argument, or one of the constructor's, that is not allowed; a log without
                amounts; no customer with a purchase before ``at``.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=300).event_log()
            >>> segments = wb.RfmSegments().fit(log, at="2024-07-01")
            >>> [len(segments.cuts_[name]) for name in ("recency", "frequency", "monetary")]
            [4, 4, 4]
        """
        self._model = _core.RfmSegments.fit(_log(log), self._options(), to_text("at", at))
        return self

    def _options(self) -> dict[str, Any]:
        """How customers are scored, as the core takes it."""

        def cuts(name: str) -> list[float] | None:
            values = getattr(self, name)
            return None if values is None else to_floats(name, values)

        return {
            "segments": _segments(self.segments),
            "other": None if self.other is None else to_str("other", self.other),
            "quantiles": None if self.quantiles is None else to_count("quantiles", self.quantiles),
            "recency_cuts": cuts("recency_cuts"),
            "frequency_cuts": cuts("frequency_cuts"),
            "monetary_cuts": cuts("monetary_cuts"),
            "monetary": to_str("monetary", self.monetary),
        }

    def transform(self, log: EventLog, *, at: Instant) -> RfmScores:
        """Scores and segments of all customers with a purchase before a cutoff.

        Args:
            log: The event log; the one of the fit, or one that forms purchases by the same rules.
            at: The cutoff.

        Returns:
            One row a customer, by ascending id: ``customer_id``, ``recency`` (days), ``frequency``,
            ``monetary``, ``r_score``, ``f_score``, ``m_score``, ``rfm_score`` (the three digits as
            a text), ``segment``.

        Raises:
            NotFittedError: There was no fit.
            ValueError: A cutoff outside the log, or a log that forms purchases by other rules.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=300).event_log()
            >>> segments = wb.RfmSegments().fit(log, at="2024-07-01")
            >>> scores = segments.transform(log, at="2025-01-01")
            >>> set(scores["r_score"]) <= {1, 2, 3, 4, 5}
            True
        """
        return RfmScores(self._fitted().score(_log(log), to_text("at", at)), log)

    def fit_transform(self, log: EventLog, *, at: Instant) -> RfmScores:
        """:meth:`fit` and :meth:`transform` at the same cutoff, in half of the time of both.

        Args:
            log: The event log.
            at: The cutoff.

        Returns:
            As :meth:`transform`.

        Raises:
            ValueError: As :meth:`fit`.
            TypeError: As :meth:`fit`.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=300).event_log()
            >>> scores = wb.RfmSegments().fit_transform(log, at="2025-01-01")
            >>> len(scores) == len(log.features(at="2025-01-01"))
            True
        """
        self._model, scores = _core.RfmSegments.fit_score(
            _log(log), self._options(), to_text("at", at)
        )
        return RfmScores(scores, log)

    def migration(
        self,
        log: EventLog,
        start: Instant,
        end: Instant,
        *,
        vulnerable: Sequence[str] = (),
        min_customers: int = 30,
        level: float = 0.01,
    ) -> Migration:
        """Where the customers of each segment at one cutoff stand at another.

        The thresholds are the same at both.

        Args:
            log: The event log.
            start: The first cutoff.
            end: The second cutoff.
            vulnerable: Segments whose share rings the alarm when it rises; none: no alarm.
            min_customers: Rows with fewer are marked as too thin to judge.
            level: Level of the alarm's test, see :func:`winback.migration`.

        Returns:
            As :func:`winback.migration`, with net spend from the first cutoff to the second.

        Raises:
            NotFittedError: There was no fit.
            ValueError: A cutoff outside the log, an end not after the start, an unknown label, a
                level outside 0 to 1, a log that forms purchases by other rules.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=500).event_log()
            >>> fitted = wb.RfmSegments().fit(log, at="2024-07-01")
            >>> moved = fitted.migration(log, "2024-07-01", "2024-10-01", vulnerable=["at risk"])
            >>> moved["from_label"][0], moved.alarm["rings"] in (True, False)
            ('champions', True)
        """
        moved = self._fitted().migration(
            _log(log),
            to_text("start", start),
            to_text("end", end),
            vulnerable=to_names("vulnerable", vulnerable),
            min_customers=to_count("min_customers", min_customers),
            level=to_float("level", level),
        )
        return Migration(*moved)

    @property
    def cuts_(self) -> dict[str, list[float]]:
        """The thresholds of ``recency``, ``frequency`` and ``monetary``, rising."""
        return self._fitted().cuts()

    @property
    def fitted_at_(self) -> Any:
        """The cutoff of the fit, a naive datetime in UTC."""
        return from_micros(self._fitted().fitted_at())

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes thresholds and rules to a file, which holds data and no code.

        Args:
            path: The file.

        Raises:
            NotFittedError: There was no fit.
            OSError: The file cannot be written; nothing half-written stays.

        Examples:
            >>> import pathlib, tempfile
            >>> import winback as wb
            >>> log = wb.simulate(customers=300).event_log()
            >>> path = pathlib.Path(tempfile.mkdtemp()) / "rfm.winback"
            >>> wb.RfmSegments().fit(log, at="2024-07-01").save(path)
            >>> path.stat().st_size > 0
            True
        """
        self._fitted().save(path)

    @classmethod
    def load(cls: type[_Segments], path: str | os.PathLike[str]) -> _Segments:
        """Reads what :meth:`save` wrote; it gives the same scores.

        Args:
            path: The file.

        Returns:
            The fitted object.

        Raises:
            ValueError: The file is damaged, of another version, or another kind of file.
            FileNotFoundError: There is no such file; other kinds of ``OSError`` likewise.

        Examples:
            >>> import pathlib, tempfile
            >>> import winback as wb
            >>> log = wb.simulate(customers=300).event_log()
            >>> path = pathlib.Path(tempfile.mkdtemp()) / "rfm.winback"
            >>> segments = wb.RfmSegments().fit(log, at="2024-07-01")
            >>> segments.save(path)
            >>> wb.RfmSegments.load(path).cuts_ == segments.cuts_
            True
        """
        fitted = _core.RfmSegments.load(path)
        parameters, preset = fitted.parameters()
        rules = parameters.pop("segments")
        parameters["segments"] = preset or rules["rules"]
        parameters["other"] = None if preset else rules["other"]
        loaded = cls(**parameters)
        loaded._model = fitted
        return loaded

    def __getstate__(self) -> dict[str, Any]:
        state = vars(self).copy()
        if self._model is not None:
            state["_model"] = self._model.to_bytes()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        if "_model" in state:
            self._model = _core.RfmSegments.from_bytes(state["_model"])

    def __repr__(self) -> str:
        changed = [
            f"{name}={value!r}"
            for name, value in self.get_params().items()
            if repr(value) != repr(_PARAMETERS[name].default)
        ]
        text = f"RfmSegments({', '.join(changed)})"
        return text if self._model is None else f"{text}\n{self._model.describe()}"

    def _fitted(self) -> _core.RfmSegments:
        if self._model is None:
            raise NotFittedError("this RfmSegments is not fitted; call fit(log, at=...) first")
        return self._model


class RfmScores(Table):
    """Scores and segments of all customers at a cutoff, a row a customer.

    Attributes:
        summary: A row a segment: ``segment``, ``customers``, ``share``, ``revenue``,
            ``revenue_share``, ``mean_recency``, ``mean_frequency``, ``mean_monetary``; None where
            not defined.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=300).event_log()
        >>> scores = wb.RfmSegments().fit_transform(log, at="2025-01-01")
        >>> sum(scores.summary["customers"]) == len(scores)
        True
    """

    def __init__(self, scores: _core.RfmScores, log: EventLog) -> None:
        super().__init__(scores.table())
        self.summary = Table(scores.summary())
        self._scores = scores
        self._source = log

    def profile(self, segment: str, *, attributes: Sequence[str] = ()) -> GroupProfile:
        """What the customers of a segment have in common against all others.

        Args:
            segment: Its name.
            attributes: Attributes of the customers table to compare too.

        Returns:
            The differences, the largest first.

        Raises:
            ValueError: An unknown segment or attribute; a segment of nobody, or of everybody.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=500).event_log()
            >>> scores = wb.RfmSegments().fit_transform(log, at="2025-01-01")
            >>> scores.profile("champions").table["column"][0] in wb.catalogue()["name"]
            True
        """
        names = to_names("attributes", attributes)
        segment = to_str("segment", segment)
        return GroupProfile(*self._scores.profile(_log(self._source), segment, names))

    def __repr__(self) -> str:
        return f"{super().__repr__()}\n\n{self._scores.describe()}"

    def _repr_html_(self) -> str:
        return super()._repr_html_() + _html.report(self._scores.describe())


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
            _log(log),
            to_text("start", start),
            to_text("end", end),
            rules=self.to_json(),
            model=_model(model),
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


class LoyaltyGroups(Table):
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
        super().__init__(groups.table())
        self.summary = Table(groups.summary())
        self.rules = Table(groups.rules())
        self.notes = groups.notes()
        self._groups = groups
        self._source = log._log

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
        names = to_names("attributes", attributes)
        return GroupProfile(*self._groups.profile(self._source, to_str("group", group), names))

    def __repr__(self) -> str:
        return f"{super().__repr__()}\n\n{self._groups.describe()}"

    def _repr_html_(self) -> str:
        return super()._repr_html_() + _html.report(self._groups.describe())


class GroupProfile:
    """What a group of customers has in common against all others, the largest differences first.

    Attributes:
        table: A row a feature, number or value of a text attribute: ``column``, ``level`` (None for
            numbers), ``unit``, ``group_customers`` and ``rest_customers`` (for whom it is defined),
            ``group_mean``, ``rest_mean`` (of a value: the shares), ``difference``,
            ``standardised_difference`` (in pooled standard deviations: Hedges' g) with its 95 %
            interval ``low``, ``high`` (Hedges and Olkin 1985); None where there is no spread. Each
            interval is for itself: of twenty columns that do not differ, one looks as if it did.
        words: The differences of at least 0.2 standard deviations whose interval leaves out zero,
            in words.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=300).event_log()
        >>> profile = log.loyalty(at="2025-01-01").profile("loyal")
        >>> len(profile.words) <= len(profile.table)
        True
    """

    def __init__(self, table: _core.Table, words: list[str], text: str) -> None:
        self.table = Table(table)
        self.words = words
        self._text = text

    def __repr__(self) -> str:
        return self._text

    def _repr_html_(self) -> str:
        return _html.report(repr(self))


class Concentration:
    """How much of the revenue few customers bring.

    A revenue below zero (more returned than bought) counts as zero.

    Attributes:
        top: A row a top group: ``top_share``, ``customers`` (rounded up), ``revenue``,
            ``revenue_share``, ``threshold`` (the least revenue of one of them),
            ``customers_at_threshold`` (who bring at least that much).
        lorenz: The Lorenz curve: ``customer_share`` (of those who bring least, 0, 0.01 ... 1),
            ``revenue_share``.
        vip: The customers of the smallest top group and all who bring as much as the last of them:
            ``customer_id``, ``rank``, ``revenue``, ``revenue_share``.
        gini: The Gini coefficient: 0 where all bring the same, towards 1 where one brings all.
        customers: Customers with a purchase before the cutoff.
        revenue: Their revenue.
        negative_customers: Customers of a revenue below zero.
        negative_revenue: What it sums to.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=300).event_log()
        >>> shares = log.concentration(at="2025-01-01")
        >>> shares.lorenz["revenue_share"][0], shares.lorenz["revenue_share"][-1]
        (0.0, 1.0)
        >>> 0 < shares.gini < 1
        True
    """

    def __init__(self, values: dict[str, Any]) -> None:
        self.top = Table(values["top"])
        self.lorenz = Table(values["lorenz"])
        self.vip = Table(values["vip"])
        self.gini: float = values["gini"]
        self.customers: int = values["customers"]
        self.revenue: float = values["revenue"]
        self.negative_customers: int = values["negative_customers"]
        self.negative_revenue: float = values["negative_revenue"]
        self._text: str = values["text"]

    def __repr__(self) -> str:
        return self._text

    def _repr_html_(self) -> str:
        return _html.report(repr(self))


def loyalty_of(
    log: BaseOverTime,
    at: Instant,
    rules: LoyaltyRules | Sequence[Mapping[str, Any]] | None,
    model: ChurnModel | None,
) -> LoyaltyGroups:
    """The loyalty groups of a log; :meth:`winback.EventLog.loyalty` documents it."""
    if rules is None or isinstance(rules, (str, Mapping, Sequence)):
        rules = LoyaltyRules(rules)
    groups = _core.loyalty(log._log, to_text("at", at), rules.to_json(), _model(model))
    return LoyaltyGroups(groups, log)


def _model(model: ChurnModel | None) -> _core.ChurnModel | None:
    if model is not None and not isinstance(model, ChurnModel):
        raise TypeError(f"model must be a winback.ChurnModel, not {type(model).__name__}")
    return None if model is None else model._fitted()


def _segments(segments: SegmentConfig) -> str:
    """A preset by its name, or rules as JSON."""
    if isinstance(segments, str):
        if segments.lstrip().startswith(("[", "{")):
            raise ValueError(f"segments = {segments!r} is not allowed: a preset, a list or a dict")
        return segments
    if isinstance(segments, Mapping):
        named = [{"name": name, "scores": list(scores)} for name, scores in segments.items()]
        return json.dumps(named)
    if not isinstance(segments, Sequence) or not all(isinstance(r, Mapping) for r in segments):
        raise TypeError(
            f"segments must be a str, a list of rules or a dict, not {type(segments).__name__}"
        )
    rules = [dict(rule) for rule in segments if isinstance(rule, Mapping)]
    return json.dumps(rules)


def _log(log: EventLog) -> _core.EventLog:
    if not isinstance(log, EventLog):
        raise TypeError(f"log must be a winback.EventLog, not {type(log).__name__}")
    return log._log


_PARAMETERS = {
    name: parameter
    for name, parameter in inspect.signature(RfmSegments.__init__).parameters.items()
    if name != "self"
}
