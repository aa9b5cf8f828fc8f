"""The notebooks run from top to bottom and hold the outputs that they give.

With WINBACK_UPDATE_DOCS=1 (`make docs-outputs`) they are written anew with the outputs of now.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from documents import ROOT

FOLDER = ROOT / "notebooks"
NAMES = sorted(path.name for path in FOLDER.glob("*.ipynb"))
UPDATE = os.environ.get("WINBACK_UPDATE_DOCS") == "1"

# The server of the kernel and the machinery below it, not the notebooks.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*TCP without encryption.*"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True)
def without_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    """How far work is shows only where it takes long, and is no output of a notebook."""
    monkeypatch.setenv("WINBACK_PROGRESS", "0")


def read(name: str) -> Any:
    return nbformat.read(FOLDER / name, as_version=4)  # type: ignore[no-untyped-call]


def outputs(cell: Any) -> list[tuple[str, str]]:
    """What a cell shows: kind and text; of a picture only that it is there."""
    shown: list[tuple[str, str]] = []
    for output in cell.get("outputs", []):
        if output["output_type"] == "stream":
            assert output["name"] == "stdout", output["text"]
            # One text may come in several parts.
            before = shown.pop()[1] if shown and shown[-1][0] == "stream" else ""
            shown.append(("stream", before + output["text"]))
            continue
        for kind, data in sorted(output["data"].items()):
            picture = kind.startswith("image/") or "image/png" in output["data"]
            # Objects of Python say where they are in memory.
            text = "" if picture else re.sub(r" at 0x[0-9a-f]+", "", data)
            shown.append((kind, text))
    return shown


def test_there_are_six_notebooks() -> None:
    assert [name[:2] for name in NAMES] == ["01", "02", "03", "04", "05", "06"]


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_small_and_has_its_outputs(name: str) -> None:
    assert (FOLDER / name).stat().st_size < 300_000
    cells = read(name).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert sum(bool(outputs(cell)) for cell in code) >= len(code) - 2
    assert sum(kind == "image/png" for cell in code for kind, _ in outputs(cell)) >= 2
    assert sum(cell.cell_type == "markdown" for cell in cells) >= len(code) // 2
    assert any('SOURCE == "file"' in cell.source for cell in code)


def test_a_notebook_shows_how_to_ask_postgresql() -> None:
    assert any("adbc_driver_postgresql" in cell.source for cell in read(NAMES[0]).cells)


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_gives_the_outputs_it_holds(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    committed = read(name)
    fresh = read(name)
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(fresh, timeout=600, kernel_name="python3", resources=resources).execute()
    if UPDATE:
        for cell in fresh.cells:
            cell.metadata.pop("execution", None)
        fresh.metadata["language_info"] = {"name": "python"}
        nbformat.write(fresh, FOLDER / name)  # type: ignore[no-untyped-call]
        return
    pairs = list(zip(committed.cells, fresh.cells, strict=True))
    assert len(pairs) > 10
    for before, now in pairs:
        assert outputs(before) == outputs(now), before.source
