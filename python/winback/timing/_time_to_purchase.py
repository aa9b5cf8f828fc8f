"""The time to the next purchase, by all features: a hazard model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from winback import _core
from winback._arguments import (
    Path,
    of_type,
    refusal,
    to_binary,
    to_bool,
    to_count,
    to_dict,
    to_names,
    to_path,
    to_spans,
    to_str,
)
from winback._inputs import keep, to_output
from winback._options import documented
from winback._parameters import NotFittedError, Parameters
from winback._parts import core_logs, to_sample, warn_of_share
from winback._progress import Progress, teller
from winback._reasons import Language, to_customer_ids, to_reasons
from winback._time import Instant, to_text
from winback.answer import Answer
from winback.customer_history import CustomerHistory
from winback.event_log import EventLog
from winback.partitioned_log import PartitionedLog
from winback.snapshot import core_snapshot

if TYPE_CHECKING:
    from winback.snapshot import Snapshot

_Model = TypeVar("_Model", bound="TimeToPurchase")

_WITHIN = ("30d", "90d", "180d")


@documented("LifecycleLimits")
class TimeToPurchase(Parameters):
    """When customers buy next, by all features: the chance within any number of days.

    A discrete-time hazard model. The time after a cutoff is cut into periods, of a week at first
    and longer ones later on. For each, models as those of a :class:`winback.ChurnModel` tell the
    chance of a purchase in it, given that there was none before: from the features at the cutoff
    and from what changes as the silence goes on, which are its length, the chances by all
    customers' purchases and silences, and the season. The chance of no purchase up to a day is the
    product of these, so that it never rises, and one fit gives the chances within all horizons.

    The class follows scikit-learn's conventions, as :class:`winback.ChurnModel` does.

    Args:
        estimator: As of :class:`winback.ChurnModel`.
        max_horizon: The longest time to tell, at most four years. The outcomes of training may
            reach less far: see ``max_horizon_``.
        attributes: Columns of the customers table that enter the model. Their last-known values
            may tell the outcome, so that none is taken by itself.
        params: Parameters of the estimator, as of :class:`winback.ChurnModel`.
        monotone: As of :class:`winback.ChurnModel`.
        most_kinds: As of :class:`winback.ChurnModel`.
        min_level: As of :class:`winback.ChurnModel`.
        progress: As of :class:`winback.ChurnModel`.

    Attributes:
        training_: From what it was trained: ``until``, the ``cutoffs``, the number of
            ``customers`` at the latest, the ``share`` of all that they were drawn from (1: all),
            and the numbers of periods with a purchase (``purchases``) and without
            (``periods_without``), and of the ``rows`` of these that it learned from.
        periods_: The days after which the periods end.
        max_horizon_: The end of the last, in days. In each period at least 30 customers bought
            after the training cutoffs, and at least 30 did not.
        columns_: Names of the columns it reads: those of a churn model, then those of a period.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=1000).event_log()
        >>> model = wb.timing.TimeToPurchase(max_horizon="6mo").fit(log, until="2024-07-01")
        >>> times = model.score(log.at("2024-07-01"), within=("1d", "30d", "90d"))
        >>> chances = [times[f"purchase_probability_{within}"] for within in ("1d", "30d", "90d")]
        >>> all(day <= month <= quarter for day, month, quarter in zip(*chances))
        True
        >>> model.max_horizon_
        238.0
    """

    _model: _core.TimeToPurchase | None = None
    _core_type = _core.TimeToPurchase

    def __init__(
        self,
        estimator: Literal["average", "logistic", "tree", "boosting"] = "average",
        *,
        max_horizon: str = "12mo",
        lapsed_after: str = "3mo",
        lost_after: str = "6mo",
        attributes: Sequence[str] = (),
        params: Mapping[str, Any] | Literal["lightgbm"] | None = None,
        monotone: bool = True,
        most_kinds: int = 12,
        min_level: int = 5,
        progress: bool | Progress | None = None,
    ) -> None:
        self.estimator = estimator
        self.max_horizon = max_horizon
        self.lapsed_after = lapsed_after
        self.lost_after = lost_after
        self.attributes = attributes
        self.params = params
        self.monotone = monotone
        self.most_kinds = most_kinds
        self.min_level = min_level
        self.progress = progress

    @documented("SampleOptions")
    def fit(
        self: _Model,
        log: EventLog | PartitionedLog,
        *,
        until: Instant,
        cutoffs: int = 24,
        stride: str = "30d",
        share: float | None = None,
        salt: str = "winback",
    ) -> _Model:
        """Trains on what was known before ``until``.

        Args:
            log: The event log, or one in parts: of that, a share of the customers is taken into
                memory. With a share of 1 the model is the one of an event log, to the bit.
            until: Nothing at or after it is used; the latest training cutoff is a week earlier.
            cutoffs: Most cutoffs to learn from. Those at or before the first transaction are left
                out. Where they cover one and a half years, the model learns the seasons too.
            stride: Spacing of the cutoffs.

        Returns:
            The model itself. It warns (``UserWarning``) where the memory was not enough for all
            customers.

        Raises:
            ValueError: An argument, or one of the constructor's, that is not allowed; ``until``
                after the log's ``observed_until``; no cutoff inside the log; in the week after the
                cutoffs, or among active or silent customers, fewer than 30 who bought or did not;
                a share for which the log's ``memory`` is not enough, or of an event log.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.timing.TimeToPurchase().fit(log, until="2024-10-01", cutoffs=3)
            >>> [f"{cutoff:%Y-%m-%d}" for cutoff in model.training_["cutoffs"]]
            ['2024-07-26', '2024-08-25', '2024-09-24']
            >>> model.periods_[:5]
            [7.0, 14.0, 21.0, 28.0, 42.0]
        """
        options = self.get_params()
        params = options.pop("params")
        del options["progress"]
        options |= {"cutoffs": cutoffs, "stride": stride}
        options["attributes"] = to_names("attributes", self.attributes)
        options["most_kinds"] = to_count("most_kinds", self.most_kinds)
        options["min_level"] = to_count("min_level", self.min_level)
        options["monotone"] = to_bool("monotone", self.monotone)
        params = params if isinstance(params, str) else to_dict("params", params)
        end, progress = to_text("until", until), teller(self.progress)
        of, options = core_logs(log), options | to_sample(log, share, salt)
        self._model = _core.TimeToPurchase.fit(of, options, params, end, progress)
        warn_of_share(log, share, self._model.training())
        keep(self, log)
        return self

    @documented("PurchaseTimesOptions")
    def score(self, now: Snapshot, *, within: Sequence[str] = _WITHIN) -> Answer:
        """When every customer with a purchase before the cutoff buys next.

        Args:
            now: The log at a cutoff; it has the columns of the one that the model was trained on.

        Returns:
            One row a customer, by ascending id: ``customer_id``, ``state`` (active, lapsed, lost),
            ``days_since_last_purchase``, of each span of ``within`` a column such as
            ``purchase_probability_30d`` (of 1y: ``_12mo``); ``next_purchase``, up to which the
            chance of a purchase is one half, and the ends of the interval that holds 80 %,
            ``next_purchase_low`` and ``next_purchase_high``, up to which it is 10 and 90 %. None
            where the chance is less within ``max_horizon_``. The table ``survival`` has a row a
            customer and period: the ``days`` at its end, and ``survival``, the chance that nothing
            is bought up to there.
            Figures: ``at``, ``trained_until``, ``max_horizon_days``, ``customers`` (of the log),
            and of them ``scored``, ``without_purchase`` (before the cutoff) and ``unusable``
            (values beyond numbers).

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: A log with other columns or rules; a span that cannot be read.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.timing.TimeToPurchase().fit(log, until="2024-10-01", cutoffs=6)
            >>> times = model.score(log.at("2025-01-01"))
            >>> times.column_names[3:]
            ['purchase_probability_30d', 'purchase_probability_90d', 'purchase_probability_180d',
            'next_purchase', 'next_purchase_low', 'next_purchase_high']
            >>> times.tables["survival"].column_names
            ['customer_id', 'days', 'survival']
        """
        fitted = self._fitted().telling(teller(self.progress))
        return Answer(
            fitted.score(core_snapshot(now), {"within": to_spans("within", within)}), now, self
        )

    @documented("ExplainOptions", reasons="count")
    def explain(
        self,
        now: Snapshot,
        *,
        within: str = "90d",
        customer_id: int | str | Sequence[int | str] | None = None,
        reasons: int = 3,
        min_contribution: float = 0.05,
        language: Language = "en",
        currency: str = "",
    ) -> Answer:
        """What moves each customer's chance of a purchase within a time, in log-odds and in words.

        What is explained is the mean of the log-odds of a purchase in each period up to then, given
        that there was none before, weighted by its days. What changes as the silence goes on
        counts with the column that tells it as of the cutoff. Customers are compared with those of
        their state at the training cutoffs.

        Args:
            now: The log at a cutoff; it has the columns of the one that the model was trained on.
            within: The time that is explained, at most ``max_horizon_`` days.
            customer_id: One customer or several; all with a purchase before the cutoff by default.
            reasons: At most so many that raise each customer's chance, and as many that lower it;
                0 for none.

        Returns:
            The tables of :meth:`winback.ChurnModel.explain`. Of every customer ``base`` plus the
            sum of the contributions is ``log_odds``; ``purchase_probability`` is the chance of a
            purchase within the time. Figures: ``within``, and those of there.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: As :meth:`score`; a time beyond ``max_horizon_``; a customer that the log
                does not have.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.timing.TimeToPurchase().fit(log, until="2024-10-01", cutoffs=6)
            >>> why = model.explain(log.at("2025-01-01"), within="30d", customer_id=17)
            >>> set(why["direction"]) <= {"up", "down"}
            True
            >>> list(why.tables)
            ['reasons', 'contributions', 'groups', 'importance', 'main_reasons']
        """
        ids, asked = to_customer_ids(customer_id), to_str("within", within)
        chosen = to_reasons(reasons, min_contribution, language, currency)
        fitted = self._fitted().telling(teller(self.progress))
        found = Answer(fitted.explain(core_snapshot(now), asked, ids, chosen), now, self)
        # So that a plot can say of which chance the log-odds are a mean.
        found.figures |= {"within": asked}
        return found

    def customer_history(self) -> CustomerHistory:
        """An empty history to which a service adds one customer's events.

        One of a churn model that was trained on the same log does as well.

        Returns:
            The history.

        Raises:
            NotFittedError: The model was not fitted.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.timing.TimeToPurchase().fit(log, until="2024-10-01", cutoffs=6)
            >>> customer = model.customer_history()
            >>> customer.push_transaction("2024-12-24", amount=20.0)
            >>> model.score_customer(customer, at="2025-01-01")["days_since_last_purchase"]
            8.0
        """
        return CustomerHistory(_core.CustomerHistory(self._fitted()))

    def score_customer(
        self, customer: CustomerHistory, *, at: Instant, within: Sequence[str] = _WITHIN
    ) -> dict[str, Any] | None:
        """When one customer buys next, the same to the bit as in a batch.

        Args:
            customer: The customer's events, from :meth:`customer_history`.
            at: The cutoff.
            within: As of :meth:`score`.

        Returns:
            The columns of :meth:`score` but ``customer_id``, by name; None without a purchase
            before the cutoff.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: A cutoff that is no time; a span that cannot be read.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.timing.TimeToPurchase().fit(log, until="2024-10-01", cutoffs=6)
            >>> customer = model.customer_history()
            >>> customer.push_transaction("2024-11-05", amount=35.0)
            >>> time = model.score_customer(customer, at="2025-01-01", within=["7d", "30d"])
            >>> 0 < time["purchase_probability_7d"] < time["purchase_probability_30d"] < 1
            True
        """
        if not isinstance(customer, CustomerHistory):
            raise refusal(TypeError, "customer", "a winback.CustomerHistory", of_type(customer))
        options = {"within": to_spans("within", within)}
        return customer._history.purchase_time(self._fitted(), to_text("at", at), options)

    @documented("ReasonOptions", reasons="count")
    def explain_customer(
        self,
        customer: CustomerHistory,
        *,
        at: Instant,
        within: str = "90d",
        reasons: int = 3,
        min_contribution: float = 0.05,
        language: Language = "en",
        currency: str = "",
    ) -> dict[str, Any] | None:
        """What moves one customer's chance of a purchase, the same to the bit as in a batch.

        Args:
            customer: The customer's events, from :meth:`customer_history`.
            at: The cutoff.
            within: As of :meth:`explain`.
            reasons: As of :meth:`explain`.

        Returns:
            ``score`` (with ``purchase_probability``), ``base``, ``contributions`` (of the first of
            ``columns_``, those that are known at the cutoff) and ``reasons``, those ``up`` and
            those ``down``, each with the columns of the table ``reasons`` (the sentence is
            ``text``); None without a purchase before the cutoff.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: A cutoff that is no time; a time beyond ``max_horizon_``.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.timing.TimeToPurchase().fit(log, until="2024-10-01", cutoffs=6)
            >>> customer = model.customer_history()
            >>> customer.push_transaction("2024-11-05", amount=35.0)
            >>> why = model.explain_customer(customer, at="2025-01-01", within="30d")
            >>> sorted(why["reasons"])
            ['down', 'up']
        """
        if not isinstance(customer, CustomerHistory):
            raise refusal(TypeError, "customer", "a winback.CustomerHistory", of_type(customer))
        fitted, when, asked = self._fitted(), to_text("at", at), to_str("within", within)
        chosen = to_reasons(reasons, min_contribution, language, currency)
        return customer._history.purchase_reasons(fitted, when, asked, chosen)

    @property
    def training_(self) -> dict[str, Any]:
        """From what it was trained."""
        return self._fitted().training()

    @property
    def periods_(self) -> list[float]:
        """The days after which the periods end."""
        return self._fitted().ends()

    @property
    def max_horizon_(self) -> float:
        """The longest time that it tells, in days."""
        return self._fitted().ends()[-1]

    @property
    def columns_(self) -> list[str]:
        """Names of the columns it reads."""
        return self._fitted().columns()

    def save(self, path: Path) -> None:
        """Writes the fitted model to a file, which holds data and no code.

        Args:
            path: The file.

        Raises:
            NotFittedError: The model was not fitted.
            OSError: The file cannot be written; nothing half-written stays.

        Examples:
            >>> import pathlib, tempfile
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.timing.TimeToPurchase().fit(log, until="2024-10-01", cutoffs=6)
            >>> path = pathlib.Path(tempfile.mkdtemp()) / "times.winback"
            >>> model.save(path)
            >>> path.stat().st_size > 0
            True
        """
        self._fitted().save(to_output(path, self))

    def to_bytes(self) -> bytes:
        """The fitted model as bytes, those of the file that :meth:`save` writes.

        Returns:
            The bytes.

        Raises:
            NotFittedError: The model was not fitted.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.timing.TimeToPurchase().fit(log, until="2024-10-01", cutoffs=6)
            >>> again = wb.timing.TimeToPurchase.from_bytes(model.to_bytes())
            >>> again.to_bytes() == model.to_bytes()
            True
        """
        return self._fitted().to_bytes()

    @classmethod
    def load(cls: type[_Model], path: Path) -> _Model:
        """Reads a model that :meth:`save` wrote; it scores equally, to the bit.

        Args:
            path: The file.

        Returns:
            The fitted model.

        Raises:
            ValueError: The file is damaged, of another version, or no such model.
            FileNotFoundError: There is no such file; other kinds of ``OSError`` likewise.

        Examples:
            >>> import pathlib, tempfile
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.timing.TimeToPurchase().fit(log, until="2024-10-01", cutoffs=6)
            >>> path = pathlib.Path(tempfile.mkdtemp()) / "times.winback"
            >>> model.save(path)
            >>> wb.timing.TimeToPurchase.load(path).periods_ == model.periods_
            True
        """
        return cls._of(_core.TimeToPurchase.load(to_path("path", path)))

    @classmethod
    def from_bytes(cls: type[_Model], data: bytes) -> _Model:
        """The model that :meth:`to_bytes` gave as bytes; it scores equally, to the bit.

        Args:
            data: The bytes, or those of a saved file.

        Returns:
            The fitted model.

        Raises:
            ValueError: The bytes are damaged, of another version, or no such model.

        Examples:
            >>> import winback as wb
            >>> wb.timing.TimeToPurchase.from_bytes(b"")
            Traceback (most recent call last):
            ValueError: model file: ...
        """
        return cls._of(_core.TimeToPurchase.from_bytes(to_binary("data", data)))

    @classmethod
    def _of(cls: type[_Model], fitted: _core.TimeToPurchase) -> _Model:
        """The model with the parameters of what was fitted."""
        parameters = fitted.parameters()
        # As the defaults say it: no parameters rather than an empty dict.
        parameters["params"] = parameters["params"] or None
        parameters["attributes"] = tuple(parameters["attributes"])
        model = cls(**parameters)
        model._model = fitted
        return model

    def _fitted(self) -> _core.TimeToPurchase:
        if self._model is None:
            name = type(self).__name__
            raise NotFittedError(f"this {name} is not fitted; call fit(log, until=...) first")
        return self._model
