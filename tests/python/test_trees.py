"""What a churn model with trees shows of itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

import winback as wb

LOG = wb.simulate(customers=1500, seed=11).event_log()
UNTIL = "2024-07-01"
AT = "2024-10-01"


def fitted(estimator: Any, **options: Any) -> wb.ChurnModel:
    return wb.ChurnModel(estimator, attributes=["segment"], **options).fit(LOG, until=UNTIL)


@pytest.fixture(scope="module", params=["tree", "boosting"])
def model(request: pytest.FixtureRequest) -> wb.ChurnModel:
    return fitted(request.param)


@pytest.fixture(scope="module")
def boosting() -> wb.ChurnModel:
    return fitted("boosting")


def test_importances(model: wb.ChurnModel) -> None:
    table = model.importances().to_polars()
    assert table.columns == ["state", "feature", "gain", "splits"]
    assert table["state"].unique(maintain_order=True).to_list() == ["active", "lapsed", "lost"]
    for state, group in table.group_by("state"):
        assert group["gain"].is_sorted(descending=True)
        assert set(group["feature"]) == set(model.columns_)
        assert group.height == len(model.columns_)
        assert ((group["gain"] > 0) == (group["splits"] > 0)).all()
        questions = re.findall(r"^ *(?:yes: |no: )?(\w+) .*\?", model.tree_text(*state), re.M)
        counted = pl.Series("feature", questions).value_counts()
        joined = group.filter(pl.col("splits") > 0).join(counted, on="feature", how="full")
        assert joined["splits"].equals(joined["count"].cast(int).rename("splits"))
    # Those that no tree asks about stand at the end in the order of the columns.
    unused = table.filter(pl.col("state") == "lapsed", pl.col("splits") == 0)["feature"].to_list()
    assert unused == [name for name in model.columns_ if name in unused]


def test_lapsed_and_lost_customers_share_a_model(model: wb.ChurnModel) -> None:
    table = model.importances().to_polars()
    silent = [table.filter(pl.col("state") == state).drop("state") for state in ("lapsed", "lost")]
    assert silent[0].equals(silent[1])
    assert model.tree_text("lost") == model.tree_text("lapsed") != model.tree_text("active")
    assert model.graphviz("lost") == model.graphviz("lapsed") != model.graphviz("active")
    assert model.tree_text() == model.tree_text("lapsed")
    assert model.graphviz() == model.graphviz("lapsed", 0)


def test_the_text_of_one_tree() -> None:
    model = fitted("tree")
    text = model.tree_text("active")
    assert text == model.tree_text("active", 0)
    lines = text.splitlines()
    rows = model.training_["cutoffs"]
    count = sum(n for cutoff in rows for n in cutoff["active"].values())
    assert lines[0].endswith(f"? [{count}]")
    assert lines[1].startswith("  yes: ") and any("probability 0." in line for line in lines)
    assert "log-odds" not in text


def test_the_text_of_many_trees(boosting: wb.ChurnModel) -> None:
    text = boosting.tree_text("active")
    start, *parts = re.split(r"^tree (\d+):\n", text, flags=re.M)
    assert re.fullmatch(r"start: log-odds -?\d\.\d{4}\n", start)
    assert parts[::2] == [str(i) for i in range(len(parts) // 2)] and len(parts) > 40
    for tree, part in zip(parts[::2], parts[1::2], strict=True):
        assert boosting.tree_text("active", int(tree)) == part
    assert re.search(r"log-odds [+-]0\.\d{4} \[\d+\]$", text, re.M)


def test_texts_of_attributes_are_named(boosting: wb.ChurnModel) -> None:
    segments = set(LOG.at(AT).features(attributes=["segment"])["segment"]) - {None}
    found = re.findall(r"segment one of (.+?)\?", boosting.tree_text("active"))
    named = {text for question in found for text in question.split(", ")} - {"missing"}
    assert named and named <= {f'"{segment}"' for segment in segments}
    trees = boosting.tree_text("active").split("\ntree ")[1:]
    tree = next(i for i, text in enumerate(trees) if "segment" in text)
    assert re.search(r'segment one of .*\\"\w+\\"', boosting.graphviz("active", tree))


def test_graphviz(model: wb.ChurnModel) -> None:
    source = model.graphviz("active")
    text = model.tree_text("active", 0)
    assert source.startswith("digraph tree_0 {\n") and source.endswith("}\n")
    assert source.count(' [label="yes"];') == source.count(' [label="no"];') == text.count("?")
    assert source.count("\\nrows ") == len(text.splitlines())


def test_graphviz_of_a_later_tree(boosting: wb.ChurnModel) -> None:
    assert boosting.graphviz("active", 7).startswith("digraph tree_7 {\n")


@pytest.mark.parametrize("name", ["tree_text", "graphviz", "to_onnx"])
@pytest.mark.parametrize(
    ("arguments", "kind", "what"),
    [
        (
            {"state": "gone"},
            ValueError,
            'state: expected "active", "lapsed" or "lost".*, got "gone"',
        ),
        ({"state": "Active"}, ValueError, 'state: expected .*, got "Active"'),
        ({"state": ""}, ValueError, 'state: expected .*, got ""'),
        ({"state": None}, TypeError, "state: expected a str, got None"),
        ({"state": 1}, TypeError, "state: expected a str, got int"),
    ],
    ids=str,
)
def test_states_that_there_are_not(
    model: wb.ChurnModel, name: str, arguments: dict[str, Any], kind: type[Exception], what: str
) -> None:
    with pytest.raises(kind) as error:
        getattr(model, name)(**arguments)
    assert re.search(what, str(error.value))


@pytest.mark.parametrize("name", ["tree_text", "graphviz"])
@pytest.mark.parametrize(
    ("arguments", "kind", "what"),
    [
        ({"tree": 10**6}, ValueError, "tree: expected a number below .*, got 1000000"),
        ({"tree": 2**64}, ValueError, "tree: expected .*, got 18446744073709551616"),
        ({"tree": -1}, ValueError, "tree: expected .*, got -1"),
        ({"tree": 1.0}, TypeError, "tree: expected an int, got float"),
        ({"tree": "0"}, TypeError, "tree: expected an int, got str"),
    ],
    ids=str,
)
def test_trees_that_there_are_not(
    model: wb.ChurnModel, name: str, arguments: dict[str, Any], kind: type[Exception], what: str
) -> None:
    with pytest.raises(kind) as error:
        getattr(model, name)(**arguments)
    assert re.search(what, str(error.value))


def test_graphviz_needs_a_tree(model: wb.ChurnModel) -> None:
    with pytest.raises(TypeError, match="tree: expected an int, got None"):
        model.graphviz(tree=None)  # type: ignore[arg-type]


def test_logistic_models_have_no_trees() -> None:
    model = fitted("logistic")
    acts: list[Callable[[], object]] = [
        model.importances,
        model.tree_text,
        model.graphviz,
    ]
    for act in acts:
        with pytest.raises(ValueError) as error:
            act()
        message = 'estimator: expected "tree" or "boosting", which have trees, got "logistic"'
        assert str(error.value) == message


def test_what_was_fitted_counts_not_what_will_be() -> None:
    model = fitted("tree").set_params(estimator="logistic", horizon="1mo")
    assert len(model.importances()) > 0
    with pytest.raises(ValueError, match="only logistic"):
        model.coefficients()


def test_monotone_is_for_boosting_alone() -> None:
    def scores(estimator: str, monotone: bool) -> pl.DataFrame:
        return fitted(estimator, monotone=monotone).score(LOG.at(AT)).to_polars()

    assert not scores("boosting", True).equals(scores("boosting", False))
    for estimator in ("logistic", "tree"):
        assert scores(estimator, True).equals(scores(estimator, False))
