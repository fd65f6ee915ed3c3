"""The figures of the scenario, proved: the regular week, the season, and what stands between them and every wish."""

from __future__ import annotations

from collections import Counter
from functools import cache

from scheduler.constraints.terms import WEEKDAYS
from scheduler.model.build import candidates_of
from scheduler.placements.facts import Facts
from scheduler.problem import Dated, Problem, Series
from scheduler.timetable import Timetable
from tests.journeys.centre import (
    GRANTS,
    RANKS,
    WISHES,
    by_class,
    centre,
    collision,
    lost,
    pinned,
    refusal,
    refused,
    season,
    slots,
    timetable,
    value_of,
    without,
)

NEVER = {"R023", "R024", "R028", "R034", "R035", "R037", "R057", "R065"}
"""Series not fully granted in every optimum; of R022 and R026 exactly one, by a tie."""

DATED_REFUSED = {"R098", "R100", "R107", "R113", "R116", "R118", "R119", "R120"}


def week() -> Problem:
    """A week with no calendar, no closure and no dated request: the series alone."""
    problem = without(centre(), "g")
    calendars = tuple(each.model_copy(update={"days_off": (), "counts_as": {}}) for each in problem.calendars)
    series = tuple(request for request in problem.requests if isinstance(request.when, Series))
    return problem.model_copy(update={"requests": series, "calendars": calendars})


@cache
def regular() -> Timetable:
    return timetable(week(), WISHES)


def full(found: Timetable, problem: Problem) -> int:
    """Series that got all their sessions."""
    return sum(isinstance(request.when, Series) and request.id not in refused(found) for request in problem.requests)


def asked(problem: Problem) -> dict[str, int]:
    """Sessions asked in each class; what is pinned is counted with the duties."""
    counts: Counter[str] = Counter()
    for request in problem.requests:
        counts[request.priority] += Facts.asked(request)
    return dict(counts)


def test_asked_in_the_regular_week() -> None:
    """177 sessions of 97 series: 64, 13, 44, 41, 8, 7."""
    assert asked(week()) == {"fix": 64, "P1": 13, "P2": 44, "P3": 41, "P4": 8, "P5": 7}
    assert (sum(asked(week()).values()), len(week().requests)) == (177, 97)


def test_granted_in_the_regular_week() -> None:
    """167 sessions, 88 series fully granted, every stage proved, believed by the verifier."""
    assert by_class(regular()) == {"fix": 64, "P1": 12, "P2": 40, "P3": 37, "P4": 7, "P5": 7}
    assert (sum(by_class(regular()).values()), full(regular(), week())) == (167, 88)
    assert regular().status == "optimal"


def test_the_wishes_of_the_regular_week_cost_2760() -> None:
    """27.60 occurrence-equivalents with neither calendar nor lift, each session weighted by its occurrences."""
    assert value_of(regular(), "wishes") == 2760
    assert [each for each in regular().missing if each.kind != "fallen"] == []


def test_granted_without_rules_b_f_h_i() -> None:
    """173 sessions, 94 series fully granted."""
    problem = without(week(), "b", "f", "h", "i")
    found = timetable(problem, GRANTS)
    assert by_class(found) == {"fix": 64, "P1": 12, "P2": 44, "P3": 39, "P4": 7, "P5": 7}
    assert (sum(by_class(found).values()), full(found, problem)) == (173, 94)


def test_asked_in_the_season() -> None:
    """201: 65, 21, 48, 47, 11, 9."""
    assert asked(centre()) == {"fix": 65, "P1": 21, "P2": 48, "P3": 47, "P4": 11, "P5": 9}
    assert sum(asked(centre()).values()) == 201


def test_granted_in_the_season() -> None:
    """183: 88 series in full and 16 dated requests, every stage proved, believed by the verifier."""
    assert by_class(season()) == {"fix": 65, "P1": 18, "P2": 42, "P3": 40, "P4": 9, "P5": 9}
    assert sum(by_class(season()).values()) == 183
    dated = {request.id for request in centre().requests if isinstance(request.when, Dated)}
    assert (full(season(), centre()), dated & refused(season()).keys()) == (88, DATED_REFUSED)
    assert len(dated) - len(DATED_REFUSED) == 16
    assert season().status == "optimal"


