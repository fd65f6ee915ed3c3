"""Rules that no timetable meets, beside others: safety closures, permissions, rounds that are over."""

from __future__ import annotations

import json

from scheduler.constraints.occupancy import Sharing
from tests.api.inside import HOME, Inside
from tests.api.routes.test_rules_contradicting import DAY, RULES, centre, closed, told
from tests.factories import dated, problem, space


def test_safety_closures_of_a_batch_act_beside_the_lines_that_are_judged(client: Inside) -> None:
    """Alone neither leaves F without a place. The closure acts whatever becomes of the other, which is to blame."""
    lines = [
        {"community": "tiny", "document": closed("c1", "A"), "safety": True},
        {"community": "tiny", "document": closed("c2", "B")},
    ]
    client.put(centre())
    answer = client.ask(422, "POST", "/v1/constraints:batch", {"items": lines})
    assert told(answer) == [("contradiction", "/items/1/document", "c2")]


def test_a_set_that_names_no_line_is_of_all_of_them(client: Inside) -> None:
    """F and G share A by a permission. To make it smaller is to blame, though a permission is never a culprit."""
    shared = [
        dated("F", DAY, "SA 09:00-11:00!", spaces=("A",), priority="fix", use="U1"),
        dated("G", DAY, "SA 09:00-11:00!", spaces=("A",), priority="fix", use="U2"),
    ]
    rule = {"kind": "sharing", "id": "s1", "source": "办法", "space": "A", "uses": ["U1", "U2"], "layout": "room"}
    wide, narrow = Sharing.model_validate_json(json.dumps(rule | {"seats": 30})), rule | {"seats": 15}
    client.put(problem(shared, [wide], [space("A")]))
    tag = client.send("GET", f"{RULES}/s1").headers["etag"]
    answer = client.ask(422, "PUT", f"{RULES}/s1", narrow, If_Match=tag)
    assert (told(answer), answer["contradictions"][0]["lines"]) == ([("contradiction", "", "s1")], ["s1"])


def test_a_round_that_is_over_is_judged_only_where_none_is_left(client: Inside) -> None:
    """Last season's duty had to be in A on that Sunday; the next season's has all halls. Both rounds keep the rule."""
    over, next_one = ("2020-09-07", "2020-09-20"), ("2198-09-03", "2198-09-16")
    old = dated("G", "2020-09-13", "SU 09:00-11:00!", spaces=("A",), priority="fix")
    halls = [space("A"), space("B"), space("C")]
    client.put(problem([old], spaces=halls, season=over))
    client.ask(422, "POST", RULES, closed("c1", "A", dates=("2020-09-13",)))
    client.put(
        problem(
            [dated("F", "2198-09-08", "SA 09:00-11:00!", priority="fix", spaces=("A", "B"))],
            spaces=halls,
            season=next_one,
        )
    )
    assert len(client.ask(200, "GET", f"{HOME}/rounds")["items"]) == 2
    client.ask(201, "POST", RULES, closed("c1", "A", dates=("2020-09-13",)))
