"""Models of when customers buy: BG/NBD, MBG/NBD and Pareto/NBD."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeVar

from winback import _core
from winback._arguments import to_fitted, to_float, to_spans
from winback._inputs import keep
from winback._options import documented, to_options
from winback.answer import Answer
from winback.timing._customers import by_name, expect_unit, to_customers
from winback.timing._fitted import Fitted
from winback.timing._lifetimes import (
    LifetimesConditionalCounts,
    LifetimesCounts,
    LifetimesPurchases,
)
from winback.timing._pymc_marketing import PymcPurchases
from winback.timing._units import in_units

if TYPE_CHECKING:
    from collections.abc import Sequence

    from winback.timing._checks import GammaGamma
    from winback.timing._customers import Customers

_Model = TypeVar("_Model", bound="_PurchaseModel")

_MEAN_MONTH = 30.436875


class _PurchaseModel(LifetimesPurchases, PymcPurchases, Fitted):
    """What a model of purchases is fitted to, and what it says of customers."""

    _model: _core.PurchaseModel | None = None
    _core_type = _core.PurchaseModel

    time_unit: str

    @by_name
    def fit(
        self: _Model,
        data: Customers = None,
        *,
        frequency: Any = None,
        recency: Any = None,
        T: Any = None,
        log_gaps: Any = None,
    ) -> _Model:
        """Fits the parameters by maximum likelihood.

        Args:
            data: A snapshot, of which all customers with a purchase before the cutoff count, what
                one buys within a day being one purchase, and T running from the first of these
                days to the cutoff; or a table with the columns ``frequency``, ``recency`` and
                ``T``, as :func:`rfm_summary` makes it, and ``log_gaps`` if it is needed.
            frequency: In place of data: the number of purchases after the first, of each customer.
            recency: The time from the first purchase to the last, in the ``time_unit``.
            T: The time from the first purchase to the end of observation, in the ``time_unit``.
            log_gaps: The sum of the logarithms of the times between purchases; needed where the
                regularity is not 1.

        Returns:
            The model itself.

        Raises:
            ValueError: Nobody bought again; a customer that cannot be (the message names column
                and row); a summary by :func:`rfm_summary` in another unit than the ``time_unit``;
                an argument of the constructor out of range.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=5_000).event_log()
            >>> model = wb.timing.ModifiedBetaGeo().fit(log.at("2024-07-01"))
            >>> list(model.params_), model.converged_
            (['r', 'alpha', 'a', 'b'], True)
            >>> again = wb.timing.BetaGeo().fit(
            ...     frequency=[0, 0, 1, 2, 5], recency=[0, 0, 20, 3, 30], T=[35, 30, 35, 35, 35]
            ... )
            >>> wb.timing.BetaGeo().fit(frequency=[0, 1], recency=[0, 9], T=[5, 5])
            Traceback (most recent call last):
            ValueError: summary.recency, row 2: expected at most T, which is 5, got 9
        """
        columns = {"frequency": frequency, "recency": recency, "T": T, "log_gaps": log_gaps}
        expect_unit(data, self.time_unit)
        customers = to_customers(data, self.time_unit, columns)
        parameters = self.get_params()
        del parameters["time_unit"]
        self._model = _core.PurchaseModel.fit(self._kind, customers, to_options(**parameters))
        keep(self, data)
        return self

    @by_name
    def p_alive(
        self, data: Customers = None, *, frequency: Any = None, recency: Any = None, T: Any = None
    ) -> Answer:
        """The chance that each customer has not left.

        Do not rank by it: under the BG/NBD model all who have bought once have 1, whatever the
        silence, and a customer may be there and hardly ever buy. Rank by
        :meth:`purchase_probability`.

        Args:
            data: A snapshot or a table, as for :meth:`fit`.
            frequency: In place of data; as for :meth:`fit`, a number or a sequence.
            recency: As for :meth:`fit`.
            T: As for :meth:`fit`.

        Returns:
            A row a customer: ``customer_id``, where there are ids, and ``p_alive``.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: A customer that cannot be.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> now = wb.simulate(customers=2_000).event_log().at("2024-07-01")
            >>> chances = wb.timing.ModifiedBetaGeo().fit(now).p_alive(now)
            >>> chances.column_names
            ['customer_id', 'p_alive']
            >>> 0 <= min(chances["p_alive"]) <= max(chances["p_alive"]) <= 1
            True
        """
        customers = self._customers(data, frequency, recency, T)
        return Answer(self._fitted().p_alive(customers), self, data)

    @by_name
    def purchase_probability(
        self,
        data: Customers = None,
        *,
        within: str | float,
        frequency: Any = None,
        recency: Any = None,
        T: Any = None,
    ) -> Answer:
        """The chance that each customer buys within a time.

        Args:
            data: A snapshot or a table, as for :meth:`fit`.
            within: A span such as ``"90d"`` or ``"3mo"``, or a number in the ``time_unit``. Months
                are calendar ones from the cutoff of a snapshot, else 365.2425 / 12 days.
            frequency: In place of data; as for :meth:`fit`, a number or a sequence.
            recency: As for :meth:`fit`.
            T: As for :meth:`fit`.

        Returns:
            A row a customer: ``customer_id``, where there are ids, and ``purchase_probability``.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: A customer that cannot be; a span that cannot be read; a time below 0.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> now = wb.simulate(customers=2_000).event_log().at("2024-07-01")
            >>> model = wb.timing.ModifiedBetaGeo().fit(now)
            >>> soon = model.purchase_probability(now, within="30d")["purchase_probability"]
            >>> late = model.purchase_probability(now, within="3mo")["purchase_probability"]
            >>> all(a <= b for a, b in zip(soon, late))
            True
        """
        customers = self._customers(data, frequency, recency, T)
        return Answer(
            self._fitted().purchase_probability(customers, _length(customers, "within", within)),
            self,
            data,
        )

    @by_name
    def expected_purchases(
        self,
        data: Customers = None,
        *,
        within: str | float,
        frequency: Any = None,
        recency: Any = None,
        T: Any = None,
    ) -> Answer:
        """The number of purchases that each customer is expected to make within a time.

        Args:
            data: A snapshot or a table, as for :meth:`fit`.
            within: As for :meth:`purchase_probability`.
            frequency: In place of data; as for :meth:`fit`, a number or a sequence.
            recency: As for :meth:`fit`.
            T: As for :meth:`fit`.

        Returns:
            A row a customer: ``customer_id``, where there are ids, and ``expected_purchases``.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: As :meth:`purchase_probability`.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> now = wb.simulate(customers=2_000).event_log().at("2024-07-01")
            >>> model = wb.timing.ModifiedBetaGeo(time_unit="W").fit(now)
            >>> both = [model.expected_purchases(now, within=within) for within in ("91d", 13)]
            >>> both[0]["expected_purchases"] == both[1]["expected_purchases"]
            True
        """
        customers = self._customers(data, frequency, recency, T)
        return Answer(
            self._fitted().expected_purchases(customers, _length(customers, "within", within)),
            self,
            data,
        )

    @by_name
    def next_purchase(
        self, data: Customers = None, *, frequency: Any = None, recency: Any = None, T: Any = None
    ) -> Answer:
        """When each customer buys next.

        Args:
            data: A snapshot or a table, as for :meth:`fit`.
            frequency: In place of data; as for :meth:`fit`, a number or a sequence.
            recency: As for :meth:`fit`.
            T: As for :meth:`fit`.

        Returns:
            A row a customer: ``customer_id``, where there are ids; ``p_ever``, the chance that
            there is a next purchase at all; ``wait``, the median time to it, and ``wait_low`` and
            ``wait_high``, between which it lies with a chance of 80 %, given that there is one, in
            the ``time_unit``. Of a snapshot also the instants that these times lead to from the
            cutoff: ``next_purchase``, ``next_purchase_low``, ``next_purchase_high``. Where the
            chance is below one half, there are no times: None. A date beyond the year 2262 is None
            too, and a note counts those.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: A customer that cannot be.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> now = wb.simulate(customers=2_000).event_log().at("2024-07-01")
            >>> found = wb.timing.ModifiedBetaGeo().fit(now).next_purchase(now)
            >>> found.column_names[:5]
            ['customer_id', 'p_ever', 'wait', 'wait_low', 'wait_high']
            >>> found.column_names[5:]
            ['next_purchase', 'next_purchase_low', 'next_purchase_high']
            >>> all((p >= 0.5) == (at is not None)
            ...     for p, at in zip(found["p_ever"], found["next_purchase"]))
            True
        """
        customers = self._customers(data, frequency, recency, T)
        return Answer(self._fitted().next_purchase(customers), self, data)

    @documented("LeavesOptions")
    @by_name
    def leaves(
        self,
        data: Customers = None,
        *,
        after: Sequence[str] = ("1mo", "3mo", "6mo"),
        certainty: float = 0.9,
        frequency: Any = None,
        recency: Any = None,
        T: Any = None,
    ) -> Answer:
        """When each customer leaves: the chance to be one still, and the silence that tells.

        Args:
            data: A snapshot or a table, as for :meth:`fit`.
            frequency: In place of data; as for :meth:`fit`, a number or a sequence.
            recency: As for :meth:`fit`.
            T: As for :meth:`fit`.

        Returns:
            A row a customer: ``customer_id``, where there are ids; ``p_alive``, the chance to be a
            customer now; ``p_alive_1mo`` and so on, to be one still after the spans, whatever
            happens until then; ``alarm``, the time from now, in the ``time_unit``, after which
            silence means that the customer has left with the ``certainty``, negative where it has
            passed. Of a snapshot also ``alarm_date``, the same as an instant. None where no
            silence is long enough, as under the BG/NBD model for those who have bought once, and
            for all where the fit found no sign that customers leave, or too little to tell. A date
            beyond the year 2262 is None too. Notes tell of it.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: A customer that cannot be; an argument out of range.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> now = wb.simulate(customers=2_000).event_log().at("2024-07-01")
            >>> found = wb.timing.ModifiedBetaGeo().fit(now).leaves(now, after=["3mo"])
            >>> found.column_names
            ['customer_id', 'p_alive', 'p_alive_3mo', 'alarm', 'alarm_date']
            >>> all(late <= now for late, now in zip(found["p_alive_3mo"], found["p_alive"]))
            True
        """
        customers = self._customers(data, frequency, recency, T)
        chosen = to_options(after=to_spans("after", after), certainty=certainty)
        return Answer(self._fitted().leaves(customers, chosen), self, data)

    @by_name
    def lifetime_value(
        self,
        data: Customers = None,
        *,
        checks: GammaGamma,
        horizon: str | float = "12mo",
        discount_rate: float = 0.0,
        margin: float = 1.0,
        frequency: Any = None,
        recency: Any = None,
        T: Any = None,
        monetary_value: Any = None,
    ) -> Answer:
        """What each customer is expected to spend within a time, discounted.

        Expected purchases times the expected check. What is bought within a month (365.2425 / 12
        days) counts as paid at its end.

        The interval holds what is uncertain because the parameters are estimates: it is that of the
        expectation, not of what a customer will spend, which varies much more. By the delta method:
        with g the slopes of ln V in the logarithms of the parameters of both models, which are
        independent of each other, and S their covariance, it is V exp(-1.96 s) to V exp(1.96 s),
        s^2 = g' S g.

        Args:
            data: A snapshot or a table, as for :meth:`fit`, with ``monetary_value``.
            checks: The fitted model of the size of checks.
            horizon: A span such as ``"12mo"``, or a number in the ``time_unit``.
            discount_rate: By how much a month lessens the value of money: 0.01 for 1 % a month.
            margin: The share of a check that is kept, from -1000 to 1000.
            frequency: In place of data; as for :meth:`fit`, a number or a sequence.
            recency: As for :meth:`fit`.
            T: As for :meth:`fit`.
            monetary_value: The mean check of the repeat purchases, 0 without any; not below 0.

        Returns:
            A row a customer: ``customer_id``, where there are ids, ``lifetime_value`` and its 95 %
            interval, ``lifetime_value_low`` and ``lifetime_value_high``, None where a parameter has
            no standard error. Figures: the same of the sum over all customers.

        Raises:
            NotFittedError: The model or that of checks was not fitted.
            ValueError: A customer that cannot be; no amounts; an argument out of range.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> now = wb.simulate(customers=2_000, seed=42).event_log().at("2024-07-01")
            >>> model = wb.timing.ModifiedBetaGeo().fit(now)
            >>> checks = wb.timing.GammaGamma().fit(now)
            >>> values = model.lifetime_value(now, checks=checks, discount_rate=0.01)
            >>> values.column_names[1:]
            ['lifetime_value', 'lifetime_value_low', 'lifetime_value_high']
            >>> total = values.figures
            >>> total["lifetime_value_low"] < total["lifetime_value"] < total["lifetime_value_high"]
            True
        """
        month = in_units(_MEAN_MONTH, self.time_unit)
        customers = self._customers(data, frequency, recency, T, monetary_value)
        return self._lifetime_value(customers, checks, horizon, month, discount_rate, margin, data)

    def _lifetime_value(
        self,
        customers: _core.BuyerTable,
        checks: GammaGamma,
        horizon: str | float,
        step: float,
        discount_rate: float,
        margin: float = 1.0,
        data: Customers = None,
    ) -> Answer:
        expected = "a fitted winback.timing.GammaGamma"
        of_checks = to_fitted("checks", checks, _core.GammaGamma, expected)
        options = {
            "horizon": _length(customers, "horizon", horizon),
            "step": step,
            "discount_rate": to_float("discount_rate", discount_rate),
            "margin": to_float("margin", margin),
        }
        found = of_checks.lifetime_value(self._fitted(), customers, options)
        return Answer(found, self, checks, data)

    def _customers(
        self, data: Any, frequency: Any, recency: Any, T: Any, monetary_value: Any = None
    ) -> _core.BuyerTable:
        self._fitted()
        expect_unit(data, self.time_unit)
        columns = {
            "frequency": frequency,
            "recency": recency,
            "T": T,
            "monetary_value": monetary_value,
        }
        return to_customers(data, self.time_unit, columns)

    @property
    def _kind(self) -> str:
        """Which of the core's models it is, also of a class derived from one of these."""
        kinds = ("BetaGeo", "ModifiedBetaGeo", "ParetoNBD")
        return next(of.__name__ for of in type(self).__mro__ if of.__name__ in kinds)