def test_the_weekly_grants_are_the_same_in_both() -> None:
    """What the dated requests take is dates, never a session."""
    granted = {found: Counter(s.request for s in found.sessions if s.date is None) for found in (regular(), season())}
    by_tie = {"R022", "R026"}
    assert {name: n for name, n in granted[regular()].items() if name not in by_tie} == {
        name: n for name, n in granted[season()].items() if name not in by_tie
    }


def test_the_wishes_of_the_season_cost_3965_of_which_15_lost_dates() -> None:
    """39.65. By ties one of them on 4 Nov to R110 (R075 in the plan found), and one of R072, R069 on 10 Oct."""
    gone = lost(season())
    certain = {
        ("R030", "2026-09-19"): ("R097",),
        ("R030", "2026-10-24"): ("R105",),
        ("R016", "2026-09-22"): ("R102",),
        ("R082", "2026-11-27"): ("R109",),
        ("R031", "2026-09-30"): ("R112",),
        ("R037", "2026-10-21"): ("R101",),
        ("R036", "2026-09-20"): ("R054",),
        ("R045", "2026-09-20"): ("R053",),
        ("R070", "2026-09-20"): ("R068",),
        ("R071", "2026-09-20"): ("R068",),
        ("R064", "2026-10-10"): ("R011",),
        ("R070", "2026-10-10"): ("R068",),
        ("R071", "2026-10-10"): ("R068",),
    }
    assert value_of(season(), "wishes") == 3965
    assert {key: to for key, to in gone.items() if key in certain} == certain
    tied = sorted((day, to) for (name, day), to in gone.items() if (name, day) not in certain)
    assert tied[1] == ("2026-11-04", ("R110",))
    assert tied[0] in [("2026-10-10", ("R069",)), ("2026-10-10", ("R072",))]
    assert len(gone) == 15


def test_these_displace_nobody() -> None:
    """R099, R103, R104, R106, R108, R111, R114, R115, R117 displace nothing."""
    rivals = {rival for to in lost(season()).values() for rival in to}
    assert not rivals & {"R099", "R103", "R104", "R106", "R108", "R111", "R114", "R115", "R117"}


def test_152_dates_fall_to_days_off_and_one_to_a_saturday_that_counts_as_wednesday() -> None:
    """25-27 Sep and 1-7 Oct, and R087 on Sat 10 Oct; what is made up on the two working weekends is booked."""
    fallen = [(each.request, each.date.isoformat()) for each in season().missing if each.rule == "calendar"]
    off = {f"2026-09-{day}" for day in range(25, 28)} | {f"2026-10-0{day}" for day in range(1, 8)}
    assert len([day for _, day in fallen if day in off]) == 152
    assert [(name, day) for name, day in fallen if day not in off] == [("R087", "2026-10-10")]


def test_18_are_made_up_on_the_two_working_weekends() -> None:
    """Sessions of a weekday on Sun 20 Sep and Sat 10 Oct, of 1825 dates that stand before the 15 losses."""
    slot = {(s.request, s.number): s.weekday for s in season().sessions if s.date is None}
    stood = [(b.request, b.session, b.starts.date()) for b in season().bookings]
    stood += [(m.request, m.session, m.date) for m in season().missing if m.kind == "lost"]
    made_up = [day for name, session, day in stood if slot.get((name, session)) not in (None, WEEKDAYS[day.weekday()])]
    assert Counter(map(str, made_up)).keys() == {"2026-09-20", "2026-10-10"}
    assert (len(made_up), len(stood)) == (18, 1825)


