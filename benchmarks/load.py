"""How much one core serves: calendars (304, and a 450 kB one as gzip) and a read of the API, beside nginx.

    python -m benchmarks.load [--seconds S] [--rounds N]

nginx serves the same bytes from files, in the same run and on the same core, turn by turn; wrk asks from another core,
on the loopback. What counts is the ratio, since machines differ: the floors are 12,000 a second where nginx gives
50,000 (304), and 6,000 where it gives 40,000 (gzip). Both programs are started by this one; they are Debian's `nginx`
and `wrk`. The exit code is 1 where a floor is not reached.
"""

from __future__ import annotations

import argparse
import gzip
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import results

PROBLEM = Path(__file__).parents[1] / "fixtures/badahu/problem.json"
FEED = "/c/badahu/calendars/community/badahu.ics"
READ = "/v1/communities/badahu/spaces"
FEED_BYTES = 450_000
CONNECTIONS = 32
FLOORS = {"304": 12_000 / 50_000, "gzip": 6_000 / 40_000}
"""Share of nginx's rate that is to be reached."""

NGINX = """
worker_processes 1; error_log stderr error; pid {folder}/pid; daemon off;
events {{ worker_connections 1024; }}
http {{
    access_log off; keepalive_requests 1000000; open_file_cache max=10 inactive=1h; open_file_cache_valid 1h;
    client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
    server {{
        listen 127.0.0.1:{port}; root {folder};
        location = /gzip {{ add_header Content-Encoding gzip; default_type text/calendar; }}
        location = /304 {{ default_type text/calendar; }}
        location = /api {{ default_type application/json; }}
    }}
}}
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked for: of us, of nginx, with which headers; and the size that one answer has."""

    name: str
    path: str
    headers: dict[str, str]


def body_of(size: int) -> bytes:
    """A calendar of at least so many bytes, each event with texts of its own."""
    head, tail = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//gongshi//load//\r\n", "END:VCALENDAR\r\n"
    parts, length, number = [head], len(head) + len(tail), 0
    while length < size:
        when = f"202609{number % 28 + 1:02}T{number % 13 + 8:02}0000Z"
        event = (
            f"BEGIN:VEVENT\r\nUID:{number * 2654435761 % 2**32:08x}-{number}@gongshi\r\nDTSTAMP:{when}\r\n"
            f"DTSTART:{when}\r\nDURATION:PT90M\r\nSEQUENCE:{number % 5}\r\nSUMMARY:合唱队排练 {number}\r\n"
            f"LOCATION:{number % 30} 号活动室\r\nEND:VEVENT\r\n"
        )
        parts.append(event)
        length += len(event.encode())
        number += 1
    return "".join([*parts, tail]).encode()


def put_feed(url: str, body: bytes) -> None:
    """The calendar of the whole community, as a release would leave it."""
    from api import clock
    from api.store import Store
    from api.store.feeds import replace_feeds

    row = {"community": "badahu", "scope": "community", "id": "badahu", "number": 1, "body": body}
    packed = {"gzip_body": gzip.compress(body, 6, mtime=0), "etag": '"load"', "gzip_etag": '"load-gzip"'}
    with closing(Store(url)) as store, store.writing() as tx:
        replace_feeds(tx, "badahu", [{**row, **packed, "last_modified": clock.now()}])


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(*command: str, core: int, environment: dict[str, str] | None = None) -> Iterator[None]:
    """A program on one core, killed at the end."""
    started = subprocess.Popen(["taskset", "-c", str(core), *command], env=environment)
    try:
        yield
    finally:
        started.terminate()
        started.wait()


def fetched(url: str, headers: dict[str, str] | None = None, put: bytes | None = None) -> bytes:
    """An answer that is no error; asked again for twenty seconds while nobody listens."""
    request = urllib.request.Request(url, put, headers or {}, method="GET" if put is None else "PUT")  # noqa: S310 - the loopback
    limit = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310 - the loopback
                body: bytes = answer.read()
                return body
        except urllib.error.URLError:
            if time.monotonic() > limit:
                raise
            time.sleep(0.1)


def rate_of(told: str) -> float:
    """Answers a second, from what wrk says; an answer that was an error makes the whole worthless."""
    if "Non-2xx or 3xx" in told or "Socket errors" in told:
        raise ValueError(told)
    found = re.search(r"Requests/sec:\s+([\d.]+)", told)
    if found is None:
        raise ValueError(told)
    return float(found[1])


