"""Models of purchases and checks: what they take, what they give, and lifetimes' figures."""

from __future__ import annotations

import pickle
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.base import clone

import winback as wb

KINDS = [wb.timing.BetaGeo, wb.timing.ModifiedBetaGeo, wb.timing.ParetoNBD]


@pytest.fixture(scope="module")
def now() -> wb.Snapshot:
    return wb.simulate(customers=1_500, seed=3).event_log().at("2024-07-01")


@pytest.fixture(scope="module")
def columns() -> dict[str, list[float]]:
    """400 customers by a rule, in weeks."""
    counts = [0, 0, 0, 1, 0, 2, 1, 0, 4, 0, 1, 7, 0, 3, 0, 12]
    frequency = [float(counts[i * 7 % 16]) for i in range(400)]
    ends = [20.0 + i * 37 % 31 for i in range(400)]
    shares = [((i * 53 % 97) + 1) / 98 for i in range(400)]
    rows = list(zip(frequency, ends, shares, strict=True))
    return {
        "frequency": frequency,
        "recency": [round(end * share, 3) if x else 0.0 for x, end, share in rows],
        "T": ends,
        "monetary_value": [
            10.0 + i * 29 % 50 + 0.5 if x else 0.0 for i, (x, _, _) in enumerate(rows)
        ],
    }


def times(columns: dict[str, list[float]]) -> dict[str, list[float]]:
    return {name: columns[name] for name in ("frequency", "recency", "T")}


# lifetimes 0.11.3, penalizer_coef=0.01: parameters; sums of the chances to be alive and of the
# purchases expected in 13 weeks; those of a new customer.
LIFETIMES = {
    wb.timing.BetaGeo: (
        [0.17928028266884927, 0.8740276857043912, 0.5273673059251792, 1.4479926689412534],
        [283.4011320343957, 109.98764164035939, 1.3308702991914632],
    ),
    wb.timing.ModifiedBetaGeo: (
        [0.30410095165053924, 1.100924949849821, 0.5994000850997748, 1.3354236583651669],
        [175.77625948474216, 111.82067983418506, 1.3768041197422618],
    ),
}


@pytest.mark.parametrize("kind", LIFETIMES)
def test_figures_are_those_of_lifetimes(kind: Any, columns: dict[str, list[float]]) -> None:
    model = kind(penalty=0.01, time_unit="W").fit(**times(columns))
    params, (alive, expected, of_new) = LIFETIMES[kind]
    # Its search stops at a slope of 1e-5.
    assert list(model.params_.values()) == pytest.approx(params, rel=1e-4)
    arrays = [columns[name] for name in ("frequency", "recency", "T")]
    assert sum(model.conditional_probability_alive(*arrays)) == pytest.approx(alive, rel=1e-4)
    found = model.conditional_expected_number_of_purchases_up_to_time(13, *arrays)
    assert sum(found) == pytest.approx(expected, rel=1e-4)
    assert model.expected_number_of_purchases_up_to_time(13) == pytest.approx(of_new, rel=1e-4)