def _length(customers: _core.BuyerTable, name: str, length: str | float) -> float:
    """A span, or a number of units, in units."""
    return customers.length(name, length) if isinstance(length, str) else to_float(name, length)


@documented("BetaGeo")
class BetaGeo(LifetimesCounts, _PurchaseModel):
    """The BG/NBD model: who is a customer still, and how often they buy.

    Fader, Hardie and Lee (2005), "Counting your customers the easy way". While they are customers,
    they buy at random with a rate of their own, which over the customers has a gamma distribution
    with the parameters r and alpha. After each repeat purchase they leave with a chance of their
    own, which has a beta distribution with a and b. Who has bought but once cannot have left:
    :class:`ModifiedBetaGeo` is the better start.

    Args:
        time_unit: What times are measured in: D (days), W (weeks), h, s, ms or us. Recency and T
            of tables and arrays are in it; those of snapshots are converted.

    Examples:
        >>> import winback as wb
        >>> now = wb.simulate(customers=2_000).event_log().at("2024-07-01")
        >>> model = wb.timing.BetaGeo().fit(now)
        >>> model.summary.column_names
        ['parameter', 'value', 'value_low', 'value_high', 'standard_error']
    """

    def __init__(
        self,
        regularity: int | Literal["best"] = 1,
        *,
        penalty: float = 0.0,
        time_unit: str = "D",
    ) -> None:
        self.regularity = regularity
        self.penalty = penalty
        self.time_unit = time_unit

    @property
    def regularity_(self) -> int:
        """How many steps at random make a purchase; the best number where it was sought."""
        return int(self._fitted().regularity)


