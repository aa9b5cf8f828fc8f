"""The files in tests/it/data/features: a made log of corner cases and its features by slow twins.

The tests of Rust compare with them. They are written by
`WINBACK_UPDATE_DOCS=1 pytest tests/python/test_feature_values.py`.
"""

from __future__ import annotations

import os
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import events_twin
import twin
from test_features_twin import CUTOFFS, DAY, MICROSECOND, learned_later, made_tables, some_time

FOLDER = Path(__file__).parents[1] / "it" / "data" / "features"
# In the afternoon, just after midnight, and at midnight itself.
AT = [CUTOFFS[1], CUTOFFS[3], CUTOFFS[2]]
CONTACTS = ["letter"]
ROLES = {name: [name] for name in ("visit", "cart", "abandoned", "opened")}
# The kinds that have columns of their own.
KINDS = ["visit", "letter", "review"]


def made_events(ids: list[str]) -> pl.DataFrame:
    """Events of these customers in no order: any time, at edges of windows, soon after contacts."""
    rng = random.Random(20230402)
    kinds = ["visit", "visit", "cart", "abandoned", "letter", "letter", "opened", "review", "call"]
    rows: list[tuple[Any, ...]] = []
    for customer_id in ids:
        for _ in range(rng.randrange(12)):
            moment, kind = some_time(rng), rng.choice(kinds)
            rows.append((customer_id, moment, kind, learned_later(rng, moment)))
            if kind == "letter":
                hours = rng.choice([0, 30, 167, 168, 200])
                after = moment + timedelta(hours=hours)
                rows.append((customer_id, after, rng.choice(["opened", "letter"]), None))
    for at in map(datetime.fromisoformat, AT):
        for days in (0, 7, 14, 30, 60, 90, 365):
            for step in (-MICROSECOND, timedelta(0), MICROSECOND):
                moment = at - days * DAY + step
                own = max(edge for edge in (0, 30, 90, 365) if edge <= days)
                rows += [(f"edge{own}", moment, kind, None) for kind in (*KINDS, "call")]
    rng.shuffle(rows)
    valued = [(*row[:3], rng.choice([None, 0.0, 1.5, -2.0]), row[3]) for row in rows]
    names = ["customer_id", "time", "kind", "value", "known_at"]
    return pl.DataFrame(valued, schema=names, orient="row", infer_schema_length=None)


def tables() -> dict[str, pl.DataFrame]:
    """Some of the customers with random rows, and all with edges; no text that may be missing."""
    made = made_tables(seed=20230401)
    few = {
        name: frame.filter(~pl.col("customer_id").str.contains(r"^c[2-5]\d$")).with_columns(
            pl.col(pl.String).replace("NA", "nay")
        )
        for name, frame in made.items()
    }
    ids = sorted(set(few["transactions"]["customer_id"]))
    return few | {"events": made_events(ids)}


def expected(made: dict[str, pl.DataFrame], at: datetime) -> pl.DataFrame:
    """All features at a cutoff, by customer."""
    table = twin.features(at=at, **{name: made[name] for name in made if name != "events"})
    rows = twin.rows_by_customer(made["transactions"], twin.TRANSACTION_TIMES)
    purchases = {}
    for customer_id, own in rows.items():
        seen = [row for row in own if twin.is_visible(row, "time", at) and row["amount"] != 0]
        found = twin.find_purchases(seen, set(made["transactions"].columns), "order", "ignore")
        purchases[customer_id] = [purchase["time"] for purchase in found]
    of_events = events_twin.features(made["events"], purchases, at, CONTACTS, ROLES, KINDS)
    columns = [of_events[customer_id] for customer_id in table["customer_id"]]
    schema = dict.fromkeys(columns[0], pl.Float64)
    return table.hstack(pl.DataFrame(columns, schema=schema, strict=False))


def files() -> dict[str, str]:
    made = tables()
    texts = {f"{name}.csv": frame.write_csv() for name, frame in made.items()}
    for number, at in enumerate(AT):
        table = expected(made, datetime.fromisoformat(at))
        lines = [",".join(table.columns)]
        for customer_id, *values in table.iter_rows():
            lines.append(",".join([customer_id, *(f"{value:.10g}" for value in values)]))
        texts[f"expected_{number}.csv"] = "\n".join(lines) + "\n"
    return texts


def test_files_for_the_tests_of_rust_are_of_the_twins() -> None:
    texts = files()
    if os.environ.get("WINBACK_UPDATE_DOCS"):
        FOLDER.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (FOLDER / name).write_text(text, encoding="utf-8")
    assert {path.name for path in FOLDER.iterdir()} == set(texts)
    for name, text in texts.items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, name


@pytest.mark.parametrize("at", AT)
def test_the_made_log_exercises_features_of_events(at: str) -> None:
    table = expected(tables(), datetime.fromisoformat(at))
    assert table.height > 40
    of_events = table.columns[table.columns.index("days_since_last_event") :]
    dull = [name for name in of_events if table[name].n_unique() < 2]
    assert not dull
