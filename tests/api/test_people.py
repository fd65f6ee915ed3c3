"""The command `gongshi people`, and the first administrator."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from api.errors import Refused
from api.flow.people import first_administrator, grant, sign_in
from api.flow.rounds import Deed
from api.rights import Role
from api.store import Store, people
from tests.api.web.test_account import NOW

FIRST = re.compile(r"the first administrator: name admin, password (\S+) \(shown this once")


def gongshi(home: Path, *arguments: str, expected: int = 0, typed: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "GONGSHI_HOME": str(home), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", *arguments],
        env=environment,
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == expected, done.stderr
    return done


def test_the_first_start_makes_one_administrator_and_says_so_once(tmp_path: Path) -> None:
    told = FIRST.findall(gongshi(tmp_path, "migrate").stderr)
    again = gongshi(tmp_path, "migrate")
    assert len(told) == 1
    assert not FIRST.search(again.stderr + again.stdout)
    store = Store(f"sqlite:///{tmp_path / 'gongshi.sqlite'}")
    row = sign_in(store, "admin", told[0], address="192.0.2.1", now=NOW)
    with store.reading() as tx:
        assert [each.name for each in people.people(tx)] == ["admin"]
        given = {(each.role, each.community) for each in people.grants(tx, row.id)}
    assert given == {("administrator", ""), ("community_manager", "")}
    store.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert told[0].encode() not in kept


def test_people_are_made_given_roles_and_lose_them(tmp_path: Path) -> None:
    gongshi(tmp_path, "people", "add", "李书记", typed="a long enough password\n")
    gongshi(tmp_path, "people", "grant", "李书记", "operator", "--for", "canteen")
    gongshi(tmp_path, "people", "grant", "李书记", "auditor")
    listed = gongshi(tmp_path, "people", "list").stdout
    assert "李书记\n  operator * canteen\n  auditor *\n" in listed
    gongshi(tmp_path, "people", "revoke", "李书记", "operator", expected=1)
    gongshi(tmp_path, "people", "revoke", "李书记", "operator", "--for", "canteen")
    assert "李书记\n  auditor *\n" in gongshi(tmp_path, "people", "list").stdout
    gongshi(tmp_path, "people", "password", "李书记", typed="a second long password\n")
    gongshi(tmp_path, "people", "password", "李书记", typed="short\n", expected=1)
    store = Store(f"sqlite:///{tmp_path / 'gongshi.sqlite'}")
    sign_in(store, "李书记", "a second long password", address="192.0.2.1", now=NOW)
    store.close()
    gongshi(tmp_path, "people", "deactivate", "李书记")
    assert "李书记 (inactive)" in gongshi(tmp_path, "people", "list").stdout


@pytest.mark.parametrize(
    "wrong",
    [
        ("grant", "admin", "king"),
        ("grant", "nobody", "auditor"),
        ("grant", "admin", "auditor", "--community", "nowhere"),
        ("password", "nobody"),
        ("add", "admin"),
    ],
    ids=" ".join,
)
def test_what_the_command_cannot_do_it_says(tmp_path: Path, wrong: tuple[str, ...]) -> None:
    gongshi(tmp_path, "migrate")
    done = gongshi(tmp_path, "people", *wrong, expected=1, typed="a long enough password\n")
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_there_is_one_first_administrator(store: Store) -> None:
    assert first_administrator(store, NOW) is not None
    assert first_administrator(store, NOW) is None


@pytest.mark.parametrize(
    ("role", "where"),
    [
        (Role.RESIDENT, {}),
        (Role.OPERATOR, {}),
        (Role.DELEGATE, {}),
        (Role.COMMUNITY_MANAGER, {"subject": "canteen"}),
        (Role.COMMUNITY_MANAGER, {"community": "c", "site": "s"}),
        (Role.VOLUNTEER, {"site": "s"}),
        (Role.ADMINISTRATOR, {"community": "c"}),
    ],
)
def test_a_role_is_given_only_as_it_can_be_had(store: Store, role: Role, where: dict[str, str]) -> None:
    with store.writing() as tx:
        row = people.add_person(tx, "x", email=None, password=None, now=NOW)
        with pytest.raises(Refused, match="bad_request"):
            grant(tx, row.id, role, **where, deed=Deed("test", NOW))
        assert people.grants(tx) == []
