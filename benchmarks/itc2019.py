"""ITC-2019 instances, solved through the public interface.

    python -m benchmarks.itc2019 INSTANCE.xml[.gz] [--time-limit S] [--seed N] [--workers N] -o SOLUTION.xml

An instance becomes an ordinary problem: a class is a request for one of several patterns, a room a space, a
distribution a `relation` or a `load`, and the whole one weighted stage. Students are left out. Printed are the total
and its parts as our own verifier counts them; the competition's validator, or any other, may be asked about the file.
"""

from __future__ import annotations

import argparse
import gzip
import re
import resource
import sys
import time
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from scheduler.constraints.availability import Closed
from scheduler.constraints.loads import Load
from scheduler.constraints.relations import Relation
from scheduler.constraints.terms import WEEKDAYS, ConstraintBase, Scope
from scheduler.problem import (
    Applicant,
    Calendar,
    Community,
    Hours,
    Layout,
    Pattern,
    Patterns,
    Policy,
    PriorityClass,
    Problem,
    Request,
    Season,
    Site,
    Space,
    Travel,
    Use,
    WishCosts,
)
from scheduler.search.results import Progress
from scheduler.solve import Solved, solve
from scheduler.timetable import Timetable
from scheduler.verify import verify
from scheduler.wellformed import faults_of

MONDAY = date(2018, 1, 1)
NO_ROOM = "none"
RELATIONS = {
    "SameStart": "same_start",
    "SameTime": "same_time",
    "DifferentTime": "different_time",
    "SameDays": "same_days",
    "DifferentDays": "different_days",
    "SameWeeks": "same_weeks",
    "DifferentWeeks": "different_weeks",
    "Overlap": "overlap",
    "NotOverlap": "not_overlap",
    "SameRoom": "same_space",
    "DifferentRoom": "different_space",
    "SameAttendees": "same_attendees",
    "Precedence": "precedence",
    "WorkDay": "work_day",
    "MinGap": "min_gap",
}
LOADS = {"MaxDays": "max_days", "MaxDayLoad": "max_day_load", "MaxBreaks": "max_breaks", "MaxBlock": "max_block"}


@dataclass(frozen=True)
class Instance:
    """An instance as it is written, and what is needed to write a solution of it."""

    name: str
    days: int
    weeks: int
    slot_minutes: int
    root: ET.Element


def read(path: Path) -> Instance:
    """The instance in a file, packed or not."""
    written = path.read_bytes()
    root = ET.fromstring(gzip.decompress(written) if path.suffix == ".gz" else written)  # noqa: S314 - the user's own
    return Instance(
        name=root.get("name", path.stem),
        days=int(root.get("nrDays", "7")),
        weeks=int(root.get("nrWeeks", "1")),
        slot_minutes=1440 // int(root.get("slotsPerDay", "288")),
        root=root,
    )


def problem_of(instance: Instance) -> Problem:
    """The instance as a problem, without its students."""
    weights = {key: int(value) for key, value in _one(instance.root, "optimization").attrib.items()}
    rooms = list(_one(instance.root, "rooms"))
    sites, travel = _sites(instance, rooms)
    everything = [Hours(starts="00:00", ends="24:00")]
    spaces = [
        Space(
            id=f"R{room.get('id')}",
            name=f"R{room.get('id')}",
            site=sites[room.get("id", "")],
            layouts=(Layout(id="room", capacity=1),),
            hours=tuple(everything),
        )
        for room in rooms
    ]
    nowhere = Space(
        id=NO_ROOM, name=NO_ROOM, site="elsewhere", layouts=(Layout(id="room", capacity=1),), unlimited=True
    )
    return Problem(
        community=Community(id="itc2019", name=instance.name, zone="UTC"),
        season=Season(first_date=MONDAY, last_date=MONDAY + timedelta(days=7 * instance.weeks - 1)),
        policy=Policy(
            stages=("duties", "wishes"),
            wishes=WishCosts(
                points_per_occurrence=1,
                lost_date=0,
                acceptable_window=0,
                space_rank=0,
                rule_weight=weights["distribution"],
            ),
        ),
        priorities=(PriorityClass(id="class", duty=True),),
        calendars=(Calendar(id="always"),),
        sites=tuple(Site(id=site, name=site) for site in dict.fromkeys([*sites.values(), "elsewhere"])),
        travel=tuple(travel),
        spaces=(*spaces, nowhere),
        uses=(Use(id="class", name="class", noise=0, calendar="always"),),
        applicants=(Applicant(id="school", name="school", priority="class"),),
        requests=tuple(_request(instance, each, weights) for each in _one(instance.root, "courses").iter("class")),
        constraints=(*_closures(instance, rooms), *_distributions(instance)),
    )