def test_values_are_those_of_lifetimes(columns: dict[str, list[float]]) -> None:
    model = wb.timing.BetaGeo(penalty=0.01, time_unit="W").fit(**times(columns))
    checks = wb.timing.GammaGamma().fit(
        frequency=columns["frequency"], monetary_value=columns["monetary_value"]
    )
    params = [8.169777029182262, 5.902830310397746, 21.59080790317263]
    assert list(checks.params_.values()) == pytest.approx(params, rel=2e-3)
    expected = checks.conditional_expected_average_profit(
        columns["frequency"], columns["monetary_value"]
    )
    assert isinstance(expected, list)
    assert sum(expected) == pytest.approx(14263.784079682127, rel=1e-4)
    values = checks.customer_lifetime_value(model, *columns.values(), freq="W")
    assert isinstance(values, list)
    assert sum(values) == pytest.approx(12420.327369776494, rel=1e-4)
    own = model.lifetime_value(**columns, checks=checks, horizon=12 * 4.348125, discount_rate=0.01)
    assert sum(own["lifetime_value"]) == pytest.approx(sum(values), rel=2e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_tables_arrays_and_frames_are_alike(kind: Any, columns: dict[str, list[float]]) -> None:
    model = kind(penalty=0.01, time_unit="W").fit(**times(columns))
    frame = pl.DataFrame(columns).with_columns(pl.col("frequency").cast(pl.Int32))
    for data in (frame, frame.to_pandas(), frame.to_arrow()):
        other = kind(penalty=0.01, time_unit="W").fit(data)
        assert other.params_ == model.params_
        assert other.p_alive(data)["p_alive"] == model.p_alive(**times(columns))["p_alive"]
    one = {name: column[8] for name, column in times(columns).items()}
    found = model.purchase_probability(**one, within="13w").to_dict()["tables"]["predictions"]
    assert found["purchase_probability"] == [
        model.purchase_probability(frame, within=13)["purchase_probability"][8]
    ]
    # Weeks and days differ by their unit only.
    days = frame.with_columns(pl.col("recency", "T") * 7)
    daily = kind(penalty=0.01).fit(days)
    assert daily.params_["alpha"] == pytest.approx(7 * model.params_["alpha"], rel=1e-9)
    assert daily.expected_purchases(days, within="91d")["expected_purchases"] == pytest.approx(
        model.expected_purchases(frame, within=13)["expected_purchases"], rel=1e-9
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_snapshot_is_its_summary_up_to_the_cutoff(kind: Any, now: wb.Snapshot) -> None:
    summary = wb.timing.rfm_summary(now).to_polars()
    longer = summary.with_columns(pl.col("T") + 1)
    of_snapshot, of_table = kind().fit(now), kind().fit(longer)
    assert of_snapshot.params_ == of_table.params_
    found = of_snapshot.purchase_probability(now, within="3mo")
    assert found["customer_id"] == summary["customer_id"].to_list()
    # From the first of July three months are 92 days.
    assert (
        found.to_dict()["tables"]
        == (of_table.purchase_probability(longer, within=92.0).to_dict()["tables"])
    )


def test_the_next_purchase_has_a_date_where_it_is_likely(now: wb.Snapshot) -> None:
    model = wb.timing.ModifiedBetaGeo(time_unit="W").fit(now)
    found = model.next_purchase(now)
    rows = found.to_polars().rows(named=True)
    assert {row["p_ever"] >= 0.5 for row in rows} == {True, False}
    for row in rows:
        dates = [row[f"next_purchase{end}"] for end in ("_low", "", "_high")]
        waits = [row[f"wait{end}"] for end in ("_low", "", "_high")]
        if row["p_ever"] < 0.5:
            assert dates == waits == [None] * 3
            continue
        assert datetime(2024, 7, 1) <= dates[0] <= dates[1] <= dates[2]
        off = dates[1] - datetime(2024, 7, 1) - timedelta(weeks=waits[1])
        assert abs(off) < timedelta(seconds=1)
    assert "more likely than not never to buy again" in found.notes[0]
    # Tables have no cutoff to count from.
    table = model.next_purchase(frequency=[3], recency=[20], T=[21])
    assert table.column_names == ["p_ever", "wait", "wait_low", "wait_high"]
    # Its text is the table, which may have very many rows, and is made of it when it is shown.
    assert table._answer.text is None and "wait_low" in repr(table)


@pytest.mark.parametrize("kind", [*KINDS, wb.timing.GammaGamma])
def test_estimators_are_those_of_the_package(kind: Any, now: wb.Snapshot) -> None:
    model = kind(penalty=0.001)
    assert clone(model).get_params() == model.get_params()
    assert repr(model) == f"{kind.__name__}(penalty=0.001)"
    with pytest.raises(wb.NotFittedError, match="call fit"):
        _ = model.params_
    assert model.fit(now) is model
    assert "parameter" in repr(model) and list(model.params_)[0] in repr(model)
    again = pickle.loads(pickle.dumps(model))
    assert again.params_ == model.params_ and again.log_likelihood_ == model.log_likelihood_
    assert again.standard_errors_ == model.standard_errors_
    assert clone(model)._model is None
    assert model.set_params(penalty=0.1).penalty == 0.1
    summary = model.summary
    assert summary["parameter"] == list(model.params_)
    assert summary["value"] == list(model.params_.values())
    low, high = summary["value_low"], summary["value_high"]
    for name, value, ends in zip(
        model.params_, summary["value"], zip(low, high, strict=True), strict=True
    ):
        if model.standard_errors_[name] is not None:
            assert ends[0] * ends[1] == pytest.approx(value**2)
    assert summary.figures["log_likelihood"] == model.log_likelihood_
    assert summary.figures["converged"] is model.converged_


def test_regular_purchases_need_the_times_between_them(now: wb.Snapshot) -> None:
    model = wb.timing.ModifiedBetaGeo("best").fit(now)
    best = {k: wb.timing.ModifiedBetaGeo(k).fit(now).log_likelihood_ for k in (1, 2, 3, 4, 5, 6)}
    assert best[model.regularity_] == max(best.values()) == model.log_likelihood_
    with pytest.raises(ValueError, match="regularity: expected 1 where the times between"):
        wb.timing.ModifiedBetaGeo(2).fit(wb.timing.rfm_summary(now))


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda m, now: m.fit(), TypeError, "frequency: expected a number or a sequence"),
        (lambda m, now: m.fit("orders.csv"), TypeError, "data: expected a winback.Snapshot"),
        (
            lambda m, now: m.fit([1], [2], [3]),
            TypeError,
            r"data: expected one snapshot or table, and all else by name \(frequency=, recency=, "
            r"T=, log_gaps=\), got 3 arguments by position",
        ),
        (
            lambda m, now: m.fit(now).purchase_probability(now, "30d"),
            TypeError,
            r"all else by name \(within=, frequency=, recency=, T=\), got 2 arguments by position",
        ),
        (
            lambda m, now: wb.timing.GammaGamma().fit([1], [2]),
            TypeError,
            r"all else by name \(frequency=, monetary_value=\), got 2 arguments by position",
        ),
        (
            lambda m, now: wb.timing.GammaGamma().fit(frequency=[1], recency=[1]),
            TypeError,
            "recency: expected frequency, monetary_value only, got list",
        ),
        (
            lambda m, now: m.fit(now).p_alive(frequency=1, recency=1, T=1, log_gaps=0),
            TypeError,
            "log_gaps: expected frequency, recency, T only, got int",
        ),
        (lambda m, now: m.fit(now, T=[1]), ValueError, "T: expected nothing next to data"),
        (
            lambda m, now: m.fit(pl.DataFrame({"T": [1.0]})),
            ValueError,
            "summary.frequency: no such",
        ),
        (
            lambda m, now: m.fit(frequency=[1, 2], recency=[1, 9], T=[5, 5]),
            ValueError,
            "summary.recency, row 2: expected at most T",
        ),
        (
            lambda m, now: m.fit(frequency=[0, 0], recency=[0, 0], T=[5, 5]),
            ValueError,
            "too little data: no repeat purchase by any of 2 customers",
        ),
        (
            lambda m, now: m.fit(pl.DataFrame({"frequency": ["a"], "recency": [1], "T": [1]})),
            ValueError,
            "summary.frequency: expected numbers",
        ),
        (
            lambda m, now: m.fit(
                pl.DataFrame({"frequency": [1, None], "recency": [1, 1], "T": [1, 1]})
            ),
            ValueError,
            "summary.frequency, row 2: expected a number, got nothing",
        ),
        (lambda m, now: type(m)(penalty=-1).fit(now), ValueError, "penalty: expected a finite"),
        (lambda m, now: type(m)(time_unit="M").fit(now), ValueError, "time_unit: .* a mean month"),
        (lambda m, now: m.fit(now).expected_purchases(now, within="soon"), ValueError, "within: "),
        (lambda m, now: m.fit(now).expected_purchases(now, within=-1), ValueError, "within: "),
        (lambda m, now: m.fit(now).expected_purchases(now, within=None), TypeError, "within: "),
        (lambda m, now: m.p_alive(now), ValueError, "is not fitted"),
        (
            lambda m, now: m.fit(now).lifetime_value(now, checks=3),
            TypeError,
            "checks: expected a fitted",
        ),
        (
            lambda m, now: m.fit(now).lifetime_value(
                now, checks=wb.timing.GammaGamma().fit(now), discount_rate=-1
            ),
            ValueError,
            "discount_rate: expected",
        ),
        (
            lambda m, now: m.fit(now).lifetime_value(
                now, checks=wb.timing.GammaGamma().fit(now), margin=1e308
            ),
            ValueError,
            "margin: expected a share of a check, from -1000 to 1000, got 1e308$",
        ),
        (
            lambda m, now: m.fit(now).expected_purchases(now, within=True),
            TypeError,
            "within: expected a number, got bool",
        ),
        (
            lambda m, now: m.fit(now).p_alive(frequency=1e300, recency=1, T=1),
            ValueError,
            "summary.frequency, row 1: expected a whole number, 0 or more, got 1e300$",
        ),
        (
            lambda m, now: (
                wb.timing.GammaGamma()
                .fit(now)
                .expected_check(frequency=[1, 1], monetary_value=[3, -5.5])
            ),
            ValueError,
            "summary.monetary_value, row 2: expected a number, 0 or more, got -5.5",
        ),
        (
            lambda m, now: wb.timing.GammaGamma().fit(frequency=[1], monetary_value=[1e300]),
            ValueError,
            "summary.monetary_value, row 1: expected a number from -1e100 to 1e100, got 1e300",
        ),
        *(
            (
                lambda m, now, given=given: type(m)(given).fit(now),
                TypeError,
                f"regularity: expected a whole number from 1 to 20, or best, got {got}$",
            )
            for given, got in [(1.0, "float"), (None, "None"), (True, "bool"), ([1], "list")]
        ),
        (
            lambda m, now: type(m)("most").fit(now),
            ValueError,
            'regularity: expected a whole number from 1 to 20, or best, got "most"',
        ),
        (
            lambda m, now: wb.timing.forecast(now, model=None),
            TypeError,
            "model: expected one of modified_beta_geo, beta_geo, pareto_nbd, got None",
        ),
        (
            lambda m, now: wb.timing.backtest(now, churn=m.fit(now)),
            TypeError,
            "churn: expected a fitted winback.ChurnModel, got ModifiedBetaGeo",
        ),
        (
            lambda m, now: wb.timing.backtest(now, hazard=wb.timing.TimeToPurchase),
            TypeError,
            "hazard: expected a fitted winback.timing.TimeToPurchase, got (ABCMeta|type)",
        ),
    ],
)
def test_bad_input_is_told(
    call: Any, kind: type[Exception], message: str, now: wb.Snapshot
) -> None:
    with pytest.raises(kind, match=message):
        call(wb.timing.ModifiedBetaGeo(), now)


