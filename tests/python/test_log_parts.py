"""Logs of some customers each: every part answers as the whole, and together they are the whole."""

import random

import polars as pl
import pytest

import winback as wb
from winback import _core

UNTIL = "2025-01-01"
TABLES = ("transactions", "tickets", "surveys", "events", "customers")
CONTACTS = ["email_sent"]


@pytest.fixture(scope="module", params=["integers", "texts"])
def tables(request):
    """All tables of a simulated shop, with attributes of numbers and texts."""
    shop = wb.simulate(customers=700, events=True, seed=5)
    tables = {name: getattr(shop, name).to_polars() for name in TABLES[:-1]}
    ids = pl.concat([tables["transactions"], tables["tickets"]], how="diagonal")["customer_id"]
    ids = ids.unique().sort()
    # The last is of nobody, and the only one with its text.
    towns = [("Roma", "Oslo", None)[id % 3] for id in ids] + ["Ulm"]
    ages = [float(id % 50) if id % 7 else None for id in ids] + [1.0]
    ids = pl.concat([ids, pl.Series([ids.max() + 1], dtype=ids.dtype)])
    tables["customers"] = pl.DataFrame({"customer_id": ids, "town": towns, "age": ages})
    if request.param == "texts":
        text = pl.concat_str(pl.lit("c-"), pl.col("customer_id")).alias("customer_id")
        tables = {name: table.with_columns(text) for name, table in tables.items()}
    return tables


def read(tables, **more):
    return wb.EventLog(**tables, contacts=CONTACTS, observed_until=UNTIL, **more)


@pytest.fixture(scope="module")
def whole(tables):
    return read(tables)


def parts(tables, seed, count=6):
    """The tables by a random part of their customers; the last but one part has none."""
    rng = random.Random(seed)
    ids = sorted(set().union(*(table["customer_id"].to_list() for table in tables.values())))
    places = [place for place in range(count) if place != count - 2]
    part = {id: rng.choice(places) for id in ids}
    own = [[id for id in ids if part[id] == number] for number in range(count)]
    rng.shuffle(own)
    kinds = {name: table["customer_id"].dtype for name, table in tables.items()}
    return [
        {
            name: table.filter(pl.col("customer_id").is_in(pl.Series(some, dtype=kinds[name])))
            for name, table in tables.items()
        }
        for some in own
    ]


def logs(tables, whole, seed):
    span = (whole.first_event, whole.last_event)
    return [read(part, span=span) for part in parts(tables, seed)]


def together(found):
    """The rows of all parts; texts of any encoding are texts."""
    frames = [one.to_polars().cast({pl.Categorical: pl.String}) for one in found]
    assert len({tuple(frame.schema.items()) for frame in frames}) == 1
    keys = [name for name in ("cutoff", "customer_id") if name in frames[0].columns]
    return pl.concat(frames).sort(keys)


def assert_same(found, expected):
    expected = expected.to_polars().cast({pl.Categorical: pl.String})
    assert found.schema == expected.schema
    assert found.height > 0 and found.equals(
        expected.sort(found.columns[: 2 if "cutoff" in found.columns else 1])
    )


@pytest.mark.parametrize("seed", range(3))
def test_parts_have_the_features_and_the_panel_of_the_whole(tables, whole, seed):
    own = logs(tables, whole, seed)
    assert any(log.n_customers == 0 for log in own)
    attributes = ["town", "age"]
    for at in ("2022-06-01", "2024-10-01", UNTIL):
        found = together(log.at(at).features(attributes=attributes) for log in own)
        assert_same(found, whole.at(at).features(attributes=attributes))
    at = ["2024-01-01", "2024-07-01"]
    found = together(log.panel(at=at, attributes=attributes, kinds=["visit"]) for log in own)
    assert_same(found, whole.panel(at=at, attributes=attributes, kinds=["visit"]))


@pytest.mark.parametrize("seed", range(2))
def test_parts_have_the_scores_and_reasons_of_the_whole(tables, whole, seed):
    model = wb.ChurnModel("boosting", attributes=("town", "age"), most_kinds=3)
    model.fit(whole, until="2024-10-01")
    model = wb.ChurnModel.from_bytes(model.to_bytes())
    found = together(model.score(log.at(UNTIL), reasons=3) for log in logs(tables, whole, seed))
    assert_same(found, model.score(whole.at(UNTIL), reasons=3))


def merged(analysis, own, options, first=None, model=None):
    """What parts find, merged in a random order; a second pass where there has to be one."""
    while True:
        found = [_core.part(analysis, of, options, first, model) for of in own]
        random.Random(len(found[0])).shuffle(found)
        found = _core.finish(found)
        if not isinstance(found, bytes):
            return found
        first = found


def assert_same_answer(found, expected):
    found = wb.Answer(found)
    assert str(found) == str(expected)
    assert (found.figures, found.notes) == (expected.figures, expected.notes)
    assert found.tables.keys() == expected.tables.keys()
    for name, table in expected.tables.items():
        assert found.tables[name].to_polars().equals(table.to_polars(), null_equal=True), name


