"""Activity in place of purchases: the whole way from a table of log-ins, in words of activity."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import winback as wb

SHOP = wb.simulate(customers=1_000, seed=5, events=True)
assert SHOP.events is not None
EVENTS = SHOP.events.to_polars()
UNTIL = "2025-01-01"
PURCHASES = re.compile(r"(?<!\w)([Pp]urchase[sd]?|bought|buys|buyers|покуп\w+|купил\w*)(?!\w)")


def log_of(events: pl.DataFrame = EVENTS, **arguments: Any) -> wb.EventLog:
    given: dict[str, Any] = {"activity": ["visit"], "purchase_by": "day", "observed_until": UNTIL}
    return wb.EventLog(events=events, **(given | arguments))


def test_activity_is_told_as_purchases_of_the_same_rows_are() -> None:
    log = log_of()
    visits = EVENTS.filter(pl.col("kind") == "visit").select("customer_id", "time")
    others = EVENTS.filter(pl.col("kind") != "visit")
    twin = wb.EventLog(visits, events=others, purchase_by="day", observed_until=UNTIL)
    assert log.tells_activity and not twin.tells_activity
    assert (
        log.at("2024-06-01")
        .features()
        .to_polars()
        .equals(twin.at("2024-06-01").features().to_polars())
    )
    for own, its in [
        (wb.retention.rates(log), wb.retention.rates(twin)),
        (wb.retention.cohorts(log), wb.retention.cohorts(twin)),
        (wb.retention.flow(log), wb.retention.flow(twin)),
        (wb.inactivity(log.at(UNTIL)), wb.inactivity(twin.at(UNTIL))),
        (wb.timing.rfm_summary(log.at(UNTIL)), wb.timing.rfm_summary(twin.at(UNTIL))),
    ]:
        for name, table in own.tables.items():
            assert table.to_polars().equals(its.tables[name].to_polars(), null_equal=True)


def test_all_texts_say_activity(tmp_path: Path) -> None:
    log = log_of()
    model = wb.ChurnModel().fit(log, until="2024-10-01")
    now = log.at(UNTIL)
    candidates = model.candidates(now)
    reasons = candidates.to_polars().select(pl.col("^reason_.$")).unpivot()["value"].drop_nulls()
    assert reasons.str.contains("the chance of activity").all()
    found = {
        "log": repr(log),
        "model": str(model),
        "candidates": repr(candidates),
        "reasons": "\n".join(reasons),
        "score": repr(model.score(now)),
        "explain": repr(model.explain(now)),
        "one": repr(model.explain(now, customer_id=candidates["customer_id"][0])),
        "quality": repr(model.evaluate(log.at("2024-10-01"))),
        "backtest": repr(model.backtest(log, tests=2)),
        "flow": repr(wb.retention.flow(log)),
        "curve": repr(wb.retention.curve(log)),
        "inactivity": repr(wb.inactivity(now)),
        # Names of rules are those of the rules, which may be the user's own.
        "loyalty": repr(wb.segments.loyalty(now)).split("Loyalty of")[1],
        "events": repr(wb.events.summary(log)),
        "check": repr(log.check()),
    }
    ax = wb.plot.activity(wb.events.summary(log))
    found["plot"] = f"{ax.get_title()} {ax.get_xlabel()}"
    explanation = model.explain(now)
    first = candidates["customer_id"][0]
    for name, ax in {
        "cohorts": wb.plot.cohorts(wb.retention.cohorts(log, every="1q")),
        "gaps": wb.plot.gap_distribution(wb.inactivity(now)),
        "beeswarm": wb.plot.beeswarm(explanation),
        "waterfall": wb.plot.waterfall(explanation, customer_id=first),
        "tracking": wb.plot.tracking(wb.timing.backtest(log.at("2024-07-01"))),
    }.items():
        ticks = [tick.get_text() for tick in ax.get_yticklabels()]
        words = [ax.get_title(), ax.get_title("left"), ax.get_xlabel(), ax.get_ylabel(), *ticks]
        found[f"plot of {name}"] = " ".join(words)
    for language in ("en", "ru"):
        model.report(now, tmp_path / "report.html", tests=1, language=language)
        page = (tmp_path / "report.html").read_text()
        found[f"report {language}"] = page.split("</style>")[1]
    for name, text in found.items():
        wrong = [text[max(0, m.start() - 40) : m.end() + 20] for m in PURCHASES.finditer(text)]
        assert not wrong, (name, wrong)


def test_a_model_of_activity_wants_the_same_activity() -> None:
    model = wb.ChurnModel().fit(log_of(), until="2024-10-01")
    others = [
        wb.EventLog(SHOP.transactions, observed_until=UNTIL, purchase_by="day"),
        log_of(activity=["visit", "cart"]),
    ]
    for other in others:
        with pytest.raises(ValueError, match="activity=visit, as in training"):
            model.score(other.at(UNTIL))


def test_a_service_gets_activity_as_events() -> None:
    log = log_of()
    model = wb.ChurnModel().fit(log, until="2024-10-01")
    scores = dict(model.score(log.at(UNTIL)).to_polars()["customer_id", "churn_probability"].rows())
    for customer in list(scores)[:10]:
        history = model.customer_history()
        own = EVENTS.filter(pl.col("customer_id") == customer)
        for row in own.iter_rows(named=True):
            history.push_event(row["time"], row["kind"], value=row["value"])
        score = model.score_customer(history, at=UNTIL)
        assert score is not None and score["churn_probability"] == scores[customer]


def test_parts_and_the_command_line(tmp_path: Path, program: Path) -> None:
    EVENTS.write_parquet(tmp_path / "events.parquet")
    log = log_of(purchase_by="order")
    model = wb.ChurnModel().fit(log, until="2024-10-01")
    model.save(tmp_path / "model")
    expected = model.score(log.at(UNTIL)).to_polars()
    parts = wb.PartitionedLog(
        events=tmp_path / "events.parquet",
        activity=["visit"],
        observed_until=UNTIL,
        memory="1GB",
        least_parts=3,
    )
    model.write_scores(parts.at(UNTIL), tmp_path / "parts.parquet")
    assert pl.read_parquet(tmp_path / "parts.parquet").equals(expected, null_equal=True)

    def run(*arguments: str) -> str:
        given = ["--events", "events.parquet", "--observed-until", UNTIL]
        command: list[str | Path] = [program, *arguments, *given]
        done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
        return done.stdout + done.stderr

    # The model knows what its activity is.
    text = run("score", "--model", "model", "--at", UNTIL, "-o", "scores.parquet")
    assert pl.read_parquet(tmp_path / "scores.parquet").equals(expected, null_equal=True)
    text += run("flow", "--activity", "visit") + run("events", "--activity", "visit")
    assert not PURCHASES.search(text), PURCHASES.search(text)


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"transactions": SHOP.transactions}, ValueError, "none where activity stands in place"),
        ({"activity": ["log-in"]}, ValueError, "no usable row of the kinds of activity: log-in"),
        ({"activity": "visit"}, TypeError, "activity: expected"),
        ({"activity": []}, TypeError, "transactions: expected a table"),
        ({"contacts": ["visit"]}, ValueError, "activity: expected kinds that are no contacts"),
        ({"events": None}, ValueError, "none without a table of events"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        log_of(**({"events": EVENTS} | arguments))
