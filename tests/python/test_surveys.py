"""Surveys and service: against polars, NumPy and statsmodels' formulas, and wrong arguments."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
from scipy import stats

import winback as wb

UNTIL = "2024-10-01"
END = datetime.fromisoformat(UNTIL)
Z = float(stats.norm.ppf(0.975))


@pytest.fixture(scope="module")
def shop() -> wb.Simulated:
    return wb.simulate(customers=800)


@pytest.fixture(scope="module")
def log(shop: wb.Simulated) -> wb.EventLog:
    return shop.event_log()


@pytest.fixture(scope="module")
def report(log: wb.EventLog) -> wb.Answer:
    return wb.surveys.nps(log.at(UNTIL), every="1mo", group_by="segment")


@pytest.fixture(scope="module")
def answers(shop: wb.Simulated) -> pl.DataFrame:
    frame = shop.surveys.to_polars().filter(pl.col("time") < END)
    value = pl.when(pl.col("score") >= 9).then(1).when(pl.col("score") <= 6).then(-1).otherwise(0)
    customers = shop.customers.to_polars().select("customer_id", "segment")
    joined = frame.with_columns(value=value, topic=pl.col("topic").cast(pl.String))
    joined = joined.join(customers, on="customer_id", how="left")
    return joined.with_columns(pl.col("segment").cast(pl.String))


@pytest.fixture(scope="module")
def purchases(shop: wb.Simulated) -> pl.DataFrame:
    rows = shop.transactions.to_polars().filter(pl.col("time") < END)
    first = rows.group_by("customer_id", "order_id").agg(
        time=pl.col("time").min(),
        amount=pl.col("amount").filter(pl.col("time") == pl.col("time").min()).sum(),
    )
    return first.filter(pl.col("amount") > 0)


def between(frame: pl.DataFrame, value: pl.Expr) -> float:
    """The variance of a mean by what differs between customers."""
    mean = frame.select(value.mean()).item()
    sums = frame.group_by("customer_id").agg(s=(value - mean).sum())
    return float((sums["s"] ** 2).sum()) / len(frame) ** 2


def test_counts_agree_with_rocks() -> None:
    found = wb.surveys.nps_of_counts(50, 33, 17)
    assert found.score == 33.0 and found.variance == pytest.approx(0.5611)
    assert found.standard_error == pytest.approx(7.4907, abs=5e-5)
    assert found.adjusted == pytest.approx(32.0388, abs=5e-5)
    assert (round(found.low, 3), round(found.high, 3)) == (17.556, 46.522)
    found = wb.surveys.nps_of_scores([9] * 500 + [8] * 300 + [0] * 200)
    assert found == wb.surveys.nps_of_counts(500, 300, 200) and found.answers == 1000
    assert found.adjusted == pytest.approx(29.9103, abs=5e-5)
    assert (round(found.low, 3), round(found.high, 3)) == (25.077, 34.744)
    assert wb.surveys.smallest_nps_difference(500, variance=0.6) == pytest.approx(13.7, abs=0.05)


def test_a_difference_agrees_with_scipy() -> None:
    one, other = wb.surveys.nps_of_counts(50, 33, 17), wb.surveys.nps_of_counts(500, 300, 200)
    found = wb.surveys.nps_difference(one, other)
    error = np.hypot(one.standard_error, other.standard_error)
    assert found.standard_error == pytest.approx(error)
    assert found.p_value == pytest.approx(2 * stats.norm.sf(3 / error))
    assert found.smallest_difference == pytest.approx((Z + stats.norm.ppf(0.8)) * error)


def test_scores_agree_with_polars(report: wb.Answer, answers: pl.DataFrame) -> None:
    groups = report.tables["groups"].to_polars()
    looked_at = 0
    for row in groups.filter(pl.col("grouping").is_in(["all", "topic", "segment"])).iter_rows(
        named=True
    ):
        own = answers
        if row["grouping"] != "all":
            own = answers.filter(pl.col(row["grouping"]) == row["group"])
        check_score(row, own)
        looked_at += 1
        if row["grouping"] == "all":
            continue
        rest = answers.filter(pl.col(row["grouping"]) != row["group"])
        mean, other = own["value"].mean(), rest["value"].mean()
        parts = pl.concat(
            [
                own.select("customer_id", part=(pl.col("value") - mean) / len(own)),
                rest.select("customer_id", part=-(pl.col("value") - other) / len(rest)),
            ]
        )
        sums = parts.group_by("customer_id").agg(pl.col("part").sum())["part"]
        error = 100 * float(np.sqrt((sums**2).sum()))
        difference = 100 * (own["value"].mean() - rest["value"].mean())  # type: ignore[operator]
        assert row["difference"] == pytest.approx(difference)
        assert row["difference_high"] == pytest.approx(difference + Z * error)
        assert row["p_value"] == pytest.approx(2 * stats.norm.sf(abs(difference) / error))
    assert looked_at == 9
    periods = report.tables["periods"].to_polars().filter(pl.col("grouping") == "topic")
    assert periods["finished"].all() and len(periods) > 100
    for row in periods.iter_rows(named=True):
        inside = (pl.col("time") >= row["period"]) & (pl.col("time") < row["period_end"])
        check_score(row, answers.filter(inside & (pl.col("topic") == row["group"])))


def check_score(row: dict[str, float], own: pl.DataFrame) -> None:
    value = own["value"]
    assert row["answers"] == len(own) and row["customers"] == own["customer_id"].n_unique()
    if len(own) == 0:
        assert row["nps"] is None
        return
    assert row["nps"] == pytest.approx(100 * value.mean())  # type: ignore[operator]
    variance = float((value**2).mean() - value.mean() ** 2)  # type: ignore[operator]
    n, customers = len(own), own["customer_id"].n_unique()
    effective = float(customers)
    spread = between(own, pl.col("value"))
    if 1 < customers < n and spread > 1e-12 * variance:
        effective = min(max(variance / spread * (customers - 1) / customers, 1), n)
    assert row["effective_answers"] == pytest.approx(effective)
    worth = effective / n
    p, d = (worth * (value == v).sum() + 0.75 for v in (1, -1))
    total = effective + 3
    middle = (p - d) / total
    reach = Z * np.sqrt(((p + d) / total - middle**2) / total)
    assert row["nps_low"] == pytest.approx(max(100 * (middle - reach), -100))
    assert row["nps_high"] == pytest.approx(min(100 * (middle + reach), 100))


def test_contributions_agree_with_polars(report: wb.Answer, answers: pl.DataFrame) -> None:
    topics = report.tables["topics"].to_polars()
    mean = float(answers["value"].mean())  # type: ignore[arg-type]
    parts = topics.partition_by("period", as_dict=True)
    assert len(parts) > 20
    for (period,), rows in parts.items():
        part = answers
        if period is not None:
            end = rows["period_end"][0]
            part = answers.filter((pl.col("time") >= period) & (pl.col("time") < end))
        difference = 100 * (float(part["value"].mean()) - mean)  # type: ignore[arg-type]
        assert rows["contribution"].sum() == pytest.approx(difference, abs=1e-9)
        for row in rows.iter_rows(named=True):
            own = part.filter(pl.col("topic") == row["topic"])["value"]
            points = 100 * float((own - mean).sum()) / len(part)
            assert row["contribution"] == pytest.approx(points, abs=1e-9)
            assert row["contribution_low"] <= points <= row["contribution_high"]


def test_what_followed_answers_agrees_with_polars(
    report: wb.Answer, shop: wb.Simulated, answers: pl.DataFrame, purchases: pl.DataFrame
) -> None:
    horizon = pl.col("time").dt.offset_by("3mo")
    cases = answers.with_row_index("case").with_columns(end=horizon).filter(pl.col("end") <= END)
    bought = purchases.select("customer_id", at="time")
    after = cases.join(bought, on="customer_id").filter(
        (pl.col("at") >= pl.col("time")) & (pl.col("at") < pl.col("end"))
    )
    rows = shop.transactions.to_polars().select("customer_id", "amount", at="time")
    spent = cases.join(rows, on="customer_id").filter(
        (pl.col("at") >= pl.col("time")) & (pl.col("at") < pl.col("end"))
    )
    spent = spent.group_by("case").agg(spend=pl.col("amount").sum())
    cases = cases.join(spent, on="case", how="left").with_columns(
        bought=pl.col("case").is_in(after["case"].unique().to_list()).cast(pl.Float64),
        spend=pl.col("spend").fill_null(0.0),
    )
    table = report.tables["afterwards"].to_polars()
    for value, name in [(1, "promoter"), (0, "passive"), (-1, "detractor")]:
        own = cases.filter(pl.col("value") == value)
        row = table.filter(pl.col("answer") == name).row(0, named=True)
        n, c = len(own), own["customer_id"].n_unique()
        assert (row["answers"], row["customers"]) == (n, c)
        assert row["purchased"] == own["bought"].sum()
        assert row["mean_spend"] == pytest.approx(own["spend"].mean())
        error = np.sqrt(between(own, pl.col("spend")) * c / (c - 1))
        assert row["mean_spend_high"] == pytest.approx(row["mean_spend"] + Z * error)
        share = row["purchased"] / n
        effective = share * (1 - share) / between(own, pl.col("bought")) * (c - 1) / c
        effective = min(max(effective, 1), n)
        middle = (share + Z**2 / 2 / effective) / (1 + Z**2 / effective)
        assert row["purchase_share"] == pytest.approx(share)
        ends = (row["purchase_share_low"] + row["purchase_share_high"]) / 2
        assert ends == pytest.approx(middle)
        assert row["matched"] <= n
    base = table.filter(pl.col("answer") == "no_answer").row(0, named=True)
    assert base["answers"] == table["matched"].sum() and base["matched"] is None


def test_what_followed_tickets_agrees_with_polars(
    log: wb.EventLog, shop: wb.Simulated, purchases: pl.DataFrame
) -> None:
    report = wb.service(log.at(UNTIL), judged_after="60d", fast_hours=20, response_hours=[2, 10])
    tickets = shop.tickets.to_polars().with_row_index("case")
    tickets = tickets.filter(pl.col("opened_at") < END)
    assert report.figures["tickets"] == len(tickets)
    judged = pl.col("opened_at").dt.offset_by("60d")
    tickets = tickets.with_columns(judged=judged, end=judged.dt.offset_by("3mo"))
    tickets = tickets.filter(pl.col("end") <= END)
    resolved = pl.col("resolved_at").is_not_null() & (pl.col("resolved_at") < pl.col("judged"))
    handling = (
        pl.when(~resolved)
        .then(pl.lit("unresolved"))
        .when(pl.col("reopened_count") > 0)
        .then(pl.lit("reopened"))
        .when(pl.col("resolved_at") - pl.col("opened_at") <= timedelta(hours=20))
        .then(pl.lit("resolved_fast"))
        .otherwise(pl.lit("resolved_slowly"))
    )
    waited = pl.col("first_response_at") - pl.col("opened_at")
    seen = pl.col("first_response_at") < pl.col("judged")
    band = (
        pl.when(seen.fill_null(False).not_())
        .then(pl.lit("not answered"))
        .when(waited <= timedelta(hours=2))
        .then(pl.lit("within 2h"))
        .when(waited <= timedelta(hours=10))
        .then(pl.lit("2h to 10h"))
        .otherwise(pl.lit("after 10h"))
    )
    tickets = tickets.with_columns(handling=handling, first_response=band)
    bought = purchases.select("customer_id", at="time")
    after = tickets.join(bought, on="customer_id").filter(
        (pl.col("at") >= pl.col("judged")) & (pl.col("at") < pl.col("end"))
    )
    tickets = tickets.with_columns(
        bought=pl.col("case").is_in(after["case"].unique().to_list()),
        topic=pl.col("topic").cast(pl.String),
    )
    looked_at = 0
    for row in report.to_polars().filter(pl.col("group") != "no_ticket").iter_rows(named=True):
        own = tickets.filter(pl.col(row["grouping"]) == row["group"])
        if row["topic"] is not None:
            own = own.filter(pl.col("topic") == row["topic"])
        assert row["tickets"] == len(own) and row["purchased"] == own["bought"].sum()
        assert row["customers"] == own["customer_id"].n_unique()
        looked_at += 1
    assert looked_at == 6 * 8
    assert report.figures["tickets"] - report.figures["unfinished"] == len(tickets)


def test_a_plan_asks_everyone_once(log: wb.EventLog, shop: wb.Simulated) -> None:
    days = [datetime(2024, 11, 1) + timedelta(days=i) for i in range(40)]
    plans = [wb.surveys.plan(log.at(day), share=0.05, min_gap="20d") for day in days]
    assert {plan.figures["round_days"] for plan in plans} == {20}
    first = [customer for plan in plans[:20] for customer in plan["customer_id"]]
    assert len(first) == len(set(first)) >= plans[0].figures["known"]
    for plan, later in zip(plans[:20], plans[20:], strict=True):
        assert set(plan["customer_id"]) <= set(later["customer_id"])
        assert later["round"] == [plan.figures["round"] + 1] * len(later)
        assert plan["day"] == [days[plans.index(plan)]] * len(plan)
    other = wb.surveys.plan(log.at(days[0]), share=0.05, salt="b")
    assert set(other["customer_id"]) != set(plans[0]["customer_id"])
    skipping = [wb.surveys.plan(log.at(day), share=0.05, skip_open_tickets=True) for day in days]
    assert sum(plan.figures["open_ticket"] for plan in skipping) > 0
    open_now = shop.tickets.to_polars().filter(
        (pl.col("opened_at") < days[0])
        & (pl.col("resolved_at").is_null() | (pl.col("resolved_at") >= days[0]))
    )
    due = set(plans[0]["customer_id"])
    asked = due - set(open_now["customer_id"].to_list())
    assert set(skipping[0]["customer_id"]) == asked


def test_reports_are_told_in_words(log: wb.EventLog, report: wb.Answer) -> None:
    service = wb.service(log.at(UNTIL))
    for text in [repr(report), repr(service)]:
        assert not any(line.endswith(" ") for line in text.splitlines())
        assert "none of this says what" in text
    assert "what a topic adds" in repr(report) and "resolved slowly" in repr(service)
    assert report._repr_html_().startswith("<pre ") and service._repr_html_().startswith("<pre ")
    plan = wb.surveys.plan(log.at(UNTIL))
    assert "customers to ask" in repr(plan) and "customers to ask" in plan._repr_html_()
    assert repr(wb.surveys.nps_of_counts(1, 1, 2)) == "NPS -25.0 (-72.7 to 44.2) of 4 answers"


def test_wrong_arguments_are_refused(log: wb.EventLog) -> None:
    now, noon = log.at(UNTIL), log.at("2024-10-01T05:00")
    nps, plan, counts = wb.surveys.nps, wb.surveys.plan, wb.surveys.nps_of_counts
    smallest = wb.surveys.smallest_nps_difference
    for function, given, options, error, message in [
        (nps, [log], {}, TypeError, "now: expected a winback.Snapshot.*, got EventLog"),
        (nps, [now], {"every": "0d"}, ValueError, "every: expected .*, got 0d"),
        (nps, [now], {"every": 3}, TypeError, "every: expected a str, got int"),
        (nps, [now], {"start": UNTIL}, ValueError, "start: expected .*, got 2024-10-01"),
        (nps, [now], {"start": 1}, TypeError, "start: expected a str, got int"),
        (nps, [now], {"group_by": "shoe"}, ValueError, 'group_by: expected .*, got "shoe"'),
        (nps, [now], {"quiet_for": "x"}, ValueError, 'quiet_for: expected .*, got "x"'),
        (plan, [now], {"share": 0}, ValueError, "share: expected .*, got 0"),
        (plan, [now], {"share": "x"}, TypeError, "share: expected a number, got str"),
        (plan, [now], {"min_gap": "1y"}, ValueError, "min_gap: expected .*, got 12mo"),
        (plan, [noon], {}, ValueError, "a date"),
        (plan, [now], {"skip_open_tickets": 1}, TypeError, "skip_open_tickets: expected a bool"),
        (wb.service, [now], {"fast_hours": -1}, ValueError, "fast_hours: expected .*, got -1"),
        (wb.service, [now], {"response_hours": []}, ValueError, "response_hours: expected"),
        (wb.service, [now], {"response_hours": 5}, TypeError, "response_hours: expected a list"),
        (wb.service, [now], {"judged_after": "0d"}, ValueError, "judged_after: .*, got 0d"),
        (counts, [0, 0, 0], {}, ValueError, "there are no answers"),
        (counts, [-1, 0, 0], {}, ValueError, "promoters: expected .*, got -1"),
        (counts, [1.5, 0, 0], {}, TypeError, "promoters: expected an int"),
        (wb.surveys.nps_of_scores, [[]], {}, ValueError, "there are no answers"),
        (wb.surveys.nps_of_scores, [[5, 11]], {}, ValueError, "11"),
        (wb.surveys.nps_difference, [3, 4], {}, TypeError, "one: expected a winback.surveys.Nps"),
        (smallest, [0], {"variance": 0.5}, ValueError, "n: expected .*, got 0"),
        (smallest, [5], {"variance": 2}, ValueError, "variance: expected .*, got 2"),
    ]:
        with pytest.raises(error, match=message):
            function(*given, **options)  # type: ignore[operator]
