"""Lists as files of the tools that send."""

from __future__ import annotations

import csv
import re
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

import winback as wb

LIST = pd.DataFrame({"customer_id": range(1, 9), "arm": ["a", "control", "a", "b"] * 2})
KNOWN = pd.DataFrame(
    {
        "customer_id": range(8, 0, -1),
        "email": [f"c{i}@example.com" for i in range(8, 0, -1)],
        "phone": [f"+7916000000{i}" for i in range(8, 0, -1)],
        "code": [f"00{i}" for i in range(8, 0, -1)],
    }
)


def rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize(
    ("target", "options", "header", "first"),
    [
        ("csv", {}, ["customer_id"], ["1"]),
        ("braze", {}, ["external_id"], ["1"]),
        ("braze", {"column": "code"}, ["external_id"], ["001"]),
        (
            "braze",
            {"identifier": "alias", "alias_label": "shop", "column": "code"},
            ["user_alias_name", "user_alias_label"],
            ["001", "shop"],
        ),
        ("klaviyo", {}, ["Email"], ["c1@example.com"]),
        ("klaviyo", {"identifier": "phone"}, ["Phone Number"], ["+79160000001"]),
        ("hubspot", {"with_columns": ["arm"]}, ["Email", "arm"], ["c1@example.com", "a"]),
        ("hubspot", {"identifier": "record_id", "column": "code"}, ["Record ID"], ["001"]),
        ("mindbox", {"identifier": "phone"}, ["MobilePhone"], ["+79160000001"]),
        (
            "mindbox",
            {"identifier": "external_id", "header": "ShopId"},
            ["ShopId"],
            ["1"],
        ),
    ],
)
def test_headers_and_identifiers(
    tmp_path: Path, target: Any, options: dict[str, Any], header: list[str], first: list[str]
) -> None:
    path = tmp_path / "list.csv"
    found = wb.campaign.write(LIST, path, identifiers=KNOWN, target=target, **options)
    written = rows(path)
    assert written[0] == header
    assert written[1] == first
    assert len(written) == 7 == found.figures["written"] + 1
    left_out = found.tables["left_out"].to_polars()
    assert dict(left_out.rows())["control"] == 2
    assert left_out["customers"].sum() == 2


def test_nobody_of_control_is_in_any_file(tmp_path: Path) -> None:
    drawn = wb.campaign.assign(pl.DataFrame({"customer_id": range(2000)}), salt="x")
    wb.campaign.write(drawn, tmp_path / "list.csv")
    arms = dict(drawn.to_polars().rows())
    written = {int(row[0]) for row in rows(tmp_path / "list.csv")[1:]}
    assert written == {id for id, arm in arms.items() if arm != "control"}


def test_who_is_left_out_is_counted_by_reason(tmp_path: Path) -> None:
    listed = pd.DataFrame(
        {"customer_id": range(1, 8), "arm": ["control", "a", "a", "a", "a", "b", "a"]}
    )
    emails = ["x@y.co", "X@Y.CO", None, "nobody", "d@e.co", "d@e.co", "D@e.co"]
    known = pd.DataFrame({"customer_id": range(1, 8), "email": emails})
    found = wb.campaign.write(
        listed, tmp_path / "list.csv", identifiers=known, target="klaviyo", arms=["a"]
    )
    assert rows(tmp_path / "list.csv") == [["Email"], ["d@e.co"]]
    assert dict(found.tables["left_out"].to_polars().rows()) == {
        "control": 1,
        "other_arm": 1,
        "do_not_contact": 0,
        "no_identifier": 1,
        "unusable_identifier": 1,
        "identifier_in_control": 1,
        "identifier_twice": 1,
    }
    assert "identifiers" in str(found) or "identifier" in str(found)