def _one(element: ET.Element, name: str) -> ET.Element:
    found = element.find(name)
    if found is None:
        raise SystemExit(f"no <{name}> in the instance")
    return found


def _sites(instance: Instance, rooms: list[ET.Element]) -> tuple[dict[str, str], list[Travel]]:
    """Rooms with no way between them and the same ways to all others are one site."""
    ways: dict[str, dict[str, int]] = {room.get("id", ""): {} for room in rooms}
    for room in rooms:
        for each in room.findall("travel"):
            one, other, slots = room.get("id", ""), each.get("room", ""), int(each.get("value", "0"))
            if slots and one != other:
                ways[one][other] = ways[other][one] = slots * instance.slot_minutes
    clusters: dict[frozenset[tuple[str, int]], str] = {}
    sites = {one: clusters.setdefault(frozenset(there.items()), f"S{one}") for one, there in ways.items()}
    found: dict[tuple[str, ...], int] = {}
    for one, others in ways.items():
        for other, minutes in others.items():
            found[tuple(sorted((sites[one], sites[other])))] = minutes
    return sites, [Travel(between=(pair[0], pair[1]), minutes=minutes) for pair, minutes in sorted(found.items())]


def _weeks(bits: str) -> tuple[int, ...]:
    return tuple(number for number, bit in enumerate(bits, start=1) if bit == "1")


def _clock(instance: Instance, slot: int) -> str:
    return f"{slot * instance.slot_minutes // 60:02d}:{slot * instance.slot_minutes % 60:02d}"


def _request(instance: Instance, element: ET.Element, weights: dict[str, int]) -> Request:
    options: dict[tuple[str, str, str], Pattern] = {}
    for each in element.findall("time"):
        days, weeks, start = each.get("days", ""), each.get("weeks", ""), each.get("start", "0")
        options[days, weeks, start] = Pattern(
            days=tuple(WEEKDAYS[number] for number, bit in enumerate(days) if bit == "1"),
            weeks=_weeks(weeks),
            starts=_clock(instance, int(start)),
            minutes=int(each.get("length", "0")) * instance.slot_minutes,
            cost=weights["time"] * int(each.get("penalty", "0")),
        )
    rooms = {f"R{room.get('id')}": weights["room"] * int(room.get("penalty", "0")) for room in element.findall("room")}
    if element.get("room") == "false" or not rooms:
        rooms = {NO_ROOM: 0}
    return Request(
        id=f"C{element.get('id')}",
        applicant="school",
        use="class",
        headcount=1,
        minutes=instance.slot_minutes,
        when=Patterns(options=tuple(options.values())),
        spaces=tuple(rooms),
        space_costs=tuple(rooms.values()),
        layouts=("room",),
        noise=0,
        priority="class",
    )


def _closures(instance: Instance, rooms: list[ET.Element]) -> Iterator[Closed]:
    shut: dict[tuple[str, int, int], set[date]] = defaultdict(set)
    for room in rooms:
        for each in room.findall("unavailable"):
            start, length = int(each.get("start", "0")), int(each.get("length", "0"))
            for week in _weeks(each.get("weeks", "")):
                for number, bit in enumerate(each.get("days", "")):
                    if bit == "1":
                        day = MONDAY + timedelta(days=7 * (week - 1) + number)
                        shut[room.get("id", ""), start, start + length].add(day)
    for number, ((room_id, start, end), dates) in enumerate(shut.items()):
        yield Closed(
            id=f"closed-{number}",
            source="instance",
            spaces=(f"R{room_id}",),
            dates=tuple(sorted(dates)),
            starts=_clock(instance, start),
            ends=_clock(instance, end),
        )


def _distributions(instance: Instance) -> Iterator[ConstraintBase]:
    for number, element in enumerate(_one(instance.root, "distributions")):
        match = re.fullmatch(r"\s*(\w+)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*", element.get("type", ""))
        if match is None:
            raise SystemExit(f"distribution {number}: {element.get('type')} is not known")
        name, numbers = match[1], [int(each) for each in match.groups()[1:] if each is not None]
        classes = tuple(dict.fromkeys(f"C{each.get('id')}" for each in element.findall("class")))
        must = element.get("required") == "true"
        weight = 0 if must else int(element.get("penalty", "0"))
        if not classes or not (must or weight):
            continue
        common = {
            "id": f"{name}-{number}",
            "source": f"distribution {number}",
            "scope": Scope(requests=classes),
            "strength": "must" if must else "should",
            "weight": weight,
        }
        yield _rule(name, [each * instance.slot_minutes for each in numbers], numbers, instance.slot_minutes, common)