def test_a_summary_in_another_unit_is_refused(now: wb.Snapshot) -> None:
    days, weeks = (wb.timing.rfm_summary(now, time_unit=unit) for unit in ("D", "W"))
    as_weeks = wb.timing.rfm_summary(now, time_scaler=7)
    model = wb.timing.ModifiedBetaGeo(time_unit="W").fit(weeks)
    assert len(model.p_alive(as_weeks)) == len(model.p_alive(now)) == len(weeks)
    other = r"data: expected a summary in weeks, as the model, got one in days \(time_unit='D'\)"
    for refused in (model.fit, model.p_alive, model.next_purchase):
        with pytest.raises(ValueError, match=other):
            refused(days)
    with pytest.raises(ValueError, match="expected a summary in days, .* got one in 7 days"):
        wb.timing.BetaGeo().fit(as_weeks)
    # Checks have no times, and a frame does not tell its unit.
    assert wb.timing.GammaGamma().fit(weeks).converged_
    assert len(model.p_alive(days.to_polars())) == len(weeks)


def test_leaves_has_a_date_of_its_own_for_each_customer() -> None:
    now = wb.simulate(customers=2_000, seed=3).event_log().at("2024-07-01")
    model = wb.timing.ModifiedBetaGeo().fit(now)
    found = model.leaves(now, after=["3mo", "12mo"], certainty=0.8).to_polars()
    assert found.columns[1:4] == ["p_alive", "p_alive_3mo", "p_alive_12mo"]
    assert (found["p_alive_12mo"] <= found["p_alive_3mo"]).all()
    passed = found.filter(pl.col("alarm_date") < now.at)
    assert (passed["p_alive"] <= 0.2).all() and (passed["alarm"] < 0).all()
    for wrong in ({"certainty": 1.0}, {"after": ["1mo", "1mo"]}, {"after": ["soon"]}):
        with pytest.raises(ValueError, match="certainty|after"):
            model.leaves(now, **wrong)  # type: ignore[arg-type]


