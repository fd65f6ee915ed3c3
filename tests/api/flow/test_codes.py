"""One-time codes: sent to whoever has an address, good once and for ten minutes."""

from __future__ import annotations

import json
import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from api.errors import Refused
from api.flow.codes import LASTS, MOST_SENT, FileSender, SmtpSender, ask_code, sender_of, sign_in_by_code
from api.flow.people import add_person
from api.flow.rounds import Deed
from api.rights import Role
from api.settings import Settings
from api.store import Store, people
from api.store.people import Row
from tests.api.inside import Inside, inside, tiny
from tests.api.web.test_account import DESK, NOW, post

SECRET = b"s" * 32
EMAIL = "li@example.org"


def added(store: Store, name: str = "李书记", email: str | None = EMAIL) -> Row:
    with store.writing() as tx:
        row = add_person(tx, name, email=email, password=None, deed=Deed("test", NOW))
        people.add_grant(tx, row.id, Role.AUDITOR, caller="test", now=NOW)
    return row


class Box(list[tuple[str, str]]):
    """Keeps what is sent: to whom, and the code."""

    def send(self, to: str, subject: str, text: str) -> None:
        found = re.match(r"\d{8}\b", text)
        assert found is not None
        self.append((to, found[0]))


def asked(store: Store, box: Box, name: str = "李书记", address: str = "192.0.2.1") -> None:
    ask_code(store, box, SECRET, name, address=address, now=NOW)()


def test_a_code_is_good_once_and_for_ten_minutes(store: Store) -> None:
    row, box = added(store), Box()
    asked(store, box)
    [(to, code)] = box
    assert to == EMAIL
    for late in (LASTS, LASTS + timedelta(seconds=1)):
        with pytest.raises(Refused, match="code_failed"):
            sign_in_by_code(store, SECRET, "李书记", code, address="", now=NOW + late)
    assert sign_in_by_code(store, SECRET, "李书记", code, address="", now=NOW + LASTS / 2).id == row.id
    with pytest.raises(Refused, match="code_failed"):
        sign_in_by_code(store, SECRET, "李书记", code, address="", now=NOW)


def test_a_new_code_takes_the_place_of_the_one_before_and_is_of_one_person(store: Store) -> None:
    box = Box()
    added(store)
    added(store, "王书记", "wang@example.org")
    asked(store, box)
    asked(store, box)
    asked(store, box, "王书记")
    first, second, other = (code for _, code in box)
    for wrong in {first, other} - {second}:
        with pytest.raises(Refused, match="code_failed"):
            sign_in_by_code(store, SECRET, "李书记", wrong, address="", now=NOW)
    sign_in_by_code(store, SECRET, "李书记", second, address="", now=NOW)


def test_nobody_and_whoever_has_no_address_is_sent_nothing(store: Store) -> None:
    box = Box()
    added(store, "无邮箱", None)
    gone = added(store, "已停用")
    with store.writing() as tx:
        people.change_person(tx, gone.id, active=False)
    for name in ("没有此人", "无邮箱", "已停用"):
        asked(store, box, name)
    assert box == []


def test_neither_sending_nor_guessing_goes_on_for_ever(store: Store) -> None:
    box = Box()
    added(store)
    for _ in range(MOST_SENT):
        asked(store, box)
    with pytest.raises(Refused, match="too_many_attempts"):
        asked(store, box, address="192.0.2.2")
    for place in range(5):
        with pytest.raises(Refused, match="code_failed"):
            sign_in_by_code(store, SECRET, "李书记", "x", address=f"192.0.2.{place}", now=NOW)
    with pytest.raises(Refused, match="too_many_attempts"):
        sign_in_by_code(store, SECRET, "李书记", box[-1][1], address="192.0.2.9", now=NOW)


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Inside]:
    with inside(Settings(home=tmp_path / "home")) as client:
        client.put(tiny())
    settings = Settings(home=tmp_path / "home", sign_in="always", codes_by=SecretStr(f"file:{tmp_path / 'sent'}"))
    with inside(settings) as client:
        yield client


def test_at_the_desk(guarded: Inside, tmp_path: Path) -> None:
    store = Store(guarded.settings.database)
    added(store)
    store.close()
    known, unknown = post(guarded, "/sign-in/code", 200, name="李书记"), post(guarded, "/sign-in/code", 200, name="无")
    assert known.text.replace("李书记", "无") == unknown.text
    [line] = (tmp_path / "sent").read_text(encoding="utf-8").splitlines()
    assert (tmp_path / "sent").stat().st_mode & 0o077 == 0
    code = json.loads(line)["text"][:8]
    post(guarded, "/sign-in", 401, name="李书记", code="x")
    post(guarded, "/sign-in", 303, name="李书记", code=f" {code[:4]} {code[4:]}")
    assert "李书记" in guarded.http.get(DESK).text


def test_without_a_sender_there_are_no_codes(tmp_path: Path) -> None:
    with inside(Settings(home=tmp_path / "home", sign_in="always")) as client:
        assert "验证码" not in client.http.get(f"{DESK}/sign-in").text
        post(client, "/sign-in/code", 404, name="李书记")
    with pytest.raises(ValidationError):
        Settings(home=tmp_path, codes_by=SecretStr("http://example.org"))


class Mail(socketserver.StreamRequestHandler):
    """As much of an SMTP server (RFC 5321) as one message takes; it offers no encryption."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = iter(self.rfile.readline, b".\r\n")
                vars(self.server)["received"].append(b"".join(lines).decode())
            self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"QUIT":
                return


@contextmanager
def mail() -> Iterator[tuple[int, list[str]]]:
    with socketserver.TCPServer(("127.0.0.1", 0), Mail) as server:
        received: list[str] = []
        vars(server)["received"] = received
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1], received
        server.shutdown()
        thread.join()


def test_by_mail(tmp_path: Path) -> None:
    with mail() as (port, received):
        settings = Settings(home=tmp_path, codes_by=SecretStr(f"smtp://127.0.0.1:{port}"), mail_from="c@example.org")
        sender = sender_of(settings)
        assert isinstance(sender, SmtpSender)
        sender.send(EMAIL, "验证码", "12345678")
        assert len(received) == 1
        assert {"From: c@example.org", f"To: {EMAIL}"} <= set(received[0].splitlines())
        with_password = SmtpSender(f"smtp://user:secret@127.0.0.1:{port}", "c@example.org")
        with pytest.raises(OSError, match="no encryption"):
            with_password.send(EMAIL, "验证码", "12345678")
        with pytest.raises(ValueError, match="linefeed"):
            sender.send(f"{EMAIL}\nBcc: others@example.org", "验证码", "12345678")
        assert len(received) == 1
    assert "secret" not in repr(settings)


def test_a_message_to_a_file_is_a_line(tmp_path: Path) -> None:
    for text in ("一\n二", "三"):
        FileSender(tmp_path / "sent").send(EMAIL, "s", text)
    lines = (tmp_path / "sent").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["text"] for line in lines] == ["一\n二", "三"]
