"""What Python's functions take is what the core's options are."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

import winback as wb
from test_docstrings import OBJECTS, arguments, sections
from winback._options import OPTIONS, documented

# What an analysis is of, and where it is written.
_LOOKED_AT = {"self", "log", "now", "before", "after", "path"}

# Arguments that are no options of the core's analysis, and options that are no arguments.
_OTHERS: dict[Any, set[str]] = {
    wb.ChurnModel: {
        "estimator",
        "params",
        "monotone",
        "calibration",
        "most_kinds",
        "min_level",
        "kinds",
        "progress",
        "limits",
    },
    wb.ChurnModel.fit: {"until", "cutoffs", "stride"},
    wb.ChurnModel.backtest: {"cutoffs", "stride", "oracle"},
    wb.ChurnModel.score: {"drift"},
    wb.ChurnModel.explain: {"customer_id", "customers"},
    wb.campaign.Uplift: {"estimator", "params"},
    wb.campaign.target: {"customer_ids", "gain", "cost"},
    wb.EventLog.panel: {"at", "until", "cutoffs", "stride", "limits"},
    wb.campaign.assign: {"customer_list", "others", "plan"},
    wb.campaign.effect: {"arms", "plan", "model"},
    wb.campaign.report: {"found", "recommendation", "targets"},
    wb.campaign.compensation_outcomes: {"arms"},
    wb.campaign.write: {"customer_list", "identifiers"},
    wb.retention.migration: {"vulnerable"},
    wb.retention.label_migration: {"revenue"},
    wb.segments.LoyaltyRules.migration: {"model"},
    wb.segments.RfmSegments: {"other"},
    wb.segments.rfm: {"other"},
    wb.timing.backtest: {"churn", "hazard"},
    wb.timing.TimeToPurchase: {
        "estimator",
        "max_horizon",
        "attributes",
        "params",
        "monotone",
        "most_kinds",
        "min_level",
        "progress",
    },
    wb.timing.TimeToPurchase.fit: {"until", "cutoffs", "stride"},
    wb.timing.TimeToPurchase.explain: {"within", "customer_id", "customers"},
    wb.timing.TimeToPurchase.explain_customer: {"customer", "at", "within"},
    wb.timing.ModifiedBetaGeo.leaves: {"data", "frequency", "recency", "T"},
    wb.check: {
        "table",
        "columns",
        "missing_ids",
        "bad_rows",
        "missing_values",
        "purchase_by",
        "zero_amounts",
        "observed_until",
        "time_zone",
        "time_format",
        "decimal",
        "thousands",
        "csv_separator",
        "skip_rows",
        "encoding",
        "sheets",
        "limits",
    },
    wb.timing.BetaGeo: {"time_unit"},
    wb.timing.ModifiedBetaGeo: {"time_unit"},
    wb.timing.ParetoNBD: {"time_unit"},
    wb.timing.rfm_summary: {
        "data",
        "customer_id_col",
        "datetime_col",
        "monetary_value_col",
        "datetime_format",
        "observation_period_end",
        "include_first_transaction",
        "sort_transactions",
        "missing_ids",
    },
}

# Python names a preset of rules, which the core has as rules.
_OTHER_DEFAULTS = {"segments"}

# Classes and functions that hand arguments on which are documented elsewhere.
_DOCUMENTED_ELSEWHERE = {"winback.campaign.Uplift.fit"}


def plain(default: Any) -> Any:
    return list(default) if isinstance(default, tuple) else default


@pytest.mark.parametrize("of", OPTIONS, ids=lambda of: of.__qualname__)
def test_arguments_and_defaults_are_those_of_the_options(of: Callable[..., Any]) -> None:
    taken, options = inspect.signature(of).parameters, OPTIONS[of]
    assert (taken.keys() ^ options.keys()) - _LOOKED_AT == _OTHERS.get(of, set())
    for name in taken.keys() & options.keys() - _OTHER_DEFAULTS:
        assert plain(taken[name].default) == options[name][1], name


def test_whatever_takes_options_is_documented_by_them() -> None:
    # Those of Spark hand on what the function of the same name takes.
    own = {name: of for name, of in OBJECTS.items() if not name.startswith("winback.spark.")}
    takes = {name for name, of in own.items() if "= to_options(" in source(of)}
    documented = {name for name, of in OBJECTS.items() if of in OPTIONS}
    assert takes - documented == _DOCUMENTED_ELSEWHERE


def source(of: Any) -> str:
    return "" if inspect.isclass(of) or isinstance(of, property) else inspect.getsource(of)


def test_comments_are_filled_in_where_nothing_is_written() -> None:
    def report(now: int, *, salt: str, language: str = "ru", top: int, seed: int) -> None:
        """Reports.

        Args:
            now: When:
                now.
            language: Another one.

        Returns:
            salt: nothing.
        """

    assert documented("ReportOptions")(report) is report
    args = sections(report.__doc__ or "")["Args"]
    assert arguments(args) == ["now", "salt", "language", "top", "seed"]
    assert "    now: When:\n        now.\n    salt: Text that decides" in args
    assert "    language: Another one.\n    top: Number of customers in each" in args
    assert " are only counted.\n    seed: Seed of the resampling.\n" in args
    assert max(map(len, args.splitlines())) <= 92
    del OPTIONS[report]


def test_unknown_options() -> None:
    with pytest.raises(KeyError, match="NoOptions"):
        documented("NoOptions")
