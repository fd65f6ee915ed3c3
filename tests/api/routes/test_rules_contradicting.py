"""Rules that no timetable meets are refused with the culprits, and nothing of them is done; over every way in."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api import worker
from api.queue import JUDGE, JobName, Queue
from api.settings import Settings
from api.store import Store
from api.store.jobs import waiting
from scheduler.problem import Community, Problem
from tests.api.inside import HOME, LONG_PAST, PAST, AtOnce, Inside, inside
from tests.api.running import client_of, running
from tests.factories import dated, problem, series, space

RULES = f"{HOME}/constraints"
EVENING = {"starts": "18:00", "ends": "21:00"}
DAY, OTHER_DAY, MONDAYS = "2026-09-12", "2026-09-13", ["2026-09-07", "2026-09-14"]


def centre(*more: Any, **fields: Any) -> Problem:
    """F has to be placed that Saturday 09:00-11:00, in A or B; R may be refused, and is in C."""
    asked = [
        dated("F", DAY, "SA 09:00-11:00!", spaces=("A", "B"), priority="fix"),
        series("R", "MO 19:00-20:30!", spaces=("C",)),
    ]
    return problem([*asked, *more], spaces=[space("A"), space("B"), space("C")], **fields)


def closed(id: str, *spaces: str, dates: Any = (DAY,), **more: Any) -> dict[str, Any]:
    return {"kind": "closed", "id": id, "source": "通知", "spaces": list(spaces), "dates": list(dates), **more}


@pytest.fixture
def centred(client: Inside) -> Inside:
    client.put(centre())
    return client


@pytest.fixture
def deaf(tmp_path: Path) -> Iterator[Inside]:
    """A service that no worker hears; it waits for none."""
    settings = Settings(home=tmp_path / "home", verdict_within_seconds=0.2)
    with inside(settings, Queue(settings.jobs)) as client:
        client.put(centre())
        yield client


def known(client: Inside) -> list[tuple[str, str]]:
    return [(each["id"], each["state"]) for each in client.ask(200, "GET", RULES)["items"]]


def told(answer: Any) -> list[tuple[str, str, str]]:
    return [(each["code"], each["pointer"], each["found"]) for each in answer["errors"]]


def colliding(answer: Any) -> list[tuple[list[str], list[str], list[str]]]:
    return [(each["rules"], each["requests"], each["kinds"]) for each in answer["contradictions"]]


def judge(client: Inside) -> int:
    """Judge what waits, as a worker would; how many there were."""
    store = Store(client.settings.database)
    with store.reading() as tx:
        asked = [each.id for each in waiting(tx)]
    for id in asked:
        worker.run_check(store, id)
    store.close()
    return len(asked)


def test_a_closure_that_leaves_a_duty_no_place_is_refused_with_rule_and_request(centred: Inside) -> None:
    before = centred.send("GET", f"{HOME}/problem").content
    answer = centred.ask(422, "POST", RULES, closed("c1", "A", "B"))
    assert answer["code"] == "contradiction"
    assert told(answer) == [("contradiction", "", "c1")]
    assert colliding(answer) == [(["c1"], ["F"], ["closed"])]
    [found] = answer["contradictions"]
    assert (found["community"], found["lines"]) == ("tiny", ["c1"])
    assert "[F]必须安排" in found["sentence"]["zh"]
    assert "[F] must be placed and cannot" in answer["errors"][0]["expected"]["en"]
    assert answer["details"] == found["sentence"]
    assert centred.send("GET", f"{HOME}/problem").content == before
    assert centred.ask(200, "GET", "/v1/changes?after=0")["items"] == []
    centred.ask(404, "GET", f"{RULES}/c1")


@pytest.mark.parametrize(
    ("rule", "requests"),
    [
        ({"kind": "offer", "id": "c1", "source": "协议", "spaces": ["A"], "hours": [EVENING]}, ["F"]),
        ({"kind": "pin", "id": "c1", "source": "书记", "request": "P"}, ["F", "P"]),
    ],
)
def test_an_offer_and_a_pin_are_judged_too(client: Inside, rule: dict[str, Any], requests: list[str]) -> None:
    """F can be in A only, on that Saturday; P, which nobody has to be given, would be there every Saturday."""
    duty = dated("F", DAY, "SA 09:00-11:00!", spaces=("A",), priority="fix")
    client.put(problem([duty, series("P", "SA 10:00-12:00!", spaces=("A",))], spaces=[space("A")]))
    answer = client.ask(422, "POST", RULES, rule)
    assert (answer["code"], told(answer)) == ("contradiction", [("contradiction", "", "c1")])
    assert [sorted(each["requests"]) for each in answer["contradictions"]] == [requests]
    assert known(client) == []


def test_what_merely_refuses_a_wish_is_taken(centred: Inside) -> None:
    centred.ask(201, "POST", RULES, closed("c1", "C", dates=MONDAYS))
    centred.ask(201, "POST", RULES, closed("c2", "A"))
    assert known(centred) == [("c1", "accepted"), ("c2", "accepted")]


def test_two_lines_that_collide_only_together_are_both_named(centred: Inside) -> None:
    items = [closed("c1", "A"), closed("c2", "C", dates=MONDAYS), closed("c3", "B")]
    answer = centred.ask(422, "POST", f"{RULES}:batch", {"items": items})
    assert told(answer) == [("contradiction", "/items/0", "c1"), ("contradiction", "/items/2", "c3")]
    assert [(sorted(rules), requests) for rules, requests, _ in colliding(answer)] == [(["c1", "c3"], ["F"])]
    assert known(centred) == []
    centred.ask(201, "POST", f"{RULES}:batch", {"items": items[:2]})
    assert told(centred.ask(422, "POST", RULES, items[2])) == [("contradiction", "", "c3")]


def test_each_of_two_contradictions_is_told(client: Inside) -> None:
    client.put(centre(dated("G", OTHER_DAY, "SU 09:00-11:00!", spaces=("C",), priority="fix")))
    items = [closed("c1", "A", "B"), closed("c2", "C", dates=(OTHER_DAY,))]
    answer = client.ask(422, "POST", f"{RULES}:batch", {"items": items})
    assert sorted(colliding(answer)) == [(["c1"], ["F"], ["closed"]), (["c2"], ["G"], ["closed"])]
    assert told(answer) == [("contradiction", "/items/0", "c1"), ("contradiction", "/items/1", "c2")]


def test_what_collides_already_is_not_blamed_on_a_line(client: Inside) -> None:
    client.put(centre(dated("G", DAY, "SA 10:00-12:00!", spaces=("A",), priority="fix"),
                      dated("H", DAY, "SA 10:00-12:00!", spaces=("A",), priority="fix")))  # fmt: skip
    client.ask(201, "POST", RULES, closed("c1", "A", "B"))
    assert known(client) == [("c1", "accepted")]


def test_a_line_that_goes_on_to_contradict_in_anothers_stead_is_blamed(deaf: Inside) -> None:
    """c1 contradicts already: it came as a safety closure. Its next version may mend that, and not carry on with it."""
    deaf.ask(201, "POST", f"{RULES}?safety=true", closed("c1", "A", "B"))
    read = deaf.send("GET", f"{RULES}/c1")
    asked = ("PUT", f"{RULES}/c1", closed("c1", "A", "B", "C"))
    deaf.ask(503, *asked, If_Match=read.headers["etag"])
    assert judge(deaf) == 1
    assert told(deaf.ask(422, *asked, If_Match=read.headers["etag"])) == [("contradiction", "", "c1")]
    deaf.ask(503, "PUT", f"{RULES}/c1", closed("c1", "A"), If_Match=read.headers["etag"])
    assert judge(deaf) == 1
    deaf.ask(200, "PUT", f"{RULES}/c1", closed("c1", "A"), If_Match=read.headers["etag"])


def test_a_replacement_is_refused_and_what_held_goes_on_to_hold(centred: Inside) -> None:
    read = centred.ask(201, "POST", RULES, closed("c1", "A"))
    tag = centred.send("GET", f"{RULES}/c1").headers["etag"]
    answer = centred.ask(422, "PUT", f"{RULES}/c1", closed("c1", "A", "B"), If_Match=tag)
    assert told(answer) == [("contradiction", "", "c1")]
    assert centred.ask(200, "GET", f"{RULES}/c1") == read


def test_a_draft_is_kept_and_refused_when_it_is_submitted(centred: Inside) -> None:
    centred.ask(201, "POST", f"{RULES}?draft=true", closed("c1", "A", "B"))
    tag = centred.send("GET", f"{RULES}/c1").headers["etag"]
    answer = centred.ask(422, "POST", f"{RULES}/c1:submit", {}, If_Match=tag)
    assert (answer["code"], told(answer)) == ("contradiction", [("contradiction", "", "c1")])
    assert known(centred) == [("c1", "draft")]


def test_what_waits_is_refused_when_it_would_be_accepted_after_a_duty_came(centred: Inside) -> None:
    """C is the library's, so that a rule of the canteen waits; it contradicts nothing. Then a duty comes into C."""
    read = centred.send("GET", f"{HOME}/spaces/C")
    centred.ask(200, "PUT", f"{HOME}/spaces/C", {**read.json(), "owner": "library"}, If_Match=read.headers["etag"])
    waiting = closed("c2", "C", dates=(OTHER_DAY,), owner="canteen")
    centred.ask(201, "POST", RULES, waiting, X_Gongshi_Owner="canteen")
    assert ("c2", "submitted") in known(centred)
    [round] = centred.ask(200, "GET", f"{HOME}/rounds")["items"]
    centred.set_times(round, LONG_PAST)
    duty = dated("G", OTHER_DAY, "SU 09:00-11:00!", spaces=("C",), priority="fix")
    centred.ask(201, "POST", f"{HOME}/requests", duty.model_dump(mode="json"))
    tag = centred.send("GET", f"{RULES}/c2").headers["etag"]
    answer = centred.ask(422, "POST", f"{RULES}/c2:accept", {}, If_Match=tag)
    assert (colliding(answer), told(answer)) == ([(["c2"], ["G"], ["closed"])], [("contradiction", "", "c2")])
    assert ("c2", "submitted") in known(centred)
    centred.ask(200, "POST", f"{RULES}/c2:reject", {}, If_Match=tag)


