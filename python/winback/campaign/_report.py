"""A page on what a campaign changed."""

from __future__ import annotations

from typing import Literal

from winback import _core
from winback._arguments import Path, of_type, refusal
from winback._inputs import to_output
from winback._options import documented, to_options
from winback.answer import Answer


@documented("CampaignReportOptions")
def report(
    path: Path,
    found: Answer,
    *,
    recommendation: Answer | None = None,
    targets: Answer | None = None,
    name: str = "",
    language: Literal["en", "ru"] = "en",
    currency: str = "",
) -> None:
    """Writes a page on a campaign for those who read no statistics, as one HTML file.

    What was planned, who was in it, did it work, in money, by whom, and what next. The page needs
    no network and no script, opens on a phone, prints, and follows dark mode. Its figures are those
    of the answers; what they were rounded from stands beside them as ``<data value>``. Of a window
    that is not over it gives no verdict, and no recommendation where the lower end of an interval
    is not above 0. The same answers give the same bytes.

    Args:
        path: The file, ending in ``.html`` or ``.htm``; it is replaced as a whole once all is done.
        found: What :func:`effect` gave; with its ``plan`` the page tells what was planned, with its
            ``looks`` how the effect looked over time.
        recommendation: What :meth:`Uplift.recommend` gave: whether a targeted list would bring
            more.
        targets: What :func:`target` gave: whom a budget reaches.

    Raises:
        ValueError: Another answer than those; an argument out of its range; a path of another
            ending.
        TypeError: An argument of another type.
        OSError: The file cannot be written.

    Examples:
        >>> import pandas as pd, pathlib, tempfile
        >>> import winback as wb
        >>> table = pd.DataFrame(
        ...     {
        ...         "arm": ["control"] * 500 + ["offer"] * 500,
        ...         "bought": [0, 0, 0, 0, 1] * 100 + [0, 0, 1] * 166 + [0, 0],
        ...     }
        ... )
        >>> found = wb.campaign.effect(table, metrics=["bought"])
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "result.html"
        >>> wb.campaign.report(path, found, name="spring")
        >>> "+13.20" in path.read_text(encoding="utf-8")
        True
    """
    options = to_options(name=name, language=language, currency=currency)
    _core.campaign_report(
        to_output(path, found, recommendation, targets),
        _answer("found", found),
        None if recommendation is None else _answer("recommendation", recommendation),
        None if targets is None else _answer("targets", targets),
        options,
    )


def _answer(name: str, given: Answer) -> _core.Answer:
    if not isinstance(given, Answer):
        raise refusal(TypeError, name, "a winback.Answer", of_type(given))
    return given._answer
