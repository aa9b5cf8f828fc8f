"""The threads that winback computes on."""

from __future__ import annotations

from typing import SupportsIndex

from winback import _core
from winback._arguments import to_count


def set_threads(threads: SupportsIndex | None) -> None:
    """Sets how many threads winback computes on; results do not depend on it.

    It holds from the next call on. The threads are winback's own: a child process that is forked
    (``os.fork``, multiprocessing, gunicorn with ``--preload``) makes its own anew.

    Args:
        threads: A number from 1 to 65535; None: as many as the environment variable
            ``WINBACK_THREADS`` says, else one for each core.

    Raises:
        ValueError: For a number outside that range. A ``WINBACK_THREADS`` outside of it is refused
            when winback first computes.

    Examples:
        >>> import winback as wb
        >>> wb.set_threads(2)
        >>> len(wb.simulate(customers=50).transactions) > 50
        True
        >>> wb.set_threads(None)
    """
    _core.set_threads(None if threads is None else to_count("threads", threads))
