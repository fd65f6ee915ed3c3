"""What a refused applicant reads: who is there, when the space is made ready, and from when on it is free."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.constraints.attendees import SameAttendees
from scheduler.constraints.availability import Notice
from scheduler.constraints.changeover import Changeover, ChangeoverRow
from scheduler.constraints.occupancy import Sharing
from scheduler.constraints.pin import Pin, PinnedSlot
from scheduler.constraints.rights import DateLoss, Quota
from scheduler.constraints.terms import ConstraintBase
from scheduler.problem import Applicant, Problem
from scheduler.solve import Infeasible, Solved, solve
from scheduler.timetable import Refusal
from tests.factories import dated, problem, series, space

OWES = ChangeoverRow(minutes=15)
TURN = Changeover(id="a", source="a test")
LOSES = DateLoss(id="j", source="a test", to=("dated_request",))


def refused(world: Problem, name: str) -> Refusal:
    outcome = solve(world, time_limit=10, audit=True)
    assert isinstance(outcome, Solved)
    return next(each for each in outcome.timetable.refusals if each.request == name)


def told(wish: Any, rival: Any, *rules: ConstraintBase, places: Any = None) -> tuple[str, str]:
    """Both languages of the reason why `wish` is refused beside `rival`."""
    sentence = refused(problem([rival, wish], rules, places), wish.id).sentence
    return sentence.zh, sentence.en


def test_nothing_is_owed_between_them() -> None:
    """Before the rival: by when to end; after it: from when on."""
    rival = series("R", "MO 10:00-11:00!", priority="P1", applicant="O2")
    assert told(series("W", "MO 09:00-10:30!"), rival) == (
        "S1周一 10:00-11:00 已安排U1（O2，优先级 P1），须在 10:00 前结束",
        "S1 is given Mon 10:00-11:00 to U1 (O2, class P1); anything before must end by 10:00",
    )
    assert told(series("W", "MO 10:30-11:30!"), rival) == (
        "S1周一 10:00-11:00 已安排U1（O2，优先级 P1），11:00 起可用",
        "S1 is given Mon 10:00-11:00 to U1 (O2, class P1) and is free from 11:00",
    )


def test_inside_the_hours_of_the_rival_neither_helps() -> None:
    """A wish that lies within is told who is there, and no more."""
    rival = series("R", "MO 10:00-12:00!", priority="fix")
    assert told(series("W", "MO 10:30-11:30!"), rival) == (
        "S1周一 10:00-12:00 固定安排U1",
        "S1 is held Mon 10:00-12:00 for U1",
    )


@pytest.mark.parametrize(
    ("window", "zh"),
    [("MO 09:00-10:00!", "09:45 起备场，此前须结束"), ("MO 11:00-12:00!", "清场后 11:15 起可用")],
)
def test_what_is_owed_is_counted(window: str, zh: str) -> None:
    rival = series("R", "MO 10:00-11:00!", priority="P1")
    places = [space(changeover=(OWES,))]
    sentence = told(series("W", window), rival, TURN, places=places)[0]
    assert sentence == f"S1周一 10:00-11:00 已安排U1（O1，优先级 P1），{zh}"


def test_past_midnight_the_next_day_is_named() -> None:
    """24:30 is no clock that people read."""
    places = [space(hours="00:00-24:00")]
    rival = series("R", "SA 20:00-24:30!", priority="P1")
    assert told(series("W", "SU 00:00-01:00!"), rival, places=places) == (
        "S1周六 20:00-次日 00:30 已安排U1（O1，优先级 P1）",
        "S1 is given Sat 20:00-00:30 next day to U1 (O1, class P1)",
    )


def test_a_rival_that_starts_after_midnight_is_told_with_its_real_day() -> None:
    places = [space(hours="18:00-30:00")]
    rival = series("R", "SA 25:00-27:00!", priority="P1")
    assert told(series("W", "SA 26:00-28:00!"), rival, places=places) == (
        "S1周日 01:00-03:00 已安排U1（O1，优先级 P1），03:00 起可用",
        "S1 is given Sun 01:00-03:00 to U1 (O1, class P1) and is free from 03:00",
    )
    late = dated("R", "2026-09-12", "SA 25:00-27:00!", priority="P1")
    assert told(dated("W", "2026-09-12", "SA 26:00-28:00!"), late, places=places)[0].startswith("S1 2026-09-13 01:00")


@pytest.mark.parametrize(
    ("wish", "hours", "en"),
    [
        ("MO 00:00-00:15!", "MO 00:30-02:00!", "made ready from 23:30 the day before; anything before must end by"),
        ("MO 23:00-25:00!", "MO 22:00-23:30!", "is free from 00:30 the next day, once cleared"),
    ],
)
def test_a_changeover_over_midnight_names_the_other_day(wish: str, hours: str, en: str) -> None:
    places = [space(hours="00:00-26:00", changeover=(ChangeoverRow(minutes=60),))]
    assert en in told(series("W", wish), series("R", hours, priority="P1"), TURN, places=places)[1]


def test_one_who_is_too_many_alone_is_told_so() -> None:
    rule = Sharing(id="l", source="a test", space="S1", uses=("U1",), layout="room", seats=8)
    assert refused(problem([series("W", "MO 10:00-11:00!")], [rule]), "W").sentence.model_dump() == {
        "zh": "S1（room）可以共用，不超过 8 座，本申请 10 人",
        "en": "S1 may be shared up to 8 seats; this request alone is for 10 people",
    }


def test_a_dated_rival_is_named_with_its_date() -> None:
    rival = dated("R", "2026-09-12", "SA 10:00-11:00!", priority="P1")
    wish = dated("W", "2026-09-12", "SA 10:30-11:30!")
    assert told(wish, rival)[0] == "S1 2026-09-12 10:00-11:00 已安排U1（O1，优先级 P1），11:00 起可用"


def test_a_series_of_a_higher_class_keeps_its_date() -> None:
    rival = series("R", "SA 10:00-11:00!", priority="P1")
    wish = dated("W", "2026-09-12", "SA 10:30-11:30!", priority="P4")
    assert told(wish, rival, LOSES)[0] == (
        "S1周六 10:00-11:00 已安排U1（O1，优先级 P1），11:00 起可用；其优先级 P1 高于本申请的 P4，不让出日期"
    )
    assert refused(problem([rival, wish], [LOSES]), "W").code == "date_loss"


def test_without_the_rule_of_lost_dates_it_is_a_plain_overlap() -> None:
    rival = series("R", "SA 10:00-11:00!", priority="P1")
    wish = dated("W", "2026-09-12", "SA 10:30-11:30!", priority="P4")
    assert refused(problem([rival, wish]), "W").code == "overlap"


def test_of_two_rivals_the_lower_class_is_not_the_one_that_refused() -> None:
    """P4 is there only because the wish is not; what refuses it is P1, though less gravely."""
    requests = [
        series("high", "MO 09:00-10:00!", priority="P1"),
        series("low", "MO 10:30-11:30!", priority="P4"),
        series("W", "MO 10:00-11:00!", priority="P3"),
    ]
    world = problem(requests, [TURN], [space(changeover=(OWES,))])
    assert [(each.code, each.rivals) for each in refused(world, "W").reasons] == [("changeover", ("high",))]


def test_a_body_of_one_has_no_others_counted_with_it() -> None:
    requests = [series(f"R{day}", f"{day} 19:00-20:00!") for day in ("MO", "TU")]
    quota = Quota(id="h", source="a test", at_most=1)
    world = problem(requests, [quota])
    outcome = solve(world, time_limit=10, audit=True)
    assert isinstance(outcome, Solved)
    [refusal] = outcome.timetable.refusals
    [granted] = outcome.timetable.sessions
    day = {"MO": "一", "TU": "二"}[granted.weekday]
    assert refusal.sentence.zh == f"O1每周至多 1 场，已安排：O1周{day} 19:00-20:00（S1）"


def test_one_person_is_the_reason_before_the_room() -> None:
    """Another room would not help: the person comes first, and is not named."""
    rival = series("R", "MO 10:00-11:00!", priority="P1", people=("T1",))
    wish = series("W", "MO 10:00-11:00!", people=("T1",))
    zh, en = told(wish, rival, SameAttendees(id="i", source="a test"))
    assert zh == "同一位老师或负责人周一 10:00-11:00 在S1，已安排U1（O1，优先级 P1）"
    assert "T1" not in zh + en


@pytest.mark.parametrize(
    ("published", "zh"),
    [(None, "本申请没有写明公告日期"), ("2026-09-02", "本申请 2026-09-02 公告，只提前 10 天")],
)
def test_notice_says_how_many_days_it_was(published: str | None, zh: str) -> None:
    wish = dated("W", "2026-09-12", "SA 10:00-11:00!", published_on=published)
    world = problem([wish], [Notice(id="k", source="a test", days=15)])
    assert refused(world, "W").sentence.zh.endswith(zh)


def test_a_pin_that_cannot_be_had_says_what_refuses_the_place_it_names() -> None:
    """Other places are possible; the pin asks for this one."""
    requests = [
        series("duty", "MO 10:00-11:00!", priority="fix", applicant="O2"),
        series("W", "MO 10:00-11:00!", spaces=("S2", "S1")),
    ]
    pin = Pin(id="p", source="a test", request="W", slot=PinnedSlot(space="S1"))
    applicants = tuple(Applicant(id=each, name=each, priority="P3") for each in ("O1", "O2"))
    outcome = solve(problem(requests, [pin], [space(), space("S2")], applicants=applicants), time_limit=10)
    assert isinstance(outcome, Infeasible)
    assert (outcome.requests, outcome.rules) == (("duty", "W"), ("overlap", "pin", "p"))
    assert outcome.sentence.zh == (
        "U1（O2）[duty]、U1（O1）[W]必须安排，却排不到一起：S1周一 10:00-11:00 固定安排U1，11:00 起可用"
    )
