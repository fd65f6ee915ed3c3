"""People sign in, are given roles and lose them; the first administrator."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from api.errors import Refused, refused
from api.flow.rounds import Deed
from api.rights import FOR_SOMEBODY, OF_A_SITE, OF_THE_SERVICE, Role
from api.store import Store, deeds, parts, people
from api.store.people import Row

FIRST_NAME = "admin"
LEAST_LETTERS, MOST_LETTERS = 10, 200
MOST_OF_A_NAME, MOST_OF_AN_ADDRESS = 5, 50
WITHIN = timedelta(minutes=15)
AT_ONCE = threading.BoundedSemaphore(2)
"""A hash takes 64 MB: more sign-ins at once wait."""

_hasher = PasswordHasher()


def hash_of(password: str) -> str:
    """What is kept of a password: Argon2id with the library's own parameters (RFC 9106)."""
    with AT_ONCE:
        return _hasher.hash(password)


def _is(hashed: str, password: str) -> bool:
    with AT_ONCE:
        try:
            return _hasher.verify(hashed, password)
        except VerificationError:
            return False


@cache
def _of_nobody() -> str:
    return hash_of(secrets.token_hex(16))


def sign_in(store: Store, name: str, password: str, *, address: str, now: datetime) -> Row:
    """The person of a name and a password.

    Raises:
        Refused: one of them is wrong, and nobody is told which: an unknown name takes as long; or there were too many
            attempts for this name or from this address.
    """
    refuse_too_many(store, (("name", name, MOST_OF_A_NAME), ("address", address, MOST_OF_AN_ADDRESS)), now)
    with store.reading() as tx:
        row = people.person_called(tx, name)
    known = row is not None and row.active and row.password is not None
    right = _is(row.password if row is not None and known else _of_nobody(), password[:MOST_LETTERS])
    if row is None or not known or not right:
        raise Refused("sign_in_failed")
    again = hash_of(password) if _hasher.check_needs_rehash(row.password) else None
    with store.writing() as tx:
        people.forget_attempts(tx, "name", name)
        people.take_back(tx, "address", address)
        if again is not None:
            people.replace_hash(tx, row.id, row.password, again)
    return row


def refuse_too_many(store: Store, counted: Iterable[tuple[str, str, int]], now: datetime) -> None:
    """Count an attempt of each kind by each of these, and refuse where there were more than so many in a while."""
    with store.writing() as tx:
        for kind, who, most in counted:
            count, since = people.attempt(tx, kind, who, now, WITHIN)
            if count > most:
                seconds = int((since + WITHIN - now).total_seconds()) + 1
                raise Refused("too_many_attempts", headers={"Retry-After": str(seconds)})


def refuse_password(password: str, name: str) -> None:
    """A password is long, and not the name."""
    if not LEAST_LETTERS <= len(password) <= MOST_LETTERS or name.casefold() in {"", password.casefold()}:
        raise refused(
            "bad_request",
            f"密码应为 {LEAST_LETTERS} 到 {MOST_LETTERS} 个字符，且不能与姓名相同",
            f"a password has {LEAST_LETTERS} to {MOST_LETTERS} characters, and is not the name",
        )


def set_password(store: Store, id: str, password: str, *, deed: Deed) -> None:
    """A new password; whoever is signed in as this person is signed out.

    Raises:
        Refused: there is no such person; the password will not do.
    """
    with store.reading() as tx:
        row = known_person(tx, id)
    refuse_password(password, row.name)
    hashed = hash_of(password)
    with store.writing() as tx:
        change_person(tx, id, deed=deed, password=hashed)


def change_password(store: Store, id: str, before: str, password: str, *, address: str, now: datetime) -> None:
    """The person's own change: whoever sits at a desk that was left open does not know the old one."""
    with store.reading() as tx:
        row = known_person(tx, id)
    sign_in(store, row.name, before, address=address, now=now)
    set_password(store, id, password, deed=Deed(f"person:{id}", now))


def known_person(tx: sa.Connection, id: str) -> Row:
    """The person, or the refusal that there is none."""
    row = people.find_person(tx, id)
    if row is None or row.erased_at is not None:
        raise refused("not_found", f"没有账号“{id}”", f"there is no person {id!r}")
    return row


def add_person(tx: sa.Connection, name: str, *, email: str | None, password: str | None, deed: Deed) -> Row:
    """A new person with a name that nobody has; `password` is the hash."""
    if not 1 <= len(name) <= 100 or not name.isprintable() or name != name.strip():
        raise refused("bad_request", "姓名应为 1 到 100 个字", "a name has 1 to 100 letters")
    if people.person_called(tx, name) is not None:
        raise refused("already_exists", f"已有账号“{name}”", f"{name!r} has an account already")
    row = people.add_person(tx, name, email=email, password=password, now=deed.now)
    deed.note(tx, "", "add_person", row.id)
    return row


