"""How well a score finds those whom a contact changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, SupportsFloat, SupportsIndex

from winback import _core
from winback._arguments import refusal, to_count, to_float, to_floats, to_outcomes, to_str
from winback.table import Table


def qini(
    y_true: Iterable[SupportsFloat],
    uplift: Iterable[SupportsFloat],
    treatment: Iterable[SupportsFloat],
) -> float:
    """The Qini coefficient: area between Qini curve and chord, of that of the best ranking.

    0 for a ranking without information, 1 for the best that there is, and below 0 for one that
    turns customers upside down. As ``qini_auc_score`` of scikit-uplift 0.5.1 with its default
    ``negative_effect=True``. causalml's ``qini_score`` is another figure: it scales the curve by
    its end.

    Args:
        y_true: Outcomes of a test with a control group: True or False, 1 or 0.
        uplift: Scores, highest for those whom a contact should change most.
        treatment: Who was treated, as chance decided: True or False, 1 or 0.

    Returns:
        The coefficient.

    Raises:
        ValueError: Outcomes other than yes and no; a score that is not a number; lengths that
            differ; nobody treated, or everybody; outcomes for which all rankings are equally good.
        TypeError: An argument of another type.

    Examples:
        >>> from winback.metrics import qini
        >>> round(qini([1, 0, 1, 0, 0, 1], [6, 5, 4, 3, 2, 1], [1, 0, 1, 0, 1, 0]), 4)
        0.8462
    """
    return _core.uplift_measure(to_test(y_true, uplift, treatment), "qini")


def auuc(
    y_true: Iterable[SupportsFloat],
    uplift: Iterable[SupportsFloat],
    treatment: Iterable[SupportsFloat],
) -> float:
    """The area between the uplift curve and its chord, of that of the best ranking.

    As ``uplift_auc_score`` of scikit-uplift 0.5.1. causalml's ``auuc_score`` is another figure: it
    does not subtract the chord.

    Args:
        y_true: As for :func:`winback.metrics.qini`, and so are the others.
        uplift: Scores.
        treatment: Who was treated.

    Returns:
        The area, of which that of the best ranking is 1.

    Raises:
        ValueError: As :func:`winback.metrics.qini`.
        TypeError: As :func:`winback.metrics.qini`.

    Examples:
        >>> from winback.metrics import auuc
        >>> auuc([1, 0, 1, 0, 0, 1], [6, 5, 4, 3, 2, 1], [1, 0, 1, 0, 1, 0])
        1.0
    """
    return _core.uplift_measure(to_test(y_true, uplift, treatment), "auuc")


def radcliffe_q(
    y_true: Iterable[SupportsFloat],
    uplift: Iterable[SupportsFloat],
    treatment: Iterable[SupportsFloat],
) -> float:
    """Radcliffe's Q: the area between the Qini curve and its chord for each treated customer.

    In units of the outcome, over the share of customers from 0 to 1 (Radcliffe 2007, before he
    divides by the best ranking's). It needs no best ranking, so amounts have it too.

    Args:
        y_true: Outcomes of a test with a control group: yes or no as 1 and 0, or amounts.
        uplift: As for :func:`winback.metrics.qini`, and so is the other.
        treatment: Who was treated.

    Returns:
        The area.

    Raises:
        ValueError: As :func:`winback.metrics.qini`, but amounts and equally good rankings are
            taken.
        TypeError: As :func:`winback.metrics.qini`.

    Examples:
        >>> from winback.metrics import radcliffe_q
        >>> spend = [30.0, 0.0, 12.0, 5.0, 0.0, 8.0]
        >>> round(radcliffe_q(spend, [6, 5, 4, 3, 2, 1], [1, 0, 1, 0, 1, 0]), 3)
        5.611
    """
    return _core.uplift_measure(to_test(y_true, uplift, treatment), "radcliffe_q")


def uplift_at_k(
    y_true: Iterable[SupportsFloat],
    uplift: Iterable[SupportsFloat],
    treatment: Iterable[SupportsFloat],
    strategy: str = "overall",
    k: SupportsFloat = 0.3,
) -> float:
    """The difference that treatment made among the first of the ranking.

    As ``uplift_at_k`` of scikit-uplift where scores differ. Where equal scores straddle the end,
    all of them count in part; there, scikit-uplift's value depends on the order of the rows.

    Args:
        y_true: Outcomes of a test with a control group: yes or no as 1 and 0, or amounts.
        uplift: As for :func:`winback.metrics.qini`, and so is the other.
        treatment: Who was treated.
        strategy: ``"overall"``: the first of all customers; ``"by_group"``: the first of the
            treated and the first of the control.
        k: The share of customers, above 0 and at most 1.

    Returns:
        Mean outcome of the treated less that of the control.

    Raises:
        ValueError: As :func:`winback.metrics.radcliffe_q`; another strategy; a share out of its
            range, or so small that one of the groups has nobody.
        TypeError: As :func:`winback.metrics.qini`.

    Examples:
        >>> from winback.metrics import uplift_at_k
        >>> uplift_at_k([1, 0, 1, 0, 0, 1], [6, 5, 4, 3, 2, 1], [1, 0, 1, 0, 1, 0], k=0.5)
        1.0
        >>> uplift_at_k([1, 0], [2, 1], [1, 0], "by group")
        Traceback (most recent call last):
        ValueError: strategy: expected overall or by_group, got 'by group'
    """
    if to_str("strategy", strategy) not in ("overall", "by_group"):
        raise refusal(ValueError, "strategy", "overall or by_group", repr(strategy))
    share = to_float("k", k)
    if not 0 < share <= 1:
        raise refusal(ValueError, "k", "above 0 and at most 1 (0.1 is the top tenth)", share)
    test = to_test(y_true, uplift, treatment)
    return _core.uplift_at_k(test, share, strategy == "by_group")


def uplift_curve(
    y_true: Iterable[SupportsFloat],
    uplift: Iterable[SupportsFloat],
    treatment: Iterable[SupportsFloat],
) -> Table:
    """The uplift curve and the Qini curve, at the end of each group of equal scores.

    Args:
        y_true: Outcomes of a test with a control group: yes or no as 1 and 0, or amounts.
        uplift: As for :func:`winback.metrics.qini`, and so is the other.
        treatment: Who was treated.

    Returns:
        A row for nobody, then one for each distinct score from the highest down: ``customers``,
        ``share``, ``score`` (the lowest; None for nobody), ``treated``, ``control``, ``uplift``
        (difference of the mean outcomes times customers), ``qini`` (outcomes of the treated less
        those of the control, scaled to the number of the treated).

    Raises:
        ValueError: As :func:`winback.metrics.radcliffe_q`.
        TypeError: As :func:`winback.metrics.qini`.

    Examples:
        >>> from winback.metrics import uplift_curve
        >>> curve = uplift_curve([1, 0, 1, 0], [2, 2, 1, 1], [1, 0, 1, 0])
        >>> curve["customers"], curve["qini"]
        ([0.0, 2.0, 4.0], [0.0, 1.0, 2.0])
    """
    return Table(_core.uplift_curve(to_test(y_true, uplift, treatment)))


def uplift_intervals(
    y_true: Iterable[SupportsFloat],
    uplift: Iterable[SupportsFloat],
    treatment: Iterable[SupportsFloat],
    *,
    k: Iterable[SupportsFloat] = (0.1, 0.3, 0.5),
    bootstraps: SupportsIndex = 1000,
    seed: SupportsIndex = 0,
) -> Table:
    """Measures of uplift with intervals of 95 %, by drawing customers anew within each arm.

    The score is taken as given: intervals tell how much other customers would change the figures,
    not what another training would. Results do not depend on the order of the rows or the number of
    threads.

    Args:
        y_true: Outcomes of a test with a control group: yes or no as 1 and 0, or amounts, which
            have no ``qini`` and no ``auuc``.
        uplift: As for :func:`winback.metrics.qini`, and so is the other.
        treatment: Who was treated.
        k: Shares of customers of which the uplift is told.
        bootstraps: How often customers are drawn; 2 to 1,000,000.
        seed: A number that decides the draws.

    Returns:
        A row for each ``measure`` (``qini``, ``auuc``, ``radcliffe_q``, ``uplift_at_0.1`` and so
        on): ``value``, ``standard_error``, ``low``, ``high``; None where undefined.

    Raises:
        ValueError: As :func:`winback.metrics.radcliffe_q`; a share or a number of draws out of its
            range.
        TypeError: As :func:`winback.metrics.qini`.

    Examples:
        >>> from winback.metrics import uplift_intervals
        >>> bought, score = [1, 0, 1, 0, 0, 1] * 50, [6, 5, 4, 3, 2, 1] * 50
        >>> found = uplift_intervals(bought, score, [1, 0, 1, 0, 1, 0] * 50, k=[0.5])
        >>> found["measure"]
        ['qini', 'auuc', 'radcliffe_q', 'uplift_at_0.5']
        >>> found["low"][2] < found["value"][2] < found["high"][2]
        True
    """
    return Table(
        _core.uplift_intervals(
            to_test(y_true, uplift, treatment),
            to_floats("k", k),
            to_count("bootstraps", bootstraps),
            to_count("seed", seed),
        )
    )


def to_test(y_true: Any, uplift: Any, treatment: Any) -> dict[str, Any]:
    """Outcomes, scores and arms, as the core takes them."""
    test: dict[str, list[Any]] = {
        "y_true": to_floats("y_true", y_true),
        "uplift": to_floats("uplift", uplift),
        "treatment": to_outcomes("treatment", treatment),
    }
    for name, values in test.items():
        if len(values) != len(test["y_true"]):
            raise ValueError(
                f"y_true has {len(test['y_true'])} values, but {name} has {len(values)}"
            )
    return test
