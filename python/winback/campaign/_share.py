"""Where customers fall in a draw."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from winback import _core
from winback._arguments import to_str
from winback.campaign._target import to_ids


def share(customer_ids: Iterable[Any], *, salt: str = "winback") -> list[float]:
    """Where customers fall, from 0 to below 1, in the draw with this salt.

    The number is the first 52 bits of md5(salt, 0xff, id) by 2^52, an integer id in decimal digits,
    which any database can compute. Who is below a control arm's share is in it, where
    :func:`assign` draws without strata and ranks; its figures ``sql`` and ``spark`` are the same as
    expressions.

    Args:
        customer_ids: Ids, whole numbers or texts.
        salt: Text that decides who is drawn.

    Returns:
        A number for each id.

    Raises:
        TypeError: Ids of both kinds or another, a salt that is no text.

    Examples:
        >>> import winback as wb
        >>> [round(share, 4) for share in wb.campaign.share([1, 2, 3], salt="spring")]
        [0.0748, 0.457, 0.7549]
    """
    return _core.shares(to_ids("customer_ids", customer_ids), to_str("salt", salt))
