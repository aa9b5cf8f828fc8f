"""How long customers are silent."""

from __future__ import annotations

from typing import Any

from winback import _html
from winback.table import Table


class InactivityReport:
    """How long customers are silent, and which limits of inactivity that suggests.

    A silence begins on each day (UTC) with a purchase and ends on the customer's next one; the last
    one still lasts. Months are counted as 30.44 days. In all tables ``grouping`` and ``group`` say
    whose silences a row is about: ``all``; ``purchases`` (made when the silence began: ``1``,
    ``2-3``, ``4-9``, ``10+``); or the attribute named by ``group_by``, of which the 20 groups with
    most customers are told apart.

    Attributes:
        gaps: The distribution of gaps, two rows a group: by ``method`` ``completed``, from the gaps
            that ended, which makes them look short, and ``kaplan_meier``, with the silences that
            still last as censored: ``customers``, ``silences``, ``gaps``, the quantiles in days
            ``p10`` to ``p99`` (None where never so many were seen to end), the shares of shorter
            gaps ``under_1mo``, ``under_3mo``, ``under_6mo``, ``under_12mo``.
        returns: Who comes back after which silence, a row for each ``silence_days``: ``silences``
            (that lasted so long or longer, with the whole horizon after it seen), ``returned``
            (with a purchase inside the horizon), ``return_share`` with Wilson's 95 % interval
            (``return_share_low``, ``return_share_high``), ``return_share_at_all`` with its interval
            (by Kaplan-Meier, up to the longest silence that at least 100 reached),
            ``late_return_share`` (of all silences that end by then, those of this length or more).
        limits: The limits and what they cost in wrong alarms, four rows a group: ``customers``,
            ``limit`` (``lapsed_after`` or ``lost_after``), ``source`` (``suggested`` or ``given``),
            ``days`` (None where none is suggested), the columns of ``returns`` for the silences
            that reached it, ``days_later`` (than by the given limit a leaving customer is noticed),
            ``too_thin`` (fewer than 100 silences: too few to rely on).
        lapsed_after: The suggested limit, as ``"93d"``, or None: the shortest silence after which
            less than ``lapsed_share`` return within the horizon, if at no longer one clearly as
            many do, and beyond the days of a calendar rhythm.
        lost_after: The same for ``lost_share``.
        horizon: The suggested horizon: the shortest whole months, up to 24, in which two thirds of
            the returns come; or None.
        rhythms: Calendar rhythms, mostly none: ``monthly``, ``quarterly``, ``half-yearly``,
            ``yearly``. Returns a day are then at least twice as frequent as on as many days before
            and after.
        notes: What a reader should know: a rhythm that makes the limits wrong, a log too short.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=500).event_log()
        >>> silence = log.inactivity(until="2025-01-01")
        >>> silence.returns.column_names[:4]
        ['grouping', 'group', 'silence_days', 'silences']
        >>> silence.lapsed_after.endswith("d")
        True
    """

    def __init__(self, values: dict[str, Any]) -> None:
        self.gaps = Table(values["gaps"])
        self.returns = Table(values["returns"])
        self.limits = Table(values["limits"])
        self.lapsed_after: str | None = values["lapsed_after"]
        self.lost_after: str | None = values["lost_after"]
        self.horizon: str | None = values["horizon"]
        self.rhythms: list[str] = values["rhythms"]
        self.notes: list[str] = values["notes"]
        self._text: str = values["text"]

    def __repr__(self) -> str:
        return self._text.rstrip()

    def _repr_html_(self) -> str:
        return _html.report(repr(self))
