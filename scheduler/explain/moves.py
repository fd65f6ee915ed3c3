"""What cannot stay in the plan in force, session by session and date by date, and where the repair puts it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

from scheduler.constraints.terms import DAY_EN, DAY_ZH, WEEKDAYS, ConstraintBase, Names, Sentence
from scheduler.effects import Move, Slot
from scheduler.explain.elsewhere import Elsewhere, Option
from scheduler.explain.repair import Repaired
from scheduler.model.objective import key_of
from scheduler.placements.facts import DAY, hhmm, minutes
from scheduler.problem import Problem, Request, Series
from scheduler.timetable import Booking, Session, Timetable
from scheduler.verify import Violation

Rules = Sequence[ConstraintBase]


class Moves:
    """The moves from one plan to its repair, told for people.

    Args:
        problem: with the new rules.
        rules: the new ones.
        violations: what the verifier finds in the plan in force beside the new rules.
        before: the plan in force.
        after: its repair.
    """

    def __init__(
        self, problem: Problem, rules: Rules, violations: Sequence[Violation], before: Timetable, after: Repaired
    ) -> None:
        self._problem = problem
        self._names = problem.names()
        self._rules = {rule.id: rule for rule in rules}
        self._broken = [each for each in violations if each.constraint in self._rules]
        self._before = before
        self._after = after
        self._requests = {request.id: request for request in problem.requests}
        self._booked = _dates(before.bookings, before.sessions)

    def of_sessions(self) -> Iterator[Move]:
        """Sessions that the repair has no more, each with the one that it puts in its stead."""
        there = {key_of(session) for session in self._after.sessions}
        held = {key_of(session) for session in self._before.sessions}
        fresh: dict[str, list[Session]] = defaultdict(list)
        for session in self._after.sessions:
            if key_of(session) not in held:
                fresh[session.request].append(session)
        for session in self._before.sessions:
            if key_of(session) not in there:
                new = min(fresh[session.request], key=lambda each: _far(session, each), default=None)
                if new is not None:
                    fresh[session.request].remove(new)
                dates = tuple(sorted(self._booked[session.request, session.number]))
                yield self._session(session, new, dates)

    def _session(self, was: Session, new: Session | None, dates: tuple[date, ...]) -> Move:
        rules = self._breaking(was, dates)
        if new is None and not rules:  # all or nothing: it goes for the sake of another session of its request
            rules = self._breaking(was, None)
        slot, to = slot_of(was), slot_of(new) if new else None
        why = self._because(rules)
        at, name = self._told(slot), was.request
        if to is None:
            zh, en = (
                f"{why.zh}{at.zh} 不能再排，没有别处可排",
                f"{why.en}{at.en} cannot stay, and there is no other place",
            )
        else:
            there = self._told(to)
            zh, en = f"{why.zh}由{at.zh} 改到{there.zh}", f"{why.en}from {at.en} to {there.en}"
        return Move(
            request=name,
            session=was.number,
            dates=dates,
            was=slot,
            to=to,
            rules=rules,
            sentence=self._of(name, zh, en),
        )

    def of_dates(self, expired: Callable[[], bool]) -> Iterator[Move]:
        """Single dates of sessions that stay, which cannot take place, each with where it could be made up.

        Args:
            expired: asked before each; once true nothing more is looked for, and dates come without a place.
        """
        numbers = {key_of(session): session.number for session in self._after.sessions}
        after = _dates(self._after.bookings, self._after.sessions)
        fell = {(m.request, m.session, m.date): m.constraint for m in self._after.missing}
        elsewhere = Elsewhere(self._problem, self._after.bookings)
        for session in self._before.sessions:
            number = numbers.get(key_of(session))
            if number is None or session.request not in self._requests:
                continue
            gone = self._booked[session.request, session.number] - after[session.request, number]
            for day in sorted(gone):
                option = None if expired() else self._option(elsewhere, session, day)
                constraint = fell.get((session.request, number, day))
                rules = (constraint,) if constraint in self._rules and constraint else self._breaking(session, (day,))
                yield self._date(session, day, option, rules)

    def _option(self, elsewhere: Elsewhere, session: Session, day: date) -> Option | None:
        request: Request = self._requests[session.request]
        if not isinstance(request.when, Series):
            return None
        return elsewhere.place(request, session.number, day, session.space, minutes(session.starts))

    def _date(self, session: Session, day: date, option: Option | None, rules: tuple[str, ...]) -> Move:
        was = slot_of(session).model_copy(update={"date": day, "weekday": WEEKDAYS[day.weekday()]})
        to = None
        if option is not None:
            to = Slot(
                weekday=WEEKDAYS[option.day.weekday()],
                date=option.day,
                starts=hhmm(option.start),
                ends=hhmm(option.end),
                space=option.space,
                layout=option.layout,
            )
        why, at = self._because(rules), self._told(was)
        zh, en = f"{why.zh}{at.zh} 这一次不能举行", f"{why.en}{at.en} cannot take place"
        if to is not None:
            there = self._told(to)
            zh, en = f"{zh}，可改在{there.zh}", f"{en}; it could be {there.en}"
        else:
            zh, en = f"{zh}，当周没有找到可改的地方", f"{en}; no other place was found that week"
        return Move(
            request=session.request,
            session=session.number,
            date=day,
            dates=(day,),
            was=was,
            to=to,
            wished=option is None or option.wished,
            rules=rules,
            sentence=self._of(session.request, zh, en),
        )

    def _breaking(self, session: Session, dates: Sequence[date] | None) -> tuple[str, ...]:
        """The new rules that a session breaks on some of its dates; None: that its request breaks on any."""
        found = [
            each.constraint
            for each in self._broken
            if session.request in each.requests and (dates is None or each.date is None or each.date in dates)
        ]
        return tuple(dict.fromkeys(id for id in found if id is not None))

    def _because(self, rules: tuple[str, ...]) -> Sentence:
        if not rules:
            return Sentence(zh="为别的场次让位：", en="to make room for others: ")
        told = [self._rules[id].sentence(self._names) for id in rules]
        zh, en = dict.fromkeys(each.zh for each in told), dict.fromkeys(each.en for each in told)
        return Sentence(zh=f"{'；'.join(zh)}：", en=f"{'; '.join(en)}: ")

    def _of(self, request: str, zh: str, en: str) -> Sentence:
        names = self._names
        return Sentence(zh=f"{names.zh(request)}[{request}]：{zh}", en=f"{names.en(request)} [{request}]: {en}")

    def _told(self, slot: Slot) -> Sentence:
        return told(slot, self._names)


def told(slot: Slot, names: Names) -> Sentence:
    """A slot in words; hours after midnight are told with the day to which they belong, as the schema counts them."""
    late = minutes(slot.ends) > DAY
    hours = f"{slot.starts}-{slot.ends}"
    day_zh = f"{slot.date} 周{DAY_ZH[slot.weekday]}" if slot.date else f"每周{DAY_ZH[slot.weekday]}"
    day_en = f"{DAY_EN[slot.weekday]} {slot.date}" if slot.date else f"every {DAY_EN[slot.weekday]}"
    return Sentence(
        zh=f"{names.zh(slot.space)} {day_zh} {hours}{'（过午夜）' if late else ''}",
        en=f"{names.en(slot.space)} {day_en} {hours}{' (past midnight)' if late else ''}",
    )


def slot_of(session: Session) -> Slot:
    """The slot of a session."""
    return Slot(
        weekday=session.weekday,
        date=session.date,
        starts=session.starts,
        ends=session.ends,
        space=session.space,
        layout=session.layout,
    )


def _far(one: Session, other: Session) -> tuple[bool, bool, int, int]:
    """How different two sessions of one request are: another weekday, another space, minutes."""
    apart = abs(minutes(one.starts) - minutes(other.starts))
    return one.weekday != other.weekday, one.space != other.space, apart, other.number


def _dates(bookings: Sequence[Booking], sessions: Sequence[Session]) -> dict[tuple[str, int], set[date]]:
    """The dates on which each session is booked; a start of 24:30 belongs to the evening before."""
    late = {(each.request, each.number): timedelta(days=minutes(each.starts) // DAY) for each in sessions}
    found: dict[tuple[str, int], set[date]] = defaultdict(set)
    for booking in bookings:
        key = (booking.request, booking.session)
        found[key].add(booking.starts.date() - late.get(key, timedelta()))
    return found
