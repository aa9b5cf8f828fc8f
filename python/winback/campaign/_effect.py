"""What a campaign changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from winback import _core
from winback._arguments import Path, of_type, refusal, to_names, to_path
from winback._options import documented, to_options
from winback._time import Instant
from winback.answer import Answer
from winback.campaign._by_name import by_name
from winback.campaign._by_name import shares as to_shares
from winback.churn import ChurnModel
from winback.event_log import EventLog, Source, core_log, to_source


@documented("EffectOptions")
def effect(
    arms: Source,
    log: EventLog | None = None,
    *,
    plan: Path | None = None,
    model: ChurnModel | None = None,
    arm: str = "arm",
    control: str = "control",
    shares: Mapping[str, float] | None = None,
    start: Instant | None = None,
    window: str | None = None,
    metrics: Sequence[str] = (),
    covariates: Sequence[str] = (),
    segments: Sequence[str] = (),
    cluster: str | None = None,
    revenue: str = "spend",
    margin: float | None = None,
    contact_cost: Mapping[str, float] | float = 0.0,
    incentive_cost: Mapping[str, float] | float = 0.0,
    always_valid: bool | None = None,
    tau: Mapping[str, float] | float | None = None,
    looks: int | None = None,
    level: float = 0.05,
) -> Answer:
    """What a campaign changed, by intention to treat: by what its customers did beside control's.

    Every customer counts in the arm that was drawn, reached or not, and who is not in the log
    counts as having bought nothing. Shares are compared by Newcombe's interval and the pooled z
    test, means by Welch's, relative lifts by the logarithm of the ratio or by Fieller; with
    covariates both are means adjusted by Lin's (2013) regression with HC2 errors; with ``cluster``
    errors are those of clusters (Liang and Zeger), statsmodels' ``cov_type="cluster"``. The column
    ``method`` names the one used. What covariates known before the start explain is little for most
    outcomes: intervals narrow by a few per cent.

    While the window is not over the result is an interim one, by intervals that may be looked at as
    often as one likes and that miss at any time with a chance of at most ``level``, and without
    money and segments.

    Args:
        arms: The table of arms, one row a customer: what :func:`assign` gives, or any table with
            the arms in one column; with a log its ``customer_id`` are those of the log, without one
            the table has the outcomes too.
        log: All events; outcomes are what customers did in the window after the start.
        plan: The file that :func:`assign` wrote: arms must be those that it drew.
        model: A model trained before the start, for the covariate ``purchase_probability``.
        shares: Shares by which the arms were drawn, as ``{"control": 0.1, "offer": 0.9}``, or with
            whole numbers in their place: arms that are not as large are refused (p < 0.001).
        contact_cost: Cost of contacting one customer, for all offers or by arm.
        incentive_cost: Cost of the incentive for each customer of an offer who bought, whether or
            not because of it, for all offers or by arm.
        tau: The effect for which always-valid intervals are narrowest, for all outcomes or by
            outcome; to be fixed before outcomes are seen. By default from the variance in as long a
            time before the start.

    Returns:
        Eight tables. ``effects``: one row for each offer and outcome: ``arm``, ``metric``, ``kind``
        (``share`` or ``mean``), ``customers``, ``control_customers``, ``mean``, ``control_mean``,
        ``difference`` with its interval (``difference_low``, ``difference_high``),
        ``standard_error``, ``relative_lift`` (over control) and ``total`` (difference x customers
        of the arm) with theirs, ``p_value``, ``p_adjusted`` (Holm, over all rows), ``method``.
        ``unadjusted``: of adjusted effects the same without covariates.

        ``money``: ``arm``, ``customers``, ``buyers``, ``incremental_revenue``, with a margin
        ``incremental_margin`` and ``profit``, each with its interval, ``cost``, ``return_on_cost``,
        ``paid_chance`` (that the profit is above 0), and the ``p_value`` of a profit so far from 0,
        ``p_adjusted`` for all offers (Holm).

        ``segments``: ``grouping``, ``segment``, ``arm``, ``metric``, ``customers``,
        ``control_customers``, ``difference`` and ``shrunk`` (drawn towards the mean of all
        segments as far as it is uncertain) with intervals, ``p_value``, ``p_adjusted`` (Benjamini
        and Hochberg, over the segments of the grouping, for each offer and outcome).

        ``heterogeneity``: whether segments differ: ``grouping``, ``arm``, ``metric``, ``segments``,
        ``mean_effect``, ``q`` (Cochran's), ``p_value``, ``i_squared``, ``variance_between``.

        ``balance``: what was known before: ``arm``, ``covariate``, ``mean``, ``control_mean``,
        ``standardised_difference``, ``is_off`` (more than 0.1). ``arms``: ``arm``, ``share``,
        ``customers``, ``drawn_share``, ``contacted`` (in the window, by the log's events that are
        contacts).

        ``over_time``: with ``looks``, what an interval that may be looked at at any time said on
        each of these days, by what was known then: ``until``, ``arm``, ``metric``, ``mean``,
        ``control_mean``, ``difference`` with its interval, ``p_value``, ``method``.

        Figures: ``customers`` (where they repeat, rows), ``is_interim``, ``is_always_valid``,
        ``start``, ``end``, ``known_until``, ``time_zone``, ``level``, ``sample_ratio_p_value``,
        ``unlike_arms`` (which what was known before tells from control, p < 0.001: they were not
        drawn at random), ``balance_tests``, ``tau``, ``clusters`` (of each arm), ``plan``, and as
        they were given ``covariates``, ``revenue``, ``margin``, ``contact_cost``,
        ``incentive_cost``.

    Raises:
        ValueError: Arms without control (no effect can be measured then), a customer in two of
            them, arms that the plan did not draw, or that are not as large as their shares; a
            window of which nothing is observed yet; negative costs; outcomes that are missing;
            options out of range.
        TypeError: An argument of another type.

    Examples:
        >>> import pandas as pd
        >>> import winback as wb
        >>> table = pd.DataFrame(
        ...     {
        ...         "arm": ["control"] * 500 + ["offer"] * 500,
        ...         "bought": [0, 0, 0, 0, 1] * 100 + [0, 0, 1] * 166 + [0, 0],
        ...     }
        ... )
        >>> found = wb.campaign.effect(table, metrics=["bought"], shares={"control": 1, "offer": 1})
        >>> round(found["difference"][0], 3), found["method"]
        (0.132, ['newcombe'])
    """
    options = to_options(
        arm=arm,
        control=control,
        shares=to_shares("shares", shares),
        start=start,
        window=window,
        metrics=to_names("metrics", metrics),
        covariates=to_names("covariates", covariates),
        segments=to_names("segments", segments),
        cluster=cluster,
        revenue=revenue,
        margin=margin,
        contact_cost=by_name("contact_cost", contact_cost),
        incentive_cost=by_name("incentive_cost", incentive_cost),
        always_valid=always_valid,
        tau=by_name("tau", tau),
        looks=looks,
        level=level,
    )
    if model is not None and not isinstance(model, ChurnModel):
        raise refusal(TypeError, "model", "a winback.ChurnModel", of_type(model))
    return Answer(
        _core.campaign_effect(
            to_source("arms", arms, is_needed=True),
            None if log is None else core_log(log),
            None if plan is None else to_path("plan", plan),
            None if model is None else model._fitted(),
            options,
        ),
        arms,
        log,
        plan,
        model,
    )
