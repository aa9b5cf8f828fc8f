"""The points of curves of a score, computed apart from their drawing."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple, SupportsFloat

from winback._arguments import refusal, to_floats, to_outcomes

_Z = 1.959963984540054


class Bin(NamedTuple):
    """Rows of similar probability: mean probability, share with the outcome and its interval."""

    rows: float
    mean: float
    share: float
    low: float
    high: float


def checked(
    what: str,
    y_true: Iterable[SupportsFloat],
    y_score: Iterable[SupportsFloat],
    name: str = "y_score",
) -> tuple[list[bool], list[float]]:
    """Outcomes and scores that a curve can be drawn of."""
    pairs = isinstance(y_score, (list, tuple)) and any(hasattr(y, "__len__") for y in y_score)
    if pairs or len(getattr(y_score, "shape", ())) == 2:
        raise ValueError(
            f"{name} has two dimensions: take the column of the outcome, as predict_proba(X)[:, 1]"
        )
    outcomes, scores = to_outcomes("y_true", y_true), to_floats(name, y_score)
    if len(outcomes) != len(scores):
        raise ValueError(f"y_true has {len(outcomes)} rows and {name} has {len(scores)}")
    for i, score in enumerate(scores):
        if not math.isfinite(score):
            raise refusal(ValueError, f"{name}[{i}]", "a finite number", score)
    if len(set(outcomes)) < 2:
        rows = (
            f"all {len(outcomes)} rows have y_true = {int(outcomes[0])}" if outcomes else "no rows"
        )
        raise ValueError(f"{what} compares two outcomes: {rows}")
    return outcomes, scores


def ranked(outcomes: list[bool], scores: list[float]) -> list[tuple[int, int]]:
    """From the highest score down, how many rows with and without the outcome are taken by then.

    Rows of equal score are taken together; the first point is that of none.
    """
    order = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)
    points = [(0, 0)]
    found = 0
    for taken, row in enumerate(order, start=1):
        found += outcomes[row]
        if taken == len(order) or scores[order[taken]] != scores[row]:
            points.append((found, taken - found))
    return points


def corners(points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The points at which a line turns; those on a straight stretch are left out."""
    kept = points[:1]
    for (x, y), (next_x, next_y) in zip(points[1:], points[2:], strict=False):
        last_x, last_y = kept[-1]
        if (x - last_x) * (next_y - y) != (next_x - x) * (y - last_y):
            kept.append((x, y))
    return kept + points[-1:]


def area(x: list[float], y: list[float]) -> float:
    """The area under straight lines between points."""
    return sum((x[i + 1] - x[i]) * (y[i + 1] + y[i]) / 2 for i in range(len(x) - 1))


def between(x: list[float], y: list[float], at: Iterable[float]) -> list[float]:
    """The height of straight lines between points at rising places."""
    heights, i = [], 0
    for place in at:
        while i < len(x) - 2 and x[i + 1] < place:
            i += 1
        part = (place - x[i]) / (x[i + 1] - x[i])
        heights.append(y[i] + part * (y[i + 1] - y[i]))
    return heights


def equal_count_bins(outcomes: list[bool], probabilities: list[float], bins: int) -> list[Bin]:
    """Bins of equally many rows by rising probability.

    Rows of one probability that lie in two bins count in each with their mean outcome, as in the
    expected calibration error of a backtest.
    """
    total = len(outcomes)
    order = sorted(range(total), key=probabilities.__getitem__)
    filled: list[list[float]] = [[0.0, 0.0, 0.0]]
    start = 0
    while start < total:
        probability, end = probabilities[order[start]], start
        while end < total and probabilities[order[end]] == probability:
            end += 1
        rate = sum(outcomes[row] for row in order[start:end]) / (end - start)
        place = float(start)
        while place < end:
            last = len(filled) == bins
            edge = end if last else min(end, total * len(filled) / bins)
            filled[-1][0] += edge - place
            filled[-1][1] += (edge - place) * probability
            filled[-1][2] += (edge - place) * rate
            place = edge
            if not last and place == total * len(filled) / bins:
                filled.append([0.0, 0.0, 0.0])
        start = end
    return [
        Bin(rows, mean / rows, found / rows, *wilson(found, rows))
        for rows, mean, found in filled
        if rows > 0
    ]


def wilson(found: float, rows: float) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson (1927)."""
    share, z2 = found / rows, _Z * _Z / rows
    middle = share + z2 / 2
    half = math.sqrt(max(z2 * (share * (1 - share) + z2 / 4), 0.0))
    return max(0.0, (middle - half) / (1 + z2)), min(1.0, (middle + half) / (1 + z2))