@documented("ModifiedBetaGeo")
class ModifiedBetaGeo(BetaGeo):
    """The modified BG/NBD model (MBG/NBD): who is a customer still, and how often they buy.

    Batislam, Denizel and Filiztekin (2007). As :class:`BetaGeo`, but customers may leave after the
    first purchase too, so that those who have bought once get a sensible chance. The model to start
    with. With a regularity above 1 it is the MBG/CNBD-k model of Reutterer, Platzer and Schröder
    (2021).

    Args:
        time_unit: What times are measured in: D (days), W (weeks), h, s, ms or us. Recency and T
            of tables and arrays are in it; those of snapshots are converted.

    Examples:
        >>> import winback as wb
        >>> now = wb.simulate(customers=2_000).event_log().at("2024-07-01")
        >>> model = wb.timing.ModifiedBetaGeo("best").fit(now)
        >>> 1 <= model.regularity_ <= 6
        True
        >>> wb.timing.ModifiedBetaGeo(0).fit(now)
        Traceback (most recent call last):
        ValueError: regularity: expected a whole number from 1 to 20, or best, got "0"
    """


@documented("ParetoNBD")
class ParetoNBD(LifetimesConditionalCounts, _PurchaseModel):
    """The Pareto/NBD model: who is a customer still, and how often they buy.

    Schmittlein, Morrison and Colombo (1987), "Counting your customers". While they are customers,
    they buy at random with a rate of their own, which over the customers has a gamma distribution
    with the parameters r and alpha. They leave at any time, with a rate of their own that has a
    gamma distribution with s and beta.

    Args:
        time_unit: What times are measured in: D (days), W (weeks), h, s, ms or us. Recency and T
            of tables and arrays are in it; those of snapshots are converted.

    Examples:
        >>> import winback as wb
        >>> now = wb.simulate(customers=2_000).event_log().at("2024-07-01")
        >>> model = wb.timing.ParetoNBD().fit(now)
        >>> list(model.params_)
        ['r', 'alpha', 's', 'beta']
    """

    def __init__(self, *, penalty: float = 0.0, time_unit: str = "D") -> None:
        self.penalty = penalty
        self.time_unit = time_unit
