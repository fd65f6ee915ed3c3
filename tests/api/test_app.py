"""The web process as a whole: what it imports, what it shows of itself, who may write."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from pydantic import SecretStr

from api.settings import Settings
from tests.api.inside import HOME, Inside, inside, tiny


def test_the_web_process_never_loads_the_solver(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom api.app import create_app\nfrom api.settings import Settings\n"
        f"create_app(Settings(home=Path({str(tmp_path)!r})))\n"
        "print(sorted(name for name in sys.modules if name.partition('.')[0] in {'ortools', 'numpy', 'pandas'}"
        " or name in {'scheduler.model', 'scheduler.solve'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_the_documentation_asks_for_nothing_from_outside(client: Inside) -> None:
    page = client.send("GET", "/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert not re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", page.text)
    assert "/v1/communities/{community}/solves" in page.text


def test_the_description_of_the_api_is_whole(client: Inside) -> None:
    description = client.ask(200, "GET", "/openapi.json")
    names = set(description["components"]["schemas"])
    wanted = set(re.findall(r"#/components/schemas/([^\"]+)", client.send("GET", "/openapi.json").text))
    assert wanted <= names
    assert {"Problem", "Timetable", "Space", "Request", "Constraint", "RoundDocument"} <= names


def test_health_says_that_the_database_answers(client: Inside) -> None:
    assert client.ask(200, "GET", "/healthz")["status"] == "ok"


def test_with_a_token_only_its_bearer_writes(tmp_path: Path) -> None:
    with inside(Settings(home=tmp_path, api_token=SecretStr("geheim 共"))) as client:
        body = tiny().model_dump_json().encode()
        path = f"{HOME}/problem"
        for header in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic Z2VoZWlt"}):
            response = client.send("PUT", path, body, **header)
            assert response.status_code == 401
            assert response.headers["www-authenticate"].startswith("Bearer")
        client.ask(200, "GET", "/v1/communities")
        client.ask(404, "GET", HOME)


def test_the_token_lets_its_bearer_write(tmp_path: Path) -> None:
    with inside(Settings(home=tmp_path, api_token=SecretStr("geheim"))) as client:
        client.ask(201, "PUT", f"{HOME}/problem", tiny().model_dump_json().encode(), Authorization="Bearer geheim")


def test_pages_show_the_release_in_force(client: Inside) -> None:
    assert client.send("GET", "/c/tiny/").status_code == 404
    round = client.put(tiny())
    round = client.set_times(round, "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")
    client.release(client.solve(round), 0)
    page = client.send("GET", "/c/tiny/?as_of=2026-09-07")
    assert page.status_code == 200
    assert "19:00" in page.text


def test_the_root_leads_to_what_is_released(client: Inside) -> None:
    assert "还没有已发布的安排" in client.send("GET", "/").text
    round = client.put(tiny())
    round = client.set_times(round, "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")
    assert "还没有已发布的安排" in client.send("GET", "/").text
    client.release(client.solve(round), 0)
    # The client follows: the only community's week.
    week = client.send("GET", "/?lang=en")
    assert (week.status_code, week.url.path, week.url.query) == (200, "/c/tiny/", b"lang=en")
