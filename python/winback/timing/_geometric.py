"""How a retention curve goes on."""

from __future__ import annotations

from collections.abc import Sequence

from winback import _core
from winback._arguments import refusal, to_count, to_float, to_floats, to_values
from winback._parameters import NotFittedError


class ShiftedBetaGeometric:
    """How a retention curve goes on: the shifted beta-geometric model (sBG).

    Fader and Hardie (2007), "How to project customer retention". Each customer leaves at the end
    of each period with a chance of its own, which does not change; over the customers it has a
    beta distribution with the parameters alpha and beta. Those likely to leave do so early, so
    that the retention rate rises with a cohort's age although nobody's does. The share that
    survives t periods is B(alpha, beta + t) / B(alpha, beta), the retention rate of period t
    (beta + t - 1) / (alpha + beta + t - 1), the mean chance to leave alpha / (alpha + beta).

    It is meant for contracts, where it is known who has left. The curve of a cohort of mode
    ``"on_or_after"`` can be projected too, but falls too fast towards its end.

    Attributes:
        alpha_: First parameter, after :meth:`fit`.
        beta_: Second parameter.
        standard_errors_: Of both, by name, for as many customers as were given, which shares are
            not. None for what the data do not tell: where the error would be larger than the
            parameter.
        log_likelihood_: Log-likelihood at the optimum, in the unit of the survivors.

    Examples:
        >>> import winback as wb
        >>> years = [100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1]  # percent, from year 0
        >>> model = wb.timing.ShiftedBetaGeometric().fit(years)
        >>> round(model.alpha_, 3), round(model.beta_, 3)
        (0.704, 1.182)
        >>> [round(100 * share, 1) for share in model.survival(12)[8:]]
        [22.0, 20.4, 19.1, 18.0, 17.0]
    """

    alpha_: float
    beta_: float
    standard_errors_: dict[str, float | None]
    log_likelihood_: float

    def fit(self, survivors: Sequence[float | None]) -> ShiftedBetaGeometric:
        """Fits alpha and beta by maximum likelihood, by a damped Newton's method.

        Args:
            survivors: Of a cohort at ages 0, 1, 2, ...: numbers of customers, or shares in any
                unit. None at the end, as in a cohort's row, is left out.

        Returns:
            The model itself.

        Raises:
            ValueError: Fewer than three ages, survivors that rise or are negative, a curve that has
                no optimum (nobody or everybody left, or the retention rate does not rise).

        Examples:
            >>> import winback as wb
            >>> high_end = [1000, 869, 743, 653, 593, 551, 517, 491]  # customers of the paper
            >>> model = wb.timing.ShiftedBetaGeometric().fit(high_end)
            >>> round(model.alpha_, 3), round(model.beta_, 3)
            (0.668, 3.806)
        """
        curve = to_values("survivors", survivors)
        while curve and curve[-1] is None:
            curve.pop()
        if any(value is None for value in curve):
            raise refusal(ValueError, "survivors", "None at the end only", "one before it")
        return self._keep(
            _core.ShiftedBetaGeometric.fit([to_float("survivors", n or 0) for n in curve])
        )

    def fit_renewals(self, due: Sequence[float], renewed: Sequence[float]) -> ShiftedBetaGeometric:
        """Fits alpha and beta to contracts that began at different times.

        Args:
            due: For ages 1, 2, ...: how many contracts were due to be renewed. Those that are not
                due yet at an age count at the ages before. :func:`renewals` counts them.
            renewed: How many of these were.

        Returns:
            The model itself.

        Raises:
            ValueError: Fewer than two ages at which some were due, more renewed than due, counts
                that have no optimum.

        Examples:
            >>> import winback as wb
            >>> due, renewed = [1000, 500, 220, 60], [600, 350, 170, 50]
            >>> model = wb.timing.ShiftedBetaGeometric().fit_renewals(due, renewed)
            >>> round(model.alpha_, 3), round(model.standard_errors_["alpha"], 3)
            (1.085, 0.21)
        """
        return self._keep(
            _core.ShiftedBetaGeometric.fit_renewals(
                to_floats("due", due), to_floats("renewed", renewed)
            )
        )

    def _keep(self, model: _core.ShiftedBetaGeometric) -> ShiftedBetaGeometric:
        self._model = model
        self.alpha_ = model.alpha
        self.beta_ = model.beta
        self.standard_errors_ = dict(zip(("alpha", "beta"), model.standard_errors, strict=True))
        self.log_likelihood_ = model.log_likelihood
        return self

    def survival(self, periods: int) -> list[float]:
        """The share of a cohort that survives 0, 1, ..., ``periods`` periods.

        Args:
            periods: How far to look; up to 65,535.

        Returns:
            The shares, the first of them 1.

        Raises:
            NotFittedError: The model was not fitted.

        Examples:
            >>> import winback as wb
            >>> model = wb.timing.ShiftedBetaGeometric().fit([100, 63.1, 46.8, 38.2])
            >>> len(model.survival(12)), model.survival(12)[0]
            (13, 1.0)
        """
        return self._fitted().survival(_periods(periods))

    def retention_rates(self, periods: int) -> list[float]:
        """The retention rate of periods 1, ..., ``periods``.

        Of those who survived up to the period before, the share that survives this one.

        Args:
            periods: How far to look; up to 65,535.

        Returns:
            The rates; they rise.

        Raises:
            NotFittedError: The model was not fitted.

        Examples:
            >>> import winback as wb
            >>> model = wb.timing.ShiftedBetaGeometric().fit([100, 63.1, 46.8, 38.2])
            >>> rates = model.retention_rates(12)
            >>> rates == sorted(rates)
            True
        """
        return self._fitted().retention_rates(_periods(periods))

    def _fitted(self) -> _core.ShiftedBetaGeometric:
        if not hasattr(self, "_model"):
            raise NotFittedError("this ShiftedBetaGeometric is not fitted yet: call fit() first")
        return self._model

    def __repr__(self) -> str:
        if not hasattr(self, "_model"):
            return "ShiftedBetaGeometric()"
        return f"ShiftedBetaGeometric: alpha {self.alpha_:.6g}, beta {self.beta_:.6g}"


def _periods(periods: int) -> int:
    count = to_count("periods", periods)
    if count >= 2**16:
        raise refusal(ValueError, "periods", "up to 65535", count)
    return count
