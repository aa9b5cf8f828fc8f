"""Markdown pages: their code blocks, and what these print."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(r"^```(\S*)[^\n]*\n(.*?)^```$\n?", re.M | re.S)

# What sets up a machine is shown and not run.
_SET_UP = ("pip install ", "cargo install ", "cargo build ", "cargo add ", "git clone ", "make ")


@dataclass
class Block:
    """A fenced block, and the output that stands below it, if any."""

    language: str
    text: str
    start: int
    end: int
    shown: str | None = None


def blocks(text: str, language: str | None = None) -> list[Block]:
    """The fenced blocks of a page; a `text` block right below a block that runs is its output."""
    found: list[Block] = []
    for match in _FENCE.finditer(text):
        block = Block(match[1], match[2], match.start(), match.end())
        last = found[-1] if found else None
        runs = last is not None and last.language in ("python", "sh") and last.shown is None
        if last and runs and block.language == "text" and not text[last.end : block.start].strip():
            last.shown, last.end = block.text, block.end
        else:
            found.append(block)
    return [block for block in found if language in (None, block.language)]


def commands(text: str) -> list[str]:
    """The lines of a shell block, continued ones in one."""
    return [line for line in text.replace("\\\n", " ").splitlines() if line.strip()]


def run(block: Block, names: dict[str, Any], program: Path, folder: Path) -> str:
    """Runs a block of Python or of shell commands in a folder, and gives what it prints."""
    if block.language == "python":
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), _inside(folder):
            exec(compile(block.text, "example", "exec"), names)
        return printed.getvalue()
    printed_by = []
    for line in commands(block.text):
        if line.startswith(_SET_UP):
            continue
        word, *arguments = shlex.split(line)
        assert word == "winback", f"only winback is run in pages: {line}"
        done = subprocess.run(
            [program, *arguments], cwd=folder, check=True, capture_output=True, text=True
        )
        printed_by.append(done.stdout)
    return "".join(printed_by)


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def tidy(text: str) -> str:
    """Without spaces at the ends of lines and without empty lines at both ends."""
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


def agrees(printed: str, shown: str) -> bool:
    """Whether a page shows what was printed; a line of three dots stands for any lines."""
    pattern = "\n".join(
        r"(?:.*\n)*?(?:.*)" if line.strip() == "..." else re.escape(line)
        for line in tidy(shown).split("\n")
    )
    return re.fullmatch(pattern, tidy(printed)) is not None


def _elided(printed: str, shown: str) -> str:
    """As many first and last lines as were shown before, where others were left out."""
    before = tidy(shown).split("\n")
    if "..." not in before:
        return printed
    lines, last = printed.split("\n"), before[::-1].index("...")
    return "\n".join([*lines[: before.index("...")], "...", *lines[len(lines) - last :]])


def with_output(page: str, block: Block, printed: str) -> str:
    """The page with another output below a block; from the last block of a page to the first."""
    old = page[block.start : block.end]
    code = _FENCE.match(old)
    assert code
    printed = _elided(tidy(printed), block.shown or "")
    shown = f"\n```text\n{printed}\n```\n" if printed else ""
    return page[: block.start] + old[: code.end()] + shown + page[block.end :]
