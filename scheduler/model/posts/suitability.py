"""`capacity`, `features`, `floors`: whether a space suits a request at all; no variables."""

from __future__ import annotations

from scheduler.constraints.terms import Sentence
from scheduler.placements.candidates import Verdict, layout_of
from scheduler.placements.facts import Facts
from scheduler.problem import Request, Space


def judge_capacity(facts: Facts, request: Request, space: Space) -> Verdict | None:
    """No layout of the request's list has places for its headcount in this space."""
    if layout_of(request, space) is not None:
        return None
    room = {layout.id: layout.capacity for layout in space.layouts}
    names, offered = facts.names, [wish for wish in request.layouts if wish in room]
    if offered:
        places = "、".join(f"{room[wish]} 人（{names.zh(wish)}）" for wish in offered)
        seats = ", ".join(f"{room[wish]} ({names.en(wish)})" for wish in offered)
        text = Sentence(
            zh=f"{space.name}最多容纳 {places}，本申请 {request.headcount} 人",
            en=f"{names.en(space.id)} holds at most {seats}; this request is for {request.headcount} people",
        )
    else:
        text = Sentence(
            zh=f"{space.name}不能布置成{'或'.join(map(names.zh, request.layouts))}",
            en=f"{names.en(space.id)} cannot be laid out for {' or '.join(map(names.en, request.layouts))}",
        )
    return Verdict("capacity", None, text)


def judge_features(facts: Facts, request: Request, space: Space) -> Verdict | None:
    """Equipment that the request needs is not in the space."""
    missing = [feature for feature in request.features if feature not in space.features]
    if not missing:
        return None
    return Verdict(
        "features",
        None,
        Sentence(
            zh=f"{space.name}没有{facts.names.zh(*missing)}",
            en=f"{facts.names.en(space.id)} has no {facts.names.en(*missing)}",
        ),
    )


def judge_floors(facts: Facts, request: Request, space: Space) -> Verdict | None:
    """The space is on a floor that the request cannot use."""
    if not request.floors or space.floor in request.floors:
        return None
    floors, room = [str(floor) for floor in request.floors], facts.names.en(space.id)
    return Verdict(
        "floors",
        None,
        Sentence(
            zh=f"{space.name}在 {space.floor} 层，本申请只能用 {'、'.join(floors)} 层",
            en=f"{room} is on floor {space.floor}; this request can only use floor {', '.join(floors)}",
        ),
    )


SPACE_JUDGES = {"capacity": judge_capacity, "features": judge_features, "floors": judge_floors}
