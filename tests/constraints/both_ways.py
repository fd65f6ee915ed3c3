"""Both ways: in a tiny world the solver's solutions are exactly what the checker accepts.

The checker's side tries *every* booking set, made here without the placements: for each session any subset of the
season's dates, any start on the grid of the world, any space, any layout. A posting that is too loose lets through a
solution that the checker refuses; one that is too strict loses one that it accepts. Either way the sets differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import chain, combinations, product
from zoneinfo import ZoneInfo

from ortools.sat.python.cp_model import OPTIMAL, CpSolver, LinearExpr

from scheduler.constraints.loads import Load
from scheduler.constraints.pin import Pin
from scheduler.constraints.terms import WEEKDAYS, ConstraintBase
from scheduler.model.build import build, candidates_of
from scheduler.model.read import bookings
from scheduler.placements.facts import Facts
from scheduler.problem import Dated, Patterns, Problem, Request, Series, Space
from scheduler.search.every import all_solutions
from scheduler.timetable import Booking
from scheduler.verify.core import accepts, check_in, examine
from scheduler.verify.reading import read
from scheduler.verify.score import penalties
from scheduler.verify.terms import TERMS
from scheduler.verify.world import World

Plan = frozenset[tuple[str, int, datetime, datetime, str, str]]
"""A set of bookings as plain values."""


def solver_side(problem: Problem) -> set[Plan]:
    """Every solution of the model, as bookings."""
    facts = Facts(problem)
    variables = build(facts, candidates_of(facts))
    found = set()
    for taken, absent in all_solutions(variables):
        chosen = [variables.candidates.placements[index] for index in taken]
        found.add(plan(bookings(facts, chosen, absent)))
    return found


def checker_side(problem: Problem, starts: Sequence[str], dates: Sequence[date]) -> set[Plan]:
    """Every booking set whatever that the checker accepts.

    Args:
        problem: the world.
        starts: clock times at which a session could begin, whether or not anybody asked for them.
        dates: dates on which it could take place, whether or not anybody asked for them.
    """
    world = World(problem)
    each = [options(problem, request, starts, dates) for request in problem.requests]
    everything = (tuple(chain.from_iterable(choice)) for choice in product(*each))
    return {plan(made) for made in everything if accepts(world, made)}


def options(
    problem: Problem,
    request: Request,
    starts: Sequence[str],
    dates: Sequence[date],
    spaces: Sequence[Space] | None = None,
) -> list[tuple[Booking, ...]]:
    """The ways to book a request that other requests' bookings could make acceptable; the checker is asked about each.

    Only a missing date can be put right by somebody else's booking. Everything else that one request breaks by itself
    stays broken, so sets that contain it need not be tried. All spaces of the problem are tried, unless some are given.
    """
    alone = World(
        problem.model_copy(
            update={
                "requests": tuple(r for r in problem.requests if r.id in (request.id, replaced_by(request))),
                "constraints": tuple(c for c in problem.constraints if _binds_alone(c, request)),
            }
        )
    )
    everything = of_request(problem, request, starts, dates, problem.spaces if spaces is None else spaces)
    return [made for made in everything if possible(alone, request, made)]


def _binds_alone(rule: ConstraintBase, request: Request) -> bool:
    """Whether what a request breaks of a rule by itself stays broken: a lonely session may yet get company."""
    if isinstance(rule, Pin):
        return rule.request == request.id
    return not isinstance(rule, Load)


def possible(alone: World, request: Request, made: Sequence[Booking]) -> bool:
    """Whether a request breaks nothing by itself, but that a date may be missing. Its own terms are looked at first."""
    plan, _ = read(alone, made)
    if any(request.id in finding.violation().requests for look in TERMS for finding in look(plan)):
        return False
    return {v.rule for v in check_in(alone, made) if request.id in v.requests} <= {"date_loss"}


def replaced_by(request: Request) -> str | None:
    """The series in whose stead a dated request stands."""
    when = request.when
    return when.replaces.request if isinstance(when, Dated) and when.replaces else None


def of_request(
    problem: Problem, request: Request, starts: Sequence[str], dates: Sequence[date], spaces: Sequence[Space]
) -> Iterator[tuple[Booking, ...]]:
    """Every way whatever to book a request: no session, or up to as many as it asks for."""
    asked = request.when.per_week if isinstance(request.when, Series) else 1
    sessions = list(of_session(problem, request, starts, dates, spaces))
    for count in range(asked + 1):
        for chosen in combinations(sessions, count):
            ordered = sorted(
                chosen,
                key=lambda bookings: (
                    counted_as(problem, request, bookings[0]),
                    bookings[0].starts.time(),
                    bookings[0].space,
                ),
            )
            yield tuple(
                booking.model_copy(update={"session": number})
                for number, made in enumerate(ordered, start=1)
                for booking in made
            )


def counted_as(problem: Problem, request: Request, booking: Booking) -> int:
    """The weekday of a session by one of its dates: on a working weekend the one that the date counts as."""
    day = booking.starts.date()
    own = WEEKDAYS[day.weekday()]
    if isinstance(request.when, Series):
        calendars = {each.id: each.counts_as for each in problem.calendars}
        own = calendars[request.when.calendar].get(day.isoformat(), own)
    return WEEKDAYS.index(own)


def of_session(
    problem: Problem, request: Request, starts: Sequence[str], dates: Sequence[date], spaces: Sequence[Space]
) -> Iterator[tuple[Booking, ...]]:
    """Every subset of the world's dates x start x space x layout."""
    zone, sizes = ZoneInfo(problem.community.zone), range(1, len(dates) + 1)
    subsets = [subset for size in sizes for subset in combinations(dates, size)]
    lengths = sorted({request.minutes, *_lengths(request)})
    for space, start, subset, minutes in product(spaces, starts, subsets, lengths):
        for layout in space.layouts:
            moments = [wall(day, start) for day in subset]
            yield tuple(
                Booking(
                    request=request.id,
                    session=1,
                    starts=begins.replace(tzinfo=zone),
                    ends=(begins + timedelta(minutes=minutes)).replace(tzinfo=zone),
                    space=space.id,
                    layout=layout.id,
                )
                for begins in moments
            )


