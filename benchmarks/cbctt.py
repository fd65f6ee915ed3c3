"""Curriculum-based course timetabling (ITC-2007, track 3), solved through the public interface.

    python -m benchmarks.cbctt INSTANCE.ctt ... [--time-limit S] [--seed N] [--workers N] -o SOLUTION.out

A course is a weekly series of so many lectures, a curriculum and a teacher a set of requests that do not overlap. With
several instances `-o` names a directory. Beside the total stand its four parts, counted here once more from the file
that was written, by the competition's rules as they are stated, and by nothing of ours.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from scheduler.constraints.loads import Load
from scheduler.constraints.relations import Relation
from scheduler.constraints.terms import WEEKDAYS, ConstraintBase, Scope
from scheduler.problem import (
    Applicant,
    Calendar,
    Community,
    Hours,
    Layout,
    Policy,
    PriorityClass,
    Problem,
    Request,
    Season,
    Series,
    Site,
    Space,
    Use,
    Window,
    WishCosts,
)
from scheduler.solve import Solved, solve
from scheduler.timetable import Timetable
from scheduler.verify import verify
from scheduler.wellformed import faults_of

MONDAY = date(2018, 1, 1)
FIRST_HOUR = 8


@dataclass(frozen=True)
class Course:
    """A line of COURSES."""

    teacher: str
    lectures: int
    min_days: int
    students: int


@dataclass
class Instance:
    """An instance as it is written."""

    name: str = ""
    days: int = 0
    periods: int = 0
    courses: dict[str, Course] = field(default_factory=dict)
    rooms: dict[str, int] = field(default_factory=dict)
    curricula: dict[str, list[str]] = field(default_factory=dict)
    unavailable: set[tuple[str, int, int]] = field(default_factory=set)


def read(path: Path) -> Instance:
    """The instance in a file."""
    found, section = Instance(), ""
    for line in path.read_text(encoding="utf-8").splitlines():
        words = line.replace(":", " ").split() if ":" in line else line.split()
        if not words or words[0] == "END.":
            continue
        if words[0] in {"COURSES", "ROOMS", "CURRICULA", "UNAVAILABILITY_CONSTRAINTS"}:
            section = words[0]
        elif section == "":
            if words[0] == "Name":
                found.name = words[1]
            elif words[0] == "Days":
                found.days = int(words[1])
            elif words[0] == "Periods_per_day":
                found.periods = int(words[1])
        elif section == "COURSES":
            found.courses[words[0]] = Course(words[1], *map(int, words[2:5]))
        elif section == "ROOMS":
            found.rooms[words[0]] = int(words[1])
        elif section == "CURRICULA":
            found.curricula[words[0]] = words[2:]
        else:
            found.unavailable.add((words[0], int(words[1]), int(words[2])))
    return found


def problem_of(instance: Instance) -> Problem:
    """The instance as a problem: one week, a period an hour."""
    return Problem(
        community=Community(id="cbctt", name=instance.name, zone="UTC"),
        season=Season(first_date=MONDAY, last_date=MONDAY + timedelta(days=6)),
        policy=Policy(
            stages=("duties", "wishes"),
            wishes=WishCosts(points_per_occurrence=1, lost_date=0, acceptable_window=0, space_rank=0),
        ),
        priorities=(PriorityClass(id="course", duty=True),),
        calendars=(Calendar(id="always"),),
        sites=(Site(id="school", name="school"),),
        spaces=tuple(
            Space(
                id=f"r-{room}",
                name=room,
                site="school",
                layouts=(Layout(id="room", capacity=1),),
                hours=(Hours(starts="00:00", ends="24:00"),),
            )
            for room in instance.rooms
        ),
        uses=(Use(id="lecture", name="lecture", noise=0, calendar="always"),),
        applicants=(Applicant(id="school", name="school", priority="course"),),
        requests=tuple(_request(instance, course) for course in instance.courses),
        constraints=tuple(_rules(instance)),
    )


def _request(instance: Instance, name: str) -> Request:
    course = instance.courses[name]
    windows = []
    for period in range(instance.periods):
        days = [day for day in range(instance.days) if (name, day, period) not in instance.unavailable]
        if days:
            hours = {"starts": f"{FIRST_HOUR + period:02d}:00", "ends": f"{FIRST_HOUR + period + 1:02d}:00"}
            windows.append(Window(days=tuple(WEEKDAYS[day] for day in days), kind="fixed", **hours))
    return Request(
        id=f"c-{name}",
        applicant="school",
        use="lecture",
        headcount=1,
        minutes=60,
        when=Series(per_week=course.lectures, calendar="always"),
        windows=tuple(windows),
        spaces=tuple(f"r-{room}" for room in instance.rooms),
        space_costs=tuple(max(0, course.students - capacity) for capacity in instance.rooms.values()),
        layouts=("room",),
        noise=0,
        priority="course",
    )


def _rules(instance: Instance) -> Iterator[ConstraintBase]:
    teachers: dict[str, list[str]] = defaultdict(list)
    days: dict[int, list[str]] = defaultdict(list)
    for name, course in instance.courses.items():
        teachers[course.teacher].append(name)
        days[course.min_days].append(name)
    for number, (name, courses) in enumerate([*teachers.items(), *instance.curricula.items()]):
        yield Relation(id=f"apart-{number}", source=name, relation="not_overlap", scope=_of(courses))
    for number, (name, courses) in enumerate(instance.curricula.items()):
        yield Load(
            id=f"compact-{number}", source=name, measure="compactness", scope=_of(courses), strength="should", weight=2
        )
    for least, courses in days.items():
        yield Load(
            id=f"days-{least}",
            source="min working days",
            measure="min_working_days",
            each="request",
            at_least=least,
            scope=_of(courses),
            strength="should",
            weight=5,
        )
    yield Load(id="stable", source="stability", measure="space_stability", each="request", strength="should", weight=1)


def _of(courses: list[str]) -> Scope:
    return Scope(requests=tuple(f"c-{course}" for course in courses))


def written(instance: Instance, timetable: Timetable) -> str:
    """The competition's form of a timetable: course, room, day, period."""
    lines = [
        f"{s.request[2:]} {s.space[2:]} {WEEKDAYS.index(s.weekday)} {int(s.starts[:2]) - FIRST_HOUR}"
        for s in timetable.sessions
    ]
    return "\n".join([*lines, ""])


