"""The licences that come with a wheel are those of the crates in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_the_file_of_licences_is_up_to_date() -> None:
    script = ROOT / ".ci" / "licences.py"
    done = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True, check=False
    )
    if done.returncode == 3:
        pytest.skip(f"cargo cannot have the crates of all platforms here: {done.stderr}")
    assert done.returncode == 0, done.stderr


def test_every_licence_that_is_asked_for_stands_there() -> None:
    text = (ROOT / "THIRD-PARTY-LICENSES.txt").read_text(encoding="utf-8")
    for words in [
        "Apache License",
        "Permission is hereby granted, free of charge",
        "Redistribution and use in source and binary forms",
        "UNICODE LICENSE V3",
        "encoding_rs 0.",
    ]:
        assert words in text