def _rule(
    name: str, minutes: list[int], numbers: list[int], slot_minutes: int, common: dict[str, object]
) -> ConstraintBase:
    more: dict[str, object] = {}
    if name in {"WorkDay", "MinGap", "MaxDayLoad", "MaxBlock"}:
        more["minutes"] = min(minutes[0], 2880)
    if name == "MaxDayLoad":
        more["unit_minutes"] = slot_minutes
    if name in {"MaxDays", "MaxBreaks"}:
        more["at_most"] = numbers[0]
    if name in {"MaxBreaks", "MaxBlock"}:
        more["gap_minutes"] = minutes[1]
    if name in LOADS:
        return Load.model_validate({"measure": LOADS[name], **common, **more}, strict=False)
    if name not in RELATIONS:
        raise SystemExit(f"distribution type {name} is not known; known are {', '.join([*RELATIONS, *LOADS])}")
    return Relation.model_validate({"relation": RELATIONS[name], **common, **more}, strict=False)


def solution_of(instance: Instance, timetable: Timetable, seconds: float) -> ET.ElementTree[ET.Element]:
    """The competition's form of a timetable."""
    solution = ET.Element(
        "solution",
        name=instance.name,
        runtime=f"{seconds:.1f}",
        cores="2",
        technique="Gongshi, CP-SAT",
        author="Gongshi",
        institution="Gongshi",
        country="CN",
    )
    for session in timetable.sessions:
        hours, minutes = map(int, session.starts.split(":"))
        element = ET.SubElement(
            solution,
            "class",
            id=session.request[1:],
            days="".join("1" if day in session.days else "0" for day in WEEKDAYS[: instance.days]),
            start=str((hours * 60 + minutes) // instance.slot_minutes),
            weeks="".join("1" if week in session.weeks else "0" for week in range(1, instance.weeks + 1)),
        )
        if session.space != NO_ROOM:
            element.set("room", session.space[1:])
    return ET.ElementTree(solution)


def parts(problem: Problem, timetable: Timetable) -> dict[str, int]:
    """What the times, the rooms and the distributions cost, each with its weight."""
    asked = {request.id: request for request in problem.requests}
    times = rooms = 0
    for session in timetable.sessions:
        request = asked[session.request]
        rooms += request.space_costs[request.spaces.index(session.space)]
        assert isinstance(request.when, Patterns)
        times += min(
            option.cost
            for option in request.when.options
            if (set(option.days), set(option.weeks), option.starts)
            == (set(session.days), set(session.weeks), session.starts)
        )
    total = next(stage.value for stage in timetable.stages if stage.stage == "wishes")
    return {"time": times, "room": rooms, "distribution": total - times - rooms, "student": 0, "total": total}


def main(arguments: list[str] | None = None) -> int:
    """Solve one instance; the exit code is 0 only when a verified solution was written."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.itc2019", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("instance", type=Path)
    parser.add_argument("--time-limit", type=float, default=300.0, metavar="SECONDS")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("-o", "--output", type=Path, required=True)
    asked = parser.parse_args(arguments)
    began = time.monotonic()
    instance = read(asked.instance)
    problem = problem_of(instance)
    faults = faults_of(problem)
    if faults:
        print(*faults[:5], sep="\n", file=sys.stderr)
        return 2
    outcome = solve(
        problem,
        time_limit=asked.time_limit - (time.monotonic() - began),
        seed=asked.seed,
        workers=asked.workers,
        progress=_tell,
    )
    seconds = time.monotonic() - began
    if not isinstance(outcome, Solved):
        print(f"{instance.name}: {outcome.sentence.en} after {seconds:.1f} s")
        return 3
    timetable = outcome.timetable
    solution_of(instance, timetable, seconds).write(asked.output, encoding="utf-8", xml_declaration=True)
    report = verify(problem, timetable)
    told = parts(problem, timetable)
    bound = next(stage.bound for stage in timetable.stages if stage.stage == "wishes")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{instance.name}: " + ", ".join(f"{name} {value}" for name, value in told.items()))
    print(f"bound {bound}, {timetable.status}, {seconds:.1f} s, {memory} MB, verified: {report.holds}")
    for violation in report.violations[:5]:
        print(violation.sentence.en)
    return 0 if report.holds else 1


def _tell(progress: Progress) -> None:
    if progress.incumbent is not None:
        print(
            f"{progress.seconds:8.1f} s  {progress.stage:8} {progress.incumbent} (bound {progress.bound})",
            file=sys.stderr,
        )


if __name__ == "__main__":
    sys.exit(main())
