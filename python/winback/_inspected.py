"""What a churn model has learned: reasons, coefficients, trees."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from winback import _core
from winback._arguments import Path, refusal, to_count, to_path, to_str
from winback._fitted_model import FittedModel, Language, State, reasons_of
from winback._onnx import tree_ensemble_to_onnx
from winback.answer import Answer
from winback.snapshot import Snapshot, core_snapshot
from winback.table import Table

if TYPE_CHECKING:
    import onnx


class Inspected(FittedModel):
    """The part of a churn model that shows what is inside."""

    def explain(
        self,
        now: Snapshot,
        *,
        customer_id: int | str | Sequence[int | str] | None = None,
        reasons: int = 3,
        min_contribution: float = 0.05,
        language: Language = "en",
    ) -> Answer:
        """What moves each customer's chance of a purchase, in log-odds and in words.

        Exact for logistic regression (coefficient x (value - mean)), path-dependent TreeSHAP
        (Lundberg, Erion and Lee 2018) for trees. Columns that tell of the same thing count together
        as a group. Reasons say what the model looked at, not what causes a purchase.

        Args:
            now: The log at a cutoff; it has the columns of the one that the model was trained on.
            customer_id: One customer or several; all with a purchase before the cutoff by default.
            reasons: At most so many that raise each customer's chance, and as many that lower it;
                0 for none, which saves memory when all of a large base are explained.
            min_contribution: Log-odds that a reason must move at least.
            language: Language of the reasons, ``"en"`` or ``"ru"``.

        Returns:
            Of every customer, ``base`` plus the sum of the contributions is ``log_odds``, the
            model's log-odds of a purchase; ``purchase_probability`` is that of these log-odds, or
            their calibrated one where the model is calibrated. Figures as of :meth:`score`. Tables:

            ``reasons``: a row a reason, with ``customer_id``, ``state``, ``purchase_probability``,
            ``direction`` (``up`` or ``down``), ``rank`` (from 1 in each direction), ``group``,
            ``feature`` (that column of the group which moves the chance most in its direction, is
            not at its typical value and does not contradict ``expected_sign`` of
            :func:`winback.catalogue`; a group without one is no reason), ``value``, ``typical``
            (median of the training rows of the state, for texts the most frequent one),
            ``contribution`` (of the group), ``reason`` (the sentence).

            ``contributions``: a row a customer, with ``customer_id``, ``state``,
            ``purchase_probability``, ``base``, ``log_odds``, then ``contribution_<column>`` of
            every column.

            ``groups``: the same by group of columns that tell of the same thing: ``recency``,
            ``frequency``, ``check``, ``rhythm``, ``basket``, ``returns``, ``discounts``,
            ``tickets``, ``service``, ``surveys``, and every attribute for itself.

            ``importance``: what matters over all customers of a ``state``: ``group``, ``feature``
            (None: the group as a whole), ``mean_abs_contribution`` and ``mean_contribution``, in
            log-odds.

            ``main_reasons``: the customers of each ``state`` by what holds them back most:
            ``group`` (None: nothing of the stated size), ``label`` (in words), ``customers``,
            ``share``, ``mean_contribution``, ``mean_purchase_probability``.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: As :meth:`score`; a customer that the log does not have.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel("boosting").fit(log, until="2024-10-01")
            >>> why = model.explain(log.at("2025-01-01"), customer_id=17)
            >>> why["customer_id"][0]
            17
            >>> row = why.tables["groups"].to_polars().row(0, named=True)
            >>> parts = [value for name, value in row.items() if name.startswith("contribution_")]
            >>> abs(row["base"] + sum(parts) - row["log_odds"]) < 1e-9
            True
        """
        ids: list[str] | None = None
        if customer_id is not None:
            if isinstance(customer_id, str) or not isinstance(customer_id, Iterable):
                customer_id = [customer_id]
            ids = [str(each) for each in customer_id]
            if not ids or len(set(ids)) < len(ids):
                raise refusal(ValueError, "customer_id", "one or more, each once", ids)
        chosen = reasons_of(reasons, min_contribution, language)
        return Answer(self._telling().explain(core_snapshot(now), ids, chosen))

    def report(
        self,
        now: Snapshot,
        path: Path,
        *,
        top: int = 20,
        control_share: float = 0.0,
        salt: str = "winback",
        language: Language = "en",
        tests: int = 3,
        test_stride: str = "30d",
        draws: int = 200,
        seed: int = 0,
    ) -> None:
        """Writes a report for those who read no statistics, as one HTML file.

        Customers by state and how that changed, revenue at stake, who is leaving and why, whom to
        win back, how good the predictions were on the past, retention and cohorts, loyalty,
        surveys and support where the log has any, what the words mean, and how the report was
        made. The page needs no network and no script, opens on a phone, prints, and follows dark
        mode. Its figures are those of the other methods. The same input gives the same bytes.

        The quality comes from a backtest: the model's settings, trained anew before each of
        several past cutoffs. Where the log has too little past for that, the report says so.

        Args:
            now: The log at a cutoff; it has the columns of the one that the model was trained on.
            path: The file, ending in ``.html`` or ``.htm``; it is replaced as a whole once all is
                done.
            top: Customers in each of the two lists, of those who leave and of the candidates: 1 to
                200. The others are counted; :meth:`candidates` has them all.
            control_share: Share of the candidates that is not to be contacted, from 0 to below 1;
                they are marked where it is above 0.
            salt: Text that draws these candidates, as in :meth:`candidates`.
            language: Language of the page, ``"en"`` or ``"ru"``.
            tests: Test cutoffs, up to 24, the outcome window of the latest ending at the cutoff; 0
                for no test.
            test_stride: Their spacing.
            draws: Resampled sets of customers by which the test's intervals are found, at most
                100,000; 0 for none.
            seed: Seed of the draws.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: As :meth:`score`; an argument out of its range; a path of another ending.
            TypeError: An argument of another type.
            OSError: The file cannot be written.

        Examples:
            >>> import pathlib, tempfile
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> path = pathlib.Path(tempfile.mkdtemp()) / "report.html"
            >>> model.report(log.at("2025-01-01"), path, top=10, tests=1, draws=50)
            >>> path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
            True
        """
        options = {
            "top": top,
            "control_share": control_share,
            "salt": salt,
            "language": language,
            "tests": tests,
            "test_stride": test_stride,
            "draws": draws,
            "seed": seed,
        }
        self._telling().report(core_snapshot(now), to_path("path", path), options)

    def coefficients(self) -> Table:
        """Coefficients of a logistic model, on the scale of the preprocessed columns.

        Returns:
            One row a column of the model of each ``state``; lapsed and lost customers share one,
            whose rows stand under both: ``feature`` (``(intercept)`` first),
            ``coefficient`` (change of the log-odds of a purchase per unit of the preprocessed
            column), ``standard_error`` (None where there is none), ``odds_ratio``.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: The model is not logistic.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> table = model.coefficients()
            >>> table["state"][0], table["feature"][0]
            ('active', '(intercept)')
        """
        fitted = self._fitted()
        table = fitted.coefficients()
        if table is None:
            estimator = fitted.parameters()["estimator"]
            raise ValueError(f"only logistic models have coefficients, not {estimator!r}")
        return Table(table)

    def importances(self) -> Table:
        """What each column is worth to the trees.

        Returns:
            One row a column for the model of each ``state`` (lapsed and lost customers share one,
            whose rows stand under both), by falling gain: ``feature``, ``gain`` (what its splits
            gained, summed: for one tree the log loss saved, in nats over the training rows; for
            boosted trees about twice that, as LightGBM's ``importance_type="gain"`` counts it),
            ``splits`` (their number).

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: The model is logistic, which has :meth:`coefficients`.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> table = wb.ChurnModel("tree").fit(log, until="2024-10-01").importances()
            >>> table.column_names
            ['state', 'feature', 'gain', 'splits']
            >>> table["gain"][0] > 0
            True
        """
        return Table(self._fitted().importances())

    def tree_text(self, state: State = "lapsed", tree: int | None = None) -> str:
        """The trees that score customers of a state, as text.

        A line per question and leaf, with the number of training rows that came to it in brackets.
        The leaves of a single tree show the probability of a purchase, those of boosted trees what
        they add to its log-odds.

        Args:
            state: ``"active"``, ``"lapsed"`` or ``"lost"``; the last two share a model.
            tree: One tree alone, counted from 0; all by default.

        Returns:
            The text, with a line break at its end.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: Another state; no such tree; the model is logistic.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel("tree", params={"max_depth": 1}).fit(log, until="2024-10-01")
            >>> print(model.tree_text("active"), end="")
            total_spend_30d < 10.9...? [18...]
              yes: probability 0.53... [7...]
              no: probability 0.81... [10...]
        """
        count = None if tree is None else to_count("tree", tree)
        return self._fitted().tree_text(to_str("state", state), count)

    def graphviz(self, state: State = "lapsed", tree: int = 0) -> str:
        """One of the trees that score customers of a state, in the DOT language of Graphviz.

        Args:
            state: As in :meth:`tree_text`.
            tree: Which tree, counted from 0; a decision tree is number 0.

        Returns:
            The source, as for ``graphviz.Source(...)`` or the program ``dot``.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: Another state; no such tree; the model is logistic.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel("tree").fit(log, until="2024-10-01")
            >>> model.graphviz().splitlines()[0]
            'digraph tree_0 {'
        """
        return self._fitted().graphviz(to_str("state", state), to_count("tree", tree))

    def to_onnx(self, state: State = "lapsed") -> onnx.ModelProto:
        """The trees that score customers of a state as an ONNX model.

        The model takes ``features`` (doubles, rows x columns) and gives ``probabilities`` (doubles,
        rows x 2: of no purchase and of a purchase inside the outcome window) and ``label`` (int64,
        1 where a purchase is the likelier). The columns are those of :attr:`columns_`, in their
        order; NaN where a value is missing. In place of a text stands the text's position in the
        attribute's list of ``categories``; any other number, such as -1, for a text that training
        did not see.

        Its metadata are texts: ``columns`` (JSON, their names), ``categories`` (JSON, the list of
        texts of each attribute that holds texts), ``state``, ``horizon``, ``lead``,
        ``trained_until`` (ISO 8601, in UTC) and ``winback_version``.

        Needs the package onnx; a runtime must know version 5 of the ``ai.onnx.ml`` operators, as
        onnxruntime does from 1.21 on.

        Args:
            state: ``"active"``, ``"lapsed"`` or ``"lost"``; the last two share a model.

        Returns:
            The model, an ``onnx.ModelProto``; ``SerializeToString()`` gives the bytes of a file.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: Another state; the model is logistic.
            ImportError: onnx is not installed.

        Examples:
            >>> import json
            >>> import onnxruntime
            >>> import polars as pl
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel("tree", attributes=["segment"]).fit(log, until="2024-10-01")
            >>> file = model.to_onnx("active").SerializeToString()

            Elsewhere, with this file and the features of customers who are active:

            >>> session = onnxruntime.InferenceSession(file)
            >>> metadata = session.get_modelmeta().custom_metadata_map
            >>> table = log.at("2025-01-01").features(attributes=["segment"]).to_polars()
            >>> table = table.filter(pl.col("days_since_last_purchase") < 60)
            >>> for name, texts in json.loads(metadata["categories"]).items():
            ...     codes = {text: code for code, text in enumerate(texts)}
            ...     column = pl.col(name).cast(pl.String).replace_strict(codes, default=-1)
            ...     table = table.with_columns(column)
            >>> rows = table.select(pl.col(json.loads(metadata["columns"])).cast(pl.Float64))
            >>> rows = rows.fill_null(float("nan")).to_numpy()
            >>> label, probabilities = session.run(None, {"features": rows})
            >>> probabilities.shape == (len(table), 2)
            True
        """
        fitted = self._fitted()
        trees = fitted.trees(to_str("state", state))
        parameters = fitted.parameters()
        metadata = {
            "categories": json.dumps(fitted.categories(), ensure_ascii=False),
            "state": state,
            "horizon": parameters["horizon"],
            "lead": parameters["lead"],
            "trained_until": self.training_["until"].isoformat(),
            "winback_version": _core.__version__,
        }
        return tree_ensemble_to_onnx(
            trees,
            names=fitted.columns(),
            calibrator=fitted.calibrator(state),
            producer_version=_core.__version__,
            metadata=metadata,
        )

    @property
    def training_(self) -> dict[str, Any]:
        """From what it was trained, instants as naive datetimes in UTC."""
        return self._fitted().training()

    @property
    def columns_(self) -> list[str]:
        """Names of the columns it reads, features and then attributes."""
        return self._fitted().columns()