def asked_for(url: str, headers: dict[str, str], *, seconds: int, core: int) -> float:
    """Answers a second that wrk got."""
    named = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    command = ["taskset", "-c", str(core), "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", *named, url]
    return rate_of(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def measured(asked: argparse.Namespace, ours: str, theirs: str, etag: str) -> list[dict[str, Any]]:
    """The medians of each subject, turn by turn, so that what else the machine does meets both."""
    subjects = (
        Subject("304", FEED, {"If-None-Match": '"load"'}),
        Subject("gzip", FEED, {"Accept-Encoding": "gzip"}),
        Subject("api", READ, {}),
    )
    rows = []
    for each in subjects:
        beside = {"If-None-Match": etag} if each.name == "304" else {}
        turns: dict[str, list[float]] = {"gongshi": [], "nginx": []}
        for _ in range(asked.rounds):
            turns["gongshi"].append(asked_for(ours + each.path, each.headers, seconds=asked.seconds, core=1))
            turns["nginx"].append(asked_for(f"{theirs}/{each.name}", beside, seconds=asked.seconds, core=1))
        ratio = median(turns["gongshi"]) / median(turns["nginx"])
        row = {"subject": each.name, **{name: round(median(rates)) for name, rates in turns.items()}}
        rows.append({**row, "ratio": ratio, "floor": FLOORS.get(each.name), "turns": turns})
    return rows


def main(arguments: list[str] | None = None) -> int:
    """Start both, ask, compare."""
    parser = argparse.ArgumentParser("python -m benchmarks.load", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--seconds", type=int, default=5, help="of each turn (5)")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each (5)")
    results.option(parser)
    asked = parser.parse_args(arguments)
    missing = [each for each in ("nginx", "wrk", "taskset") if shutil.which(each) is None]
    if missing or results.cores() < 2:
        print(f"needs two cores, and {', '.join(missing) or 'nothing else'}", file=sys.stderr)
        return 2
    load = os.getloadavg()[0]
    with ExitStack() as running:
        rows = run(asked, running)
    for row in rows:
        floor = f" (floor {row['floor']:.2f})" if row["floor"] else ""
        print(f"{row['subject']:5} {row['gongshi']:>7,}/s  nginx {row['nginx']:>7,}/s  ratio {row['ratio']:.2f}{floor}")
    print(f"load of the machine before: {load:.1f}")
    results.keep("load", asked, rows, load_before=load)
    return int(any(row["floor"] and row["ratio"] < row["floor"] for row in rows))


def run(asked: argparse.Namespace, running: ExitStack) -> list[dict[str, Any]]:
    """The service on its own database, nginx on files of the same bytes, both on core 0."""
    folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="gongshi-load-")))
    folder.chmod(0o755)
    port, other = free_port(), free_port()
    ours, theirs = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{other}"
    environment = {**os.environ, "GONGSHI_HOME": str(folder / "home"), "GONGSHI_DATABASE_URL": ""}
    environment.pop("GONGSHI_API_TOKEN", None)
    serve = ["-m", "uvicorn", "api.app:create_app", "--factory", "--port", str(port), "--no-access-log",
             "--log-level", "warning", "--no-server-header"]  # fmt: skip
    running.enter_context(process(sys.executable, *serve, core=0, environment=environment))
    fetched(f"{ours}/healthz")
    stated = {"Content-Type": "application/json"}
    fetched(f"{ours}/v1/communities/badahu/problem", stated, PROBLEM.read_bytes())
    body = body_of(FEED_BYTES)
    put_feed(f"sqlite:///{folder / 'home' / 'gongshi.sqlite'}", body)
    packed = fetched(ours + FEED, {"Accept-Encoding": "gzip"})
    if gzip.decompress(packed) != body:
        raise ValueError("another calendar than was put")
    for name, data in (("304", body), ("gzip", packed), ("api", fetched(ours + READ))):
        (folder / name).write_bytes(data)
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=other))
    running.enter_context(process("nginx", "-p", f"{folder}/", "-c", "nginx.conf", core=0))
    fetched(f"{theirs}/api")
    with urllib.request.urlopen(f"{theirs}/304") as answer:  # noqa: S310 - the loopback
        etag = answer.headers["ETag"]
    return measured(asked, ours, theirs, etag)


if __name__ == "__main__":
    sys.exit(main())
