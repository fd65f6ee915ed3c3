"""The upload page: faulty cells marked, what was understood shown, nothing stored until confirmed, twice is once."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from openpyxl import load_workbook
from pydantic import SecretStr

from api.settings import Settings
from api.workbook.read import read_workbook
from api.workbook.write import write_workbook
from tests.api.inside import HOME, Inside, inside, tiny

PAGE = "/c/tiny/desk/workbook"


class Uploader:
    def __init__(self, client: Inside) -> None:
        self.client = client

    def token(self) -> str:
        found = re.search(r'name="form_token" value="(\w+)"', self.client.http.get(PAGE).text)
        assert found
        return found[1]

    def upload(self, data: bytes, expected: int = 200, token: str | None = None) -> str:
        response: httpx2.Response = self.client.http.post(
            PAGE,
            data={"form_token": self.token() if token is None else token},
            files={"workbook": ("centre.xlsx", data)},
        )
        assert response.status_code == expected, response.text
        return str(response.text)

    def confirm(self, page: str, expected: int = 303) -> str:
        found = re.search(r'name="problem" value="([^"]+)"', page)
        assert found
        response: httpx2.Response = self.client.http.post(
            f"{PAGE}/confirm", data={"form_token": self.token(), "problem": found[1]}, follow_redirects=False
        )
        assert response.status_code == expected, response.text
        return str(response.text)

    def communities(self) -> list[str]:
        return [each["id"] for each in self.client.ask(200, "GET", "/v1/communities")["items"]]


@pytest.fixture
def uploader(client: Inside) -> Uploader:
    return Uploader(client)


def test_a_new_centre_from_its_workbook(uploader: Uploader) -> None:
    page = uploader.upload(write_workbook(tiny()))
    assert "申请：新增 3，修改 0，移除 0" in page
    assert uploader.communities() == []
    uploader.confirm(page)
    assert uploader.communities() == ["tiny"]
    stored = uploader.client.send("GET", f"{HOME}/problem").json()
    assert stored == tiny().model_dump(mode="json")


def test_the_same_file_twice_changes_nothing(uploader: Uploader) -> None:
    uploader.confirm(uploader.upload(write_workbook(tiny())))
    page = uploader.upload(write_workbook(tiny()))
    assert "没有改动" in page
    assert "confirm" not in page


def test_each_faulty_cell_is_shown_and_nothing_is_stored(uploader: Uploader) -> None:
    book = load_workbook(io.BytesIO(write_workbook(tiny())))
    book["申请"]["D2"], book["申请"]["L3"] = "<b>许多</b>", "随便"
    out = io.BytesIO()
    book.save(out)
    page = uploader.upload(out.getvalue(), expected=422)
    assert "共 2 处需要改正" in page
    assert "申请!D2" in page
    assert "&lt;b&gt;许多" in page
    assert "申请!L3" in page
    assert uploader.communities() == []


@pytest.mark.parametrize("data", [b"", b"no workbook", b"PK\x03\x04"])
def test_a_file_that_is_none(uploader: Uploader, data: bytes) -> None:
    assert "不是 Excel 工作簿" in uploader.upload(data, expected=422)


def test_a_file_of_another_community_or_too_large(uploader: Uploader) -> None:
    other = tiny().model_copy(update={"community": tiny().community.model_copy(update={"id": "other"})})
    assert "表里的社区编号是" in uploader.upload(write_workbook(other), expected=409)
    uploader.upload(b"x" * 10_100_000, expected=413)


def test_what_is_confirmed_is_judged_again(uploader: Uploader) -> None:
    for wrong in ("x", "eJwDAAAAAAE=", ""):
        response = uploader.client.http.post(
            f"{PAGE}/confirm", data={"form_token": uploader.token(), "problem": wrong}, follow_redirects=False
        )
        assert response.status_code in (400, 422)
    assert uploader.communities() == []


def test_forged(uploader: Uploader) -> None:
    uploader.token()
    uploader.upload(write_workbook(tiny()), expected=403, token="0" * 64)


def test_the_template_is_a_workbook_of_ours(uploader: Uploader) -> None:
    data = uploader.client.http.get(f"{PAGE}/template.xlsx").content
    assert load_workbook(io.BytesIO(data)).sheetnames[0] == "中心"


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Inside]:
    with inside(Settings(home=tmp_path / "home", api_token=SecretStr("sesame"))) as client:
        yield client


def test_nobody_uploads_without_signing_in(guarded: Inside) -> None:
    assert guarded.http.get(PAGE).status_code == 401
    files = {"workbook": ("centre.xlsx", write_workbook(tiny()))}
    assert guarded.http.post(PAGE, data={"form_token": "x"}, files=files).status_code == 401
    assert guarded.http.post(f"{PAGE}/confirm", data={"problem": "x"}).status_code == 401


def test_what_the_page_packs_is_what_the_file_says(uploader: Uploader) -> None:
    data = write_workbook(tiny())
    uploader.confirm(uploader.upload(data))
    assert read_workbook(data).problem == tiny()