@pytest.mark.parametrize(
    ("identifier", "of_control", "of_others"),
    [
        ("email", ["ann@b.co", "Bo@B.co"], [" Ann@B.CO", "bo@b.co", "cy@b.co"]),
        (
            "phone",
            ["+7 (916) 123-45-67", "8 916 765 43 21"],
            ["89161234567", "9161234567", "+7-916-765-43-21", "+7 916 765 43 20"],
        ),
    ],
)
def test_control_is_not_reached_by_another_spelling(
    tmp_path: Path, identifier: Any, of_control: list[str], of_others: list[str]
) -> None:
    values = of_control + of_others
    arms = ["control"] * len(of_control) + ["a"] * len(of_others)
    listed = pd.DataFrame({"customer_id": range(len(values)), "arm": arms, identifier: values})
    found = wb.campaign.write(listed, tmp_path / "list.csv", identifier=identifier)
    # And what is written stays as it stands.
    assert [row[0] for row in rows(tmp_path / "list.csv")[1:]] == [of_others[-1]]
    assert found.figures["left_out"]["identifier_in_control"] == len(of_others) - 1


def test_ids_that_are_numbers_or_texts_are_the_same(tmp_path: Path) -> None:
    texts = KNOWN.assign(customer_id=KNOWN["customer_id"].astype(str))
    for listed, known in [(LIST, texts), (LIST.assign(customer_id=range(1, 9)), KNOWN)]:
        found = wb.campaign.write(listed, tmp_path / "a.csv", identifiers=known, target="klaviyo")
        assert found.figures["written"] == 6
    turned = LIST.assign(customer_id=LIST["customer_id"].astype(str))
    found = wb.campaign.write(turned, tmp_path / "a.csv", identifiers=KNOWN, target="klaviyo")
    assert found.figures["written"] == 6
    padded = KNOWN.assign(customer_id=KNOWN["code"])
    with pytest.raises(ValueError, match="none of the customers of the list"):
        wb.campaign.write(LIST, tmp_path / "a.csv", identifiers=padded, target="klaviyo")


def test_rows_are_in_the_order_of_the_ids(tmp_path: Path) -> None:
    listed = pd.DataFrame({"customer_id": [10, 9, 100, 1]})
    wb.campaign.write(listed, tmp_path / "list.csv")
    assert [row[0] for row in rows(tmp_path / "list.csv")[1:]] == ["1", "9", "10", "100"]


IDS = ["007", "+5", "=1+1", "a,b", 'say "no"', "two\nlines", "Zoë", "9007199254740993", "1e5"]


def test_ids_are_written_to_the_letter(tmp_path: Path) -> None:
    source, path = tmp_path / "ids.csv", tmp_path / "list.csv"
    with source.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["customer_id", "key"], *enumerate(IDS)])
    wb.campaign.write(source, path, column="key")
    assert [row[0] for row in rows(path)[1:]] == IDS
    wb.campaign.write(source, path, column="key", for_people=True)
    read = [row[0] for row in rows(path)[1:]]
    assert read == ["'" + text if text[0] in "+=" else text for text in IDS]
    assert "apostrophes" in str(wb.campaign.write(source, path, column="key", for_people=True))


def test_numbers_whose_digits_may_be_lost_are_refused(tmp_path: Path) -> None:
    listed = pd.DataFrame({"customer_id": [1, 2], "key": [9007199254740993, 9007199254740995]})
    path = tmp_path / "list.csv"
    wb.campaign.write(listed, path, column="key")
    assert rows(path)[1:] == [["9007199254740993"], ["9007199254740995"]]
    with pytest.raises(ValueError, match="some may be lost"):
        wb.campaign.write(listed.astype({"key": float}), path, column="key")


@pytest.mark.parametrize("limit", [{"max_rows": 3}, {"max_bytes": 27}])
def test_files_are_split_at_the_limits(tmp_path: Path, limit: dict[str, int]) -> None:
    listed = pd.DataFrame({"customer_id": range(1000, 1010)})
    found = wb.campaign.write(listed, tmp_path / "list.csv", target="braze", **limit)
    files = found.tables["files"].to_polars()
    assert files["file"].to_list() == [str(tmp_path / f"list-{i}.csv") for i in range(1, 5)]
    parts = [rows(Path(file)) for file in files["file"]]
    assert all(part[0] == ["external_id"] for part in parts)
    assert [row[0] for part in parts for row in part[1:]] == [str(i) for i in range(1000, 1010)]
    sizes = [Path(file).stat().st_size for file in files["file"]]
    assert sizes == files["bytes"].to_list()
    assert max(sizes) <= limit.get("max_bytes", 10**9)
    # Of an earlier list more files are left than this one has.
    with pytest.raises(ValueError, match=r"earlier list.*list-1\.csv"):
        wb.campaign.write(listed[:2], tmp_path / "list.csv", target="braze", max_rows=3)


