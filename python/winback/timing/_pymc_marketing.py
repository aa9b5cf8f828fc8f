"""The long names that users of PyMC-Marketing know, as aliases; the table is in ``_lifetimes``.

They take a table with the columns that PyMC-Marketing's have, or a snapshot, and give a figure a
customer where PyMC-Marketing gives draws of it. Its ``expected_purchases(data, future_t=)`` is not
among them, for that name is winback's own: ``expected_purchases(data, within=)``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winback._arguments import to_float
from winback.timing._lifetimes import month_of

if TYPE_CHECKING:
    from winback.timing._customers import Customers
    from winback.timing._purchases import _PurchaseModel


class PymcPurchases:
    """Aliases of what models of purchases say."""

    def expected_probability_alive(self, data: Customers) -> list[float]:
        """As :meth:`p_alive`, by the name of PyMC-Marketing.

        Args:
            data: A snapshot or a table, as for :meth:`fit`.

        Returns:
            The chance of each customer, in the order of the data.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: A customer that cannot be.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> now = wb.simulate(customers=2_000).event_log().at("2024-07-01")
            >>> model = wb.timing.ModifiedBetaGeo().fit(now)
            >>> model.expected_probability_alive(now) == model.p_alive(now)["p_alive"]
            True
        """
        model: Any = self
        alive: list[float] = model.p_alive(data)["p_alive"]
        return alive

    def expected_purchases_new_customer(self, *, t: Any) -> float | list[float]:
        """The purchases that a new customer makes after the first, by the name of PyMC-Marketing.

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
            >>> model = wb.timing.ModifiedBetaGeo().fit(now)
            >>> model.expected_purchases_new_customer(t=0)
            0.0
        """
        model: Any = self
        found: float | list[float] = model.expected_number_of_purchases_up_to_time(t)
        return found

    def expected_probability_no_purchase(self, t: float, data: Customers) -> list[float]:
        """One less :meth:`purchase_probability`, by the name of PyMC-Marketing.

        Args:
            t: The time to come, in the model's unit.
            data: A snapshot or a table, as for :meth:`fit`.

        Returns:
            The chance of each customer to buy nothing within the time, in the order of the data.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: A customer that cannot be; a time below 0.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> now = wb.simulate(customers=2_000).event_log().at("2024-07-01")
            >>> model = wb.timing.ModifiedBetaGeo().fit(now)
            >>> set(model.expected_probability_no_purchase(0, now))
            {1.0}
        """
        model: Any = self
        found = model.purchase_probability(data, within=to_float("t", t))
        return [1.0 - chance for chance in found["purchase_probability"]]


class PymcChecks:
    """Aliases of what the model of checks says."""

    def expected_customer_spend(self, data: Customers) -> list[float]:
        """As :meth:`expected_check`, by the name of PyMC-Marketing.

        Args:
            data: A snapshot or a table, as for :meth:`fit`.

        Returns:
            The mean check to come of each customer, in the order of the data.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: A customer that cannot be.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> now = wb.simulate(customers=2_000).event_log().at("2024-07-01")
            >>> model = wb.timing.GammaGamma().fit(now)
            >>> model.expected_customer_spend(now) == model.expected_check(now)["expected_check"]
            True
        """
        model: Any = self
        expected: list[float] = model.expected_check(data)["expected_check"]
        return expected

    def expected_new_customer_spend(self) -> float:
        """The mean check of all customers, by the name of PyMC-Marketing.

        Returns:
            :attr:`population_mean_`.

        Raises:
            NotFittedError: The model was not fitted.

        Examples:
            >>> import winback as wb
            >>> now = wb.simulate(customers=2_000).event_log().at("2024-07-01")
            >>> model = wb.timing.GammaGamma().fit(now)
            >>> model.expected_new_customer_spend() == model.population_mean_
            True
        """
        model: Any = self
        return float(model.population_mean_)

    def expected_customer_lifetime_value(
        self,
        transaction_model: _PurchaseModel,
        data: Customers,
        future_t: float = 12,
        discount_rate: float = 0.0,
        time_unit: str = "D",
    ) -> list[float]:
        """As :meth:`ModifiedBetaGeo.lifetime_value`, by the name of PyMC-Marketing.

        A month has 4.345 weeks or 30 days, as in :meth:`customer_lifetime_value`.

        Args:
            transaction_model: The fitted model of purchases.
            data: A snapshot or a table, as for its ``fit``, with ``monetary_value``.
            future_t: The number of months.
            discount_rate: By how much a month lessens the value of money.
            time_unit: The unit of recency and T: ``"D"``, ``"W"`` or ``"h"``. It has to be that of
                the model.

        Returns:
            The value of each customer, in the order of the data.

        Raises:
            NotFittedError: A model was not fitted.
            ValueError: A customer that cannot be; another unit than the model's.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> now = wb.simulate(customers=2_000).event_log().at("2024-07-01")
            >>> model = wb.timing.ModifiedBetaGeo().fit(now)
            >>> checks = wb.timing.GammaGamma().fit(now)
            >>> values = checks.expected_customer_lifetime_value(model, now, future_t=3)
            >>> values == model.lifetime_value(now, checks=checks, horizon=90.0)["lifetime_value"]
            True
        """
        model: Any = transaction_model
        month = month_of("transaction_model", model, "time_unit", time_unit)
        customers = model._customers(data, None, None, None)
        horizon = to_float("future_t", future_t) * month
        found = model._lifetime_value(customers, self, horizon, month, discount_rate)
        values: list[float] = found["lifetime_value"]
        return values
