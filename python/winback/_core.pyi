"""The compiled module. Names and arguments only; the package's own classes are documented."""

from collections.abc import Callable, Sequence
from datetime import datetime
from os import PathLike
from typing import Any, final

import numpy as np
import numpy.typing as npt

__version__: str

__all__ = [
    "Answer",
    "ChurnModel",
    "CustomerHistory",
    "EventLog",
    "FittedLogistic",
    "FittedPreprocess",
    "LoyaltyGroups",
    "PartitionedLog",
    "PartitionedSnapshot",
    "RfmScores",
    "RfmSegments",
    "ShiftedBetaGeometric",
    "Snapshot",
    "Table",
    "TreeEnsemble",
    "__version__",
    "catalogue",
    "cohorts",
    "concentration",
    "empc",
    "flow",
    "inactivity",
    "label_migration",
    "loyalty",
    "loyalty_migration",
    "loyalty_rules",
    "migration",
    "mpc",
    "nps",
    "nps_difference",
    "nps_of_scores",
    "nps_report",
    "outcome_windows",
    "profit_curve",
    "retention",
    "retention_curve",
    "rfm_summary",
    "service",
    "set_threads",
    "simulate",
    "skewed_features",
    "smallest_nps_difference",
    "summarise_transactions",
    "survey_plan",
]

@final
class Table:
    @property
    def column_names(self) -> list[str]: ...
    @property
    def column_types(self) -> list[str]: ...
    def values(self, name: str, limit: int | None = None) -> list[Any]: ...
    def write(self, path: str | PathLike[str]) -> None: ...
    def __len__(self) -> int: ...
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

@final
class Answer:
    @property
    def tables(self) -> dict[str, Table]: ...
    @property
    def figures(self) -> dict[str, Any]: ...
    @property
    def notes(self) -> list[str]: ...
    @property
    def text(self) -> str: ...
    @property
    def is_table(self) -> bool: ...

@final
class EventLog:
    def __new__(
        cls,
        transactions: object,
        *,
        tickets: object | None,
        surveys: object | None,
        customers: object | None,
        columns: Sequence[tuple[str, str]],
        missing_ids: str,
        purchase_by: str,
        zero_amounts: str,
        observed_until: str,
        csv_separator: int | None,
    ) -> EventLog: ...
    def append(
        self,
        transactions: object | None,
        *,
        tickets: object | None,
        surveys: object | None,
        customers: object | None,
        columns: Sequence[tuple[str, str]],
        missing_ids: str,
        observed_until: str,
        csv_separator: int | None,
    ) -> EventLog: ...
    @property
    def n_customers(self) -> int: ...
    @property
    def first_event(self) -> datetime: ...
    @property
    def last_event(self) -> datetime: ...
    @property
    def observed_until(self) -> datetime: ...
    def report(self) -> dict[str, Any]: ...
    def describe(self) -> str: ...
    def notes(self) -> list[str]: ...
    def at(self, cutoff: str) -> Snapshot: ...
    def panel(
        self, at: Sequence[str] | None, until: str | None, options: dict[str, Any]
    ) -> Table: ...

@final
class Snapshot:
    @property
    def log(self) -> EventLog: ...
    @property
    def at(self) -> datetime: ...
    def features(self, features: Sequence[str] | None, attributes: Sequence[str]) -> Table: ...

@final
class PartitionedLog:
    def __new__(
        cls,
        transactions: object,
        *,
        tickets: object | None,
        surveys: object | None,
        customers: object | None,
        columns: Sequence[tuple[str, str]],
        missing_ids: str,
        purchase_by: str,
        zero_amounts: str,
        observed_until: str,
        memory: str,
        temp_folder: str | PathLike[str] | None,
        least_parts: int,
        progress: Callable[[str, int, int], object] | None,
    ) -> PartitionedLog: ...
    @property
    def n_parts(self) -> int: ...
    @property
    def first_event(self) -> datetime: ...
    @property
    def last_event(self) -> datetime: ...
    @property
    def observed_until(self) -> datetime: ...
    def part(self, part: int) -> EventLog: ...
    def at(self, cutoff: str) -> PartitionedSnapshot: ...

