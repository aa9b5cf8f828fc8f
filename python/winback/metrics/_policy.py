"""What it is worth to treat the top of a ranking."""

from __future__ import annotations

from collections.abc import Iterable
from typing import SupportsFloat

from winback import _core
from winback._arguments import to_figure, to_float, to_floats
from winback.metrics._uplift import to_test
from winback.table import Table


def policy_values(
    y_true: Iterable[SupportsFloat],
    uplift: Iterable[SupportsFloat],
    treatment: Iterable[SupportsFloat],
    *,
    propensity: SupportsFloat | Iterable[SupportsFloat],
    shares: Iterable[SupportsFloat] = (0, 0.1, 0.2, 0.3, 0.5, 1),
    cost: SupportsFloat = 0.0,
    expected_control: Iterable[SupportsFloat] | None = None,
    expected_treated: Iterable[SupportsFloat] | None = None,
) -> Table:
    """What it is worth to treat the first of a ranking, by a test in which chance decided.

    By inverse propensity (``ipw``), by means within the top and the rest (``hajek``, of Hájek) and
    doubly robust (``dr``). Gains are doubly robust differences of the same customers. The ranking
    must not have seen these outcomes. Equal scores that straddle the end are treated in part.

    Args:
        y_true: Outcomes, yes or no as 1 and 0, or amounts, such as spend times its margin.
        uplift: As for :func:`winback.metrics.qini`, and so is the other.
        treatment: Who was treated.
        propensity: The chance to be treated that the test was planned with, above 0 and below 1;
            one number, or one for each customer.
        shares: Shares of the customers to treat, from 0 to 1.
        cost: What it costs to treat a customer, in units of the outcome.
        expected_control: What a model expects of each customer in control; it must not have seen
            these outcomes. Without it, the means of the arms are expected.
        expected_treated: The same if treated.

    Returns:
        A row for each share: ``share``, ``customers`` (treated), ``hajek`` (None where undefined),
        then for each customer ``ipw``, ``dr``, ``over_nobody``, ``over_everybody``,
        ``over_random`` (over treating as many, drawn at random), each with its standard error:
        ``ipw_se`` and so on.

    Raises:
        ValueError: As :func:`winback.metrics.radcliffe_q`; a share, a cost or a propensity out of
            its range; one expectation without the other.
        TypeError: As :func:`winback.metrics.qini`.

    Examples:
        >>> from winback.metrics import policy_values
        >>> bought, score, treated = [1, 0, 1, 0, 0, 1], [6, 5, 4, 3, 2, 1], [1, 0, 1, 0, 1, 0]
        >>> policy_values(bought, score, treated, propensity=0.5, shares=[0, 0.5, 1])["hajek"]
        [0.3333333333333333, 0.75, 0.6666666666666666]
    """
    test = to_test(y_true, uplift, treatment)
    if (expected_control is None) != (expected_treated is None):
        raise ValueError("expected_control and expected_treated are given together, or neither")
    expected = None
    if expected_control is not None and expected_treated is not None:
        expected = (
            to_floats("expected_control", expected_control),
            to_floats("expected_treated", expected_treated),
        )
    given = to_figure("propensity", propensity)
    return Table(
        _core.policy_values(
            test, to_floats("shares", shares), given, to_float("cost", cost), expected
        )
    )
