"""Real sockets: clients that hold on to what they have starve nobody; and how the service stops."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.inside import tiny
from tests.api.running import Running, client_of, running

MOST = 60
PATIENCE_SECONDS = 60
"""So long a test waits for what must come; it says nothing about how soon it does."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    limits = {
        "GONGSHI_MOST_CONNECTIONS": str(MOST),
        "GONGSHI_SLOW_SECONDS": "2",
        "GONGSHI_MOST_IMPORT_BYTES": "1000000",
    }
    with running(tmp_path_factory.mktemp("server"), **limits) as server:
        yield server


def connected(server: Running, send: bytes = b"") -> socket.socket:
    client = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_SECONDS)
    client.sendall(send)
    return client


def answer_of(client: socket.socket) -> bytes:
    """Whatever comes until the server closes."""
    found = b""
    with contextlib.suppress(ConnectionError):
        while piece := client.recv(65_536):
            found += piece
    client.close()
    return found


def status_of(client: socket.socket) -> int:
    return int(answer_of(client).split(b" ", 2)[1])


HALF_HEAD = b"GET /v1/communities HTTP/1.1\r\nHost: here\r\nX-More: "
HALF_BODY = (
    b"PUT /v1/communities/tiny/problem HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
    b'Content-Length: 500000\r\n\r\n{"format": '
)
HALF_CHUNK = HALF_BODY.replace(b"Content-Length: 500000", b"Transfer-Encoding: chunked").replace(b"{", b"400\r\n{")


def test_others_are_served_while_many_hold_half_requests(server: Running) -> None:
    """Four times as many connections as there may be; each new client still gets its answer."""
    held = [connected(server, half) for _ in range(MOST * 4 // 3) for half in (HALF_HEAD, HALF_BODY, HALF_CHUNK)]
    stop = threading.Event()

    def drip() -> None:
        while not stop.wait(0.3):
            for client in held:
                with contextlib.suppress(OSError):
                    client.send(b"x")

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        for _ in range(30):
            # A connection of its own each time.
            assert httpx.get(f"{server.url}/v1/communities", timeout=PATIENCE_SECONDS).status_code == 200
            path = f"{server.url}/v1/communities/none/problem"
            assert httpx.put(path, json={}, timeout=PATIENCE_SECONDS).status_code == 422
    finally:
        stop.set()
        dripping.join()
        for client in held:
            client.close()


def test_half_a_head_is_given_up_even_when_it_drips(server: Running) -> None:
    silent, dripping = connected(server, HALF_HEAD), connected(server, HALF_HEAD)
    with contextlib.suppress(ConnectionError):
        while True:
            dripping.settimeout(0.2)
            try:
                assert dripping.recv(100) == b""
                break
            except TimeoutError:
                dripping.sendall(b"x")
    dripping.close()
    assert answer_of(silent) == b""


@pytest.mark.parametrize("half", [HALF_BODY, HALF_CHUNK])
def test_half_a_body_is_given_up_and_told_so(server: Running, half: bytes) -> None:
    answer = answer_of(connected(server, half))
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "too_slow"


def test_an_answer_that_nobody_fetches_is_given_up(server: Running) -> None:
    """Many requests on one connection, and none of the answers is read."""
    number = 40
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(PATIENCE_SECONDS)
    client.connect(("127.0.0.1", server.port))
    client.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: here\r\n\r\n" * number)
    while under_way(server) == 1:
        pass  # The server has not begun yet: only the question itself is under way.
    while under_way(server) > 1:
        pass
    assert answer_of(client).count(b"HTTP/1.1 200") < number


def under_way(server: Running) -> int:
    found = re.search(r"^gongshi_requests_under_way (\d+)", httpx.get(f"{server.url}/metrics").text, re.MULTILINE)
    assert found
    return int(found[1])


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /healthz HTTP/1.1\r\nHost: here\r\nX-Long: " + b"x" * 20_000 + b"\r\n\r\n", 431),
        (b"GET /healthz HTTP/1.1\r\nHost: here\r\nX-Long: " + b"x" * 80_000, 431),
        (b"GET /healthz HTTP/1.1\r\nHost: here\r\n" + b"X: y\r\n" * 20_000, 431),
        (b"GET /" + b"x" * 9_000 + b" HTTP/1.1\r\nHost: here\r\n\r\n", 414),
        (HALF_BODY.replace(b"500000", b"20000001"), 413),
        (HALF_BODY.replace(b"500000", b"9" * 30), 413),
        (HALF_CHUNK.replace(b"400\r\n{", b"200000\r\n{") + b" " * 1_100_000, 413),
        (b"\x00\x01\x02\r\n\r\n", 400),
        (HALF_BODY.replace(b"500000", b"-1"), 400),
    ],
    ids=["headers", "endless header", "many headers", "address", "length", "huge length", "chunks", "no http", "minus"],
)
def test_what_is_too_large_is_refused_on_the_wire(server: Running, sent: bytes, status: int) -> None:
    client = connected(server)
    with contextlib.suppress(ConnectionError):
        client.sendall(sent)
    # `connection: close` goes with each of these, so that the answer ends.
    found = status_of(client)
    assert found == status or (found in {400, 413} and status == 413 and b"9" * 30 in sent)


def test_a_request_under_way_is_ended_before_the_service_is(tmp_path: Path) -> None:
    with running(tmp_path, GONGSHI_SHUTDOWN_SECONDS="60") as server, client_of(server) as http:
        body = tiny().model_dump_json().encode()
        head = HALF_BODY.partition(b"\r\n\r\n")[0].replace(b"500000", str(len(body)).encode()) + b"\r\n\r\n"
        put = http.put("/v1/communities/tiny/problem", content=body, headers={"Content-Type": "application/json"})
        assert put.status_code == 201
        client = connected(server, head + body[:50])
        idle, half = connected(server), connected(server, HALF_HEAD)
        # It is being read: the service has answered somebody else since.
        assert http.get("/healthz").status_code == 200
        assert server.process is not None
        server.process.send_signal(signal.SIGTERM)
        assert answer_of(idle) == b""
        assert answer_of(half) == b""
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{server.url}/healthz", timeout=PATIENCE_SECONDS)
        client.sendall(body[50:])
        assert b" 200 OK" in answer_of(client).partition(b"\r\n")[0]
        assert server.process.wait(PATIENCE_SECONDS) == 0


def test_a_request_that_never_ends_does_not_keep_the_service(tmp_path: Path) -> None:
    with running(tmp_path, GONGSHI_SHUTDOWN_SECONDS="1", GONGSHI_SLOW_SECONDS="600") as server:
        client = connected(server, HALF_BODY)
        assert httpx.get(f"{server.url}/healthz").status_code == 200
        assert server.process is not None
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE_SECONDS) == 0
        answer_of(client)
