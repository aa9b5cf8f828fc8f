"""The example of docs/howto/other_engines.md, run as a program, for its workers import it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import documents
import winback as wb

PAGE = documents.ROOT / "docs/howto/other_engines.md"


def test_the_worker_function_under_multiprocessing(tmp_path: Path) -> None:
    (block,) = documents.blocks(PAGE.read_text(), "python")
    (tmp_path / "engine.py").write_text(block.text)
    found = {"PYTHONPATH": str(Path(wb.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "engine.py"],
        cwd=tmp_path,
        env=os.environ | found,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert documents.agrees(done.stdout, block.shown or "")