def test_forecast_is_what_the_models_say() -> None:
    now = wb.simulate(customers=2_000, seed=3).event_log().at("2024-07-01")
    found = wb.timing.forecast(now, within="30d", discount_rate=0.01, margin=0.5)
    model, checks = wb.timing.ModifiedBetaGeo().fit(now), wb.timing.GammaGamma().fit(now)
    values = model.lifetime_value(now, checks=checks, discount_rate=0.01, margin=0.5)
    assert found["lifetime_value"] == values["lifetime_value"]
    soon = model.purchase_probability(now, within="30d")
    assert found["purchase_probability"] == soon["purchase_probability"]
    assert found["alarm_date"] == model.leaves(now)["alarm_date"]
    assert found["next_purchase"] == model.next_purchase(now)["next_purchase"]
    assert found.figures["r"] == model.params_["r"]
    with pytest.raises(ValueError, match="model: expected one of modified_beta_geo"):
        wb.timing.forecast(now, model="mbg")  # type: ignore[arg-type]


def test_values_have_intervals_and_a_total() -> None:
    now = wb.simulate(customers=2_000, seed=42).event_log().at("2024-07-01")
    model, checks = wb.timing.ModifiedBetaGeo().fit(now), wb.timing.GammaGamma().fit(now)
    found = model.lifetime_value(now, checks=checks, horizon=365.0, discount_rate=0.01)
    table, figures = found.to_polars(), found.figures
    low, value, high = (table[f"lifetime_value{end}"] for end in ("_low", "", "_high"))
    assert ((low < value) & (value < high)).all()
    # Even on the scale of the logarithm.
    assert (low * high).to_list() == pytest.approx((value**2).to_list(), rel=1e-9)
    total = [figures[f"lifetime_value{end}"] for end in ("_low", "", "_high")]
    assert total[1] == pytest.approx(value.sum(), rel=1e-12)
    # The parameters are the same for all, so that errors of single customers do not cancel out;
    # but they are not of one sign.
    assert low.sum() < total[0] < total[1] < total[2] < high.sum()
    order = table.sample(fraction=1.0, shuffle=True, seed=1)["customer_id"].to_list()
    summary = wb.timing.rfm_summary(now).to_polars().with_columns(pl.col("T") + 1)
    turned = pl.DataFrame({"customer_id": order}).join(summary, on="customer_id", how="left")
    again = model.lifetime_value(turned, checks=checks, horizon=365.0, discount_rate=0.01)
    assert again.figures["lifetime_value_low"] == total[0]
    lost = model.lifetime_value(
        now, checks=checks, horizon=365.0, discount_rate=0.01, margin=-1.0
    ).to_polars()
    assert (lost["lifetime_value_low"] == -high).all()
    # What was fitted is kept with the model.
    kept = pickle.loads(pickle.dumps(model)).lifetime_value(
        now, checks=checks, horizon=365.0, discount_rate=0.01
    )
    assert kept.figures == figures


