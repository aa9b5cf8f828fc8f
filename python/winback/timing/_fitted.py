"""What models of purchases and of checks have in common once they are fitted."""

from __future__ import annotations

from typing import Any

from winback._parameters import NotFittedError, Parameters
from winback.answer import Answer


class Fitted(Parameters):
    """Parameters with standard errors, and how the search for them ended."""

    @property
    def params_(self) -> dict[str, float]:
        """The parameters by name; times are in the ``time_unit``."""
        return {name: value for name, value, _ in self._fitted().estimates.rows()}

    @property
    def standard_errors_(self) -> dict[str, float | None]:
        """Their standard errors by name, from the observed information.

        None for what the data do not tell: where the standard error would be larger than the
        parameter, and where the search did not converge.
        """
        return {name: error for name, _, error in self._fitted().estimates.rows()}

    @property
    def log_likelihood_(self) -> float:
        """The log-likelihood of all customers, without the penalty."""
        found: float = self._fitted().estimates.log_likelihood
        return found

    @property
    def converged_(self) -> bool:
        """Whether the search ended at a top of the log-likelihood; if not, see :attr:`remark_`."""
        converged: bool = self._fitted().estimates.converged
        return converged

    @property
    def remark_(self) -> str | None:
        """Why the search did not converge, what the data do not tell, who was left out; or None."""
        remark: str | None = self._fitted().estimates.remark
        return remark

    @property
    def summary(self) -> Answer:
        """The parameters as a table.

        A row a parameter: ``parameter``, ``value``, ``value_low``, ``value_high``,
        ``standard_error``. The intervals hold 95 % and are even on the scale of the logarithm.
        ``figures`` has the log-likelihood, the number of customers and whether the search
        converged.
        """
        return Answer(self._fitted().estimates.summary(), self)

    def _fitted(self) -> Any:
        if self._model is None:
            raise NotFittedError(f"this {type(self).__name__} is not fitted; call fit(data) first")
        return self._model