@final
class PartitionedSnapshot:
    @property
    def at(self) -> datetime: ...
    def write_features(
        self,
        path: str | PathLike[str],
        features: Sequence[str] | None,
        attributes: Sequence[str],
    ) -> dict[str, Any]: ...

@final
class ChurnModel:
    @staticmethod
    def fit(
        log: EventLog,
        options: dict[str, Any],
        params: str | dict[str, Any],
        until: str,
        progress: Callable[[str, int, int], object] | None,
    ) -> ChurnModel: ...
    @staticmethod
    def backtest(
        log: EventLog,
        options: dict[str, Any],
        params: str | dict[str, Any],
        tests: dict[str, Any],
        progress: Callable[[str, int, int], object] | None,
    ) -> Answer: ...
    @staticmethod
    def load(path: str | PathLike[str]) -> ChurnModel: ...
    @staticmethod
    def from_bytes(bytes: bytes) -> ChurnModel: ...
    def tell(self, progress: Callable[[str, int, int], object] | None) -> None: ...
    def save(self, path: str | PathLike[str]) -> None: ...
    def to_bytes(self) -> bytes: ...
    def score(self, now: Snapshot, options: dict[str, Any]) -> Answer: ...
    def candidates(self, now: Snapshot, options: dict[str, Any]) -> Answer: ...
    def write_scores(
        self, now: PartitionedSnapshot, path: str | PathLike[str], options: dict[str, Any]
    ) -> dict[str, Any]: ...
    def write_candidates(
        self, now: PartitionedSnapshot, path: str | PathLike[str], options: dict[str, Any]
    ) -> dict[str, Any]: ...
    def evaluate(self, now: Snapshot) -> Answer: ...
    def explain(
        self, now: Snapshot, customer_id: Sequence[str] | None, options: dict[str, Any]
    ) -> Answer: ...
    def drift(self, now: Snapshot, level: float) -> Answer: ...
    def card(self, log: EventLog, tests: dict[str, Any]) -> Answer: ...
    def report(self, now: Snapshot, path: str | PathLike[str], options: dict[str, Any]) -> None: ...
    def calibration(self) -> Table: ...
    def calibrator(self, state: str) -> dict[str, dict[str, Any]] | None: ...
    def profit(
        self,
        now: Snapshot,
        *,
        clv: str,
        incentive_cost: float,
        contact_cost: float,
        accept_rate: float | None,
        alpha: float,
        beta: float,
    ) -> Answer: ...
    def coefficients(self) -> Table | None: ...
    def importances(self) -> Table: ...
    def tree_text(self, state: str, tree: int | None = None) -> str: ...
    def graphviz(self, state: str, tree: int) -> str: ...
    def trees(self, state: str) -> dict[str, Any]: ...
    def categories(self) -> dict[str, list[str]]: ...
    def training(self) -> dict[str, Any]: ...
    def columns(self) -> list[str]: ...
    def parameters(self) -> dict[str, Any]: ...
    def describe(self) -> str: ...

@final
class CustomerHistory:
    def __new__(cls, model: ChurnModel) -> CustomerHistory: ...
    def push_transaction(
        self,
        at: str,
        *,
        amount: float | None,
        order_id: int | str | None,
        category: str | None,
        channel: str | None,
        discount: float | None,
        known_at: str | None,
    ) -> None: ...
    def push_ticket(
        self,
        opened_at: str,
        *,
        first_response_at: str | None,
        resolved_at: str | None,
        topic: str | None,
        reopened_count: float | None,
        satisfaction: float | None,
        known_at: str | None,
    ) -> None: ...
    def clear_tickets(self) -> None: ...
    def push_answer(self, at: str, score: float, *, known_at: str | None) -> None: ...
    def set_attribute(self, name: str, value: float | str | None) -> None: ...
    def features(self, at: str) -> dict[str, float]: ...
    def score(self, model: ChurnModel, at: str) -> dict[str, Any] | None: ...

@final
class ShiftedBetaGeometric:
    @staticmethod
    def fit(survivors: Sequence[float]) -> ShiftedBetaGeometric: ...
    @property
    def alpha(self) -> float: ...
    @property
    def beta(self) -> float: ...
    @property
    def log_likelihood(self) -> float: ...
    def survival(self, periods: int) -> list[float]: ...
    def retention_rates(self, periods: int) -> list[float]: ...

