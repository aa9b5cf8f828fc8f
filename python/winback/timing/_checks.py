"""The Gamma-Gamma model of the size of checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from winback import _core
from winback._inputs import keep
from winback._options import documented, to_options
from winback.answer import Answer
from winback.timing._customers import by_name, to_column, to_customers
from winback.timing._fitted import Fitted
from winback.timing._lifetimes import LifetimesChecks
from winback.timing._pymc_marketing import PymcChecks

if TYPE_CHECKING:
    from winback.timing._customers import Customers

_Model = TypeVar("_Model", bound="GammaGamma")


@documented("GammaGamma")
class GammaGamma(LifetimesChecks, PymcChecks, Fitted):
    """The Gamma-Gamma model: what customers spend at a purchase on average.

    Fader and Hardie (2013), "The Gamma-Gamma model of monetary value". A customer's checks have a
    gamma distribution with the shape p and a scale of their own, the inverse of which has a gamma
    distribution with q and v over the customers. The mean of few checks is drawn towards that of
    all customers, p v / (q - 1). How much customers spend is taken not to depend on how often they
    buy: look at :attr:`correlation_`.

    Examples:
        >>> import winback as wb
        >>> now = wb.simulate(customers=2_000).event_log().at("2024-07-01")
        >>> model = wb.timing.GammaGamma().fit(now)
        >>> list(model.params_), abs(model.correlation_) < 1
        (['p', 'q', 'v'], True)
    """

    _model: _core.GammaGamma | None = None
    _core_type = _core.GammaGamma

    def __init__(self, *, penalty: float = 0.0) -> None:
        self.penalty = penalty

    @by_name
    def fit(
        self: _Model, data: Customers = None, *, frequency: Any = None, monetary_value: Any = None
    ) -> _Model:
        """Fits p, q and v to the customers who bought again for more than nothing.

        Args:
            data: A snapshot, or a table with the columns ``frequency`` and ``monetary_value``, as
                :func:`rfm_summary` gives; others are not used.
            frequency: In place of data: the number of purchases after the first.
            monetary_value: The mean of their checks, 0 without any.

        Returns:
            The model itself.

        Raises:
            ValueError: Nobody bought again for more than nothing; checks without a mean; no
                amounts; a penalty below 0.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> checks = [20.0, 35.0, 18.0, 50.0, 24.0, 31.0, 90.0, 0.0]
            >>> model = wb.timing.GammaGamma().fit(
            ...     frequency=[1, 2, 3, 5, 2, 4, 1, 0], monetary_value=checks
            ... )
            >>> model.converged_
            True
        """
        customers = _customers(data, frequency, monetary_value)
        self._model = _core.GammaGamma.fit(customers, to_options(penalty=self.penalty))
        keep(self, data)
        return self

    @by_name
    def expected_check(
        self, data: Customers = None, *, frequency: Any = None, monetary_value: Any = None
    ) -> Answer:
        """The mean of each customer's checks to come, p (v + x z) / (p x + q - 1).

        Args:
            data: As for :meth:`fit`.
            frequency: In place of data; a number or a sequence.
            monetary_value: As for :meth:`fit`, 0 or more. Of a snapshot, whose checks are net of
                what went back, a mean below 0 counts as 0.

        Returns:
            A row a customer: ``customer_id``, where there are ids, and ``expected_check``; of those
            who bought once that of all customers.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: As :meth:`fit`; a mean below 0 in a table (the message names the row).
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> now = wb.simulate(customers=2_000).event_log().at("2024-07-01")
            >>> model = wb.timing.GammaGamma().fit(now)
            >>> once = model.expected_check(frequency=0, monetary_value=0)["expected_check"]
            >>> once == [model.population_mean_]
            True
        """
        model = self._fitted()
        customers = _customers(data, frequency, monetary_value)
        return Answer(model.expected_check(customers), self, data)

    @property
    def correlation_(self) -> float | None:
        """The correlation between how often and for how much customers bought again.

        The model takes it to be 0. None where one of both is the same for all.
        """
        correlation: float | None = self._fitted().correlation
        return correlation

    @property
    def population_mean_(self) -> float:
        """The mean check of all customers, p v / (q - 1)."""
        return float(self._fitted().population_mean)


def _customers(data: Any, frequency: Any, monetary_value: Any) -> _core.BuyerTable:
    columns = {"frequency": frequency, "monetary_value": monetary_value}
    if data is None and frequency is not None:
        # When they bought does not matter here.
        times = [float(count > 0) for count in to_column("frequency", frequency)]
        columns |= {"recency": times, "T": times}
    return to_customers(data, "D", columns, _core.BuyerTable.of_checks)
