"""The README's examples run, and the command line scores as Python does, to the bit."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import documents
import winback as wb
from documents import ROOT


def test_the_python_examples_of_the_readme(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text()
    names: dict[str, Any] = {}
    found = documents.blocks(readme, "python")
    outputs = [documents.run(block, names, Path(), tmp_path) for block in found]
    if os.environ.get("WINBACK_UPDATE_DOCS") == "1":
        for block, output in reversed(list(zip(found, outputs, strict=True))):
            if block.shown is not None and not documents.agrees(output, block.shown):
                readme = documents.with_output(readme, block, output)
        (ROOT / "README.md").write_text(readme)
        return
    shown = [(block.shown, output) for block, output in zip(found, outputs, strict=True)]
    assert shown[0][0] is not None
    for expected, output in shown:
        assert expected is None or documents.agrees(output, expected), output
    assert "Quality of the average model at 2024-10-01" in "".join(outputs)
    assert pl.read_csv(tmp_path / "candidates.csv").height == 10
    assert (tmp_path / "report.html").read_text().startswith("<!DOCTYPE html>")


def test_the_commands_of_the_readme(program: Path, tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text()
    found = [line for b in documents.blocks(readme, "sh") for line in documents.commands(b.text)]
    commands = [shlex.split(line) for line in found if line.startswith("winback ")]
    assert [command[1] for command in commands] == [
        "simulate",
        "fit",
        "evaluate",
        "candidates",
        "report",
    ]
    for command in commands:
        subprocess.run([program, *command[1:]], cwd=tmp_path, check=True, capture_output=True)
    assert pl.read_csv(tmp_path / "candidates.csv").height == 10
    assert (tmp_path / "report.html").read_text().startswith("<!DOCTYPE html>")


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
    expected = model.score(log.at("2025-01-01")).to_polars()

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
