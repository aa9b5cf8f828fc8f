"""The long names that users of lifetimes know, as aliases; those of PyMC-Marketing are beside it.

They take and give what they do in lifetimes 0.11: arrays in its order, one figure a customer, times
in the model's unit. The names of this package take a snapshot or a table and give an answer.

=======================================================  ===========================================
lifetimes                                                winback
=======================================================  ===========================================
``conditional_probability_alive``                        ``p_alive``
``conditional_expected_number_of_purchases_up_to_time``  ``expected_purchases``
``predict``                                              ``expected_purchases``
``expected_number_of_purchases_up_to_time``              ``expected_purchases`` of a new customer
``probability_of_n_purchases_up_to_time``                none: so many purchases of a new customer
``conditional_probability_of_n_purchases_up_to_time``    none: so many purchases of a customer
``conditional_expected_average_profit``                  ``expected_check``
``customer_lifetime_value``                              ``lifetime_value``
=======================================================  ===========================================

=======================================================  ===========================================
PyMC-Marketing                                           winback
=======================================================  ===========================================
``expected_probability_alive``                           ``p_alive``
``expected_purchases``                                   ``expected_purchases``, other arguments
``expected_purchases_new_customer``                      ``expected_purchases`` of a new customer
``expected_probability_no_purchase``                     one less ``purchase_probability``
``expected_customer_spend``                              ``expected_check``
``expected_new_customer_spend``                          ``population_mean_``
``expected_customer_lifetime_value``                     ``lifetime_value``
=======================================================  ===========================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winback import _core
from winback._arguments import refusal, to_count, to_fitted, to_float, to_str
from winback.timing._customers import is_column, to_column, to_customers

if TYPE_CHECKING:
    from winback.timing._purchases import _PurchaseModel

_MONTHS = {"W": 4.345, "D": 30.0, "h": 30.0 * 24.0}
"""Units in a month, as lifetimes counts them."""


class LifetimesPurchases:
    """Aliases of what models of purchases say."""

    def conditional_probability_alive(
        self, frequency: Any, recency: Any, T: Any
    ) -> float | list[float]:
        """As :meth:`p_alive`, as lifetimes has it.

        Args:
            frequency: The number of purchases after the first, a number or a sequence.
            recency: The time from the first purchase to the last.
            T: The time from the first purchase to the end of observation.

        Returns:
            A number, or a list of them where the frequency is a sequence.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: A customer that cannot be.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> now = wb.simulate(customers=2_000).event_log().at("2024-07-01")
            >>> model = wb.timing.BetaGeo().fit(now)
            >>> model.conditional_probability_alive(0, 0, 200)
            1.0
        """
        model: Any = self
        found = model.p_alive(frequency=frequency, recency=recency, T=T)
        return _figures(frequency, found["p_alive"])

    def conditional_expected_number_of_purchases_up_to_time(
        self, t: float, frequency: Any, recency: Any, T: Any
    ) -> float | list[float]:
        """As :meth:`expected_purchases`, as lifetimes has it.

        Args:
            t: The time to come, in the model's unit.
            frequency: The number of purchases after the first, a number or a sequence.
            recency: The time from the first purchase to the last.
            T: The time from the first purchase to the end of observation.

        Returns:
            A number, or a list of them where the frequency is a sequence.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: A customer that cannot be; a time below 0.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> now = wb.simulate(customers=2_000).event_log().at("2024-07-01")
            >>> model = wb.timing.BetaGeo().fit(now)
            >>> found = model.conditional_expected_number_of_purchases_up_to_time(
            ...     90, [0, 3], [0, 100], [200, 120]
            ... )
            >>> found[0] < found[1]
            True
        """
        model: Any = self
        found = model.expected_purchases(within=t, frequency=frequency, recency=recency, T=T)
        return _figures(frequency, found["expected_purchases"])

    def predict(self, t: float, frequency: Any, recency: Any, T: Any) -> float | list[float]:
        """As :meth:`expected_purchases`: what lifetimes calls its main prediction.

        Args:
            t: The time to come, in the model's unit.
            frequency: The number of purchases after the first, a number or a sequence.
            recency: The time from the first purchase to the last.
            T: The time from the first purchase to the end of observation.

        Returns:
            A number, or a list of them where the frequency is a sequence.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: A customer that cannot be; a time below 0.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> now = wb.simulate(customers=2_000).event_log().at("2024-07-01")
            >>> model = wb.timing.BetaGeo().fit(now)
            >>> found = model.predict(90, 3, 100, 120)
            >>> found == model.conditional_expected_number_of_purchases_up_to_time(90, 3, 100, 120)
            True
        """
        return self.conditional_expected_number_of_purchases_up_to_time(t, frequency, recency, T)

    def expected_number_of_purchases_up_to_time(self, t: Any) -> float | list[float]:
        """The purchases that a new customer makes after the first, as lifetimes has it.

        Args:
            t: The time since the first purchase, in the model's unit; a number or a sequence.

        Returns:
            A number, or a list of them for a sequence.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: A time below 0.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> now = wb.simulate(customers=2_000).event_log().at("2024-07-01")
            >>> model = wb.timing.BetaGeo().fit(now)
            >>> found = model.expected_number_of_purchases_up_to_time([0, 30, 365])
            >>> found == sorted(found)
            True
        """
        model: Any = self
        of_new = model._fitted().expected_purchases_of_new
        return _figures(t, [of_new(time) for time in to_column("t", t)])


class LifetimesCounts:
    """Aliases of what lifetimes' beta-geometric models alone say."""

    def probability_of_n_purchases_up_to_time(self, t: float, n: int) -> float:
        """The chance that a new customer makes exactly n purchases after the first.

        Args:
            t: The time since the first purchase, in the model's unit.
            n: How many.

        Returns:
            The chance.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: A time or a number below 0.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> now = wb.simulate(customers=2_000).event_log().at("2024-07-01")
            >>> model = wb.timing.BetaGeo().fit(now)
            >>> chances = [model.probability_of_n_purchases_up_to_time(90, n) for n in range(99)]
            >>> abs(sum(chances) - 1) < 1e-6
            True
        """
        model: Any = self
        of_new = model._fitted().count_probability_of_new
        return float(of_new(to_float("t", t), to_count("n", n)))


