"""Figures of campaigns: values of scikit-uplift, causalml and statsmodels on odd cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import compare_campaigns

# Written by benches/compare_campaigns.py --golden, by the packages of the versions named there.
VALUES = json.loads(Path(__file__).with_name("campaign_values.json").read_text())
CASES = [
    pytest.param(case, id=f"{package}-{case['figures']}-{place}")
    for package, cases in VALUES.items()
    for place, case in enumerate(cases)
]


@pytest.mark.parametrize("case", CASES)
def test_values_of_other_packages(case: dict[str, Any]) -> None:
    figures = getattr(compare_campaigns, case["figures"])(*compare_campaigns.taken(case["given"]))
    found = {name: value for name, value, _ in figures if name in case["values"]}
    assert found.keys() == case["values"].keys()
    for name, value in found.items():
        expected = np.array(case["values"][name])
        assert np.asarray(value, dtype=float).ravel() == pytest.approx(
            expected, rel=1e-9, abs=1e-9
        ), name
