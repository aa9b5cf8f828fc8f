"""A PostgreSQL server of its own for the tests: empty, gone afterwards, closed to the network."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class NoServer(Exception):
    """Why there can be no server here."""


def programs() -> Path:
    """The folder of PostgreSQL's own programs; Debian keeps it off the PATH."""
    debian = Path("/usr/lib/postgresql")
    versions = [path for path in debian.glob("*") if path.name.isdigit()]
    places = [path / "bin" for path in sorted(versions, key=lambda path: -int(path.name))]
    if found := shutil.which("initdb"):
        places.append(Path(found).resolve().parent)
    for place in places:
        if (place / "initdb").is_file() and (place / "pg_ctl").is_file():
            return place
    raise NoServer("initdb and pg_ctl are not installed (Debian's package is postgresql)")


def owner() -> dict[str, Any]:
    """As whom the server runs: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise NoServer("root cannot run PostgreSQL, and there is no user postgres or nobody")


@contextmanager
def server() -> Iterator[str]:
    """Starts a server in a temporary folder and gives the address of an empty database."""
    bin_folder, user = programs(), owner()
    # A socket's path may have 107 characters, so pytest's own folders are too deep.
    folder = Path(tempfile.mkdtemp(prefix="winback-pg-", dir="/tmp"))

    def run(program: str, *arguments: str) -> None:
        # Into a file: the server inherits what it could write to, and keeps a pipe open.
        with open(folder / "output", "a+") as output:
            command = [str(bin_folder / program), "-D", str(folder / "data"), *arguments]
            done = subprocess.run(
                command, cwd=folder, stdout=output, stderr=output, check=False, **user
            )
            if done.returncode != 0:
                output.seek(0)
                raise NoServer(f"{program} failed: {output.read()[-2000:]}")

    try:
        if user:
            os.chown(folder, user["user"], user["group"])
        run("initdb", "-U", "winback", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c timezone=UTC"
        run("pg_ctl", "start", "-w", "-t", "60", "-l", str(folder / "log"), "-o", options)
        try:
            yield f"postgresql:///postgres?user=winback&host={folder}"
        finally:
            run("pg_ctl", "stop", "-w", "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
