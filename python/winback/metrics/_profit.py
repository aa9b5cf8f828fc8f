"""Profit of a churn score: what contacting those who score highest earns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, SupportsFloat, TypeAlias

from winback import _core
from winback._arguments import to_figure, to_float, to_floats, to_outcomes
from winback.table import Table

Figure: TypeAlias = SupportsFloat | Iterable[SupportsFloat]


def mpc(
    y_true: Iterable[SupportsFloat],
    y_score: Iterable[SupportsFloat],
    *,
    clv: Figure,
    incentive_cost: Figure,
    contact_cost: Figure,
    accept_rate: Figure,
) -> tuple[float, float]:
    """Maximum profit: the most that contacting the top of the ranking can earn.

    Contacting a churner earns ``accept_rate * (clv - incentive_cost) - contact_cost``, contacting
    another customer ``-(incentive_cost + contact_cost)`` (Verbraken, Verbeke and Baesens 2013).
    Customers of equal score are contacted together or not at all. Found with the outcomes known, it
    is what the score could have earned, not what a share chosen beforehand will.

    Args:
        y_true: Who churns: True or False, 1 or 0.
        y_score: Scores, the likeliest churner highest.
        clv: Customer lifetime value, lost when a customer leaves; above 0. This and the next three
            are one number for all, or one for each customer (a ``clv`` of 0 is then allowed).
        incentive_cost: What the incentive costs when it is taken; 0 or more and, where both are one
            number, at most ``clv``.
        contact_cost: What it costs to contact a customer; 0 or more, with the same bound.
        accept_rate: Share of contacted churners who accept the offer and stay, from 0 to 1.

    Returns:
        The profit per customer, contacted or not, and the share of customers to contact; of equal
        profits that of the smallest share.

    Raises:
        TypeError: A figure is missing, or an argument of another type.
        ValueError: A figure out of its range; a score that is not a number; lengths that differ;
            no rows.

    Examples:
        >>> from winback.metrics import mpc
        >>> clv = [150.0, 300.0, 80.0]
        >>> profit, share = mpc(
        ...     [False, True, False],
        ...     [0.2, 0.9, 0.4],
        ...     clv=clv,
        ...     incentive_cost=10,
        ...     contact_cost=1,
        ...     accept_rate=0.3,
        ... )
        >>> round(profit, 2), round(share, 2)
        (28.67, 0.33)
    """
    campaign = _campaign(y_true, y_score, clv, incentive_cost, contact_cost)
    return _core.mpc(campaign, to_figure("accept_rate", accept_rate))


def mpc_score(
    y_true: Iterable[SupportsFloat],
    y_score: Iterable[SupportsFloat],
    *,
    clv: Figure,
    incentive_cost: Figure,
    contact_cost: Figure,
    accept_rate: Figure,
) -> float:
    """The profit of :func:`winback.metrics.mpc` alone, as for ``sklearn.metrics.make_scorer``.

    Args:
        y_true: As for :func:`winback.metrics.mpc`, and so are the others.
        y_score: Scores.
        clv: Customer lifetime value.
        incentive_cost: What the incentive costs.
        contact_cost: What it costs to contact a customer.
        accept_rate: Share of contacted churners who accept.

    Returns:
        The maximum profit per customer.

    Raises:
        TypeError: As :func:`winback.metrics.mpc`.
        ValueError: As :func:`winback.metrics.mpc`.

    Examples:
        >>> from winback.metrics import mpc_score
        >>> figures = {"clv": 200, "incentive_cost": 10, "contact_cost": 1, "accept_rate": 0.3}
        >>> mpc_score([0, 1, 0, 1, 0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9], **figures)
        23.875
    """
    campaign = _campaign(y_true, y_score, clv, incentive_cost, contact_cost)
    return _core.mpc(campaign, to_figure("accept_rate", accept_rate))[0]


def empc(
    y_true: Iterable[SupportsFloat],
    y_score: Iterable[SupportsFloat],
    *,
    clv: Figure,
    incentive_cost: Figure,
    contact_cost: Figure,
    alpha: SupportsFloat,
    beta: SupportsFloat,
) -> tuple[float, float]:
    """Expected maximum profit, where the accept rate is distributed as Beta(alpha, beta).

    The mean over the accept rate of the most that contacting the top of the ranking can earn when
    the share suits the rate; exact, by the convex hull of the ROC curve. Never below
    :func:`winback.metrics.mpc` at the mean rate, ``alpha / (alpha + beta)``.

    Args:
        y_true: As for :func:`winback.metrics.mpc`, and so are the others but the last two.
        y_score: Scores.
        clv: Customer lifetime value.
        incentive_cost: What the incentive costs.
        contact_cost: What it costs to contact a customer.
        alpha: Of the beta distribution, from 0.001 to 1,000,000.
        beta: Likewise; the larger both are, the surer is the rate. Verbraken, Verbeke and Baesens
            take 6 and 14.

    Returns:
        The expected profit per customer, and the mean share of customers to contact.

    Raises:
        TypeError: As :func:`winback.metrics.mpc`.
        ValueError: As :func:`winback.metrics.mpc`.

    Examples:
        >>> from winback.metrics import empc
        >>> churned, score = [0, 1, 0, 1, 0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9]
        >>> profit, share = empc(
        ...     churned, score, clv=200, incentive_cost=10, contact_cost=1, alpha=6, beta=14
        ... )
        >>> round(profit, 4), round(share, 4)
        (23.8756, 0.8744)
    """
    campaign = _campaign(y_true, y_score, clv, incentive_cost, contact_cost)
    return _core.empc(campaign, to_float("alpha", alpha), to_float("beta", beta))


def empc_score(
    y_true: Iterable[SupportsFloat],
    y_score: Iterable[SupportsFloat],
    *,
    clv: Figure,
    incentive_cost: Figure,
    contact_cost: Figure,
    alpha: SupportsFloat,
    beta: SupportsFloat,
) -> float:
    """The profit of :func:`winback.metrics.empc` alone, as for ``sklearn.metrics.make_scorer``.

    Args:
        y_true: As for :func:`winback.metrics.empc`, and so are the others.
        y_score: Scores.
        clv: Customer lifetime value.
        incentive_cost: What the incentive costs.
        contact_cost: What it costs to contact a customer.
        alpha: Of the beta distribution.
        beta: Likewise.

    Returns:
        The expected maximum profit per customer.

    Raises:
        TypeError: As :func:`winback.metrics.mpc`.
        ValueError: As :func:`winback.metrics.mpc`.

    Examples:
        >>> from winback.metrics import empc_score
        >>> churned, score = [0, 1, 0, 1, 0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9]
        >>> figures = {"clv": 200, "incentive_cost": 10, "contact_cost": 1}
        >>> round(empc_score(churned, score, **figures, alpha=6, beta=14), 4)
        23.8756
    """
    campaign = _campaign(y_true, y_score, clv, incentive_cost, contact_cost)
    return _core.empc(campaign, to_float("alpha", alpha), to_float("beta", beta))[0]


def profit_curve(
    y_true: Iterable[SupportsFloat],
    y_score: Iterable[SupportsFloat],
    *,
    clv: Figure,
    incentive_cost: Figure,
    contact_cost: Figure,
    accept_rate: Figure,
) -> Table:
    """The profit of contacting the top of the ranking, at every distinct score.

    Args:
        y_true: As for :func:`winback.metrics.mpc`, and so are the others.
        y_score: Scores.
        clv: Customer lifetime value.
        incentive_cost: What the incentive costs.
        contact_cost: What it costs to contact a customer.
        accept_rate: Share of contacted churners who accept.

    Returns:
        A row for nobody, then one for each distinct score from the highest down: ``share`` (of the
        customers who are contacted), ``customers`` (their number), ``churners`` (of them),
        ``threshold`` (the lowest score contacted; None for nobody), ``profit`` (per customer,
        contacted or not), ``total_profit``.

    Raises:
        TypeError: As :func:`winback.metrics.mpc`.
        ValueError: As :func:`winback.metrics.mpc`.

    Examples:
        >>> from winback.metrics import profit_curve
        >>> curve = profit_curve(
        ...     [1, 0, 1], [3, 2, 2], clv=80, incentive_cost=16, contact_cost=1, accept_rate=0.5
        ... )
        >>> curve["customers"], curve["total_profit"]
        ([0, 1, 3], [0.0, 31.0, 45.0])
    """
    campaign = _campaign(y_true, y_score, clv, incentive_cost, contact_cost)
    return Table(_core.profit_curve(campaign, to_figure("accept_rate", accept_rate)))


def _campaign(
    y_true: Iterable[SupportsFloat],
    y_score: Iterable[SupportsFloat],
    clv: Figure,
    incentive_cost: Figure,
    contact_cost: Figure,
) -> dict[str, Any]:
    """What customers do, how they score and what a campaign costs, as the core takes it."""
    outcomes, scores = to_outcomes("y_true", y_true), to_floats("y_score", y_score)
    if len(outcomes) != len(scores):
        raise ValueError(f"y_true has {len(outcomes)} values, but y_score has {len(scores)}")
    return {
        "y_true": outcomes,
        "y_score": scores,
        "clv": to_figure("clv", clv),
        "incentive_cost": to_figure("incentive_cost", incentive_cost),
        "contact_cost": to_figure("contact_cost", contact_cost),
    }
