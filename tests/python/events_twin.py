"""The slow, obvious twin of winback's features of events, with polars and plain Python.

Written from the meanings of the catalogue alone, and without winback: a test compares the two.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import polars as pl

NAN = math.nan
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
MICRO = timedelta(microseconds=1)


def features(
    events: pl.DataFrame,
    purchases: Mapping[Any, list[datetime]],
    at: datetime,
    contacts: Sequence[str] = (),
    roles: Mapping[str, Sequence[str]] | None = None,
    kinds: Sequence[str] = (),
) -> dict[Any, dict[str, float]]:
    """Features by customer, of those with a purchase time before the cutoff."""
    known = events.filter(pl.col("time") < at)
    if "known_at" in known.columns:
        known = known.filter(pl.col("known_at").is_null() | (pl.col("known_at") < at))
    known = known.sort("time")
    rows: dict[Any, list[dict[str, Any]]] = {}
    for row in known.iter_rows(named=True):
        rows.setdefault(row["customer_id"], []).append(row)
    has = {role: list(named) for role, named in (roles or {}).items()}
    out = {}
    for customer, times in purchases.items():
        bought = sorted(time for time in times if time < at)
        if not bought:
            continue
        own = rows.get(customer, [])
        found = activity([r["time"] for r in own if r["kind"] not in contacts], bought, at)
        found |= paths(own, bought, at, has)
        if contacts:
            found |= contacted(own, bought, at, contacts, has.get("opened", []))
        for kind in kinds:
            found |= of_kind(
                kind, [r for r in own if r["kind"] == kind], at, "value" in known.columns
            )
        if kinds:
            found |= of_kind("other", [r for r in own if r["kind"] not in kinds], at, False)
        out[customer] = found
    return out


def activity(times: list[datetime], bought: list[datetime], at: datetime) -> dict[str, float]:
    days = sorted({(at - MICRO - time) // DAY for time in times})
    silence = (at - times[-1]) / DAY if times else NAN
    gaps = len(days) - 1
    return {
        "days_since_last_event": silence,
        "event_count_30d": count(times, at, 30),
        "event_count_90d": count(times, at, 90),
        "active_days_30d": sum(day < 30 for day in days),
        "active_days_90d": sum(day < 90 for day in days),
        "active_day_share": len(days) / (days[-1] + 1) if days else NAN,
        "mean_event_gap_days": (days[-1] - days[0]) / gaps if gaps > 0 else NAN,
        "event_overdue_ratio": (
            silence / ((days[-1] - days[0] + 30) / (gaps + 1)) if days else NAN
        ),
        "longest_event_pause_days": max(((b - a) / DAY for a, b in pairwise(times)), default=NAN),
        "event_trend": trend(times, at),
        "event_hour_entropy": entropy([time.hour for time in times]),
        "event_weekday_entropy": entropy([time.weekday() for time in times]),
        "events_since_purchase": sum(time > bought[-1] for time in times),
    }


def paths(
    rows: list[dict[str, Any]],
    bought: list[datetime],
    at: datetime,
    has: Mapping[str, Sequence[str]],
) -> dict[str, float]:
    out = {}
    if "visit" in has:
        visits = [row["time"] for row in rows if row["kind"] in has["visit"]]
        of_year = count(bought, at, 365)
        out["visits_per_purchase"] = count(visits, at, 365) / of_year if of_year else NAN
        out["visits_since_purchase"] = sum(time > bought[-1] for time in visits)
        ways = []
        for before, time in zip([datetime.min, *bought], bought, strict=False):
            on_the_way = [visit for visit in visits if before < visit <= time]
            if on_the_way:
                ways.append((time - min(on_the_way)) / DAY)
        out["days_visit_to_purchase"] = sum(ways) / len(ways) if ways else NAN
    for role, name in [("cart", "open_carts"), ("abandoned", "abandoned_since_purchase")]:
        if role in has:
            times = [row["time"] for row in rows if row["kind"] in has[role]]
            out[name] = sum(time > bought[-1] for time in times)
    return out


def contacted(
    rows: list[dict[str, Any]],
    bought: list[datetime],
    at: datetime,
    contacts: Sequence[str],
    opened: Sequence[str],
) -> dict[str, float]:
    sent = [row["time"] for row in rows if row["kind"] in contacts]
    opens = [row["time"] for row in rows if row["kind"] in opened]
    old = [time for time in sent if time <= at - WEEK]
    end = min((time for time in sent if time > at - WEEK), default=at)
    out = {
        "contact_count_30d": count(sent, at, 30),
        "contact_count_90d": count(sent, at, 90),
        "days_since_last_contact": (at - sent[-1]) / DAY if sent else NAN,
    }
    answered = sum(any(time < o < time + WEEK for o in opens) for time in old)
    followed = sum(any(time <= b < time + WEEK for b in bought) for time in old)
    if opened:
        out["contact_answered_share"] = answered / len(old) if old else NAN
    out["contact_purchase_share"] = followed / len(old) if old else NAN
    out["contact_purchase_difference"] = NAN
    if old:
        covered, reached = timedelta(), old[0]
        for time in old:
            start, stop = max(time, reached), min(time + WEEK, end)
            covered += max(stop - start, timedelta())
            reached = max(reached, stop)
        other = end - old[0] - covered
        after = sum(b < end and any(time <= b < time + WEEK for time in old) for b in bought)
        all_of_them = sum(old[0] <= b < end for b in bought)
        if other > timedelta():
            difference = after * (WEEK / covered) - (all_of_them - after) * (WEEK / other)
            out["contact_purchase_difference"] = difference
    return out


def of_kind(
    kind: str, rows: list[dict[str, Any]], at: datetime, with_values: bool
) -> dict[str, float]:
    times = [row["time"] for row in rows]
    days = {(at - MICRO - time) // DAY for time in times}
    out = {f"count_{n}d": float(count(times, at, n)) for n in (7, 30, 90, 365)}
    out["active_days_90d"] = sum(day < 90 for day in days)
    out["days_since_last"] = (at - times[-1]) / DAY if times else NAN
    out["trend"] = trend(times, at)
    if with_values:
        valued = sorted((r["time"], r["value"]) for r in rows if r["value"] is not None)
        values = [value for _, value in valued]
        out["mean_value"] = math.fsum(values) / len(values) if values else NAN
        out["last_value"] = values[-1] if values else NAN
    return {f"event_{kind}_{name}": value for name, value in out.items()}


def count(times: Sequence[datetime], at: datetime, days: int) -> int:
    return sum(time >= at - days * DAY for time in times)


def trend(times: Sequence[datetime], at: datetime) -> float:
    month, two = count(times, at, 30), count(times, at, 60)
    return math.log1p(month) - math.log1p(two - month)


def entropy(values: list[int]) -> float:
    shares = [n / len(values) for n in Counter(values).values()]
    return -math.fsum(p * math.log(p) for p in shares) if values else NAN
