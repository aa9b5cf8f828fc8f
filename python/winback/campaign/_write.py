"""A list of customers as files of the tool that sends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from winback import _core
from winback._arguments import Path, to_names
from winback._inputs import to_output
from winback._options import documented, to_options
from winback.answer import Answer
from winback.event_log import Source, to_source


@documented("UploadOptions")
def write(
    customer_list: Source,
    path: Path,
    *,
    identifiers: Source | None = None,
    target: Literal["csv", "braze", "mindbox", "klaviyo", "hubspot", "xlsx"] = "csv",
    identifier: Literal["external_id", "alias", "email", "phone", "record_id"] | None = None,
    column: str | None = None,
    header: str | None = None,
    alias_label: str | None = None,
    arm: str = "arm",
    control: str = "control",
    arms: Sequence[str] = (),
    with_columns: Sequence[str] = (),
    budget: float | None = None,
    cost: str = "cost",
    profit: str = "profit",
    for_people: bool = False,
    max_bytes: int | None = None,
    max_rows: int | None = None,
) -> Answer:
    """Writes a list of customers, without control, as files that the tool which sends takes.

    Headers are exactly the tool's, and files no larger than it takes: where one is not enough,
    there are several, with numbers behind their names. Ids are written as they stand, but for
    blanks around them, rows by ascending id (whole numbers by their size, else texts by their
    letters), with a budget by profit for cost. Left out are, and counted by the first of these
    reasons: control; other arms; customers whose ``do_not_contact`` says so, with all who share
    their identifier; customers without an identifier; with one that cannot be an e-mail address or
    a phone number; with one that a customer in control has too; with one that is in the file
    already. E-mail addresses are compared without case and blanks, phone numbers by their last ten
    digits (``+7 916``, ``8 916`` and ``916`` are one). The files stand in their places once all are
    complete.

    Args:
        customer_list: The list: a table with ``customer_id`` and, as :func:`assign` and
            :func:`target` give it, ``arm``; or a path.
        path: Where to write to: a file ending in ``.csv``, for Excel in ``.xlsx``.
        identifiers: Table with ``customer_id`` and the identifiers, such as the customers table.

    Returns:
        Two tables. ``files``: ``file``, ``customers``, ``bytes``. ``left_out``: ``reason``
        (``control``, ``other_arm``, ``do_not_contact``, ``no_identifier``,
        ``unusable_identifier``, ``identifier_in_control``, ``identifier_twice``), ``customers``.

        Figures: ``target``, ``identifier``, ``header``, ``customers`` (on the list), ``written``,
        ``left_out``, ``within_budget`` (``customers``, ``cost``, ``profit``; None without one).

    Raises:
        ValueError: What the tool does not take; arms none of which is control; a customer in two
            arms or with two identifiers; nobody left to write; numbered files of an earlier list.
        TypeError: An argument of another type.
        OSError: A file that cannot be written.

    Examples:
        >>> import pandas as pd, tempfile
        >>> import winback as wb
        >>> path = tempfile.mkdtemp() + "/klaviyo.csv"
        >>> drawn = pd.DataFrame({"customer_id": [7, 8, 9], "arm": ["offer", "offer", "control"]})
        >>> known = pd.DataFrame({"customer_id": [7, 8, 9], "email": ["a@b.co", None, "c@d.co"]})
        >>> wrote = wb.campaign.write(drawn, path, identifiers=known, target="klaviyo")
        >>> wrote.figures["header"], wrote.figures["written"]
        ('Email', 1)
        >>> wrote.figures["left_out"]["no_identifier"]
        1
    """
    options = to_options(
        target=target,
        identifier=identifier,
        column=column,
        header=header,
        alias_label=alias_label,
        arm=arm,
        control=control,
        arms=to_names("arms", arms),
        with_columns=to_names("with_columns", with_columns),
        budget=budget,
        cost=cost,
        profit=profit,
        for_people=for_people,
        max_bytes=max_bytes,
        max_rows=max_rows,
    )
    return Answer(
        _core.campaign_write(
            to_source("customer_list", customer_list, is_needed=True),
            None if identifiers is None else to_source("identifiers", identifiers, is_needed=True),
            to_output(path, customer_list, identifiers),
            options,
        ),
        customer_list,
        identifiers,
    )