@final
class RfmSegments:
    @staticmethod
    def fit(log: EventLog, options: dict[str, Any], at: str) -> RfmSegments: ...
    @staticmethod
    def fit_score(
        log: EventLog, options: dict[str, Any], at: str
    ) -> tuple[RfmSegments, RfmScores]: ...
    @staticmethod
    def load(path: str | PathLike[str]) -> RfmSegments: ...
    @staticmethod
    def from_bytes(bytes: bytes) -> RfmSegments: ...
    def score(self, log: EventLog, at: str) -> RfmScores: ...
    def migration(
        self,
        log: EventLog,
        start: str,
        end: str,
        *,
        vulnerable: Sequence[str],
        min_customers: int,
        level: float,
    ) -> tuple[Table, dict[str, Any] | None, list[str]]: ...
    def cuts(self) -> dict[str, list[float]]: ...
    def fitted_at(self) -> datetime: ...
    def parameters(self) -> tuple[dict[str, Any], str | None]: ...
    def describe(self) -> str: ...
    def save(self, path: str | PathLike[str]) -> None: ...
    def to_bytes(self) -> bytes: ...

@final
class RfmScores:
    def table(self) -> Table: ...
    def summary(self) -> Table: ...
    def describe(self) -> str: ...
    def profile(
        self, log: EventLog, group: str, attributes: Sequence[str]
    ) -> tuple[Table, list[str], str]: ...

@final
class LoyaltyGroups:
    def table(self) -> Table: ...
    def summary(self) -> Table: ...
    def rules(self) -> Table: ...
    def notes(self) -> list[str]: ...
    def describe(self) -> str: ...
    def profile(
        self, log: EventLog, group: str, attributes: Sequence[str]
    ) -> tuple[Table, list[str], str]: ...

@final
class FittedLogistic:
    def __new__(cls, bytes: bytes) -> FittedLogistic: ...
    @staticmethod
    def fit(params: dict[str, Any], rows: dict[str, Any]) -> FittedLogistic: ...
    def log_odds(self, x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]: ...
    def probabilities(self, x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]: ...
    def coefficients(self) -> npt.NDArray[np.float64]: ...
    @property
    def intercept(self) -> float: ...
    @property
    def n_iter(self) -> int | None: ...

@final
class TreeEnsemble:
    def __new__(cls, bytes: bytes) -> TreeEnsemble: ...
    @staticmethod
    def fit_tree(
        params: dict[str, Any], rows: dict[str, Any], categories: list[tuple[int, int]]
    ) -> TreeEnsemble: ...
    @staticmethod
    def fit_boosting(
        params: dict[str, Any],
        rows: dict[str, Any],
        categories: list[tuple[int, int]],
        monotone_constraints: list[int],
        held_out: npt.NDArray[np.bool_],
    ) -> TreeEnsemble: ...
    def log_odds(self, x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]: ...
    def probabilities(self, x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]: ...
    def gains(self) -> npt.NDArray[np.float64]: ...
    @property
    def tree_count(self) -> int: ...

@final
class FittedPreprocess:
    def __new__(cls, bytes: bytes) -> FittedPreprocess: ...
    @staticmethod
    def fit(
        x: npt.NDArray[np.float64],
        columns: list[tuple[str, str, list[str]]],
        weights: npt.NDArray[np.float64] | None,
    ) -> FittedPreprocess: ...
    def transform(self, x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]: ...
    def names(self) -> list[tuple[str, int]]: ...