def test_a_table_is_shown_and_refused_at_its_row_when_it_is_applied(centred: Inside) -> None:
    out = io.StringIO(newline="")
    rows = [
        ("编号", "类型", "依据", "空间", "日期"),
        ("c1", "停用", "通知", "C", DAY),
        ("c2", "停用", "通知", "A、B", DAY),
    ]
    csv.writer(out).writerows(rows)
    headers = {"Content_Type": "text/csv", "X_Gongshi_Owner": "canteen"}
    shown = centred.send("POST", f"{RULES}:upload", out.getvalue().encode(), **headers)
    assert shown.status_code == 200, shown.text
    answer = centred.ask(
        422, "POST", f"{RULES}:upload?confirm=true", out.getvalue().encode(), **headers, If_Match=shown.headers["etag"]
    )
    assert (answer["code"], told(answer)) == ("contradiction", [("contradiction", "/规则/A3", "c2")])
    assert known(centred) == []


def several(client: Inside) -> None:
    for place in ("east", "west"):
        here = centre().model_copy(update={"community": Community(id=place, name=place, zone="Asia/Shanghai")})
        client.put(here)


LINES = [
    {"community": "east", "document": closed("c1", "A", "B")},
    {"community": "west", "document": closed("c1", "A")},
    {"community": "east", "document": closed("c2", "C")},
]


