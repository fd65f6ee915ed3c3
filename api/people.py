"""The command `gongshi people`: who has an account, and what they are; also the first administrator."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from api.terminal import fail, say, settings_of

if TYPE_CHECKING:
    import sqlalchemy as sa

    from api.flow.rounds import Deed
    from api.settings import Settings
    from api.store import Store
    from api.store.people import Row

REFUSED = 1
CALLER = "command"

app = typer.Typer(help="People with an account, and what they may do (docs/rights.md).", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="With which the person signs in.")]
Role = Annotated[str, typer.Argument(help="Such as community_manager; docs/rights.md lists them.")]
Where = Annotated[str, typer.Option(help="Id of the community; none: all.")]
Site = Annotated[str, typer.Option(help="Id of the site; none: the whole community.")]
Subject = Annotated[str, typer.Option("--for", help="A delegate's applicant, an operator's owner.")]


def register(parent: typer.Typer) -> None:
    """Add the commands below `people`."""
    parent.add_typer(app, name="people")


def prepare(settings: Settings) -> bool:
    """Bring the database to its present form, make the first person where there is none, and say so, this once.

    Returns:
        Whether the database was of an older form.
    """
    from api import clock
    from api.flow.people import first_administrator
    from api.store import Store, migrate

    store = Store(settings.database)
    changed = migrate(store)
    made = first_administrator(store, clock.now())
    store.close()
    if made is not None:
        name, password = made
        say(
            f"已建立第一个管理员：姓名 {name}，密码 {password}。只显示这一次，请登录后修改（工作台 → 修改密码）",
            f"the first administrator: name {name}, password {password} (shown this once; sign in and change it)",
            error=True,
        )
    return changed


@contextmanager
def _store() -> Iterator[Store]:
    """The migrated store; what is refused is said, and ends the command."""
    from api.errors import Refused
    from api.store import Store, migrate

    store = Store(settings_of().database)
    try:
        migrate(store)
        yield store
    except Refused as refusal:
        fail(REFUSED, refusal.sentence.zh, refusal.sentence.en)
    finally:
        store.close()


def _password(name: str) -> str:
    """The hash of what is typed, twice, or of the first line of what is piped in; arguments could be seen by others."""
    from api.flow.people import hash_of, refuse_password

    if sys.stdin.isatty():
        told = typer.prompt("密码 password", hide_input=True, confirmation_prompt=True)
    else:
        told = sys.stdin.readline().rstrip("\n")
    refuse_password(told, name)
    return hash_of(told)


@app.command()
def add(
    name: Name,
    email: Annotated[str | None, typer.Option(help="Where one-time codes would go.")] = None,
    *,
    no_password: Annotated[bool, typer.Option("--no-password", help="No sign-in by password.")] = False,
) -> None:
    """Add a person, without any role. The password is asked for, or read from standard input."""
    from api.flow.people import add_person

    with _store() as store:
        hashed = None if no_password else _password(name)
        with store.writing() as tx:
            row = add_person(tx, name, email=email, password=hashed, deed=_deed())
        say(f"已添加 {name}（{row.id}）", f"added {name} ({row.id})")


@app.command("list")
def show() -> None:
    """List people, and what each is."""
    from api.store import people

    with _store() as store, store.reading() as tx:
        for row in people.people(tx):
            if row.erased_at is not None:
                continue
            state = "" if row.active else " (inactive)"
            say(f"{row.name}{state}", f"{row.name}{state}")
            for each in people.grants(tx, row.id):
                place = " ".join(filter(None, (each.community or "*", each.site, each.subject)))
                say(f"  {each.role} {place}", f"  {each.role} {place}")


@app.command()
def grant(name: Name, role: Role, *, community: Where = "", site: Site = "", subject: Subject = "") -> None:
    """Let a person be something somewhere."""
    from api import rights
    from api.flow.people import grant as give

    if role not in list(rights.Role):
        fail(REFUSED, f"没有角色“{role}”", f"there is no role {role!r}; there are {', '.join(rights.Role)}")
    with _store() as store, store.writing() as tx:
        row = _known(tx, name)
        where = {"community": community, "site": site, "subject": subject}
        give(tx, row.id, rights.Role(role), **where, deed=_deed())
        say(f"{name} 现在是 {role}", f"{name} is {role}")


@app.command()
def revoke(name: Name, role: Role, *, community: Where = "", site: Site = "", subject: Subject = "") -> None:
    """Take a role away: just the one that was given so."""
    from api.flow.people import revoke as take
    from api.store import people

    with _store() as store, store.writing() as tx:
        row = _known(tx, name)
        what = (role, community, site, subject)
        found = [e for e in people.grants(tx, row.id) if (e.role, e.community, e.site, e.subject) == what]
        if not found:
            fail(REFUSED, f"{name} 没有这项角色", f"{name} has no such role")
        take(tx, row.id, found[0].id, deed=_deed())
        say(f"{name} 不再是 {role}", f"{name} is {role} no more")


@app.command()
def password(name: Name) -> None:
    """Set a new password; whoever is signed in as this person is signed out."""
    from api.flow.people import change_person

    with _store() as store:
        hashed = _password(name)
        with store.writing() as tx:
            change_person(tx, _known(tx, name).id, deed=_deed(), password=hashed)
        say(f"{name} 的密码已更换", f"{name} has a new password")


@app.command()
def deactivate(name: Name) -> None:
    """Let a person in no more; what they did stays in the log."""
    from api.flow.people import change_person

    with _store() as store, store.writing() as tx:
        change_person(tx, _known(tx, name).id, deed=_deed(), active=False)
        say(f"{name} 已停用", f"{name} is no longer active")


@app.command()
def export(name: Name) -> None:
    """Print everything that is kept of a person, as JSON (docs/privacy.md)."""
    from api.flow.people import told_of

    with _store() as store, store.reading() as tx:
        text = json.dumps(told_of(tx, _known(tx, name).id), ensure_ascii=False, indent=1)
    say(text, text)


@app.command()
def erase(name: Name) -> None:
    """Take out whatever says who a person is; what they did stays in the log under a bare id. It cannot be undone."""
    from api.flow.people import erase as take_out

    with _store() as store, store.writing() as tx:
        take_out(tx, _known(tx, name).id, deed=_deed())
        say(f"已删除 {name} 的个人信息", f"{name} was erased")


def _deed() -> Deed:
    from api import clock
    from api.flow.rounds import Deed

    return Deed(CALLER, clock.now())


def _known(tx: sa.Connection, name: str) -> Row:
    from api.store import people

    row = people.person_called(tx, name)
    if row is None:
        fail(REFUSED, f"没有账号“{name}”", f"nobody is called {name!r}")
    return row
