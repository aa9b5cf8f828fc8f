"""RFM scores and segments, fitted at one cutoff and applied at later ones."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias, TypeVar

from winback import _core
from winback._arguments import of_type, refusal, to_floats, to_path, to_str
from winback._inputs import keep, to_output
from winback._options import documented, to_options
from winback._parameters import NotFittedError, Parameters
from winback._parts import core_snapshots
from winback.answer import Answer
from winback.snapshot import PartitionedSnapshot, Snapshot

SegmentConfig: TypeAlias = str | Sequence[Mapping[str, Any]] | Mapping[str, Sequence[str]]
"""A preset, a list of rules, or scores by segment as PyMC-Marketing has them."""

_Segments = TypeVar("_Segments", bound="RfmSegments")


@documented("RfmOptions")
class RfmSegments(Parameters):
    """RFM scores and segments, fitted at one cutoff and applied at later ones.

    Recency is ``days_since_last_purchase``, frequency ``purchase_count``, monetary value
    ``total_spend`` or ``average_check``, of all customers with a purchase before the cutoff. With
    thresholds c1 <= ... a value lies in the interval number 1 + the number of thresholds below it
    (closed on the right, as ``pandas.qcut``); that is the score, of recency counted from the other
    end. Equal customers always get equal scores; where many share a value, some scores are given
    to nobody. The thresholds stay those of the fit, so that a score changes only when the customer
    does.

    Args:
        segments: Which scores make which segment. ``"common"``: champions, loyal customers,
            potential loyalists, new customers, promising, need attention, about to sleep, at risk,
            cannot lose them, hibernating, lost, of scores from 1 to 5, as widely published.
            ``"pymc-marketing"``: the segments of PyMC-Marketing 0.19.2, of scores from 1 to 4 (it
            takes ``monetary="average_check"``, and numbers scores anew where many share a value).
            Or rules, of which the first that fits decides, as
            ``[{"name": "best", "r": [4, 5], "m": [5, 5]}]``; or scores by segment, as
            ``{"best": ["555", "554"]}``.
        other: Name of the segment of all others; by default ``other`` or that of the preset.

    Attributes:
        cuts_: The thresholds: ``recency``, ``frequency``, ``monetary``.
        fitted_at_: The cutoff of the fit, a naive datetime of the log's clock.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=500).event_log()
        >>> segments = wb.segments.RfmSegments().fit(log.at("2024-07-01"))
        >>> scores = segments.score(log.at("2025-01-01"))
        >>> scores.column_names[:4]
        ['customer_id', 'recency', 'frequency', 'monetary']
        >>> scores.column_names[4:]
        ['r_score', 'f_score', 'm_score', 'rfm_score', 'segment']
        >>> wb.segments.RfmSegments(quantiles=1).fit(log.at("2024-07-01"))
        Traceback (most recent call last):
        ValueError: quantiles: expected 2 to 9, got 1
    """

    _model: _core.RfmSegments | None = None
    _core_type = _core.RfmSegments

    def __init__(
        self,
        segments: SegmentConfig = "common",
        *,
        other: str | None = None,
        quantiles: int | None = None,
        recency_cuts: Sequence[float] | None = None,
        frequency_cuts: Sequence[float] | None = None,
        monetary_cuts: Sequence[float] | None = None,
        monetary: Literal["total_spend", "average_check"] = "total_spend",
    ) -> None:
        self.segments = segments
        self.other = other
        self.quantiles = quantiles
        self.recency_cuts = recency_cuts
        self.frequency_cuts = frequency_cuts
        self.monetary_cuts = monetary_cuts
        self.monetary = monetary

    def fit(self: _Segments, now: Snapshot | PartitionedSnapshot) -> _Segments:
        """Finds the thresholds among the customers with a purchase before a cutoff.

        Args:
            now: The log at the cutoff, in memory or in parts.

        Returns:
            The object itself.

        Raises:
            ValueError: An argument of the constructor that is not allowed; a log without amounts;
                no customer with a purchase before the cutoff.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> now = wb.simulate(customers=300).event_log().at("2024-07-01")
            >>> segments = wb.segments.RfmSegments().fit(now)
            >>> [len(segments.cuts_[name]) for name in ("recency", "frequency", "monetary")]
            [4, 4, 4]
        """
        self._model = _core.RfmSegments.fit(core_snapshots(now), self._options())
        keep(self, now)
        return self

    def _options(self) -> dict[str, Any]:
        """As the core takes them."""
        options = to_options(quantiles=self.quantiles, monetary=self.monetary)
        for name in ("recency_cuts", "frequency_cuts", "monetary_cuts"):
            cuts = getattr(self, name)
            options[name] = None if cuts is None else to_floats(name, cuts)
        options["other"] = None if self.other is None else to_str("other", self.other)
        options["segments"] = _segments(self.segments)
        return options

    def score(self, now: Snapshot | PartitionedSnapshot) -> Answer:
        """Scores and segments of all customers with a purchase before a cutoff.

        Args:
            now: The log at the cutoff, in memory or in parts; the log of the fit, or one that forms
                purchases by the same rules.

        Returns:
            ``scores``: a row a customer, by ascending id: ``customer_id``, ``recency`` (days),
            ``frequency``, ``monetary``, ``r_score``, ``f_score``, ``m_score``, ``rfm_score`` (the
            three digits as a text), ``segment``. ``segments``: ``segment``, ``customers``,
            ``share``, ``revenue``, ``revenue_share``, ``mean_recency``, ``mean_frequency``,
            ``mean_monetary``; None where not defined.

        Raises:
            NotFittedError: There was no fit.
            ValueError: A log that forms purchases by other rules.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=300).event_log()
            >>> segments = wb.segments.RfmSegments().fit(log.at("2024-07-01"))
            >>> scores = segments.score(log.at("2025-01-01"))
            >>> set(scores["r_score"]) <= {1, 2, 3, 4, 5}
            True
            >>> sum(scores.tables["segments"]["customers"]) == len(scores)
            True
        """
        return Answer(self._fitted().score(core_snapshots(now)), now, self)

    @documented("MigrationOptions")
    def migration(
        self,
        before: Snapshot | PartitionedSnapshot,
        after: Snapshot | PartitionedSnapshot,
        *,
        vulnerable: Sequence[str] = (),
        min_customers: int = 30,
        level: float = 0.01,
    ) -> Answer:
        """Where the customers of each segment at one cutoff stand at another.

        The thresholds are the same at both.

        Args:
            before: The log at the first cutoff, in memory or in parts.
            after: The same log at a later cutoff, likewise.

        Returns:
            As :func:`winback.retention.label_migration`, with net spend from the first cutoff to
            the second.

        Raises:
            NotFittedError: There was no fit.
            ValueError: A second cutoff that is not later or of another log, an unknown label, a
                level outside 0 to 1, a log that forms purchases by other rules.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=500).event_log()
            >>> july, october = log.at("2024-07-01"), log.at("2024-10-01")
            >>> fitted = wb.segments.RfmSegments().fit(july)
            >>> moved = fitted.migration(july, october, vulnerable=["at risk"])
            >>> moved["from_label"][0], moved.figures["alarm"]["rings"] in (True, False)
            ('champions', True)
        """
        options = to_options(vulnerable=vulnerable, min_customers=min_customers, level=level)
        first, second = core_snapshots(before, "before"), core_snapshots(after, "after")
        return Answer(self._fitted().migration(first, second, options), before, after, self)

    @property
    def cuts_(self) -> dict[str, list[float]]:
        """The thresholds of ``recency``, ``frequency`` and ``monetary``, rising."""
        return self._fitted().cuts()

    @property
    def fitted_at_(self) -> Any:
        """The cutoff of the fit, a naive datetime of the log's clock."""
        return self._fitted().fitted_at()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes thresholds and rules to a file, which holds data and no code.

        Args:
            path: The file.

        Raises:
            NotFittedError: There was no fit.
            OSError: The file cannot be written; nothing half-written stays.

        Examples:
            >>> import pathlib, tempfile
            >>> import winback as wb
            >>> now = wb.simulate(customers=300).event_log().at("2024-07-01")
            >>> path = pathlib.Path(tempfile.mkdtemp()) / "rfm.winback"
            >>> wb.segments.RfmSegments().fit(now).save(path)
            >>> path.stat().st_size > 0
            True
        """
        self._fitted().save(to_output(path, self))

    @classmethod
    def load(cls: type[_Segments], path: str | os.PathLike[str]) -> _Segments:
        """Reads what :meth:`save` wrote; it gives the same scores.

        Args:
            path: The file.

        Returns:
            The fitted object.

        Raises:
            ValueError: The file is damaged, of another version, or another kind of file.
            FileNotFoundError: There is no such file; other kinds of ``OSError`` likewise.

        Examples:
            >>> import pathlib, tempfile
            >>> import winback as wb
            >>> now = wb.simulate(customers=300).event_log().at("2024-07-01")
            >>> path = pathlib.Path(tempfile.mkdtemp()) / "rfm.winback"
            >>> segments = wb.segments.RfmSegments().fit(now)
            >>> segments.save(path)
            >>> wb.segments.RfmSegments.load(path).cuts_ == segments.cuts_
            True
        """
        fitted = _core.RfmSegments.load(to_path("path", path))
        parameters, preset = fitted.parameters()
        rules = parameters.pop("segments")
        parameters["segments"] = preset or rules["rules"]
        parameters["other"] = None if preset else rules["other"]
        loaded = cls(**parameters)
        loaded._model = fitted
        return loaded

    def _fitted(self) -> _core.RfmSegments:
        if self._model is None:
            raise NotFittedError("this RfmSegments is not fitted; call fit(now) first")
        return self._model


def _segments(segments: SegmentConfig) -> str:
    """A preset by its name, or rules as JSON."""
    if isinstance(segments, str):
        if segments.lstrip().startswith(("[", "{")):
            raise refusal(ValueError, "segments", "a preset, a list or a dict", repr(segments))
        return to_str("segments", segments)
    if isinstance(segments, Mapping):
        for name, scores in segments.items():
            if isinstance(scores, str) or not isinstance(scores, Iterable):
                place = f"segments[{name!r}]"
                raise refusal(TypeError, place, "a list of conditions", of_type(scores))
        named = [{"name": name, "scores": list(scores)} for name, scores in segments.items()]
        return json.dumps(named)
    if not isinstance(segments, Sequence) or not all(isinstance(r, Mapping) for r in segments):
        raise refusal(TypeError, "segments", "a str, a list of rules or a dict", of_type(segments))
    rules = [dict(rule) for rule in segments if isinstance(rule, Mapping)]
    return json.dumps(rules)


@documented("RfmOptions")
def rfm(
    now: Snapshot | PartitionedSnapshot,
    segments: SegmentConfig = "common",
    *,
    other: str | None = None,
    quantiles: int | None = None,
    recency_cuts: Sequence[float] | None = None,
    frequency_cuts: Sequence[float] | None = None,
    monetary_cuts: Sequence[float] | None = None,
    monetary: Literal["total_spend", "average_check"] = "total_spend",
) -> Answer:
    """RFM scores and segments of all customers, by thresholds found at the same cutoff.

    Scores of several cutoffs that are to be compared need one :class:`RfmSegments`.

    Args:
        now: The log at a cutoff, in memory or in parts.
        segments: As for :class:`RfmSegments`.
        other: Name of the segment of all others.

    Returns:
        As :meth:`RfmSegments.score`.

    Raises:
        ValueError: As :meth:`RfmSegments.fit`.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> now = wb.simulate(customers=500).event_log().at("2025-01-01")
        >>> wb.segments.rfm(now).tables["segments"]["segment"][0]
        'champions'
    """
    fitted = RfmSegments(
        segments,
        other=other,
        quantiles=quantiles,
        recency_cuts=recency_cuts,
        frequency_cuts=frequency_cuts,
        monetary_cuts=monetary_cuts,
        monetary=monetary,
    )
    return fitted.fit(now).score(now)
