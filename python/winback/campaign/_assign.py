"""The arms of a campaign."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from winback import _core
from winback._arguments import Path, of_type, refusal, to_names
from winback._inputs import to_output
from winback._options import documented, to_options
from winback._time import Instant
from winback.answer import Answer
from winback.campaign._by_name import shares
from winback.event_log import Source, to_source
from winback.snapshot import Snapshot, core_snapshot


@documented("AssignOptions")
def assign(
    customer_list: Source,
    now: Snapshot | None = None,
    *,
    others: Sequence[Source] = (),
    plan: Path | None = None,
    arms: Mapping[str, float] | None = None,
    control_share: float | None = None,
    control: str = "control",
    salt: str = "winback",
    strata: Sequence[str] = (),
    rank_by: Sequence[str] = (),
    quiet_for: str | None = None,
    skip_open_tickets: bool = False,
    metric: str = "purchased",
    window: str = "30d",
    start: Instant | None = None,
) -> Answer:
    """Draws an arm for each customer of a list who may be contacted.

    Without strata and ranks the arm of a customer depends on salt and id alone: whoever else is on
    the list, in whatever order, in Rust, in Python, on the command line and, by the expressions
    among the figures, in DuckDB or Spark. With them each arm has its share in each stratum and in
    each block of neighbours.

    Left out are, and counted by the first of these reasons: customers whose column
    ``do_not_contact``, of the list or the log's attributes, says so; those with an open ticket;
    those contacted lately; and those of other campaigns.

    Args:
        customer_list: The list: a table with ``customer_id``, or a path, such as what
            :meth:`winback.ChurnModel.candidates` gives.
        now: The log at the cutoff, for exclusions and for strata by attributes.
        others: Lists of other campaigns, whose customers are left out.
        plan: File to write the plan to, as JSON: how arms were drawn, and what is to be looked at.
            :func:`effect` reads it.
        arms: Arms and their shares, in the order in which they are drawn, as
            ``{"control": 0.1, "offer_a": 0.45, "offer_b": 0.45}``; instead of a control share.

    Returns:
        Five tables. ``arms``: ``customer_id``, ``arm``, with strata ``stratum``; by ascending id.
        ``sizes``: ``arm``, ``share``, ``customers``, ``drawn_share``. ``exclusions``: ``reason``
        (``do_not_contact``, ``open_ticket``, ``contacted``, ``other_campaign``), ``customers``.
        ``excluded``: ``customer_id``, ``reason``. ``balance``: of the list's columns of numbers
        ``arm``, ``covariate``, ``mean``, ``control_mean``, ``standardised_difference``, ``is_off``
        (more than 0.1).

        Figures: ``customers`` (drawn), ``excluded``, ``sample_ratio_p_value``, ``balance_tests``
        (by arm, of all columns together), ``plan``, ``sql`` and ``spark`` (None with strata or
        ranks).

    Raises:
        ValueError: Options out of range, arms without control, a list without ids, or of which
            nobody is left; exclusions that the log cannot tell.
        TypeError: An argument of another type.

    Examples:
        >>> import pandas as pd
        >>> import winback as wb
        >>> listed = pd.DataFrame({"customer_id": range(1000)})
        >>> drawn = wb.campaign.assign(listed, control_share=0.2, salt="spring")
        >>> drawn.tables["sizes"]["arm"]
        ['control', 'contact']
        >>> drawn["arm"][:3]
        ['contact', 'control', 'contact']
    """
    if isinstance(others, str) or not isinstance(others, Iterable) or hasattr(others, "columns"):
        raise refusal(TypeError, "others", "a list of tables or paths", of_type(others))
    options = to_options(
        arms=shares("arms", arms),
        control_share=control_share,
        control=control,
        salt=salt,
        strata=to_names("strata", strata),
        rank_by=to_names("rank_by", rank_by),
        quiet_for=quiet_for,
        skip_open_tickets=skip_open_tickets,
        metric=metric,
        window=window,
        start=start,
    )
    file = None if plan is None else to_output(plan, customer_list, now, *others, name="plan")
    return Answer(
        _core.campaign_assign(
            to_source("customer_list", customer_list, is_needed=True),
            None if now is None else core_snapshot(now),
            [to_source("others", other, is_needed=True) for other in others],
            file,
            options,
        ),
        customer_list,
        now,
        *others,
    )
