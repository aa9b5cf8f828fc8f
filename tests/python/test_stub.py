"""The stub of the extension says what is there."""

from __future__ import annotations

import re
import subprocess
import sys


def test_the_stub_agrees_with_the_extension() -> None:
    command = [sys.executable, "-m", "mypy.stubtest", "winback._core"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    inspected = re.search(r"no issues found in (\d+) module", result.stdout)
    assert inspected and int(inspected[1]) >= 1, result.stdout
