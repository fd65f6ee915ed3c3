"""Who asks, and whether they may: the API token of the settings, a key, a person at the desk.

What a role may do is data (`api.rights`). Rights are judged for the community (and site) of the address. A caller who
acts for an owner has that operator's rights and no more.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from api.errors import Refused, refused
from api.rights import MAY, SAID, Permission, Role
from api.settings import Settings
from api.store import Store, keys, people

MOST_OWNER_LETTERS = 50


@dataclass(frozen=True)
class Right:
    """A role, and where it holds.

    Attributes:
        role: what somebody is.
        community: where; empty: in all.
        site: at which site alone; empty: in the whole community.
        subject: a delegate's applicant, an operator's owner.
        only: no more than these permissions of the role; None: all of them.
    """

    role: Role
    community: str = ""
    site: str = ""
    subject: str = ""
    only: frozenset[Permission] | None = None

    def gives(self, permission: Permission) -> bool:
        """Whether the role has this permission, wherever that is. What is for everybody is for every role."""
        if permission is Permission.PUBLIC:
            return True
        return permission in MAY[self.role] and (self.only is None or permission in self.only)

    def holds(self, community: str, site: str = "") -> bool:
        """Whether it holds there; what is of a community as a whole is of no site."""
        return self.community in {"", community} and self.site in {"", site}


EVERYTHING = (Right(Role.ADMINISTRATOR), Right(Role.COMMUNITY_MANAGER))
"""Whoever brings the token of the settings, and everybody where the door stands open."""


@dataclass(frozen=True)
class Caller:
    """Who asks.

    Attributes:
        name: the name for the log; repeated requests are told apart by it.
        rights: what they are, and where.
        owner: the owner for whom they act; empty: in their own right.
        communities: those that they may act in, as far as was asked; None: all.
        applicants: those for whom a delegate asks; None: whoever acts is no delegate.
        person: the id of a person with an account; empty: a program.
    """

    name: str
    rights: tuple[Right, ...] = ()
    owner: str = ""
    communities: frozenset[str] | None = None
    applicants: frozenset[str] | None = None
    person: str = ""


@dataclass(frozen=True)
class Place:
    """What an address is about: a community, perhaps one of its sites; none: the service, or many communities.

    Attributes:
        anywhere: rights in any community will do; what is done in each is judged line by line.
    """

    community: str | None = None
    site: str = ""
    anywhere: bool = False


def caller_of(settings: Settings, store: Store, authorization: str | None, now: datetime, *, owner: str = "") -> Caller:
    """Who makes a request, by its headers.

    Args:
        settings: with the token, if there is one, and whether the door stands open.
        store: where the keys are.
        authorization: the header.
        now: the moment.
        owner: the header X-Gongshi-Owner: whoever names an owner has no more rights than that operator.

    Raises:
        Refused: this is neither the token that the settings name nor a valid key; they may not act for the owner;
            the owner's name will not do.
    """
    scheme, _, token = (authorization or "").partition(" ")
    token = token.strip() if scheme.lower() == "bearer" else ""
    if token.startswith(keys.PREFIX):
        caller = _holder(store, token, now)
    else:
        expected = settings.api_token.get_secret_value() if settings.api_token is not None else None
        known = expected is not None and hmac.compare_digest(token.encode(), expected.encode())
        if not known and not settings.open_door:
            raise unauthorized()
        caller = Caller("token" if known else "anyone", EVERYTHING)
    return _for_owner(caller, owner) if owner else caller


def _holder(store: Store, key: str, now: datetime) -> Caller:
    with store.reading() as tx:
        row = keys.find_key(tx, key, now)
    if row is None:
        raise unauthorized()
    if not keys.used_lately(row, now):
        with store.writing() as tx:
            keys.note_use(tx, row.id, now)
    only = None if row.scopes is None else frozenset(map(Permission, json.loads(row.scopes)))
    communities = [""] if row.communities is None else json.loads(row.communities)
    rights = tuple(Right(Role(row.role), each, "", row.subject, only) for each in communities)
    name = f"owner:{row.subject}" if row.role == Role.OPERATOR else f"key:{row.id}"
    return Caller(name, rights)


def person_caller(tx: sa.Connection, row: people.Row) -> Caller:
    """A person with an account."""
    rights = (Right(Role(each.role), each.community, each.site, each.subject) for each in people.grants(tx, row.id))
    return Caller(f"person:{row.id}", tuple(rights), person=row.id)


def unauthorized() -> Refused:
    """Who asks is not known."""
    return Refused("unauthorized", headers={"WWW-Authenticate": 'Bearer realm="gongshi"'})


def refuse_owner(owner: str) -> None:
    """An owner's name is one that can stand in a header and in an address."""
    if not 1 <= len(owner) <= MOST_OWNER_LETTERS or not owner.isprintable() or owner == "me":
        raise refused(
            "bad_request",
            f"所属单位的名称应为 1 到 {MOST_OWNER_LETTERS} 个字，且不是 me",
            f"an owner has a name of 1 to {MOST_OWNER_LETTERS} letters, which is not 'me'",
        )


def operator(owner: str) -> Caller:
    """Who asks for an owner, by name alone: for reading, and where the door stands open."""
    refuse_owner(owner)
    return Caller(f"owner:{owner}", (Right(Role.OPERATOR, subject=owner),), owner)


def _for_owner(caller: Caller, owner: str) -> Caller:
    """The same caller with no more rights than the owner's operator: managers for any owner, operators for theirs."""
    refuse_owner(owner)
    rights = tuple(
        Right(Role.OPERATOR, each.community, each.site, owner, each.only)
        for each in caller.rights
        if each.gives(Permission.DECIDE) or (each.role == Role.OPERATOR and each.subject == owner)
    )
    if not rights:
        raise refused("forbidden", f"不能代表“{owner}”", f"they may not act for {owner!r}")
    return replace(caller, name=f"owner:{owner}", rights=rights)


def judged(caller: Caller, permission: Permission, place: Place) -> Caller:
    """The caller as they act here: in their own right if that is enough, else for the owner or the applicants.

    Raises:
        Refused: no right of theirs gives the permission here, or they would have to say for which owner they act.
    """
    rights = [each for each in caller.rights if each.gives(permission) and _holds(each, place)]
    if not rights:
        zh, en = SAID[permission]
        raise refused("forbidden", f"没有这项权限：{zh}", f"not allowed: {en}", permission=str(permission))
    own = [each for each in rights if each.role not in {Role.OPERATOR, Role.DELEGATE}]
    used = own or rights
    owners = {each.subject for each in used if each.role == Role.OPERATOR}
    if len(owners) > 1:
        names = "、".join(sorted(owners))
        raise refused(
            "bad_request",
            f"请用请求头 X-Gongshi-Owner 说明代表哪一家：{names}",
            f"say in X-Gongshi-Owner for whom this is: {', '.join(sorted(owners))}",
        )
    everywhere = any(not each.community for each in used)
    delegated = all(each.role == Role.DELEGATE for each in used)
    return replace(
        caller,
        owner=next(iter(owners), ""),
        communities=None if everywhere else frozenset(each.community for each in used),
        applicants=frozenset(each.subject for each in used) if delegated else None,
    )


def _holds(right: Right, place: Place) -> bool:
    if place.community is None:
        return place.anywhere or not (right.community or right.site)
    return right.holds(place.community, place.site)
