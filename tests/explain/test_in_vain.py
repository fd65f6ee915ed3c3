"""Wishes that can never hold are answered too, also where the request is granted elsewhere."""

from __future__ import annotations

import re

from scheduler.problem import Request
from scheduler.solve import Solved, solve
from tests.factories import dated, problem, series, space
from tests.journeys.centre import centre, season
from tests.journeys.centre import refusal as refusal_of


def told(request: Request) -> set[str]:
    """The spaces about which the answer says why they cannot be had."""
    found = season()
    reasons = [reason for each in found.in_vain if each.request == request.id for reason in each.reasons]
    if not reasons and any(each.request == request.id for each in found.refusals):
        reasons = list(refusal_of(found, request.id).reasons)
    return {reason.space for reason in reasons}


def test_every_wish_that_the_scenario_calls_vain_is_answered() -> None:
    """The notes of the scenario: "S01 in vain: no piano, 40 places", "both in vain: lift out of order"."""
    vain = {
        request.id: set(request.spaces) if "both" in request.note else {named[1]}
        for request in centre().requests
        if (named := re.search(r"(S\d\d(?:\+S\d\d)?|both(?: rooms)?) in vain", request.note))
    }
    assert len(vain) == 16
    requests = {request.id: request for request in centre().requests}
    assert {name: told(requests[name]) & spaces for name, spaces in vain.items()} == vain


def test_a_request_granted_elsewhere_learns_why_not_in_its_first_room() -> None:
    world = problem(
        [
            series("R1", "MO 09:00-10:00!", spaces=("S1", "S2"), headcount=20),
            dated("R2", "2026-09-08", "TU 09:00-10:00!", spaces=("S2",)),
        ],
        spaces=[space("S1", layouts={"room": 10}), space("S2")],
    )
    outcome = solve(world, time_limit=10)
    assert isinstance(outcome, Solved)
    (only,) = outcome.timetable.in_vain
    assert (only.request, [(r.space, r.weekday, r.starts, r.code) for r in only.reasons]) == (
        "R1",
        [("S1", "MO", "09:00", "capacity")],
    )
    assert outcome.timetable.refusals == ()
