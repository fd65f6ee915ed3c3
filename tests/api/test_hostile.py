"""What nobody sends by mistake: numbers, depths, encodings, paths and cells that are made to break things."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest
from openpyxl import load_workbook

from api.settings import Settings
from api.workbook.opened import MOST_UNPACKED, WorkbookError
from api.workbook.read import read_workbook
from api.workbook.tables import tables
from api.workbook.write import write_workbook
from tests.api.inside import HOME, PAST, Inside, inside, tiny


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    """`tiny`, released, in a service that counts no requests and has no workers."""
    home = tmp_path_factory.mktemp("hostile")
    settings = Settings(home=home, verdict_within_seconds=0, reads_per_minute=0, writes_per_minute=0)
    with inside(settings) as client:
        round = client.set_times(client.put(tiny()), PAST, "2026-02-02T00:00:00Z")
        client.release(client.solve(round), 0)
        yield client


def stored(client: Inside) -> tuple[str, ...]:
    paths = ("/v1/communities", f"{HOME}/problem", f"{HOME}/constraints", f"{HOME}/solves", f"{HOME}/releases")
    return tuple(client.send("GET", path).text for path in paths)


WRITES = (
    ("PUT", f"{HOME}/problem"),
    ("POST", "/v1/communities"),
    ("POST", f"{HOME}/spaces"),
    ("POST", f"{HOME}/requests:batch"),
    ("POST", f"{HOME}/constraints"),
    ("POST", f"{HOME}/constraints:check"),
    ("POST", "/v1/constraints:batch"),
    ("POST", f"{HOME}/rounds"),
    ("POST", f"{HOME}/solves"),
    ("POST", f"{HOME}/releases"),
    ("POST", f"{HOME}/calendars:notice"),
    ("POST", f"{HOME}/market/draws"),
    ("POST", f"{HOME}/units/U/bookings"),
    ("POST", "/v1/webhooks"),
    ("POST", "/v1/owners/library/keys"),
)
BODIES = {
    "deep lists": b"[" * 200_000,
    "deep lists, closed": b"[" * 50_000 + b"]" * 50_000,
    "deep objects": b'{"a":' * 100_000,
    "deep inside": b'{"id": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "a number of 300,000 digits": b'{"id": ' + b"9" * 300_000 + b"}",
    "a fraction of 300,000 digits": b'{"id": 0.' + b"9" * 300_000 + b"}",
    "beyond doubles": b'{"id": 1e999999999, "name": -1e999999999}',
    "NaN": b'{"id": NaN, "name": Infinity, "zone": -Infinity}',
    "beyond 64 bits": b'{"instead_of": 9223372036854775808, "seed": -9223372036854775809, "block": 1e30}',
    "a key twice": b'{"id": "x", "id": "y", "round": "a", "round": "b", "items": [], "items": []}',
    "no UTF-8": b'{"id": "\xff\xfe\xfa"}',
    "UTF-16": '{"id": "x"}'.encode("utf-16"),
    "UTF-32": '{"id": "x"}'.encode("utf-32"),
    "a byte order mark": b'\xef\xbb\xbf{"id": "x"}',
    "half a letter": b'{"id": "\\ud800", "name": "\\udfff", "url": "http://\\ud800"}',
    "a letter cut short": '{"id": "共'.encode()[:-1],
    "NUL": b'{"id": "a\\u0000b", "name": "\x00"}',
    "control characters": b'{"id": "a\x01\x1b[31m", "name": "\\u001b[2J\\u0085\\u202e"}',
    "many keys": b"{" + b",".join(b'"k%d": 1' % n for n in range(20_000)) + b"}",
    "many lines": b'{"items": [' + b",".join([b"{}"] * 5_000) + b"]}",
    "not JSON": b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>",
    "a word": b'"x"',
    "nothing": b"",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_hostile_body_is_refused_and_changes_nothing(world: Inside, body: bytes) -> None:
    before = stored(world)
    for method, path in WRITES:
        answer = world.send(method, path, body)
        assert 400 <= answer.status_code < 500, (path, answer.status_code, answer.text[:500])
        assert answer.headers["content-type"] == "application/problem+json"
        # What is told of it is no longer than it is of use.
        assert len(answer.content) < 3_000_000
    assert stored(world) == before


@pytest.mark.parametrize("charset", ["utf-16", "gbk", "x" * 1000, "utf-8; charset=utf-7"])
def test_a_body_is_utf_8_whatever_its_type_says(world: Inside, charset: str) -> None:
    answer = world.send("POST", "/v1/communities", b'{"id": 1}', Content_Type=f"application/json; charset={charset}")
    assert answer.status_code == 422


TRICKS = (
    "..",
    "%2e%2e",
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2fetc%2fpasswd",
    "..%5c..%5cwindows",
    "%00",
    "tiny%00.ics",
    "%0d%0aX-Injected:%20yes%0d%0a%0d%0a<b>",
    "%ff%fe",
    "%ed%a0%80",
    "x" * 3000,
    quote("共室🏢"),
    "'%20OR%201=1--",
    "%25s%25n",
    "99999999999999999999999",
    "-1",
    "%E2%80%AE",
)


def addresses(client: Inside) -> list[tuple[str, str]]:
    """Every address of the API and of the pages, as its template, with the methods that it takes."""
    described = client.send("GET", "/openapi.json").json()["paths"]
    found = [(method.upper(), path) for path, methods in described.items() for method in methods]
    pages = ("", "desk", "desk/solves/{id}", "desk/proposals/{id}", "publicity/{id}", "wish/{round}/{applicant}")
    found += [("GET", f"/c/{{community}}/{page}") for page in (*pages, "{scope}/{id}", "bookings/{uid}", "market")]
    posts = ("desk/close", "desk/pins", "desk/solves/{id}/cancel", "publicity/{id}/objections", "desk/papers")
    found += [("POST", f"/c/{{community}}/{page}") for page in posts]
    return [*found, ("GET", "/c/{community}/calendars/{scope}/{id}.ics"), ("GET", "/static/{file}")]


def try_path(client: Inside, method: str, template: str, trick: str) -> None:
    names = re.findall(r"\{(\w+)\}", template)
    inside_tiny = template.replace("{community}", "tiny") if len(names) > 1 else template
    path = re.sub(r"\{\w+\}", lambda _: trick, inside_tiny)
    answer = client.send(method, path, b"{}" if method in {"POST", "PUT"} and path.startswith("/v1") else None)
    refuse_broken(answer, method, path)
    assert answer.status_code >= 300 or method == "GET", (method, path, answer.text[:200])


def test_no_path_leads_elsewhere_or_breaks(world: Inside) -> None:
    """Two tricks at each address, others at the next; all at all of them in the long tests."""
    for number, (method, template) in enumerate(addresses(world)):
        if "{" in template:
            for turn in (2 * number, 2 * number + 1):
                try_path(world, method, template, TRICKS[turn % len(TRICKS)])


@pytest.mark.long
@pytest.mark.parametrize("trick", TRICKS)
def test_no_path_at_all_leads_elsewhere_or_breaks(world: Inside, trick: str) -> None:
    for method, template in addresses(world):
        if "{" in template:
            try_path(world, method, template, trick)


def refuse_broken(answer: httpx2.Response, method: str, path: str) -> None:
    assert answer.status_code < 500, (method, path, answer.text[:500])
    assert "x-injected" not in answer.headers
    assert "root:" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


QUERIES = (*TRICKS, "", "2026-02-30", "0000-00-00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "1e5", "NaN")


def queries(client: Inside) -> Iterator[tuple[str, str]]:
    """Every address that takes a query, with each of the names that it takes."""
    for template, methods in client.send("GET", "/openapi.json").json()["paths"].items():
        for parameter in methods.get("get", {}).get("parameters", []):
            if parameter["in"] == "query":
                yield re.sub(r"\{\w+\}", "tiny", template), parameter["name"]
    for page in ("/", "/c/tiny/", "/c/tiny/spaces/S1", "/c/tiny/desk", "/c/tiny/market", "/c/tiny/publicity"):
        for name in ("lang", "as_of", "k", "kept"):
            yield page, name


def test_no_query_breaks_anything(world: Inside) -> None:
    for number, (path, name) in enumerate(queries(world)):
        for turn in range(2):
            trick = QUERIES[(2 * number + turn) % len(QUERIES)]
            refuse_broken(world.send("GET", f"{path}?{name}={trick}"), "GET", path)


@pytest.mark.long
@pytest.mark.parametrize("trick", QUERIES)
def test_no_query_at_all_breaks_anything(world: Inside, trick: str) -> None:
    for path, name in queries(world):
        refuse_broken(world.send("GET", f"{path}?{name}={trick}"), "GET", path)


@pytest.mark.parametrize("value", ["", '"', "W/", ",,,,", "*" * 5000, "x" * 201, "%0d%0aX-Injected: 1", "\x7f", "é"])
def test_no_header_breaks_anything(world: Inside, value: str) -> None:
    names = ("Idempotency-Key", "If-Match", "If-None-Match", "Last-Event-ID", "Accept-Language")
    sent = [(name.encode(), value.encode("latin-1")) for name in names] + [(b"Content-Type", b"application/json")]
    for method, path in (
        ("GET", f"{HOME}/spaces/S1"),
        ("PUT", f"{HOME}/spaces/S1"),
        ("GET", f"{HOME}/solves/x/events"),
    ):
        content = b"{}" if method == "PUT" else None
        answer = world.http.request(method, path, content=content, headers=sent)
        refuse_broken(answer, method, path)
        assert method == "GET" or answer.status_code >= 400


FORMULAS = ("=1+1", '=HYPERLINK("http://x.example","y")', "+1", "-1+2", "@SUM(A1)", "=cmd|' /C calc'!A0", "'=1", "＝1")


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_an_export_is_a_formula(formula: str) -> None:
    document = json.loads(tiny().model_dump_json())
    for part in (document["community"], *document["spaces"], *document["uses"], *document["applicants"]):
        part["name"] = formula
    document["requests"][0]["note"] = formula
    problem = type(tiny()).model_validate_json(json.dumps(document))
    workbook = write_workbook(problem)
    cells = [
        cell for sheet in load_workbook(io.BytesIO(workbook)).worksheets for row in sheet.iter_rows() for cell in row
    ]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    assert [cell.value for cell in cells if cell.value == formula]
    found: list[str] = []
    for data in tables(workbook).values():
        found += [each for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")) for each in row]
    assert [each for each in found if each.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    assert [each for each in found if formula in each]
    # ... and it comes back as what it was.
    assert read_workbook(workbook).problem.spaces[0].name == formula


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "'
    + b"x" * 1000
    + b'">%s]><w>&j;</w>' % b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
)
BOOKS: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "a zip bomb": lambda whole: zipped({**whole, "xl/big.xml": bytes(MOST_UNPACKED)}),
    "a zip within": lambda whole: zipped({"xl/workbook.xml": zipped({"a": bytes(10_000_000)})}),
    "entities": lambda whole: zipped({**whole, "xl/workbook.xml": BOMB}),
    "entities behind a comment": lambda whole: zipped(
        {**whole, "xl/workbook.xml": BOMB.replace(b"<!DOCTYPE", b"<!--" + b" " * 3000 + b"--><!DOCTYPE")}
    ),
    "entities in UTF-16": lambda whole: zipped({**whole, "xl/workbook.xml": BOMB.decode().encode("utf-16")}),
    "a file from outside": lambda whole: zipped(
        {**whole, "xl/workbook.xml": b'<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]><w>&a;</w>'}
    ),
    "names that climb": lambda whole: zipped({**whole, "../../evil.xml": b"<a/>", "/etc/evil": b"x"}),
    "many entries": lambda whole: zipped({**whole, **{f"xl/{n}.xml": b"<a/>" for n in range(1000)}}),
    "nothing": lambda whole: b"",
    "cut short": lambda whole: zipped(whole)[:-100],
}


@pytest.mark.parametrize("name", BOOKS)
def test_a_workbook_that_is_a_trap_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with zipfile.ZipFile(io.BytesIO(write_workbook(tiny()))) as archive:
        whole = {each: archive.read(each) for each in archive.namelist()}
    book = BOOKS[name](whole)
    if "names that climb" in name:
        # What lies beside a workbook is read by nobody, and written nowhere.
        assert read_workbook(book).problem == read_workbook(zipped(whole)).problem
    else:
        with pytest.raises(WorkbookError) as caught:
            read_workbook(book)
        assert "root:" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