def test_whoever_takes_all_numbered_files_takes_none_of_an_earlier_list(tmp_path: Path) -> None:
    (tmp_path / "list-1.csv").touch()
    with pytest.raises(ValueError, match="earlier list"):
        wb.campaign.write(LIST, tmp_path / "list.csv")
    assert not (tmp_path / "list.csv").exists()
    (tmp_path / "list-1.csv").unlink()
    wb.campaign.write(LIST, tmp_path / "list.csv")
    with pytest.raises(ValueError, match=r"earlier list.*list\.csv"):
        wb.campaign.write(LIST, tmp_path / "list.csv", max_rows=2)


def cells(path: Path) -> dict[str, tuple[str, str, str]]:
    """Kind, formula and value of each cell of a workbook's only sheet."""
    with zipfile.ZipFile(path) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        texts = book.read("xl/sharedStrings.xml").decode()
    shared = re.findall(r"<si><t[^>]*>(.*?)</t></si>", texts, re.S)
    found = {}
    for attributes, content in re.findall(r"<c ([^>]*?)>(.*?)</c>", sheet, re.S):
        kind = re.search(r't="(\w+)"', attributes)
        place = re.search(r'r="(\w+)"', attributes)
        formula = re.search(r"<f>(.*?)</f>", content)
        value = re.search(r"<v>(.*?)</v>", content)
        assert place and value
        text = shared[int(value[1])] if kind and kind[1] == "s" else value[1]
        found[place[1]] = (kind[1] if kind else "n", formula[1] if formula else "", text)
    return found


def test_a_sheet_holds_texts_and_a_budget_whose_formulas_are_right(tmp_path: Path) -> None:
    gain = [(i * 37 % 101) / 10 for i in range(300)]
    ids = [f"{i:04}" for i in range(300)]
    listed = wb.campaign.target(ids, gain=gain, cost=2, control_share=0.2)
    path = tmp_path / "list.xlsx"
    found = wb.campaign.write(listed, path, target="xlsx", budget=101)
    told = found.figures["within_budget"]
    # The same list under this budget.
    best = wb.campaign.target(ids, gain=gain, cost=2, control_share=0.2, budget=101).figures
    assert told["customers"] == best["contacted"] == 50
    assert told["profit"] == pytest.approx(best["profit"])
    assert told["cost"] == best["spend"]

    sheet = cells(path)
    assert sheet["B1"] == ("n", "", "101")
    count = found.figures["written"]
    last = 6 + count
    within = f"(D7:D{last}&lt;=B1*(1+1E-10))*(C7:C{last}&gt;0)"
    assert sheet["B2"] == ("n", f"SUMPRODUCT({within})", "50")
    assert sheet["B4"][1] == f"SUMPRODUCT({within}*C7:C{last})"
    assert [sheet[f"{column}6"][2] for column in "ABCD"] == [
        "customer_id", "cost", "expected profit", "cost up to here",
    ]  # fmt: skip
    # What the formulas give, worked out here.
    total, bought, profit = 0.0, 0, 0.0
    for row in range(7, last + 1):
        kind, _, id = sheet[f"A{row}"]
        assert kind == "s" and re.fullmatch(r"\d{4}", id)
        total += float(sheet[f"B{row}"][2])
        assert float(sheet[f"D{row}"][2]) == total
        own = f"D{row - 1}+B{row}" if row > 7 else "B7"
        assert sheet[f"D{row}"][1] == own
        if total <= 101:
            bought += 1
            profit += float(sheet[f"C{row}"][2])
    assert bought == told["customers"]
    assert profit == told["profit"] == float(sheet["B4"][2])
    again = tmp_path / "again.xlsx"
    wb.campaign.write(listed, again, target="xlsx", budget=101)
    assert again.read_bytes() == path.read_bytes()


