"""The arms of a campaign, drawn in Spark.

>>> import winback as wb
>>> from winback import spark
>>> plan = wb.campaign.assign(wb.simulate(customers=1).customers, control_share=0.2)
>>> spark.campaign.assign(orders.select("customer_id").distinct(), plan).columns
['customer_id', 'arm']
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from winback._arguments import of_type, refusal
from winback.answer import Answer
from winback.spark._session import expect_frame

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["assign"]


def assign(df: DataFrame, plan: Answer) -> DataFrame:
    """Draws an arm for each customer of a DataFrame, as a plan has drawn them.

    Args:
        df: Customers, with ``customer_id``.
        plan: What :func:`winback.campaign.assign` gave for any list, such as one of one customer:
            without strata and ranks the arm depends on salt, shares and id alone.

    Returns:
        The DataFrame with a column more, ``arm``.

    Raises:
        ValueError: A plan with strata or ranks.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> from winback import spark
        >>> anybody = wb.simulate(customers=1).customers
        >>> plan = wb.campaign.assign(anybody, control_share=0.2, salt="spring")
        >>> scores = spark.score(model, orders, at="2025-01-01", observed_until="2025-01-01")
        >>> spark.campaign.assign(scores, plan).columns[-1]
        'arm'
    """
    expect_frame("df", df)
    if not isinstance(plan, Answer) or "spark" not in plan.figures:
        raise refusal(TypeError, "plan", "what winback.campaign.assign gave", of_type(plan))
    drawn = plan.figures["spark"]
    if drawn is None:
        raise refusal(ValueError, "plan", "one without strata and ranks", "one with them")
    return df.selectExpr("*", f"{drawn} AS arm")
