"""The source distribution has what cargo needs to read the manifests in it."""

import json
import re
import subprocess
from pathlib import Path, PurePath

ROOT = Path(__file__).parents[2]


def test_files_of_all_targets_are_in_it() -> None:
    """cargo refuses a manifest that names a test or a bench whose file is missing."""
    command = ["cargo", "metadata", "--no-deps", "--offline", "--format-version", "1"]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    packages = {package["name"]: package for package in json.loads(said)["packages"]}
    files = [
        PurePath(target["src_path"]).relative_to(ROOT)
        for target in packages["winback"]["targets"]
        if {"test", "bench"} & set(target["kind"])
    ]
    patterns = re.findall(
        r'path = "(.+?)", format = "sdist"', (ROOT / "pyproject.toml").read_text()
    )
    # Every file below a folder, as PurePath.match of older Pythons does not say it.
    folders = [pattern.removesuffix("**/*") for pattern in patterns if pattern.endswith("/**/*")]
    missing = [
        file
        for file in files
        if not any(file.as_posix().startswith(folder) for folder in folders)
        and not any(file.match(pattern) for pattern in patterns)
    ]
    assert len(files) > 10
    assert missing == []