def test_without_standard_errors_values_have_no_interval(columns: dict[str, list[float]]) -> None:
    # All customers come back as often as not: nobody leaves, and rates show no difference.
    frame = pl.DataFrame({"frequency": [4.0] * 50, "recency": [30.0] * 50, "T": [31.0] * 50})
    model = wb.timing.ModifiedBetaGeo(time_unit="W").fit(frame)
    assert not model.converged_
    checks = wb.timing.GammaGamma().fit(
        frequency=columns["frequency"], monetary_value=columns["monetary_value"]
    )
    data = frame.with_columns(monetary_value=pl.lit(20.0))
    found = model.lifetime_value(data, checks=checks)
    assert set(found["lifetime_value_low"]) == {None}
    assert found.figures["lifetime_value_low"] is None
    assert any("model of purchases have no standard errors" in note for note in found.notes)


def steady() -> wb.Snapshot:
    """Customers who buy at random, a few of them hardly ever, and never leave."""
    random = np.random.default_rng(1)
    rows: dict[str, list[Any]] = {"customer_id": [], "time": []}
    for customer in range(1_500):
        days = float(random.uniform(0, 300))
        rate = random.gamma(1.2, 1 / 30)
        while days < 700:
            rows["customer_id"].append(customer)
            rows["time"].append(datetime(2022, 1, 1) + timedelta(days=days))
            days += random.exponential(1 / max(rate, 1e-9))
    log = wb.EventLog(pl.DataFrame(rows), observed_until="2023-12-02")
    return log.at("2023-12-02")


