"""Explanations, drift, calibration and model cards in Python."""

from __future__ import annotations

import re
import warnings

import numpy as np
import polars as pl
import pytest

import winback as wb

UNTIL, AT = "2024-10-01", "2025-01-01"


@pytest.fixture(scope="module")
def log() -> wb.EventLog:
    return wb.simulate(customers=1500).event_log()


@pytest.fixture(scope="module")
def model(log: wb.EventLog) -> wb.ChurnModel:
    return wb.ChurnModel("boosting", calibration="none").fit(log, until=UNTIL)


def test_base_and_contributions_are_the_log_odds(log: wb.EventLog, model: wb.ChurnModel) -> None:
    why = model.explain(log.at(AT), reasons=0)
    for table in (why.tables["contributions"], why.tables["groups"]):
        frame = table.to_polars()
        parts = frame.select(pl.col("^contribution_.*$")).to_numpy().sum(axis=1)
        p = frame["purchase_probability"].to_numpy()
        np.testing.assert_allclose(frame["base"].to_numpy() + parts, np.log(p / (1 - p)), atol=1e-9)
        np.testing.assert_allclose(frame["log_odds"].to_numpy(), np.log(p / (1 - p)), atol=1e-9)
    assert len(why) == 0
    assert why.figures["customers"] == 1500


def test_importance_is_the_mean_size_of_contributions(
    log: wb.EventLog, model: wb.ChurnModel
) -> None:
    why = model.explain(log.at(AT))
    frame = why.tables["contributions"].to_polars().filter(pl.col("state") == "active")
    rows = why.tables["importance"].to_polars().filter(pl.col("state") == "active")
    for name in model.columns_:
        row = rows.filter(pl.col("feature") == name)
        expected = frame[f"contribution_{name}"].abs().mean()
        assert row["mean_abs_contribution"].item() == pytest.approx(expected, rel=1e-9, abs=1e-15)
    groups = why.tables["groups"].to_polars().filter(pl.col("state") == "active")
    row = rows.filter((pl.col("group") == "check") & pl.col("feature").is_null())
    expected = groups["contribution_check"].abs().mean()
    assert row["mean_abs_contribution"].item() == pytest.approx(expected, rel=1e-9)


def test_customers_are_chosen_by_id_and_languages_by_name(
    log: wb.EventLog, model: wb.ChurnModel
) -> None:
    why = model.explain(log.at(AT), customer_id=[40, 7], language="ru")
    assert why.tables["contributions"]["customer_id"] == [40, 7]
    assert all("шанс покупки" in text for text in why["reason"])
    one = model.explain(log.at(AT), customer_id="7")
    assert set(one["customer_id"]) == {7}
    assert "7: chance of a purchase" in repr(one)
    assert len(re.findall(r"шанс покупки \d", repr(why))) == 2 and "customers" not in repr(why)
    assert "оценено клиентов 2 из 2" in repr(why)
    assert not re.search(r"\d\.\d", repr(why)) and re.search(r"\d,\d %", repr(why))
    assert one._repr_html_().startswith("<pre ")


def test_main_reasons_count_every_customer_once(log: wb.EventLog, model: wb.ChurnModel) -> None:
    why = model.explain(log.at(AT))
    frame = why.tables["main_reasons"].to_polars()
    assert frame["customers"].sum() == len(why.tables["contributions"])
    groups = why.tables["groups"].to_polars().filter(pl.col("state") == "lapsed")
    parts = groups.select(pl.col("^contribution_.*$"))
    names = [name.removeprefix("contribution_") for name in parts.columns]
    least = parts.to_numpy().argmin(axis=1)
    held = [names[i] for i, row in zip(least, parts.to_numpy(), strict=True) if row[i] <= -0.05]
    lapsed = frame.filter(pl.col("state") == "lapsed")
    for name in set(held):
        assert lapsed.filter(pl.col("group") == name)["customers"].item() == held.count(name)


def test_scores_warn_of_drift_only_when_asked(log: wb.EventLog, model: wb.ChurnModel) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.score(log.at(AT))
    with pytest.warns(UserWarning, match="tenure_days"):
        model.score(log.at(AT), drift=True)
    drift = model.drift(log.at(AT))
    assert "tenure_days" in drift.figures["moved"]
    frame = drift.to_polars()
    stable = frame.filter(pl.col("stability") == "stable")
    assert ((stable["psi"] < 0.1) | (stable["psi"] <= stable["critical_value"])).all()
    assert not set(stable["column"]) & set(drift.figures["moved"])
    # The score is one more; the time of the year moves without anything having changed.
    told = set(model.columns_) - {"season_sine", "season_cosine"}
    assert len(frame) == len(told) + 1


def test_a_column_that_was_nearly_constant_can_move() -> None:
    shop = wb.simulate(customers=1000)
    ids = shop.transactions.to_polars()["customer_id"].unique().sort()
    opened = pl.datetime(2024, 12, 20)
    few = pl.DataFrame({"customer_id": ids[:20]}).with_columns(opened_at=pl.datetime(2024, 3, 1))
    flood = pl.DataFrame({"customer_id": ids}).with_columns(opened_at=opened)
    log = wb.EventLog(
        shop.transactions, tickets=pl.concat([few, flood]), observed_until="2025-01-01"
    )
    drift = wb.ChurnModel().fit(log, until=UNTIL).drift(log.at(AT))
    assert {"ticket_count_30d", "ticket_count_90d", "ticket_count"} <= set(drift.figures["moved"])


