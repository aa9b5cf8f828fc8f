"""What every part of a churn model needs: the fitted model of the core, and its arguments."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from winback import _core
from winback._arguments import to_count
from winback._progress import Progress, teller
from winback._time import Instant, to_texts
from winback.event_log import EventLog

State: TypeAlias = Literal["active", "lapsed", "lost"]
Language: TypeAlias = Literal["en", "ru"]


class NotFittedError(ValueError, AttributeError):
    """The model was not fitted yet.

    It is both a ValueError and an AttributeError, as scikit-learn's error of this name.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=100).event_log()
        >>> try:
        ...     wb.ChurnModel().score(log.at("2025-01-01"))
        ... except wb.NotFittedError as error:
        ...     print(error)
        this ChurnModel is not fitted; call fit(log, until=...) first
    """


class FittedModel:
    """Holds the fitted model of the core, if there is one."""

    _model: _core.ChurnModel | None = None
    progress: bool | Progress | None = None

    def _fitted(self) -> _core.ChurnModel:
        if self._model is None:
            raise NotFittedError("this ChurnModel is not fitted; call fit(log, until=...) first")
        return self._model

    def _telling(self) -> _core.ChurnModel:
        """The fitted model, about to do long work that tells how far it is."""
        fitted = self._fitted()
        fitted.tell(teller(self.progress))
        return fitted

    def _told_by_parts(self) -> _core.ChurnModel:
        """The fitted model for a log in parts, which itself tells how far the work is."""
        fitted = self._fitted()
        fitted.tell(None)
        return fitted


def reasons_of(reasons: int, min_contribution: float, language: str) -> dict[str, Any]:
    """Which reasons are told, as the core takes it."""
    return {
        "count": to_count("reasons", reasons),
        "min_contribution": min_contribution,
        "language": language,
    }


def tests_of(
    at: Instant | list[Instant] | tuple[Instant, ...] | None,
    tests: int,
    test_stride: str,
    draws: int,
    seed: int,
) -> dict[str, Any]:
    """At which cutoffs a model is tested, as the core takes it."""
    return {
        "at": None if at is None else to_texts("at", at),
        "tests": tests,
        "test_stride": test_stride,
        "draws": draws,
        "seed": seed,
    }


def core_log(log: EventLog) -> _core.EventLog:
    if not isinstance(log, EventLog):
        raise TypeError(f"log must be a winback.EventLog, not {type(log).__name__}")
    return log._log