def change_person(
    tx: sa.Connection, id: str, *, deed: Deed, applicants: Sequence[tuple[str, str]] | None = None, **values: Any
) -> None:
    """Other columns of the person, who is signed out everywhere; the trail says which, never to what.

    Args:
        tx: the transaction.
        id: the person's.
        deed: who does it, when.
        applicants: (community, applicant) that they belong to; None: as before.
        values: of the columns.
    """
    known_person(tx, id)
    people.change_person(tx, id, **values)
    if applicants is not None:
        people.set_applicants(tx, id, applicants)
    changed = [*sorted(values), *(["applicants"] if applicants is not None else [])]
    deed.note(tx, "", "change_person", " ".join([id, *changed]))


def grant(
    tx: sa.Connection,
    of: str,
    role: Role,
    *,
    community: str = "",
    site: str = "",
    subject: str = "",
    deed: Deed,
) -> Row:
    """Let a person be something somewhere.

    Raises:
        Refused: no such person, community or site; the role is not given so.
    """
    known_person(tx, of)
    refuse_wrong_role(role, community=community, site=site, subject=subject)
    if community and parts.find_community(tx, community) is None:
        raise refused("not_found", f"没有社区“{community}”", f"there is no community {community!r}")
    if site and parts.find_part(tx, community, "site", site) is None:
        raise refused("not_found", f"没有场地“{site}”", f"there is no site {site!r}")
    where = {"community": community, "site": site, "subject": subject}
    row = people.add_grant(tx, of, role, **where, caller=deed.caller, now=deed.now)
    deed.note(tx, community, "add_grant", _given(row))
    return row


def revoke(tx: sa.Connection, of: str, id: str, *, deed: Deed) -> None:
    """Take a role away."""
    row = next((each for each in people.grants(tx, of) if each.id == id), None)
    if row is None or not people.revoke_grant(tx, of, id):
        raise refused("not_found", f"没有这项角色“{id}”", f"there is no grant {id!r}")
    deed.note(tx, row.community, "revoke_grant", _given(row))


def _given(row: Row) -> str:
    return f"{row.person} {row.role}"  # not for whom: the trail outlives whoever is erased


def refuse_wrong_role(role: Role, *, community: str, site: str = "", subject: str = "") -> None:
    """A role is given as it can be had: for somebody, at a site, for all communities."""
    if role is Role.RESIDENT:
        raise refused("bad_request", "居民不需要账号", "residents need no account")
    if (role in FOR_SOMEBODY) != bool(subject):
        zh = "申请单位代表、运营方须注明代表谁（subject），其他角色不注明"
        raise refused("bad_request", zh, "delegates and operators, and no others, name for whom (subject)")
    if site and (role not in OF_A_SITE or not community):
        raise refused("bad_request", "这个角色不能只限于一个场地", "this role is not given for one site")
    if community and role in OF_THE_SERVICE:
        zh, en = "系统、安全、审计管理员不分社区", "administrators are of the whole service, not of a community"
        raise refused("bad_request", zh, en)


def first_administrator(store: Store, now: datetime) -> tuple[str, str] | None:
    """Make the first person, where there is none: the name and the password, which nobody is told again."""
    with store.reading() as tx:
        if not people.nobody_yet(tx):
            return None
    password = secrets.token_urlsafe(12)
    hashed = hash_of(password)
    try:
        with store.writing() as tx:
            if not people.nobody_yet(tx):
                return None
            deed = Deed("first start", now)
            row = add_person(tx, FIRST_NAME, email=None, password=hashed, deed=deed)
            for role in (Role.ADMINISTRATOR, Role.COMMUNITY_MANAGER):
                grant(tx, row.id, role, deed=deed)
    except sa.exc.IntegrityError:
        return None  # Another process was first at this moment.
    return FIRST_NAME, password


def told_of(tx: sa.Connection, id: str) -> dict[str, Any]:
    """Everything that is kept of a person, as a document for them: docs/privacy.md."""
    row = known_person(tx, id)
    return {
        "id": row.id,
        "name": row.name,
        "email": row.email,
        "active": row.active,
        "has_password": row.password is not None,
        "created": row.created.isoformat(),
        "grants": [
            {name: getattr(each, name) for name in ("role", "community", "site", "subject")}
            | {"created": each.created.isoformat()}
            for each in people.grants(tx, id)
        ],
        "applicants": [
            {"community": each.community, "applicant": each.applicant} for each in people.applicants_of(tx, id)
        ],
        "log": [
            {"at": each.at.isoformat(), "community": each.community, "action": each.action, "subject": each.subject}
            for each in deeds.done_by(tx, f"person:{id}")
        ],
    }


def erase(tx: sa.Connection, id: str, *, deed: Deed) -> None:
    """Take out whatever says who a person is. The log goes on to name the id, which then says nothing of anybody."""
    known_person(tx, id)
    for each in people.grants(tx, id):
        people.revoke_grant(tx, id, each.id)
    people.set_applicants(tx, id, ())
    people.forget_code(tx, id)
    people.change_person(tx, id, name=f"erased {id}", email=None, password=None, active=False, erased_at=deed.now)
    deed.note(tx, "", "erase_person", id)
