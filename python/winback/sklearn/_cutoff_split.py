"""Cross-validation out of time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import BaseCrossValidator
from sklearn.utils import check_consistent_length

from winback import _core
from winback._arguments import refusal, to_count, to_str
from winback._time import to_text


class CutoffSplit(BaseCrossValidator):  # type: ignore[misc]
    """Splits the rows of a panel by their cutoffs, so that no model is tested on what it knew.

    Each test holds the rows of one cutoff. It trains on the rows of the cutoffs whose outcome
    window [cutoff + lead, cutoff + lead + horizon) had ended by then, as
    :meth:`winback.ChurnModel.backtest` does; rows between the two are in neither. Cutoffs without
    a cutoff to train on are not tested. ``groups`` are the cutoffs of the rows: the column
    ``cutoff`` of :meth:`winback.EventLog.panel`. The rows of the first cutoffs are in no test, so
    ``cross_val_predict``, which wants each row tested once, does not work with it; take
    ``cross_val_score`` or a loop.

    Args:
        horizon: Length of the outcome window, as ``30d``, ``12w``, ``3mo`` or ``1y``, months and
            years by the calendar; the one the panel was made with.
        lead: Pause between cutoff and outcome window, likewise.
        tests: How many cutoffs are tested, the latest ones; None for all that can be.
        max_train_cutoffs: Of how many cutoffs, the latest ones, rows are trained on at most; None
            for all.

    Examples:
        >>> from winback.sklearn import CutoffSplit
        >>> cutoffs = ["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01", "2024-05-01"]
        >>> for train, test in CutoffSplit("2mo").split([0, 1, 2, 3, 4], groups=cutoffs):
        ...     print([cutoffs[i] for i in train], "->", [cutoffs[i] for i in test])
        ['2024-01-01'] -> ['2024-03-01']
        ['2024-01-01', '2024-02-01'] -> ['2024-04-01']
        ['2024-01-01', '2024-02-01', '2024-03-01'] -> ['2024-05-01']
        >>> CutoffSplit("6mo").get_n_splits(groups=cutoffs)
        Traceback (most recent call last):
        ValueError: no cutoff can be tested: none of 5, from 2024-01-01 to 2024-05-01, comes ...
    """

    # Where metadata are routed, cutoffs reach the splitter without being asked for.
    __metadata_request__split = {"groups": True}

    def __init__(
        self,
        horizon: str = "3mo",
        *,
        lead: str = "0d",
        tests: int | None = None,
        max_train_cutoffs: int | None = None,
    ) -> None:
        self.horizon = horizon
        self.lead = lead
        self.tests = tests
        self.max_train_cutoffs = max_train_cutoffs

    def split(
        self, X: Any = None, y: Any = None, groups: Any = None
    ) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
        """Positions of the rows to train on and to test on, for one test after the other.

        Args:
            X: The rows; only their number is looked at.
            y: Likewise.
            groups: The cutoff of each row: datetimes (naive: UTC), dates or ISO texts.

        Returns:
            Pairs of rising positions, by rising cutoff of the test.

        Raises:
            ValueError: No ``groups``, or not as many as rows; a cutoff that is missing or no time;
                no cutoff that can be tested, or fewer than ``tests``; a span that is none.
            TypeError: Groups or an argument of another type.

        Examples:
            >>> from winback.sklearn import CutoffSplit
            >>> cutoffs = ["2024-01-01", "2024-04-01", "2024-07-01"]
            >>> for train, test in CutoffSplit("3mo").split(cutoffs, groups=cutoffs):
            ...     print(train, test)
            [0] [1]
            [0 1] [2]
        """
        rows, folds = self._folds(X, y, groups)
        return ((_places(rows, train), _places(rows, [test])) for train, test in folds)

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """How many cutoffs are tested.

        Args:
            X: As in :meth:`split`.
            y: Likewise.
            groups: Likewise.

        Returns:
            Their number.

        Raises:
            ValueError: As in :meth:`split`.
            TypeError: Likewise.

        Examples:
            >>> from winback.sklearn import CutoffSplit
            >>> CutoffSplit("3mo").get_n_splits(groups=["2024-01-01", "2024-04-01", "2024-07-01"])
            2
        """
        return len(self._folds(X, y, groups)[1])

    def _folds(
        self, X: Any, y: Any, groups: Any
    ) -> tuple[npt.NDArray[np.int64], list[tuple[list[int], int]]]:
        """Cutoffs of the rows, and for every test the cutoffs to train on and its own."""
        if groups is None:
            raise ValueError("The 'groups' parameter should not be None: the cutoff of each row")
        check_consistent_length(*(rows for rows in (X, y, groups) if rows is not None))
        tests = None if self.tests is None else _positive("tests", self.tests)
        most = self.max_train_cutoffs
        most = None if most is None else _positive("max_train_cutoffs", most)
        texts, places = _distinct(groups)
        windows = _core.outcome_windows(
            texts, to_str("lead", self.lead), to_str("horizon", self.horizon)
        )
        ends = dict(sorted(windows))
        folds = []
        for test in ends:
            train = [cutoff for cutoff, end in ends.items() if end <= test]
            if train:
                folds.append((train if most is None else train[-most:], test))
        if not folds:
            span = " to ".join(str(np.datetime64(at, "us"))[:10] for at in (min(ends), max(ends)))
            raise ValueError(
                f"no cutoff can be tested: none of {len(ends)}, from {span}, comes after the "
                f"outcome window of an earlier one (lead {self.lead}, horizon {self.horizon}); "
                "take a panel with more cutoffs before"
            )
        if tests is not None and tests > len(folds):
            raise refusal(ValueError, "tests", f"at most {len(folds)}, the cutoffs to test", tests)
        cutoffs = np.array([cutoff for cutoff, _ in windows], dtype=np.int64)
        return cutoffs[places], folds if tests is None else folds[-tests:]


def _positive(name: str, value: int) -> int:
    if to_count(name, value) == 0:
        raise refusal(ValueError, name, "1 or more, or None", 0)
    return to_count(name, value)


def _distinct(groups: Any) -> tuple[list[str], npt.NDArray[np.intp]]:
    """ISO texts of the distinct cutoffs, and of every row the place of its own among them."""
    values = np.asarray(groups)
    if values.ndim != 1:
        raise refusal(ValueError, "groups", "one column of cutoffs", f"{values.ndim} dimensions")
    if not len(values):
        raise ValueError("groups are empty; the cutoff of each row is needed")
    if values.dtype.kind == "M":
        instants, places = np.unique(values.astype("datetime64[us]"), return_inverse=True)
        if np.isnat(instants).any():
            raise ValueError("groups: a cutoff is missing")
        return [str(text) for text in np.datetime_as_string(instants)], places
    found: dict[str, int] = {}
    known: dict[Any, int] = {}
    rows = np.empty(len(values), dtype=np.intp)
    for row, value in enumerate(values.tolist()):
        if value not in known:
            known[value] = found.setdefault(to_text("groups", value), len(found))
        rows[row] = known[value]
    return list(found), rows


def _places(rows: npt.NDArray[np.int64], cutoffs: list[int]) -> npt.NDArray[np.intp]:
    return np.flatnonzero(np.isin(rows, cutoffs))
