"""Whether all that a timetable says beside its bookings is true: one good timetable, and every way to spoil it."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import Any, Literal

import pytest

from scheduler.constraints.availability import Closed
from scheduler.constraints.rights import DateLoss
from scheduler.constraints.terms import Sentence
from scheduler.problem import Problem
from scheduler.timetable import MissingDate, Reason, Refusal, Session, StageResult, Timetable
from scheduler.verify import verify
from tests.factories import booking, dated, problem, series, space, weekly
from tests.verify.small import lines, made, once, rule

SAID = Sentence(zh="满", en="full")


def world() -> Problem:
    """A choir of two evenings and one lost date, an assembly, a lunch that is replaced and shut once, one refused."""
    return problem(
        [
            series("R1", "MO,TU 19:00-20:00", per_week=2),
            dated("D1", "2026-09-14", "MO 19:30-20:30!", priority="P1"),
            series("R2", "TH 11:00-12:00!", priority="fix"),
            dated("D2", "2026-09-10", "TH 11:00-13:00!", priority="P2", replaces="R2"),
            dated("D3", "2026-09-14", "MO 20:00-21:00!", priority="P5"),
            series("R3", "FR,SA 09:00-10:00*", per_week=2, min_sessions=1, last_date="2026-09-11"),
        ],
        [
            rule(DateLoss, "loss", to=("dated_request",)),
            rule(Closed, "shut", spaces=("S1",), dates=(date(2026, 9, 8),)),
        ],
        policy={"stages": ("duties", "classes", "stability", "own_rank", "wishes", "fairness")},
    )


def session(request: str, number: int, day: Any, clocks: str, on: str | None = None) -> Session:
    starts, _, ends = clocks.partition("-")
    return Session(
        request=request,
        number=number,
        weekday=day,
        date=date.fromisoformat(on) if on else None,
        starts=starts,
        ends=ends,
        space="S1",
        layout="room",
    )


def missing(request: str, number: int, day: str, kind: Any, rule: str, **more: Any) -> MissingDate:
    return MissingDate(request=request, session=number, date=date.fromisoformat(day), kind=kind, rule=rule, **more)


def refusal(request: str, asked: int, granted: int) -> Refusal:
    reason = Reason(code="overlap", space="S1", weekday="MO", starts="20:00", rivals=("D1",), sentence=SAID)
    return Refusal(
        request=request,
        asked=asked,
        granted=granted,
        before_solving=False,
        code="overlap",
        reasons=(reason,),
        sentence=SAID,
    )


def stage(
    name: str, sense: Literal["max", "min"], value: int, bound: int | None = None, *, of: str | None = None
) -> StageResult:
    right = value if bound is None else bound
    return StageResult(
        stage=name,
        of=of,
        sense=sense,
        unit="sessions",
        value=value,
        bound=right,
        gap=0 if right == value else abs(value - right) / max(value, right),
        status="not_in_force" if name == "stability" else "optimal" if right == value else "feasible",
    )


def good() -> dict[str, Any]:
    """The fields of a timetable in which all is right."""
    asked = world()
    return {
        "problem": asked.fingerprint(),
        "engine": "by hand",
        "seed": 0,
        "audit": True,
        "status": "optimal",
        "stages": (
            stage("duties", "max", 1),
            stage("classes", "max", 1, of="P1"),
            stage("classes", "max", 1, of="P2"),
            stage("classes", "max", 3, of="P3"),
            stage("classes", "max", 0, of="P4"),
            stage("classes", "max", 0, of="P5"),
            stage("stability", "min", 0),
            stage("own_rank", "min", 0),
            stage("wishes", "min", 25 * 2 + 25 * 1 + 100),
            *(
                stage("fairness", "min", short, of=str(level))
                for level, short in ((5, 0), (4, 0), (3, 0), (2, 0), (1, 1))
            ),
        ),
        "sessions": (
            session("R1", 1, "MO", "19:00-20:00"),
            session("R1", 2, "TU", "19:00-20:00"),
            session("D1", 1, "MO", "19:30-20:30", "2026-09-14"),
            session("R2", 1, "TH", "11:00-12:00"),
            session("D2", 1, "TH", "11:00-13:00", "2026-09-10"),
            session("R3", 1, "FR", "09:00-10:00"),
        ),
        "bookings": (
            *weekly(asked, "R1", "MO 19:00-20:00")[:1],
            *weekly(asked, "R1", "TU 19:00-20:00", session=2)[1:],
            booking(asked, "D1", "2026-09-14 19:30-20:30"),
            *weekly(asked, "R2", "TH 11:00-12:00")[1:],
            booking(asked, "D2", "2026-09-10 11:00-13:00"),
            *weekly(asked, "R3", "FR 09:00-10:00"),
        ),
        "missing": (
            missing("R1", 1, "2026-09-14", "lost", "date_loss", constraint="loss", to=("D1",)),
            missing("R1", 2, "2026-09-08", "fallen", "closed", constraint="shut"),
            missing("R2", 1, "2026-09-10", "replaced", "replaces", to=("D2",)),
        ),
        "refusals": (refusal("D3", 1, 0), refusal("R3", 2, 1)),
    }


def spoilt(**changes: Any) -> list[str]:
    """What is found when some fields of the good timetable are changed."""
    return lines(verify(world(), Timetable(**(good() | changes))).violations)


def with_line(field: str, place: int, **change: Any) -> list[str]:
    """What is found when one line of a list is changed."""
    rows = list(good()[field])
    rows[place] = rows[place].model_copy(update=change)
    return spoilt(**{field: tuple(rows)})


def test_the_good_one_holds_and_its_values_are_recomputed() -> None:
    report = verify(world(), Timetable(**good()))
    assert report.violations == ()
    assert report.holds
    assert [(v.stage, v.of, v.value) for v in report.stages] == [
        ("duties", None, 1),
        ("classes", "P1", 1),
        ("classes", "P2", 1),
        ("classes", "P3", 3),
        ("classes", "P4", 0),
        ("classes", "P5", 0),
        ("stability", None, 0),
        ("own_rank", None, 0),
        ("wishes", None, 175),
        ("fairness", "5", 0),
        ("fairness", "4", 0),
        ("fairness", "3", 0),
        ("fairness", "2", 0),
        ("fairness", "1", 1),
    ]


def test_it_answers_this_problem() -> None:
    assert spoilt(problem="0" * 64) == ["fingerprint - - -"]


def test_the_lot_is_that_of_its_own_seed() -> None:
    one = once("D1", "2026-09-14 19:30-20:30")
    asked, bookings = made(one, policy={"stages": ("lot",)})
    fields = good() | {
        "problem": asked.fingerprint(),
        "bookings": tuple(bookings),
        "sessions": (session("D1", 1, "MO", "19:30-20:30", "2026-09-14"),),
        "missing": (),
        "refusals": (),
    }
    drawn = int(sha256(b"7|D1|2026-09-14|19:30|S1").hexdigest()[:4], 16) % 1000
    timetable = Timetable(**fields | {"seed": 7, "stages": (stage("lot", "min", drawn),)})
    assert lines(verify(asked, timetable).violations) == []
    assert lines(verify(asked, timetable.model_copy(update={"seed": 8})).violations) == ["stages - - -"]


class TestSessions:
    def test_one_not_listed(self) -> None:
        assert spoilt(sessions=good()["sessions"][1:]) == ["sessions R1 S1 -"]

    def test_one_listed_twice(self) -> None:
        assert spoilt(sessions=good()["sessions"] + good()["sessions"][:1]) == ["sessions R1 S1 -"]

    def test_one_without_bookings(self) -> None:
        more = session("D3", 1, "MO", "20:00-21:00", "2026-09-14")
        assert spoilt(sessions=(*good()["sessions"], more)) == ["sessions D3 S1 -"]

    @pytest.mark.parametrize(
        "change",
        [
            {"weekday": "TU"},
            {"date": date(2026, 9, 7)},
            {"starts": "19:15"},
            {"ends": "20:15"},
            {"space": "S2"},
            {"layout": "rows"},
        ],
    )
    def test_one_that_differs_from_its_bookings(self, change: dict[str, Any]) -> None:
        assert with_line("sessions", 0, **change) == ["sessions R1 S1 -"]

    def test_a_dated_one_without_its_date(self) -> None:
        assert with_line("sessions", 2, date=None) == ["sessions D1 S1 -"]


class TestMissing:
    @pytest.mark.parametrize(
        ("left_out", "expected"),
        [
            (0, "missing R1 S1 2026-09-14"),
            (1, "missing R1 S1 2026-09-08"),
            (2, "missing R2 S1 2026-09-10"),
        ],
    )
    def test_one_not_listed(self, left_out: int, expected: str) -> None:
        rows = good()["missing"]
        assert spoilt(missing=rows[:left_out] + rows[left_out + 1 :]) == [expected]

    def test_one_listed_twice_or_not_missing(self) -> None:
        rows = good()["missing"]
        assert spoilt(missing=rows + rows[:1]) == ["missing R1 - 2026-09-14"]
        more = missing("R1", 1, "2026-09-07", "fallen", "closed", constraint="shut")
        assert spoilt(missing=(*rows, more)) == ["missing R1 - 2026-09-07"]

    @pytest.mark.parametrize(
        ("place", "change"),
        [
            (0, {"kind": "fallen"}),
            (0, {"kind": "replaced"}),
            (0, {"rule": "overlap"}),
            (0, {"constraint": None}),
            (0, {"constraint": "shut"}),
            (0, {"to": ()}),
            (0, {"to": ("D3",)}),
            (0, {"to": ("D1", "D3")}),
            (1, {"kind": "lost"}),
            (1, {"rule": "opening_hours"}),
            (1, {"constraint": "loss"}),
            (1, {"constraint": None}),
            (1, {"to": ("D1",)}),
            (2, {"kind": "fallen"}),
            (2, {"rule": "date_loss"}),
            (2, {"to": ()}),
            (2, {"to": ("D1",)}),
        ],
    )
    def test_one_told_wrongly(self, place: int, change: dict[str, Any]) -> None:
        row = good()["missing"][place]
        assert with_line("missing", place, **change) == [f"missing {row.request} - {row.date}"]


class TestRefusals:
    def test_one_not_listed_listed_twice_or_not_refused(self) -> None:
        first, second = good()["refusals"]
        assert spoilt(refusals=(second,)) == ["refusals D3 - -"]
        assert spoilt(refusals=(first, second, first)) == ["refusals D3 - -"]
        assert spoilt(refusals=(first, second, refusal("R1", 2, 2))) == ["refusals R1 - -"]

    @pytest.mark.parametrize(
        "change",
        [{"asked": 3}, {"granted": 0}, {"before_solving": True}, {"code": "sharing"}, {"constraint": "loss"}],
    )
    def test_one_told_wrongly(self, change: dict[str, Any]) -> None:
        assert with_line("refusals", 1, **change) == ["refusals R3 - -"]


class TestStages:
    @pytest.mark.parametrize(
        ("place", "change"),
        [
            (0, {"value": 2, "bound": 2}),
            (8, {"value": 150, "bound": 150}),
            (3, {"sense": "min"}),
            (8, {"bound": 100}),
            (8, {"status": "feasible"}),
            (8, {"gap": 0.5}),
            (6, {"status": "optimal"}),
            (6, {"bound": 1}),
        ],
    )
    def test_one_told_wrongly(self, place: int, change: dict[str, Any]) -> None:
        assert set(with_line("stages", place, **change)) == {"stages - - -"}

    @pytest.mark.parametrize(
        ("place", "row"),
        [(3, stage("classes", "max", 3, 2, of="P3")), (8, stage("wishes", "min", 175, 200))],
    )
    def test_a_bound_on_the_wrong_side(self, place: int, row: StageResult) -> None:
        rows = list(good()["stages"])
        rows[place] = row
        assert spoilt(stages=tuple(rows), status="feasible") == ["stages - - -"]

    @pytest.mark.parametrize(
        ("place", "row"),
        [(3, stage("classes", "max", 3, 4, of="P3")), (8, stage("wishes", "min", 175, 150))],
    )
    def test_a_gap_is_no_fault_and_the_whole_is_then_feasible(self, place: int, row: StageResult) -> None:
        rows = list(good()["stages"])
        rows[place] = row
        assert spoilt(stages=tuple(rows), status="feasible") == []
        assert spoilt(stages=tuple(rows)) == ["stages - - -"]

    def test_all_are_there_in_the_order_of_the_policy(self) -> None:
        rows = good()["stages"]
        assert spoilt(stages=rows[1:]) == ["stages - - -"]
        assert spoilt(stages=(rows[1], rows[0], *rows[2:])) == ["stages - - -"]
        assert spoilt(stages=(*rows, rows[-1])) == ["stages - - -"]


@pytest.mark.parametrize(("day", "clocks"), [("SA", "24:00-25:00"), ("SU", "00:00-01:00")])
def test_a_session_may_be_told_by_either_date_where_both_fit(day: str, clocks: str) -> None:
    nights = [space(hours="00:00-24:00")]
    both = series("R1", "SA 24:00-25:00!; SU 00:00-01:00!")
    asked = problem([both], spaces=nights, policy={"stages": ("duties",)})
    fields = good() | {
        "problem": asked.fingerprint(),
        "bookings": tuple(weekly(asked, "R1", f"{day} {clocks}")),
        "sessions": (session("R1", 1, day, clocks),),
        "stages": (stage("duties", "max", 0),),
        "missing": (),
        "refusals": (),
    }
    assert lines(verify(asked, Timetable(**fields)).violations) == []


def test_bookings_are_checked_as_well() -> None:
    assert spoilt(bookings=good()["bookings"] + good()["bookings"][:1]) == ["duplicate R1 S1 2026-09-07"]


def test_one_booking_less_is_a_date_that_is_neither_justified_nor_listed() -> None:
    more = series("R4", "SU 09:00-10:00!")
    asked = world().model_copy(update={"requests": (*world().requests, more)})
    fields = good() | {
        "problem": asked.fingerprint(),
        "bookings": (*good()["bookings"], *weekly(asked, "R4", "SU 09:00-10:00")[1:]),
        "sessions": (*good()["sessions"], session("R4", 1, "SU", "09:00-10:00")),
    }
    assert lines(verify(asked, Timetable(**fields)).violations) == [
        "date_loss R4 S1 2026-09-13",
        "missing R4 S1 2026-09-13",
        "stages - - -",
    ]
