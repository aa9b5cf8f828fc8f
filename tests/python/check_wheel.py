"""Checks a built wheel as a user meets it: `python tests/python/check_wheel.py FOLDER`.

The wheel must be for the stable ABI of Python 3.10, under 15 MB, hold a bill of its materials and
the licences of its crates, need nothing else, import within 100 ms of computing and score simulated
customers, in a fresh virtual environment.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

_TRY = """
import winback as wb
log = wb.simulate(customers=500).event_log()
model = wb.ChurnModel().fit(log, until="2024-10-01")
assert len(model.candidates(log.at("2025-01-01"), top=5)) == 5
"""

_TIME = """
import time
wall, own = time.perf_counter(), time.process_time()
import winback
print(time.perf_counter() - wall, time.process_time() - own)
"""


def check(folder: Path) -> None:
    """Checks the one wheel in a folder."""
    (wheel,) = folder.glob("winback-*.whl")
    size = wheel.stat().st_size / 1e6
    print(f"{wheel.name}: {size:.1f} MB")
    assert "-cp310-abi3-" in wheel.name and size < 15
    names = zipfile.ZipFile(wheel).namelist()
    assert any("/sboms/" in name and name.endswith(".cyclonedx.json") for name in names)
    assert any(name.endswith("/licenses/THIRD-PARTY-LICENSES.txt") for name in names)
    with tempfile.TemporaryDirectory() as place:
        venv.create(place, with_pip=True)
        python = Path(place) / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

        def run(*arguments: str) -> str:
            done = subprocess.run(
                [python, *arguments], cwd=place, check=True, capture_output=True, text=True
            )
            return done.stdout

        run("-m", "pip", "install", "--no-index", str(wheel.resolve()))
        run("-c", _TRY)
        times = [[1000 * float(time) for time in run("-c", _TIME).split()] for _ in range(10)]
    wall, own = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"import winback: {wall:.0f} ms, of which {own:.0f} ms computing (medians of 10)")
    assert own < 100  # the time on the wall is that of a machine that may be busy


if __name__ == "__main__":
    check(Path(sys.argv[1]))