def shortest_between(low: float, high: float) -> float:
    middle = low / 2 + high / 2
    rounded = (float(f"{middle:.{digits}e}") for digits in range(17))
    return next((decimal for decimal in rounded if low < decimal < high), high)


def test_the_index_agrees_with_a_plain_one(log: wb.EventLog, model: wb.ChurnModel) -> None:
    cutoff = model.training_["cutoffs"][-1]["cutoff"]
    frame = model.drift(log.at(AT)).to_polars()
    for name in ("average_check", "purchase_count", "mean_gap_days"):
        then = np.array(log.at(cutoff).features()[name], dtype=float)
        now = np.array(log.at(AT).features()[name], dtype=float)
        known = np.sort(then[~np.isnan(then)])
        edges = []
        for i in range(10):
            value = known[i * len(known) // 10]
            equal, below = (known == value).sum(), known[known < value]
            if equal >= 5 and equal * 10 >= len(known):
                edges += [value, np.nextafter(value, np.inf)]
            elif len(below) > 0:
                edges.append(shortest_between(below[-1], value))
        edges = np.unique(edges)

        def counts(values: np.ndarray, edges: np.ndarray = edges) -> np.ndarray:
            bins = np.searchsorted(edges, values[~np.isnan(values)], side="right")
            return np.append(np.bincount(bins, minlength=len(edges) + 1), np.isnan(values).sum())

        pairs = [(e, a) for e, a in zip(counts(then), counts(now), strict=True) if e + a > 0]
        e, a = (np.array(side) + 0.5 for side in zip(*pairs, strict=True))
        e, a = e / e.sum(), a / a.sum()
        expected = ((a - e) * np.log(a / e)).sum()
        row = frame.filter(pl.col("column") == name)
        assert row["psi"].item() == pytest.approx(expected, rel=1e-9), name


def test_calibration_is_chosen_kept_and_reported(log: wb.EventLog) -> None:
    plain = wb.ChurnModel(calibration="none").fit(log, until=UNTIL, cutoffs=10)
    assert len(plain.calibration_table()) == 0
    model = wb.ChurnModel(calibration="beta").fit(log, until=UNTIL, cutoffs=10)
    frame = model.calibration_table().to_polars()
    assert set(frame["method"]) == {"none", "platt", "isotonic", "beta"}
    assert frame.filter(pl.col("used"))["method"].unique().to_list() == ["beta"]
    before = frame.filter(pl.col("method") == "none")["log_loss"]
    gain = frame.filter(pl.col("method") == "beta").select(pl.col("log_loss") + pl.col("gain"))
    np.testing.assert_allclose(gain.to_series(), before, rtol=1e-12)
    scores = model.score(log.at(AT)).to_polars()
    uncalibrated = plain.score(log.at(AT)).to_polars()
    assert not scores["purchase_probability"].equals(uncalibrated["purchase_probability"])
    for state in ("active", "lapsed", "lost"):
        pair = [frame.filter(pl.col("state") == state) for frame in (scores, uncalibrated)]
        order = np.argsort(pair[1]["purchase_probability"].to_numpy(), kind="stable")
        assert (np.diff(pair[0]["purchase_probability"].to_numpy()[order]) >= -1e-15).all()
    assert model.get_params()["calibration"] == "beta"


def test_a_card_is_markdown_and_a_dict(log: wb.EventLog, model: wb.ChurnModel) -> None:
    card = model.card(log, tests=2, draws=50)
    assert str(card).startswith("# Churn model: boosting\n")
    values = card.figures
    assert values["data"]["data_hash"] in str(card)
    assert len(values["columns"]) == len(model.columns_)
    assert {metric["score"] for metric in values["metrics"]} == {"model", "recency", "mbg_nbd"}
    assert str(card._repr_markdown_()).rstrip() == str(card) and card._repr_html_() is None


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"customer_id": 10**9}, ValueError, "an id that the log has"),
        ({"customer_id": "nobody"}, ValueError, "an id that the log has"),
        ({"reasons": 101}, ValueError, "at most 100"),
        ({"reasons": "3"}, TypeError, "reasons: expected an int"),
        ({"min_contribution": -1}, ValueError, "0 or more"),
        ({"language": "de"}, ValueError, "one of en, ru"),
        ({"language": 1}, TypeError, "language: expected a str"),
    ],
)
def test_wrong_arguments_are_named(
    log: wb.EventLog,
    model: wb.ChurnModel,
    arguments: dict[str, object],
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        model.explain(log.at(AT), **arguments)  # type: ignore[arg-type]


def test_other_wrong_arguments_are_named(log: wb.EventLog, model: wb.ChurnModel) -> None:
    with pytest.raises(ValueError, match="level: expected .*, got 2"):
        model.drift(log.at(AT), level=2)
    with pytest.raises(ValueError, match='calibration: expected .*, got "sigmoid"'):
        wb.ChurnModel(calibration="sigmoid").fit(log, until=UNTIL)  # type: ignore[arg-type]
    with pytest.raises(wb.NotFittedError):
        wb.ChurnModel().card(log)