def judged(instance: Instance, text: str) -> dict[str, int]:
    """What a solution costs, and how many hard rules it breaks, by the competition's rules (ITC-2007, track 3)."""
    lectures = [(words[0], words[1], int(words[2]), int(words[3])) for words in map(str.split, text.splitlines())]
    at: dict[str, set[tuple[int, int]]] = defaultdict(set)
    of: dict[str, list[str]] = defaultdict(list)
    for name, room, day, period in lectures:
        at[name].add((day, period))
        of[name].append(room)
    broken = sum(len(at[name]) != course.lectures for name, course in instance.courses.items())
    broken += sum((name, day, period) in instance.unavailable for name, _, day, period in lectures)
    broken += len(lectures) - len({(room, day, period) for _, room, day, period in lectures})
    teachers = defaultdict(list)
    for name, course in instance.courses.items():
        teachers[course.teacher].append(name)
    pairs = {
        (a, b) for group in (*teachers.values(), *instance.curricula.values()) for a in group for b in group if a < b
    }
    broken += sum(len(at[a] & at[b]) for a, b in pairs)
    alone = 0
    for courses in instance.curricula.values():
        busy = {when for course in courses for when in at[course]}
        alone += sum(not {(day, period - 1), (day, period + 1)} & busy for day, period in busy)
    return {
        "capacity": sum(max(0, instance.courses[c].students - instance.rooms[r]) for c, r, _, _ in lectures),
        "min_days": 5
        * sum(max(0, course.min_days - len({day for day, _ in at[name]})) for name, course in instance.courses.items()),
        "compactness": 2 * alone,
        "stability": sum(len(set(of[name])) - 1 for name in instance.courses),
        "broken": broken,
    }


def run(path: Path, output: Path, asked: argparse.Namespace) -> bool:
    """Solve one instance, write and judge its solution."""
    began = time.monotonic()
    instance = read(path)
    problem = problem_of(instance)
    faults = faults_of(problem)
    if faults:
        print(path, *faults[:5], sep="\n", file=sys.stderr)
        return False
    outcome = solve(problem, time_limit=asked.time_limit, seed=asked.seed, workers=asked.workers)
    seconds = time.monotonic() - began
    if not isinstance(outcome, Solved):
        print(f"{path.stem}: {outcome.sentence.en} after {seconds:.1f} s")
        return False
    text = written(instance, outcome.timetable)
    output.write_text(text, encoding="utf-8")
    stage = next(stage for stage in outcome.timetable.stages if stage.stage == "wishes")
    costs = judged(instance, text)
    broken = costs.pop("broken")
    report = verify(problem, outcome.timetable)
    agree = sum(costs.values()) == stage.value and not broken and report.holds
    told = ", ".join(f"{name} {value}" for name, value in costs.items())
    print(
        f"{path.stem}: {stage.value} (bound {stage.bound}) in {seconds:.1f} s; "
        f"by the rules {sum(costs.values())}: {told}, broken {broken}; {'agree' if agree else 'DIFFER'}",
        flush=True,
    )
    for violation in report.violations[:3]:
        print(violation.sentence.en)
    return agree


def main(arguments: list[str] | None = None) -> int:
    """Solve the instances; the exit code is 0 only when all agree with the rules."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m benchmarks.cbctt", description=__doc__, formatter_class=form)
    parser.add_argument("instances", type=Path, nargs="+")
    parser.add_argument("--time-limit", type=float, default=300.0, metavar="SECONDS")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("-o", "--output", type=Path, required=True)
    asked = parser.parse_args(arguments)
    many = len(asked.instances) > 1 or asked.output.is_dir()
    if many:
        asked.output.mkdir(parents=True, exist_ok=True)
    results = [
        run(path, asked.output / f"{path.stem}.out" if many else asked.output, asked) for path in asked.instances
    ]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
