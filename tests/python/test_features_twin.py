"""winback's features against the slow twin, on real logs and on a made one full of corner cases."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest

import twin
import winback as wb

TOLERANCE = 1e-9
DAY = timedelta(days=1)
ReadData = Callable[[str], pl.DataFrame]

RFM = ["days_since_last_purchase", "purchase_count", "average_check", "total_spend"]
RFM += ["tenure_days", "last_check", "max_check"]
WINDOWS = [f"purchase_count_{days}d" for days in (30, 90, 180, 365)]
WINDOWS += [f"total_spend_{days}d" for days in (30, 90, 180, 365)]
WINDOWS += ["purchase_trend", "check_trend"]
RHYTHM = ["mean_gap_days", "gap_cv", "last_gap_ratio", "overdue_ratio", "clumpiness"]
RHYTHM += ["last_gap_days", "longest_gap_days", "longest_gap_ratio", "due_gap_share"]
RHYTHM += ["days_until_due", "active_months_365d"]
SEASON = ["purchases_a_year_ago", "season_year_share", "season_purchase_share", "anniversary_due"]
CATEGORY = ["category_count", "top_category_share", "category_entropy"]
TICKETS = ["ticket_count", "ticket_count_30d", "ticket_count_90d", "ticket_count_365d"]
TICKETS += ["open_ticket_count", "days_since_last_ticket", "mean_resolution_hours"]
TICKETS += ["mean_first_response_hours", "reopened_ticket_count", "tickets_per_purchase"]
TICKETS += ["last_ticket_satisfaction", "slow_ticket_count", "longest_first_response_hours"]
TICKETS += ["longest_resolution_hours", "lowest_ticket_satisfaction", "days_since_slow_ticket"]
TICKETS += ["purchases_since_slow_ticket"]
OF_RESPONSE = {"mean_first_response_hours", "longest_first_response_hours", "slow_ticket_count"}
OF_RESPONSE |= {"days_since_slow_ticket", "purchases_since_slow_ticket"}
OF_SATISFACTION = {"last_ticket_satisfaction", "lowest_ticket_satisfaction"}
SURVEYS = ["last_survey_score", "mean_survey_score", "days_since_last_survey"]
SURVEYS += ["lowest_survey_score", "survey_score_change"]
ALL = RFM + WINDOWS + RHYTHM + SEASON + CATEGORY
ALL += ["channel_count", "return_share", "discount_share", *TICKETS, *SURVEYS]
NEED_AMOUNT = {"average_check", "total_spend", "last_check", "max_check", "check_trend"}
NEED_AMOUNT |= {name for name in WINDOWS if name.startswith("total_spend")}
NEED_AMOUNT |= {"return_share", "discount_share"}


# Comparing


def is_close(left: Any, right: Any) -> bool:
    if left is None or right is None:
        return left is None and right is None
    if math.isnan(left) or math.isnan(right):
        return math.isnan(left) and math.isnan(right)
    return abs(left - right) <= TOLERANCE + TOLERANCE * abs(right)


def assert_equal_tables(ours: pl.DataFrame, expected: pl.DataFrame, keys: int = 1) -> int:
    """Every name, row and value is equal; gives the number of columns compared.

    The first `keys` columns are compared exactly, the others to `TOLERANCE`.
    """
    assert ours.columns == expected.columns
    assert ours.height == expected.height > 0
    for name in expected.columns[:keys]:
        assert ours[name].to_list() == expected[name].to_list(), name
    for name in expected.columns[keys:]:
        wrong = [
            f"customer {customer_id!r}: {left} for {right}"
            for customer_id, left, right in zip(
                expected["customer_id"], ours[name], expected[name], strict=True
            )
            if not is_close(left, right)
        ]
        assert not wrong, f"{name}: {len(wrong)} of {expected.height} differ: {wrong[:5]}"
    return expected.width


def features_of(log: wb.EventLog, at: str) -> pl.DataFrame:
    return log.at(at).features().to_polars()


def assert_like_twin(
    log: wb.EventLog, at: str, expected_names: list[str], **twin_arguments: Any
) -> pl.DataFrame:
    """The log's features at one cutoff are the twin's, and are the expected ones."""
    expected = twin.features(at=datetime.fromisoformat(at), **twin_arguments)
    assert expected.columns == ["customer_id", *expected_names]
    compared = assert_equal_tables(features_of(log, at), expected)
    assert compared == 1 + len(expected_names)
    return expected


# Real logs


@pytest.mark.parametrize("zero_amounts", ["ignore", "purchase"])
def test_cdnow(read_data: ReadData, zero_amounts: str) -> None:
    frame = read_data("cdnow/cdnow_master")
    log = wb.EventLog(
        transactions=frame,
        columns={"transactions": {"time": "date", "amount": "dollar_value"}},
        purchase_by="day",
        zero_amounts=zero_amounts,
        observed_until="1998-07-01",
    )
    transactions = frame.rename({"date": "time", "dollar_value": "amount"})
    options = {"purchase_by": "day", "zero_amounts": zero_amounts}
    names = RFM + WINDOWS + RHYTHM + SEASON + ["return_share"]
    rows = 0
    for at in ["1997-01-15", "1997-12-31", "1998-04-01T12:00:00", "1998-07-01"]:
        rows += assert_like_twin(log, at, names, transactions=transactions, **options).height
    assert rows > 3 * 20_000


def test_online_retail(read_data: ReadData) -> None:
    frame = read_data("online_retail/year_2010_2011").with_columns(
        amount=pl.col("quantity") * pl.col("price")
    )
    mapping = {
        "customer_id": "customer_id",
        "time": "invoice_date",
        "amount": "amount",
        "order_id": "invoice",
        "category": "stock_code",
        "channel": "country",
    }
    log = wb.EventLog(
        transactions=frame,
        columns={"transactions": mapping},
        missing_ids="drop",
        observed_until="2011-12-10",
    )
    transactions = frame.select(pl.col(theirs).alias(ours) for ours, theirs in mapping.items())
    names = RFM + WINDOWS + RHYTHM + SEASON + CATEGORY + ["channel_count", "return_share"]
    rows = 0
    for at in ["2010-12-09T11:33:00", "2011-06-12", "2011-12-10"]:
        rows += assert_like_twin(log, at, names, transactions=transactions).height
    assert rows > 6_000


def test_donations(read_data: ReadData) -> None:
    frame = read_data("donations_2005_2015/purchases")
    mapping = {"time": "date_of_purchase", "amount": "purchase_amount"}
    log = wb.EventLog(
        transactions=frame, columns={"transactions": mapping}, observed_until="2016-01-01"
    )
    transactions = frame.rename({theirs: ours for ours, theirs in mapping.items()})
    names = RFM + WINDOWS + RHYTHM + SEASON + ["return_share"]
    rows = 0
    for at in ["2006-02-28", "2012-02-29", "2016-01-01"]:
        rows += assert_like_twin(log, at, names, transactions=transactions).height
    assert rows > 20_000


def test_complete_journey(read_data: ReadData) -> None:
    products = read_data("complete_journey_sample/products").select("product_id", "department")
    frame = read_data("complete_journey_sample/transactions_sample")
    frame = frame.join(products, on="product_id", how="left").with_columns(
        discount=(pl.col("retail_disc") + pl.col("coupon_disc")).abs()
    )
    mapping = {
        "customer_id": "household_id",
        "time": "transaction_timestamp",
        "amount": "sales_value",
        "order_id": "basket_id",
        "category": "department",
        "channel": "store_id",
    }
    log = wb.EventLog(
        transactions=frame, columns={"transactions": mapping}, observed_until="2018-01-02"
    )
    transactions = frame.rename({theirs: ours for ours, theirs in mapping.items()})
    names = RFM + WINDOWS + RHYTHM + SEASON + CATEGORY
    names += ["channel_count", "return_share", "discount_share"]
    rows = 0
    for at in ["2017-02-01T18:30:00", "2017-07-05", "2018-01-02"]:
        rows += assert_like_twin(log, at, names, transactions=transactions).height
    assert rows > 6_000


@pytest.mark.parametrize("zero_amounts", ["ignore", "purchase"])
def test_ravenstack(read_data: ReadData, zero_amounts: str) -> None:
    """Subscriptions begun as transactions (a trial costs 0), with support tickets."""
    folder = "ravenstack_saas_synthetic"
    transactions = read_data(f"{folder}/subscriptions").select(
        customer_id="account_id",
        time="start_date",
        amount="mrr_amount",
        order_id="subscription_id",
        category="plan_tier",
        channel="billing_frequency",
    )
    minutes = pl.duration(minutes=pl.col("first_response_time_minutes"))
    tickets = read_data(f"{folder}/support_tickets").select(
        customer_id="account_id",
        opened_at="submitted_at",
        first_response_at=pl.col("submitted_at").cast(pl.Datetime("us")) + minutes,
        resolved_at="closed_at",
        satisfaction="satisfaction_score",
    )
    log = wb.EventLog(
        transactions=transactions,
        tickets=tickets,
        zero_amounts=zero_amounts,
        observed_until="2025-01-01",
    )
    names = RFM + WINDOWS + RHYTHM + SEASON + CATEGORY + ["channel_count", "return_share"]
    names += [name for name in TICKETS if name != "reopened_ticket_count"]
    rows = 0
    for at in ["2023-09-01", "2024-03-15T09:00:00", "2025-01-01"]:
        rows += assert_like_twin(
            log, at, names, transactions=transactions, tickets=tickets, zero_amounts=zero_amounts
        ).height
    assert rows > 700


# A made log with every corner case

CUTOFFS = ["2023-04-01", "2023-09-15T13:45:30", "2024-01-01", "2024-02-29T00:00:00.000001"]
MICROSECOND = timedelta(microseconds=1)
Tables = dict[str, pl.DataFrame]


def made_tables(seed: int) -> Tables:
    """Transactions, tickets and surveys from a seeded generator, in no order."""
    rng = random.Random(seed)
    ids = ["10", "9", "A", "a", "é", "Z-1", "NA", "客", *[f"c{i:02}" for i in range(52)]]
    transactions = [row for customer_id in ids for row in made_transactions(rng, customer_id)]
    transactions += boundary_transactions()
    tickets = [
        made_ticket(rng, i) for i in [*ids[10:], "stranger"] for _ in range(rng.randrange(6))
    ]
    tickets += boundary_tickets()
    surveys = [
        made_survey(rng, i) for i in [*ids[:40], "stranger"] for _ in range(rng.randrange(4))
    ]
    surveys += boundary_surveys()
    for rows in (transactions, tickets, surveys):
        rng.shuffle(rows)

    transaction_names = ["customer_id", "time", "amount", "order_id", "category", "channel"]
    transaction_names += ["discount", "known_at"]
    ticket_names = ["customer_id", "opened_at", "first_response_at", "resolved_at"]
    ticket_names += ["reopened_count", "satisfaction", "known_at"]
    survey_names = ["customer_id", "time", "score", "known_at"]
    return {
        "transactions": pl.DataFrame(
            transactions, schema=transaction_names, orient="row", infer_schema_length=None
        ),
        "tickets": pl.DataFrame(
            tickets, schema=ticket_names, orient="row", infer_schema_length=None
        ),
        "surveys": pl.DataFrame(
            surveys, schema=survey_names, orient="row", infer_schema_length=None
        ),
    }


def some_time(rng: random.Random) -> datetime:
    """A time of 2022-2023: at midnight, to the minute or to the microsecond."""
    day = datetime(2022, 1, 1) + rng.randrange(790) * DAY
    return rng.choice(
        [
            day,
            day + timedelta(minutes=rng.randrange(1440)),
            day + timedelta(microseconds=rng.randrange(86_400_000_000)),
        ]
    )


def learned_later(rng: random.Random, moment: datetime) -> datetime | None:
    return rng.choice([None, None, moment, moment + rng.randrange(60) * DAY])


def made_transactions(rng: random.Random, customer_id: str) -> list[tuple]:
    """Orders of several rows, some with later rows, some without an id; returns and zeros."""
    rows = []
    previous = None
    for number in range(rng.randrange(1, 12)):
        moment = some_time(rng)
        if previous is not None and rng.random() < 0.25:  # another order at the same instant
            moment = previous
        previous = moment
        order_id = rng.choice([None, f"order-{number}", f"order-{number}"])  # shared by customers
        times = [moment] * rng.randrange(1, 4)
        if rng.random() < 0.4:
            times.append(moment + rng.choice([MICROSECOND, timedelta(hours=3), 20.5 * DAY]))
        sign = rng.choice([1, 1, 1, 1, 1, -1])
        for time in times:
            amount = round(sign * rng.uniform(1, 80), 2) * rng.choice([1, 1, 1, 1, 1, 0, -1])
            category = rng.choice([None, "tea", "tea", "cup", "jam", "NA"])
            channel = rng.choice([None, "web", "web", "shop"])
            discount = rng.choice([None, 0.0, round(rng.uniform(0, 9), 2)])
            known_at = learned_later(rng, time)
            rows.append(
                (customer_id, time, amount, order_id, category, channel, discount, known_at)
            )
    return rows


def boundary_transactions() -> list[tuple]:
    """Rows at, just before and one window before each cutoff, and sums that come to nothing."""
    rows: list[tuple] = []
    for at in map(datetime.fromisoformat, CUTOFFS):
        for days in (0, 30, 90, 180, 365):
            edge = at - days * DAY
            for step in (-MICROSECOND, timedelta(0), MICROSECOND):
                id_ = f"edge{days}"
                rows.append((id_, edge + step, 10.0 + days, None, "tea", "web", None, None))
        late = at - DAY
        rows.append(("known", late, 5.0, None, "tea", "web", 1.0, at - MICROSECOND))
        rows.append(("known", late - DAY, 7.0, None, "cup", "shop", 1.0, at))
        rows.append(("known", late - 2 * DAY, 9.0, None, "jam", "post", 1.0, at + DAY))
    day = datetime(2022, 5, 5, 10)
    cases: dict[str, list[tuple[float, float, str | None]]] = {
        # (days after, amount, order)
        "only zeros": [(0, 0.0, "o"), (50, 0.0, None)],
        "only returns": [(0, -5.0, "o"), (50, -7.0, None)],
        "cancelled": [(0, 0.1, "o"), (0, 0.2, "o"), (0, -0.3, "o"), (9, 4.0, "p")],
        "exchanged": [(0, 5.0, "o"), (0, -5.0, "o"), (9, 4.0, "p")],
        "zero then paid": [(0, 0.0, "o"), (3, 25.0, "o"), (3, -5.0, "o")],
        "returned then more": [(0, -8.0, "o"), (3, 25.0, "o"), (40, 6.0, None)],
        "tie": [(0, 30.0, "o"), (0, 20.0, "p"), (0, 25.0, None), (0, -1.0, None)],
        "voucher before goods": [(0, -5.0, "o"), (1 / 86_400, 30.0, "o"), (40, 6.0, None)],
        "within 24 hours": [(0, 5.0, "o"), (0.999, 4.0, "o"), (1.0, 3.0, "o")],
        "all given back": [(0, 33.3, "o"), (20, -33.3, "o")],
        "net negative": [(0, 10.0, "o"), (20, -50.0, None)],
        "one day": [(0, 10.0, "o"), (0.25, -4.0, "o"), (0.5, -7.0, None), (30, 1.0, None)],
        "once": [(0, 12.5, "o")],
    }
    for customer_id, acts in cases.items():
        for days, amount, order_id in acts:
            moment = day + days * DAY
            rows.append((customer_id, moment, amount, order_id, None, None, None, None))
    return rows


def made_ticket(rng: random.Random, customer_id: str) -> tuple:
    opened_at = some_time(rng)
    answered_at = rng.choice([None, opened_at, opened_at + rng.uniform(0, 3) * DAY])
    resolved_at = rng.choice([None, opened_at, opened_at + rng.uniform(0, 90) * DAY])
    reopened_count = rng.choice([None, 0, 1, 3])
    satisfaction = rng.choice([None, 1, 2, 3, 4, 5])
    known_at = learned_later(rng, opened_at)
    return (
        customer_id,
        opened_at,
        answered_at,
        resolved_at,
        reopened_count,
        satisfaction,
        known_at,
    )


def boundary_tickets() -> list[tuple]:
    """Tickets opened, answered, resolved or known of at a cutoff, and ties of resolution."""
    rows: list[tuple] = []
    for at in map(datetime.fromisoformat, CUTOFFS):
        for days in (0, 30, 90, 365):
            for step in (-MICROSECOND, timedelta(0), MICROSECOND):
                moment = at - days * DAY + step
                rows.append((f"edge{days}", moment, at + step, at + step, 1, 2, None))
        rows.append(("known", at - 2 * DAY, at - DAY, at - DAY, 1, 5, at - MICROSECOND))
        rows.append(("known", at - 3 * DAY, at - DAY, at - DAY, 1, 1, at))
    day = datetime(2022, 5, 6)
    for hours, satisfaction in [(0, 5), (5, 2), (5, 4), (5, 3)]:  # resolved at one instant
        opened_at = day + timedelta(hours=hours)
        rows.append(("tie", opened_at, None, day + DAY, 0, satisfaction, None))
    rows.append(("tie", day, None, day + 2 * DAY, 0, None, None))  # resolved later, not rated
    return rows


def made_survey(rng: random.Random, customer_id: str) -> tuple:
    moment = some_time(rng)
    return (customer_id, moment, rng.randrange(11), learned_later(rng, moment))


def boundary_surveys() -> list[tuple]:
    rows: list[tuple] = [("tie", datetime(2022, 5, 7), score, None) for score in (4, 9, 6)]
    for at in map(datetime.fromisoformat, CUTOFFS):
        rows += [("edge0", at + step, 3, None) for step in (-MICROSECOND, timedelta(0))]
        rows += [("known", at - DAY, 8, at - MICROSECOND), ("known", at - DAY, 9, at)]
    return rows


@pytest.fixture(scope="module")
def tables() -> Tables:
    return made_tables(seed=20230401)


def made_log(tables: Tables, **options: str) -> wb.EventLog:
    return wb.EventLog(**tables, **options, observed_until="2024-06-01")


@pytest.mark.parametrize("at", CUTOFFS)
@pytest.mark.parametrize("purchase_by", ["order", "timestamp", "day"])
@pytest.mark.parametrize("zero_amounts", ["ignore", "purchase"])
def test_made_log(tables: Tables, at: str, purchase_by: str, zero_amounts: str) -> None:
    options = {"purchase_by": purchase_by, "zero_amounts": zero_amounts}
    expected = assert_like_twin(made_log(tables, **options), at, ALL, **tables, **options)
    assert expected.width > 40
    assert expected.height > 60


def test_made_log_exercises_every_feature(tables: Tables) -> None:
    """Every feature takes several values, and is undefined for someone where it can be."""
    frame = twin.features(at=datetime.fromisoformat(CUTOFFS[2]), **tables)
    # An anniversary is near or it is not.
    least = {"anniversary_due": 2}
    dull = [name for name in ALL if frame[name].n_unique() < least.get(name, 3)]
    assert not dull
    undefined = {name for name in ALL if frame[name].is_nan().any()}
    can_be_undefined = {"check_trend", "mean_gap_days", "gap_cv", "last_gap_ratio", "clumpiness"}
    can_be_undefined |= {"last_gap_days", "longest_gap_days", "longest_gap_ratio"}
    can_be_undefined |= {
        "purchases_a_year_ago",
        "top_category_share",
        "category_entropy",
        "days_since_last_ticket",
    }
    can_be_undefined |= {"mean_resolution_hours", "mean_first_response_hours"}
    can_be_undefined |= {"longest_resolution_hours", "longest_first_response_hours"}
    can_be_undefined |= {"days_since_slow_ticket", "purchases_since_slow_ticket"}
    can_be_undefined |= {"last_ticket_satisfaction", "lowest_ticket_satisfaction", *SURVEYS}
    assert undefined == can_be_undefined


def test_options_and_known_at_matter(tables: Tables) -> None:
    """The made log tells each option from the others; else the comparison would be empty."""
    at = datetime.fromisoformat(CUTOFFS[1])
    variants = [
        twin.features(at=at, **tables, purchase_by=by, zero_amounts=zero)
        for by in ("order", "timestamp", "day")
        for zero in ("ignore", "purchase")
    ]
    for name in ("transactions", "tickets", "surveys"):
        at_once = tables | {name: tables[name].drop("known_at")}
        variants.append(twin.features(at=at, **at_once))
    for i, left in enumerate(variants):
        for right in variants[:i]:
            assert not left.equals(right)


@pytest.mark.parametrize(
    ("table", "dropped", "absent"),
    [
        ("transactions", ["amount"], NEED_AMOUNT),
        ("transactions", ["amount", "order_id"], NEED_AMOUNT),
        ("transactions", ["order_id"], set()),
        ("transactions", ["category"], set(CATEGORY)),
        ("transactions", ["channel"], {"channel_count"}),
        ("transactions", ["discount"], {"discount_share"}),
        ("transactions", ["known_at"], set()),
        ("tickets", ["first_response_at"], OF_RESPONSE),
        ("tickets", ["reopened_count"], {"reopened_ticket_count"}),
        ("tickets", ["satisfaction"], OF_SATISFACTION),
        ("tickets", ["known_at"], set()),
        (
            "tickets",
            ["resolved_at"],
            {
                "open_ticket_count",
                "mean_resolution_hours",
                "reopened_ticket_count",
                "longest_resolution_hours",
                *OF_SATISFACTION,
            },
        ),
        ("surveys", ["known_at"], set()),
    ],
)
def test_missing_columns(tables: Tables, table: str, dropped: list[str], absent: set[str]) -> None:
    tables = tables | {table: tables[table].drop(dropped)}
    names = [name for name in ALL if name not in absent]
    for at in CUTOFFS[:2]:
        assert_like_twin(made_log(tables), at, names, **tables)


@pytest.mark.parametrize("table", ["tickets", "surveys"])
def test_missing_tables(tables: Tables, table: str) -> None:
    absent = TICKETS if table == "tickets" else SURVEYS
    tables = {name: frame for name, frame in tables.items() if name != table}
    names = [name for name in ALL if name not in absent]
    assert_like_twin(made_log(tables), CUTOFFS[1], names, **tables)


def test_only_ids_and_times(tables: Tables) -> None:
    bare = {"transactions": tables["transactions"].select("customer_id", "time")}
    names = [name for name in RFM + WINDOWS + RHYTHM + SEASON if name not in NEED_AMOUNT]
    for purchase_by in ("order", "timestamp", "day"):
        log = made_log(bare, purchase_by=purchase_by)
        assert_like_twin(log, CUTOFFS[1], names, **bare, purchase_by=purchase_by)


def test_integer_ids_sort_as_numbers(tables: Tables) -> None:
    ids = sorted(set(tables["transactions"]["customer_id"]))
    numbers = {customer_id: (i - 20) * 7 for i, customer_id in enumerate(ids)}  # some negative
    tables = {
        name: frame.with_columns(
            pl.col("customer_id").replace_strict(numbers, default=-1000, return_dtype=pl.Int64)
        )
        for name, frame in tables.items()
    }
    expected = assert_like_twin(made_log(tables), CUTOFFS[1], ALL, **tables)
    assert expected["customer_id"].is_sorted()
    assert expected["customer_id"][0] < 0


def test_times_with_a_zone_are_the_same_instants(tables: Tables) -> None:
    zoned = {
        name: frame.with_columns(
            pl.col(pl.Datetime("us")).dt.replace_time_zone("UTC").dt.convert_time_zone("Asia/Tokyo")
        )
        for name, frame in tables.items()
    }
    for at in CUTOFFS:
        ours = features_of(made_log(zoned), at)
        assert_equal_tables(ours, twin.features(at=datetime.fromisoformat(at), **tables))


def test_customer_attributes(tables: Tables) -> None:
    """Attributes come last, as given; a customer without a row has none."""
    ids = sorted(set(tables["transactions"]["customer_id"]))
    customers = pl.DataFrame(
        {
            "customer_id": [*ids[3:], "stranger"],
            "age": [None if i % 5 == 0 else 20 + i for i in range(len(ids) - 2)],
            "city": [None if i % 7 == 0 else f"city {i % 3}" for i in range(len(ids) - 2)],
        }
    )
    log = made_log(tables | {"customers": customers})
    ours = log.at(CUTOFFS[1]).features(attributes=["age", "city"]).to_polars()
    at = datetime.fromisoformat(CUTOFFS[1])
    expected = twin.features(at=at, **tables, customers=customers)
    assert expected.columns[-2:] == ["age", "city"]
    assert ours.columns == expected.columns
    assert ours["city"].cast(pl.String).to_list() == expected["city"].to_list()
    assert_equal_tables(ours.drop("city"), expected.drop("city"))


def test_several_cutoffs_are_the_single_ones_stacked(tables: Tables) -> None:
    log = made_log(tables)
    outcome = ["state", "purchased", "days_to_purchase", "days_observed"]
    together = log.panel(at=CUTOFFS).to_polars().drop(outcome)
    single = [
        features_of(log, at).select(
            pl.lit(datetime.fromisoformat(at)).cast(pl.Datetime("us")).alias("cutoff"), pl.all()
        )
        for at in CUTOFFS
    ]
    assert together.columns[0] == "cutoff"
    together = together.with_columns(twin.naive_utc(together["cutoff"]))
    compared = assert_equal_tables(together, pl.concat(single), keys=2)
    assert compared > 40
    assert together["cutoff"].n_unique() == len(CUTOFFS)
