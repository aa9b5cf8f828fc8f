"""scikit-learn's conventions for what is made of parameters and then fitted."""

from __future__ import annotations

import inspect
from typing import Any, TypeVar

_Self = TypeVar("_Self", bound="Parameters")


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


class Parameters:
    """Constructor's arguments that are read and set by name, shown, copied and pickled."""

    _model: Any = None
    _core_type: Any

    @classmethod
    def _defaults(cls) -> dict[str, Any]:
        """The constructor's arguments and their defaults."""
        parameters = inspect.signature(cls.__init__).parameters
        return {name: taken.default for name, taken in parameters.items() if name != "self"}

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The constructor's arguments.

        Args:
            deep: Of no effect; it is there for scikit-learn.

        Returns:
            Argument names and their values.

        Examples:
            >>> import winback as wb
            >>> wb.ChurnModel("tree").get_params()["estimator"]
            'tree'
            >>> wb.segments.RfmSegments().get_params()["monetary"]
            'total_spend'
        """
        return {name: getattr(self, name) for name in self._defaults()}

    def set_params(self: _Self, **params: Any) -> _Self:
        """Changes arguments of the constructor; what is fitted changes with the next fit.

        Args:
            **params: Argument names and their new values.

        Returns:
            The object itself.

        Raises:
            ValueError: There is no such argument.

        Examples:
            >>> import winback as wb
            >>> wb.ChurnModel().set_params(horizon="6mo").horizon
            '6mo'
            >>> wb.ChurnModel().set_params(length="6mo")
            Traceback (most recent call last):
            ValueError: 'length' is no parameter of ChurnModel: estimator, horizon, ...
        """
        known = self._defaults()
        for name, value in params.items():
            if name not in known:
                raise ValueError(
                    f"{name!r} is no parameter of {type(self).__name__}: {', '.join(known)}"
                )
            setattr(self, name, value)
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return self._model is not None

    def __sklearn_tags__(self) -> Any:
        # What learns from a log takes no X and y, but scikit-learn's check_is_fitted asks.
        from sklearn.utils import Tags, TargetTags

        return Tags(estimator_type=None, target_tags=TargetTags(required=False))

    def __getstate__(self) -> dict[str, Any]:
        state = vars(self).copy()
        if self._model is not None:
            state["_model"] = self._model.to_bytes()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        if "_model" in state:
            self._model = self._core_type.from_bytes(state["_model"])

    def __repr__(self) -> str:
        defaults = self._defaults()
        changed = [
            f"{name}={value!r}"
            for name, value in self.get_params().items()
            if repr(value) != repr(defaults[name])
        ]
        text = f"{type(self).__name__}({', '.join(changed)})"
        return text if self._model is None else f"{text}\n{self._model.describe()}"