@pytest.mark.parametrize("seed", range(2))
def test_any_split_merged_in_any_order_is_the_whole(tables, whole, seed):
    own = [log._log for log in logs(tables, whole, seed)]
    assert any(log.n_customers == 0 for log in own)
    for by in (None, "town", "age"):
        asked = {"every": "1q", "group_by": by}
        assert_same_answer(
            merged("retention_rates", own, asked), wb.retention.rates(whole, "1q", group_by=by)
        )
        asked = {"silent_for": "90d", "group_by": by}
        assert_same_answer(
            merged("retention_curve", own, asked), wb.retention.curve(whole, "90d", group_by=by)
        )
    assert_same_answer(merged("cohorts", own, {"every": "1q"}), wb.retention.cohorts(whole, "1q"))
    assert_same_answer(merged("flow", own, {"every": "1q"}), wb.retention.flow(whole, "1q"))

    now, at = whole.at(UNTIL), [log.at(UNTIL) for log in own]
    assert_same_answer(
        merged("inactivity", at, {"group_by": "town"}), wb.inactivity(now, group_by="town")
    )
    for by in (None, "town", "channel"):
        asked = {"every": "1q", "group_by": by}
        assert_same_answer(merged("nps", at, asked), wb.surveys.nps(now, **asked))
    asked = {"judged_after": "60d", "fast_hours": 12}
    assert_same_answer(merged("service", at, asked), wb.service(now, **asked))
    assert_same_answer(merged("concentration", at, {}), wb.segments.concentration(now))
    fitted = merged("rfm", at, {"segments": "common", "other": None})
    assert_same_answer(merged("rfm_scores", at, {}, fitted.to_bytes()), wb.segments.rfm(now))

    model = wb.ChurnModel("boosting", attributes=("town", "age"), most_kinds=3)
    model.fit(whole, until="2024-10-01")
    asked = {"rules": wb.segments.LoyaltyRules().to_json()}
    assert_same_answer(merged("loyalty", at, asked), wb.segments.loyalty(now))
    assert_same_answer(
        merged("loyalty", at, asked, None, model._fitted()), wb.segments.loyalty(now, model=model)
    )
    assert_same_answer(
        merged("drift", at, {"level": 0.05}, None, model._fitted()), model.drift(now, level=0.05)
    )


@pytest.mark.parametrize("estimator", ["average", "logistic", "tree", "boosting"])
def test_a_model_of_gathered_parts_is_that_of_the_whole(tables, whole, estimator):
    model = wb.ChurnModel(estimator, attributes=("town", "age"), most_kinds=4)
    expected = model.fit(whole, until="2024-10-01", cutoffs=8).to_bytes()
    fingerprint = model.training_["data_hash"]
    gathered = [log.to_bytes() for log in logs(tables, whole, seed=len(estimator))]
    for order in (gathered, gathered[::-1]):
        log = wb.EventLog.from_parts(order)
        assert (log.first_event, log.last_event) == (whole.first_event, whole.last_event)
        assert model.fit(log, until="2024-10-01", cutoffs=8).to_bytes() == expected
        assert model.training_["data_hash"] == fingerprint
    assert str(model.evaluate(log.at("2024-10-01"))) == str(model.evaluate(whole.at("2024-10-01")))


def test_other_models_of_gathered_parts_are_those_of_the_whole(tables, whole):
    log = wb.EventLog.from_parts(log.to_bytes() for log in logs(tables, whole, seed=1))
    times = [
        wb.timing.TimeToPurchase().fit(one, until="2024-10-01", cutoffs=4) for one in (log, whole)
    ]
    assert times[0].to_bytes() == times[1].to_bytes()
    again = wb.EventLog.from_parts([log.to_bytes()])
    assert again.to_bytes() == log.to_bytes()


def test_activity_in_place_of_purchases_comes_in_parts(tables):
    own = {"events": tables["events"]}
    kind = "visit"
    whole = wb.EventLog(**own, activity=[kind], observed_until=UNTIL)
    span = (whole.first_event, whole.last_event)
    some = [
        wb.EventLog(**part, activity=[kind], observed_until=UNTIL, span=span)
        for part in parts(own, seed=2)
    ]
    assert any(log.n_customers == 0 for log in some)
    at = "2024-10-01"
    assert_same(together(log.at(at).features() for log in some), whole.at(at).features())
    log = wb.EventLog.from_parts(log.to_bytes() for log in some)
    model = wb.ChurnModel("tree", horizon="14d")
    fitted = [model.fit(one, until=at).to_bytes() for one in (log, whole)]
    assert fitted[0] == fitted[1]


def test_texts_that_stand_for_nothing_elsewhere_are_texts():
    orders = pl.DataFrame(
        {
            "customer_id": ["NULL", "b"],
            "time": ["2024-01-05", "2024-02-01"],
            "category": ["null", "x"],
        }
    )
    log = wb.EventLog(orders, missing_values=["none"], observed_until=UNTIL)
    again = wb.EventLog.from_parts([log.to_bytes()])
    assert again.at(UNTIL).features().to_polars().equals(log.at(UNTIL).features().to_polars())


