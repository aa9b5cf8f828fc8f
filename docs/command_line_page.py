"""The page of the documentation that says what each command says by `--help`."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

_TITLE = """# Command line

`cargo install winback --features cli` puts `winback` on the path. What follows is what the commands
say themselves, by `winback COMMAND --help`. In CSV files dates are ISO 8601 and numbers have a
decimal point; a result replaces an older file of its name, never an input.
"""

# The same options in most commands: told once.
_SHARED = "Input (.parquet, .csv, .csv.gz, .xlsx, a folder or a pattern of such files):"


def write(program: Path) -> str:
    """The whole page."""
    texts = {name: _help(program, *name.split()) for name in _names(program)}
    shared = next(section for text in texts.values() if (section := _section(text)))
    parts = [_TITLE, f"```text\n{_help(program)}\n```\n", "## Input tables\n"]
    parts.append("Most commands read the same tables:\n\n```text\n" + shared + "\n```\n")
    for name, text in texts.items():
        parts.append(f"## {name}\n\n```text\n{_without_shared(text, shared)}\n```\n")
    return "\n".join(parts)


def _help(program: Path, *command: str) -> str:
    environment = {**os.environ, "COLUMNS": "100"}
    done = subprocess.run(
        [program, *command, "--help"], check=True, capture_output=True, text=True, env=environment
    )
    return "\n".join(line.rstrip() for line in done.stdout.rstrip().splitlines())


def _names(program: Path, *command: str) -> list[str]:
    """All commands, each followed by those below it."""
    text = _help(program, *command)
    if "Commands:\n" not in text:
        return []
    listed = text.split("Commands:\n")[1].split("\n\n")[0]
    found = []
    for name in re.findall(r"^  (\S+)  ", listed, re.M):
        if name != "help":
            found.append(" ".join([*command, name]))
            found += _names(program, *command, name)
    return found


def _section(text: str) -> str | None:
    """The section of input tables, up to the next line that is not indented."""
    match = re.search(rf"^{re.escape(_SHARED)}\n(?:(?:  .*)?\n)*", text + "\n", re.M)
    return match[0].rstrip() if match else None


def _without_shared(text: str, shared: str) -> str:
    section = _section(text)
    if section is None or _options(section) != _options(shared):
        return text
    return text.replace(section, f"{_SHARED}\n  see above, under Input tables")


def _options(section: str) -> list[str]:
    return re.findall(r"^ +(--\S+)", section, re.M)