def test_where_nobody_leaves_there_are_no_alarm_dates() -> None:
    now = steady()
    model = wb.timing.ModifiedBetaGeo().fit(now)
    if model.converged_:
        pytest.fail(f"the base was to have nobody leave: {model.params_}, {model.remark_}")
    found = model.leaves(now)
    assert set(found["alarm"]) == set(found["alarm_date"]) == {None}
    assert "no sign that customers leave: there are no alarm dates" in found.notes
    assert min(found["p_alive"]) > 0.9
    assert wb.timing.forecast(now)["alarm_date"] == found["alarm_date"]


NO_ALARMS = "no sign that customers leave: there are no alarm dates"


def test_where_the_data_do_not_tell_who_leaves_there_are_no_alarm_dates(read_data: Any) -> None:
    rows = read_data("online_retail/year_2010_2011").filter(
        pl.col("customer_id").is_not_null() & (pl.col("price") > 0)
    )
    rows = rows.select(
        "customer_id", time="invoice_date", amount=pl.col("quantity") * pl.col("price")
    )
    log = wb.EventLog(rows, observed_until="2011-12-10")
    now = log.at("2011-12-10")
    # a is .0025 with b 11.9: of a year, and neither is told.
    model = wb.timing.ModifiedBetaGeo().fit(now)
    assert model.converged_ and "do not tell a, b" in str(model.remark_)
    found = model.leaves(now)
    assert set(found["alarm_date"]) == {None} and NO_ALARMS in found.notes
    for answer in (found, model.p_alive(now), model.next_purchase(now)):
        assert model.remark_ in answer.notes
    churn = wb.ChurnModel("logistic").fit(log, until="2011-09-08")
    for scored in (churn.score(now, timing=True), churn.candidates(now, timing=True)):
        assert set(scored["alarm_date"]) == {None} and NO_ALARMS in scored.notes
    few = wb.EventLog(
        rows.filter(pl.col("time") < datetime(2010, 12, 6)), observed_until="2010-12-06"
    ).at("2010-12-06")
    told = wb.timing.forecast(few, model="modified_beta_geo")
    assert set(told["alarm_date"]) == {None}
    assert any("longer than the 5 days that any customer" in note for note in told.notes)


def test_a_summary_has_a_row_a_customer(now: wb.Snapshot) -> None:
    table = wb.timing.rfm_summary(now).to_polars()
    twice = pl.concat([table, table.head(1)])
    for ids in (pl.Int64, pl.String):
        rows = twice.with_columns(pl.col("customer_id").cast(ids))
        with pytest.raises(ValueError, match=f"summary.customer_id, row {len(twice)}: the same"):
            wb.timing.BetaGeo().fit(rows)
    orders = pl.DataFrame({"customer_id": [1, 1], "time": ["2024-01-01", "2024-02-01"]})
    with pytest.raises(ValueError, match="rfm_summary makes a summary of transactions"):
        wb.timing.BetaGeo().fit(orders)
    with pytest.raises(ValueError, match="given for `customer_id`") as error:
        wb.timing.rfm_summary(orders, "cust", "time")
    assert "columns=" not in str(error.value)
    numbers = orders.with_columns(time=pl.lit(20240101))
    with pytest.raises(ValueError, match=r" datetime_format="):
        wb.timing.rfm_summary(numbers, "customer_id", "time")


