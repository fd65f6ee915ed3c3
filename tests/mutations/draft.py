"""A timetable in the hands of somebody who falsifies it: bookings, sessions, lists and numbers, one by one."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.constraints.terms import WEEKDAYS, Sentence, Weekday
from scheduler.problem import Dated, Problem, Request, Series
from scheduler.timetable import Booking, MissingDate, Reason, Refusal, Session, StageResult, Timetable
from scheduler.verify import verify

NOTHING = Sentence(zh="无", en="none")


class Draft:
    """The parts of a timetable as lists; `timetable()` puts them together again.

    The stages are made to fit the bookings, so that only what was falsified is wrong; a fault in the stages themselves
    says `honest = False`.
    """

    def __init__(self, problem: Problem, answer: Timetable) -> None:
        self.problem = problem
        self.answer = answer
        self.bookings = list(answer.bookings)
        self.sessions = list(answer.sessions)
        self.missing = list(answer.missing)
        self.refusals = list(answer.refusals)
        self.stages = list(answer.stages)
        self.more: dict[str, Any] = {}
        self.honest = True

    def timetable(self) -> Timetable:
        made = self.answer.model_copy(
            update={
                "problem": self.problem.fingerprint(),
                "bookings": tuple(self.bookings),
                "sessions": tuple(self.sessions),
                "missing": tuple(self.missing),
                "refusals": tuple(self.refusals),
                "stages": tuple(self.stages),
                **self.more,
            }
        )
        if not self.honest:
            return made
        values: dict[tuple[str, str | None], int] = {
            (value.stage, value.of): value.value for value in verify(self.problem, made).stages
        }
        stages = tuple(
            stage.model_copy(update={"value": values[stage.stage, stage.of], "bound": values[stage.stage, stage.of]})
            for stage in self.stages
        )
        return made.model_copy(update={"stages": stages})

    def request(self, name: str) -> Request:
        return next(request for request in self.problem.requests if request.id == name)

    def ask(self, name: str, **fields: Any) -> None:
        """The request is another after the answer was given."""
        requests = (r.model_copy(update=fields) if r.id == name else r for r in self.problem.requests)
        self.problem = self.problem.model_copy(update={"requests": tuple(requests)})

    def rule(self, name: str, **fields: Any) -> None:
        """A rule is another after the answer was given."""
        rules = (r.model_copy(update=fields) if r.id == name else r for r in self.problem.constraints)
        self.problem = self.problem.model_copy(update={"constraints": tuple(rules)})

    def at(self, name: str, day: str, session: int = 1) -> int:
        """The place in `bookings` of a session on a date."""
        return next(
            place
            for place, b in enumerate(self.bookings)
            if (b.request, b.session, str(b.starts.date())) == (name, session, day)
        )

    def once(self, name: str, day: str, *, session: int = 1, shift: int = 0, longer: int = 0, **fields: Any) -> None:
        """One booking is moved by minutes of the wall clock, made longer, or given other fields."""
        place = self.at(name, day, session)
        self.bookings[place] = _moved(self.bookings[place], shift, longer, fields)

    def always(self, name: str, *, session: int = 1, shift: int = 0, **fields: Any) -> None:
        """All bookings of a session are moved or given other fields, and its line in the list of sessions as well."""
        for place, b in enumerate(self.bookings):
            if (b.request, b.session) == (name, session):
                self.bookings[place] = _moved(b, shift, 0, fields)
        for place, s in enumerate(self.sessions):
            if (s.request, s.number) == (name, session):
                clocks = {"starts": _later(s.starts, shift), "ends": _later(s.ends, shift)}
                self.sessions[place] = s.model_copy(update=clocks | fields)

    def book(self, name: str, start: str, *, session: int = 1, space: str = "", layout: str = "") -> None:
        """One booking more, at such as `2026-12-04 15:00`; as the session's others unless said otherwise."""
        begins = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(self.problem.community.zone))
        like = next((b for b in self.bookings if (b.request, b.session) == (name, session)), None)
        self.bookings.append(
            Booking(
                request=name,
                session=session,
                starts=begins,
                ends=begins + timedelta(minutes=self.request(name).minutes),
                space=space or (like.space if like else ""),
                layout=layout or (like.layout if like else ""),
            )
        )

    def drop(self, name: str, session: int = 1) -> None:
        """A session is taken out with all that is said about it; of a request's only session the refusal is added."""
        self.bookings = [b for b in self.bookings if (b.request, b.session) != (name, session)]
        self.sessions = [s for s in self.sessions if (s.request, s.number) != (name, session)]
        self.missing = [m for m in self.missing if (m.request, m.session) != (name, session)]
        request, left = self.request(name), sum(s.request == name for s in self.sessions)
        asked = request.when.per_week if isinstance(request.when, Series) else 1
        self.refusals.append(refused(request, asked, left))

    def grant(self, name: str, weekday: Weekday, starts: str, space: str, layout: str, *, shut: str = "") -> None:
        """A refused request gets its one session, on all dates but days off and one on which the floor is shut."""
        request, season = self.request(name), self.problem.season
        own = request.when.date if isinstance(request.when, Dated) else None
        calendars = {c.id: c.days_off for c in self.problem.calendars}
        off = calendars[request.when.calendar] if isinstance(request.when, Series) else ()
        day = own or season.first_date
        while day <= (own or season.last_date):
            if str(day) == shut:
                self.missing.append(
                    MissingDate(request=name, session=1, date=day, kind="fallen", rule="closed", constraint="g")
                )
            elif WEEKDAYS[day.weekday()] == weekday and day in off:
                self.missing.append(MissingDate(request=name, session=1, date=day, kind="fallen", rule="calendar"))
            elif WEEKDAYS[day.weekday()] == weekday:
                self.book(name, f"{day} {starts}", space=space, layout=layout)
            day += timedelta(days=1)
        self.sessions.append(
            Session(
                request=name,
                number=1,
                weekday=weekday,
                date=own,
                starts=starts,
                ends=_later(starts, request.minutes),
                space=space,
                layout=layout,
            )
        )
        self.refusals = [r for r in self.refusals if r.request != name]

    def stage(self, name: str, of: str | None = None, /, **fields: Any) -> None:
        """A stage is told differently, and nothing is made to fit it."""
        self.honest = False
        self.stages = [s.model_copy(update=fields) if (s.stage, s.of) == (name, of) else s for s in self.stages]

    def value_of(self, name: str, of: str | None = None) -> StageResult:
        return next(s for s in self.stages if (s.stage, s.of) == (name, of))

    def line(self, kind: str, /, **fields: Any) -> None:
        """The first missing date of a kind is told differently."""
        place = next(place for place, m in enumerate(self.missing) if m.kind == kind)
        self.missing[place] = self.missing[place].model_copy(update=fields)

    def lose(self, name: str, day: str, to: str, session: int = 1) -> None:
        """A booking is taken out and listed as lost to somebody."""
        del self.bookings[self.at(name, day, session)]
        self.missing.append(
            MissingDate(
                request=name,
                session=session,
                date=date.fromisoformat(day),
                kind="lost",
                rule="date_loss",
                constraint="j",
                to=(to,),
            )
        )

    def refusal(self, name: str, **fields: Any) -> None:
        """A refusal is told differently."""
        self.refusals = [r.model_copy(update=fields) if r.request == name else r for r in self.refusals]


def refused(request: Request, asked: int, granted: int) -> Refusal:
    """A refusal for no good reason."""
    reason = Reason(
        code="overlap", space=request.spaces[0], weekday=request.windows[0].days[0], starts="09:00", sentence=NOTHING
    )
    return Refusal(
        request=request.id,
        asked=asked,
        granted=granted,
        before_solving=False,
        code="overlap",
        reasons=(reason,),
        sentence=NOTHING,
    )


def _moved(booking: Booking, shift: int, longer: int, fields: dict[str, Any]) -> Booking:
    starts = booking.starts + timedelta(minutes=shift)
    ends = booking.ends + timedelta(minutes=shift + longer)
    return booking.model_copy(update={"starts": starts, "ends": ends} | fields)


def _later(clock: str, minutes: int) -> str:
    total = int(clock[:2]) * 60 + int(clock[3:]) + minutes
    return f"{total // 60:02d}:{total % 60:02d}"
