"""What to offer each customer."""

from __future__ import annotations

from typing import Literal

from winback import _core
from winback._options import documented, to_options
from winback.answer import Answer
from winback.snapshot import Snapshot, core_snapshot


@documented("CategoryOfferOptions")
def offers(
    now: Snapshot,
    *,
    count: int = 5,
    by: Literal["auto", "cosine", "popularity"] = "auto",
    horizon: str = "3mo",
    min_purchases: int = 50,
) -> Answer:
    """For each customer the categories to offer next, that the customer has not bought yet.

    The cosine of two categories is n(i, j) / sqrt(n(i) n(j)) over customers who have bought i, j
    and both; a customer's score of a category is the sum of its cosines with all that the customer
    has bought (Sarwar et al. 2001). Popularity is the number of buyers. Both are judged by what was
    known ``horizon`` before the cutoff and what was bought since. The cosine is taken where it was
    right for clearly more customers (McNemar's test, p below 0.05), else popularity, which is then
    as good and simpler. What customers buy again is another question: their own history says it
    best.

    Args:
        now: The log at a cutoff; it needs categories, such as product ids or groups of products.

    Returns:
        ``offers``: ``customer_id``, ``offer_1`` and so on, the best first (None where there is
        none), and where the log has them ``channel`` (that of most rows bought) and
        ``discount_share``, the price level. ``quality``: how good both rankings were over the
        customers who bought a category new to them: ``method``, ``customers``, ``hits`` (at least
        one category offered was bought), ``hit_rate``, ``precision``, ``recall``, ``chosen``.
        ``pairs``: categories bought together: ``category``, ``with_category``, ``together``,
        ``purchases``, ``with_purchases``, ``lift`` (times as often as by chance) with its 95 %
        interval.

        Figures: ``method``, ``judged_at``, ``z`` (McNemar's, above 0 where the cosine was right for
        more), ``p_value``, ``customers``, ``categories``.

    Raises:
        ValueError: A log without categories, or with fewer than two that were bought; options out
            of range.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> now = wb.simulate(customers=800).event_log().at("2025-01-01")
        >>> found = wb.campaign.offers(now, count=2)
        >>> found.column_names
        ['customer_id', 'offer_1', 'offer_2', 'channel', 'discount_share']
        >>> found.tables["quality"]["method"]
        ['popularity', 'cosine']
    """
    options = to_options(count=count, by=by, horizon=horizon, min_purchases=min_purchases)
    return Answer(_core.offers(core_snapshot(now), options), now)