def test_46_dates_fall_to_the_lift_and_none_to_anything_else() -> None:
    """12-16 Oct, floors 2 and 3, but for the after-school duties, the library and the study room."""
    fallen = [each for each in season().missing if each.kind == "fallen" and each.rule != "calendar"]
    assert len(fallen) == 46
    assert {(each.rule, each.constraint) for each in fallen} == {("closed", "g")}
    assert {each.date.isoformat() for each in fallen} == {f"2026-10-{day}" for day in range(12, 17)}
    assert not {each.request for each in fallen} & {"R005", "R006", "R007", "R010", "R011"}


def test_one_lunch_is_replaced_by_the_holiday_lunch() -> None:
    """R117 instead of R004 on 1 Oct, and no wish is lost by it."""
    replaced = [(m.request, m.date.isoformat(), m.to) for m in season().missing if m.kind == "replaced"]
    assert replaced == [("R004", "2026-10-01", ("R117",))]


def test_rule_f_refuses_nobody_but_binds() -> None:
    """Without f every class has what it had, and the wishes of the week cost less."""
    found = timetable(without(week(), "f"), WISHES)
    assert by_class(found) == by_class(regular())
    assert value_of(found, "wishes") < value_of(regular(), "wishes")


def test_on_tuesday_evening_six_spaces_are_full() -> None:
    """So one session leaves its preferred evening."""
    parts = {each.id: each.parts or (each.id,) for each in centre().spaces}
    open_at_1915 = {
        weekday: {
            atom
            for s in regular().sessions
            if s.weekday == weekday and s.starts <= "19:15" < s.ends and s.space != "S14"
            for atom in parts[s.space]
        }
        for weekday in WEEKDAYS
    }
    assert len(open_at_1915["TU"]) == 6
    assert max(map(len, open_at_1915.values())) == 6


def test_not_fully_granted_are_these_and_one_of_the_two_of_one_teacher() -> None:
    """The same in the week and in the season."""
    for found in (regular(), season()):
        series = refused(found).keys() - DATED_REFUSED
        assert series - {"R022", "R026"} == NEVER
        assert len(series & {"R022", "R026"}) == 1


def test_four_cannot_be_in_any_timetable_and_the_dance_in_none_with_more_than_four() -> None:
    """R023, R024, R028, R034 fall to the quiet room whoever else asks; R037 has four evenings besides the market."""
    found = candidates_of(Facts(centre()))
    for name in ("R023", "R024", "R028", "R034"):
        assert found.of(name) == []
        assert refusal(season(), name).before_solving
    assert [WEEKDAYS[each.weekday] for each in found.of("R037")] == ["MO", "TU", "WE", "TH"]


def test_one_more_is_refused_by_the_duty_and_one_by_those_above_it() -> None:
    """R065 forced in collides with the 16:30 duty; R057 (P4) forced in takes a session from a higher class."""
    assert "R065" in collision(pinned(centre(), "R065")).requests
    forced = by_class(timetable(pinned(centre(), "R057"), GRANTS))
    higher = [by_class(season())[name] for name in ("P1", "P2", "P3")]
    assert forced["fix"] == by_class(season())["fix"] + 1
    assert [forced[name] for name in ("P1", "P2", "P3")] < higher


def test_the_fourth_of_the_body_forced_in_costs_its_own_ranking() -> None:
    """R035 forced in: the classes count the same sessions, but the sum of ranks is worse."""
    found = timetable(pinned(centre(), "R035"), RANKS)
    assert sum(by_class(found).values()) == sum(by_class(season()).values())
    assert value_of(found, "own_rank") > value_of(season(), "own_rank")
    assert len(slots(found, "R094")) + len(slots(found, "R036")) == 1


def test_all_other_series_are_fully_granted_in_every_optimum() -> None:
    """By count: what each class lacks is what the nine refused lack, so nobody else can lack a session."""
    lacking = {name: asked(week())[name] - granted for name, granted in by_class(regular()).items()}
    assert lacking == {
        "fix": 0,
        "P1": len({"R065"}),
        "P2": len({"R023", "R024", "R028"}) + 1,  # and one of R022, R026
        "P3": len({"R034", "R035"}) + 2,  # and two evenings of R037
        "P4": len({"R057"}),
        "P5": 0,
    }
