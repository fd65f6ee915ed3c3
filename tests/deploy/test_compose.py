"""What `deploy/` describes cannot be run in containers here: it is read, and the same processes are started by hand."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.settings import Settings
from tests.api.inside import HOME, LONG_PAST, PAST, tiny
from tests.api.postgres import Postgres
from tests.api.running import Client, ended, free_port

PLACE = Path(__file__).parents[2] / "deploy"
COMPOSE: dict[str, Any] = import_module("yaml").safe_load((PLACE / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
TOKEN = "a token of the manager"
WITHIN_SECONDS = 60


def test_the_services_are_those_that_the_design_names() -> None:
    assert sorted(SERVICES) == ["api", "migrate", "postgres", "proxy", "worker"]
    assert SERVICES["worker"]["command"] == ["gongshi", "worker"]
    assert SERVICES["migrate"]["command"] == ["gongshi", "migrate"]


def test_every_setting_that_it_names_exists() -> None:
    for name in SERVICES["api"]["environment"]:
        assert name.removeprefix("GONGSHI_").lower() in Settings.model_fields, name


def test_the_queue_has_a_database_of_its_own() -> None:
    environment = SERVICES["worker"]["environment"]
    assert environment["GONGSHI_DATABASE_URL"] != environment["GONGSHI_JOBS_URL"]
    assert SERVICES["api"]["environment"] == environment


def test_what_the_image_copies_is_there() -> None:
    lines = (PLACE / "Dockerfile").read_text().splitlines()
    copied = [name for line in lines if line.startswith("COPY ") for name in line.split()[1:-1]]
    assert copied
    assert [name for name in copied if not (PLACE.parent / name).exists()] == []


def test_no_image_names_a_host() -> None:
    """Where images come from is the business of whoever runs it."""
    images = [each["image"] for each in SERVICES.values()]
    images += re.findall(r"^FROM (\S+)", (PLACE / "Dockerfile").read_text(), re.MULTILINE)
    assert [each for each in images if "/" in each] == []


def test_the_bundle_is_for_two_kinds_of_machine() -> None:
    told = subprocess.run([PLACE / "bundle.sh", "sparc"], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (2, "x86_64 or aarch64, not sparc\n")
    assert subprocess.run(["/bin/sh", "-n", PLACE / "bundle.sh"], check=False).returncode == 0


def nginx() -> str:
    """The program; a root gets it installed."""
    if shutil.which("nginx") is None and os.geteuid() == 0:
        subprocess.run(["/usr/bin/apt-get", "update", "-qq"], check=True)
        subprocess.run(["/usr/bin/apt-get", "install", "-y", "-qq", "nginx-light"], check=True)
    found = shutil.which("nginx")
    assert found is not None, "this test needs nginx"
    return found


@contextmanager
def process(*command: str, environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as out:
        started = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
    try:
        yield started
    finally:
        started.kill()
        started.wait()


def until(condition: Any, log: Path) -> None:
    limit = time.monotonic() + WITHIN_SECONDS
    while not condition():
        assert time.monotonic() < limit, log.read_text()
        time.sleep(0.2)


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.long
def test_the_same_processes_do_a_round(tmp_path: Path) -> None:
    """Two web processes, two workers, one PostgreSQL, nginx: a round from its problem to a cached calendar."""
    postgres, log = Postgres(), tmp_path / "log"
    folder = Path(tempfile.mkdtemp(prefix="gongshi-nginx-"))
    folder.chmod(0o755)
    ports, front = [free_port(), free_port()], free_port()
    environment = {
        **os.environ,
        "GONGSHI_HOME": str(tmp_path / "home"),
        "GONGSHI_DATABASE_URL": postgres.fresh(empty=True),
        "GONGSHI_JOBS_URL": postgres.fresh(empty=True),
        "GONGSHI_API_TOKEN": TOKEN,
        "GONGSHI_BASE_URL": f"http://127.0.0.1:{front}",
    }
    assert environment.keys() >= SERVICES["api"]["environment"].keys()
    conf = (PLACE / "nginx.conf").read_text()
    servers = "".join(f"server 127.0.0.1:{port};" for port in ports)
    assert conf.count("server api:8000;") == conf.count("listen 8080;") == 1
    conf = conf.replace("server api:8000;", servers).replace("listen 8080;", f"listen 127.0.0.1:{front};")
    (folder / "nginx.conf").write_text(conf)
    gongshi = [sys.executable, "-m", "api.cli"]
    with ExitStack() as running:
        running.callback(shutil.rmtree, folder, ignore_errors=True)
        running.callback(postgres.close)
        subprocess.run([*gongshi, *SERVICES["migrate"]["command"][1:]], env=environment, check=True)
        for port in ports:
            words = [str(port) if each == "8000" else each for each in SERVICES["api"]["command"][1:]]
            words[words.index("--host") + 1] = "127.0.0.1"
            running.enter_context(process(sys.executable, *words, environment=environment, log=log))
        workers = [
            running.enter_context(
                process(*gongshi, *SERVICES["worker"]["command"][1:], environment=environment, log=log)
            )
            for _ in range(2)
        ]
        server = [nginx(), "-p", f"{folder}/", "-c", "nginx.conf", "-g", f"daemon off; pid {folder}/pid;"]
        running.enter_context(process(*server, environment=environment, log=log))
        front_url = f"http://127.0.0.1:{front}"
        for url in (front_url, *(f"http://127.0.0.1:{port}" for port in ports)):
            until(lambda url=url: answers(url), log)
        workers[0].kill()  # either may have the job; one is enough
        token = {"Authorization": f"Bearer {TOKEN}"}
        with Client(base_url=front_url, timeout=30, headers=token) as client:
            do_a_round(client)
        with httpx.Client(base_url=front_url) as anybody:
            path = "/c/tiny/calendars/spaces/S1.ics"
            first, second = anybody.get(path), anybody.get(path)
            assert (first.status_code, first.headers["x-cache"], second.headers["x-cache"]) == (200, "MISS", "HIT")
            assert first.content == second.content
            assert anybody.get(path, headers={"If-None-Match": first.headers["etag"]}).status_code == 304


def do_a_round(client: Client) -> None:
    client.ask(201, "PUT", f"{HOME}/problem", json.loads(tiny().model_dump_json()))
    [round] = client.ask(200, "GET", f"{HOME}/rounds")["items"]
    told = client.get(f"{HOME}/rounds/{round['id']}")
    times = {"opens_at": LONG_PAST, "closes_at": PAST}
    client.ask(200, "PUT", f"{HOME}/rounds/{round['id']}", told.json() | times, If_Match=told.headers["etag"])
    order = {"round": round["id"], "time_limit_seconds": 20}
    solve = ended(client, f"{HOME}/solves/{client.ask(202, 'POST', f'{HOME}/solves', order)['id']}")
    assert solve["state"] == "done"
    release = client.ask(201, "POST", f"{HOME}/releases", {"proposal": solve["proposal"], "instead_of": 0})
    assert release["number"] == 1