def test_nothing_runs_in_a_sheet(tmp_path: Path) -> None:
    listed = pd.DataFrame({"customer_id": range(len(IDS)), "key": IDS})
    wb.campaign.write(listed, tmp_path / "list.xlsx", target="xlsx", column="key")
    sheet = cells(tmp_path / "list.xlsx")
    assert all(kind == "s" and not formula for kind, formula, _ in sheet.values())
    assert sheet["A4"][2] == "=1+1"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": "mailchimp"}, "target"),
        ({"target": "braze", "identifier": "email"}, "external_id or alias"),
        ({"target": "klaviyo", "identifier": "external_id"}, "email or phone"),
        ({"target": "braze", "identifier": "alias"}, "alias_label"),
        ({"target": "braze", "alias_label": "shop"}, "alias_label"),
        ({"target": "braze", "header": "id"}, "header: expected external_id"),
        ({"target": "braze", "with_columns": ["braze_id"]}, "never several"),
        ({"target": "mindbox", "identifier": "external_id"}, "header"),
        ({"with_columns": ["arm", "arm"]}, "with_columns"),
        ({"with_columns": ["size"]}, "size"),
        ({"column": "size"}, "size"),
        ({"control": "holdout"}, "none is called"),
        ({"arms": ["c"]}, "arms of the list"),
        ({"arms": ["control"]}, "this one is control"),
        ({"arm": "group", "arms": ["a"]}, "group"),
        ({"budget": 10}, "but for xlsx"),
        ({"target": "xlsx", "for_people": True}, "for csv"),
        ({"target": "hubspot", "max_bytes": 10**9}, "as hubspot takes them"),
        ({"max_rows": 0}, "1 or more"),
        ({"max_bytes": 12}, "header and a row"),
    ],
    ids=str,
)
def test_what_a_tool_does_not_take_is_refused(
    tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    path = tmp_path / ("list.xlsx" if options.get("target") == "xlsx" else "list.csv")
    with pytest.raises(ValueError, match=message):
        wb.campaign.write(LIST, path, identifiers=KNOWN, **options)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("listed", "known", "message"),
    [
        ({"id": [1]}, None, "customer_id"),
        ({"customer_id": [1, 1], "arm": ["a", "control"]}, None, "two arms"),
        ({"customer_id": [1, 2], "arm": ["a", None]}, None, "has no"),
        ({"customer_id": [1], "arm": ["control"]}, None, "nobody to write: 1 control"),
        ({"customer_id": [1]}, {"customer_id": [5], "email": ["a@b.co"]}, "none of the customers"),
        (
            {"customer_id": [1]},
            {"customer_id": [1, 1], "email": ["a@b.co", "c@d.co"]},
            "two values of",
        ),
        ({"customer_id": [1]}, {"customer_id": [1], "mail": ["a@b.co"]}, "email"),
    ],
    ids=str,
)
def test_bad_lists(tmp_path: Path, listed: Any, known: Any, message: str) -> None:
    identifiers = None if known is None else pl.DataFrame(known)
    options: dict[str, Any] = {} if known is None else {"identifier": "email"}
    with pytest.raises(ValueError, match=message):
        wb.campaign.write(
            pl.DataFrame(listed), tmp_path / "list.csv", identifiers=identifiers, **options
        )