def test_of_several_communities_nothing_is_done_for_one_contradiction(client: Inside) -> None:
    several(client)
    answer = client.ask(422, "POST", "/v1/constraints:batch", {"items": LINES})
    assert answer["code"] == "contradiction"
    assert told(answer) == [("contradiction", "/items/0/document", "c1")]
    assert [(each["community"], each["requests"]) for each in answer["contradictions"]] == [("east", ["F"])]
    assert client.ask(200, "GET", "/v1/communities/west/constraints")["items"] == []


def test_or_each_community_by_itself(client: Inside) -> None:
    several(client)
    answer = client.ask(207, "POST", "/v1/constraints:batch?atomic=community", {"items": LINES})
    states = [(each["state"], [one["code"] for one in each["errors"]]) for each in answer["items"]]
    assert states == [(None, ["contradiction"]), ("accepted", []), (None, [])]
    assert [(each["community"], each["lines"]) for each in answer["contradictions"]] == [("east", ["c1"])]
    assert client.ask(200, "GET", "/v1/communities/east/constraints")["items"] == []


def test_a_bad_line_of_a_batch_is_told_without_waiting_for_a_verdict(deaf: Inside) -> None:
    lines = [
        {"community": "tiny", "document": closed("c1", "A", "B")},
        {"community": "nowhere", "document": closed("c1", "A")},
    ]
    answer = deaf.ask(422, "POST", "/v1/constraints:batch", {"items": lines})
    assert (answer["code"], [each["code"] for each in answer["errors"]]) == ("invalid_document", ["not_found"])
    assert judge(deaf) == 0