def _lengths(request: Request) -> Iterator[int]:
    if isinstance(request.when, Patterns):
        yield from (option.minutes or request.minutes for option in request.when.options)


def costs_differ(problem: Problem) -> str:
    """Where the points that rules which should hold cost differ: the model's least for a solution, the checker's own.

    The solutions are those of the problem without these rules, which forbid nothing.
    """
    facts, world = Facts(problem), World(problem)
    variables = build(facts, candidates_of(facts))
    hard = problem.model_copy(update={"constraints": tuple(c for c in problem.constraints if c.strength == "must")})
    plain = build(Facts(hard), candidates_of(Facts(hard)))
    lines, seen = [], set[int]()
    for taken, absent in set(all_solutions(plain)):
        made = bookings(facts, [variables.candidates.placements[index] for index in taken], absent)
        model = variables.model.clone()
        for index, literal in variables.z.items():
            model.add(model.get_int_var_from_proto_index(literal.index) == int(index in taken))
        model.minimize(LinearExpr.sum(variables.penalties))
        solver = CpSolver()
        solver.parameters.num_workers = 1
        assert solver.solve(model) == OPTIMAL
        ours, theirs = round(solver.objective_value), penalties(examine(world, made)[0])
        seen.add(theirs)
        if ours != theirs:
            lines.append(f"the solver says {ours}, the checker {theirs}: {show(plan(made))}")
    if len(seen) < 2:
        lines.append(f"a world in which everything costs {seen} proves nothing")
    return "\n".join(lines[:5])


def wall(day: date, clock: str) -> datetime:
    """The wall-clock moment of a clock time; 25:00 is one o'clock on the next morning."""
    hours, minutes = map(int, clock.split(":"))
    return datetime.combine(day, datetime.min.time()) + timedelta(hours=hours, minutes=minutes)


def plan(made: Sequence[Booking]) -> Plan:
    """Bookings as a set of plain values."""
    return frozenset((b.request, b.session, b.starts, b.ends, b.space, b.layout) for b in made)


def differences(problem: Problem, starts: Sequence[str], dates: Sequence[date]) -> str:
    """What only one side has, in words; empty when the sides agree and there is something to agree on."""
    ours, theirs = solver_side(problem), checker_side(problem, starts, dates)
    loose, strict = sorted(map(show, ours - theirs)), sorted(map(show, theirs - ours))
    lines = [f"too loose, the checker refuses: {text}" for text in loose[:5]]
    lines += [f"too strict, the solver misses: {text}" for text in strict[:5]]
    if len(theirs) < 2:
        lines.append(f"a world with {len(theirs)} solutions proves nothing")
    return "\n".join(lines)


def show(made: Plan) -> str:
    """A plan in one line."""
    return (
        "; ".join(
            f"{r}#{n} {starts:%a %m-%d %H:%M}-{ends:%H:%M} {space}/{layout}"
            for r, n, starts, ends, space, layout in sorted(made)
        )
        or "nothing"
    )