class LifetimesConditionalCounts:
    """Aliases of what lifetimes' Pareto/NBD model alone says."""

    def conditional_probability_of_n_purchases_up_to_time(
        self, n: int, t: float, frequency: Any, recency: Any, T: Any
    ) -> float | list[float]:
        """The chance that a customer makes exactly n purchases within a time.

        Within no time there are none for certain; lifetimes gives 0 for any n there.

        Args:
            n: How many.
            t: The time to come, in the model's unit.
            frequency: The number of purchases after the first, a number or a sequence.
            recency: The time from the first purchase to the last.
            T: The time from the first purchase to the end of observation.

        Returns:
            A number, or a list of them where the frequency is a sequence.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: A customer that cannot be; a time or a number below 0.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> now = wb.simulate(customers=2_000).event_log().at("2024-07-01")
            >>> model = wb.timing.ParetoNBD().fit(now)
            >>> none = model.conditional_probability_of_n_purchases_up_to_time(0, 90, 3, 100, 120)
            >>> soon = model.purchase_probability(within=90, frequency=3, recency=100, T=120)
            >>> abs(none + soon["purchase_probability"][0] - 1) < 1e-12
            True
        """
        model: Any = self
        customers = model._customers(None, frequency, recency, T)
        of_each = model._fitted().count_probabilities
        return _figures(frequency, of_each(customers, to_float("t", t), to_count("n", n)))


class LifetimesChecks:
    """Aliases of what the model of checks says."""

    def conditional_expected_average_profit(
        self, frequency: Any, monetary_value: Any
    ) -> float | list[float]:
        """As :meth:`expected_check`, as lifetimes has it.

        Args:
            frequency: The number of purchases after the first, a number or a sequence.
            monetary_value: The mean of their checks, 0 without any.

        Returns:
            A number, or a list of them where the frequency is a sequence.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: A customer that cannot be.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> now = wb.simulate(customers=2_000).event_log().at("2024-07-01")
            >>> model = wb.timing.GammaGamma().fit(now)
            >>> model.conditional_expected_average_profit(0, 0) == model.population_mean_
            True
        """
        model: Any = self
        found = model.expected_check(frequency=frequency, monetary_value=monetary_value)
        return _figures(frequency, found["expected_check"])

    def customer_lifetime_value(
        self,
        transaction_prediction_model: _PurchaseModel,
        frequency: Any,
        recency: Any,
        T: Any,
        monetary_value: Any,
        time: float = 12,
        discount_rate: float = 0.01,
        freq: str = "D",
    ) -> float | list[float]:
        """As :meth:`ModifiedBetaGeo.lifetime_value`, as lifetimes has it.

        A month has 4.345 weeks or 30 days there, and 365.2425 / 12 days in
        :meth:`ModifiedBetaGeo.lifetime_value`.

        Args:
            transaction_prediction_model: The fitted model of purchases.
            frequency: The number of purchases after the first, a number or a sequence.
            recency: The time from the first purchase to the last.
            T: The time from the first purchase to the end of observation.
            monetary_value: The mean of the checks of the repeat purchases, 0 without any.
            time: The number of months.
            discount_rate: By how much a month lessens the value of money.
            freq: The unit of recency and T: ``"D"``, ``"W"`` or ``"h"``. It has to be that of the
                model; lifetimes takes another one without a word.

        Returns:
            A number, or a list of them where the frequency is a sequence.

        Raises:
            NotFittedError: A model was not fitted.
            ValueError: A customer that cannot be; another unit than the model's.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> now = wb.simulate(customers=2_000).event_log().at("2024-07-01")
            >>> model = wb.timing.BetaGeo().fit(now)
            >>> checks = wb.timing.GammaGamma().fit(now)
            >>> checks.customer_lifetime_value(model, 3, 100, 120, 40.0) > 0
            True
            >>> checks.customer_lifetime_value(model, 3, 100, 120, 40.0, freq="W")
            Traceback (most recent call last):
            ValueError: freq: expected the model's unit, D, got W
        """
        name = "transaction_prediction_model"
        model: Any = transaction_prediction_model
        month = month_of(name, model, "freq", freq)
        columns = {
            "frequency": frequency,
            "recency": recency,
            "T": T,
            "monetary_value": monetary_value,
        }
        customers = to_customers(None, model.time_unit, columns)
        horizon = to_float("time", time) * month
        found = model._lifetime_value(customers, self, horizon, month, discount_rate)
        return _figures(frequency, found["lifetime_value"])


def month_of(name: str, model: Any, of_unit: str, unit: str) -> float:
    """A month of lifetimes in a unit, which has to be that of the model of purchases."""
    to_fitted(name, model, _core.PurchaseModel, "a fitted model of purchases of winback.timing")
    if to_str(of_unit, unit) not in _MONTHS:
        raise refusal(ValueError, of_unit, "one of W, D, h", repr(unit))
    if unit != model.time_unit:
        raise refusal(ValueError, of_unit, f"the model's unit, {model.time_unit}", unit)
    return _MONTHS[unit]


def _figures(given: Any, found: list[float]) -> float | list[float]:
    """A number for a number, a list for a sequence."""
    return found if is_column(given) else found[0]
