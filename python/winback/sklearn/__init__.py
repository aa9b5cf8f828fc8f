"""The estimators as scikit-learn's, for any matrix of numbers, and a splitter by cutoff.

They run the same code as :class:`winback.ChurnModel`, on tables of your own making: for two
classes with any two labels, with sample weights, in pipelines, grid searches and calibration. This
module needs NumPy and scikit-learn 1.6 or later (``pip install "winback[sklearn]"``); the package
itself does not.

From a log to scores out of time, on customers who were active at four cutoffs:

>>> import winback as wb
>>> from sklearn.model_selection import cross_val_score
>>> from sklearn.pipeline import make_pipeline
>>> from winback.sklearn import BoostingClassifier, CutoffSplit, LogisticClassifier, Preprocess
>>> log = wb.simulate(customers=1000).event_log()
>>> cutoffs = ["2024-01-01", "2024-04-01", "2024-07-01", "2024-10-01"]
>>> panel = log.panel(at=cutoffs, horizon="3mo").to_pandas()
>>> active = panel[panel["state"] == "active"]
>>> outcome = ["purchased", "days_to_purchase", "days_observed"]
>>> X = active.drop(columns=["cutoff", "customer_id", "state", *outcome])
>>> churned = ~active["purchased"].astype(bool)
>>> out_of_time = CutoffSplit("3mo")  # trains on cutoffs whose outcome was known by then
>>> out_of_time.get_n_splits(groups=active["cutoff"])
3
>>> def auc(model):
...     options = {"groups": active["cutoff"], "cv": out_of_time, "scoring": "roc_auc"}
...     return cross_val_score(model, X, churned, **options)
>>> logistic = auc(make_pipeline(Preprocess(), LogisticClassifier()))
>>> boosting = auc(BoostingClassifier(num_leaves=7, learning_rate=0.05))
>>> len(logistic), logistic.min() > 0.6, boosting.min() > 0.6
(3, np.True_, np.True_)

Frames of pandas and polars may have columns of texts or categories: the trees and
:class:`Preprocess` take them as they are; levels that the fit has not seen count as missing (the
trees) or as none (:class:`Preprocess`). Categories of whole numbers and booleans count as their
texts, and a column without any value as what it was in the fit. Tables of Arrow's interface, such
as a :class:`winback.Table`, become a frame of polars or, without polars, of pandas.

Every fit and prediction uses all cores, without Python's
lock, gives the same bits on any number of threads, and is ended by Ctrl-C. Pickle and joblib keep
the fitted part as bytes that are checked when they are read; predictions stay the same to the bit.

All of scikit-learn's own checks (``parametrize_with_checks``) pass, none expected to fail. They
train on as few as 20 rows, of which trees with leaves of 20 rows can learn nothing, so they are run
with ``min_child_samples=1``, as scikit-learn runs its own boosting with smaller leaves. With
``subsample`` below 1 a weight of two is not the same as a row twice, for each row is drawn by
itself.
"""

try:
    from sklearn.utils.validation import validate_data as _  # noqa: F401
except ImportError as error:
    raise ImportError(
        'winback.sklearn needs scikit-learn 1.6 or later: pip install "winback[sklearn]"'
    ) from error

from winback.sklearn._boosting import BoostingClassifier
from winback.sklearn._cutoff_split import CutoffSplit
from winback.sklearn._logistic import LogisticClassifier
from winback.sklearn._preprocess import Preprocess
from winback.sklearn._tree import TreeClassifier

__all__ = [
    "BoostingClassifier",
    "CutoffSplit",
    "LogisticClassifier",
    "Preprocess",
    "TreeClassifier",
]
