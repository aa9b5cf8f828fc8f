"""What is asked of Spark before anything runs there."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from winback._arguments import of_type, refusal
from winback._core import __version__

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_CHECKED: WeakSet[Any] = WeakSet()


def expect_frame(name: str, frame: object) -> None:
    """Refuses what is no DataFrame of pyspark."""
    if find_spec("pyspark") is None:
        raise ImportError('winback.spark needs pyspark: pip install "winback[spark]"')
    if not hasattr(frame, "mapInArrow"):
        package = type(frame).__module__.partition(".")[0]
        raise refusal(TypeError, name, "a DataFrame of pyspark", f"{of_type(frame)} of {package}")


def expect_workers(session: SparkSession) -> None:
    """Asks once a session whether the workers' Python has what winback needs there."""
    if session in _CHECKED:
        return
    from pyspark.sql import functions

    # Without Arrow, which the workers may lack.
    asked = functions.udf(_question(), "string", useArrow=False)
    said = json.loads(session.range(1).select(asked("id")).collect()[0][0])
    judge(said)
    _CHECKED.add(session)


def _question() -> Callable[[object], str]:
    def answer(_: object) -> str:
        # Spark takes a function inside of another one along, with nothing around it.
        import json
        import sys

        said: dict[str, str | None] = {"python": sys.executable, "version": None, "problem": None}
        try:
            import pyarrow  # noqa: F401

            import winback

            said["version"] = winback.__version__
        except Exception as error:
            said["problem"] = f"{type(error).__name__}: {error}"
        return json.dumps(said)

    return answer


def judge(said: dict[str, Any]) -> None:
    """Refuses workers that cannot do the work, and says what to set.

    Raises:
        ImportError: Their Python lacks winback or pyarrow.
        RuntimeError: They have another version of winback.
    """
    if said["problem"] is not None:
        raise ImportError(
            f"the Python of Spark's workers ({said['python']}) cannot import winback and pyarrow "
            f'({said["problem"]}): pip install "winback[spark]" there, or set spark.pyspark.python '
            "(PYSPARK_PYTHON) to a Python that has it, before the session starts; the driver runs "
            f"{sys.executable}"
        )
    if said["version"] != __version__:
        raise other_version(said["version"], said["python"], __version__)


def other_version(worker: str, python: str, driver: str) -> RuntimeError:
    """The error of workers with another version than the driver."""
    return RuntimeError(
        f"winback is {worker} in the Python of Spark's workers ({python}) and {driver} in the "
        "driver: install the same version in both"
    )