def test_the_path_has_the_right_ending(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.csv"):
        wb.campaign.write(LIST, tmp_path / "list.xlsx")
    with pytest.raises(ValueError, match=r"\.xlsx"):
        wb.campaign.write(LIST, tmp_path / "list.csv", target="xlsx")
    with pytest.raises(OSError, match="nowhere"):
        wb.campaign.write(LIST, tmp_path / "nowhere" / "list.csv")


def test_arms_that_are_meant_are_found_or_refused(tmp_path: Path) -> None:
    listed = pl.DataFrame({"customer_id": [7, 8, 9], "arm": ["contact", "contact", "control"]})
    out = tmp_path / "list.csv"
    with pytest.raises(ValueError, match="group"):
        wb.campaign.write(listed, out, target="csv", arm="group")
    with pytest.raises(ValueError, match="arm"):
        wb.campaign.write(listed.rename({"arm": "Arm"}), out, target="csv")
    with pytest.raises(ValueError, match="arm"):
        wb.campaign.write(listed.drop("arm"), out, target="csv", control="hold")
    assert not out.exists()
    listed.write_csv(out)
    with pytest.raises(ValueError, match="path: expected a file that is no input"):
        wb.campaign.write(out, out, target="csv")
    assert pl.read_csv(out).equals(listed)


def test_a_budget_that_costs_make_up_buys_all_of_them_and_nothing_at_a_loss(tmp_path: Path) -> None:
    # In binary numbers three times .1 is more than .3.
    listed = wb.campaign.target(range(10), gain=[5.0] * 10, cost=0.1)
    found = wb.campaign.write(listed, tmp_path / "a.xlsx", target="xlsx", budget=0.3)
    assert found.figures["within_budget"]["customers"] == 3
    assert cells(tmp_path / "a.xlsx")["B2"][2] == "3"
    table = pd.DataFrame({"customer_id": [1, 2, 3], "cost": 1.0, "profit": [4.0, -2.0, 0.0]})
    found = wb.campaign.write(table, tmp_path / "b.xlsx", target="xlsx", budget=10)
    assert found.figures["within_budget"] == {"customers": 1, "cost": 1.0, "profit": 4.0}


def test_who_must_not_be_contacted_is_in_no_file(tmp_path: Path) -> None:
    known = KNOWN.assign(do_not_contact=["no", "yes", *[None] * 6])
    known.loc[known.customer_id == 5, "email"] = "C7@example.com"
    found = wb.campaign.write(LIST, tmp_path / "a.csv", identifiers=known, target="klaviyo")
    # The seventh, and the fifth who has the same address.
    assert found.figures["left_out"]["do_not_contact"] == 2
    assert "c7@example.com" not in (tmp_path / "a.csv").read_text("utf-8").lower()
    listed = LIST.assign(do_not_contact=[1.0, 0.0, None, 1.0] * 2)
    found = wb.campaign.write(listed, tmp_path / "b.csv")
    assert [row[0] for row in rows(tmp_path / "b.csv")[1:]] == ["3", "7"]


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("do_not_contact", pd.to_datetime(["2024-01-05", None] * 4), "do_not_contact"),
        ("do_not_contact", ["2024-01-05", None] * 4, "expected yes or no"),
        ("do_not_contact", [["sms"], []] * 4, "do_not_contact"),
        ("Do Not-Contact", ["yes", "no"] * 4, "it is to be called do_not_contact"),
        ("Arm", ["control", "offer"] * 4, "it is to be called arm"),
        ("group", ["control", "offer"] * 4, 'group: holds "control"; if it is the arms'),
    ],
)
def test_a_column_that_would_be_passed_over_is_refused(
    tmp_path: Path, column: str, values: Any, message: str
) -> None:
    listed = pd.DataFrame({"customer_id": range(8), column: values})
    with pytest.raises(ValueError, match=message):
        wb.campaign.write(listed, tmp_path / "list.csv")
    assert not list(tmp_path.iterdir())
    if column.startswith(("do", "Do")):
        with pytest.raises(ValueError, match=message):
            wb.campaign.assign(listed)


def test_a_list_that_was_drawn_without_control_is_written(tmp_path: Path) -> None:
    listed = wb.campaign.target(range(10), gain=[5.0] * 10, cost=1)
    found = wb.campaign.write(listed, tmp_path / "list.csv")
    assert found.figures["written"] == 10
    assert any("nobody on the list is in control" in note for note in found.notes)
