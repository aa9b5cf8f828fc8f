"""Effects of offers on the command line: as Python learns them, to the bit."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import winback as wb

COLUMNS = ["a", "b", "c"]


def drawn(n: int, arms: list[str], seed: int = 3) -> pl.DataFrame:
    """Customers of whom the first column decides how much the last arm does."""
    draw = np.random.default_rng(seed)
    x, arm = draw.uniform(size=(n, 3)), draw.integers(0, len(arms), n)
    chance = 0.3 + 0.2 * x[:, 1] + np.where(arm == len(arms) - 1, 0.5 * (x[:, 0] - 0.5), 0)
    table = pl.DataFrame(x, schema=COLUMNS).with_columns(
        customer_id=pl.Series(range(n)) * 3,
        arm=pl.Series([arms[i] for i in arm]),
        bought=pl.Series((draw.uniform(size=n) < chance).astype(int)),
        spend=pl.Series(10 * draw.exponential(chance)),
        chance=pl.lit(1 / 2),
    )
    return table


def run(program: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A step of a campaign in a folder."""
    command = [str(program), "campaign", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("arms", "outcome", "how", "options", "fit", "worth"),
    [
        (["none", "letter"], "bought", {}, "", {}, "--margin 30 --costs 1"),
        (
            ["none", "call", "letter"],
            "spend",
            {"learner": "x", "folds": 3, "seed": 5},
            "--learner x --folds 3 --seed 5 --propensity none=1,call=1,letter=1",
            {"propensity": {"none": 1 / 3, "call": 1 / 3, "letter": 1 / 3}},
            "--margin 0.5 --costs call=0.2,letter=0.1",
        ),
        (
            ["none", "letter"],
            "bought",
            {"learner": "t", "estimator": "boosting", "params": {"n_estimators": 20}},
            "--learner t --estimator boosting --param n_estimators=20 --propensity chance",
            {"propensity": [0.5] * 900},
            "--margin 2 --costs 0.1",
        ),
        (
            ["none", "letter"],
            "bought",
            {"learner": "s", "params": {"c": 5.0}, "interactions": False},
            "--learner s --param c=5 --interactions false --propensity estimated",
            {"propensity": "estimated"},
            "",
        ),
    ],
    ids=["a letter", "two offers", "trees", "estimated chances"],
)
def test_the_command_line_learns_as_python_to_the_bit(
    program: Path,
    tmp_path: Path,
    arms: list[str],
    outcome: str,
    how: dict[str, Any],
    options: str,
    fit: dict[str, Any],
    worth: str,
) -> None:
    test, others = drawn(900, arms), drawn(200, arms, seed=4)
    test.sample(fraction=1, shuffle=True, seed=1).write_parquet(tmp_path / "test.parquet")
    others.write_parquet(tmp_path / "others.parquet")
    step = f"uplift --arms test.parquet --control none --outcome {outcome} --covariates a,b,c"
    tables = "--table measures=m.parquet --table policies=p.parquet --table curve=c.parquet"
    written = "--model uplift.winback --bootstraps 50 -o effects.parquet"
    words = f"{step} {options} {worth} {tables} {written}".split()
    found = run(program, tmp_path, *words)
    assert found.returncode == 0, found.stderr

    model = wb.campaign.Uplift(**how)
    ids = test["customer_id"]
    model.fit(test[COLUMNS], test["arm"], test[outcome], control="none", customer_ids=ids, **fit)
    offers = model.arms_
    effects = pl.read_parquet(tmp_path / "effects.parquet")
    assert effects.columns == ["customer_id", "arm", *(f"uplift_{offer}" for offer in offers)]
    assert effects["customer_id"].equals(ids) and effects["arm"].equals(test["arm"])
    unseen = model.uplift_.reshape(len(test), -1)
    assert (effects.drop("customer_id", "arm").to_numpy() == unseen).all()

    numbers = {
        word[0]: word[1] for word in zip(worth.split()[::2], worth.split()[1::2], strict=True)
    }
    costs: Any = numbers.get("--costs", "0")
    if "=" in costs:
        costs = {pair.split("=")[0]: float(pair.split("=")[1]) for pair in costs.split(",")}
    else:
        costs = float(costs)
    advice = model.recommend(margin=float(numbers.get("--margin", 1)), costs=costs)
    for name, file in [("policies", "p"), ("curve", "c")]:
        own = pl.read_parquet(tmp_path / f"{file}.parquet")
        assert own.equals(advice.tables[name].to_polars()), name
    assert str(advice).strip() in found.stdout

    measures = pl.read_parquet(tmp_path / "m.parquet")
    for place, offer in enumerate(offers):
        pair = test["arm"].is_in(["none", offer]).to_numpy()
        expected = wb.metrics.uplift_intervals(
            test[outcome].to_numpy()[pair],
            unseen[pair, place],
            (test["arm"] == offer).to_numpy()[pair],
            bootstraps=50,
            seed=how.get("seed", 0),
        )
        own = measures.filter(pl.col("offer") == offer).drop("offer")
        assert own.equals(expected.to_polars())

    predict = "uplift-predict --model uplift.winback --customer-list others.parquet --margin 7"
    found = run(program, tmp_path, *predict.split(), "-o", "list.parquet")
    assert found.returncode == 0, found.stderr
    listed = pl.read_parquet(tmp_path / "list.parquet")
    expected = model.predict(others[COLUMNS]).reshape(len(others), -1)
    for place, offer in enumerate(offers):
        assert (listed[f"uplift_{offer}"].to_numpy() == expected[:, place]).all()
        assert (listed[f"gain_{offer}"].to_numpy() == 7 * expected[:, place]).all()
    target = f"target --customer-list list.parquet --gain x=gain_{offers[0]} --cost x=1 -o t.csv"
    assert run(program, tmp_path, *target.split()).returncode == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--covariates a,b,a", 'covariates: expected each of them once, got "a"'),
        ("--covariates a,bought", "covariates: expected what was known before the test"),
        ("--covariates a,z", "arms.z: no such column"),
        ("--covariates a,town", "holds texts; expected numbers"),
        ("--covariates a,gap", "fill what is missing, or take boosting"),
        ("--covariates a --control nobody", 'has no control arm: none is called "nobody"'),
        ("--covariates a --outcome visit", "arms.visit: no such column"),
        ("--covariates a --learner y", '"s", "t", "x", "dr" or "class"'),
        ("--covariates a --folds 1", "folds: expected 2 or more"),
        ("--covariates a --folds 101", "folds: expected 1 to 100"),
        ("--covariates a --costs call=1", "costs: expected one number, or the costs of letter"),
        ("--covariates a --costs -1", "costs: expected 0 or more"),
        ("--covariates a --margin NaN", "margin: expected a finite number"),
        ("--covariates a --estimator tree", "estimator: expected logistic, boosting or average"),
        ("--covariates a --param leaves=3", "leaves"),
        ("--covariates a --propensity none=0.5,call=0.5", "the chances of none, letter"),
        ("--covariates a --propensity none=0.1,letter=0.9", "sample-ratio mismatch"),
        ("--covariates a --propensity b", "propensity"),
        ("--covariates a --bootstraps 1", "bootstraps: expected 2 to"),
        ("--covariates a --model test.csv", "test.csv"),
        ("--covariates a --model x.csv -o x.csv", "a file of its own for each result"),
        ("", "--covariates"),
    ],
)
def test_wrong_tests_are_refused(program: Path, tmp_path: Path, options: str, message: str) -> None:
    test = drawn(200, ["none", "letter"]).with_columns(
        town=pl.lit("Bergen"), gap=pl.when(pl.col("a") > 0.1).then("a"), b=2 * pl.col("b")
    )
    test.write_csv(tmp_path / "test.csv")
    given = "" if "--control" in options else "--control none"
    given += "" if "--outcome" in options else " --outcome bought"
    found = run(program, tmp_path, *f"uplift --arms test.csv {given} {options}".split())
    assert found.returncode in (1, 2)
    assert message in found.stderr, found.stderr


def test_a_model_of_something_else_is_refused(program: Path, tmp_path: Path) -> None:
    drawn(300, ["none", "letter"]).write_csv(tmp_path / "test.csv")
    step = (
        "uplift --arms test.csv --control none --outcome bought --covariates a,b --model m.winback"
    )
    assert run(program, tmp_path, *step.split()).returncode == 0
    (tmp_path / "now.csv").write_text("customer_id,a\n1,0.5\n")
    for model, message in [
        ("m.winback", "customer_list.b: no such column"),
        ("test.csv", "test.csv"),
    ]:
        step = f"uplift-predict --model {model} --customer-list now.csv"
        found = run(program, tmp_path, *step.split())
        assert found.returncode in (1, 2) and message in found.stderr, found.stderr