def catalogue() -> Table: ...
def loyalty_migration(
    log: EventLog,
    start: str,
    end: str,
    *,
    rules: str,
    model: ChurnModel | None,
    vulnerable: Sequence[str],
    min_customers: int,
    level: float,
) -> tuple[Table, dict[str, Any] | None, list[str]]: ...
def outcome_windows(cutoffs: list[str], lead: str, horizon: str) -> list[tuple[int, int]]: ...
def skewed_features() -> list[str]: ...
def loyalty_rules(rules: str | None) -> dict[str, Any]: ...
def loyalty(log: EventLog, at: str, rules: str, model: ChurnModel | None) -> LoyaltyGroups: ...
def concentration(log: EventLog, at: str, top: Sequence[float], revenue: str) -> dict[str, Any]: ...
def mpc(campaign: dict[str, Any], accept_rate: float | Sequence[float]) -> tuple[float, float]: ...
def empc(campaign: dict[str, Any], alpha: float, beta: float) -> tuple[float, float]: ...
def profit_curve(campaign: dict[str, Any], accept_rate: float | Sequence[float]) -> Table: ...
def inactivity(
    log: EventLog,
    *,
    until: str,
    horizon: str,
    lapsed_after: str,
    lost_after: str,
    lapsed_share: float,
    lost_share: float,
    group_by: str | None,
) -> dict[str, Any]: ...
def retention(
    log: EventLog,
    *,
    every: str,
    start: str | None,
    end: str | None,
    by: str | None,
    attribute: str | None,
) -> tuple[Table, list[str]]: ...
def retention_curve(
    log: EventLog,
    *,
    silent_for: str,
    start: str | None,
    end: str | None,
    by: str | None,
    attribute: str | None,
    days: Sequence[int],
) -> tuple[Table, Table, list[str]]: ...
def cohorts(
    log: EventLog,
    *,
    every: str,
    start: str | None,
    end: str | None,
    mode: str,
    brackets: Sequence[int] | None,
) -> tuple[Table, list[tuple[str, Table]], list[str]]: ...
def flow(
    log: EventLog,
    *,
    every: str,
    start: str | None,
    end: str | None,
    lapsed_after: str,
    lost_after: str,
) -> tuple[Table, Table, list[str]]: ...
def migration(
    log: EventLog,
    start: str,
    end: str,
    *,
    lapsed_after: str,
    lost_after: str,
    min_customers: int,
    level: float,
) -> tuple[Table, dict[str, Any] | None, list[str]]: ...
def label_migration(
    before: Sequence[str | None],
    after: Sequence[str | None],
    *,
    revenue: Sequence[float] | None,
    vulnerable: Sequence[str],
    min_customers: int,
    level: float,
) -> tuple[Table, dict[str, Any] | None, list[str]]: ...
def nps(counts: tuple[int, int, int]) -> dict[str, Any] | None: ...
def nps_of_scores(scores: Sequence[float]) -> dict[str, Any] | None: ...
def nps_difference(
    one: tuple[int, int, int], other: tuple[int, int, int]
) -> dict[str, Any] | None: ...
def smallest_nps_difference(
    n: int, other_n: int, variance: float, level: float, power: float
) -> float: ...
def nps_report(
    log: EventLog,
    *,
    until: str,
    every: str,
    start: str | None,
    group_by: str | None,
    horizon: str,
    quiet_for: str,
) -> dict[str, Any]: ...
def survey_plan(
    log: EventLog,
    *,
    day: str,
    share: float,
    salt: str,
    min_gap: str,
    skip_open_tickets: bool,
) -> dict[str, Any]: ...
def service(
    log: EventLog,
    *,
    until: str,
    fast_hours: float,
    judged_after: str,
    horizon: str,
    response_hours: Sequence[float],
    quiet_for: str,
) -> dict[str, Any]: ...
def rfm_summary(log: EventLog, *, until: str, time_unit: str, time_scaler: float) -> Table: ...
def summarise_transactions(
    transactions: object,
    *,
    customer_id: str,
    datetime: str,
    monetary_value: str | None,
    datetime_format: str | None,
    end: str | None,
    time_unit: str,
    time_scaler: float,
    missing_ids: str,
) -> Table: ...
def set_threads(threads: int | None) -> None: ...
def simulate(
    *,
    customers: int | None = None,
    start: str | None = None,
    end: str | None = None,
    seed: int | None = None,
    joined_at_start: float | None = None,
    purchases_per_year: float | None = None,
    average_check: float | None = None,
    lifetime_years: float | None = None,
    fade_days: float | None = None,
    pauses_per_year: float | None = None,
    pause_months: float | None = None,
    december_peak: float | None = None,
    ticket_share: float | None = None,
    bad_service_share: float | None = None,
    complaint_effect: float | None = None,
    return_share: float | None = None,
    survey_share: float | None = None,
) -> list[Table]: ...