def test_without_a_verdict_in_time_nothing_is_done_and_the_same_again_finds_it(deaf: Inside) -> None:
    began = time.monotonic()
    response = deaf.send("POST", RULES, closed("c1", "A"), Idempotency_Key="k1")
    assert (response.status_code, response.json()["code"]) == (503, "not_judged_yet")
    assert time.monotonic() - began < 5
    assert response.headers["retry-after"] == "5"
    assert known(deaf) == []
    deaf.ask(503, "POST", RULES, closed("c1", "A"), Idempotency_Key="k1")
    assert judge(deaf) == 1, "what waits already is not asked twice"
    first = deaf.send("POST", RULES, closed("c1", "A"), Idempotency_Key="k1")
    again = deaf.send("POST", RULES, closed("c1", "A"), Idempotency_Key="k1")
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert known(deaf) == [("c1", "accepted")]


def test_a_rule_with_its_owners_code_alone_finds_its_verdict_too(deaf: Inside) -> None:
    rule = {**closed("", "A"), "external_ref": "餐-1"}
    del rule["id"]
    for _ in range(2):
        deaf.ask(503, "POST", RULES, rule, X_Gongshi_Owner="canteen")
    assert judge(deaf) == 1
    first = deaf.ask(201, "POST", RULES, rule, X_Gongshi_Owner="canteen")
    tag = deaf.send("GET", f"{RULES}/{first['id']}").headers["etag"]
    deaf.ask(204, "DELETE", f"{RULES}/{first['id']}", If_Match=tag, X_Gongshi_Owner="canteen")
    deaf.ask(503, "POST", RULES, rule, X_Gongshi_Owner="canteen")
    assert judge(deaf) == 1
    assert deaf.ask(201, "POST", RULES, rule, X_Gongshi_Owner="canteen")["id"] != first["id"]


def test_a_question_is_kept_also_where_the_time_was_over_before_it_was_known(tmp_path: Path) -> None:
    """On a busy machine: else the same sent again would never find a verdict."""
    settings = Settings(home=tmp_path / "home", verdict_within_seconds=1e-6)
    with inside(settings, Queue(settings.jobs)) as hurried:
        hurried.put(centre())
        hurried.ask(503, "POST", RULES, closed("c1", "A"))
        assert judge(hurried) == 1
        hurried.ask(201, "POST", RULES, closed("c1", "A"))


def test_a_verdict_is_on_the_problem_as_it_was(deaf: Inside) -> None:
    """c2 was found to contradict nothing. Then c1 came, with which it does."""
    deaf.ask(503, "POST", RULES, closed("c2", "B"))
    judge(deaf)
    deaf.ask(201, "POST", f"{RULES}?safety=true", closed("c1", "A"))
    deaf.ask(503, "POST", RULES, closed("c2", "B"))
    assert judge(deaf) == 1
    assert told(deaf.ask(422, "POST", RULES, closed("c2", "B"))) == [("contradiction", "", "c2")]


class Meddling(AtOnce):
    """Another's closure comes in while the verdict is on its way, the first time."""

    client: Inside | None = None

    def enqueue(self, id: str, job: JobName = JUDGE, *, handed: int = 0, priority: int = 0) -> bool:
        done = super().enqueue(id, job, handed=handed, priority=priority)
        if len(self.judged) == 1:
            assert self.client is not None
            self.client.ask(201, "POST", f"{RULES}?safety=true", closed("c1", "A"))
        return done