def test_shares_that_look_like_percentages_are_noted(now: wb.Snapshot) -> None:
    model, checks = wb.timing.BetaGeo().fit(now), wb.timing.GammaGamma().fit(now)
    found = model.lifetime_value(now, checks=checks, horizon="3mo", margin=40)
    assert "margin 40 is 4000 %: a share is meant" in found.notes
    plain = model.lifetime_value(now, checks=checks, horizon="3mo")
    assert not any("share is meant" in note for note in plain.notes)


def test_dates_beyond_the_last_are_counted(now: wb.Snapshot) -> None:
    model = wb.timing.ModifiedBetaGeo().fit(now)
    found = model.leaves(now, certainty=1 - 1e-9)
    rows = found.to_polars()
    beyond = rows.filter(pl.col("alarm").is_not_null() & pl.col("alarm_date").is_null()).height
    assert beyond > 0
    text = f"{beyond:,} of {len(rows):,} customers have no alarm_date"
    assert f"{text}, for it lies beyond the year 2262" in found.notes


def test_backtest_beside_a_churn_model() -> None:
    log = wb.simulate(customers=2_000, seed=3).event_log()
    churn = wb.ChurnModel().fit(log, until="2024-07-01")
    found = wb.timing.backtest(log.at("2024-07-01"), churn=churn)
    models = found.to_polars()
    assert models["model"].to_list()[-1] == "churn"
    losses = dict(zip(models["model"], models["log_loss"], strict=True))
    assert losses["churn"] < losses["mean"] and losses["modified_beta_geo"] < losses["mean"]
    assert "log loss" in str(found)
    with pytest.raises(ValueError, match="churn: expected a model with horizon 6mo and no lead"):
        wb.timing.backtest(log.at("2024-07-01"), horizon="6mo", churn=churn)
    with pytest.raises(ValueError, match="at: expected a time whose outcome window ends by"):
        wb.timing.backtest(log.at("2024-12-01"))


IDS: dict[str, tuple[list[Any], Any, list[Any]]] = {
    "texts": (["a", "b"], pl.String, ["a", "b"]),
    "categories": (["a", "b"], pl.Categorical, ["a", "b"]),
    "one of some": (["a", "b"], pl.Enum(["a", "b"]), ["a", "b"]),
    "short integers": ([7, 9], pl.Int8, [7, 9]),
    "row numbers": ([7, 9], pl.UInt32, [7, 9]),
    "wide": ([7, 9], pl.UInt64, [7, 9]),
    "whole floats": ([7.0, 9.0], pl.Float32, [7, 9]),
    "decimals": ([Decimal(7), Decimal(9)], pl.Decimal(10, 2), [7, 9]),
}


def two_customers(ids: list[Any], dtype: Any) -> pl.DataFrame:
    columns = {"frequency": [2.0, 0.0], "recency": [30.0, 0.0], "T": [39.0, 20.0]}
    return pl.DataFrame({"customer_id": pl.Series(ids, dtype=dtype), **columns})


@pytest.mark.parametrize("kind", IDS)
def test_ids_of_any_width_are_texts_or_integers(now: wb.Snapshot, kind: str) -> None:
    given, dtype, ids = IDS[kind]
    answer = wb.timing.ModifiedBetaGeo().fit(now).p_alive(two_customers(given, dtype))
    assert answer["customer_id"] == ids
    assert str(ids[0]) in repr(answer)
    assert answer.to_polars().height == 2


def test_what_is_no_id_is_refused(now: wb.Snapshot) -> None:
    model = wb.timing.ModifiedBetaGeo().fit(now)
    for given, dtype in (
        ([date(2024, 1, 1), date(2024, 1, 2)], pl.Date),
        ([True, False], pl.Boolean),
        ([b"a", b"b"], pl.Binary),
    ):
        with pytest.raises(ValueError, match="customer_id.* is of type .*; expected integers or"):
            model.p_alive(two_customers(given, dtype))
    with pytest.raises(ValueError, match="customer_id, row 2"):
        model.p_alive(two_customers([7.0, 9.5], pl.Float64))
    for dtype, first in ((pl.String, "a"), (pl.Int64, 1)):
        with pytest.raises(ValueError, match="customer_id, row 2"):
            model.p_alive(two_customers([first, None], dtype))
