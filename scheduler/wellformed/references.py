"""Names: each given once, and each that is used known.

A field is known by its own name, wherever in the problem it stands (`spaces` of a request, of a closure, of a
changeover row), so a new kind of rule that names its fields as all do is checked without a line here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from scheduler.problem import Problem
from scheduler.wellformed.faults import Fault, Loc, fault, nearest
from scheduler.wellformed.walk import entities

NAMES = {
    "site": "sites",
    "sites": "sites",
    "between": "sites",
    "space": "spaces",
    "spaces": "spaces",
    "parts": "spaces",
    "quiet_space": "spaces",
    "neighbours": "spaces",
    "layout": "layouts",
    "layouts": "layouts",
    "features": "features",
    "floors": "floors",
    "use": "uses",
    "uses": "uses",
    "not_uses": "uses",
    "calendar": "calendars",
    "priority": "priorities",
    "priorities": "priorities",
    "applicant": "applicants",
    "applicants": "applicants",
    "bodies": "bodies",
    "body": "asking",
    "people": "people",
    "request": "requests",
    "requests": "requests",
    "host": "requests",
}
"""What a field of this name names. Fields that hold entities (`spaces` of the problem) are passed over."""

FREE = frozenset({"id", "kind", "tags", "without_tags", "equipment"})
"""Identities that name nothing else: an entity's own, and marks that requests, vendors and stalls may carry or not."""

LISTED_WHOLE = 8
"""Where no known name is near and so few are known, they are all listed."""

WORDS = {
    "sites": ("场地编号", "the id of a site"),
    "spaces": ("空间编号", "the id of a space"),
    "layouts": ("某个空间具有的布局", "a layout that some space has"),
    "features": ("某个空间具有的设施", "a feature that some space has"),
    "floors": ("某个空间所在的楼层", "a floor that some space is on"),
    "uses": ("用途编号", "the id of a use"),
    "calendars": ("日历编号", "the id of a calendar"),
    "priorities": ("优先等级编号", "the id of a priority class"),
    "applicants": ("申请方编号", "the id of an applicant"),
    "bodies": ("主体编号", "the id of a body"),
    "asking": ("主体编号，或不属于任何主体的申请方编号", "the id of a body, or of an applicant outside every body"),
    "people": ("人员编号", "the id of a person"),
    "requests": ("申请编号", "the id of a request"),
}


def duplicate_ids(problem: Problem) -> Iterator[Fault]:
    """An id given twice within one list: of spaces, of the layouts of a space, of the vendors of a market."""
    for loc, entity in entities(problem):
        for name in type(entity).model_fields:
            value = getattr(entity, name)
            if isinstance(value, tuple):
                yield from _given_twice((*loc, name), value)


def listed_twice(problem: Problem) -> Iterator[Fault]:
    """The same name, weekday or date twice in one list, which would leave its place in the list unclear."""
    for loc, entity in entities(problem):
        for name in type(entity).model_fields:
            value = getattr(entity, name)
            if isinstance(value, tuple) and name not in {"between", "space_costs"}:
                yield from _said_twice((*loc, name), value)


def unknown_ids(problem: Problem) -> Iterator[Fault]:
    """A name that nothing has; the nearest known names are suggested."""
    known = known_names(problem)
    for loc, entity in entities(problem):
        fields = type(entity).model_fields
        for name, target in NAMES.items():
            if name in fields and not _defines(entity, name):
                yield from _unknown((*loc, name), getattr(entity, name), target, known[target])


def known_names(problem: Problem) -> Mapping[str, Mapping[str | int, None]]:
    """What may be named, in the order of the document."""
    spaces = problem.spaces
    within = {applicant for body in problem.bodies for applicant in body.applicants}
    asking = [*(each.id for each in problem.bodies), *(a.id for a in problem.applicants if a.id not in within)]
    return {
        "sites": dict.fromkeys(each.id for each in problem.sites),
        "spaces": dict.fromkeys(each.id for each in spaces),
        "layouts": dict.fromkeys(layout.id for each in spaces for layout in each.layouts),
        "features": dict.fromkeys(feature for each in spaces for feature in each.features),
        "floors": dict.fromkeys(each.floor for each in spaces),
        "uses": dict.fromkeys(each.id for each in problem.uses),
        "calendars": dict.fromkeys(each.id for each in problem.calendars),
        "priorities": dict.fromkeys(each.id for each in problem.priorities),
        "applicants": dict.fromkeys(each.id for each in problem.applicants),
        "bodies": dict.fromkeys(each.id for each in problem.bodies),
        "asking": dict.fromkeys(asking),
        "people": dict.fromkeys(each.id for each in problem.people),
        "requests": dict.fromkeys(each.id for each in problem.requests),
    }


def _defines(entity: BaseModel, name: str) -> bool:
    """Whether the field gives names instead of using them: a space says itself which features it has."""
    return name == "features" and "layouts" in type(entity).model_fields and "parts" in type(entity).model_fields


def _given_twice(loc: Loc, entries: tuple[object, ...]) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for place, each in enumerate(entries):
        own = getattr(each, "id", None)
        if isinstance(own, str) and first.setdefault(own, place) != place:
            zh, en = (
                f"不与第 {first[own] + 1} 项重复的编号",
                f"an id that entry {first[own] + 1} does not have",
            )
            yield fault("duplicate_id", (*loc, place, "id"), own, zh, en)


def _said_twice(loc: Loc, entries: tuple[object, ...]) -> Iterator[Fault]:
    first: dict[object, int] = {}
    for place, each in enumerate(entries):
        if not isinstance(each, BaseModel) and first.setdefault(each, place) != place:
            zh, en = (
                f"每项只列一次（第 {first[each] + 1} 项已有）",
                f"each once (entry {first[each] + 1} is the same)",
            )
            yield fault("listed_twice", (*loc, place), str(each), zh, en)


def _unknown(loc: Loc, value: object, target: str, known: Mapping[str | int, None]) -> Iterator[Fault]:
    places = [((*loc, number), each) for number, each in enumerate(value)] if isinstance(value, tuple) else []
    for place, each in places or [(loc, value)]:
        if isinstance(each, str | int) and each not in known:
            yield _not_known(place, each, target, known)


def _not_known(loc: Loc, value: str | int, target: str, known: Mapping[str | int, None]) -> Fault:
    zh, en = WORDS[target]
    names = [str(each) for each in known]
    close = nearest(str(value), names)
    if close:
        zh, en = f"{zh}；最接近的是 {'、'.join(close)}", f"{en}; nearest: {', '.join(close)}"
    elif len(names) <= LISTED_WHOLE:
        zh, en = f"{zh}：{'、'.join(names) or '尚无'}", f"{en}: {', '.join(names) or 'there is none'}"
    return fault("unknown_id", loc, value, zh, en)