def test_what_is_no_part_or_of_another_log_is_refused(tables, tmp_path):
    orders = tables["transactions"]
    log = wb.EventLog(orders, observed_until=UNTIL)
    data = log.to_bytes()
    for damaged in (b"", data[:50], data[:-1], b"x" + data, data[:99] + b"?" + data[100:]):
        with pytest.raises(ValueError, match="what to_bytes gave"):
            wb.EventLog.from_parts([damaged])
    with pytest.raises(ValueError, match="at least one part"):
        wb.EventLog.from_parts([])
    with pytest.raises(ValueError, match="each customer in one part"):
        wb.EventLog.from_parts([data, data])
    other = wb.EventLog(orders.drop("amount"), observed_until=UNTIL).to_bytes()
    with pytest.raises(ValueError, match="differ in their columns"):
        wb.EventLog.from_parts([data, other])
    later = wb.EventLog(orders, observed_until="2025-02-01").to_bytes()
    with pytest.raises(ValueError, match="differ in observed_until"):
        wb.EventLog.from_parts([data, later])
    by_day = wb.EventLog(orders, observed_until=UNTIL, purchase_by="day").to_bytes()
    with pytest.raises(ValueError, match="differ in how purchases are formed"):
        wb.EventLog.from_parts([data, by_day])
    nobody = wb.EventLog(
        orders.head(0), observed_until=UNTIL, span=(log.first_event, log.last_event)
    )
    with pytest.raises(ValueError, match="no usable rows"):
        wb.EventLog.from_parts([nobody.to_bytes()])
    with pytest.raises(ValueError, match="customer .* is outside of the span"):
        wb.EventLog(orders, observed_until=UNTIL, span=(log.first_event, "2023-01-01"))
    with pytest.raises(ValueError, match="span: expected a last event"):
        wb.EventLog(orders, observed_until=UNTIL, span=(log.last_event, log.first_event))
    with pytest.raises(ValueError, match="the first and the last time"):
        wb.EventLog(orders, observed_until=UNTIL, span=("2023-01-01",))
    orders.write_csv(tmp_path / "orders.csv")
    with pytest.raises(ValueError, match="columns have no types"):
        wb.EventLog(
            tmp_path / "orders.csv", observed_until=UNTIL, span=(log.first_event, log.last_event)
        )


@pytest.mark.filterwarnings("ignore:tickets. none of")
@pytest.mark.parametrize("seed", range(2))
def test_what_parts_leave_out_is_counted_as_in_one_log(tables, seed):
    """Rows without an id, with a cell that cannot be used, and of customers who bought nothing."""
    orders = tables["transactions"]
    is_text = orders.schema["customer_id"] == pl.String
    later = orders.head(40).with_columns(amount=pl.lit(float("inf")))
    nobody = orders.head(30).with_columns(customer_id=pl.lit(None, orders.schema["customer_id"]))
    zero = orders.head(20).with_columns(amount=pl.lit(0.0))
    odd = tables | {"transactions": pl.concat([orders, later, nobody, zero])}
    if is_text:
        # All of the tickets, and two ways to write some ids of the orders.
        upper, blank = pl.col("customer_id").str.to_uppercase(), pl.lit(" ") + pl.col("customer_id")
        odd["tickets"] = tables["tickets"].with_columns(customer_id=upper)
        padded = orders.head(50).with_columns(customer_id=blank)
        odd["transactions"] = pl.concat([odd["transactions"], padded])
    options = {"missing_ids": "drop", "bad_rows": "drop"}
    one = read(odd, **options)
    span = (one.first_event, one.last_event)
    id = pl.col("customer_id").cast(pl.String).str.strip_chars().str.to_lowercase()
    in_part = id.hash(seed) % 5
    own = [
        {name: table.filter(in_part.fill_null(seed) == part) for name, table in odd.items()}
        for part in range(5)
    ]
    some = [read(part, span=span, **options).to_bytes() for part in own]
    random.Random(seed).shuffle(some)
    log = wb.EventLog.from_parts(some)
    told = {name: value for name, value in one.report.items() if name != "dropped"}
    assert {name: value for name, value in log.report.items() if name != "dropped"} == told
    counts = told["transactions"]
    assert (counts["missing_id"], counts["bad_rows"], counts["zero_amount"]) == (30, 40, 20)
    assert (len(told["unmet_ids"]), told["padded_ids"]) == ((1, 50) if is_text else (0, 0))
    assert log.check().to_dict() == one.check().to_dict()
    assert log.check().notes == one.check().notes
    again = wb.EventLog.from_parts([log.to_bytes()])
    assert again.report == log.report


def test_quality_of_parts_is_that_of_the_whole(tables, whole):
    model = wb.ChurnModel("tree").fit(whole, until="2024-10-01", cutoffs=4)
    own = [log.at("2024-10-01")._snapshot for log in logs(tables, whole, seed=2)]
    found = merged("quality", own, {}, None, model._fitted())
    assert_same_answer(found, model.evaluate(whole.at("2024-10-01")))
    with pytest.raises(ValueError, match="model: expected a fitted model, got none"):
        _core.part("quality", own[0], {})
