"""People with an account, what they may do, and sign-ins that failed."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from api.rights import Role
from api.store.people_tables import one_time_code, person, person_applicant, person_grant, sign_in_failure

Row = sa.Row[Any]


def add_person(tx: sa.Connection, name: str, *, email: str | None, password: str | None, now: datetime) -> Row:
    """A new person; `password` is the hash."""
    id = f"p-{secrets.token_hex(8)}"
    row = {"id": id, "name": name, "email": email, "password": password, "active": True, "session": 1, "created": now}
    tx.execute(person.insert().values(**row))
    return tx.execute(sa.select(person).where(person.c.id == id)).one()


def find_person(tx: sa.Connection, id: str) -> Row | None:
    """One person."""
    return tx.execute(sa.select(person).where(person.c.id == id)).one_or_none()


def person_called(tx: sa.Connection, name: str) -> Row | None:
    """The person of a name, which is unique."""
    return tx.execute(sa.select(person).where(person.c.name == name)).one_or_none()


def people(tx: sa.Connection) -> Sequence[Row]:
    """Everybody, oldest first."""
    return tx.execute(sa.select(person).order_by(person.c.created, person.c.id)).all()


def nobody_yet(tx: sa.Connection) -> bool:
    """Whether no person was ever made."""
    return tx.execute(sa.select(person.c.id).limit(1)).one_or_none() is None


def change_person(tx: sa.Connection, id: str, **values: object) -> None:
    """Set columns. Whatever changes, sessions that were begun before are over."""
    tx.execute(person.update().where(person.c.id == id).values(session=person.c.session + 1, **values))


def replace_hash(tx: sa.Connection, id: str, before: str, after: str) -> None:
    """The same password, hashed with today's parameters; sessions go on."""
    tx.execute(person.update().where(person.c.id == id, person.c.password == before).values(password=after))


def grants(tx: sa.Connection, of: str | None = None) -> Sequence[Row]:
    """What a person is, or everybody, oldest first."""
    query = sa.select(person_grant).order_by(person_grant.c.created, person_grant.c.id)
    return tx.execute(query if of is None else query.where(person_grant.c.person == of)).all()


def add_grant(
    tx: sa.Connection,
    of: str,
    role: Role,
    *,
    community: str = "",
    site: str = "",
    subject: str = "",
    caller: str,
    now: datetime,
) -> Row:
    """Let a person be something somewhere; what they are already stays as it is."""
    what = {"person": of, "role": role, "community": community, "site": site, "subject": subject}
    same = sa.select(person_grant).where(*(person_grant.c[name] == value for name, value in what.items()))
    if tx.execute(same).one_or_none() is None:
        id = f"g-{secrets.token_hex(8)}"
        tx.execute(person_grant.insert().values(id=id, caller=caller, created=now, **what))
    return tx.execute(same).one()


def revoke_grant(tx: sa.Connection, of: str, id: str) -> bool:
    """Take a grant away; False when the person has none of this id."""
    mine = (person_grant.c.person == of) & (person_grant.c.id == id)
    return bool(tx.execute(person_grant.delete().where(mine)).rowcount == 1)


def applicants_of(tx: sa.Connection, of: str) -> Sequence[Row]:
    """The applicants that a person belongs to: rows of community and applicant."""
    query = sa.select(person_applicant).where(person_applicant.c.person == of)
    return tx.execute(query.order_by(person_applicant.c.community, person_applicant.c.applicant)).all()


def set_applicants(tx: sa.Connection, of: str, where: Sequence[tuple[str, str]]) -> None:
    """Say anew which applicants (community, applicant) a person belongs to."""
    tx.execute(person_applicant.delete().where(person_applicant.c.person == of))
    for community, applicant in dict.fromkeys(where):
        tx.execute(person_applicant.insert().values(person=of, community=community, applicant=applicant))


def keep_code(tx: sa.Connection, of: str, hash: str, until: datetime) -> None:
    """Keep the hash of a code; the one before opens nothing any more."""
    forget_code(tx, of)
    tx.execute(one_time_code.insert().values(person=of, hash=hash, until=until))


def forget_code(tx: sa.Connection, of: str) -> None:
    """Whatever was sent opens nothing any more."""
    tx.execute(one_time_code.delete().where(one_time_code.c.person == of))


def use_code(tx: sa.Connection, of: str, hash: str, now: datetime) -> bool:
    """Use a code up; False when it is another, used up or too old. Of two who use it at once, one does."""
    mine = (one_time_code.c.person == of) & (one_time_code.c.hash == hash) & (one_time_code.c.until > now)
    return bool(tx.execute(one_time_code.delete().where(mine)).rowcount == 1)


def attempt(tx: sa.Connection, kind: str, who: str, now: datetime, within: timedelta) -> tuple[int, datetime]:
    """Count one more sign-in, before it is known how it ends: how many in this while, and since when.

    Counted first, so that a thousand guesses at once are a thousand.
    """
    subject = _hidden(kind, who)
    tx.execute(sign_in_failure.delete().where(sign_in_failure.c.since <= now - within))
    mine = sign_in_failure.c.subject == subject
    more = sign_in_failure.update().where(mine).values(failures=sign_in_failure.c.failures + 1)
    if tx.execute(more).rowcount == 0:
        try:
            with tx.begin_nested():
                tx.execute(sign_in_failure.insert().values(subject=subject, failures=1, since=now))
        except sa.exc.IntegrityError:
            tx.execute(more)  # Another was first at this moment.
    row = tx.execute(sa.select(sign_in_failure).where(mine)).one()
    return row.failures, row.since


def forget_attempts(tx: sa.Connection, kind: str, who: str) -> None:
    """A sign-in that went well ends the count of the name."""
    tx.execute(sign_in_failure.delete().where(sign_in_failure.c.subject == _hidden(kind, who)))


def take_back(tx: sa.Connection, kind: str, who: str) -> None:
    """A sign-in that went well does not count; those that failed from the same address go on to."""
    mine = (sign_in_failure.c.subject == _hidden(kind, who)) & (sign_in_failure.c.failures > 0)
    tx.execute(sign_in_failure.update().where(mine).values(failures=sign_in_failure.c.failures - 1))


def _hidden(kind: str, who: str) -> str:
    """What is kept of the name or address: people type passwords into the field for names."""
    return f"{kind}:{hashlib.sha256(who.encode()).hexdigest()[:40]}"
