"""Writes THIRD-PARTY-LICENSES.txt: the licences of all crates that a wheel holds.

    python3 .ci/licences.py [--check]

Where a crate may be used under Apache-2.0, it is, and that text stands once. Of others stand the
files that their authors ship, and so do all notices.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "THIRD-PARTY-LICENSES.txt"
LICENCES = ("LICENSE", "LICENCE", "COPYING", "UNLICENSE")
CARGO_FAILED = 3
HEAD = """A wheel of winback holds these crates, compiled, each under the licence beside it.
Their texts follow. This file is written by .ci/licences.py.

"""


def cargo(*words: str) -> str:
    """What cargo prints."""
    done = subprocess.run(
        ["cargo", *words, "--locked"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return done.stdout


def crates() -> list[tuple[str, str]]:
    """Name and version of all crates of a wheel, on every platform."""
    words = ("tree", "-p", "winback-python", "-e", "normal", "--target", "all")
    lines = cargo(*words, "--prefix", "none", "-f", "{p}").splitlines()
    named = {tuple(line.split(" ")[:2]) for line in lines}
    return sorted((name, version[1:]) for name, version in named if not name.startswith("winback"))


def texts_of(folder: Path, names: tuple[str, ...]) -> list[str]:
    """The files of a crate whose names begin so."""
    files = sorted(path for path in folder.iterdir() if path.name.upper().startswith(names))
    texts = (path.read_text(encoding="utf-8", errors="replace") for path in files if path.is_file())
    return ["\n".join(line.rstrip() for line in text.strip().splitlines()) for text in texts]


def page() -> str:
    """The whole file."""
    packages = json.loads(cargo("metadata", "--format-version", "1"))["packages"]
    found = {(package["name"], package["version"]): package for package in packages}
    listed, texts = [], {}
    apache = (ROOT / "LICENSE-APACHE").read_text().strip()
    for name, version in crates():
        package = found[name, version]
        licence = package["license"].replace("/", " OR ")
        folder = Path(package["manifest_path"]).parent
        is_apache = "Apache-2.0" in licence and "AND" not in licence
        listed.append(f"{name} {version}: {'Apache-2.0' if is_apache else licence}")
        own = texts_of(folder, ("NOTICE",))
        if not is_apache:
            own += texts_of(folder, LICENCES)
            assert own, f"{name} has no file with its licence"
        for text in own:
            texts.setdefault(text, []).append(f"{name} {version}")
    texts[apache] = ["Crates under Apache-2.0"]
    rule = "=" * 80
    parts = (f"{rule}\n{', '.join(names)}\n{rule}\n\n{text}\n" for text, names in texts.items())
    return HEAD + "\n".join(listed) + "\n\n" + "\n".join(parts)


def main() -> None:
    """Writes the file, or checks it."""
    try:
        text = page()
    except subprocess.CalledProcessError as error:
        # As where crates of other platforms are not there and cannot be had.
        print(error.stderr, file=sys.stderr)
        sys.exit(CARGO_FAILED)
    if sys.argv[1:] == ["--check"]:
        if PAGE.read_text(encoding="utf-8") != text:
            sys.exit(f"{PAGE.name} is not up to date: run .ci/licences.py")
        return
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
