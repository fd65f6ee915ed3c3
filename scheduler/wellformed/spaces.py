"""Spaces: parts that make sense, opening hours that are there and do not overlap, travel between sites."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scheduler.constraints.terms import WEEKDAYS
from scheduler.problem import DatedHours, Hours, Interval, Problem, Space
from scheduler.wellformed.clocks import minutes_of
from scheduler.wellformed.faults import NOTHING, Fault, Loc, fault


def parts(problem: Problem) -> Iterator[Fault]:
    """No space is a part of itself, and the parts of one space neither overlap nor lie at another site."""
    by_id = {space.id: space for space in problem.spaces}
    for place, space in enumerate(problem.spaces):
        loc = ("spaces", place, "parts")
        for number, part in enumerate(space.parts):
            if part in by_id and by_id[part].unlimited:
                zh, en = "有场地的空间", "a space that can be taken up"
                yield fault("part_unlimited", (*loc, number), part, zh, en)
        circle = _circle(space, by_id)
        if circle:
            zh, en = "不含自身的空间", "spaces that do not contain it"
            yield fault("part_cycle", loc, " > ".join(circle), zh, en)
        else:
            yield from _overlapping_parts(loc, space, by_id)
            yield from _distant_parts(loc, space, by_id)


def hours(problem: Problem) -> Iterator[Fault]:
    """An atomic space says when it is open; intervals of one day do not overlap; a date stands once."""
    for place, space in enumerate(problem.spaces):
        if space.unlimited:
            yield from _unlimited(("spaces", place), space)
        elif not space.parts and not space.hours and not space.dated_hours:
            zh, en = "开放时间：没有分区的空间都要写", "the opening hours of an atomic space"
            yield fault("hours_missing", ("spaces", place, "hours"), NOTHING, zh, en)
        yield from _overlapping_hours(("spaces", place, "hours"), space.hours)
        yield from _dated_hours(("spaces", place, "dated_hours"), space.dated_hours)


def _unlimited(loc: Loc, space: Space) -> Iterator[Fault]:
    """Where any number may be at once nothing is opened, furnished or taken apart."""
    for name in ("parts", "hours", "dated_hours", "changeover"):
        if getattr(space, name):
            zh, en = "不写：unlimited 的空间不限场次", "none: in an unlimited space any number may be at any time"
            yield fault("not_used_here", (*loc, name), f"[{len(getattr(space, name))}]", zh, en)


def tables(problem: Problem) -> Iterator[Fault]:
    """Only atomic spaces have a changeover table: a combination is looked up in those of its parts."""
    for place, space in enumerate(problem.spaces):
        if space.parts and space.changeover:
            zh = "不写：组合空间没有自己的转场表，转场按各分区的表计"
            en = "no table: what a combination owes is looked up in the tables of its parts"
            yield fault("table_unused", ("spaces", place, "changeover"), f"[{len(space.changeover)}]", zh, en)


def travel(problem: Problem) -> Iterator[Fault]:
    """The way between two different sites, each pair once."""
    first: dict[frozenset[str], int] = {}
    for place, each in enumerate(problem.travel):
        pair = frozenset(each.between)
        loc: Loc = ("travel", place, "between")
        if len(pair) == 1:
            yield fault("same_site", loc, " - ".join(each.between), "两个不同的场地", "two different sites")
        elif first.setdefault(pair, place) != place:
            zh, en = (
                f"每对场地只写一次（第 {first[pair] + 1} 项已有）",
                f"each pair once (entry {first[pair] + 1})",
            )
            yield fault("travel_twice", loc, " - ".join(each.between), zh, en)


def atoms_of(space: Space, by_id: dict[str, Space]) -> frozenset[str]:
    """The atomic spaces of a space; unknown parts and circles are told elsewhere and count as atomic here."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [space.id]
    while waiting:
        each = waiting.pop()
        if each in seen:
            continue
        seen.add(each)
        inner = by_id[each].parts if each in by_id else ()
        waiting += inner
        if not inner:
            found.add(each)
    return frozenset(found)


def _circle(space: Space, by_id: dict[str, Space]) -> list[str]:
    """A way from the space down its parts to itself; empty when there is none."""
    ways = [[space.id]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for part in by_id[way[-1]].parts:
            if part == space.id:
                return [*way, part]
            if part in by_id and part not in seen:
                seen.add(part)
                ways.append([*way, part])
    return []


def _overlapping_parts(loc: Loc, space: Space, by_id: dict[str, Space]) -> Iterator[Fault]:
    holder: dict[str, str] = {}
    for place, part in enumerate(space.parts):
        if part not in by_id or part in space.parts[:place]:
            continue
        shared = sorted(atom for atom in atoms_of(by_id[part], by_id) if holder.setdefault(atom, part) != part)
        if shared:
            found = f"{holder[shared[0]]}, {part}: {', '.join(shared)}"
            yield fault("parts_overlap", (*loc, place), found, "互不重叠的分区", "parts that do not overlap")


def _distant_parts(loc: Loc, space: Space, by_id: dict[str, Space]) -> Iterator[Fault]:
    for place, part in enumerate(space.parts):
        if part in by_id and by_id[part].site != space.site:
            zh, en = f"同在 {space.site} 的空间", f"a space at the same site, {space.site}"
            yield fault("parts_apart", (*loc, place), f"{part} ({by_id[part].site})", zh, en)


def _overlapping_hours(loc: Loc, hours: Sequence[Hours]) -> Iterator[Fault]:
    told: set[int] = set()
    for day in WEEKDAYS:
        of_day = [(place, each) for place, each in enumerate(hours) if day in each.days]
        for place, found in _overlaps(of_day):
            if place not in told:
                told.add(place)
                yield _overlap((*loc, place), f"{day} {found}")


def _dated_hours(loc: Loc, dated: Sequence[DatedHours]) -> Iterator[Fault]:
    first: dict[object, int] = {}
    for place, each in enumerate(dated):
        if first.setdefault(each.date, place) != place:
            yield fault("date_twice", (*loc, place, "date"), str(each.date), "每个日期只写一次", "each date once")
        for number, found in _overlaps(list(enumerate(each.intervals))):
            yield _overlap((*loc, place, "intervals", number), found)


def _overlaps(entries: Sequence[tuple[int, Hours | Interval]]) -> Iterator[tuple[int, str]]:
    """Of the intervals of one day, those that begin before all that begin earlier have ended."""
    latest: Hours | Interval | None = None
    for place, each in sorted(entries, key=lambda entry: minutes_of(entry[1].starts)):
        if latest and minutes_of(each.starts) < minutes_of(latest.ends):
            yield place, f"{each.starts}-{each.ends}, {latest.starts}-{latest.ends}"
        if latest is None or minutes_of(each.ends) > minutes_of(latest.ends):
            latest = each


def _overlap(loc: Loc, found: str) -> Fault:
    zh, en = "同一天互不重叠的时段", "intervals of one day that do not overlap"
    return fault("hours_overlap", loc, found, zh, en)
