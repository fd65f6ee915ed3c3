"""People with an account: made, given roles, deactivated; by the security administrator."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Response
from pydantic import Field

from api.flow import people as flow
from api.rights import Permission, Role
from api.routes.documents import model_in, takes
from api.routes.http import Answer, Here, Writing, needs, reply
from api.store import people
from api.store.people import Row
from scheduler.constraints.terms import Entity

routes = APIRouter(prefix="/people", tags=["people"])

READ, ADMINISTER = [needs(Permission.READ_PEOPLE)], [needs(Permission.ADMINISTER_PEOPLE)]


class PersonOrder(Entity):
    """A person to be made."""

    name: Annotated[str, Field(min_length=1, max_length=100, description="With which they sign in.")]
    email: Annotated[str | None, Field(max_length=254)] = None
    password: Annotated[str | None, Field(max_length=flow.MOST_LETTERS, description="None: no sign-in by it.")] = None


class Member(Entity):
    """An applicant that a person belongs to."""

    community: Annotated[str, Field(max_length=40)]
    applicant: Annotated[str, Field(max_length=64)]


class PersonChange(Entity):
    """What is to be changed; what is not named stays. Whatever it is, the person is signed out."""

    email: Annotated[str | None, Field(max_length=254)] = None
    password: Annotated[str | None, Field(max_length=flow.MOST_LETTERS)] = None
    active: bool | None = None
    applicants: Annotated[tuple[Member, ...] | None, Field(max_length=100)] = None


class GrantOrder(Entity):
    """What a person is to be, and where."""

    role: Role
    community: Annotated[str, Field(max_length=40, description="Empty: all.")] = ""
    site: Annotated[str, Field(max_length=64, description="Empty: the whole community.")] = ""
    subject: Annotated[str, Field(max_length=50, description="A delegate's applicant, an operator's owner.")] = ""


def _grant(row: Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("id", "role", "community", "site", "subject")} | {
        "created": row.created.isoformat()
    }


def _person(tx: sa.Connection, row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "email": row.email,
        "active": row.active,
        "has_password": row.password is not None,
        "created": row.created.isoformat(),
        "grants": [_grant(each) for each in people.grants(tx, row.id)],
        "applicants": [
            {"community": each.community, "applicant": each.applicant} for each in people.applicants_of(tx, row.id)
        ],
    }


@routes.get("", dependencies=READ, summary="List people")
def list_people(here: Here) -> Response:
    """With what each is, and where."""
    with here.store.reading() as tx:
        items = [_person(tx, row) for row in people.people(tx) if row.erased_at is None]
    return reply(Answer({"items": items}, headers={"Cache-Control": "no-store"}))


@routes.post(
    "",
    dependencies=ADMINISTER,
    status_code=201,
    summary="Add a person",
    openapi_extra=takes("PersonOrder", PersonOrder),
)
def add_person(write: Writing) -> Response:
    """Without any role. It is not kept for an Idempotency-Key, since the request holds a password."""
    order = model_in(PersonOrder, write.body)
    if order.password is not None:
        flow.refuse_password(order.password, order.name)
    hashed = flow.hash_of(order.password) if order.password is not None else None

    def act(tx: Any) -> Answer:
        row = flow.add_person(tx, order.name, email=order.email, password=hashed, deed=write.deed)
        return Answer(_person(tx, row), 201, {"Location": f"/v1/people/{row.id}", "Cache-Control": "no-store"})

    return replace(write, key=None).done(act)


@routes.get("/{id}", dependencies=READ, summary="One of the people")
def get_person(here: Here, id: str) -> Response:
    """With what they are, and where."""
    with here.store.reading() as tx:
        return reply(Answer(_person(tx, flow.known_person(tx, id)), headers={"Cache-Control": "no-store"}))


@routes.put(
    "/{id}", dependencies=ADMINISTER, summary="Change a person", openapi_extra=takes("PersonChange", PersonChange)
)
def change_person(write: Writing, id: str) -> Response:
    """A new password, an address, active or not, the applicants that they belong to. They are signed out everywhere."""
    change = model_in(PersonChange, write.body)
    values: dict[str, Any] = change.model_dump(include={"email", "active"}, exclude_none=True)
    if change.password is not None:
        with write.service.store.reading() as tx:
            flow.refuse_password(change.password, flow.known_person(tx, id).name)
        values["password"] = flow.hash_of(change.password)

    def act(tx: Any) -> Answer:
        if change.applicants is not None:
            values["applicants"] = [(each.community, each.applicant) for each in change.applicants]
        flow.change_person(tx, id, deed=write.deed, **values)
        return Answer(_person(tx, flow.known_person(tx, id)), headers={"Cache-Control": "no-store"})

    return replace(write, key=None).done(act)


@routes.post(
    "/{id}/grants",
    dependencies=ADMINISTER,
    status_code=201,
    summary="Give a role",
    openapi_extra=takes("GrantOrder", GrantOrder),
)
def add_grant(write: Writing, id: str) -> Response:
    """It holds from the next request on. To give it twice is to give it once."""
    order = model_in(GrantOrder, write.body)

    def act(tx: Any) -> Answer:
        where = {"community": order.community, "site": order.site, "subject": order.subject}
        return Answer(_grant(flow.grant(tx, id, order.role, **where, deed=write.deed)), 201)

    return write.done(act)


@routes.delete("/{id}/grants/{grant}", dependencies=ADMINISTER, status_code=204, summary="Take a role away")
def revoke_grant(write: Writing, id: str, grant: str) -> Response:
    """From the next request on."""

    def act(tx: Any) -> Answer:
        flow.revoke(tx, id, grant, deed=write.deed)
        return Answer(None, 204)

    return write.done(act)


@routes.get("/{id}/data", dependencies=READ, summary="Everything that is kept of a person")
def export_person(here: Here, id: str) -> Response:
    """For the person, who may ask for it; with the lines of the log that name them."""
    with here.store.reading() as tx:
        return reply(Answer(flow.told_of(tx, id), headers={"Cache-Control": "no-store"}))


@routes.delete("/{id}", dependencies=ADMINISTER, status_code=204, summary="Erase a person")
def erase_person(write: Writing, id: str) -> Response:
    """Name, address, password, roles and memberships go; the log goes on to name the bare id. It cannot be undone."""

    def act(tx: Any) -> Answer:
        flow.erase(tx, id, deed=write.deed)
        return Answer(None, 204)

    return write.done(act)
