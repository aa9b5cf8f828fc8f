"""The slow, obvious twin of winback's features.

Written from the specification alone, one customer and one row at a time, and without winback:
a test compares the two. Clarity comes before speed everywhere.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import polars as pl

Row = dict[str, Any]

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
NAN = math.nan
ROUNDING = 1e-9  # a sum counts as positive above this share of the sum of absolute amounts

TRANSACTION_TIMES = ["time", "known_at"]
TICKET_TIMES = ["opened_at", "first_response_at", "resolved_at", "known_at"]
SURVEY_TIMES = ["time", "known_at"]


def features(
    transactions: pl.DataFrame,
    at: datetime | date,
    tickets: pl.DataFrame | None = None,
    surveys: pl.DataFrame | None = None,
    customers: pl.DataFrame | None = None,
    purchase_by: str = "order",
    zero_amounts: str = "ignore",
) -> pl.DataFrame:
    """One row of features per customer with a purchase before `at`, by rising customer id."""
    if purchase_by not in ("order", "timestamp", "day"):
        raise ValueError(f"purchase_by: {purchase_by!r}")
    if zero_amounts not in ("ignore", "purchase"):
        raise ValueError(f"zero_amounts: {zero_amounts!r}")
    if not isinstance(at, datetime):
        at = datetime.combine(at, time())

    rows_of = rows_by_customer(transactions, TRANSACTION_TIMES)
    tickets_of = {} if tickets is None else rows_by_customer(tickets, TICKET_TIMES)
    surveys_of = {} if surveys is None else rows_by_customer(surveys, SURVEY_TIMES)
    columns = set(transactions.columns)

    table: list[Row] = []
    for customer_id in sorted(rows_of):
        rows = [r for r in rows_of[customer_id] if is_visible(r, "time", at)]
        if "amount" in columns and zero_amounts == "ignore":
            rows = [r for r in rows if r["amount"] != 0]
        purchases = find_purchases(rows, columns, purchase_by, zero_amounts)
        if not purchases:
            continue
        row: Row = {"customer_id": customer_id}
        row |= rfm(rows, purchases, columns, at)
        row |= windows(rows, purchases, columns, at)
        row |= rhythm(purchases, at)
        row |= season(purchases, at)
        row |= basket(rows, columns)
        if tickets is not None:
            seen = [t for t in tickets_of.get(customer_id, []) if is_visible(t, "opened_at", at)]
            row |= ticket_features(seen, set(tickets.columns), purchases, at)
        if surveys is not None:
            seen = [s for s in surveys_of.get(customer_id, []) if is_visible(s, "time", at)]
            row |= survey_features(seen, at)
        table.append(row)

    if not table:
        raise ValueError(f"no customer has a purchase before {at}")
    names = list(table[0])
    schema: dict[str, Any] = dict.fromkeys(names, pl.Float64)
    schema["customer_id"] = transactions.schema["customer_id"]
    frame = pl.DataFrame(table, schema=schema)
    return frame if customers is None else with_attributes(frame, customers)


# Rows


def rows_by_customer(frame: pl.DataFrame, times: list[str]) -> dict[Any, list[Row]]:
    """The rows of each customer as dicts with naive UTC times; rows without an id are left out."""
    frame = frame.drop_nulls("customer_id")
    for name in times:
        if name in frame.columns:
            frame = frame.with_columns(naive_utc(frame[name]))
    for name in ("amount", "discount", "score", "satisfaction"):
        if name in frame.columns:
            frame = frame.with_columns(pl.col(name).cast(pl.Float64))
    required = {"time", "opened_at", "amount", "score"} & set(frame.columns)
    for name in required:
        if frame[name].null_count() > 0:
            raise ValueError(f"the specification does not say what a null {name} means")
    rows: dict[Any, list[Row]] = {}
    for row in frame.iter_rows(named=True):
        rows.setdefault(row["customer_id"], []).append(row)
    return rows


def naive_utc(times: pl.Series) -> pl.Series:
    """Dates and times of any zone as naive UTC times in microseconds."""
    if isinstance(times.dtype, pl.Datetime) and times.dtype.time_zone is not None:
        times = times.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return times.cast(pl.Datetime("us"))


def is_visible(row: Row, time_column: str, at: datetime) -> bool:
    """Whether a row has happened and is known of before the cutoff."""
    known_at = row.get("known_at")
    return row[time_column] < at and (known_at is None or known_at < at)


# Purchases


def find_purchases(
    rows: list[Row], columns: set[str], purchase_by: str, zero_amounts: str
) -> list[Row]:
    """The purchases among visible rows as dicts of `time` and `check`, by rising (time, check)."""
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(purchase_key(row, purchase_by), []).append(row)

    purchases = []
    for group in groups.values():
        first = min(row["time"] for row in group)
        own = [row for row in group if purchase_by == "day" or row["time"] < first + DAY]
        if "amount" not in columns:
            purchases.append({"time": first, "check": 0.0})
            continue
        amounts = [row["amount"] for row in own]
        check = math.fsum(amounts)
        positive = check > ROUNDING * math.fsum(abs(amount) for amount in amounts)
        only_zeros = all(amount == 0 for amount in amounts)
        if positive or (zero_amounts == "purchase" and only_zeros):
            purchases.append({"time": first, "check": check})
    return sorted(purchases, key=lambda purchase: (purchase["time"], purchase["check"]))


def purchase_key(row: Row, purchase_by: str) -> tuple[str, Any]:
    """What the rows of one purchase have in common."""
    if purchase_by == "day":
        return ("day", row["time"].date())
    if purchase_by == "order" and row.get("order_id") is not None:
        return ("order", row["order_id"])
    return ("timestamp", row["time"])


# Families of features


def rfm(rows: list[Row], purchases: list[Row], columns: set[str], at: datetime) -> Row:
    out: Row = {}
    out["days_since_last_purchase"] = (at - purchases[-1]["time"]) / DAY
    out["purchase_count"] = len(purchases)
    if "amount" in columns:
        total_spend = net(rows)
        out["average_check"] = total_spend / len(purchases)
        out["total_spend"] = total_spend
    out["tenure_days"] = (at - purchases[0]["time"]) / DAY
    if "amount" in columns:
        out["last_check"] = purchases[-1]["check"]
        out["max_check"] = max(purchase["check"] for purchase in purchases)
    return out


def windows(rows: list[Row], purchases: list[Row], columns: set[str], at: datetime) -> Row:
    out: Row = {}
    for days in (30, 90, 180, 365):
        out[f"purchase_count_{days}d"] = len(within(purchases, at - days * DAY, at))
    if "amount" in columns:
        for days in (30, 90, 180, 365):
            out[f"total_spend_{days}d"] = net(within(rows, at - days * DAY, at))
    recent = len(within(purchases, at - 90 * DAY, at))
    before = len(within(purchases, at - 180 * DAY, at - 90 * DAY))
    out["purchase_trend"] = math.log(1 + recent) - math.log(1 + before)
    if "amount" in columns:
        half_year_count = len(within(purchases, at - 180 * DAY, at))
        if half_year_count == 0:
            out["check_trend"] = NAN
        else:
            half_year_check = net(within(rows, at - 180 * DAY, at)) / half_year_count
            average_check = net(rows) / len(purchases)
            now, usual = max(half_year_check, 0.0), max(average_check, 0.0)
            out["check_trend"] = math.log(1 + now) - math.log(1 + usual)
    return out


def rhythm(purchases: list[Row], at: datetime) -> Row:
    days = sorted({purchase["time"].toordinal() for purchase in purchases})
    gaps = [later - earlier for earlier, later in pairwise(days)]
    inactivity = (at - purchases[-1]["time"]) / DAY
    out: Row = {}
    out["mean_gap_days"] = mean(gaps)
    out["gap_cv"] = sample_sd(gaps) / mean(gaps) if len(gaps) >= 2 else NAN
    out["last_gap_ratio"] = gaps[-1] / mean(gaps) if gaps else NAN
    out["overdue_ratio"] = inactivity / ((sum(gaps) + 90) / (len(gaps) + 1))
    out["clumpiness"] = clumpiness(days, at)
    out["last_gap_days"] = gaps[-1] if gaps else NAN
    out["longest_gap_days"] = max(gaps, default=NAN)
    out["longest_gap_ratio"] = inactivity / max(gaps, default=NAN)
    longer = [gap for gap in gaps if gap > inactivity]
    due = [gap for gap in longer if gap <= inactivity + 90]
    out["due_gap_share"] = (len(due) + 2 * 0.3) / (len(longer) + 2)
    out["days_until_due"] = (sum(gaps) + 90) / (len(gaps) + 1) - inactivity
    month = DAY * 365 / 12
    parts = [(at - (i + 1) * month, at - i * month) for i in range(12)]
    out["active_months_365d"] = sum(1 for start, end in parts if within(purchases, start, end))
    return out


def season(purchases: list[Row], at: datetime) -> Row:
    first, last = purchases[0]["time"], purchases[-1]["time"]
    known = (at - first) // (365 * DAY)
    same = [
        within(purchases, at - year * 365 * DAY, at - year * 365 * DAY + 90 * DAY)
        for year in range(1, max(known, 3) + 3)
    ]
    out: Row = {}
    out["purchases_a_year_ago"] = len(same[0]) if known >= 1 else NAN
    years = sum(1 for year in range(1, 5) if at - year * 365 * DAY + 90 * DAY > first)
    out["season_year_share"] = (sum(map(bool, same[:4])) + 0.3) / (years + 1)
    out["season_purchase_share"] = sum(map(len, same)) / len(purchases)
    anniversaries = [last + year * 365 * DAY for year in range(1, max(known, 3) + 3)]
    near = [at - 30 * DAY <= day <= at + 90 * DAY for day in anniversaries]
    out["anniversary_due"] = float(any(near))
    return out


def clumpiness(days: list[int], at: datetime) -> float:
    """Zhang, Bradlow, Small (2015), with the first purchase day as day 0."""
    at_day = at.toordinal() if at.time() == time() else at.toordinal() + 1
    length = at_day - days[0]  # N + 1
    events = [day - days[0] for day in days[1:]]
    n = len(events)
    if n == 0:
        return NAN
    edges = [0, *events, length]
    shares = [(b - a) / length for a, b in pairwise(edges)]
    return 1 + math.fsum(x * math.log(x) for x in shares) / math.log(n + 1)


def basket(rows: list[Row], columns: set[str]) -> Row:
    bought = [row for row in rows if row["amount"] > 0] if "amount" in columns else rows
    out: Row = {}
    if "category" in columns:
        counts = Counter(row["category"] for row in bought if row["category"] is not None)
        total = sum(counts.values())
        shares = [count / total for count in counts.values()]
        out["category_count"] = len(counts)
        out["top_category_share"] = max(shares) if shares else NAN
        out["category_entropy"] = -math.fsum(p * math.log(p) for p in shares) if shares else NAN
    if "channel" in columns:
        out["channel_count"] = len({row["channel"] for row in bought} - {None})
    if "amount" in columns:
        value_bought = math.fsum(row["amount"] for row in rows if row["amount"] > 0)
        value_returned = math.fsum(-row["amount"] for row in rows if row["amount"] < 0)
        out["return_share"] = value_returned / value_bought if value_bought > 0 else NAN
    if "amount" in columns and "discount" in columns:
        given_away = math.fsum(row["discount"] or 0.0 for row in bought)
        full_price = given_away + math.fsum(row["amount"] for row in bought)
        out["discount_share"] = given_away / full_price if full_price != 0 else NAN
    return out


def ticket_features(
    tickets: list[Row], columns: set[str], purchases: list[Row], at: datetime
) -> Row:
    """From visible tickets; what came after the cutoff (answer, resolution) is not known."""
    resolved = [t for t in tickets if is_before(t.get("resolved_at"), at)]
    answered = [t for t in tickets if is_before(t.get("first_response_at"), at)]
    rated = [t for t in resolved if t.get("satisfaction") is not None]
    ends = [t["resolved_at"] if t in resolved else at for t in tickets]
    answers = [
        t["first_response_at"] if t in answered else end
        for t, end in zip(tickets, ends, strict=True)
    ]
    waits = [answer - t["opened_at"] for t, answer in zip(tickets, answers, strict=True)]
    slow = [t["opened_at"] for t, wait in zip(tickets, waits, strict=True) if wait > DAY]
    out: Row = {}
    out["ticket_count"] = len(tickets)
    for days in (30, 90, 365):
        start = at - days * DAY
        out[f"ticket_count_{days}d"] = sum(start <= t["opened_at"] < at for t in tickets)
    if "resolved_at" in columns:
        out["open_ticket_count"] = len(tickets) - len(resolved)
    out["days_since_last_ticket"] = (
        (at - max(t["opened_at"] for t in tickets)) / DAY if tickets else NAN
    )
    if "resolved_at" in columns:
        hours = [(t["resolved_at"] - t["opened_at"]) / HOUR for t in resolved]
        out["mean_resolution_hours"] = mean(hours)
    if "first_response_at" in columns:
        hours = [(t["first_response_at"] - t["opened_at"]) / HOUR for t in answered]
        out["mean_first_response_hours"] = mean(hours)
    if "resolved_at" in columns and "reopened_count" in columns:
        out["reopened_ticket_count"] = sum((t["reopened_count"] or 0) > 0 for t in resolved)
    out["tickets_per_purchase"] = len(tickets) / len(purchases)
    if "resolved_at" in columns and "satisfaction" in columns:
        order = [(t["resolved_at"], t["opened_at"], t["satisfaction"]) for t in rated]
        out["last_ticket_satisfaction"] = max(order)[-1] if order else NAN
    if "first_response_at" in columns:
        out["slow_ticket_count"] = len(slow)
        out["longest_first_response_hours"] = max(waits) / HOUR if waits else NAN
    if "resolved_at" in columns:
        lasted = [end - t["opened_at"] for t, end in zip(tickets, ends, strict=True)]
        out["longest_resolution_hours"] = max(lasted) / HOUR if lasted else NAN
    if "resolved_at" in columns and "satisfaction" in columns:
        out["lowest_ticket_satisfaction"] = min((t["satisfaction"] for t in rated), default=NAN)
    if "first_response_at" in columns:
        out["days_since_slow_ticket"] = (at - max(slow)) / DAY if slow else NAN
        later = [p for p in purchases if slow and p["time"] > max(slow)]
        out["purchases_since_slow_ticket"] = len(later) if slow else NAN
    return out


def survey_features(surveys: list[Row], at: datetime) -> Row:
    answers = sorted((survey["time"], survey["score"]) for survey in surveys)
    out: Row = {}
    out["last_survey_score"] = answers[-1][1] if answers else NAN
    out["mean_survey_score"] = mean([score for _, score in answers])
    out["days_since_last_survey"] = (at - answers[-1][0]) / DAY if answers else NAN
    scores = [score for _, score in answers]
    out["lowest_survey_score"] = min(scores, default=NAN)
    out["survey_score_change"] = scores[-1] - mean(scores[:-1]) if scores else NAN
    return out


def with_attributes(frame: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
    """Adds the customers' attributes: numbers (NaN where unknown) and text (null where unknown)."""
    out = frame.join(customers, on="customer_id", how="left", maintain_order="left")
    for name in customers.columns:
        if name != "customer_id" and customers.schema[name].is_numeric():
            out = out.with_columns(pl.col(name).cast(pl.Float64).fill_null(NAN))
    return out


# Small sums


def net(rows: Iterable[Row]) -> float:
    return math.fsum(row["amount"] for row in rows)


def within(rows: Iterable[Row], start: datetime, end: datetime) -> list[Row]:
    """The rows (or purchases) with a time in [start, end)."""
    return [row for row in rows if start <= row["time"] < end]


def is_before(moment: datetime | None, at: datetime) -> bool:
    return moment is not None and moment < at


def mean(values: list[float]) -> float:
    return math.fsum(values) / len(values) if values else NAN


def sample_sd(values: list[float]) -> float:
    center = mean(values)
    squares = math.fsum((value - center) ** 2 for value in values)
    return math.sqrt(squares / (len(values) - 1))
