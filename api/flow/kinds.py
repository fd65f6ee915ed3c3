"""The kinds of parts that a problem is made of: the one list that store, routes and documentation go by."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, TypeAdapter

from scheduler import problem as p
from scheduler.constraints import Constraint


@dataclass(frozen=True)
class Kind:
    """One kind of part.

    Attributes:
        name: as the store has it.
        plural: the field of the problem, and the name in addresses.
        title: the name of its documents in the description of the API.
        form: the type of its documents.
        zh: the word for people.
    """

    name: str
    plural: str
    title: str
    form: TypeAdapter[BaseModel]
    zh: str


KINDS: dict[str, Kind] = {
    name: Kind(name, plural, "Constraint" if name == "constraint" else form.__name__, TypeAdapter(form), zh)
    for name, plural, form, zh in (
        ("priority", "priorities", p.PriorityClass, "优先级"),
        ("calendar", "calendars", p.Calendar, "工作日历"),
        ("site", "sites", p.Site, "场地"),
        ("space", "spaces", p.Space, "空间"),
        ("use", "uses", p.Use, "用途"),
        ("applicant", "applicants", p.Applicant, "申请单位"),
        ("body", "bodies", p.Body, "主体"),
        ("person", "people", p.Person, "人员"),
        ("label", "labels", p.Label, "名称"),
        ("request", "requests", p.Request, "申请"),
        ("constraint", "constraints", Constraint, "规则"),
    )
}