def test_what_changed_before_the_verdict_came_is_judged_again(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    queue = Meddling(settings)
    with inside(settings, queue) as client:
        queue.client = client
        client.put(centre())
        assert told(client.ask(422, "POST", RULES, closed("c2", "B"))) == [("contradiction", "", "c2")]
        assert len(queue.judged) == 2
        assert known(client) == [("c1", "accepted")]


def test_what_can_contradict_nothing_waits_for_no_worker(deaf: Inside) -> None:
    deaf.ask(201, "POST", f"{RULES}?safety=true", closed("c1", "A", "B"))
    wish = {"kind": "load", "id": "c2", "source": "办法", "strength": "should", "weight": 5, "measure": "max_days"}
    deaf.ask(201, "POST", RULES, wish | {"at_most": 3})
    deaf.ask(201, "POST", f"{RULES}?draft=true", closed("c3", "A", "B"))
    tag = deaf.send("GET", f"{RULES}/c1").headers["etag"]
    deaf.ask(204, "DELETE", f"{RULES}/c1", If_Match=tag)
    assert judge(deaf) == 0


def test_where_nothing_has_to_be_placed_no_worker_is_asked(deaf: Inside) -> None:
    free = problem([series("R", "MO 19:00-20:30!")], community=Community(id="free", name="f", zone="Asia/Shanghai"))
    deaf.put(free)
    deaf.ask(201, "POST", "/v1/communities/free/constraints", closed("c1", "S1", dates=MONDAYS))
    assert judge(deaf) == 0


def test_where_a_plan_at_hand_still_holds_no_worker_is_asked(deaf: Inside) -> None:
    """F is in A: B may be shut, and C, where R is, which may be refused. Not A: that a worker has to say."""
    [round] = deaf.ask(200, "GET", f"{HOME}/rounds")["items"]
    deaf.solve(deaf.set_times(round, LONG_PAST, PAST))
    deaf.ask(201, "POST", RULES, closed("c1", "C", dates=MONDAYS))
    deaf.ask(201, "POST", RULES, closed("c2", "C"))
    assert judge(deaf) == 0
    deaf.ask(503, "POST", RULES, closed("c3", "A", "B"))
    assert judge(deaf) == 1
    deaf.ask(422, "POST", RULES, closed("c3", "A", "B"))


def test_a_verdict_that_failed_is_asked_for_again(deaf: Inside) -> None:
    deaf.ask(503, "POST", RULES, closed("c1", "A"))
    store = Store(deaf.settings.database)
    with store.writing() as tx:
        tx.exec_driver_sql("UPDATE rule_check SET state = 'failed'")
    store.close()
    deaf.ask(503, "POST", RULES, closed("c1", "A"))
    assert judge(deaf) == 1
    deaf.ask(201, "POST", RULES, closed("c1", "A"))


def test_a_worker_of_a_running_service_judges(tmp_path: Path) -> None:
    """With nobody's help: refused with the culprits, and taken, each within the time that a writer waits."""
    with running(tmp_path / "home", GONGSHI_VERDICT_WITHIN_SECONDS="30") as server, client_of(server) as client:
        client.ask(201, "PUT", f"{HOME}/problem", json.loads(centre().model_dump_json()))
        answer = client.ask(422, "POST", RULES, closed("c1", "A", "B"), Idempotency_Key="k1")
        assert (answer["code"], colliding(answer)) == ("contradiction", [(["c1"], ["F"], ["closed"])])
        assert client.ask(201, "POST", RULES, closed("c1", "A"), Idempotency_Key="k2")["state"] == "accepted"


def test_the_description_says_where_a_rule_may_be_refused_so(client: Inside) -> None:
    paths = client.ask(200, "GET", "/openapi.json")["paths"]
    here = "/v1/communities/{community}/constraints"
    for path, method in (
        (here, "post"), (f"{here}:batch", "post"), (f"{here}/{{id}}", "put"), (f"{here}/{{id}}:submit", "post"),
        (f"{here}/{{id}}:accept", "post"), (f"{here}:upload", "post"), ("/v1/constraints:batch", "post"),
    ):  # fmt: skip
        said = paths[path][method]["responses"]
        assert ("`contradiction`" in said["422"]["description"], "`not_judged_yet`" in said["503"]["description"]) == (
            True,
            True,
        )
