"""Constraints as a table: template, preview, faulty cells, confirmed as it was shown."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx2
import pytest
from openpyxl import Workbook, load_workbook

from api.workbook.rules import SHEET, read_rules, template_csv, template_xlsx
from tests.api.inside import HOME, LONG_PAST, PAST, Inside, tiny

RULES = f"{HOME}/constraints"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ME = {"X-Gongshi-Owner": "canteen"}
MONDAY, WEDNESDAY = "2026-09-07", "2026-09-09"
HEADINGS = (
    "编号",
    "外部编号",
    "类型",
    "依据",
    "空间",
    "日期",
    "周几",
    "开始",
    "结束",
    "准许用途",
    "安全停用",
    "提交理由",
)
GOOD = (
    ("c1", "", "停用", "检修通知", "S1", WEDNESDAY, "", "", "", "", "", "年度检修"),
    ("", "餐-2", "专用时段", "协议", "S1", "", "周三、四", "11:00", "13:00", "U1", "", ""),
    ("c3", "", "停用", "检修通知", "S1", MONDAY, "", "", "", "", "", ""),
)


def as_csv(*rows: Any, encoding: str = "utf-8-sig", headings: Any = HEADINGS) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([headings, *rows])
    return out.getvalue().encode(encoding)


def as_xlsx(*rows: Any) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "规则"
    for row in (HEADINGS, *rows):
        sheet.append([each or None for each in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def released(client: Inside) -> Inside:
    """`tiny` with its release 1."""
    shut = client.set_times(client.put(tiny()), LONG_PAST, PAST)
    client.release(client.solve(shut), 0)
    return client


def send(client: Inside, data: bytes, query: str = "", kind: str = "text/csv", **headers: str) -> httpx2.Response:
    names = {**ME, "Content-Type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}
    response: httpx2.Response = client.http.request("POST", f"{RULES}:upload{query}", content=data, headers=names)
    return response


def known(client: Inside) -> list[tuple[str, str]]:
    items = client.ask(200, "GET", RULES)["items"]
    return [(each["external_ref"] or each["id"], each["state"]) for each in items]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (as_csv(*GOOD), "text/csv"),
        (as_csv(*GOOD, encoding="gb18030"), "text/csv; charset=gbk"),
        (as_xlsx(*GOOD), XLSX),
        (as_xlsx(*GOOD), "application/octet-stream"),
    ],
)
def test_a_table_is_shown_and_then_done_as_it_was_shown(released: Inside, data: bytes, kind: str) -> None:
    shown = send(released, data, kind=kind)
    assert shown.status_code == 200, shown.text
    told = [(each["row"], each["what"], each["state"], each["owner"]) for each in shown.json()["items"]]
    assert told == [
        (2, "added", "accepted", "canteen"),
        (3, "added", "accepted", "canteen"),
        (4, "added", "submitted", "canteen"),
    ]
    assert shown.json()["items"][0]["sentence"]["zh"] == "S1 2026-09-09 停用"
    assert shown.json()["items"][2]["why"][0]["requests"] == ["R1"]
    assert (shown.json()["confirmed"], known(released)) == (False, [])
    assert released.ask(200, "GET", "/v1/changes?owner=canteen")["items"] == []

    assert send(released, data, "?confirm=true", kind).json()["code"] == "if_match_needed"
    done = send(released, data, "?confirm=true", kind, If_Match=shown.headers["etag"])
    assert done.status_code == 200, done.text
    assert known(released) == [("c1", "accepted"), ("餐-2", "accepted"), ("c3", "submitted")]
    [version] = released.ask(200, "GET", f"{RULES}/c1/history")["items"]
    assert (version["reason"], version["author"]) == ("年度检修", "canteen")
    rule = released.ask(200, "GET", f"{RULES}/餐-2")
    assert (rule["kind"], rule["days"], rule["allows"]["uses"]) == ("typed_window", ["WE", "TH"], ["U1"])


def test_the_same_table_twice_changes_nothing(released: Inside) -> None:
    data = as_csv(*GOOD)
    for what in ("added", "unchanged"):
        shown = send(released, data)
        assert [each["what"] for each in shown.json()["items"]] == [what] * 3
        assert send(released, data, "?confirm=true", If_Match=shown.headers["etag"]).status_code == 200
    for id in ("c1", "餐-2", "c3"):
        assert len(released.ask(200, "GET", f"{RULES}/{id}/history")["items"]) == 1
    moved = as_csv(*GOOD[:1], (*GOOD[1][:7], "10:00", *GOOD[1][8:]))
    shown = send(released, moved)
    assert [each["what"] for each in shown.json()["items"]] == ["unchanged", "replaced"]
    send(released, moved, "?confirm=true", If_Match=shown.headers["etag"])
    assert released.ask(200, "GET", f"{RULES}/餐-2")["starts"] == "10:00"


def test_what_has_changed_since_the_preview_is_not_done(released: Inside) -> None:
    shown = send(released, as_csv(*GOOD[:1]))
    tag = shown.headers["etag"]
    other = send(released, as_csv(changed(0, "日期", "2026-09-10")[0]), "?confirm=true", If_Match=tag)
    assert other.json()["code"] == "revision_changed"
    rule = {
        "kind": "closed",
        "id": "c1",
        "source": "另一份",
        "spaces": ["S1"],
        "dates": [WEDNESDAY],
        "owner": "canteen",
    }
    released.ask(201, "POST", RULES, rule)
    late = send(released, as_csv(*GOOD[:1]), "?confirm=true", If_Match=tag)
    assert (late.status_code, late.json()["code"]) == (412, "revision_changed")
    assert len(released.ask(200, "GET", f"{RULES}/c1/history")["items"]) == 1


def test_a_rule_that_was_changed_since_the_preview_is_not_replaced(released: Inside) -> None:
    send(released, as_csv(*GOOD), "?confirm=true", If_Match="*")
    data = as_csv(changed(0, "日期", "2026-09-10")[0])
    tag = send(released, data).headers["etag"]
    read = released.send("GET", f"{RULES}/c1")
    moved = {**read.json(), "dates": ["2026-09-11"]}
    released.ask(200, "PUT", f"{RULES}/c1", moved, If_Match=read.headers["etag"])
    assert send(released, data, "?confirm=true", If_Match=tag).json()["code"] == "revision_changed"
    assert released.ask(200, "GET", f"{RULES}/c1")["dates"] == ["2026-09-11"]


def test_another_code_is_a_change_and_an_apostrophe_of_ours_is_none(released: Inside) -> None:
    send(released, as_csv(*GOOD), "?confirm=true", If_Match="*")
    coded = send(released, as_csv(changed(0, "外部编号", "'-1")[0]), "?confirm=true", If_Match="*")
    assert [(each["what"], each["external_ref"]) for each in coded.json()["items"]] == [("replaced", "-1")]


def changed(row: int, heading: str, value: str) -> tuple[Any, ...]:
    rows = [list(each) for each in GOOD]
    rows[row][HEADINGS.index(heading)] = value
    return tuple(rows)


@pytest.mark.parametrize(
    ("rows", "cells"),
    [
        (changed(0, "日期", "下周三"), ["F2"]),
        (changed(1, "周几", "周八"), ["G3"]),
        (changed(0, "空间", "S1、S9"), ["E2"]),
        (changed(1, "准许用途", "U9"), ["J3"]),
        (changed(0, "依据", ""), ["D2"]),
        (changed(0, "类型", "关门"), ["C2"]),
        (changed(0, "周几", "周一"), ["G2"]),
        (changed(1, "安全停用", "是"), ["K3"]),
        (changed(1, "安全停用", "也许"), ["K3"]),
        (changed(2, "编号", "c1"), ["A4"]),
        ((*changed(0, "日期", "下周三")[:2], *changed(2, "开始", "晚上")[2:]), ["F2", "H4"]),
    ],
)
def test_each_faulty_cell_is_named(released: Inside, rows: Any, cells: list[str]) -> None:
    for data, kind in ((as_csv(*rows), "text/csv"), (as_xlsx(*rows), XLSX)):
        told = send(released, data, "?confirm=true", kind, If_Match="*")
        assert told.status_code == 422, told.text
        assert sorted(each["pointer"] for each in told.json()["errors"]) == [f"/规则/{cell}" for cell in cells]
        assert all(each["expected"]["zh"] and each["expected"]["en"] for each in told.json()["errors"])
    assert known(released) == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x01\x02",
        b"\xff\xff\xff",
        b"PK\x03\x04 no workbook",
        "编号\n".encode(),
        as_csv(headings=("编号", "类型", "依据", "颜色")),
        as_csv(),
        as_csv(("示例1", *GOOD[0][1:])),
        as_csv(changed(0, "依据", "检\0修")[0]),
        as_csv(*GOOD) + f'c9,,停用,通知,S1,{WEDNESDAY},,,,,,"never closed'.encode(),
    ],
)
def test_what_is_no_table_of_ours_is_refused(released: Inside, data: bytes) -> None:
    told = send(released, data)
    assert (told.status_code, told.json()["code"]) == (422, "invalid_document")
    assert told.json()["errors"]


def test_a_body_of_another_kind_is_not_taken(released: Inside) -> None:
    told = send(released, b"{}", kind="application/json")
    assert (told.status_code, told.json()["code"]) == (415, "not_table_type")
    assert "text/csv" in told.headers["accept"]


def test_a_manager_names_the_owner_in_the_table(released: Inside) -> None:
    headings = ("编号", "所属单位", "类型", "依据", "空间", "日期")
    data = as_csv(("c1", "library", "停用", "通知", "S1", MONDAY), headings=headings)
    answer = released.http.request(
        "POST", f"{RULES}:upload?confirm=true", content=data, headers={"Content-Type": "text/csv", "If-Match": "*"}
    )
    assert [(each["owner"], each["state"]) for each in answer.json()["items"]] == [("library", "accepted")]
    mine = send(released, data.replace(b"c1", b"c2"))
    assert mine.json()["errors"][0]["code"] == "forbidden"


def test_templates_are_read_back_as_empty_tables(client: Inside) -> None:
    client.put(tiny())
    for name, kind, made in (("csv", "text/csv", template_csv()), ("xlsx", XLSX, template_xlsx())):
        answer = client.send("GET", f"{RULES}/template.{name}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(kind)
        assert answer.headers["content-disposition"] == f'attachment; filename="constraints.{name}"'
        assert answer.content == made
        assert read_rules(answer.content).entries == []
    assert client.ask(404, "GET", "/v1/communities/nowhere/constraints/template.csv")["code"] == "not_found"
    sheet = load_workbook(io.BytesIO(template_xlsx()))["规则"]
    assert [cell.value for cell in sheet[1]] == [column.heading for column in SHEET.columns]


def test_the_examples_of_the_template_are_good_rules(client: Inside) -> None:
    """With the ids of a real centre in them they would be taken."""
    client.put(tiny())
    text = template_csv().decode("utf-8-sig").replace("示例", "r").replace("S01", "S1").replace("U01", "U1")
    told = send(client, text.encode())
    assert [each["what"] for each in told.json()["items"]] == ["added", "added"], told.text
