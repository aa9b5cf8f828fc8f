"""Every example of the documentation runs, and prints what the page shows.

With WINBACK_UPDATE_DOCS=1 (`make docs-outputs`) the pages are given the outputs of now instead.
"""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import documents
import winback as wb
import winback.sklearn
from documents import ROOT, Block

DOCS = ROOT / "docs"
UPDATE = os.environ.get("WINBACK_UPDATE_DOCS") == "1"

# Pages whose examples need what a test of their own starts.
RUN_ELSEWHERE = {
    "howto/databases.md": "test_databases.py",
    "howto/other_engines.md": "test_other_engines.py",
    "howto/spark.md": "../spark/test_examples.py",
}

# Written when the site is built.
GENERATED = "reference/command_line.md"


def pages() -> list[str]:
    found = [page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")]
    kept = [page for page in found if not page.startswith(("_", "notebooks/"))]
    return sorted(page for page in kept if page != GENERATED)


def test_there_are_pages_with_examples() -> None:
    languages = [
        block.language for page in pages() for block in documents.blocks((DOCS / page).read_text())
    ]
    assert languages.count("python") >= 40 and languages.count("sh") >= 4
    for page, test in RUN_ELSEWHERE.items():
        if (DOCS / page).exists():
            assert page.split("/")[-1] in (ROOT / "tests/python" / test).read_text()


@pytest.mark.parametrize("page", [page for page in pages() if page not in RUN_ELSEWHERE])
def test_the_examples_of_a_page(page: str, request: Any, tmp_path: Path) -> None:
    text = (DOCS / page).read_text()
    found = documents.blocks(text)
    known = {"python", "sh", "text", "toml", "json", "sql"}
    directives = {block.language for block in found if block.language.startswith("{")}
    assert {block.language for block in found} - directives <= known
    runs = [block for block in found if block.language in ("python", "sh")]
    own = [line for b in runs if b.language == "sh" for line in documents.commands(b.text)]
    needs_program = any(line.startswith("winback ") for line in own)
    program = request.getfixturevalue("program") if needs_program else Path()
    names: dict[str, Any] = {}
    printed: list[tuple[Block, str]] = []
    for block in runs:
        printed.append((block, documents.run(block, names, program, tmp_path)))
    if UPDATE:
        for block, output in reversed(printed):
            if block.shown is None or not documents.agrees(output, block.shown):
                text = documents.with_output(text, block, output)
        (DOCS / page).write_text(text)
        return
    for block, output in printed:
        shown = block.shown or ""
        assert documents.agrees(output, shown), f"{block.text}\nprints\n{output}\nand not\n{shown}"


def test_outputs_must_agree() -> None:
    assert documents.agrees("a\n1.5  \nc\n", "a\n1.5\nc")
    assert documents.agrees("a\nb\nc\n", "a\n...\nc") and documents.agrees("a\nb\n", "a\n...")
    assert not documents.agrees("a\nb\n", "a\nc") and not documents.agrees("a\n", "")
    page = "one\n\n```python\nprint(1)\n```\n\n```text\n2\n```\n\nmore\n"
    (block,) = documents.blocks(page)
    assert block.shown == "2\n" and not documents.agrees("1\n", block.shown)
    assert documents.with_output(page, block, "1\n") == page.replace("2", "1")


def test_the_page_of_commands_has_them_all(program: Path) -> None:
    sys.path.insert(0, str(DOCS))
    import command_line_page

    page = command_line_page.write(program)
    listed = subprocess.run([program, "--help"], check=True, capture_output=True, text=True).stdout
    names = re.findall(r"^  (\S+)  ", listed.split("Commands:\n")[1].split("\n\n")[0], re.M)
    assert len(names) > 20
    for name in set(names) - {"help"}:
        assert f"\n## {name}\n" in page and f"winback {name} " in page, name


def test_the_reference_lists_every_public_name() -> None:
    text = "".join(page.read_text() for page in (DOCS / "reference").glob("*.md"))
    listed = set(re.findall(r"^ *(?:winback\.)?([\w.]+)$", text, re.M))
    public = {name: getattr(wb, name) for name in wb.__all__ if name != "__version__"}
    modules = [thing for thing in public.values() if inspect.ismodule(thing)]
    wanted = {name for name, thing in public.items() if not inspect.ismodule(thing)}
    for module in (*modules, winback.sklearn):
        wanted |= {f"{module.__name__.split('.')[-1]}.{name}" for name in module.__all__}
    assert len(wanted) > 55 and wanted <= listed, wanted - listed


def test_the_program_in_rust() -> None:
    source = (DOCS / "howto/service.md").read_text()
    assert "../../examples/score_one_customer.rs" in source
    program = ROOT / "target/debug/examples/score_one_customer"
    if not program.exists():
        assert "WINBACK_REQUIRE_DATA" not in os.environ, f"{program} is not there"
        pytest.skip(f"{program} is not there: cargo build --examples")
    done = subprocess.run([program], check=True, capture_output=True, text=True)
    shown = [block.text for block in documents.blocks(source, "text")]
    assert any(documents.agrees(done.stdout, output) for output in shown), done.stdout
