"""Effects of offers, learned from a test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, SupportsFloat, TypeVar

from winback import _core
from winback._arguments import of_type, refusal, to_dict, to_float, to_floats, to_str, to_values
from winback._options import documented, to_options
from winback._parameters import NotFittedError, Parameters
from winback.answer import Answer
from winback.campaign._target import to_ids

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_Self = TypeVar("_Self", bound="Uplift")


@documented("UpliftOptions")
class Uplift(Parameters):
    """Learns whom an offer changes, and by how much, from a test with a control group.

    The outcome is yes or no, or an amount; of several offers each is compared with the control.
    Columns hold what was known before the test. Needs NumPy.

    Args:
        estimator: ``"logistic"``: logistic regression, or least squares where the outcome is an
            amount, on standardised columns without gaps (:class:`winback.sklearn.Preprocess` makes
            them of others); ``"boosting"``: boosted trees, which take gaps; ``"average"``: the mean
            of both, without gaps.
        params: Parameters of the estimator by name, as of :class:`winback.ChurnModel`; ``{"c":
            float("inf")}`` is a regression without penalty.

    Attributes:
        control_: The control's label.
        arms_: The labels of the offers, in the order of the columns of the effects.
        uplift_: The effects on the customers of the test, by models that have not seen them.
        expected_: What is expected of them in each arm, the control first, likewise; with both,
            :func:`winback.metrics.policy_values` is doubly robust.
        propensity_: The chances of the customers of the test to be in each arm, the control first,
            where they were estimated; else None.

    Examples:
        >>> import numpy as np, winback as wb
        >>> draw = np.random.default_rng(1)
        >>> X, mailed = draw.uniform(size=(4_000, 2)), draw.integers(0, 2, 4_000)
        >>> bought = draw.uniform(size=4_000) < 0.2 + mailed * (0.4 * X[:, 0] - 0.1)
        >>> model = wb.campaign.Uplift(learner="t").fit(X, mailed, bought)
        >>> high, low = model.predict([[0.9, 0.5], [0.1, 0.5]])
        >>> bool(high > 0.2), bool(low < 0.05)
        (True, True)
        >>> model.recommend(margin=10, costs=1).figures["recommended"]
        True
    """

    _core_type = _core.FittedUplift

    def __init__(
        self,
        learner: str = "dr",
        estimator: str = "logistic",
        *,
        params: Mapping[str, Any] | None = None,
        folds: int = 5,
        cross_fit: bool = True,
        interactions: bool = True,
        seed: int = 0,
    ) -> None:
        self.learner = learner
        self.estimator = estimator
        self.params = params
        self.folds = folds
        self.cross_fit = cross_fit
        self.interactions = interactions
        self.seed = seed

    def fit(
        self: _Self,
        X: Any,
        treatment: Iterable[Any],
        y: Iterable[SupportsFloat],
        *,
        control: Any = None,
        propensity: Any = None,
        customer_ids: Iterable[Any] | None = None,
    ) -> _Self:
        """Learns from a test.

        Args:
            X: Customers x columns of numbers: an array, or a frame.
            treatment: The arm of each customer: 1 or 0, or labels.
            y: Outcomes: True or False, 1 or 0, or amounts.
            control: The label of the control; 0 where arms are 1 and 0.
            propensity: The chance to be treated that the test was planned with: one number for a
                single offer, or by label, that of the control included; of each customer a number,
                or an array of customers x arms with the control first, then ``arms_``. By default
                the shares of the arms: everybody had the same chance. Where shares differ by
                stratum, give each customer that of his own. ``"estimated"`` where nobody knows
                them: learned from the columns by logistic regressions that have not seen the
                customer. What differs between the arms and is in no column is then taken for the
                effect; arms that hardly overlap are refused.
            customer_ids: Ids, by which customers are divided into parts: then rows of one customer
                are in one part, and their order does not matter.

        Returns:
            The object itself.

        Raises:
            ValueError: Lengths that differ; an arm without customers, or in which all have the same
                outcome; arms that hardly overlap, with estimated chances; a control that is not
                there; chances that do not sum to 1; a parameter out of its range; gaps in columns
                of a regression.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> X = [[i % 7, i % 5] for i in range(700)]
            >>> arm = [("none", "letter", "call")[i % 3] for i in range(700)]
            >>> y = [i % 11 == 0 or (i % 3 == 1 and i % 7 > 4) for i in range(700)]
            >>> wb.campaign.Uplift("t").fit(X, arm, y, control="none").arms_
            ['call', 'letter']
        """
        x, names = _matrix(X)
        labels = to_values("treatment", treatment, "labels")
        arms = _arms(labels, control)
        known, each = _propensity(propensity, arms)
        place = {label: i for i, label in enumerate(arms)}
        trial = {
            "x": x,
            "arm": [place[label] for label in labels],
            "arms": [str(label) for label in arms],
            "y": to_floats("y", y),
            "known": known,
            "each": each,
            "estimated": isinstance(propensity, str),
            "customer_ids": None if customer_ids is None else to_ids("customer_ids", customer_ids),
        }
        options = to_options(
            learner=self.learner,
            folds=self.folds,
            cross_fit=self.cross_fit,
            interactions=self.interactions,
            seed=self.seed,
        )
        params = to_dict("params", self.params)
        estimator = to_str("estimator", self.estimator)
        self._model = _core.FittedUplift.fit(trial, estimator, params, options)
        self.control_, self.arms_ = arms[0], arms[1:]
        self._names = names
        return self

    def predict(self, X: Any) -> npt.NDArray[np.float64]:
        """The effect of each offer on each customer, in units of the outcome.

        Args:
            X: As for :meth:`fit`.

        Returns:
            One number a customer; of several offers customers x offers, as in ``arms_``.

        Raises:
            NotFittedError: There was no fit.
            ValueError: Other columns than in the fit, or values that cannot be used.

        Examples:
            >>> import winback as wb
            >>> X, y = [[i % 7] for i in range(70)], [i % 3 == 0 for i in range(70)]
            >>> model = wb.campaign.Uplift("t", folds=1).fit(X, [i % 2 for i in range(70)], y)
            >>> model.predict([[3], [4]]).shape
            (2,)
        """
        model = self._fitted()
        x, names = _matrix(X)
        if None not in (names, self._names) and names != self._names:
            raise ValueError(f"X has the columns {names}; the fit had {self._names}")
        return self._of_offers(model.predict(x))

    def recommend(self, *, margin: SupportsFloat = 1.0, costs: Any = 0.0) -> Answer:
        """Whether a targeted list pays, rather than contacting nobody or everybody.

        The list holds those for whom an offer's effect times margin is above its cost, each with
        the best offer. It is judged on the customers of the test by models that have not seen them,
        doubly robust. It is recommended only if the lower end of the 95 % interval of its gain is
        above 0 against each of the other policies, and so against the better one.

        Args:
            margin: What a unit of the outcome is worth.
            costs: What each offer costs: one number, or by label.

        Returns:
            Two tables. ``policies``: ``policy`` (``nobody``, ``everybody: ...``, ``targeted``),
            ``share`` (contacted), and for each customer ``value``, ``over_nobody``,
            ``targeted_gain`` (how much more the targeted list brings), each with its interval.

            ``curve``: lists from nobody to everybody by rising spend (where offers cost
            differently, as long as they are expected to bring anything): ``share`` (contacted), and
            for each customer ``spend``, ``gain`` (before costs) at that spend, ``at_random`` (of
            the same offers to as many customers) and ``over_random`` (their difference, customer by
            customer), the last three with intervals of 95 %.

            Figures: ``recommended``, ``advice``, ``better`` (the policy without a list that brings
            most), ``like_better`` (offers to everybody that the test does not tell from it),
            ``gain`` over it with ``gain_low`` and ``gain_high``, ``share``, ``customers``,
            ``margin``, ``costs``, ``overlap`` (of estimated chances ``lowest``, ``highest`` and
            ``outside``, the customers who could hardly be in one of the arms; else None).

        Raises:
            NotFittedError: There was no fit.
            ValueError: A cost below 0, or of an offer that is not there; a fit with ``folds=1``.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> X, y = [[i % 7] for i in range(700)], [i % 3 == 0 for i in range(700)]
            >>> model = wb.campaign.Uplift("t").fit(X, [i % 2 for i in range(700)], y)
            >>> model.recommend(costs=0.1).figures["recommended"]
            False
        """
        model = self._fitted()
        if isinstance(costs, Mapping):
            if set(costs) != set(self.arms_):
                expected = f"costs of {', '.join(map(str, self.arms_))}"
                got = ", ".join(map(str, costs)) or "none"
                raise refusal(ValueError, "costs", expected, got)
            given = [to_float(f"costs[{arm!r}]", costs[arm]) for arm in self.arms_]
        else:
            given = [to_float("costs", costs)]
        return Answer(model.recommend(to_float("margin", margin), given), self)

    @property
    def uplift_(self) -> npt.NDArray[np.float64]:
        """The effects on the customers of the test, by models that have not seen them."""
        return self._of_offers(self._unseen().out_of_fold())

    @property
    def expected_(self) -> npt.NDArray[np.float64]:
        """What is expected of the customers of the test in each arm, the control first."""
        expected: npt.NDArray[np.float64] = self._unseen().expected()
        return expected

    @property
    def propensity_(self) -> npt.NDArray[np.float64] | None:
        """The chances of the arms, the control first, where they were estimated."""
        chances: npt.NDArray[np.float64] | None = self._fitted().propensity()
        return chances

    def _of_offers(self, effects: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return effects[:, 0] if len(self.arms_) == 1 else effects

    def _unseen(self) -> Any:
        model = self._fitted()
        if model.out_of_fold() is None:
            raise AttributeError("with folds=1 there are no models that have not seen a customer")
        return model

    def _fitted(self) -> Any:
        if self._model is None:
            raise NotFittedError("this Uplift is not fitted; call fit(X, treatment, y) first")
        return self._model


def _matrix(X: Any) -> tuple[Any, list[str] | None]:
    """Customers x columns, and the names of the columns where they have any."""
    import numpy as np

    names = [str(name) for name in X.columns] if hasattr(X, "columns") else None
    values = X.to_numpy() if hasattr(X, "to_numpy") else X
    try:
        given = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        where = "" if names is None else _of_texts(X, names)
        expected = "columns of numbers; winback.sklearn.Preprocess makes them of texts"
        raise refusal(TypeError, "X", expected, where or str(error)) from None
    x = np.require(given, requirements="A")
    if x.ndim != 2:
        raise refusal(ValueError, "X", "customers x columns", f"{x.ndim} dimensions")
    return x, names


def _of_texts(X: Any, names: list[str]) -> str:
    """The columns of a frame that hold no numbers."""
    import numpy as np

    def holds_numbers(name: Any) -> bool:
        try:
            np.asarray(X[name], dtype=np.float64)
        except (TypeError, ValueError):
            return False
        return True

    return ", ".join(n for n, own in zip(names, X.columns, strict=True) if not holds_numbers(own))


def _arms(labels: list[Any], control: Any) -> list[Any]:
    """The labels of the arms, that of the control first."""
    found = set(labels)
    if not found:
        raise refusal(ValueError, "treatment", "the arms of customers", "none")
    if control is None:
        if not found <= {0, 1}:
            expected = "the label of the control, for arms are not 1 and 0"
            raise refusal(ValueError, "control", expected, "nothing")
        control = 0
    if control not in found:
        among = ", ".join(sorted(map(str, found)))
        raise refusal(ValueError, "control", f"one of the arms, {among}", repr(control))
    kinds = {type(label) for label in found}
    if len(kinds) > 1:
        got = " and ".join(sorted(kind.__name__ for kind in kinds))
        raise refusal(TypeError, "treatment", "labels of one type", got)
    return [control, *sorted(found - {control})]


def _propensity(given: Any, arms: list[Any]) -> tuple[list[float] | None, Any]:
    """The chances of the arms for all customers, or those of each."""
    import numpy as np

    if given is None:
        return None, None
    if isinstance(given, str):
        if given != "estimated":
            raise refusal(ValueError, "propensity", 'chances, or "estimated"', repr(given))
        return None, None
    if isinstance(given, Mapping):
        if set(given) != set(arms):
            expected = f"chances of {', '.join(map(str, arms))}"
            raise refusal(ValueError, "propensity", expected, ", ".join(map(str, given)) or "none")
        return [to_float(f"propensity[{arm!r}]", given[arm]) for arm in arms], None
    if not hasattr(given, "__iter__"):
        chance = to_float("propensity", given)
        if len(arms) > 2:
            expected = "the chances of all arms by label"
            raise refusal(TypeError, "propensity", expected, of_type(given))
        return [1.0 - chance, chance], None
    each = np.asarray(given, dtype=np.float64)
    if each.ndim == 1:
        each = np.column_stack([1.0 - each, each])
    return None, np.require(each, requirements="A")
