"""The README's examples run, and the command line scores as Python does, to the bit."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import documents
import winback as wb
from documents import ROOT


def blocks(language: str) -> list[str]:
    readme = (ROOT / "README.md").read_text()
    return [block.text for block in documents.blocks(readme, language)]


def test_the_python_examples_of_the_readme(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for example in blocks("python"):
        exec(compile(example, "README.md", "exec"), names)
    printed = capsys.readouterr().out
    assert "Quality of the logistic model at 2024-10-01" in printed
    assert "Quality of the boosting model at 2024-10-01" in printed
    assert "Backtest of the boosting model at 2024-09-01, 2024-10-01" in printed
    assert "# Churn model: boosting" in printed and "distributions have moved" in printed
    assert "gain   splits" in printed and "log-odds" in printed
    assert "the first rule that fits decides" in printed and "Gini coefficient" in printed
    assert "at risk" in printed and "resolved slowly" in printed
    assert (tmp_path / "report.html").read_text().startswith("<!DOCTYPE html>")
    assert "reason_1" in printed or "customer_id" in printed
    scored = [pl.read_parquet(f"{name}.parquet").height for name in ("features", "scores")]
    assert scored[0] == scored[1] > pl.read_parquet("candidates.parquet").height > 0


def test_the_commands_of_the_readme(program: Path, tmp_path: Path) -> None:
    commands = [line for block in blocks("sh") for line in block.splitlines()]
    commands = [shlex.split(line) for line in commands if line.startswith("winback ")]
    first = ["simulate", "fit", "evaluate", "candidates", "backtest", "inactivity", "profit"]
    first += ["retention", "cohorts", "flow", "migration", "retention-curve", "segments"]
    first += ["loyalty", "concentration", "nps", "survey-plan", "service"]
    first += ["explain", "drift", "card", "report"]
    larger = ["simulate", "fit", "candidates"]
    assert [command[1] for command in commands] == first + larger
    for command in commands:
        subprocess.run([program, *command[1:]], cwd=tmp_path, check=True, capture_output=True)
    assert pl.read_csv(tmp_path / "candidates.csv").height == 10
    assert pl.read_parquet(tmp_path / "candidates.parquet").height > 10


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"estimator": "logistic"}, "--estimator logistic"),
        ({"estimator": "tree"}, "--estimator tree"),
        ({"estimator": "boosting"}, "--estimator boosting"),
        (
            {
                "estimator": "boosting",
                "params": {"num_leaves": 7, "learning_rate": 0.1, "subsample": 0.8, "seed": 5},
                "monotone": False,
            },
            "--estimator boosting --param num_leaves=7 --param learning_rate=0.1 "
            "--param subsample=0.8 --param seed=5 --no-monotone",
        ),
    ],
    ids=["logistic", "tree", "boosting", "boosting with parameters"],
)
def test_the_command_line_scores_as_python_to_the_bit(
    program: Path, tmp_path: Path, options: dict[str, Any], words: str
) -> None:
    shop = wb.simulate(customers=800, seed=3)
    paths = {}
    for name in ("transactions", "tickets", "surveys"):
        paths[name] = tmp_path / f"{name}.parquet"
        getattr(shop, name).write(paths[name])
    log = wb.EventLog(
        paths["transactions"],
        tickets=paths["tickets"],
        surveys=paths["surveys"],
        observed_until="2025-01-01",
    )
    model = wb.ChurnModel(**options).fit(log, until="2024-10-01")
    model.save(tmp_path / "python.winback")
    expected = model.score(log, at="2025-01-01").to_polars()

    tables = [word for name, path in paths.items() for word in (f"--{name}", path)]
    tables += ["--observed-until", "2025-01-01"]
    fit = ["--until", "2024-10-01", *words.split(), "-o", tmp_path / "cli.winback"]
    subprocess.run([program, "fit", *tables, *fit], check=True, capture_output=True)
    assert (tmp_path / "cli.winback").read_bytes() == (tmp_path / "python.winback").read_bytes()
    for ending in ("parquet", "csv"):
        out = tmp_path / f"scores.{ending}"
        score = ["--model", tmp_path / "python.winback", "--at", "2025-01-01", "-o", out]
        subprocess.run([program, "score", *tables, *score], check=True, capture_output=True)
        read = pl.read_parquet(out) if ending == "parquet" else pl.read_csv(out)
        for column in ("customer_id", "state", "purchase_probability", "churn_probability"):
            assert read[column].to_list() == expected[column].to_list(), (ending, column)
